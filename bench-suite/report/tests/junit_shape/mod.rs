//! The shape of `JUnit` XML as Jenkins' schema (xunit plugin, junit-10) and nextest have it: which elements stand
//! in which, with which attributes. That a `testsuites` may count what was skipped is nextest's.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element: where it may stand, attributes that it must and that it may have, whether text stands in it.
struct Shape {
    name: &'static str,
    within: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
    text: bool,
}

const SHAPES: [Shape; 8] = [
    Shape {
        name: "testsuites",
        within: "",
        must: &["name", "tests", "failures", "errors"],
        may: &["time", "skipped"],
        text: false,
    },
    Shape {
        name: "testsuite",
        within: "testsuites",
        must: &["name", "tests", "failures", "errors"],
        may: &["time", "skipped", "timestamp"],
        text: false,
    },
    Shape { name: "properties", within: "testsuite", must: &[], may: &[], text: false },
    Shape { name: "property", within: "properties", must: &["name", "value"], may: &[], text: false },
    Shape {
        name: "testcase",
        within: "testsuite",
        must: &["name", "classname"],
        may: &["time"],
        text: false,
    },
    Shape { name: "failure", within: "testcase", must: &["type", "message"], may: &[], text: true },
    Shape { name: "error", within: "testcase", must: &["type", "message"], may: &[], text: true },
    Shape { name: "skipped", within: "testcase", must: &["message"], may: &["type"], text: true },
];

/// How many cases there are, and how many ended how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) tests: usize,
    pub(crate) failures: usize,
    pub(crate) errors: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    fn take(&mut self, element: &str) {
        match element {
            "testcase" => self.tests += 1,
            "failure" => self.failures += 1,
            "error" => self.errors += 1,
            "skipped" => self.skipped += 1,
            _ => {}
        }
    }
}

type Attributes = Vec<(String, String)>;

/// Checks a document: elements, attributes, times, and that the counts are those of the cases.
pub(crate) fn check(xml: &str) -> Result<Counts, String> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    let (mut all, mut suite) = (Counts::default(), Counts::default());
    let mut told: [Attributes; 2] = Default::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                let (name, attributes) = opened(&element, open.last())?;
                if name == "testsuite" {
                    suite = Counts::default();
                }
                keep(&mut told, &name, attributes);
                all.take(&name);
                suite.take(&name);
                open.push(name);
            }
            Event::Empty(element) => {
                let (name, attributes) = opened(&element, open.last())?;
                if name.starts_with("testsuite") {
                    counted(&attributes, Counts::default())?;
                }
                all.take(&name);
                suite.take(&name);
            }
            Event::End(_) => match open.pop().as_deref() {
                Some("testsuite") => counted(&told[1], suite)?,
                Some("testsuites") => counted(&told[0], all)?,
                _ => {}
            },
            Event::Text(text) => {
                let blank = text.iter().all(u8::is_ascii_whitespace);
                let takes = open.last().and_then(|name| shape(name)).is_some_and(|shape| shape.text);
                if !blank && !takes {
                    return Err(format!("text in {open:?}"));
                }
            }
            Event::Eof if open.is_empty() => return Ok(all),
            Event::Eof => return Err(format!("{open:?} is not closed")),
            _ => {}
        }
    }
}

fn keep(told: &mut [Attributes; 2], name: &str, attributes: Attributes) {
    match name {
        "testsuites" => told[0] = attributes,
        "testsuite" => told[1] = attributes,
        _ => {}
    }
}

fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name == name)
}

/// The name and the attributes of an element that may stand here.
fn opened(element: &BytesStart<'_>, within: Option<&String>) -> Result<(String, Attributes), String> {
    let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
    let within = within.map_or("", String::as_str);
    let shape = shape(&name).filter(|shape| shape.within == within);
    let shape = shape.ok_or_else(|| format!("<{name}> in <{within}>"))?;
    let mut attributes = Attributes::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let value = String::from_utf8_lossy(&attribute.value).into_owned();
        if !shape.must.contains(&key.as_str()) && !shape.may.contains(&key.as_str()) {
            return Err(format!("<{name}> has an attribute {key}"));
        }
        if key == "time" && value.parse::<f64>().is_err() {
            return Err(format!("time is {value}"));
        }
        attributes.push((key, value));
    }
    let has = |must: &&&str| attributes.iter().any(|(key, _)| key == *must);
    match shape.must.iter().find(|must| !has(must)) {
        Some(missing) => Err(format!("<{name}> lacks {missing}")),
        None => Ok((name, attributes)),
    }
}

fn counted(attributes: &Attributes, counts: Counts) -> Result<(), String> {
    let seen = [
        ("tests", counts.tests),
        ("failures", counts.failures),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
    ];
    for (key, value) in attributes {
        let count = seen.iter().find(|(name, _)| name == key);
        if let Some((_, count)) = count.filter(|(_, count)| *value != count.to_string()) {
            return Err(format!("{key} is {value}, but there are {count}"));
        }
    }
    Ok(())
}
