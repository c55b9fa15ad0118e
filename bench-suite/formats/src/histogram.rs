//! Latency histograms as they are kept: `HdrHistogram` V2 with DEFLATE, in base64.

mod kept;

use std::borrow::Cow;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use self::kept::Kept;

/// Durations in nanoseconds, 1 ns to 1 h, three significant digits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(into = "String", try_from = "String")]
pub struct Latencies(Form);

/// A session holds tens of thousands of histograms, most of them read once. What was read stays some hundred bytes; only
/// what is recorded into has its 270 KB of counters, and a sum those up to its longest duration.
#[derive(Debug, Clone)]
enum Form {
    Open(Box<Histogram<u64>>),
    Kept(Kept),
    Sum(Box<Histogram<u64>>),
}

/// The longest duration that is told from longer ones.
const MAX_NS: u64 = 3_600_000_000_000;

impl Latencies {
    /// No duration yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Form::Open(Box::new(empty())))
    }

    /// The same for a sum of others, which takes no more room than they do.
    ///
    /// # Panics
    /// Never: the bounds are valid.
    #[must_use]
    pub fn sum() -> Self {
        let mut sum = Histogram::new_with_bounds(1, 2, 3).expect("bounds are valid");
        sum.auto(true);
        Self(Form::Sum(Box::new(sum)))
    }

    /// Counts one duration `times` times. What lies outside the bounds counts as the bound.
    pub fn record(&mut self, ns: u64, times: u64) {
        self.open().saturating_record_n(ns.clamp(1, MAX_NS), times);
    }

    /// The same in some hundred bytes instead of 270 KB of counters.
    #[must_use]
    pub fn packed(self) -> Self {
        Self(Form::Kept(self.kept()))
    }

    fn kept(self) -> Kept {
        match self.0 {
            Form::Kept(kept) => kept,
            Form::Open(histogram) => Kept::of(&histogram),
            Form::Sum(sum) => Kept::of(&with_all_counters(&sum)),
        }
    }

    /// Adds all durations of another histogram.
    ///
    /// # Panics
    /// Never: all histograms have the same bounds.
    pub fn add(&mut self, other: &Self) {
        let sum = match &mut self.0 {
            Form::Sum(sum) => sum,
            Form::Open(_) | Form::Kept(_) => self.open(),
        };
        match &other.0 {
            Form::Open(other) | Form::Sum(other) => sum.add(other.as_ref()).expect("same bounds"),
            Form::Kept(other) => {
                other.each(|ns, times| sum.record_n(ns, times).expect("no duration is beyond the bounds"));
            }
        }
    }

    /// The duration that `percent` of the operations did not exceed; 0 when there are none. Its rank is exact, see
    /// [`value_at`].
    #[must_use]
    pub fn percentile(&self, percent: f64) -> u64 {
        value_at(&self.histogram(), percent)
    }

    /// Durations counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.0 {
            Form::Open(histogram) | Form::Sum(histogram) => histogram.len(),
            Form::Kept(kept) => {
                let mut sum = 0_u64;
                kept.each(|_, count| sum = sum.saturating_add(count));
                sum
            }
        }
    }

    /// The longest duration, 0 when there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        let mut longest = 0;
        self.each(|ns, _| longest = ns);
        longest
    }

    /// Shows the durations that were counted in ascending order, each with how often. Those that a counter does not tell
    /// apart are shown as the longest of them, as `HdrHistogram` has it.
    pub fn each(&self, mut show: impl FnMut(u64, u64)) {
        match &self.0 {
            Form::Kept(kept) => kept.each(show),
            Form::Open(histogram) | Form::Sum(histogram) => {
                histogram
                    .iter_recorded()
                    .for_each(|step| show(step.value_iterated_to(), step.count_at_value()));
            }
        }
    }

    /// The mean duration.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.histogram().mean()
    }

    /// The histogram itself, for writers of other formats and for asking more than one question: one that was
    /// read from a file is unpacked by each call.
    #[must_use]
    pub fn histogram(&self) -> Cow<'_, Histogram<u64>> {
        match &self.0 {
            Form::Open(histogram) | Form::Sum(histogram) => Cow::Borrowed(histogram),
            Form::Kept(kept) => Cow::Owned(kept.histogram()),
        }
    }

    /// All counters, to be recorded into.
    fn open(&mut self) -> &mut Histogram<u64> {
        if !matches!(self.0, Form::Open(_)) {
            self.0 = Form::Open(Box::new(with_all_counters(&self.histogram())));
        }
        match &mut self.0 {
            Form::Open(histogram) => histogram,
            Form::Kept(_) | Form::Sum(_) => unreachable!("it was opened above"),
        }
    }
}

