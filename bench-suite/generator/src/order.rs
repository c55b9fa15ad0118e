//! How the kinds of operations follow each other during churn.

use formats::workload::{Mix, Order};

use crate::random::Random;

/// One share of a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Insert,
    Remove,
    Get,
    GetAbsent,
    Update,
    Iterate,
    Clear,
    Upsert,
    Len,
    Retain,
    Shrink,
    Hold,
    Fetch,
}

/// Shares of a mix.
const SHARES: usize = 13;

/// Gives the kinds of a mix one after the other.
#[derive(Debug, Clone)]
pub(crate) enum Kinds {
    /// The same hundred over and over.
    Paired { cycle: Box<[Want; 100]>, next: usize },
    /// One of a hundred, each time.
    Random { urn: Box<[Want; 100]>, balanced: bool },
}

/// The fewest and the most entries that a random order may leave alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Band {
    low: usize,
    high: usize,
}

impl Band {
    /// A 64th (at least one) to each side of `live`.
    pub(crate) fn around(live: usize) -> Self {
        let reach = (live / 64).max(1);
        Self { low: live.saturating_sub(reach), high: live + reach }
    }
}

impl Kinds {
    /// The kinds of a mix whose shares sum to 100.
    pub(crate) fn new(mix: Mix, order: Order) -> Self {
        let shares = shares(mix);
        match order {
            Order::Paired => Self::Paired { cycle: Box::new(interleave(shares)), next: 0 },
            Order::Random => {
                let mut urn =
                    shares.iter().flat_map(|&(want, share)| std::iter::repeat_n(want, share.into()));
                let empties = mix.clear > 0 || mix.retain > 0;
                let balanced = mix.insert == mix.remove && mix.upsert == 0 && !empties;
                let urn = Box::new(std::array::from_fn(|_| urn.next().unwrap_or(Want::GetAbsent)));
                Self::Random { urn, balanced }
            }
        }
    }

    /// The next kind, when `live` entries are alive.
    #[inline]
    pub(crate) fn next(&mut self, random: &mut Random, live: usize, band: Band) -> Want {
        match self {
            Self::Paired { cycle, next } => {
                let want = cycle[*next];
                *next = if *next == cycle.len() - 1 { 0 } else { *next + 1 };
                want
            }
            Self::Random { urn, balanced } => {
                let drawn = usize::try_from(random.below(100)).unwrap_or_default();
                match urn[drawn] {
                    Want::Insert if *balanced && live >= band.high => Want::Remove,
                    Want::Remove if *balanced && live <= band.low => Want::Insert,
                    want => want,
                }
            }
        }
    }
}

/// The shares in the order in which equals take their turns: a remove makes room for the insert after it.
fn shares(mix: Mix) -> [(Want, u8); SHARES] {
    [
        (Want::Remove, mix.remove),
        (Want::Insert, mix.insert),
        (Want::Get, mix.get),
        (Want::GetAbsent, mix.get_absent),
        (Want::Update, mix.update),
        (Want::Iterate, mix.iterate),
        (Want::Clear, mix.clear),
        (Want::Upsert, mix.upsert),
        (Want::Len, mix.len),
        (Want::Retain, mix.retain),
        (Want::Shrink, mix.shrink),
        (Want::Hold, mix.hold),
        (Want::Fetch, mix.fetch),
    ]
}

/// Spreads each share evenly over a hundred places. Every kind earns its share at each place; the one that
/// has most takes the place and pays 100.
fn interleave(shares: [(Want, u8); SHARES]) -> [Want; 100] {
    let mut credit = [0i32; SHARES];
    std::array::from_fn(|_| {
        for (credit, (_, share)) in credit.iter_mut().zip(shares) {
            *credit += i32::from(share);
        }
        let richest = (0..SHARES).rev().max_by_key(|&index| credit[index]).unwrap_or(0);
        credit[richest] -= 100;
        shares[richest].0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHURN: Mix = Mix { insert: 45, remove: 45, get: 8, get_absent: 2, ..Mix::NONE };

    fn count(cycle: &[Want], want: Want) -> usize {
        cycle.iter().filter(|&&other| other == want).count()
    }

    #[test]
    fn a_cycle_holds_exactly_the_shares() {
        let odd = Mix {
            insert: 29,
            remove: 17,
            get: 20,
            get_absent: 3,
            update: 13,
            iterate: 5,
            clear: 2,
            upsert: 3,
            len: 4,
            retain: 1,
            shrink: 1,
            hold: 1,
            fetch: 1,
        };
        for mix in [CHURN, odd, Mix { get: 100, ..Mix::default() }] {
            let cycle = interleave(shares(mix));
            for (want, share) in shares(mix) {
                assert_eq!(count(&cycle, want), usize::from(share), "{want:?}");
            }
        }
    }

    #[test]
    fn removes_and_inserts_alternate() {
        let cycle = interleave(shares(CHURN));
        let writes: Vec<Want> =
            cycle.into_iter().filter(|want| matches!(want, Want::Insert | Want::Remove)).collect();
        assert!(writes.chunks(2).all(|pair| pair == [Want::Remove, Want::Insert]), "{writes:?}");
    }

    #[test]
    fn a_share_is_evenly_spread() {
        let cycle = interleave(shares(Mix { insert: 5, get: 95, ..Mix::default() }));
        let at: Vec<usize> = (0..100).filter(|&index| cycle[index] == Want::Insert).collect();
        assert!(at.windows(2).all(|pair| pair[1] - pair[0] == 20), "{at:?}");
    }

    #[test]
    fn a_random_order_keeps_shares_and_band() {
        let mut kinds = Kinds::new(CHURN, Order::Random);
        let mut random = Random::new(1, 0);
        let band = Band::around(640);
        let (mut live, mut gets) = (640usize, 0);
        for _ in 0..100_000 {
            match kinds.next(&mut random, live, band) {
                Want::Insert => live += 1,
                Want::Remove => live -= 1,
                Want::Get => gets += 1,
                _ => {}
            }
            assert!((630..=650).contains(&live));
        }
        assert!((7_600..8_400).contains(&gets), "{gets}");
    }
}
