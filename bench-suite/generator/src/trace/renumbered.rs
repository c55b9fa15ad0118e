//! The final numbers of the keys of a recording.

use formats::tape::{Kind, Op};

/// Gives keys their final numbers: those that are inserted somewhere first, then the others. `inserted` has for each key
/// 1 + its number among the `keys_inserted` that are, 0 for one that is not.
pub(super) fn renumber(ops: &mut [Op], inserted: &mut [u32], keys_inserted: u32) {
    if inserted.iter().zip(1u32..).all(|(&number, order)| number == order) {
        return;
    }
    let mut absent = keys_inserted;
    for number in inserted.iter_mut().filter(|number| **number == 0) {
        absent += 1;
        *number = absent;
    }
    for op in ops.iter_mut().filter(|op| !matches!(op.kind(), Kind::Clear | Kind::Iterate)) {
        let key = usize::try_from(op.key()).unwrap_or_default();
        *op = Op::new(op.kind(), u64::from(inserted[key] - 1));
    }
}
