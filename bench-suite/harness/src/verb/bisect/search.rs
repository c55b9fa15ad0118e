//! Which commit to try next, and what is left.

use std::ops::RangeInclusive;

/// Commits from the first after the good one to the bad one, and what is known of each.
#[derive(Debug)]
pub(super) struct Search(Vec<Known>);

/// What is known of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing yet.
    Untried,
    /// As fast as the good one.
    Good,
    /// Slower.
    Bad,
    /// It cannot be said.
    Skipped,
}

impl Search {
    /// So many commits, at least one, of which the last is bad.
    pub(super) fn new(commits: usize) -> Self {
        let mut known = vec![Known::Untried; commits];
        known[commits - 1] = Known::Bad;
        Self(known)
    }

    /// The commits among which the first bad one is.
    pub(super) fn left(&self) -> RangeInclusive<usize> {
        let first = self.0.iter().rposition(|known| *known == Known::Good).map_or(0, |good| good + 1);
        let last = self.0.iter().position(|known| *known == Known::Bad).unwrap_or(self.0.len() - 1);
        first..=last
    }

    /// The commit to try next, as near the middle as one can be had; none when trying tells no more.
    pub(super) fn next(&self) -> Option<usize> {
        let left = self.left();
        let middle = usize::midpoint(*left.start(), left.end().saturating_sub(1));
        left.filter(|at| self.0[*at] == Known::Untried).min_by_key(|at| at.abs_diff(middle))
    }

    /// Notes what was found of a commit.
    pub(super) fn note(&mut self, at: usize, known: Known) {
        self.0[at] = known;
    }

    /// What is known of a commit.
    pub(super) fn known(&self, at: usize) -> Known {
        self.0[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches among `commits` of which those from `first` on are bad; `skipped` ones tell nothing.
    fn search(commits: usize, first: usize, skipped: &[usize]) -> (RangeInclusive<usize>, usize) {
        let mut search = Search::new(commits);
        let mut tried = 0;
        while let Some(at) = search.next() {
            let bad = if at >= first { Known::Bad } else { Known::Good };
            search.note(at, if skipped.contains(&at) { Known::Skipped } else { bad });
            tried += 1;
            assert!(tried <= commits, "it goes round in circles");
        }
        (search.left(), tried)
    }

    #[test]
    fn every_first_bad_commit_is_found_in_a_few_steps() {
        for commits in 1..40_usize {
            for first in 0..commits {
                let (left, tried) = search(commits, first, &[]);
                assert_eq!(left, first..=first, "{first} of {commits}");
                assert!(tried <= commits.ilog2() as usize + 1, "{tried} tries for {commits}");
            }
        }
    }

    #[test]
    fn a_neighbour_stands_in_for_one_that_cannot_be_judged() {
        for skipped in 0..7 {
            for first in 0..8 {
                let (left, _) = search(8, first, &[skipped]);
                assert!(left.contains(&first), "{first} is not in {left:?}");
                let doubtful = first == skipped || first == skipped + 1;
                assert_eq!(left.count(), if doubtful { 2 } else { 1 }, "{skipped} skipped, {first} first");
            }
        }
    }

    #[test]
    fn nothing_but_skipped_commits_leaves_all_of_them() {
        assert_eq!(search(5, 3, &[0, 1, 2, 3]), (0..=4, 4));
    }
}
