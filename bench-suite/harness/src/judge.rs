//! What is left of a child, judged: an observation of this very pass with every answer right, or a failure.

mod known;

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use formats::observation::{Answers, Observation, Reading, SCHEMA, Stamps};
use formats::run::{Failure, Outcome, Pass, Reached, Run, WrongDigest, WrongLength, WrongStamps};
use formats::session::TapeInfo;
use formats::subject::MapKind;
use formats::tape::Header;
use serde::Deserialize;
use verdict::told::{Promise, contradiction};

use crate::child::{self, End, Finished};

/// No collector is asked for more samples.
const MOST_SAMPLES: u64 = 200;
/// The exit code by which a subject program says that a map cannot play a tape.
const UNAVAILABLE: i32 = 3;

/// How the answers of a map can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Every answer, against the model's digest.
    Digest,
    /// Threads contend for keys: what went in less what came out must be what is left, and what they were told of the
    /// keys that they contend for most must have an order that explains it.
    Order,
    /// The map chooses which entries leave: what went in less what came out must be what is left, by number and by what
    /// was in it.
    Conserved,
    /// What is seen of writes is a matter of time: only the entries left in the end are certain.
    Left,
    /// Threads contend for keys, and what is seen of writes is a matter of time: what is read was once written.
    Written,
    /// Entries are bounded, and the map chooses which ones leave: what it finds is what was written last, and in the end it
    /// holds no more than it may.
    Bounded,
    /// The map does nothing.
    None,
}

impl Check {
    /// The check that fits a map and a tape.
    pub(crate) fn of(kind: MapKind, tape: &TapeInfo) -> Self {
        match kind {
            MapKind::Null => Self::None,
            _ if tape.header.bound.is_some() => Self::Bounded,
            MapKind::Eventual if tape.header.keys_shared => Self::Written,
            MapKind::Eventual => Self::Left,
            _ if tape.header.keys_shared => Self::Order,
            _ if tape.header.executed.stamps.is_some() => Self::Conserved,
            _ => Self::Digest,
        }
    }

    /// What is left of it where a part of the tape was played: the answers of the model to that are not kept, and were
    /// compared when it was played.
    const fn of_beginning(self) -> Self {
        match self {
            Self::Digest | Self::Conserved => Self::Order,
            Self::Left => Self::None,
            check => check,
        }
    }

    /// Its name for people, of a program that does or does not say what the threads were told.
    pub(crate) const fn name(self, told: bool) -> &'static str {
        match self {
            Self::Digest => "every answer",
            Self::Order if told => "conservation and order",
            Self::Order => "conservation",
            Self::Conserved => "conservation of values",
            Self::Left => "entries left",
            Self::Written if told => "what was read",
            Self::Bounded if told => "what was found, and the bound",
            Self::Bounded => "the bound",
            Self::Written | Self::None => "nothing",
        }
    }
}

/// How a pass ended; `None` when the user stopped it.
pub(crate) fn outcome(
    finished: Finished,
    pass: &Pass,
    tape: &TapeInfo,
    kind: MapKind,
    time: Duration,
) -> Option<Outcome> {
    let failure = match finished.end {
        End::Interrupted => return None,
        End::TimedOut => {
            let of = tape.header.ops();
            let reached =
                finished.reached.map(|child::Reached { done, moving }| Reached { done, of, moving });
            Failure::Timeout { after_s: time.as_secs_f64(), reached }
        }
        End::OutputLimit => Failure::InvalidOutput {
            problem: format!("it printed more than {} bytes", finished.stdout.len()),
        },
        End::Exited(status) if status.success() => {
            match judged(&finished.stdout, pass, tape, kind, finished.lived) {
                Err(failure) => failure,
                Ok(observation) => return Some(Outcome::Measured(Box::new(observation))),
            }
        }
        End::Exited(status) => ended_badly(status, finished.stderr),
    };
    Some(Outcome::Failed(failure))
}

