//! From figures to places on a chart, and the round figures that stand on its axes.

use crate::number;

/// What the figures of an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Things, operations, entries.
    Count,
    /// Bytes.
    Bytes,
    /// Nanoseconds.
    Nanos,
    /// Things a second.
    Rate,
    /// A share, 0 to 1.
    Share,
    /// `1/(1-q)` of the quantile `q`: 10 stands for 90 %.
    Quantile,
}

impl Unit {
    /// A figure as it stands on an axis or in a table.
    pub(crate) fn text(self, value: f64) -> String {
        match self {
            Self::Count => number::approx(value),
            Self::Rate => format!("{}/s", number::approx(value)),
            Self::Bytes => number::bytes(value),
            Self::Nanos => number::nanos(value),
            Self::Share => number::percent(value),
            Self::Quantile => quantile(value),
        }
    }

    /// The same without digits that a round figure does not need.
    fn tick(self, value: f64) -> String {
        let text = self.text(value);
        let (digits, unit) = text.split_once(' ').unwrap_or((&text, ""));
        let digits =
            if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
        format!("{digits} {unit}").trim_end().to_owned()
    }

    /// Its name for the script.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Count | Self::Rate => "count",
            Self::Bytes => "bytes",
            Self::Nanos => "nanos",
            Self::Share => "share",
            Self::Quantile => "quantile",
        }
    }
}

fn quantile(value: f64) -> String {
    let percent = 100.0 * (1.0 - 1.0 / value);
    // 99 %, 99.9 %, 99.99 %: one digit more for each factor of ten above 100.
    let decimals = (2..11).take_while(|power| value > 10_f64.powi(*power) * 1.001).count();
    format!("{percent:.decimals$} %")
}

/// A stretch of figures laid on a unit length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Equal steps for equal differences.
    Linear {
        /// The figure at 0.
        low: f64,
        /// The figure at 1.
        high: f64,
    },
    /// Equal steps for equal factors.
    Log {
        /// The figure at 0, above zero.
        low: f64,
        /// The figure at 1.
        high: f64,
    },
}

impl Scale {
    /// From zero to a round figure at or above all values.
    pub(crate) fn from_zero(values: impl IntoIterator<Item = f64>, unit: Unit) -> Self {
        let most = values.into_iter().filter(|value| value.is_finite()).fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { 1.0 };
        let step = step(most, unit);
        Self::Linear { low: 0.0, high: (most / step * 0.999).ceil().max(1.0) * step }
    }

    /// Exactly from one figure to the other.
    pub(crate) fn exact(low: f64, high: f64) -> Self {
        Self::Linear { low, high: if high > low { high } else { low + 1.0 } }
    }

    /// Whole decades around all values above zero.
    pub(crate) fn decades(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = extent(values).unwrap_or((1.0, 10.0));
        let (low, high) = (low.log10().floor(), high.log10().ceil());
        let high = if high > low { high } else { low + 1.0 };
        Self::Log { low: 10_f64.powf(low), high: 10_f64.powf(high) }
    }

    /// Logarithmic, just around all values above zero.
    pub(crate) fn log(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = extent(values).unwrap_or((1.0, 10.0));
        Self::Log { low, high: if high > low * 1.001 { high } else { low * 2.0 } }
    }

    /// With room at either end, so that no point lies on the border.
    pub(crate) fn widened(self) -> Self {
        match self {
            Self::Linear { low, high } => {
                let room = (high - low) * 0.06;
                Self::Linear { low: low - room, high: high + room }
            }
            Self::Log { low, high } => {
                let room = (high / low).powf(0.06);
                Self::Log { low: low / room, high: high * room }
            }
        }
    }

    /// Where a figure lies, 0 to 1; what lies outside is put on the border.
    pub(crate) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear { low, high } => (value - low) / (high - low),
            Self::Log { low, high } => (value.max(low) / low).ln() / (high / low).ln(),
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The ends.
    pub(crate) const fn ends(self) -> (f64, f64) {
        match self {
            Self::Linear { low, high } | Self::Log { low, high } => (low, high),
        }
    }

