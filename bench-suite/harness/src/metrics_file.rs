//! What is known of a session while it is measured, in a file that Prometheus' node exporter collects.

use std::path::Path;

use anyhow::Result;
use formats::run::Run;
use formats::session::Manifest;
use report::prometheus::Metrics;

use crate::stderr::tell;
use crate::{kept, publish};

/// The file, written anew after each pass; nothing where nobody asked for it.
pub(crate) struct MetricsFile<'a> {
    open: Option<(&'a Path, Metrics<'a>)>,
}

impl<'a> MetricsFile<'a> {
    /// Writes what is known of the runs in the folder of a session.
    pub(crate) fn begin(file: Option<&'a Path>, manifest: &'a Manifest, session: &Path) -> Result<Self> {
        let Some(file) = file else { return Ok(Self { open: None }) };
        let mut metrics = Metrics::of(manifest);
        for run in &kept::read(session)?.runs {
            metrics.add(run);
        }
        publish::write(file, metrics.text().as_bytes())?;
        Ok(Self { open: Some((file, metrics)) })
    }

    /// Adds a pass. Where the file cannot be written any more, that is told once, and measuring goes on.
    pub(crate) fn add(&mut self, run: &Run) {
        let Some((file, metrics)) = &mut self.open else { return };
        metrics.add(run);
        if let Err(why) = publish::write(file, metrics.text().as_bytes()) {
            tell!("churnmark: {why:#}; it is left as it is");
            self.open = None;
        }
    }
}
