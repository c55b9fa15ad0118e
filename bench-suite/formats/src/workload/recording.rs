//! From the `[trace]` table as written to a recording that makes sense.

use std::path::{Path, PathBuf};

use super::trace::{Column, Layout, Trace, TraceFormat, TtlUnit};
use super::wire::{MAX_LIVE, MAX_OPS, Reader, TraceWire, WorkloadWire, refuse_recipe};
use crate::fault::Fault;
use crate::placed::Placed;

pub(super) fn read_trace(
    reader: &Reader,
    wire: &WorkloadWire,
    place: &Placed<TraceWire>,
) -> Result<Trace, Fault> {
    let problem = "belongs to a recipe; with [trace] the recording decides";
    refuse_recipe(reader, wire, problem)?;
    if let Some(shared) = wire.keys_shared.as_ref().filter(|shared| *shared.get_ref()) {
        let problem = "the keys of a recording are dealt to its threads, so that the order of each key is kept: leave it out";
        return Err(reader.fault(shared, "keys_shared", problem));
    }
    if let Some(repeat) = &wire.repeat {
        return Err(reader.fault(repeat, "repeat", problem));
    }
    let trace = place.get_ref();
    let format = *trace.format.get_ref();
    let within = |count: &Option<Placed<u64>>, field, low, high| match count {
        Some(count) => reader.within(count, field, low, high).map(Some),
        None => Ok(None),
    };
    let capacity = within(&trace.capacity, "capacity", 1, MAX_LIVE)?;
    if let (Some(place), Some(_)) = (&trace.capacity, &wire.bound) {
        let problem = "and `bound` exclude each other: the map is the cache then";
        return Err(reader.fault(place, "capacity", problem));
    }
    if wire.bound.is_none() && format.needs_capacity() != capacity.is_some() {
        let problem = if format.needs_capacity() {
            "this format holds requests only: say with `capacity` how many entries the cache keeps, or with `bound` how \
             many a bounded cache does"
        } else {
            "this format has inserts and removes of its own: leave `capacity` out"
        };
        return Err(reader.fault(&trace.format, "format", problem));
    }
    let layout = layout(reader, trace)?;
    Ok(Trace {
        file: file(reader, &trace.file)?,
        format,
        ttl: ttl(reader, trace, &layout)?,
        layout,
        capacity,
        skip: within(&trace.skip, "skip", 0, u64::MAX)?.unwrap_or(0),
        limit: within(&trace.limit, "limit", 1, MAX_OPS)?,
        sample: sample(reader, trace.sample.as_ref())?,
        origin: trace.origin.clone(),
        licence: trace.licence.clone(),
    })
}

fn file(reader: &Reader, written: &Placed<String>) -> Result<PathBuf, Fault> {
    let file = reader.file().parent().unwrap_or(Path::new("")).join(written.get_ref());
    let problem = match file.metadata() {
        Ok(metadata) if metadata.is_file() => return Ok(file),
        Ok(_) => format!("`{}` is no regular file: it is read more than once", file.display()),
        Err(_) => format!("there is no file `{}`", file.display()),
    };
    Err(reader.fault(written, "file", problem))
}

fn sample(reader: &Reader, written: Option<&Placed<f64>>) -> Result<Option<f64>, Fault> {
    let Some(place) = written else { return Ok(None) };
    let share = *place.get_ref();
    if share > 0.0 && share < 1.0 {
        return Ok(Some(share));
    }
    let problem = format!("{share} is no share of the keys; allowed is a number above 0 and below 1");
    Err(reader.fault(place, "sample", problem))
}

fn layout(reader: &Reader, trace: &TraceWire) -> Result<Layout, Fault> {
    let fields = [
        ("columns", trace.columns.as_ref().map(Placed::span)),
        ("divider", trace.divider.as_ref().map(Placed::span)),
        ("header", trace.header.as_ref().map(Placed::span)),
        ("kinds", trace.kinds.as_ref().map(Placed::span)),
    ];
    let format = *trace.format.get_ref();
    if let Some((field, span)) = fields.into_iter().find_map(|(field, span)| Some((field, span?)))
        && !format.has_layout()
    {
        let problem =
            format!("goes with \"operations\" and \"requests\"; \"{}\" has one layout", format.name());
        return Err(reader.fault(&Placed::new(span, ()), field, problem));
    }
    if let Some(columns) = &trace.columns {
        check_columns(reader, columns, format)?;
    }
    if let (Some(kinds), TraceFormat::Requests) = (&trace.kinds, format) {
        return Err(reader.fault(
            kinds,
            "kinds",
            "goes with \"operations\": every row of \"requests\" is one",
        ));
    }
    if let Some(place) = &trace.kinds {
        let mut words: Vec<&str> = place.get_ref().words().map(|(word, _)| word).collect();
        words.sort_unstable();
        if let Some([word, _]) = words.array_windows().find(|[one, other]| one == other) {
            return Err(reader.fault(place, "kinds", format!("`{word}` stands there twice")));
        }
    }
    let divider = match &trace.divider {
        None => None,
        Some(place) => match place.get_ref().as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => {
                Some(*byte)
            }
            _ => {
                let problem =
                    "allowed is one sign: \",\" \";\" \"|\" \"\\t\" \" \" …; no letter, digit or quote";
                return Err(reader.fault(place, "divider", problem));
            }
        },
    };
    Ok(Layout {
        columns: trace.columns.as_ref().map(|columns| columns.get_ref().clone()).unwrap_or_default(),
        divider,
        header: trace.header.as_ref().map(|header| *header.get_ref()),
        kinds: trace.kinds.as_ref().map(|kinds| kinds.get_ref().clone()),
    })
}

fn check_columns(reader: &Reader, place: &Placed<Vec<Column>>, format: TraceFormat) -> Result<(), Fault> {
    let columns = place.get_ref();
    let count = |column| columns.iter().filter(|&&other| other == column).count();
    let operations = format == TraceFormat::Operations;
    let problem = if columns.len() > 64 {
        "allowed are up to 64".into()
    } else if count(Column::Key) != 1 {
        "one of them must be \"key\"".into()
    } else if operations && count(Column::Op) != 1 {
        "one of them must be \"op\"; where every row is a request, the format is \"requests\"".into()
    } else if let (false, Some(column)) =
        (operations, [Column::Op, Column::Ttl].into_iter().find(|&column| count(column) > 0))
    {
        format!("a request has no \"{0}\"; call the column \"-\" to pass over it", column.name())
    } else if let Some(column) = columns.iter().find(|&&column| column != Column::Other && count(column) > 1)
    {
        format!("\"{}\" stands there twice", column.name())
    } else {
        return Ok(());
    };
    Err(reader.fault(place, "columns", problem))
}

fn ttl(reader: &Reader, trace: &TraceWire, layout: &Layout) -> Result<Option<TtlUnit>, Fault> {
    let Some(place) = &trace.ttl else { return Ok(None) };
    let unit = *place.get_ref();
    let problem = if *trace.format.get_ref() != TraceFormat::Operations {
        "goes with \"operations\"; the other formats say it themselves"
    } else if unit == TtlUnit::Seconds && !layout.columns.contains(&Column::Time) {
        "seconds need a column \"time\" among `columns`"
    } else {
        return Ok(Some(unit));
    };
    Err(reader.fault(place, "ttl", problem))
}
