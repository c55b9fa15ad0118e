//! From the TOML as written to a workload that makes sense.

use std::num::{NonZeroU16, NonZeroU64};
use std::ops::RangeInclusive;
use std::path::Path;

use glob::Pattern;

use super::bounded::read_bound;
use super::many::read_many;
use super::pace_wire::{Paced, check_recorded, read_pace};
use super::points::{go_to, points, sweeps_threads};
use super::recipe::read_recipe;
use super::recording::read_trace;
use super::role::{MAX_THREADS, threads_of_roles};
use super::rules::Players;
use super::script::read_script;
use super::swept::here;
use super::wire::{KeysWire, Reader, TextWire, WorkloadWire};
use super::word::check_word;
use super::{IMPLIED_TAGS, KeyPattern, Keys, MAX_SEED, Pace, Sizes, Source, Spread, Values, Workload};
use crate::expectation::expectation;
use crate::fault::Fault;
use crate::placed::Placed;
use crate::point::Point;
use crate::question::Question;
use crate::subject::Variant;
use crate::whole;

/// Bytes of a text that tell it from every other.
const SCATTERED: u16 = 16;
/// Bytes of the longest text.
const LONGEST: u16 = 255;
/// Bytes of a value in a box: its stamp, to 1 MiB.
const BOXED: RangeInclusive<u32> = 8..=1 << 20;

impl Workload {
    /// Reads one workload file: the workload, or each point of it if a field is a list. Its name must be the file's.
    pub fn read(file: &Path) -> Result<Vec<Self>, Fault> {
        let text = whole::read_text(file)
            .map_err(|error| Fault::of_file(file, format!("cannot be read: {error}")))?;
        let points = Self::parse_points(&text, file)?;
        let name = points.first().map_or("", Self::base_name);
        match file.file_stem().and_then(|stem| stem.to_str()) {
            Some(stem) if stem == name => Ok(points),
            stem => Err(name_fault(&text, file, name, stem.unwrap_or_default())),
        }
    }

    /// Parses the text of a workload that is one tape; `file` names it in errors and is the place trace files are
    /// relative to.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Fault> {
        let mut points = Self::parse_points(text, file)?;
        match points.len() {
            1 => Ok(points.remove(0)),
            count => Err(Fault::of_file(file, format!("its lists come to {count} tapes; allowed is one"))),
        }
    }

    /// Parses the text of a workload: itself, or each point of it if a field is a list.
    pub fn parse_points(text: &str, file: &Path) -> Result<Vec<Self>, Fault> {
        let mut wire: WorkloadWire =
            toml::from_str(text).map_err(|error| Fault::from_toml(file, text, &error))?;
        let reader = Reader::new(text, file);
        check_name(&reader, &wire.name)?;
        if wire.why.get_ref().trim().is_empty() {
            return Err(reader.fault(
                &wire.why,
                "why",
                "is empty; say in one sentence where this load occurs",
            ));
        }
        let count = points(&reader, &wire)?;
        let read = |point: usize| {
            let point = go_to(&mut wire, point);
            read_point(&reader, &wire, point)
        };
        (0..count).map(read).collect()
    }
}

