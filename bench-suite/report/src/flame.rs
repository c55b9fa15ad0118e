//! Flamegraphs of time and of memory: folded stacks in, SVG out; and the profile for pprof.

mod folded;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use formats::observation::{HeapProfile, HeapStacks, Stacks};
use formats::session::Session;
use formats::shown::shown_text;
use inferno::differential;
use inferno::flamegraph::color::{BackgroundColor, BasicPalette, Color, MultiPalette, Palette};
use inferno::flamegraph::{self, Options, TextTruncateDirection};
use maud::{Markup, html};

pub(crate) use self::folded::{Function, functions, printable};
use crate::file_name::file_name;
use crate::number;
use crate::view::View;

/// The CPU profile of one map on one workload, in three forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlameFiles {
    /// Folded stacks as they were observed, sorted: `outer;inner count` lines.
    pub folded: String,
    /// The flamegraph. Generic arguments and traits are left out of its names; without a sample it says so.
    pub svg: String,
    /// The profile in pprof's format, gzipped; empty when there is none.
    pub pb_gz: Vec<u8>,
    /// Why there is no profile although there should be one.
    pub problem: Option<String>,
}

/// The width of a flamegraph, in pixels.
const WIDTH: usize = 1120;

/// The files of all flamegraphs of a session, as paths below the session's folder and bytes.
#[must_use]
pub fn files(session: &Session) -> Vec<(String, Vec<u8>)> {
    of_view(&View::new(session))
}

pub(crate) fn of_view(view: &View<'_>) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for workload in &view.workloads {
        for result in &workload.results {
            let path = format!("{}/{}", file_name(workload.name), file_name(result.map));
            if let Some(stacks) = result.first::<Stacks>() {
                let flame = of(workload.name, result.map, stacks);
                files.push((format!("{path}.folded"), flame.folded.into_bytes()));
                files.push((format!("{path}.svg"), flame.svg.into_bytes()));
                if !flame.pb_gz.is_empty() {
                    files.push((format!("{path}.pb.gz"), flame.pb_gz));
                }
            }
            if let Some(seen) = result.first::<HeapStacks>() {
                let title = format!("{} on {}", result.map, workload.name);
                heap(&path, &title, seen, &mut files);
            }
        }
    }
    files
}

/// The three forms of one CPU profile.
#[must_use]
pub fn of(workload: &str, map: &str, stacks: &Stacks) -> FlameFiles {
    let (pb_gz, problem) = match BASE64.decode(&stacks.profile) {
        Ok(bytes) => (bytes, None),
        Err(error) => (Vec::new(), Some(format!("the profile is no base64: {error}"))),
    };
    let title = format!("{map} on {workload}");
    let folded = shown_text(folded::sorted(&stacks.folded));
    FlameFiles { folded, svg: Graph::of_cpu(&title, stacks).draw(true), pb_gz, problem }
}

/// What is held, what was churned, and the profile of both.
fn heap(path: &str, title: &str, seen: &HeapStacks, files: &mut Vec<(String, Vec<u8>)>) {
    let of = [
        ("heap", &seen.live, "held when the tape ends"),
        ("churned", &seen.churned, "allocated and freed again"),
    ];
    for (name, profile, what) in of {
        files.push((
            format!("{path}.{name}.folded"),
            shown_text(folded::sorted(&profile.folded)).into_bytes(),
        ));
        let svg = Graph::of_heap(title, seen, profile, what).draw(true);
        files.push((format!("{path}.{name}.svg"), svg.into_bytes()));
    }
    let packed = BASE64.decode(&seen.profile).unwrap_or_default();
    if !packed.is_empty() {
        files.push((format!("{path}.heap.pb.gz"), packed));
    }
}

/// How the profile of a head differs from that of its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differential {
    /// `outer;inner base head` lines, the base scaled to the sum of the head.
    pub folded: String,
    /// The flamegraph: as wide as the head, red where the head has more, blue where it has less.
    pub svg: String,
}

/// Compares folded stacks of a head with those of its base. Only shares count: both sides are scaled to the same
/// sum. `None` where a side has no stack.
#[must_use]
pub fn differential(title: &str, base_folded: &str, head_folded: &str) -> Option<Differential> {
    let (base, head) = (folded::readable(base_folded), folded::readable(head_folded));
    if base.is_empty() || head.is_empty() {
        return None;
    }
    let both = paired(&base, &head);
    let mut options = options(
        &format!("{title}: head against base, as wide as the head"),
        "Red: larger share in the head. Blue: smaller. Both sides are scaled to the same total.",
    );
    options.colors = Palette::Basic(BasicPalette::Hot);
    let svg = render(&mut options, both.iter().map(String::as_str), title);
    Some(Differential { folded: both.join("\n") + "\n", svg })
}

