//! Numbers as a person reads them: three significant digits, a unit, a separator for thousands.

use formats::workload::{SizeLaw, Sizes, Spread};

/// Stands where there is no number.
pub(crate) const NONE: &str = "–";

/// A duration in ns: `31 ns`, `1.24 µs`, `553 ms`.
pub(crate) fn nanos(ns: f64) -> String {
    scaled(ns, 1000.0, &["ns", "µs", "ms", "s"])
}

/// A duration that a clock took which tells steps of so many ns apart: `≤ 10 ns` for all that is no longer.
pub(crate) fn timed(ns: f64, granularity_ns: f64) -> String {
    if ns <= granularity_ns { format!("≤ {}", nanos(granularity_ns)) } else { nanos(ns) }
}

/// Bytes with binary prefixes: `553 KiB`.
pub(crate) fn bytes(bytes: f64) -> String {
    scaled(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"])
}

/// What sizes values in boxes have: `256 B`, `16 B to 4.00 KiB`.
pub(crate) fn sizes(sizes: Sizes) -> String {
    match sizes {
        Sizes::Same(size) => bytes(f64::from(size)),
        Sizes::Drawn(Spread { from, to, law }) => {
            let small = if law == SizeLaw::LogUniform { ", mostly small" } else { "" };
            format!("{} to {}{small}", bytes(f64::from(from)), bytes(f64::from(to)))
        }
        Sizes::Recorded => "the sizes of the recording".into(),
    }
}

/// Bytes for each of many things, a mean: `45.4`; with its prefix from a KiB on, `8.98 MiB`.
pub(crate) fn bytes_each(bytes: f64) -> String {
    if bytes < 1024.0 && bytes.is_finite() { significant(bytes) } else { self::bytes(bytes) }
}

/// A large number of things: `1.24 M`.
pub(crate) fn approx(number: f64) -> String {
    scaled(number, 1000.0, &["", "k", "M", "G", "T"])
}

/// A count in full: `1,240,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A power of two by its exponent, as people read it: `1`, `512`, `64 Ki`.
pub(crate) fn power_of_two(exponent: usize) -> String {
    const UNITS: [&str; 7] = ["", " Ki", " Mi", " Gi", " Ti", " Pi", " Ei"];
    format!("{}{}", 1_u64 << (exponent % 10), UNITS[(exponent / 10).min(UNITS.len() - 1)])
}

/// The sum of counts; at the largest number it stays.
pub(crate) fn total<'a>(counts: impl IntoIterator<Item = &'a u64>) -> u64 {
    counts.into_iter().fold(0, |sum, count| sum.saturating_add(*count))
}

/// A share of 1 in percent: `48.1 %`.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    let percent = share * 100.0;
    match percent.abs() {
        0.0 => "0 %".to_owned(),
        small if small < 0.01 => "< 0.01 %".to_owned(),
        small if small < 1.0 => format!("{percent:.2} %"),
        near if (99.95..100.0).contains(&near) => format!("{percent:.3} %"),
        most if most < 99.95 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

/// A confidence in percent, with the digits that tell 93.75 from 95.
pub(crate) fn confidence(confidence: f64) -> String {
    let text = format!("{:.2}", confidence * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Things for each operation: `0.50`; few of them are not none.
pub(crate) fn rate(rate: f64) -> String {
    match rate {
        0.0 => "0".to_owned(),
        few if few > 0.0 && few < 0.005 => "< 0.01".to_owned(),
        _ if rate.is_finite() => significant(rate),
        _ => NONE.to_owned(),
    }
}

/// A factor: `×1.24`.
pub(crate) fn factor(ratio: f64) -> String {
    if ratio.is_finite() { format!("×{}", factor_digits(ratio)) } else { NONE.to_owned() }
}

/// The digits of a factor, without its sign.
pub(crate) fn factor_digits(ratio: f64) -> String {
    significant(ratio)
}

/// Three significant digits, none of them behind the point from 100 on; two below a tenth, however far behind the
/// point they stand.
pub(crate) fn significant(value: f64) -> String {
    match value.abs() {
        tiny if tiny > 0.0 && tiny < 0.0995 => {
            let zeros = (1..12).take_while(|&zeros| tiny < 0.995 / 10_f64.powi(zeros)).count();
            format!("{value:.0$}", zeros + 2)
        }
        large if large >= 99.95 => format!("{value:.0}"),
        middle if middle >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let mut value = value;
    let mut unit = 0;
    while value.abs() >= step * 0.9995 && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    let digits = if unit == 0 && value.fract() == 0.0 { format!("{value:.0}") } else { significant(value) };
    format!("{digits} {}", units[unit]).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_clock_cannot_tell_apart_is_not_told() {
        for (ns, granularity, want) in
            [(1.0, 10.0, "≤ 10 ns"), (10.0, 10.0, "≤ 10 ns"), (11.0, 10.0, "11 ns"), (1.0, 0.0, "1 ns")]
        {
            assert_eq!(timed(ns, granularity), want);
        }
    }

    #[test]
    fn three_digits_and_a_unit() {
        assert_eq!(nanos(31.0), "31 ns");
        assert_eq!(nanos(1240.0), "1.24 µs");
        assert_eq!(nanos(999.9), "1.00 µs");
        assert_eq!(nanos(5.53e8), "553 ms");
        assert_eq!(bytes(566_272.0), "553 KiB");
        assert_eq!([bytes_each(45.44), bytes_each(23_595_138.0)], ["45.4", "22.5 MiB"]);
        assert_eq!(approx(1_240_000.0), "1.24 M");
        assert_eq!(approx(7.0), "7");
        assert_eq!(count(1_240_000), "1,240,000");
        assert_eq!(count(999), "999");
        assert_eq!([0, 9, 16, 30, 63].map(power_of_two), ["1", "512", "64 Ki", "1 Gi", "8 Ei"]);
    }

    #[test]
    fn shares_keep_the_digits_that_matter() {
        assert_eq!(percent(0.481), "48.1 %");
        assert_eq!(percent(0.9999), "99.990 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(1e-6), "< 0.01 %");
        assert_eq!([rate(0.0), rate(1e-4), rate(0.5)], ["0", "< 0.01", "0.50"]);
    }

    #[test]
    fn small_figures_differ_where_they_differ() {
        assert_eq!([0.0995, 0.058, 0.0049, 0.0001].map(significant), ["0.10", "0.058", "0.0049", "0.00010"]);
        assert_eq!([significant(0.0), factor(0.00012)], ["0.00", "×0.00012"]);
    }

    #[test]
    fn what_is_no_number_says_so() {
        for value in [f64::NAN, f64::INFINITY] {
            assert_eq!([nanos(value), bytes(value), percent(value), factor(value)], [NONE; 4]);
        }
    }
}