/// The value that `percent` of what was counted did not exceed; 0 when there is nothing. Percentiles are taken in
/// millionths: a hundredth of 99.9 in floating point is a little more than 0.999, which of 1,000,000 values would be
/// the 999,001st.
#[must_use]
pub fn value_at(histogram: &Histogram<u64>, percent: f64) -> u64 {
    let rank = u128::from(histogram.len()) * u128::from(millionths(percent));
    value_of_rank(histogram, u64::try_from(rank.div_ceil(MILLION)).unwrap_or(u64::MAX).max(1))
}

/// The value of a rank, from 1 in ascending order; the largest where there are fewer, 0 when there is none.
#[must_use]
pub fn value_of_rank(histogram: &Histogram<u64>, rank: u64) -> u64 {
    let mut below: u64 = 0;
    for step in histogram.iter_recorded() {
        below = below.saturating_add(step.count_at_value());
        if below >= rank {
            return step.value_iterated_to();
        }
    }
    if histogram.is_empty() { 0 } else { histogram.max() }
}

/// Whether so many values have such a percentile: at least one of them lies above it. Of fewer the largest would be
/// called a percentile. The median needs two, p99.9 a thousand; every count has a maximum.
#[must_use]
pub fn carries(count: u64, percent: f64) -> bool {
    let above = MILLION - u128::from(millionths(percent));
    count > 0 && (above == 0 || u128::from(count) * above >= MILLION)
}

const MILLION: u128 = 1_000_000;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1,000,000")]
fn millionths(percent: f64) -> u32 {
    (percent.clamp(0.0, 100.0) * 10_000.0).round() as u32
}

fn empty() -> Histogram<u64> {
    Histogram::new_with_bounds(1, MAX_NS, 3).expect("bounds are valid")
}