/// What the workload is at the point that `wire` was turned to.
fn read_point(reader: &Reader, wire: &WorkloadWire, point: Point) -> Result<Workload, Fault> {
    let values = values(reader, wire)?;
    let (keys, key_pattern) = keys(reader, &wire.keys)?;
    let asks = asks(reader, &wire.asks)?;
    let tags = tags(reader, &wire.tags)?;
    let maps = maps(reader, &wire.maps)?;
    let threads = match threads_of_roles(reader, wire)? {
        Some(threads) => threads,
        None => threads(reader, here(wire.threads.as_ref()).as_ref())?,
    };
    let keys_shared = match &wire.keys_shared {
        Some(_) if threads.get() == 1 && sweeps_threads(wire) => false,
        Some(shared) if threads.get() == 1 => {
            return Err(reader.fault(shared, "keys_shared", "needs `threads` of 2 or more"));
        }
        Some(shared) => *shared.get_ref(),
        None => false,
    };
    let (pace, rates) = match read_pace(reader, wire.pace.as_ref())? {
        Paced::Alike(pace) => (pace, None),
        Paced::Rates(rates) => (Pace::Closed, Some(rates)),
    };
    if let (Some(rates), true) = (&rates, wire.trace.is_some() || wire.script.is_some()) {
        let problem =
            "rates: are those of a recipe, which has a churn phase for each; allowed here is one pace";
        return Err(reader.fault(&rates.place, "pace", problem));
    }
    let expectations = wire.expect.iter().map(|one| expectation(reader, one)).collect::<Result<_, _>>()?;
    let players = Players { threads, keys_shared };
    let bound = read_bound(reader, wire, players)?;
    let source = match (&wire.trace, &wire.script) {
        (Some(_), Some(script)) => {
            return Err(reader.fault(script, "script", "and [trace] exclude each other"));
        }
        (Some(trace), None) => Source::Trace(Box::new(read_trace(reader, wire, trace)?)),
        (None, Some(script)) => Source::Script(read_script(reader, wire, script, threads)?),
        (None, None) => Source::Recipe(read_recipe(reader, wire, players, rates.as_ref(), bound)?),
    };
    if let (Pace::Recorded(_), Some(place)) = (pace, &wire.pace) {
        check_recorded(&source).map_err(|problem| reader.fault(place, "pace", problem))?;
    }
    if values == Values::Boxed(Sizes::Recorded) {
        check_sizes(&source).map_err(|problem| reader.fault(&wire.values, "values", problem))?;
    }
    let name = wire.name.get_ref();
    let workload = Workload {
        name: if point.is_whole() { name.clone() } else { format!("{name}@{point}") },
        why: wire.why.get_ref().clone(),
        asks,
        tags,
        maps,
        seed: reader.within(&wire.seed, "seed", 0, MAX_SEED)?,
        keys,
        key_pattern,
        values,
        many: read_many(reader, wire.many.as_ref(), threads, bound.is_some(), &source)?,
        threads,
        keys_shared,
        pace,
        bound,
        source,
        point,
        expectations,
    };
    match workload.check_keys() {
        Ok(()) => Ok(workload),
        Err(problem) => Err(reader.fault(&wire.keys, "keys", problem)),
    }
}

fn name_fault(text: &str, file: &Path, name: &str, stem: &str) -> Fault {
    let line = text.lines().position(|line| line.trim_start().starts_with("name")).unwrap_or(0) as u64 + 1;
    Fault::at(file, line, "name", format!("`{name}` must be the name of the file, `{stem}`"))
}

fn check_name(reader: &Reader, name: &Placed<String>) -> Result<(), Fault> {
    check_word(name.get_ref(), "name").map_err(|problem| reader.fault(name, "name", problem))
}

fn asks(reader: &Reader, written: &[Placed<String>]) -> Result<Vec<Question>, Fault> {
    let mut asks: Vec<Question> = Vec::new();
    for place in written {
        let question = Question::try_from(place.get_ref().clone())
            .map_err(|problem| reader.fault(place, "asks", problem))?;
        if asks.contains(&question) {
            return Err(reader.fault(place, "asks", format!("`{}` stands here twice", question.name())));
        }
        asks.push(question);
    }
    Ok(asks)
}

fn tags(reader: &Reader, written: &[Placed<String>]) -> Result<Vec<String>, Fault> {
    let mut tags: Vec<String> = Vec::new();
    for place in written {
        let tag = place.get_ref();
        let problem = if IMPLIED_TAGS.contains(&tag.as_str()) {
            Some(format!("`{tag}` follows from the other fields and is not written"))
        } else if tags.contains(tag) {
            Some(format!("`{tag}` stands here twice"))
        } else {
            check_word(tag, "tag").err()
        };
        if let Some(problem) = problem {
            return Err(reader.fault(place, "tags", problem));
        }
        tags.push(tag.clone());
    }
    Ok(tags)
}

/// Names of maps. Which there are, the programs know.
fn maps(reader: &Reader, written: &[Placed<String>]) -> Result<Vec<String>, Fault> {
    let name = |place: &Placed<String>| {
        let name = place.get_ref();
        let is_plain = !name.is_empty() && !name.contains([':', '=']);
        let glob = Pattern::new(name).map_err(|error| format!("`{name}` is no glob: {error}"));
        match glob {
            Err(problem) => Err(reader.fault(place, "maps", problem)),
            Ok(_) if is_plain || Variant::parse(name).is_some() => Ok(name.clone()),
            Ok(_) => {
                let allowed = "allowed is a name or a glob, and behind it any number of `:axis=value`";
                Err(reader.fault(place, "maps", format!("`{name}` names no map; {allowed}")))
            }
        }
    };
    written.iter().map(name).collect()
}

