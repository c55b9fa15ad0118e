//! Workflow commands of GitHub: lines on stdout that it shows beside the files of a pull request.

use formats::gate::{Conclusion, Gate};

use super::finding::{Status, findings, workload_file};
use super::summary_line::summary_line;
use crate::flame::printable;

/// GitHub shows so many annotations of one level for each step, and drops the others in silence.
const SHOWN: usize = 10;

/// One line for each thing to look at, the gravest first, each at the file of its workload in the folder `workloads`;
/// at none where the workloads are in no file of the repository. What is beyond GitHub's limit is counted.
#[must_use]
pub fn annotations(gate: &Gate, workloads: Option<&str>) -> String {
    let found = findings(gate);
    let file = |workload: &str| {
        workloads.filter(|_| !workload.is_empty()).map(|folder| workload_file(folder, workload))
    };
    let mut all: Vec<Annotation> = gate
        .controls
        .iter()
        .filter(|control| !control.passed)
        .map(|control| Annotation::new(Level::Error, control.kind.name(), None, &control.said))
        .collect();
    for status in Status::ALL {
        let Some(level) = level(status, gate.conclusion) else { continue };
        for one in found.iter().filter(|one| one.status == status) {
            let title = format!("{}: {}", status.title(), one.title());
            all.push(Annotation::new(level, &title, file(one.workload), &one.sentence()));
        }
    }
    for one in &gate.not_compared {
        let level = if one.fails { Level::Error } else { Level::Notice };
        all.push(Annotation::new(
            level,
            "Not compared",
            file(&one.workload),
            &super::text::not_compared(one),
        ));
    }
    if gate.conclusion != Conclusion::Passed && !all.iter().any(|one| one.level == Level::Error) {
        all.push(Annotation::new(Level::Error, "Gate", None, &summary_line(gate)));
    }
    [Level::Error, Level::Warning, Level::Notice].into_iter().map(|level| lines(&all, level)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

const fn level(status: Status, conclusion: Conclusion) -> Option<Level> {
    match status {
        Status::Regressed => Some(Level::Error),
        Status::Inconclusive if matches!(conclusion, Conclusion::Inconclusive) => Some(Level::Error),
        Status::Advisory | Status::Inconclusive => Some(Level::Warning),
        Status::Waived | Status::Improved => Some(Level::Notice),
        Status::Told | Status::Unchanged => None,
    }
}

struct Annotation {
    level: Level,
    title: String,
    file: Option<String>,
    message: String,
}

impl Annotation {
    fn new(level: Level, title: &str, file: Option<String>, message: &str) -> Self {
        Self { level, title: title.to_owned(), file, message: message.to_owned() }
    }

    fn line(&self) -> String {
        let file = self.file.as_deref().map_or_else(String::new, |file| format!(",file={}", property(file)));
        let (command, title) = (self.level.command(), property(&self.title));
        format!("::{command} title={title}{file}::{}\n", message(&self.message))
    }
}

fn lines(all: &[Annotation], level: Level) -> String {
    let of_level: Vec<&Annotation> = all.iter().filter(|one| one.level == level).collect();
    let room = if of_level.len() > SHOWN { SHOWN - 1 } else { SHOWN };
    let mut out: String = of_level.iter().take(room).map(|one| one.line()).collect();
    if of_level.len() > room {
        let text = format!("{} more, in the summary of this step", of_level.len() - room);
        out += &Annotation::new(level, "And others", None, &text).line();
    }
    out
}

/// What stands behind the second `::`. GitHub decodes `%25`, `%0D` and `%0A` there.
fn message(text: &str) -> String {
    printable_but_breaks(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value; `:` and `,` would end it.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Line breaks can be told to GitHub, other control characters cannot.
fn printable_but_breaks(text: &str) -> String {
    text.split_inclusive(['\r', '\n'])
        .map(|line| {
            let bare = line.trim_end_matches(['\r', '\n']);
            printable(bare) + &line[bare.len()..]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::gate::{gate, passed};

    #[test]
    fn text_is_escaped_as_github_decodes_it() {
        assert_eq!(message("50 % of\r\na: b, c"), "50 %25 of%0D%0Aa: b, c");
        assert_eq!(property("50 %, a:b\n"), "50 %25%2C a%3Ab%0A");
        assert_eq!(message("%0A"), "%250A", "what looks escaped is not");
        assert_eq!(message("\u{1b}[1m"), "\u{fffd}[1m");
    }

    #[test]
    fn a_regression_is_an_error_at_its_workload() {
        let text = annotations(&gate(), Some("workloads"));
        let first = text.lines().next().unwrap();
        assert_eq!(
            first,
            "::error title=Regressed%3A total CPU,file=workloads/fifo-window.toml::go-swiss on fifo-window: total CPU \
             1.083 (1.062 to 1.104): 14 pairs, p 6.1e-5"
        );
        assert!(text.contains("::warning title=Regressed%2C advisory%3A instructions,"));
        assert!(text.contains("::notice title=Regressed%2C waived%3A allocated bytes,"));
        assert_eq!(annotations(&passed(), Some("workloads")), "");
    }

    #[test]
    fn no_file_is_named_that_is_not_there() {
        assert!(!annotations(&gate(), None).contains("file="));
        assert!(annotations(&gate(), Some("bench/loads")).contains(",file=bench/loads/fifo-window.toml::"));
    }

    #[test]
    fn no_name_starts_a_command_of_its_own() {
        let mut gate = gate();
        for one in &mut gate.timing {
            one.map = "x\n::error::y".into();
            one.workload = "../a,title=b::c\n::set-output".into();
        }
        for line in annotations(&gate, Some("workloads")).lines() {
            let starts = ["::error title=", "::warning title=", "::notice title="];
            assert!(starts.iter().any(|start| line.starts_with(start)), "{line}");
            let properties = line[2..].split("::").next().unwrap();
            assert!(!properties.contains(",title=") && !properties.contains(".."), "{line}");
        }
    }

    #[test]
    fn what_github_would_drop_is_counted() {
        let mut gate = gate();
        gate.timing = vec![gate.timing[3].clone(); 30];
        gate.exact.clear();
        let text = annotations(&gate, Some("workloads"));
        assert_eq!(text.lines().filter(|line| line.starts_with("::error")).count(), SHOWN);
        assert!(text.contains("::error title=And others::21 more"));
    }

    #[test]
    fn a_gate_that_fails_is_never_silent() {
        let mut gate = passed();
        gate.conclusion = Conclusion::NothingCompared;
        assert!(
            annotations(&gate, Some("workloads")).starts_with("::error title=Gate::GATE: NOTHING COMPARED")
        );
    }
}