    /// Whether equal steps are equal factors.
    pub(crate) const fn is_log(self) -> bool {
        matches!(self, Self::Log { .. })
    }

    /// Round figures within, with their texts.
    pub(crate) fn ticks(self, unit: Unit) -> Vec<(f64, String)> {
        let values = match self {
            Self::Linear { low, high } => {
                let step = step(high - low, unit);
                let first = (low / step).ceil();
                (0..12)
                    .map(|index| (first + f64::from(index)) * step)
                    .filter(|v| *v <= high * 1.0001)
                    .collect()
            }
            Self::Log { low, high } => log_ticks(low, high, unit),
        };
        values.into_iter().map(|value| (value, unit.tick(value))).collect()
    }
}

fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite() && *value > 0.0).fold(
        None,
        |seen, value| match seen {
            None => Some((value, value)),
            Some((low, high)) => Some((value.min(low), value.max(high))),
        },
    )
}

/// A round step that divides a span into three to six.
fn step(span: f64, unit: Unit) -> f64 {
    let rough = span / 5.0;
    if unit == Unit::Bytes {
        // Memory comes in powers of two.
        return rough.log2().ceil().max(0.0).exp2();
    }
    let decade = 10_f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0].into_iter().find(|nice| nice * decade >= rough * 0.999);
    let step = nice.unwrap_or(10.0) * decade;
    if unit == Unit::Count { step.max(1.0) } else { step }
}

fn log_ticks(low: f64, high: f64, unit: Unit) -> Vec<f64> {
    let within = |value: &f64| *value >= low * 0.999 && *value <= high * 1.001;
    if unit == Unit::Bytes {
        let (first, last) = (low.log2().ceil(), high.log2().floor());
        let every = ((last - first) / 6.0).ceil().max(1.0);
        return (0..8).map(|index| (first + f64::from(index) * every).exp2()).filter(within).collect();
    }
    let decades = (high / low).log10();
    let factors: &[f64] = if decades < 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let every = (decades / 7.0).ceil().max(1.0);
    let first = low.log10().floor();
    (0..16)
        .map(|index| 10_f64.powf(first + f64::from(index) * every))
        .flat_map(|decade| factors.iter().map(move |factor| decade * factor))
        .filter(within)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scale: Scale, unit: Unit) -> Vec<String> {
        scale.ticks(unit).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_in_their_unit() {
        assert_eq!(
            texts(Scale::from_zero([1_100_000.0], Unit::Bytes), Unit::Bytes),
            ["0 B", "256 KiB", "512 KiB", "768 KiB", "1 MiB", "1.25 MiB"]
        );
        assert_eq!(
            texts(Scale::decades([30.0, 40_000.0]), Unit::Nanos),
            ["10 ns", "100 ns", "1 µs", "10 µs", "100 µs"]
        );
        assert_eq!(texts(Scale::exact(0.0, 20_000.0), Unit::Count), ["0", "5 k", "10 k", "15 k", "20 k"]);
        assert_eq!(
            texts(Scale::Log { low: 1.0, high: 1e4 }, Unit::Quantile),
            ["0 %", "90 %", "99 %", "99.9 %", "99.99 %"]
        );
        assert_eq!(
            texts(Scale::exact(0.0, 1.0), Unit::Share),
            ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]
        );
    }

    #[test]
    fn what_is_no_number_stays_on_the_chart() {
        for scale in [Scale::from_zero([], Unit::Count), Scale::decades([0.0, f64::NAN]), Scale::log([])] {
            for value in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
                assert!((0.0..=1.0).contains(&scale.place(value)), "{scale:?} {value}");
            }
            assert!(!scale.ticks(Unit::Count).is_empty());
        }
    }
}
