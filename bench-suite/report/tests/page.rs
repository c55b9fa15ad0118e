//! The pages as a whole: always the same bytes, whole without a network, and whatever a name holds stays text.

mod golden;
mod sample;

use formats::session::Session;
use golden::golden;
use proptest::prelude::*;

/// The page without what is in base64: any three letters may stand there.
fn without_pictures(page: &str) -> String {
    let mut page = page.to_owned();
    while let Some(start) = page.find("base64,") {
        let end = start + page[start..].find('"').unwrap();
        page.replace_range(start..end, "…");
    }
    page
}

/// One tag a line, and no flamegraph: a difference that a person can read.
fn broken_into_lines(page: &str) -> String {
    let page = page.replace("><", ">\n<");
    let start = page.find("<style>").unwrap();
    let end = page.find("</style>").unwrap();
    let page = format!("{}{}", &page[..start], &page[end..]);
    let script = page.rfind("<script>").unwrap();
    without_pictures(&page[..script])
}

#[test]
fn pages_are_as_they_were() {
    let session = sample::sized(&sample::MAPS[..4], &["fifo-window"], 5, 6);
    golden("page.html", &broken_into_lines(&report::page(&session)));
    golden("summary.md", &report::summary(&session));
}

#[test]
fn the_same_session_gives_the_same_bytes() {
    let session = sample::session();
    assert_eq!(report::page(&session), report::page(&session));
    assert_eq!(report::summary(&session), report::summary(&session));
    assert_eq!(report::export::files(&session), report::export::files(&session));
    assert_eq!(report::flame::files(&session), report::flame::files(&session));
    assert_eq!(report::trends(std::slice::from_ref(&session)), report::trends(&[session]));
}

#[test]
fn what_waits_to_be_freed_is_told_of_maps_that_let_it_wait() {
    let page = report::page(&sample::sized(&["hashbrown", "papaya"], &["fifo-window"], 2, 6));
    assert!(page.contains("At the end of the tape, papaya holds "));
    let few = report::page(&sample::sized(&sample::MAPS[..4], &["fifo-window"], 2, 6));
    assert!(!few.contains("waiting to be freed"));
}

#[test]
fn points_of_one_workload_are_a_curve() {
    let session = sample::swept(&sample::MAPS[..4], &[1000, 1_000_000]);
    let page = report::page(&session);
    for held in
        ["id=\"sweep1-cost\"", "id=\"sweep1-bytes\"", "id=\"sweep1-p999\"", "live entries", "1,000,000 live"]
    {
        assert!(page.contains(held), "{held}");
    }
    let files = report::export::files(&session);
    let csv = files.iter().find(|(name, _)| name == "sweeps.csv").expect("points as CSV");
    let text = String::from_utf8(csv.1.clone()).unwrap();
    assert!(
        text.starts_with("workload,live,threads,values,map,ns_per_op,")
            && text.contains("\nsizes,1000000,,,btree,"),
        "{text}"
    );
    // One point is no curve, and a workload that is not swept has none.
    for alone in [sample::swept(&sample::MAPS[..4], &[1000]), sample::session()] {
        assert!(!report::page(&alone).contains("id=\"sweeps\""));
    }
}

#[test]
fn a_film_is_exported_as_figures_and_as_a_picture() {
    let files = report::export::files(&sample::session());
    let of = |ending: &str| files.iter().filter(|(name, _)| name.ends_with(ending)).collect::<Vec<_>>();
    let (figures, pictures) = (of(".film.csv"), of(".film.png"));
    assert!(!pictures.is_empty() && pictures.len() == figures.len(), "{} {}", pictures.len(), figures.len());
    assert!(pictures.iter().all(|(_, bytes)| bytes.starts_with(b"\x89PNG")));
}

#[test]
fn a_page_asks_for_nothing() {
    let page = report::page(&sample::session());
    for attribute in ["src=\"", "href=\""] {
        for (at, _) in page.match_indices(attribute) {
            let target = &page[at + attribute.len()..];
            let target = &target[..target.find('"').unwrap()];
            let known = [
                "#",
                "data:",
                "../",
                "session.json",
                "runs.jsonl.gz",
                "gate.json",
                "pairs.jsonl",
                "summary.md",
                "data/",
            ];
            assert!(known.iter().any(|start| target.starts_with(start)), "{target}");
        }
    }
    assert!(!page.contains("@import") && !page.contains("url("));
}

#[test]
fn a_page_of_seventeen_maps_stays_below_800_kb_a_workload() {
    let workloads: Vec<String> = (0..3).map(|at| format!("workload-{at}")).collect();
    let workloads: Vec<&str> = workloads.iter().map(String::as_str).collect();
    let page = report::page(&sample::sized(&sample::MAPS, &workloads, 2, 100));
    assert!(page.len() < 3 * 800_000, "{} bytes", page.len());
}

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"onload=\"alert(1)",
    "]]><script>alert(2)</script>",
    "'><img src=x onerror=alert(3)>",
    "</style></svg></title><script>alert(4)//",
    "../../etc/passwd\n`|**",
];