/// Judges a run again that was kept: what is wrong with it.
pub(crate) fn again(run: &Run, tape: &TapeInfo, kind: MapKind) -> Result<(), String> {
    let Some(observation) = run.observation() else { return Ok(()) };
    known::is_of(observation, &run.pass, tape)?;
    known::fits(&observation.reading, tape)?;
    let lived = Duration::try_from_secs_f64(run.seconds).map_err(|error| format!("seconds: {error}"))?;
    known::is_possible(&observation.reading, lived)?;
    let check = Check::of(kind, tape);
    let check = match &observation.reading {
        Reading::Instructions(seen) if seen.beginning.is_some() => check.of_beginning(),
        _ => check,
    };
    let failure = wrong(&observation.answers, tape, check);
    failure.map_or(Ok(()), |failure| Err(failure.to_string()))
}

/// Why a child that ended by itself gave no answer.
pub(crate) fn ended_badly(status: ExitStatus, stderr: String) -> Failure {
    if status.code() == Some(UNAVAILABLE) {
        let why =
            stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("the program gave no reason");
        return Failure::Unavailable { why: why.trim().into() };
    }
    Failure::Crash { code: status.code(), signal: status.signal(), stderr }
}

/// What a child printed, held against the pass. The answers come first: a map that is wrong is told to be so, whatever
/// its wrong answers made of the figures.
fn judged(
    stdout: &[u8],
    pass: &Pass,
    tape: &TapeInfo,
    kind: MapKind,
    lived: Duration,
) -> Result<Observation, Failure> {
    let invalid = |problem| Failure::InvalidOutput { problem };
    let mut observation = observation(stdout, pass, tape).map_err(invalid)?;
    if let Some(told) = &observation.answers.told {
        told.check(threads(tape)).map_err(invalid)?;
    }
    known::found_fits(&observation.answers, tape).map_err(invalid)?;
    if let Some(failure) = wrong(&observation.answers, tape, Check::of(kind, tape)) {
        return Err(failure);
    }
    known::fits(&observation.reading, tape).map_err(invalid)?;
    known::is_possible(&observation.reading, lived).map_err(invalid)?;
    if let Some(told) = &mut observation.answers.told {
        // Checked, and far longer than all else.
        told.keys = Vec::new();
    }
    Ok(observation)
}

fn threads(tape: &TapeInfo) -> usize {
    tape.header.phases.first().map_or(0, |phase| phase.ops.len())
}

