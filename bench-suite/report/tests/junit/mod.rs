//! `JUnit` XML checked by its schema, and its counts against its cases.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// How many cases there are, and how many ended how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) tests: usize,
    pub(crate) failures: usize,
    pub(crate) errors: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    /// What an element says of itself.
    fn told(element: &BytesStart<'_>) -> Result<Self, String> {
        let told = |key: &str| -> Result<usize, String> {
            let attribute = element.try_get_attribute(key).map_err(|error| error.to_string())?;
            let value = attribute.ok_or_else(|| format!("{key} is not told"))?.value;
            String::from_utf8_lossy(&value).parse().map_err(|error| format!("{key}: {error}"))
        };
        let [tests, failures, errors, skipped] = ["tests", "failures", "errors", "skipped"].map(told);
        Ok(Self { tests: tests?, failures: failures?, errors: errors?, skipped: skipped? })
    }

    /// Counts an element below.
    fn take(&mut self, element: &[u8]) {
        match element {
            b"testcase" => self.tests += 1,
            b"failure" => self.failures += 1,
            b"error" => self.errors += 1,
            b"skipped" => self.skipped += 1,
            _ => {}
        }
    }
}

/// Checks a document by schema and counts, and says how its cases ended.
pub(crate) fn check(xml: &str) -> Result<Counts, String> {
    by_schema(xml)?;
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    // What the suite and the whole say of themselves, and what was seen since.
    let mut open: Vec<(Counts, Counts)> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) if element.name().as_ref().starts_with(b"testsuite") => {
                open.push((Counts::told(&element)?, Counts::default()));
            }
            Event::Start(element) => {
                for (_, seen) in &mut open {
                    seen.take(element.name().as_ref());
                }
            }
            Event::End(element) if element.name().as_ref().starts_with(b"testsuite") => {
                let (told, seen) = open.pop().ok_or("more ends than starts")?;
                if told != seen {
                    return Err(format!("told {told:?}, but there are {seen:?}"));
                }
                if open.is_empty() {
                    return Ok(seen);
                }
            }
            Event::Eof => return Err("it does not end".into()),
            _ => {}
        }
    }
}

/// Checks a document by `junit.xsd`. Without xmllint, which CI has, it says that it did not.
fn by_schema(xml: &str) -> Result<(), String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/junit/junit.xsd");
    let mut xmllint = Command::new("xmllint");
    xmllint.args(["--nonet", "--noout", "--schema"]).arg(schema).arg("-");
    let started = xmllint.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs xmllint: apt-get install libxml2-utils");
            eprintln!("not checked by the schema: xmllint: {error}; apt-get install libxml2-utils");
            return Ok(());
        }
    };
    child.stdin.take().expect("a pipe").write_all(xml.as_bytes()).map_err(|error| error.to_string())?;
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}
