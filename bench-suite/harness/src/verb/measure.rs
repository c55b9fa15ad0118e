//! `measure`: plays, keeps every run as it ends, and writes the report.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use formats::observation::SCHEMA;
use formats::point::base_name;
use formats::run::{Pass, Run};
use formats::session::{Journal, Manifest, Session};
use formats::subject::{MapInfo, MapKind};

use crate::catalogue::{self, Catalogue, Entry};
use crate::exit::ExitStatus;
use crate::folder::{self, Partial};
use crate::interrupt::{Held, Interrupt};
use crate::metrics_file::MetricsFile;
use crate::output::{self, Format};
use crate::pick;
use crate::places::Places;
use crate::plan::{self, Request};
use crate::programs::Programs;
use crate::runner::Runner;
use crate::select::Selection;
use crate::stderr::{self, tell};
use crate::suites::{self, SuitesFile};
use crate::tapes::{self, TapeFiles};
use crate::{kept, machine, noise, publish};

/// How long the noise floor is looked at before and after a session.
pub(crate) const NOISE_TIME: Duration = Duration::from_millis(200);
/// The map that others are compared with, if nobody says otherwise.
const REFERENCE: &str = "hashbrown";

/// What to measure, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long, value_name = "NAME", default_value = "standard", help = help_of_suite())]
    suite: String,
    #[command(flatten)]
    suites: SuitesFile,
    /// Collectors, as names or globs
    #[arg(
        short,
        long = "collector",
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    collectors: Vec<String>,
    /// Number of rounds in which maps are compared: of throughput, of latency where a load has a schedule
    #[arg(long, value_name = "N", value_parser = rounds)]
    rounds: Option<NonZeroU32>,
    /// Map that the others are compared with [default: hashbrown, if it plays]
    #[arg(long, value_name = "MAP")]
    reference: Option<String>,
    /// Let each map for one thread take turns with the reference map for throughput, on one processor: intervals are
    /// narrower on a machine that drifts, and the two share their caches, as in the gate
    #[arg(long)]
    in_turn: bool,
    /// Seed for the order of the maps within a round
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Kill a child process after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = super::seconds)]
    timeout: f64,
    /// Continue an interrupted session: the one in FOLDER, or the newest
    #[arg(long, value_name = "FOLDER", num_args = 0..=1,
          conflicts_with_all = ["suite", "suites", "workloads", "maps", "scale", "collectors", "rounds", "reference", "seed"])]
    #[expect(clippy::option_option, reason = "absent, without a folder, or with one")]
    resume: Option<Option<PathBuf>>,
    /// Write what is known after each pass to FILE, for the textfile collector of Prometheus' node exporter
    #[arg(long, value_name = "FILE")]
    prometheus: Option<PathBuf>,
    /// What to print at the end: the path of the page (text), the summary (markdown), or the answer (json)
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
}

