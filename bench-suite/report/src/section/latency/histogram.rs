//! Latency histograms in the formats of `HdrHistogram`'s own tools.

use std::fmt::Write;
use std::time::Duration;

use formats::histogram::Latencies;
use formats::observation::{Latency, PhaseTimes};
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use crate::map_result::MapResult;
use crate::view::WorkloadResults;

/// The interval log of a result, and the percentiles of each kind.
pub(super) fn files(workload: &WorkloadResults<'_>, result: &MapResult<'_>) -> Vec<(String, Vec<u8>)> {
    if result.first::<Latency>().is_none() {
        return Vec::new();
    }
    let mut files = vec![("hlog".to_owned(), log(workload.name, result))];
    let left_out = match workload.left_out() {
        said if said.is_empty() => said,
        said => format!("#[{said} The .hlog beside this file holds it.]\n"),
    };
    let of = |latencies: &Latencies| (percentiles(latencies) + &left_out).into_bytes();
    for (kind, latencies) in result.kinds() {
        files.push((format!("{}.hgrm", kind.name()), of(&latencies)));
    }
    for (kind, latencies) in result.responses() {
        files.push((format!("{}.response.hgrm", kind.name()), of(&latencies)));
    }
    files
}

/// For each round one interval without a tag, of all operations that count, as tools want it that are not asked for a
/// tag; and one for each phase and kind (and role), tagged `phase.kind` (`phase.kind.role`), with `.uncounted` behind it
/// where the phase does not count. Where phases of one name were recorded together, their interval begins with the first of them. Rounds follow each
/// other; values are ns and the largest of an interval is written in ms.
fn log(workload: &str, result: &MapResult<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut builder = IntervalLogWriterBuilder::new();
    let comment = format!("{} on {workload}, service times in ns", result.map);
    builder
        .add_comment("[Histogram log format version 1.3]")
        .add_comment(&one_line(&comment))
        .with_max_value_divisor(1e6);
    // Writing to memory does not fail, and the tags hold no letter that a tag may not.
    let Ok(mut log) = builder.begin_log_with(&mut out, &mut serializer) else { return out };
    let mut start = Duration::ZERO;
    for latency in result.each::<Latency>() {
        let mut all = Latencies::sum();
        latency.kinds.iter().filter(|seen| seen.counts).for_each(|seen| all.add(&seen.service));
        let prepared = latency.times.len() - result.counted(&latency.times).len();
        let (preparing, counted) = latency.times.split_at(prepared);
        let _ = log.write_histogram(all.histogram().as_ref(), start + wall(preparing), wall(counted), None);
        for seen in &latency.kinds {
            let uncounted = if seen.counts { "" } else { ".uncounted" };
            let role = seen.role.as_ref().map_or_else(String::new, |role| format!(".{}", tag(role)));
            let tag = format!("{}.{}{role}{uncounted}", tag(&seen.phase), seen.kind.name());
            let range = if seen.counts { prepared..latency.times.len() } else { 0..prepared };
            let number = seen.phase_number.and_then(|number| usize::try_from(number).ok());
            let is_same = |at: &usize| match number {
                Some(number) => *at == number,
                None => latency.times[*at].phase == seen.phase,
            };
            let first = range.clone().find(is_same).unwrap_or(range.start);
            let length = range.filter(is_same).map(|at| wall(&latency.times[at..=at])).sum();
            let begin = start + wall(&latency.times[..first]);
            let _ = log.write_histogram(seen.service.histogram().as_ref(), begin, length, Tag::new(&tag));
        }
        start += wall(&latency.times);
    }
    with_legend(&out)
}

/// The Java tools want the names of the columns after the comments; the library writes none.
fn with_legend(log: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(log);
    let comments: usize =
        text.lines().take_while(|line| line.starts_with('#')).map(|line| line.len() + 1).sum();
    let (head, rest) = text.split_at(comments.min(text.len()));
    let legend =
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
    [head, legend, rest].concat().into_bytes()
}

