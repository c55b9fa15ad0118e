//! Latency histograms as they are kept: `HdrHistogram` V2 with DEFLATE, in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

/// Durations in nanoseconds, 1 ns to 1 h, three significant digits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Latencies(hdrhistogram::Histogram<u64>);

impl Latencies {
    const MAX_NS: u64 = 3_600_000_000_000;

    /// No duration yet.
    ///
    /// # Panics
    /// Never: the bounds are constants that the library accepts.
    #[must_use]
    pub fn new() -> Self {
        Self(hdrhistogram::Histogram::new_with_bounds(1, Self::MAX_NS, 3).expect("bounds are valid"))
    }

    /// Counts one duration `times` times. What lies outside the bounds counts as the bound.
    pub fn record(&mut self, ns: u64, times: u64) {
        self.0.saturating_record_n(ns.clamp(1, Self::MAX_NS), times);
    }

    /// Adds all durations of another histogram.
    ///
    /// # Panics
    /// Never: all histograms have the same bounds.
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("same bounds");
    }

    /// The duration that `percent` of the operations did not exceed; 0 when there are none.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> u64 {
        self.0.value_at_percentile(percent)
    }

    /// Durations counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The longest duration, 0 when there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.max() }
    }

    /// The mean duration.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// The histogram itself, for writers of other formats.
    #[must_use]
    pub fn histogram(&self) -> &hdrhistogram::Histogram<u64> {
        &self.0
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Latencies> for String {
    fn from(latencies: Latencies) -> Self {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&latencies.0, &mut bytes)
            .expect("writing to memory succeeds and the counts fit");
        BASE64.encode(bytes)
    }
}

impl TryFrom<String> for Latencies {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64.decode(text).map_err(|error| format!("histogram: {error}"))?;
        let histogram = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| format!("histogram: {error:?}"))?;
        let mut latencies = Self::new();
        latencies.0.add(&histogram).map_err(|error| format!("histogram: {error:?}"))?;
        Ok(latencies)
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
    }

    #[test]
    fn damaged_text_is_an_error() {
        for text in ["\"\"", "\"AAAA\"", "\"%\""] {
            assert!(serde_json::from_str::<Latencies>(text).is_err(), "{text}");
        }
    }
}