/// A session that is ready to run.
struct Ready<'a> {
    partial: Partial,
    /// From when the folder is there until it is known how to go on with it.
    held: Option<Held<'a>>,
    manifest: Manifest,
    missing: Vec<Pass>,
    tapes: TapeFiles,
    programs: Programs,
    /// How well it ends if every pass does: a workload that was asked for may have been refused.
    lacks: ExitStatus,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let interrupt = Interrupt::listen()?;
    // Found before a folder is made for the session.
    args.prometheus.iter().try_for_each(|file| publish::write(file, b""))?;
    let ready = match &args.resume {
        Some(named) => resume(places, args, named.as_deref())?,
        None => begin(places, args, &interrupt)?,
    };
    let Ready { partial, held, mut manifest, missing, tapes, programs, lacks } = ready;
    let kept = format!("what was measured is kept; {}", how_to_go_on(places, args, &partial));
    interrupt.last_words(format!("; {kept}"));
    drop(held);
    let runner = Runner {
        programs: &programs,
        tapes,
        time: Duration::from_secs_f64(args.timeout),
        timing: true,
        reference: args.in_turn.then_some(manifest.reference.as_str()),
        interrupt: &interrupt,
    };
    // A folder that was taken away keeps nothing that could be gone on with.
    let kept_here = || if partial.is_there() { kept.clone() } else { "the session ends".into() };
    let mut journal = Journal::open(partial.path())?;
    let mut metrics = MetricsFile::begin(args.prometheus.as_deref(), &manifest, partial.path())?;
    let keep = |run: Run| {
        journal.append(&run)?;
        metrics.add(&run);
        Ok(())
    };
    runner.run(&missing, keep).with_context(kept_here)?;
    if interrupt.requested() {
        tell!("churnmark: interrupted; {kept}");
        return Ok(ExitStatus::Interrupted);
    }
    // One before and one after, however often it was interrupted.
    manifest.noise.truncate(1);
    manifest.noise.push(noise::measure(NOISE_TIME));
    manifest.write(partial.path()).with_context(kept_here)?;
    let session = kept::read(partial.path()).with_context(kept_here)?;
    let said = publish::pages(partial.path(), &session, places).with_context(kept_here)?;
    let whole = partial.finish()?;
    publish::pack(&whole);
    interrupt.last_words(format!("; {} is whole", whole.display()));
    sum_up(&session.runs);
    // Data on stdout is what a script asked for, the path of the page by itself; this is for people.
    stderr::write(&report::answer::text(&said.answer));
    output::print(&match args.format {
        Format::Text => format!("{}\n", whole.join(publish::INDEX).display()),
        Format::Markdown => publish::summary(&session),
        Format::Json => serde_json::to_string(&said.answer).context("an answer is JSON")? + "\n",
    })?;
    publish::trends(&whole, places)?;
    Ok(match ExitStatus::of(&session.runs) {
        ExitStatus::Success if said.is_broken => ExitStatus::Broken,
        ExitStatus::Success => lacks,
        failed => failed,
    })
}

/// The command that goes on with the session, as it must be typed here.
fn how_to_go_on(places: &Places, args: &Args, partial: &Partial) -> String {
    let mut words = vec![format!("go on with: churnmark measure --resume {}", partial.path().display())];
    words.extend(args.selection.subjects.iter().map(|subject| format!("--subject {}", subject.display())));
    words.extend(args.in_turn.then(|| "--in-turn".to_string()));
    words.extend(args.prometheus.iter().map(|file| format!("--prometheus {}", file.display())));
    words.extend(args.selection.real_go.then(|| "--real-go".to_string()));
    words.extend(places.arguments());
    words.join(" ")
}

fn begin<'a>(places: &Places, args: &Args, interrupt: &'a Interrupt) -> Result<Ready<'a>> {
    let suites = args.suites.read(places)?;
    let request = Request {
        suite: suites::choose(&suites, &args.suite)?,
        selection: &args.selection,
        collectors: &args.collectors,
        rounds: args.rounds,
        seed: args.seed,
    };
    let catalogue = Catalogue::read(&places.workloads()?, &args.selection.workloads)?;
    let programs = Programs::find_for(&args.selection.programs()?, request.maps_named(&catalogue))?;
    let planned = request.plan(&catalogue, &programs)?;
    let reference = reference(args.reference.as_ref(), &planned.maps)?;
    let tapes = tapes::of(&planned.entries)?;
    let mut manifest = manifest(args, &planned, &programs, reference, &tapes);
    let held = Some(interrupt.hold());
    let partial = Partial::create(&places.reports, &mut manifest)?;
    let lacks = catalogue.status(ExitStatus::Success);
    Ok(Ready { partial, held, missing: manifest.passes.clone(), manifest, tapes, programs, lacks })
}