/// The time of some phases.
fn wall(phases: &[PhaseTimes]) -> Duration {
    phases.iter().map(|phase| Duration::from_nanos(phase.wall_ns)).sum()
}

/// Letters that a tag may hold.
fn tag(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The percentile distribution as the `HdrHistogram` plotter reads it; values in µs.
fn percentiles(latencies: &Latencies) -> String {
    const TICKS_PER_HALF_DISTANCE: u32 = 5;
    let histogram = latencies.histogram();
    let mut out =
        format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut total = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        total += step.count_since_last_iteration();
        let quantile = step.quantile_iterated_to();
        let value = step.value_iterated_to() as f64 / 1000.0;
        // Writing to a string does not fail.
        let _ = write!(out, "{value:>12.3} {quantile:>2.12} {total:>10}");
        let _ =
            if quantile < 1.0 { writeln!(out, " {:>14.2}", 1.0 / (1.0 - quantile)) } else { writeln!(out) };
    }
    let micros = |ns: f64| ns / 1000.0;
    let _ = writeln!(
        out,
        "#[Mean    = {:>12.3}, StdDeviation   = {:>12.3}]",
        micros(histogram.mean()),
        micros(histogram.stdev())
    );
    let _ = writeln!(
        out,
        "#[Max     = {:>12.3}, Total count    = {:>12}]",
        micros(latencies.max() as f64),
        histogram.len()
    );
    let _ = writeln!(out, "#[Buckets = {:>12}, SubBuckets     = {:>12}]", histogram.buckets(), 2048);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use crate::view::View;

    #[test]
    fn the_log_can_be_read_back() {
        let session = crate::sample::session();
        let view = View::new(&session);
        let result = &view.workloads[0].results[0];
        let bytes = log("fifo, \n#x", result);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with("#[Histogram log format version 1.3]\n"), "{text}");
        assert!(text.contains("\n\"StartTimestamp\",\"Interval_Length\""), "{text}");
        // The reader knows no legend line.
        let plain: String =
            text.lines().filter(|line| !line.starts_with('"')).map(|l| l.to_owned() + "\n").collect();
        let (mut seen, mut whole, mut starts) = (0, 0, Vec::new());
        for entry in IntervalLogIterator::new(plain.as_bytes()) {
            if let LogEntry::Interval(interval) = entry.unwrap() {
                let packed = BASE64.decode(interval.encoded_histogram()).unwrap();
                let histogram: Histogram<u64> =
                    Deserializer::new().deserialize(&mut packed.as_slice()).unwrap();
                starts.push(interval.start_timestamp());
                match interval.tag() {
                    None => whole += histogram.len(),
                    Some(tag) => {
                        assert!(tag.as_str().contains('.'));
                        seen += histogram.len();
                    }
                }
            }
        }
        let all =
            result.each::<Latency>().flat_map(|latency| &latency.kinds).map(|kind| kind.service.count());
        assert_eq!(seen, all.sum::<u64>());
        let counted = result.kinds().values().map(Latencies::count).sum::<u64>();
        assert!(whole == counted && whole < seen, "what has no tag is what counts");
        assert!(starts[1] < starts[2], "churn begins after the fill: {starts:?}");
    }

    #[test]
    fn percentiles_end_at_the_maximum() {
        let mut latencies = Latencies::new();
        latencies.record(1000, 999);
        latencies.record(2_000_000, 1);
        let text = percentiles(&latencies);
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().map(|cell| cell.parse().unwrap()).collect())
            .collect();
        assert_eq!(rows[0][..3], [1.0, 0.0, 999.0]);
        let last = rows.last().unwrap();
        assert!((last[0] - 2000.0).abs() < 2.0 && last[1..] == [1.0, 1000.0], "{last:?}");
        assert!(text.contains("Total count    =         1000]"));
    }
}
