//! Findings: what a load shows of a library, for those who keep it. A finding is a file; its figures are measured when
//! its evidence is written.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::fault::{Fault, Reader};
use crate::figure::Figure;
use crate::placed::Placed;
use crate::schema::read_as;
use crate::whole;

/// The folder of findings, among the workloads.
pub const FINDINGS_FOLDER: &str = "findings";

/// What a load shows of a library. What must hold of it stands in the workload, as expectations.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its name, which is that of its file.
    pub name: String,
    /// What happens, in one sentence.
    pub title: String,
    /// The library, as those who keep it call it.
    pub library: String,
    /// The workload that shows it.
    pub workload: String,
    /// The maps that play, names or globs, with one that does not show it.
    pub maps: Vec<String>,
    /// The figure that shows it.
    pub figure: Figure,
    /// What happens and why, in Markdown. It holds no figure: those are measured.
    pub about: String,
    /// The release of Go whose own maps play too.
    pub go: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindingWire {
    /// What happens, in one sentence.
    title: Placed<String>,
    /// The library, as those who keep it call it.
    library: Placed<String>,
    /// The workload that shows it.
    workload: Placed<String>,
    /// The maps that play, names or globs, with one that does not show it.
    maps: Placed<Vec<String>>,
    /// The figure that shows it.
    #[schemars(with = "Figure")]
    figure: Placed<String>,
    /// What happens and why, in Markdown and without figures.
    about: Placed<String>,
    /// The release of Go whose own maps play too.
    go: Option<Placed<String>>,
}

read_as!(Finding, FindingWire, "Finding");

impl Finding {
    /// Reads the file of a finding.
    pub fn read(file: &Path) -> Result<Self, Fault> {
        let text = whole::read_text(file)
            .map_err(|error| Fault::of_file(file, format!("cannot be read: {error}")))?;
        Self::parse(&text, file)
    }

    /// Parses the text of a finding; `file` names it in errors, and gives it its name.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Fault> {
        let wire: FindingWire = toml::from_str(text).map_err(|error| Fault::from_toml(file, text, &error))?;
        let reader = Reader::new(text, file);
        let said = |field: &str, place: &Placed<String>| match place.get_ref().trim() {
            "" => Err(reader.fault(place, field, "is empty")),
            said => Ok(said.to_owned()),
        };
        let figure = Figure::parse(wire.figure.get_ref())
            .map_err(|error| reader.fault(&wire.figure, "figure", error.to_string()))?;
        let maps = wire.maps.get_ref();
        if maps.is_empty() || maps.iter().any(String::is_empty) {
            return Err(reader.fault(
                &wire.maps,
                "maps",
                "names no map; name the one it is about, and one beside it",
            ));
        }
        let is_release = |release: &str| release.split('.').all(|part| part.parse::<u32>().is_ok());
        let go = wire.go.as_ref();
        if let Some(place) = go.filter(|place| !is_release(place.get_ref())) {
            return Err(reader.fault(place, "go", "is no release; such as \"1.27.3\""));
        }
        Ok(Self {
            name: file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            title: said("title", &wire.title)?,
            library: said("library", &wire.library)?,
            workload: said("workload", &wire.workload)?,
            maps: maps.clone(),
            figure,
            about: said("about", &wire.about)?,
            go: go.map(|place| place.get_ref().clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title = \"A table grows.\"\nlibrary = \"papaya\"\nworkload = \"returning-key\"\n\
                        maps = [\"papaya\", \"std\"]\nfigure = \"peak/fresh\"\nabout = '''\nIt grows.\n'''\ngo = \"1.27.3\"\n";

    fn parse(text: &str) -> Result<Finding, String> {
        Finding::parse(text, Path::new("findings/papaya.toml")).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_finding_has_the_name_of_its_file() {
        let finding = parse(GOOD).unwrap();
        assert_eq!((finding.name.as_str(), finding.figure), ("papaya", Figure::PeakOverFresh));
        assert_eq!((finding.about.as_str(), finding.go.as_deref()), ("It grows.", Some("1.27.3")));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (from, to, said) in [
            ("peak/fresh", "peek", "findings/papaya.toml:5: figure: there is no figure `peek`"),
            ("[\"papaya\", \"std\"]", "[]", "findings/papaya.toml:4: maps: names no map"),
            ("A table grows.", " ", "findings/papaya.toml:1: title: is empty"),
            ("1.27.3", "the newest", ":9: go: is no release"),
            ("library", "libary", "libary"),
        ] {
            let error = parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
