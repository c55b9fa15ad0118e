//! A profile in pprof's format, as `go tool pprof` reads it: the messages of its published schema, as far as they say
//! something here.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use pprof::Symbol;
use prost::Message;

/// What the values of each sample are: a type and a unit for each, of which the last one is looked at first, and how much
/// of that lies between two samples.
#[derive(Debug)]
pub(in crate::watch) struct Measured {
    pub(in crate::watch) types: &'static [(&'static str, &'static str)],
    pub(in crate::watch) period: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(in crate::watch) struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "9")]
    time_nanos: i64,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    /// The innermost first.
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
}

impl Profile {
    /// A profile of samples, each a stack from its innermost function on and its values; and when it was taken, and for
    /// how long, if that matters.
    pub(in crate::watch) fn new<'a, S: Iterator<Item = &'a Symbol>>(
        measured: &Measured,
        samples: impl Iterator<Item = (S, Vec<i64>)>,
        taken: Option<(SystemTime, Duration)>,
    ) -> Self {
        let mut functions = Functions::default();
        // The first text is empty by the schema.
        functions.text("");
        let mut type_of = |(kind, unit): &(&str, &str)| {
            let [kind, unit] = [kind, unit].map(|text| functions.text(text));
            ValueType { kind, unit }
        };
        let sample_type: Vec<ValueType> = measured.types.iter().map(&mut type_of).collect();
        let sample = samples.map(|(stack, value)| {
            let location_id = stack.map(|symbol| functions.place(symbol)).collect();
            Sample { location_id, value }
        });
        let sample = sample.collect();
        let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        let since = |start: SystemTime| start.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let [time_nanos, duration_nanos] =
            taken.map_or([0, 0], |(start, duration)| [nanos(since(start)), nanos(duration)]);
        Self {
            period_type: sample_type.last().copied(),
            sample_type,
            sample,
            location: functions.locations,
            function: functions.met,
            string_table: functions.texts,
            time_nanos,
            duration_nanos,
            period: measured.period,
        }
    }
}

/// Functions as they are met, one location for each.
#[derive(Default)]
struct Functions {
    /// The number of each, by name.
    numbers: HashMap<String, u64>,
    met: Vec<Function>,
    locations: Vec<Location>,
    texts: Vec<String>,
    places: HashMap<String, i64>,
}

impl Functions {
    /// The number of the location of a function.
    fn place(&mut self, symbol: &Symbol) -> u64 {
        let name = symbol.name();
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let id = self.met.len() as u64 + 1;
        let texts = [name.as_str(), &symbol.sys_name(), &symbol.filename()];
        let [name_place, system_name, filename] = texts.map(|text| self.text(text));
        self.met.push(Function { id, name: name_place, system_name, filename });
        let line = Line { function_id: id, line: symbol.lineno().into() };
        self.locations.push(Location { id, line: vec![line] });
        self.numbers.insert(name, id);
        id
    }

    /// The place of a text in the table of texts.
    fn text(&mut self, text: &str) -> i64 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = i64::try_from(self.texts.len()).unwrap_or(i64::MAX);
        self.places.insert(text.to_owned(), place);
        self.texts.push(text.to_owned());
        place
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use pprof::Symbol;
    use prost::Message;

    use super::{Measured, Profile};

    fn stack(names: &[&str]) -> Vec<Symbol> {
        let symbol = |name: &&str| Symbol {
            name: Some(name.as_bytes().to_vec()),
            addr: None,
            lineno: Some(7),
            filename: Some("map.rs".into()),
        };
        names.iter().map(symbol).collect()
    }

    #[test]
    fn what_is_written_is_read_back_by_the_schema() {
        let stacks = [(stack(&["find", "get", "play"]), 3), (stack(&["get", "play"]), 2)];
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(5);
        let samples = stacks.iter().map(|(stack, count)| (stack.iter(), vec![*count, *count * 1_000]));
        let measured = Measured { types: &[("samples", "count"), ("cpu", "nanoseconds")], period: 1_000 };
        let profile = Profile::new(&measured, samples, Some((start, Duration::from_secs(1))));
        let read = Profile::decode(profile.encode_to_vec().as_slice()).unwrap();
        assert_eq!(read, profile);

        let text = |place: i64| read.string_table[usize::try_from(place).unwrap()].as_str();
        let names = |sample: usize| -> Vec<&str> {
            let places = read.sample[sample].location_id.iter();
            let of = |id: &u64| read.location.iter().find(|location| location.id == *id).unwrap().line[0];
            let function = |id: u64| read.function.iter().find(|function| function.id == id).unwrap();
            places.map(|id| text(function(of(id).function_id).name)).collect()
        };
        assert_eq!((names(0), names(1)), (vec!["find", "get", "play"], vec!["get", "play"]));
        assert_eq!(read.sample[0].value, [3, 3_000]);
        assert_eq!(read.sample[1].value, [2, 2_000]);
        let types = read.sample_type.iter().map(|kind| (text(kind.kind), text(kind.unit)));
        assert_eq!(types.collect::<Vec<_>>(), [("samples", "count"), ("cpu", "nanoseconds")]);
        assert_eq!((text(read.function[0].filename), read.location[0].line[0].line), ("map.rs", 7));
        assert_eq!(
            (read.time_nanos, read.duration_nanos, read.period),
            (5_000_000_000, 1_000_000_000, 1_000)
        );
        assert_eq!((read.string_table[0].as_str(), read.function.len()), ("", 3));
    }
}
