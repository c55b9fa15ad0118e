//! Names at the ends of lines, moved apart so that none covers another.

/// Moves labels so that neighbours are at least `gap` apart and all lie within `low..=high`, each as near to
/// where it wants to be as the others allow. Keeps the order of equals. Returns the places in the given order;
/// when there is no room for all, they share it evenly.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let gap = if wanted.len() > 1 { gap.min((high - low) / (wanted.len() - 1) as f64) } else { gap };
    // Labels that touch form a block, which sits around the mean of where its members want to be.
    let mut blocks: Vec<Block> = Vec::new();
    for &index in &order {
        blocks.push(Block { first: wanted[index].clamp(low, high), count: 1 });
        while let [.., before, last] = blocks.as_slice()
            && before.end(gap) > last.first
        {
            let merged = before.merge(last, gap, low, high);
            blocks.truncate(blocks.len() - 2);
            blocks.push(merged);
        }
    }
    let mut places = vec![0.0; wanted.len()];
    let spots = blocks.iter().flat_map(|block| (0..block.count).map(|at| block.first + at as f64 * gap));
    for (index, spot) in order.into_iter().zip(spots) {
        places[index] = spot;
    }
    places
}

struct Block {
    first: f64,
    count: usize,
}

impl Block {
    /// Where the next label may be.
    fn end(&self, gap: f64) -> f64 {
        self.first + self.count as f64 * gap
    }

    fn merge(&self, other: &Self, gap: f64, low: f64, high: f64) -> Self {
        let count = self.count + other.count;
        let wish = |block: &Self| block.first * block.count as f64;
        let first = (wish(self) + wish(other) - (self.count * other.count) as f64 * gap) / count as f64;
        Self { first: first.min(high - (count - 1) as f64 * gap).max(low), count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lonely_labels_stay_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0, 90.0], 12.0, 0.0, 100.0), [50.0, 10.0, 90.0]);
    }

    #[test]
    fn equals_are_stacked_around_their_place() {
        assert_eq!(spread(&[50.0, 50.0, 50.0], 10.0, 0.0, 100.0), [40.0, 50.0, 60.0]);
        assert_eq!(spread(&[100.0, 100.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
    }

    proptest! {
        #[test]
        fn no_label_covers_another(wanted in prop::collection::vec(-50.0..500.0_f64, 0..40)) {
            let mut places = spread(&wanted, 12.0, 0.0, 300.0);
            let gap = if wanted.len() > 1 { 12.0_f64.min(300.0 / (wanted.len() - 1) as f64) } else { 12.0 };
            places.sort_by(f64::total_cmp);
            prop_assert!(places.iter().all(|place| (-1e-6..=300.0 + 1e-6).contains(place)));
            prop_assert!(places.windows(2).all(|pair| pair[1] - pair[0] > gap - 1e-6), "{places:?}");
        }
    }
}
