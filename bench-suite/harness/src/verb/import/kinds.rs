//! What the words for operations mean, as it is said on the command line.

use anyhow::{Context, Result};
use formats::workload::Kinds;

/// The kinds of `insert=login` and the like.
pub(super) fn said(pairs: &[String]) -> Result<Kinds> {
    let mut kinds = Kinds::default();
    for pair in pairs {
        let named = pair.split_once('=').filter(|(_, word)| !word.is_empty());
        let list = match named.map(|(kind, _)| kind) {
            Some("insert") => Some(&mut kinds.insert),
            Some("remove") => Some(&mut kinds.remove),
            Some("get") => Some(&mut kinds.get),
            Some("update") => Some(&mut kinds.update),
            Some("clear") => Some(&mut kinds.clear),
            Some("iterate") => Some(&mut kinds.iterate),
            Some("ignore") => Some(&mut kinds.ignore),
            _ => None,
        };
        let (list, (_, word)) = list.zip(named).with_context(|| {
            format!(
                "--kinds: `{pair}` is not allowed; allowed is KIND=WORD, where KIND is insert, remove, get, update, \
                 clear, iterate or ignore"
            )
        })?;
        list.push(word.into());
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_names_a_kind_and_a_word() {
        let pairs = |pairs: &[&str]| said(&pairs.iter().map(ToString::to_string).collect::<Vec<_>>());
        let want = Kinds {
            insert: vec!["login".into(), "=".into()],
            ignore: vec!["ping".into()],
            ..Kinds::default()
        };
        assert_eq!(pairs(&["insert=login", "ignore=ping", "insert=="]).unwrap(), want);
        for pair in ["login", "insert=", "put=login", ""] {
            let problem = pairs(&[pair]).unwrap_err().to_string();
            assert!(problem.starts_with(&format!("--kinds: `{pair}` is not allowed")), "{problem}");
        }
    }
}