fn observation(stdout: &[u8], pass: &Pass, tape: &TapeInfo) -> Result<Observation, String> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let text = std::str::from_utf8(stdout).map_err(|error| format!("it printed no UTF-8: {error}"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    match line.lines().count() {
        0 => return Err("it printed nothing".into()),
        1 => {}
        lines => return Err(format!("it printed {lines} lines; an observation is one")),
    }
    let (values, most) = (values(line), most_values(&tape.header));
    if values > most {
        return Err(format!("it printed {values} values; an observation of this tape has less than {most}"));
    }
    let no_observation = |error: serde_json::Error| format!("it printed no observation: {error}");
    let Version { schema } = serde_json::from_str(line).map_err(no_observation)?;
    if !(1..=SCHEMA).contains(&schema) {
        return Err(format!("it speaks schema {schema}; this churnmark reads up to {SCHEMA}"));
    }
    let observation: Observation = serde_json::from_str(line).map_err(no_observation)?;
    known::is_of(&observation, pass, tape)?;
    Ok(observation)
}

/// About so many values stand in a line of JSON. Read, each takes fifty times the two bytes that it takes here.
fn values(line: &str) -> u64 {
    line.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() as u64
}

/// More values than any observation of this tape has: ten figures for each slice of each thread, some hundred for each
/// phase, and lists whose lengths do not depend on the tape.
fn most_values(tape: &Header) -> u64 {
    let phases = tape.phases.len() as u64;
    let threads = tape.phases.first().map_or(1, |phase| phase.ops.len() as u64);
    1_000_000 + 10 * threads * (MOST_SAMPLES + phases) + 500 * phases
}

fn wrong(answers: &Answers, tape: &TapeInfo, check: Check) -> Option<Failure> {
    let got = i64::try_from(answers.end_len).unwrap_or(i64::MAX);
    let entries = |want: i64| (want != got).then_some(WrongLength { want, got, at_most: false });
    let told = |promise| answers.told.as_ref().and_then(|told| contradiction(told, promise));
    let mut stamps = None;
    let (digest, entries, told) = match check {
        Check::None => return None,
        Check::Order => (None, entries(answers.balance), told(Promise::AtOnce)),
        Check::Written => (None, None, told(Promise::Later)),
        Check::Bounded => {
            let want = tape.header.bound.map_or(i64::MAX, |bound| i64::try_from(bound).unwrap_or(i64::MAX));
            let beyond = (got > want).then_some(WrongLength { want, got, at_most: true });
            (None, beyond, told(Promise::Forgetting))
        }
        Check::Left => (None, entries(end_live(tape)?), None),
        Check::Conserved => {
            stamps = wrong_stamps(answers, tape);
            (None, entries(end_live(tape)?).or_else(|| balance(answers, tape)), None)
        }
        Check::Digest => (
            wrong_digest(answers, &tape.header.executed.answers),
            entries(end_live(tape).unwrap_or(answers.balance)).or_else(|| balance(answers, tape)),
            None,
        ),
    };
    let is_wrong = digest.is_some() || entries.is_some() || told.is_some() || stamps.is_some();
    is_wrong.then_some(Failure::WrongAnswer { digest, entries, told, stamps })
}

/// What went in less what came out, where that is certain and the map's own count says otherwise.
fn balance(answers: &Answers, tape: &TapeInfo) -> Option<WrongLength> {
    let want = end_live(tape)?;
    (answers.balance != want).then_some(WrongLength { want, got: answers.balance, at_most: false })
}

/// What must be left of the sum of what went in, where the pass said what is.
fn wrong_stamps(answers: &Answers, tape: &TapeInfo) -> Option<Box<WrongStamps>> {
    let (Stamps { taken, left }, entered) = (answers.stamps?, tape.header.executed.stamps?);
    let want = entered.wrapping_sub(taken);
    (want != left).then(|| Box::new(WrongStamps { want, got: left }))
}

/// Entries that the tape leaves, where that is certain.
fn end_live(tape: &TapeInfo) -> Option<i64> {
    tape.header.executed.end_live.and_then(|end| i64::try_from(end).ok())
}

fn wrong_digest(answers: &Answers, model: &[formats::answer::Digest]) -> Option<WrongDigest> {
    // A thread that gave no digest gave none of the answers.
    let got = answers.digests.iter().copied().chain(std::iter::repeat(formats::answer::Digest::default()));
    let threads = model.iter().zip(got).enumerate();
    threads
        .filter(|(_, (want, got))| *want != got)
        .map(|(thread, (&want, got))| WrongDigest {
            thread: u32::try_from(thread).unwrap_or(u32::MAX),
            want,
            got,
        })
        .next()
}

#[cfg(test)]
mod tests {
    use formats::point::Point;

    use super::*;

    /// Three entries went in, at operations 0, 1 and 4; the map gave one away and has two left.
    fn chosen(stamps: Option<Stamps>, end_len: u64) -> Option<Failure> {
        let mut header = Header::default();
        (header.executed.end_live, header.executed.stamps) = (Some(2), Some(1 + 4));
        let id = "0".repeat(32).try_into().expect("a digest");
        let tape = TapeInfo {
            id,
            why: String::new(),
            asks: Vec::new(),
            point: Point::default(),
            expectations: Vec::new(),
            header,
        };
        let answers = Answers { digests: Vec::new(), balance: 2, end_len, stamps, told: None, found: None };
        let check = Check::of(MapKind::Single, &tape);
        assert_eq!((check, check.name(false)), (Check::Conserved, "conservation of values"));
        wrong(&answers, &tape, check)
    }

    #[test]
    fn a_map_that_chooses_must_have_left_what_it_did_not_give_away() {
        assert_eq!(chosen(Some(Stamps { taken: 1, left: 4 }), 2), None);
        // It gave away one entry and lost another.
        let said = chosen(Some(Stamps { taken: 1, left: 3 }), 2).expect("wrong").to_string();
        assert_eq!(
            said,
            "wrong answer: the stamps left sum to 3, those that went in less those taken out to 4"
        );
        let said = chosen(Some(Stamps { taken: 1, left: 4 }), 1).expect("wrong").to_string();
        assert_eq!(said, "wrong answer: 1 entries left, must be 2");
        // Only the throughput pass sums what is left.
        assert_eq!(chosen(None, 2), None);
    }
}
