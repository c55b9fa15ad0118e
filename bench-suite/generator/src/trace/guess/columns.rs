//! Text in rows: what divides the columns, and what each holds.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Action, Column, Kinds, Layout, TraceFormat};

use super::super::row::{dated, moment, whole};
use super::super::rows::{Divider, Rows};
use super::{Guess, words};

/// Rows that are looked at.
const ROWS: usize = 2_000;
/// More different words than this are no operations.
const MAX_WORDS: usize = 12;

type Cells = Vec<Vec<String>>;

pub(super) fn guess(text: &[u8], said: &Kinds, file: &Path) -> Result<Guess, Fault> {
    let mut found: Option<(u8, Cells)> = None;
    let mut broken = None;
    for divider in *b",\t;| " {
        match cells(text, divider, file) {
            Ok(Some(rows)) if found.as_ref().is_none_or(|(_, other)| rows[0].len() > other[0].len()) => {
                found = Some((divider, rows));
            }
            Ok(_) => {}
            Err(fault) => broken = broken.or(Some(fault)),
        }
    }
    let Some((divider, mut rows)) = found else {
        return broken.map_or_else(|| keys(text, file), Err);
    };
    let shown = match divider {
        b' ' => "spaces".into(),
        b'\t' => "tabs".into(),
        other => format!("`{}`", char::from(other)),
    };
    let mut why = vec![format!("it is text; every row has {} columns, divided by {shown}", rows[0].len())];
    let titles: Vec<Option<Column>> =
        rows[0].iter().map(|title| words::column(&title.to_lowercase())).collect();
    let known = titles.iter().flatten().count();
    let named_so = rows.len() > 1 && (known > 1 || titles.contains(&Some(Column::Key)));
    let header = named_so || names_what_follows(&rows);
    let columns = if named_so {
        why.push(format!("its first row names them: {}", rows[0].join(" ")));
        rows.remove(0);
        let mut columns = named(&titles, &mut why);
        let op =
            (0..columns.len()).find(|&at| columns[at] == Column::Other && holds_operations(&rows, at, said));
        if let (Some(at), false) = (op, columns.contains(&Column::Op)) {
            columns[at] = Column::Op;
            why.push(format!("column {} holds operations", at + 1));
        }
        columns
    } else {
        if header {
            why.push(format!("its first row is of other words than the rest: {}", rows[0].join(" ")));
            rows.remove(0);
        }
        by_content(&rows, said, &mut why)
    };
    let op = columns.iter().position(|column| *column == Column::Op);
    let kinds = op.and_then(|at| kinds(rows.iter().map(|row| row[at].as_str()), said));
    finish(columns, kinds, header, divider, why, file)
}

/// Whether the first row has a word where all others have numbers or times.
fn names_what_follows(rows: &Cells) -> bool {
    let is_time = |row: &Vec<String>, at: usize| moment(row[at].as_bytes()).is_some();
    rows.len() > 2
        && (0..rows[0].len()).any(|at| !is_time(&rows[0], at) && rows[1..].iter().all(|row| is_time(row, at)))
}

/// A key a line, where a line is one word.
fn keys(text: &[u8], file: &Path) -> Result<Guess, Fault> {
    let mut rows = Rows::new(text, file, Divider::None);
    while let Some(row) = rows.next()? {
        if row.bytes(0).iter().any(|byte| b" \t{}\"".contains(byte)) {
            let problem = "is text of no form that is known: the lines have several words, and not the same number of \
                           columns. Where a line is a key all the same, say --format keys; else name --format, --columns \
                           and --divider";
            return Err(row.fault("", problem));
        }
    }
    Ok(Guess::of(TraceFormat::Keys, "every line is one word: a key"))
}

/// The columns that a heading names; where it names no key, that is the first column of another name.
fn named(titles: &[Option<Column>], why: &mut Vec<String>) -> Vec<Column> {
    let mut columns: Vec<Column> = titles.iter().map(|column| column.unwrap_or(Column::Other)).collect();
    if !columns.contains(&Column::Key)
        && let Some(at) = columns.iter().position(|column| *column == Column::Other)
    {
        columns[at] = Column::Key;
        why.push(format!("column {} is the first of another name: the key", at + 1));
    }
    columns
}

/// The columns of the first rows, if every row has as many as the first and there are two at the least. Where nearly all
/// have, the row that has not is at fault.
fn cells(text: &[u8], divider: u8, file: &Path) -> Result<Option<Cells>, Fault> {
    let between = if divider == b' ' { Divider::Spaces } else { Divider::Byte(divider) };
    let mut rows = Rows::new(text, file, between);
    let (mut all, mut odd) = (Cells::new(), None);
    let mut odd_rows = 0;
    while all.len() < ROWS {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            // Of a file that this divides, it is the file's fault.
            Err(fault) if all.first().is_some_and(|first| first.len() > 1) => return Err(fault),
            Err(_) => return Ok(None),
        };
        if let Some(first) = all.first()
            && first.len() != row.len()
        {
            odd_rows += 1;
            let problem = format!("the row has {} columns, and the first one {}", row.len(), first.len());
            odd = odd.or_else(|| Some(row.fault("", &problem)));
            continue;
        }
        all.push(
            (0..row.len()).map(|column| String::from_utf8_lossy(row.bytes(column)).into_owned()).collect(),
        );
    }
    if all.first().is_none_or(|first| first.len() < 2) {
        return Ok(None);
    }
    match odd {
        Some(fault) if divider != b' ' && odd_rows * 10 <= all.len() => Err(fault),
        Some(_) => Ok(None),
        None => Ok(Some(all)),
    }
}

