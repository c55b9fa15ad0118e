//! Every workload that is shipped: it parses, and its tape is the one it always was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use formats::suite::SUITES_FILE;
use formats::tape::{Kind, Tape};
use formats::workload::{Act, Source, Workload};

mod golden;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workloads");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| path.file_name().is_some_and(|name| name != SUITES_FILE))
        .collect();
    files.sort();
    files
}

#[test]
fn every_shipped_workload_gives_the_tape_it_always_gave() {
    let mut tapes = BTreeMap::new();
    let read = |file: &PathBuf| Workload::read(file).unwrap_or_else(|fault| panic!("{fault}"));
    for workload in shipped().iter().flat_map(read) {
        let tape = generator::generate(&workload).unwrap_or_else(|fault| panic!("{fault}"));
        check(&workload, &tape);
        tapes.insert(workload.name, golden::digests(&tape));
    }
    assert!(tapes.len() >= 30, "{} workloads are shipped", tapes.len());
    golden::check("shipped.txt", &tapes, false);
}

/// What holds for any tape of a shipped workload.
fn check(workload: &Workload, tape: &Tape) {
    let (name, header) = (&workload.name, tape.header());
    assert_eq!(&header.workload, name);
    assert!(!workload.asks.is_empty(), "{name} does not say what it asks");
    assert_eq!(header.generator, generator::VERSION);
    assert_eq!(tape.threads(), usize::from(workload.threads.get()), "{name}");
    assert_eq!(header.executed.kinds.iter().sum::<u64>(), tape.len() as u64, "{name}");
    let (mix_promises_hits, threads_disturb) = match &workload.source {
        Source::Recipe(_) => (true, workload.keys_shared || workload.bound.is_some()),
        Source::Script(_) => (false, false),
        Source::Trace(trace) => {
            assert!(
                trace.origin.is_some() && trace.licence.is_some(),
                "{name}: what is shipped says whose it is"
            );
            (trace.capacity.is_none(), workload.bound.is_some())
        }
    };
    assert_eq!(header.executed.hits.is_none(), threads_disturb, "{name}");
    assert_eq!(header.executed.live.is_empty(), threads_disturb, "{name}");
    if let Some([inserts, removes, ..]) = header.executed.hits {
        assert_eq!(inserts, 0, "{name}: an insert replaced a live entry");
        assert_eq!(removes, header.executed.kinds[1], "{name}: a remove found nothing");
        assert_eq!(header.executed.live.last().copied(), header.executed.end_live, "{name}");
        let [cleared, swept] = [Kind::Clear, Kind::Retain].map(|kind| header.executed.kinds[kind as usize]);
        if cleared + swept == 0 {
            let upserts = Kind::Upsert as usize;
            let found = if header.executed.stamps.is_some() {
                header.executed.hits.map_or(0, |hits| hits[Kind::RemoveFirst as usize])
            } else {
                removes
            };
            let made = header.executed.kinds[upserts] - header.executed.hits.map_or(0, |hits| hits[upserts]);
            let entries = header.executed.kinds[0] + made - found;
            assert_eq!(header.executed.end_live, Some(entries), "{name}");
        }
    }
    if let (Source::Recipe(recipe), Some(hits), true) =
        (&workload.source, header.executed.hits, mix_promises_hits)
    {
        let absent = recipe.phases.iter().map(|phase| match phase.act {
            Act::Churn(ops) => u64::from(phase.rules.mix.get_absent) * ops / 100,
            _ => 0,
        });
        let absent: u64 = absent.sum();
        let missed = header.executed.kinds[2] - hits[2];
        assert!(missed.abs_diff(absent) <= workload.churn_ops() / 50, "{name}: {missed} gets missed");
    }
}