/// The stacks of both sides with their two counts, sorted.
fn paired(base: &[String], wide: &[String]) -> Vec<String> {
    let mut both = Vec::new();
    let settings = differential::Options { normalize: true, strip_hex: true };
    let (base, wide) = (base.join("\n"), wide.join("\n"));
    // Reading from and writing to memory does not fail; nothing to compare is an empty graph.
    let _ = differential::from_readers(settings, base.as_bytes(), wide.as_bytes(), &mut both);
    let mut both: Vec<String> = String::from_utf8_lossy(&both).lines().map(str::to_owned).collect();
    both.sort_unstable();
    both
}

/// What a flamegraph shows.
pub(crate) struct Graph<'a> {
    title: &'a str,
    pub(crate) subtitle: String,
    /// What the stacks count.
    unit: &'static str,
    folded: &'a str,
}

impl<'a> Graph<'a> {
    /// The graph of a CPU profile.
    pub(crate) fn of_cpu(title: &'a str, stacks: &'a Stacks) -> Self {
        Self { title, subtitle: sampling(stacks), unit: "samples", folded: &stacks.folded }
    }

    /// The graph of one part of a heap profile, and what that is.
    pub(crate) fn of_heap(title: &'a str, seen: &HeapStacks, profile: &'a HeapProfile, what: &str) -> Self {
        let bytes = number::bytes(profile.bytes as f64);
        let (samples, every) = (number::count(profile.samples), number::bytes(seen.every_bytes as f64));
        let subtitle = format!("{bytes} {what}, by {samples} samples, one every {every}");
        Self { title, subtitle, unit: "bytes", folded: &profile.folded }
    }

    /// As SVG, with the script that zooms and searches or without.
    pub(crate) fn draw(&self, script: bool) -> String {
        let lines = folded::readable(self.folded);
        let mut options = options(self.title, &self.subtitle);
        self.unit.clone_into(&mut options.count_name);
        options.no_javascript = !script;
        // An embedded graph is one of many on a page; what is narrower than two pixels shows no name anyway.
        options.min_width = if script { 0.05 } else { 0.2 };
        let svg = render(&mut options, lines.iter().map(String::as_str), self.title);
        if script { svg } else { without_script(&svg) }
    }
}

/// A graph on a page, which is drawn when somebody looks at it.
pub(crate) fn embedded(graph: &Graph<'_>) -> Markup {
    let svg = graph.draw(false);
    let height = height(&svg);
    html! {
        iframe title=(format!("Flamegraph: {}", graph.title)) style=(format!("aspect-ratio:{WIDTH}/{height}")) loading="lazy"
            data-src=(format!("data:image/svg+xml;base64,{}", BASE64.encode(svg))) {}
    }
}

/// The height that the drawing names.
fn height(svg: &str) -> u32 {
    let named = svg.split_once(" height=\"").and_then(|(_, rest)| rest.split_once('"'));
    named.and_then(|(height, _)| height.parse().ok()).unwrap_or(200)
}

/// How many samples arrived, and how many were due.
fn sampling(stacks: &Stacks) -> String {
    let due = f64::from(stacks.hz) * stacks.cpu_ns as f64 / 1e9;
    format!("{} of {due:.0} expected samples at {} Hz of CPU time", stacks.samples, stacks.hz)
}

fn options(title: &str, subtitle: &str) -> Options<'static> {
    let mut options = Options::default();
    options.title = folded::printable(title);
    options.subtitle = Some(folded::printable(subtitle));
    "samples".clone_into(&mut options.count_name);
    options.image_width = Some(WIDTH);
    options.colors = Palette::Multi(MultiPalette::Rust);
    options.bgcolors = Some(BackgroundColor::Flat(Color { r: 255, g: 255, b: 255 }));
    options.deterministic = true;
    "sans-serif".clone_into(&mut options.font_type);
    options.text_truncate_direction = TextTruncateDirection::Right;
    options
}

fn render<'a>(options: &mut Options<'_>, lines: impl Iterator<Item = &'a str>, title: &str) -> String {
    let mut svg = Vec::new();
    match flamegraph::from_lines(options, lines, &mut svg) {
        Ok(()) => shown_text(themed(&String::from_utf8_lossy(&svg))),
        Err(_) => nothing(title),
    }
}

const THEME: &str = "<style>@media(prefers-color-scheme:dark){svg{background:#15181c}\
    svg>rect:first-of-type{fill:#15181c}#title,#subtitle,#details,#search,#matched,#unzoom{fill:#e8eaed}\
    #frames>g>rect{filter:brightness(.86)}}</style>";

/// Follows the reader's theme; the library knows one only.
fn themed(svg: &str) -> String {
    let place = svg.find("<svg").and_then(|start| Some(start + svg[start..].find('>')? + 1));
    let place = place.unwrap_or(0);
    format!("{}{THEME}{}", &svg[..place], &svg[place..])
}

