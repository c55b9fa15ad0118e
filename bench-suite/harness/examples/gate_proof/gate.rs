//! Runs `churnmark gate` and reads what it found.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use formats::gate::{Gate, TimeMetric, TimingFinding, Verdict};

/// Percentiles are advisory and would double the time of each verdict.
const POLICY: &str = "[[rule]]\nmetric = \"p99*\"\nclass = \"off\"\n";

/// The programs under test, and a place for what they write.
pub(crate) struct Programs {
    folder: PathBuf,
    scratch: PathBuf,
}

/// What is to be judged.
#[derive(Debug, Clone)]
pub(crate) struct Play {
    workload: String,
    map: String,
    base_map: Option<String>,
    times: u32,
    work: u64,
}

/// What was judged, repetition by repetition.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// For each repetition its findings, one for each time.
    pub(crate) rounds: Vec<Vec<TimingFinding>>,
}

impl Play {
    /// One map on one workload, judged once, against itself.
    pub(crate) fn of(workload: &str, map: &str) -> Self {
        Self { workload: workload.into(), map: map.into(), base_map: None, times: 1, work: 0 }
    }

    /// Judged so often, each time with fresh pairs.
    pub(crate) fn times(self, times: u32) -> Self {
        Self { times: times.max(1), ..self }
    }

    /// The head gets so many multiplications for every 64 operations.
    pub(crate) fn inject_work(self, work: u64) -> Self {
        Self { work, ..self }
    }

    /// The base plays another map.
    pub(crate) fn against(self, base_map: &str) -> Self {
        Self { base_map: Some(base_map.into()), ..self }
    }
}

impl Judged {
    /// What the gate says of a repetition: the gravest of its gated times.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        self.rounds.iter().map(|round| {
            let said = |verdict| round.iter().any(|finding| finding.verdict == verdict);
            let order = [Verdict::Regressed, Verdict::Improved, Verdict::Inconclusive];
            order.into_iter().find(|&verdict| said(verdict)).unwrap_or(Verdict::Unchanged)
        })
    }

    /// Estimates of one time, as ratios.
    pub(crate) fn ratios(&self, metric: TimeMetric) -> Vec<f64> {
        let of = |round: &Vec<TimingFinding>| {
            round.iter().find(|finding| finding.metric == metric).map(|finding| finding.ratio)
        };
        self.rounds.iter().filter_map(of).collect()
    }

    /// Seconds that each repetition took.
    pub(crate) fn seconds(&self) -> Vec<f64> {
        self.rounds
            .iter()
            .map(|round| round.iter().map(|finding| finding.seconds).fold(0.0, f64::max))
            .collect()
    }
}

impl Programs {
    /// The programs in this folder.
    pub(crate) fn beside(folder: &Path) -> Result<Self> {
        for name in ["churnmark", "churnmark-maps", "churnmark-maps-counted"] {
            ensure!(
                folder.join(name).is_file(),
                "there is no {name} in {}: make gate-proof",
                folder.display()
            );
        }
        let scratch = folder.join("gate-proof");
        std::fs::create_dir_all(&scratch)
            .and_then(|()| std::fs::write(scratch.join("policy.toml"), POLICY))
            .with_context(|| format!("{} cannot be written", scratch.display()))?;
        Ok(Self { folder: folder.into(), scratch })
    }

    /// The file that keeps the rows of a part of the proof.
    pub(crate) fn rows(&self, part: &str) -> PathBuf {
        self.scratch.join(format!("{part}.rows"))
    }

    fn ours(&self) -> [PathBuf; 2] {
        ["churnmark-maps", "churnmark-maps-counted"].map(|name| self.folder.join(name))
    }

    /// Judges the times of a play, both sides by the same program.
    pub(crate) fn gate(&self, play: &Play) -> Result<Judged> {
        self.between(play, &self.ours(), &self.ours())
    }

    /// Judges the times of a play between the two programs that were linked in another order.
    pub(crate) fn between_layouts(&self, play: &Play) -> Result<Judged> {
        let [base, head] =
            ["layout-1", "layout-2"].map(|name| [self.folder.join(name).join("churnmark-maps")]);
        self.between(play, &base, &head)
    }

    fn between(&self, play: &Play, base: &[PathBuf], head: &[PathBuf]) -> Result<Judged> {
        let mut command = self.command(play, base, head);
        command.args([
            "--layer",
            "timing",
            "--repeat",
            &play.times.to_string(),
            "--inject-work",
            &play.work.to_string(),
        ]);
        let gate = run(command)?;
        let times = usize::try_from(play.times).context("a number of repetitions")?;
        ensure!(
            gate.timing.len().is_multiple_of(times),
            "{} findings for {times} repetitions",
            gate.timing.len()
        );
        let metrics = gate.timing.len() / times;
        Ok(Judged { rounds: gate.timing.chunks(metrics).map(<[TimingFinding]>::to_vec).collect() })
    }

    /// Compares the exact figures of two maps.
    pub(crate) fn exact(&self, workload: &str, map: &str, base_map: &str) -> Result<Gate> {
        let mut command =
            self.command(&Play::of(workload, map).against(base_map), &self.ours(), &self.ours());
        command.args(["--layer", "exact"]);
        run(command)
    }

    fn command(&self, play: &Play, base: &[PathBuf], head: &[PathBuf]) -> Command {
        let mut command = Command::new(self.folder.join("churnmark"));
        command.args(["gate", "--format", "json", "--workload", &play.workload, "--map", &play.map]);
        command.arg("--policy").arg(self.scratch.join("policy.toml"));
        command.arg("--reports-in").arg(self.scratch.join("reports"));
        command.arg("--flamegraphs-in").arg(self.scratch.join("flamegraphs"));
        for program in base {
            command.arg("--base-program").arg(program);
        }
        for program in head {
            command.arg("--subject").arg(program);
        }
        if let Some(base_map) = &play.base_map {
            command.args(["--base-map", base_map]);
        }
        command
    }

    /// The work that makes an ordinary operation slower by this part.
    pub(crate) fn calibrate(&self, workload: &str, map: &str, wanted: f64) -> Result<u64> {
        let mut work = 40.0;
        // Roughly first, to know where; then as exactly as the cases are to be called.
        for times in [4, 16] {
            let judged = self.gate(&Play::of(workload, map).times(times).inject_work(round(work)))?;
            let cost = mean(&judged.ratios(TimeMetric::MedianSlice)) - 1.0;
            ensure!(
                cost > 0.0,
                "{work} steps of injected work cost nothing: the machine is too noisy for this proof"
            );
            work *= wanted / cost;
        }
        Ok(round(work).max(1))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "steps of injected work, some hundreds at most"
)]
pub(crate) fn round(steps: f64) -> u64 {
    steps.round() as u64
}

fn run(mut command: Command) -> Result<Gate> {
    command.stderr(std::process::Stdio::inherit());
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    // A verdict of any kind is an answer; bad usage and failed passes are not.
    ensure!(!matches!(output.status.code(), None | Some(1 | 2)), "{command:?} ended with {}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("{command:?} printed no gate"))
}

/// The machine in a few words.
pub(crate) fn machine() -> Result<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo cannot be read")?;
    let model =
        info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    Ok(format!("{}, {cores} processors", model.trim_start_matches([' ', '\t', ':'])))
}

/// The mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard error of the mean.
pub(crate) fn standard_error(values: &[f64]) -> f64 {
    let (mean, n) = (mean(values), values.len() as f64);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt()
}
