//! A made-up session for tests: shaped like a real one, the same on every machine. No figure was measured.
#![allow(unreachable_pub, dead_code, reason = "several test programs share it, each uses a part")]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made-up figures are small")]

pub mod gate;
mod play;
mod tail;

use formats::answer::Digest;
use formats::evidence::{Claims, Evidence, FailedExperiment};
use formats::observation::{Answers, Collector, Observation, Reading, SCHEMA, Slice};
use formats::point::Point;
use formats::run::{Failure, Outcome, Pass, Run};
use formats::session::{LeftOut, Machine, Manifest, Noise, Program, Session, TapeInfo};
use formats::subject::{MapInfo, MapKind};
use formats::tape::{Executed, Header, PhaseMark, TapeId, by_kind};

use self::play::Play;

/// Maps of the large sample; the first ones are those of the small sample.
pub const MAPS: [&str; 17] = [
    "hashbrown",
    "std",
    "btree",
    "null",
    "indexmap-swap",
    "indexmap-shift",
    "slab",
    "slotmap",
    "dashmap",
    "papaya",
    "scc",
    "skipmap",
    "mutex-hashmap",
    "hashbrown-fx",
    "rwlock-hashmap",
    "go-classic",
    "go-swiss",
];

/// Four maps on one workload, five rounds, one failure: as small as a session that shows everything.
pub fn session() -> Session {
    sized(&MAPS[..4], &["fifo-window"], 5, 12)
}

/// A session of these maps and workloads.
pub fn sized(maps: &[&str], workloads: &[&str], rounds: u32, windows: u64) -> Session {
    let mut runs = Vec::new();
    for (at, workload) in workloads.iter().enumerate() {
        for collector in Collector::ALL {
            let rounds = if collector.is_timed() && collector != Collector::Stacks { rounds } else { 1 };
            for round in 0..rounds {
                for map in maps {
                    let play = Play::new(map, at as u64, u64::from(round), windows);
                    runs.push(run(workload, map, collector, round, play.reading(collector)));
                }
            }
        }
    }
    let crash = Failure::Crash { code: None, signal: Some(11), stderr: "memory fault at 0x0".into() };
    let pass =
        Pass { workload: workloads[0].into(), map: "crashing".into(), collector: Collector::Heap, round: 0 };
    runs.push(Run::new(pass, String::new(), 0.1, Outcome::Failed(crash)));
    Session {
        manifest: manifest(maps, workloads, &runs),
        runs,
        cut: false,
        claims: Some(claims()),
        gate: Some(gate::gate()),
    }
}

