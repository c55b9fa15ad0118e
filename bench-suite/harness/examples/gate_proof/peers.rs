//! The same cases as criterion and tango judge them, each with its defaults.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use formats::gate::Verdict;

use crate::Repeats;
use crate::table::Row;

/// The peers' programs, under the names that tell them their injected work.
struct Peers {
    folder: PathBuf,
}

/// The rows of both peers: unchanged code, and work added.
pub(crate) fn rows(release: &Path, repeats: Repeats) -> Result<Vec<Row>> {
    let peers = Peers { folder: release.join("../peers/release") };
    let mut rows = Vec::new();
    for percent in [0u32, 3, 8] {
        let work = if percent == 0 { 0 } else { peers.calibrate(f64::from(percent) / 100.0)? };
        let truth =
            if percent == 0 { "0".into() } else { format!("{:+.2} %", (peers.cost(work)? - 1.0) * 100.0) };
        let case = if percent == 0 { "same program".into() } else { format!("{percent} % of work added") };
        let (verdicts, seconds) = peers.criterion(work, repeats.criterion)?;
        rows.push(Row::of_peer("criterion", &case, truth.clone(), &verdicts, seconds));
        let (verdicts, seconds) = peers.tango(work, repeats.tango)?;
        rows.push(Row::of_peer("tango", &case, truth, &verdicts, seconds));
    }
    Ok(rows)
}

impl Peers {
    /// The program of a peer with this work.
    fn program(&self, name: &str, work: u64) -> Result<PathBuf> {
        let plain = self.folder.join(name);
        let named = self.folder.join(format!("{name}@{work}"));
        std::fs::copy(&plain, &named)
            .with_context(|| format!("there is no {}: make gate-proof", plain.display()))?;
        Ok(named)
    }

    /// What a step costs with this work, over what it costs without: the median of some processes.
    fn cost(&self, work: u64) -> Result<f64> {
        let mut costs = Vec::new();
        for _ in 0..3 {
            let output = run(Command::new(self.folder.join("truth")).arg(work.to_string()))?;
            costs.push(
                String::from_utf8_lossy(&output.stdout).trim().parse().context("truth prints a ratio")?,
            );
        }
        costs.sort_by(f64::total_cmp);
        Ok(costs[costs.len() / 2])
    }

    /// The work that costs this much. A processor hides a part of it behind that of the map, so that the cost does
    /// not grow in proportion: it is searched for.
    fn calibrate(&self, wanted: f64) -> Result<u64> {
        let (mut low, mut high) = (0, 512);
        while high - low > 2 {
            let middle = u64::midpoint(low, high);
            if self.cost(middle)? - 1.0 < wanted { low = middle } else { high = middle }
        }
        Ok(high)
    }

    /// criterion as its users gate with it: a run of the base is saved, then a run of the head is compared with it.
    fn criterion(&self, work: u64, times: u32) -> Result<(Vec<Verdict>, f64)> {
        let (base, head) = (self.program("criterion", 0)?, self.program("criterion", work)?);
        let mut verdicts = Vec::new();
        let started = Instant::now();
        for _ in 0..times {
            let bench = |program: &Path, flag: &str| {
                run(Command::new(program)
                    .args(["--bench", flag, "base"])
                    .env("CRITERION_HOME", self.folder.join("criterion-home")))
            };
            bench(&base, "--save-baseline")?;
            let said = String::from_utf8_lossy(&bench(&head, "--baseline")?.stdout).into_owned();
            verdicts.push(match () {
                () if said.contains("Performance has regressed") => Verdict::Regressed,
                () if said.contains("Performance has improved") => Verdict::Improved,
                () if said.contains("No change in performance") => Verdict::Unchanged,
                () if said.contains("Change within noise threshold") => Verdict::Unchanged,
                () => bail!("criterion gave no verdict:\n{said}"),
            });
        }
        Ok((verdicts, started.elapsed().as_secs_f64() / f64::from(times)))
    }

    /// tango's star says that a difference is one.
    fn tango(&self, work: u64, times: u32) -> Result<(Vec<Verdict>, f64)> {
        let (base, head) = (self.program("tango", 0)?, self.program("tango", work)?);
        let mut verdicts = Vec::new();
        let started = Instant::now();
        for _ in 0..times {
            // A regression is its exit code 1.
            let mut command = Command::new(&head);
            command.args(["--color", "never", "compare"]).arg(&base).stderr(Stdio::inherit());
            let output = command.output().with_context(|| format!("{} does not start", head.display()))?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let row = said.lines().find(|line| line.starts_with("churn")).context("tango gave no verdict")?;
            verdicts.push(match (row.ends_with('*'), row.contains('+')) {
                (false, _) => Verdict::Unchanged,
                (true, true) => Verdict::Regressed,
                (true, false) => Verdict::Improved,
            });
        }
        Ok((verdicts, started.elapsed().as_secs_f64() / f64::from(times)))
    }
}

fn run(command: &mut Command) -> Result<Output> {
    let output =
        command.stderr(Stdio::null()).output().with_context(|| format!("{command:?} does not start"))?;
    ensure!(output.status.success(), "{command:?} ended with {}", output.status);
    Ok(output)
}
