//! A session in, pages out.
//!
//! ```text
//! Session ─▶ page    index.html, one file that needs no network and no script
//!         ─▶ summary summary.md, for a pull request
//!         ─▶ export  CSV, HdrHistogram logs, a Chrome trace
//!         ─▶ prometheus its figures as text, pass by pass
//!         ─▶ flame   folded stacks, SVG, pprof profile
//!         ─▶ answer  which map to take for which load, and what to know; in all of the above and answer.json
//!         ─▶ asked   what each workload asks, answered; in all of the above
//!         ─▶ expected what became of the expectations of its workloads
//!         ─▶ headline five figures for each workload and map, and who leads in which
//!         ─▶ choose  which map to take for a stated need
//! Session + Session ─▶ compare what moved between two sessions
//!         ─▶ evidence a finding for those who keep a library: page, chart, figures
//! Gate    ─▶ gate    text, Markdown, GitHub annotations, JUnit
//! History ─▶ history text, reports/history.html
//! Sessions ─▶ trends reports/index.html
//! Inspection ─▶ inspect  a map slot by slot, as text or SVG
//! ```
//!
//! Pure functions: no clock, no process, no network, no file. The same session gives the same bytes.

#![forbid(unsafe_code)]

pub mod answer;
pub mod asked;
pub mod choose;
pub mod compare;
pub mod evidence;
pub mod expected;
pub mod export;
pub mod flame;
pub mod gate;
pub mod headline;
pub mod history;
pub mod inspect;
pub mod prometheus;
pub mod ratio;

mod chart;
mod csv_file;
mod file_name;
mod growth;
mod held;
mod in_turn;
mod link;
mod map_result;
mod markdown;
mod measured;
mod number;
mod paced;
mod page;
mod parallel;
mod prose;
mod quarter;
mod section;
mod summary;
mod sweep;
mod trends;
mod view;

#[cfg(test)]
#[path = "../tests/sample/mod.rs"]
mod sample;

use std::path::Path;

use formats::expectation::Judgement;
use formats::session::Session;

/// A session, arranged once for every form of its report: that takes longer than to write any of them.
pub struct Report<'a>(view::View<'a>);

impl<'a> Report<'a> {
    /// Arranges a session.
    #[must_use]
    pub fn of(session: &'a Session) -> Self {
        Self(view::View::new(session))
    }

    /// Its page; see [`page`] and [`page_with_flamegraphs`].
    #[must_use]
    pub fn page(&mut self, flamegraphs: Option<&Path>) -> String {
        if let Some(flamegraphs) = flamegraphs {
            self.0.flamegraphs = link::to(flamegraphs);
        }
        page::render(&self.0)
    }

    /// The verdicts in Markdown; see [`summary`].
    #[must_use]
    pub fn summary(&self) -> String {
        summary::render(&self.0)
    }

    /// The data files that stand beside the page: the answer, the headlines, what swept workloads came to and what was
    /// expected.
    #[must_use]
    pub fn data_files(&self) -> Vec<(String, Vec<u8>)> {
        export::beside(&self.0)
    }

    /// The exports in these forms, each made when it is asked for; see [`export::files`].
    pub fn exports<'r>(
        &'r self,
        forms: &'r [export::Form],
    ) -> impl Iterator<Item = (String, Vec<u8>)> + use<'r> {
        export::exports(&self.0, forms)
    }

    /// The files of all flamegraphs; see [`flame::files`].
    #[must_use]
    pub fn flamegraphs(&self) -> Vec<(String, Vec<u8>)> {
        flame::of_view(&self.0)
    }

    /// Which map to take for which load, and what to know.
    #[must_use]
    pub fn answer(&self) -> answer::Answer {
        answer::of_view(&self.0)
    }

    /// What became of what was expected.
    #[must_use]
    pub fn judgements(&self) -> Vec<Judgement> {
        expected::of_view(&self.0)
    }
}

/// The report of a session: one self-contained HTML file. Its flamegraphs are taken to lie in a folder `flamegraphs`
/// beside the folder of all sessions.
#[must_use]
pub fn page(session: &Session) -> String {
    page::render(&view::View::new(session))
}

/// The same, with its flamegraphs in another place: `flamegraphs` is the path from the session's folder to the folder
/// that holds those of this session.
#[must_use]
pub fn page_with_flamegraphs(session: &Session, flamegraphs: &Path) -> String {
    let mut view = view::View::new(session);
    view.flamegraphs = link::to(flamegraphs);
    page::render(&view)
}

/// The verdicts of a session in Markdown, for a pull request.
#[must_use]
pub fn summary(session: &Session) -> String {
    summary::render(&view::View::new(session))
}

/// The page of all sessions: what was measured when, and how the maps' throughput moved. Links lead to
/// `<id>/index.html` beside it.
#[must_use]
pub fn trends(sessions: &[Session]) -> String {
    trends::render(sessions)
}