fn with_all_counters(histogram: &Histogram<u64>) -> Histogram<u64> {
    let mut all = empty();
    all.add(histogram).expect("no duration is beyond the bounds");
    all
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Latencies {
    fn eq(&self, other: &Self) -> bool {
        self.histogram() == other.histogram()
    }
}

impl From<Latencies> for String {
    fn from(latencies: Latencies) -> Self {
        latencies.kept().text()
    }
}

impl TryFrom<String> for Latencies {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self(Form::Kept(Kept::read(&text)?)))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
    use proptest::prelude::*;

    use super::*;

    /// As the library writes it.
    fn text_by_the_library(histogram: &Histogram<u64>) -> String {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(histogram, &mut bytes).unwrap();
        BASE64.encode(bytes)
    }

    /// As the library reads it.
    fn by_the_library(text: &str) -> Histogram<u64> {
        Deserializer::new().deserialize(&mut BASE64.decode(text).unwrap().as_slice()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_as_by_the_library(
            counted in proptest::collection::vec((0..42_u32, 0..1000_u32, 0..40_u32), 0..60),
        ) {
            let mut latencies = Latencies::new();
            for (power, within, times) in counted {
                let octave = 1_u64 << power;
                latencies.record(octave + octave * u64::from(within) / 1000, 1 << times);
            }
            let text = String::from(latencies.clone());
            prop_assert_eq!(&text, &text_by_the_library(&latencies.histogram()));
            let kept = Latencies::try_from(text.clone()).unwrap();
            let each = |latencies: &Latencies| {
                let mut seen = Vec::new();
                latencies.each(|ns, times| seen.push((ns, times)));
                seen
            };
            prop_assert_eq!(each(&kept), each(&latencies));
            prop_assert_eq!(String::from(kept.clone()), text.clone());
            for percent in [0.0, 50.0, 99.9, 100.0] {
                prop_assert_eq!(kept.percentile(percent), latencies.percentile(percent));
            }
            prop_assert_eq!(&kept.histogram().into_owned(), &by_the_library(&text));
            prop_assert_eq!((kept.count(), kept.max()), (latencies.count(), latencies.max()));
            prop_assert_eq!(&kept, &latencies);
            let mut sum = Latencies::sum();
            sum.add(&kept);
            prop_assert_eq!(String::from(sum), text);
        }
    }

    #[test]
    fn a_histogram_survives_json() {
        let mut latencies = Latencies::new();
        latencies.record(30, 1000);
        latencies.record(4_000_000, 1);
        let text = serde_json::to_string(&latencies).unwrap();
        let back: Latencies = serde_json::from_str(&text).unwrap();
        assert_eq!(back.count(), 1001);
        assert_eq!(back.percentile(50.0), 30);
        assert_eq!(back.max(), latencies.max());
        assert_eq!(back, latencies);
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
    }

    #[test]
    fn a_percentile_has_the_rank_that_it_names() {
        for count in [1000, 20_000, 450_000, 1_000_000] {
            let mut latencies = Latencies::new();
            latencies.record(250, count / 1000 * 999);
            latencies.record(260, count - count / 1000 * 999);
            assert_eq!(latencies.percentile(99.9), 250, "{count}");
            assert_eq!(latencies.percentile(99.99), 260, "{count}");
            assert_eq!((latencies.percentile(0.0), latencies.percentile(100.0)), (250, 260));
        }
        assert_eq!(Latencies::new().percentile(50.0), 0);
    }

    #[test]
    fn few_values_have_no_far_percentile() {
        assert!(!carries(0, 100.0) && carries(1, 100.0));
        assert!(!carries(1, 50.0) && carries(2, 50.0));
        assert!(!carries(999, 99.9) && carries(1000, 99.9));
        assert!(!carries(9_999, 99.99) && carries(10_000, 99.99));
    }

    #[test]
    fn what_was_read_can_be_added_to() {
        let mut latencies = Latencies::new();
        latencies.record(30, 2);
        let mut back = Latencies::try_from(String::from(latencies.clone())).unwrap();
        assert_eq!(String::from(latencies.clone().packed()), String::from(back.clone()));
        back.add(&latencies);
        back.record(50, 1);
        assert_eq!((back.count(), back.max()), (5, 50));
    }

    #[test]
    fn a_sum_has_what_was_added() {
        let mut long = Latencies::new();
        long.record(MAX_NS, 2);
        let mut short = Latencies::new();
        short.record(1, 3);
        let kept = |latencies: &Latencies| Latencies::try_from(String::from(latencies.clone())).unwrap();
        let mut sum = Latencies::sum();
        assert_eq!((sum.count(), sum.max()), (0, 0));
        sum.add(&short);
        sum.add(&kept(&long));
        let mut plain = Latencies::new();
        plain.add(&kept(&short));
        plain.add(&long);
        assert_eq!(sum, plain);
        assert_eq!(String::from(sum.clone()), String::from(plain));
        sum.record(7_000_000, 1);
        assert_eq!((sum.count(), sum.percentile(100.0)), (6, long.max()));
    }

    #[test]
    fn other_bounds_become_ours() {
        let mut foreign = Histogram::<u64>::new_with_bounds(1, 1_000_000, 2).unwrap();
        foreign.record_n(500, 7).unwrap();
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&foreign, &mut bytes).unwrap();
        let mut read = Latencies::try_from(BASE64.encode(bytes)).unwrap();
        read.record(3_000_000_000, 1);
        assert_eq!(read.count(), 8);
        assert!(read.percentile(50.0).abs_diff(500) <= 5 && read.max() >= 3_000_000_000);
    }

    #[test]
    fn damaged_text_is_an_error() {
        for text in ["\"\"", "\"AAAA\"", "\"%\""] {
            assert!(serde_json::from_str::<Latencies>(text).is_err(), "{text}");
        }
    }
}
