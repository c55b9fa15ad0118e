//! `schema`: the JSON schemas of the files that people write and read.

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use formats::baseline::Baseline;
use formats::evidence::{Claims, Evidence};
use formats::expectation::Judgement;
use formats::finding::Finding;
use formats::gate::{Gate, Pair};
use formats::history::Entry;
use formats::inspection::Inspection;
use formats::observation::Observation;
use formats::policy::Policy;
use formats::run::Line;
use formats::schema::{read, read_toml, written};
use formats::session::Manifest;
use formats::subject::Subject;
use formats::suite::Suites;
use formats::tape::Header;
use formats::workload::Workload;
use report::answer::Answer;
use report::choose::Chosen;
use report::compare::Comparison;
use serde_json::Value;

use crate::exit::ExitStatus;
use crate::output::{self, Format};

/// Of which file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the schema is of; without it all are listed
    #[arg(value_parser = PossibleValuesParser::new(DOCUMENTS.iter().map(|document| document.name)))]
    name: Option<String>,
}

/// A kind of file, or of what a program prints.
struct Document {
    name: &'static str,
    /// Where it is met.
    place: &'static str,
    schema: fn() -> Value,
}

/// First what people write, then what programs that play tapes print, then what the command writes.
const DOCUMENTS: &[Document] = &[
    of("workload", "workloads/*.toml", read_toml::<Workload>),
    of("suites", "workloads/suites.toml", read_toml::<Suites>),
    of("finding", "workloads/findings/*.toml", read_toml::<Finding>),
    of("policy", "reports/baseline/policy.toml", read_toml::<Policy>),
    of("subject", "what a program prints for `list`", read::<Subject>),
    of("observation", "what a program prints for `play`", read::<Observation>),
    of("experiment", "what a program prints for an experiment", read::<Evidence>),
    of("session", "session.json", written::<Manifest>),
    of("run", "a line of runs.jsonl", written::<Line>),
    of("answer", "data/answer.json; measure --format json", written::<Answer>),
    of("expectations", "data/expectations.json", written::<Vec<Judgement>>),
    of("gate", "gate.json; gate --format json", written::<Gate>),
    of("pair", "a line of pairs.jsonl", written::<Pair>),
    of("history", "a line of history.jsonl", written::<Entry>),
    of("baseline", "reports/baseline/exact.json", read::<Baseline>),
    of("claims", "claims.json", written::<Claims>),
    of("choice", "choose --format json", written::<Chosen>),
    of("comparison", "compare --format json", written::<Comparison>),
    of("tape", "tape --format json", written::<Header>),
    of("inspection", "inspect --format json", written::<Inspection>),
];

const fn of(name: &'static str, place: &'static str, schema: fn() -> Value) -> Document {
    Document { name, place, schema }
}

pub(crate) fn run(args: &Args) -> Result<ExitStatus> {
    let wanted = DOCUMENTS.iter().find(|document| args.name.as_deref() == Some(document.name));
    let text = if let Some(document) = wanted {
        serde_json::to_string_pretty(&(document.schema)()).context("a schema is JSON")? + "\n"
    } else {
        let row = |document: &Document| vec![document.name.to_owned(), document.place.to_owned()];
        let rows: Vec<_> = DOCUMENTS.iter().map(row).collect();
        output::table(Format::Text, &["schema", "of"], &rows)
    };
    output::print(&text)?;
    Ok(ExitStatus::Success)
}