/// Tells the columns by what stands in them.
fn by_content(rows: &Cells, said: &Kinds, why: &mut Vec<String>) -> Vec<Column> {
    let width = rows[0].len();
    let column = |at: usize| rows.iter().map(move |row| row[at].as_str());
    let distinct = |at: usize| column(at).collect::<HashSet<_>>().len();
    let mut columns = vec![Column::Other; width];
    let op = (0..width).find(|&at| holds_operations(rows, at, said));
    if let Some(at) = op {
        columns[at] = Column::Op;
        why.push(format!("column {} holds operations", at + 1));
    }
    let free = |columns: &[Column], at: usize| columns[at] == Column::Other;
    let rises = |at: usize| {
        let times: Option<Vec<u64>> = column(at).map(|text| moment(text.as_bytes())).collect();
        times.is_some_and(|times| times.is_sorted())
    };
    // One column must be left for the key.
    if width - usize::from(op.is_some()) > 1
        && let Some(at) = (0..width).find(|&at| free(&columns, at) && distinct(at) > 1 && rises(at))
    {
        columns[at] = Column::Time;
        why.push(format!("column {} never falls: the time", at + 1));
    }
    // Times of several sources may fall, and are no keys all the same.
    let may_be_key =
        |at: &usize| free(&columns, *at) && !column(*at).all(|text| dated(text.as_bytes()).is_some());
    let most = (0..width).filter(may_be_key).map(distinct).max().unwrap_or(0);
    let key = (0..width).filter(may_be_key).find(|&at| distinct(at) * 5 >= most * 4);
    let key = key.or_else(|| (0..width).find(|&at| free(&columns, at))).unwrap_or(0);
    columns[key] = Column::Key;
    why.push(format!(
        "column {} is the first that has about as many values as any, {}: the key",
        key + 1,
        distinct(key)
    ));
    let size = (key + 1..width)
        .find(|&at| free(&columns, at) && column(at).all(|text| whole(text.as_bytes()).is_some()));
    if let Some(at) = size {
        columns[at] = Column::Size;
        why.push(format!("column {} holds whole numbers behind it: the size", at + 1));
    }
    columns
}

/// Whether the words of a column are operations; removes alone are none, but signs for what is missing.
fn holds_operations(rows: &Cells, at: usize, said: &Kinds) -> bool {
    kinds(rows.iter().map(|row| row[at].as_str()), said)
        .is_some_and(|kinds| !(kinds.insert.is_empty() && kinds.get.is_empty() && kinds.update.is_empty()))
}

/// What the words of a column mean, if all are words for operations.
fn kinds<'a>(column: impl Iterator<Item = &'a str>, said: &Kinds) -> Option<Kinds> {
    let mut found = BTreeSet::new();
    for word in column {
        if found.insert(word) && found.len() > MAX_WORDS {
            return None;
        }
    }
    let mut kinds = Kinds::default();
    for word in found {
        let list = match words::action(word, said)? {
            Action::Insert => &mut kinds.insert,
            Action::Remove => &mut kinds.remove,
            Action::Get => &mut kinds.get,
            Action::Update => &mut kinds.update,
            Action::Clear => &mut kinds.clear,
            Action::Iterate => &mut kinds.iterate,
            Action::Ignore => &mut kinds.ignore,
        };
        list.push(word.into());
    }
    Some(kinds)
}

fn finish(
    mut columns: Vec<Column>,
    kinds: Option<Kinds>,
    header: bool,
    divider: u8,
    mut why: Vec<String>,
    file: &Path,
) -> Result<Guess, Fault> {
    let mut seen = HashSet::new();
    for column in &mut columns {
        if *column != Column::Other && !seen.insert(*column) {
            *column = Column::Other;
        }
    }
    if columns.len() > 64 {
        return Err(Fault::of_file(file, format!("has {} columns; allowed are up to 64", columns.len())));
    }
    let format = if let Some(kinds) = &kinds {
        let said: Vec<&str> = kinds.words().map(|(word, _)| word).collect();
        why.push(format!("its operations are {}", said.join(" ")));
        TraceFormat::Operations
    } else {
        why.push("no column says what was done: every row is a request".into());
        for column in
            columns.iter_mut().filter(|column| matches!(column, Column::Op | Column::Ttl | Column::Count))
        {
            *column = Column::Other;
        }
        TraceFormat::Requests
    };
    let layout = Layout {
        columns,
        divider: (divider != b',').then_some(divider),
        header: header.then_some(true),
        kinds,
    };
    Ok(Guess { format, layout, why })
}
