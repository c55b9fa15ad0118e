//! `export`: the figures of a session in the forms of other tools.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::exit::ExitStatus;
use crate::places::Places;
use crate::{folder, kept, output, publish};

/// Which session, what of it, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of the session, finished or not [default: the newest finished one]
    folder: Option<PathBuf>,
    /// What to write [default: everything]
    #[arg(long = "form", value_enum, value_name = "FORMS", value_delimiter = ',')]
    forms: Vec<Form>,
    /// Folder to write to [default: data, in the folder of the session]
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

/// What other tools read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Tables, one for each workload, map and kind of figure
    Csv,
    /// Latency histograms, as logs that their own tools read
    Hlog,
    /// Latency percentiles, for the plotter of these tools
    Hgrm,
    /// Films of the maps' slots, a picture each
    Film,
    /// One trace of all runs, for Perfetto and speedscope
    Trace,
    /// The newest figures of each map, for the node exporter of Prometheus
    Prometheus,
}

impl From<Form> for report::export::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Csv => Self::Csv,
            Form::Hlog => Self::Hlog,
            Form::Hgrm => Self::Hgrm,
            Form::Film => Self::Film,
            Form::Trace => Self::Trace,
            Form::Prometheus => Self::Prometheus,
        }
    }
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let folder = folder::named_or_latest(&places.reports, args.folder.as_deref())?;
    let session = kept::read(&folder)?;
    let into = args.into.clone().unwrap_or_else(|| folder.join(publish::DATA));
    let forms = if args.forms.is_empty() { Form::value_variants() } else { &args.forms };
    let forms: Vec<report::export::Form> = forms.iter().map(|form| (*form).into()).collect();
    publish::exports(&session, &forms, &into)?;
    output::print(&format!("{}\n", into.display()))?;
    Ok(ExitStatus::Success)
}
