//! Latency histograms as they are kept: `HdrHistogram` V2 with DEFLATE, in base64.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

/// Durations in nanoseconds, 1 ns to 1 h, three significant digits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(into = "String", try_from = "String")]
pub struct Latencies(Form);

/// Bytes before the counters of a histogram that is not compressed.
const HEAD: usize = 40;
/// No histogram of ours takes more: 33,792 counters of at most 9 bytes.
const MOST_BYTES: u64 = 1 << 20;

/// A session holds tens of thousands of histograms, most of them read once. What was read stays the text of
/// some hundred bytes that it was; only what is recorded into has its 270 KB of counters.
#[derive(Debug, Clone)]
enum Form {
    Open(Box<Histogram<u64>>),
    Kept(Box<str>),
}

impl Latencies {
    const MAX_NS: u64 = 3_600_000_000_000;

    /// No duration yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Form::Open(Box::new(empty())))
    }

    /// Counts one duration `times` times. What lies outside the bounds counts as the bound.
    pub fn record(&mut self, ns: u64, times: u64) {
        self.open().saturating_record_n(ns.clamp(1, Self::MAX_NS), times);
    }

    /// The same as the text that is kept: some hundred bytes instead of 270 KB of counters.
    #[must_use]
    pub fn packed(self) -> Self {
        Self(Form::Kept(String::from(self).into()))
    }

    /// Adds all durations of another histogram.
    ///
    /// # Panics
    /// Never: all histograms have the same bounds.
    pub fn add(&mut self, other: &Self) {
        self.open().add(other.histogram().as_ref()).expect("same bounds");
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
        self.histogram().len()
    }

    /// The longest duration, 0 when there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        let histogram = self.histogram();
        if histogram.is_empty() { 0 } else { histogram.max() }
    }

    /// The mean duration.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.histogram().mean()
    }

    /// The histogram itself, for writers of other formats and for asking more than one question: one that was
    /// read from a file is unpacked by each call.
    ///
    /// # Panics
    /// Never: text is kept only after it was unpacked once.
    #[must_use]
    pub fn histogram(&self) -> Cow<'_, Histogram<u64>> {
        match &self.0 {
            Form::Open(histogram) => Cow::Borrowed(histogram),
            Form::Kept(text) => Cow::Owned(unpack(text).expect("it was unpacked when it was read")),
        }
    }

    fn open(&mut self) -> &mut Histogram<u64> {
        if let Form::Kept(_) = self.0 {
            self.0 = Form::Open(Box::new(self.histogram().into_owned()));
        }
        match &mut self.0 {
            Form::Open(histogram) => histogram,
            Form::Kept(_) => unreachable!("it was opened above"),
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
    Histogram::new_with_bounds(1, Latencies::MAX_NS, 3).expect("bounds are valid")
}

fn unpack(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = BASE64.decode(text).map_err(|error| format!("histogram: {error}"))?;
    let bytes = inflate(&bytes)?;
    let read: Histogram<u64> = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("histogram: {error:?}"))?;
    let mut histogram = empty();
    if (read.low(), read.high(), read.sigfig()) == (histogram.low(), histogram.high(), histogram.sigfig()) {
        return Ok(read);
    }
    histogram.add(&read).map_err(|error| format!("histogram: {error:?}"))?;
    Ok(histogram)
}

/// Takes the compression off a histogram, which lies in a cookie and a length, and refuses one whose counters would
/// take more than any of ours: the library makes room for what a length says before it reads on.
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let problem = |what: &str| Err(format!("histogram: {what}"));
    let Some((_, packed)) = bytes.split_at_checked(8) else { return problem("it ends in its head") };
    let mut plain = Vec::new();
    let read = ZlibDecoder::new(packed).take(MOST_BYTES + 1).read_to_end(&mut plain);
    read.map_err(|error| format!("histogram: {error}"))?;
    let Some(length) = plain.get(4..8) else { return problem("it ends in its head") };
    let payload = plain.len().saturating_sub(HEAD);
    if plain.len() as u64 > MOST_BYTES {
        return problem("it has more counters than there are durations");
    }
    if u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize != payload {
        return problem("its length is not what follows");
    }
    Ok(plain)
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
        match latencies.0 {
            Form::Kept(text) => text.into(),
            Form::Open(histogram) => {
                let mut bytes = Vec::new();
                V2DeflateSerializer::new()
                    .serialize(&histogram, &mut bytes)
                    .expect("writing to memory succeeds and the counts fit");
                BASE64.encode(bytes)
            }
        }
    }
}

impl TryFrom<String> for Latencies {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        unpack(&text)?;
        Ok(Self(Form::Kept(text.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_length_is_believed_only_when_it_is_there() {
        let mut latencies = Latencies::new();
        latencies.record(30, 2);
        let packed = BASE64.decode(String::from(latencies)).unwrap();
        let plain = inflate(&packed).unwrap();
        let pack = |plain: &[u8]| {
            let mut zlib = flate2::write::ZlibEncoder::new(packed[..8].to_vec(), flate2::Compression::fast());
            std::io::Write::write_all(&mut zlib, plain).unwrap();
            Latencies::try_from(BASE64.encode(zlib.finish().unwrap()))
        };
        assert_eq!(pack(&plain).unwrap().count(), 2);
        let mut boasts = plain.clone();
        boasts[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(pack(&boasts).unwrap_err(), "histogram: its length is not what follows");
        let mut long = plain.clone();
        long.resize(20 << 20, 0);
        assert!(pack(&long).unwrap_err().contains("more counters"));
        assert!(pack(&plain[..20]).is_err());
    }

    #[test]
    fn damaged_text_is_an_error() {
        for text in ["\"\"", "\"AAAA\"", "\"%\""] {
            assert!(serde_json::from_str::<Latencies>(text).is_err(), "{text}");
        }
    }
}