#[test]
fn names_stay_text() {
    for name in HOSTILE {
        let mut session = sample::sized(&["hashbrown", name], &[name], 2, 4);
        session.manifest.id = name.into();
        session.manifest.toolchain = name.into();
        session.manifest.noise.clear();
        sample::gate::rename(session.gate.as_mut().unwrap(), name);
        let text = serde_json::to_string(&session.runs).unwrap();
        let text = text.replace("play::play", serde_json::to_string(name).unwrap().trim_matches('"'));
        session.runs = serde_json::from_str(&text).unwrap();
        let harmless = report::page(&sample::sized(&["hashbrown", "other"], &["plain"], 2, 4));
        let page = report::page(&session);
        for tag in ["<script", "<img", "</style>", "</title>", "<svg"] {
            assert_eq!(page.matches(tag).count(), harmless.matches(tag).count(), "{tag} for {name}");
        }
        assert!(!page.contains("\"onload") && !page.contains(" onerror=alert(3)>"), "{name}");
        for (path, bytes) in report::export::files(&session).into_iter().chain(report::flame::files(&session))
        {
            assert!(path.split('/').all(|part| !part.is_empty() && !part.starts_with('.')), "{path}");
            let text = String::from_utf8_lossy(&bytes);
            if path.rsplit('.').next() == Some("svg") {
                assert_eq!(text.matches("<script").count(), 1, "{name}");
                assert!(!text.contains("\"onload=\"alert"), "{name}");
            }
            if path.rsplit('.').next() == Some("json") {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
            }
        }
        let summary = report::summary(&session);
        assert!(!summary.contains("<script") && !summary.contains("<img"), "{summary}");
        assert!(!report::trends(&[session]).contains("<img"));
    }
}

/// Sessions with things missing: runs lost, passes failed, tapes and maps that nobody described.
fn damaged() -> impl Strategy<Value = Session> {
    let mask = prop::collection::vec(any::<bool>(), 60);
    (mask, 0_usize..4, any::<bool>(), any::<bool>(), 0_u32..7, 1_u64..5).prop_map(
        |(mask, maps, no_tapes, no_programs, rounds, windows)| {
            let mut session =
                sample::sized(&sample::MAPS[..maps.max(1)], &["a", "b"], rounds.max(1), windows);
            let mut keep = mask.iter().cycle();
            session.runs.retain(|_| *keep.next().unwrap());
            if no_tapes {
                session.manifest.tapes.clear();
            }
            if no_programs {
                session.manifest.programs.clear();
                session.manifest.noise.clear();
            }
            session
        },
    )
}

/// Replaces figures by those that make quotients and logarithms fail.
fn with_figures(session: &Session, figure: &str) -> Session {
    let mut runs = serde_json::to_value(&session.runs).unwrap();
    let figure: serde_json::Value = serde_json::from_str(figure).unwrap();
    replace(&mut runs, &figure);
    Session { runs: serde_json::from_value(runs).unwrap(), ..session.clone() }
}

fn replace(value: &mut serde_json::Value, figure: &serde_json::Value) {
    const KEPT: [&str; 8] =
        ["schema", "round", "hz", "plays", "thread", "distance_sampling", "signal", "balance"];
    match value {
        serde_json::Value::Object(fields) => {
            let open = fields.iter_mut().filter(|(name, _)| !KEPT.contains(&name.as_str()));
            open.for_each(|(_, value)| replace(value, figure));
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace(item, figure)),
        serde_json::Value::Number(number) if number.is_u64() => *value = figure.clone(),
        _ => {}
    }
}

fn render_all(session: &Session) {
    for page in
        [report::page(session), report::summary(session), report::trends(std::slice::from_ref(session))]
    {
        let page = page.rsplit_once("<script>").map_or(page.as_str(), |(page, _)| page);
        let page = without_pictures(page);
        for wrong in ["NaN", ">inf", "\"inf", " inf"] {
            assert!(
                !page.contains(wrong),
                "{wrong}: {}",
                &page[page.find(wrong).unwrap().saturating_sub(200)..]
            );
        }
    }
    assert!(!report::export::files(session).is_empty());
    let _ = report::flame::files(session);
}

#[test]
fn where_the_reference_does_not_play_the_first_map_is_one_and_no_slot_manager() {
    let mut session = sample::sized(&["slots", "map", "other"], &["fifo-window"], 5, 6);
    session.manifest.reference = "elsewhere".into();
    let against = |session: &Session, map: &str| {
        report::page(session).contains(&format!("<th scope=\"col\">vs {map}</th>"))
    };
    assert!(against(&session, "slots"));
    session.manifest.programs[0].maps[0].kind = formats::subject::MapKind::SharedSlots;
    assert!(against(&session, "map"));
}

#[test]
fn an_empty_session_has_a_page() {
    let mut session = sample::session();
    session.runs.clear();
    render_all(&session);
    session.manifest.passes.clear();
    session.manifest.tapes.clear();
    session.manifest.programs.clear();
    session.manifest.noise.clear();
    render_all(&session);
    assert!(report::page(&session).contains("Gate: regressed"), "a gate needs no pass");
    assert!(!report::page(&session).contains("Nothing was measured"));
    session.gate = None;
    render_all(&session);
    let page = report::page(&session);
    assert!(page.contains("Nothing was measured") && !page.contains("Against the baseline"));
    assert!(report::trends(&[]).contains("No session yet"));
}

#[test]
fn zeros_and_giants_are_figures_too() {
    for figure in ["0", "1", "18446744073709551615"] {
        render_all(&with_figures(&sample::sized(&sample::MAPS[..4], &["a"], 5, 3), figure));
    }
}

#[test]
fn only_failures_are_told() {
    let mut session = sample::session();
    session.runs.retain(|run| run.observation().is_none());
    let page = report::page(&session);
    assert!(page.contains("crashed: signal 11") && page.contains("memory fault at 0x0"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_missing_never_panics(session in damaged()) {
        render_all(&session);
    }
}