/// Takes out the script, what calls it and what needs it.
fn without_script(svg: &str) -> String {
    let svg = match (svg.find("<script"), svg.find("</script>")) {
        (Some(start), Some(end)) if start < end => format!("{}{}", &svg[..start], &svg[end + 9..]),
        _ => svg.to_owned(),
    };
    svg.replacen(" onload=\"init(evt)\"", "", 1).replacen("id=\"search\"", "id=\"search\" class=\"hide\"", 1)
}

fn nothing(title: &str) -> String {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(WIDTH) height="80" viewBox=(format!("0 0 {WIDTH} 80")) {
            (maud::PreEscaped(THEME))
            text #title x=(WIDTH / 2) y="30" text-anchor="middle" font-family="sans-serif" font-size="17" {
                (folded::printable(title))
            }
            text #subtitle x=(WIDTH / 2) y="56" text-anchor="middle" font-family="sans-serif" font-size="12" {
                "No sample was taken: the profile is empty."
            }
        }
    }
    .into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stacks(folded: &str) -> Stacks {
        let samples = folded.lines().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
        Stacks {
            hz: 99,
            samples,
            outside: 0,
            cpu_ns: 1_000_000_000,
            plays: 1,
            folded: folded.into(),
            profile: "H4sI".into(),
        }
    }

    #[test]
    fn a_graph_is_the_same_bytes_twice_and_carries_its_names() {
        let stacks = stacks("play;b::insert<u64> 3\nplay;a::remove 7\n");
        let flame = of("fifo", "std", &stacks);
        assert_eq!(flame, of("fifo", "std", &stacks));
        assert_eq!(flame.folded, "play;a::remove 7\nplay;b::insert<u64> 3\n");
        assert!(flame.svg.contains("std on fifo") && flame.svg.contains("a::remove (7 samples, 70.00%)"));
        assert!(flame.svg.contains("b::insert (3 samples"), "generic arguments are left out");
        assert!(flame.svg.contains("10 of 99 expected samples"));
        assert_eq!(flame.pb_gz, [0x1f, 0x8b, 0x08]);
    }

    #[test]
    fn an_embedded_graph_has_no_script() {
        let svg = Graph::of_cpu("a", &stacks("x;y 1")).draw(false);
        assert!(!svg.contains("<script") && !svg.contains("onload") && svg.contains("</svg>"), "{svg}");
    }

    #[test]
    fn no_samples_are_said_to_be_none() {
        for folded in ["", "\n\n", "no count here", "x 0"] {
            let flame = of("w", "<m>", &stacks(folded));
            assert!(flame.svg.contains("No sample was taken") && flame.svg.contains("&lt;m&gt;"), "{folded}");
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let svg =
            Graph::of_cpu("]]><script>1", &stacks("<script>alert(1)</script>;\"onload=x ]]> 4")).draw(false);
        assert!(!svg.contains("<script") && !svg.contains("\"onload=x"), "{svg}");
        let svg = Graph::of_cpu("</script><b>", &stacks("a;</script><script>alert(1)//\u{1} 4")).draw(true);
        assert_eq!(svg.matches("<script").count(), 1);
        assert!(!svg.contains('\u{1}'));
    }

    /// The red, green and blue of a frame.
    fn colour(svg: &str, frame: &str) -> [u8; 3] {
        let after = &svg[svg.find(&format!("<title>{frame} (")).unwrap()..];
        let fill = after.split("fill=\"rgb(").nth(1).unwrap().split(')').next().unwrap();
        let results: Vec<u8> = fill.split(',').map(|result| result.trim().parse().unwrap()).collect();
        results.try_into().unwrap()
    }

    #[test]
    fn a_frame_that_grew_is_red_and_one_that_shrank_is_blue() {
        // The head has twice the samples: only what grew by more than that grew.
        let base = "play;insert;probe 50\nplay;insert;rehash 10\nplay;remove 40\n";
        let head = "play;insert;probe 100\nplay;insert;rehash 60\nplay;remove 40\n";
        let found = differential("go-swiss on <fifo>", base, head).unwrap();
        assert!(found.folded.contains("play;insert;rehash 20 60\n"), "{}", found.folded);
        let [red, green, blue] = colour(&found.svg, "rehash");
        assert!(red == 255 && green < 200 && blue < 200, "{red} {green} {blue}");
        let [red, green, blue] = colour(&found.svg, "remove");
        assert!(blue == 255 && red < 200 && green < 200, "{red} {green} {blue}");
        let [red, green, blue] = colour(&found.svg, "probe");
        assert!(red == green && green == blue, "a frame with the same share has no colour");
        assert!(found.svg.contains("go-swiss on &lt;fifo&gt;: head against base, as wide as the head"));
        assert_eq!(differential("m", "", head), None);
        assert_eq!(differential("m", base, "no count"), None);
    }

    #[test]
    fn a_damaged_profile_is_named() {
        let mut damaged = stacks("a 1");
        damaged.profile = "%".into();
        assert!(of("w", "m", &damaged).problem.is_some_and(|problem| problem.contains("base64")));
    }
}