fn values(reader: &Reader, wire: &WorkloadWire) -> Result<Values, Fault> {
    let values = wire.values.get_ref().here().unwrap_or_default();
    match values {
        Values::Bytes(size) if size != 64 => {
            return Err(reader.fault(&wire.values, "values", format!("bytes = {size}; allowed is 64")));
        }
        Values::Boxed(Sizes::Same(size)) if !BOXED.contains(&size) => {
            let problem = format!("boxed = {size}; allowed are 8 to 1048576 bytes");
            return Err(reader.fault(&wire.values, "values", problem));
        }
        Values::Boxed(Sizes::Drawn(Spread { from, to, .. }))
            if !BOXED.contains(&from) || !BOXED.contains(&to) || from >= to =>
        {
            let problem =
                format!("boxed from {from} to {to}; allowed are 8 to 1048576 bytes, and `to` above `from`");
            return Err(reader.fault(&wire.values, "values", problem));
        }
        _ => {}
    }
    Ok(values)
}

/// Refuses sizes as recorded where nothing says them: what is wrong.
fn check_sizes(source: &Source) -> Result<(), String> {
    match source {
        Source::Trace(trace) if trace.format.has_sizes(&trace.layout) => Ok(()),
        Source::Trace(trace) => Err(format!(
            "boxed = \"recorded\": the records of this `{}` have no sizes; allowed are bytes, or `{{ from = 16, to = 4096 }}`",
            trace.format.name()
        )),
        Source::Recipe(_) | Source::Script(_) => Err(
            "boxed = \"recorded\": goes with a [trace] whose records have sizes; allowed here are bytes, or `{ from = 16, to = 4096 }`"
                .into(),
        ),
    }
}

/// What keys are made of, and how they follow from their numbers.
fn keys(reader: &Reader, place: &Placed<KeysWire>) -> Result<(Keys, KeyPattern), Fault> {
    let plain = |keys| Ok((keys, KeyPattern::default()));
    let fault = |problem: String| Err(reader.fault(place, "keys", problem));
    match *place.get_ref() {
        KeysWire::U32 => plain(Keys::U32),
        KeysWire::U64 => plain(Keys::U64),
        KeysWire::Uuid => plain(Keys::Uuid),
        KeysWire::String(bytes) if (SCATTERED..=LONGEST).contains(&bytes) => plain(Keys::String(bytes)),
        KeysWire::String(bytes) => fault(format!("string = {bytes}; allowed are 16 to 255 bytes")),
        KeysWire::Sequential => Ok((Keys::U64, KeyPattern::MultiplesOf(NonZeroU64::MIN))),
        KeysWire::MultiplesOf(factor) => match NonZeroU64::new(factor) {
            Some(by) => Ok((Keys::U64, KeyPattern::MultiplesOf(by))),
            None => fault("multiples_of = 0; allowed is 1 or more".into()),
        },
        KeysWire::Text(TextWire { bytes, common_prefix }) => {
            if !(SCATTERED + 1..=LONGEST).contains(&bytes)
                || !(1..=bytes - SCATTERED).contains(&common_prefix)
            {
                return fault(format!(
                    "a text of {bytes} bytes with {common_prefix} in common; allowed are 17 to 255 bytes, of which \
                     16 or more are a key's own"
                ));
            }
            Ok((Keys::String(bytes), KeyPattern::CommonPrefix(common_prefix)))
        }
    }
}

fn threads(reader: &Reader, threads: Option<&Placed<u16>>) -> Result<NonZeroU16, Fault> {
    let Some(place) = threads else { return Ok(NonZeroU16::MIN) };
    match NonZeroU16::new(*place.get_ref()) {
        Some(count) if count.get() <= MAX_THREADS => Ok(count),
        _ => {
            let problem = format!("{}; allowed are 1 to {MAX_THREADS}", place.get_ref());
            Err(reader.fault(place, "threads", problem))
        }
    }
}