/// A session of a workload that is swept: each point has so many entries alive.
pub fn swept(maps: &[&str], lives: &[u64]) -> Session {
    let names: Vec<String> = lives.iter().map(|live| format!("sizes@live={live}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut session = sized(maps, &names, 5, 6);
    for (name, live) in names.iter().zip(lives) {
        let point = Point { live: Some(*live), ..Point::default() };
        session.manifest.tapes.get_mut(*name).expect("a tape for each").point = point;
    }
    session
}

/// Gives maps these operations a second, one figure for each round, in every phase of every workload.
pub fn set_speeds(session: &mut Session, maps: &[(&str, [f64; 5])]) {
    each_reading(session, |pass, reading| {
        let Reading::Throughput(seen) = reading else { return };
        let Some((_, speeds)) = maps.iter().find(|(name, _)| *name == pass.map) else { return };
        let (ops, cpu_ns) = (1000, (1e12 / speeds[pass.round as usize]) as u64);
        for phase in &mut seen.phases {
            phase.wall_ns = cpu_ns;
            phase.threads = vec![vec![Slice { ops, wall_ns: cpu_ns, cpu_ns }]];
        }
    });
}

/// Shows every reading, to be changed.
pub fn each_reading(session: &mut Session, change: impl Fn(&Pass, &mut Reading)) {
    for run in &mut session.runs {
        if let Outcome::Measured(observation) = &mut run.outcome {
            change(&run.pass, &mut observation.reading);
        }
    }
}

fn run(workload: &str, map: &str, collector: Collector, round: u32, reading: Reading) -> Run {
    let pass = Pass { workload: workload.into(), map: map.into(), collector, round };
    let answers = Answers {
        digests: vec![Digest::default()],
        balance: 0,
        end_len: LIVE,
        stamps: None,
        told: None,
        found: None,
    };
    let observation =
        Observation { schema: SCHEMA, map: map.into(), tape: tape_id(workload), answers, reading };
    Run::new(pass, "2026-01-02T03:04:05Z".into(), 0.5, Outcome::Measured(Box::new(observation)))
}

const LIVE: u64 = 28_000;
const CHURN: u64 = 560_000;

pub fn tape_id(workload: &str) -> TapeId {
    let digest = workload
        .bytes()
        .fold(1_u128, |sum, byte| sum.wrapping_mul(0x0100_0000_01b3_0000_0001) ^ u128::from(byte));
    TapeId::try_from(format!("{digest:032x}")).expect("32 hex digits")
}

pub fn manifest(maps: &[&str], workloads: &[&str], runs: &[Run]) -> Manifest {
    let info = |name: &&str| MapInfo {
        kind: if *name == "null" { MapKind::Null } else { MapKind::Single },
        ..MapInfo::new(name, "1.0.0", &format!("{name} as its documentation advises"))
    };
    Manifest {
        schema: SCHEMA,
        id: "20260102T030405Z-host-0123abcd".into(),
        started: "2026-01-02T03:04:05Z".into(),
        revision: "0123abcd".into(),
        suite: "standard".into(),
        arguments: ["churnmark", "measure", "--suite", "standard"].map(str::to_owned).into(),
        machine: Machine {
            host: "host".into(),
            cpu: "Sample CPU at 2.0 GHz".into(),
            cores: 2,
            memory: 8 << 30,
            kernel: "6.1.0".into(),
            clock: "tsc".into(),
        },
        toolchain: "rustc 1.95.0".into(),
        programs: vec![Program {
            name: "subject".into(),
            digest: "00112233445566778899aabbccddeeff".into(),
            maps: maps.iter().map(info).collect(),
        }],
        reference: maps.first().copied().unwrap_or("hashbrown").into(),
        tapes: workloads.iter().map(|name| ((*name).to_owned(), tape(name))).collect(),
        passes: runs.iter().map(|run| run.pass.clone()).collect(),
        comparisons: vec![],
        left_out: vec![LeftOut {
            workload: workloads.first().copied().unwrap_or_default().into(),
            maps: vec!["evmap".into()],
            collectors: vec![Collector::Slots],
            why: "it plays with threads only".into(),
        }],
        noise: vec![
            Noise { seconds: 1.0, pauses_per_second: 14.0, longest_us: 212.0, lost_percent: 0.08 },
            Noise { seconds: 1.0, pauses_per_second: 17.5, longest_us: 640.0, lost_percent: 0.11 },
        ],
    }
}

fn tape(workload: &str) -> TapeInfo {
    let live = (0..=64).map(|at| (LIVE * at / 8).min(LIVE)).collect();
    let header = Header {
        workload: workload.into(),
        seed: 1,
        generator: 1,
        distinct: LIVE + CHURN / 2,
        phases: vec![
            PhaseMark { name: "fill".into(), ops: vec![LIVE], counts: false, pace: None },
            PhaseMark { name: "churn".into(), ops: vec![CHURN], counts: true, pace: None },
        ],
        executed: Executed {
            kinds: by_kind(&[LIVE + CHURN / 2, CHURN / 2 - 1000, 1000]),
            hits: Some(by_kind(&[0, CHURN / 2 - 1000, 800])),
            peak_live: Some(LIVE),
            end_live: Some(LIVE),
            live,
            answers: vec![Digest::default()],
            stamps: None,
        },
        ..Header::default()
    };
    TapeInfo {
        id: tape_id(workload),
        why: "A queue of sessions: each new key pushes out the oldest.".into(),
        asks: Vec::new(),
        header,
        point: Point::default(),
        expectations: Vec::new(),
    }
}

/// One experiment of which everything is known, and one that failed; the other claims are not measured.
fn claims() -> Claims {
    let bucket = r#"{"schema":1,"implementation":"port-classic","family":"classic","experiment":"bucket","figures":{"freed_slot":3,"taken_slot":3,"same_address":true,"length":8,"overflow_buckets":0}}"#;
    let failure = FailedExperiment {
        program: "churnmark-article".into(),
        experiment: "layout".into(),
        why: "hung <and> was killed".into(),
    };
    let evidence = vec![Evidence::parse(bucket).unwrap()];
    Claims { schema: formats::evidence::SCHEMA, evidence, failures: vec![failure] }
}