fn manifest(
    args: &Args,
    planned: &plan::Plan,
    programs: &Programs,
    reference: String,
    tapes: &TapeFiles,
) -> Manifest {
    let (started, machine, revision) = (jiff::Timestamp::now(), machine::describe(), folder::revision());
    Manifest {
        schema: SCHEMA,
        id: folder::id(started, &machine.host, &revision),
        started: started.to_string(),
        revision,
        suite: args.suite.clone(),
        arguments: std::iter::once("churnmark".into()).chain(std::env::args().skip(1)).collect(),
        machine,
        toolchain: env!("CHURNMARK_RUSTC").into(),
        programs: programs.record(&planned.maps),
        reference,
        tapes: tapes.iter().map(|(name, (_, tape))| (name.clone(), tape.clone())).collect(),
        passes: planned.passes.clone(),
        comparisons: Vec::new(),
        left_out: planned.left_out.clone(),
        noise: vec![noise::measure(NOISE_TIME)],
    }
}

/// What `--suite` is for, with the names of the suites.
fn help_of_suite() -> String {
    format!("What to measure where nothing is named: {}, or one of your own", *suites::NAMES)
}

fn rounds(text: &str) -> Result<NonZeroU32, String> {
    let number = text.parse().ok().filter(|rounds: &NonZeroU32| rounds.get() <= 1000);
    number.ok_or_else(|| "allowed are 1 to 1000".into())
}

fn reference(named: Option<&String>, maps: &[MapInfo]) -> Result<String> {
    if let Some(name) = named {
        pick::pick("map in this session", std::slice::from_ref(name), maps)?;
        return Ok(name.clone());
    }
    let usual = maps.iter().find(|map| map.name == REFERENCE);
    let honest = || maps.iter().find(|map| map.kind != MapKind::Null && !map.canary);
    Ok(usual.or_else(honest).or(maps.first()).map_or_else(String::new, |map| map.name.clone()))
}

fn resume(places: &Places, args: &Args, named: Option<&std::path::Path>) -> Result<Ready<'static>> {
    let (partial, manifest) = Partial::reopen(&places.reports, named)?;
    let session = Session { manifest, ..kept::read(partial.path())? };
    machine::must_be(&session.manifest.machine, &machine::describe())?;
    let played = session.manifest.passes.iter().map(|pass| pass.map.as_str());
    let programs = Programs::find_for(&args.selection.programs()?, played)?;
    programs.must_be(&session.manifest.programs)?;
    let plain = |name: &String| base_name(name).to_owned();
    let played: Vec<String> = session.manifest.tapes.keys().map(plain).collect();
    let catalogue = Catalogue::read(&places.workloads()?, &played)?;
    let entries = session.manifest.tapes.keys().map(|name| catalogue::recall(&catalogue, name));
    let tapes = tapes::of(&entries.collect::<Result<Vec<Entry>>>()?)?;
    for (name, recorded) in &session.manifest.tapes {
        let now = tapes.get(name).map(|(_, tape)| tape.id);
        ensure!(
            now == Some(recorded.id),
            "workload `{name}` has changed since the session began (its tape was {}): \
             restore the file, or start a new session",
            recorded.id
        );
    }
    let missing: Vec<Pass> = session.missing().cloned().collect();
    tell!(
        "churnmark: {}: {} of {} passes are done{}",
        partial.path().display(),
        session.manifest.passes.len() - missing.len(),
        session.manifest.passes.len(),
        if session.cut { "; the last line was cut off and its pass runs again" } else { "" }
    );
    let lacks = ExitStatus::Success;
    Ok(Ready { partial, held: None, missing, manifest: session.manifest, tapes, programs, lacks })
}

fn sum_up(runs: &[Run]) {
    let failed = runs.iter().filter(|run| run.failure().is_some()).count();
    let unavailable = runs.iter().filter(|run| run.unavailable().is_some()).count();
    let cannot =
        if unavailable > 0 { format!(", {unavailable} that a map cannot make") } else { String::new() };
    tell!("churnmark: {} passes, {failed} failed{cannot}", runs.len());
}
