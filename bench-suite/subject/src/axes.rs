//! How the map of a pass is to be made, where it can be made in several ways.
//!
//! A process plays one map: what was chosen holds for the thread that makes it, while it does. An adapter that has an
//! axis states it in its [`MapInfo`](formats::subject::MapInfo) and asks here when it is made; nothing asks while a tape
//! is played.

use std::cell::RefCell;
use std::fmt::Display;
use std::str::FromStr;

/// Axes and what was chosen of each.
pub type Settings = Vec<(String, String)>;

thread_local! {
    static CHOSEN: RefCell<Settings> = const { RefCell::new(Vec::new()) };
}

/// Acts with these settings for all maps that the thread makes meanwhile.
pub fn within<R>(settings: &[(String, String)], act: impl FnOnce() -> R) -> R {
    struct Restored(Settings);
    impl Drop for Restored {
        fn drop(&mut self) {
            CHOSEN.set(std::mem::take(&mut self.0));
        }
    }
    let _restored = Restored(CHOSEN.replace(settings.to_vec()));
    act()
}

/// What was chosen of an axis; the usual value where nothing was. The program has looked at it before: what no value of
/// the axis is does not come so far.
pub fn chosen<T: FromStr + Display>(axis: &str, usual: T) -> T {
    let named = CHOSEN.with_borrow(|settings| {
        let setting = settings.iter().find(|(name, _)| name == axis);
        setting.and_then(|(_, value)| value.parse().ok())
    });
    named.unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_holds_within() {
        let settings = vec![("shards".to_owned(), "8".to_owned())];
        assert_eq!(
            within(&settings, || (chosen("shards", 64), chosen("hasher", String::from("fx")))),
            (8, "fx".into())
        );
        assert_eq!(chosen("shards", 64), 64);
        let caught = std::panic::catch_unwind(|| within(&settings, || panic!("in between")));
        assert!(caught.is_err() && chosen("shards", 64) == 64);
    }
}
