//! A repository of somebody else's: what `init` writes there is what the gate takes, and the workflows that are written
//! or shipped do what they say, step by step, against a repository that they push to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use formats::gate::{Conclusion, GATE_FILE, Gate};
use formats::history::History;
use saphyr::{LoadableYamlNode, Yaml};

use crate::sandbox::{Said, Sandbox, subject};

/// Takes the place of cargo: the programs hold the one map `mine`.
const BUILD: &str = "mkdir -p target/debug ${CARGO_TARGET_DIR:-target}/debug && cp mine mine-counted ${CARGO_TARGET_DIR:-target}/debug/";

/// What is measured in an instant, and decides nothing in times.
const QUICK: &str = "\nslices = 16\nmax_pairs = 8\nalpha = 0.2\nseconds = 0.000001\n[[rule]]\nmetric = \"instructions\"\n\
     class = \"off\"\n[[rule]]\nmetric = \"median_slice\"\nclass = \"advisory\"\n[[rule]]\nmetric = \"total_cpu\"\n\
     class = \"advisory\"\n";

/// A repository with a commit, its programs, and `origin`.
fn repository() -> Sandbox {
    let sandbox = Sandbox::with(&[]);
    fs::remove_dir(sandbox.path("workloads")).unwrap();
    for ending in ["", "-counted"] {
        let real = subject(ending);
        let real = real.display();
        // Plays the real map under a name of its own; `list` holds no other.
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = list ]; then {real} list | sed 's/.*/&/' | python3 -c '\n\
             import json,sys\nlist=json.load(sys.stdin)\nlist[\"maps\"]=[dict(map,name=\"mine\") for map in list[\"maps\"] \
             if map[\"name\"]==\"hashbrown\"]\nprint(json.dumps(list))'; exit; fi\n\
             for word; do shift; [ \"$word\" = mine ] && word=hashbrown; set -- \"$@\" \"$word\"; done\n\
             if [ \"$1\" = play ]; then {real} \"$@\" | sed 's/\"map\":\"hashbrown\"/\"map\":\"mine\"/'; exit; fi\nexec {real} \"$@\"\n"
        );
        sandbox.executable(&format!("mine{ending}"), &text);
    }
    fs::create_dir(sandbox.path("target")).unwrap();
    fs::write(sandbox.path("target/CACHEDIR.TAG"), "").unwrap();
    fs::write(sandbox.path(".gitignore"), "/target\n/tapes\n/flamegraphs\n/bin\n/origin\n/summary\n/cache\n")
        .unwrap();
    sandbox.git("init --quiet --initial-branch main");
    sandbox.git("init --quiet --bare origin");
    sandbox.git("remote add origin ./origin");
    // The folder is in it, so that no other run has this commit.
    fs::write(sandbox.path("note"), sandbox.path("").display().to_string()).unwrap();
    sandbox.git("add --all");
    sandbox.git("commit --quiet --message first");
    // What a workflow finds on its PATH.
    fs::create_dir(sandbox.path("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_churnmark"), sandbox.path("bin/churnmark")).unwrap();
    sandbox
}

/// A step of a workflow: its name, what it runs, and its variables.
struct Step {
    name: String,
    script: String,
    variables: BTreeMap<String, String>,
}

/// The text at a key.
fn text<'a>(yaml: &'a Yaml<'_>, key: &str) -> Option<&'a str> {
    yaml.as_mapping_get(key)?.as_str()
}

fn variables(yaml: &Yaml<'_>) -> BTreeMap<String, String> {
    let pairs = yaml.as_mapping_get("env").and_then(Yaml::as_mapping).into_iter().flatten();
    pairs.map(|(name, value)| (name.as_str().unwrap().into(), value.as_str().unwrap().into())).collect()
}

/// The steps of a job that run something, in their order.
fn steps(job: &Yaml<'_>) -> Vec<Step> {
    let steps = job.as_mapping_get("steps").and_then(Yaml::as_vec).expect("a job has steps");
    let step = |step: &Yaml<'_>| {
        let script = text(step, "run")?.to_owned();
        Some(Step { name: text(step, "name").unwrap_or("").into(), script, variables: variables(step) })
    };
    steps.iter().filter_map(step).collect()
}

/// Runs steps as GitHub does, with the values of its expressions, and gives what the gate said.
fn play(
    sandbox: &Sandbox,
    steps: &[Step],
    expressions: &[(&str, &str)],
    more: &BTreeMap<String, String>,
) -> Said {
    let mut gate = None;
    for step in steps {
        let mut command = sandbox.program(Path::new("sh"), "-e -c");
        command
            .arg(&step.script)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", sandbox.path("summary"));
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", sandbox.path("bin").display()));
        for (name, value) in more.iter().chain(&step.variables) {
            let mut value = value.clone();
            for (expression, meant) in expressions {
                value = value.replace(&format!("${{{{ {expression} }}}}"), meant);
            }
            assert!(!value.contains("${{"), "{name}: {value}");
            command.env(name, value);
        }
        let said = Said::of(command.output().unwrap(), 0);
        if step.name == "Gate" {
            gate = Some(said);
        }
    }
    gate.expect("one step is the gate")
}

fn names(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.name.as_str()).collect()
}

/// A line of a history.
fn entry(number: u32) -> String {
    format!(
        "{{\"schema\":2,\"when\":\"2026-01-0{number}T00:00:00Z\",\"revision\":\"c{number}\",\"parent\":\"c0\",\"anchor\":null,\
         \"against_parent\":[],\"against_anchor\":[],\"exact_moved\":[]}}\n"
    )
}

/// What the branch `churnmark-history` of `origin` has.
fn kept(sandbox: &Sandbox, branch: &str) -> History {
    let text = sandbox.git(&format!("--git-dir origin show {branch}:history.jsonl"));
    let file = sandbox.path("kept.jsonl");
    fs::write(&file, text).unwrap();
    History::read(&file).unwrap()
}

#[test]
fn what_init_writes_is_what_the_gate_takes() {
    let sandbox = repository();
    let made = Command::new("sh").args(["-c", BUILD]).current_dir(sandbox.path("")).status().unwrap();
    assert!(made.success());
    let mut init = sandbox.churnmark("init --subject target/debug/mine --base-build");
    let said = Said::of(init.arg(BUILD).output().unwrap(), 0).stdout;
    assert!(said.contains("written: workloads/sessions.toml\n"), "{said}");
    let policy_file = sandbox.path("reports/baseline/policy.toml");
    let policy = fs::read_to_string(&policy_file).unwrap();
    assert!(policy.contains("maps      = [\"mine\"]"), "{policy}");
    sandbox
        .run("init --subject target/debug/mine", 2)
        .complains(&["workloads/sessions.toml", "nothing was written"]);
    sandbox.run("verify -w sessions -m mine --subject target/debug/mine", 0);
    // Git takes the policy and no session.
    sandbox.git("add --all");
    let added = sandbox.git("diff --cached --name-only");
    assert_eq!(
        added,
        ".github/workflows/churnmark.yml\nreports/.gitignore\nreports/baseline/policy.toml\nworkloads/sessions.toml\n"
    );
    sandbox.git("commit --quiet --message churnmark");

    // The load is made one's own: a small one.
    let workload = sandbox.path("workloads/sessions.toml");
    let text = fs::read_to_string(&workload).unwrap();
    fs::write(&workload, text.replace("50_000", "500").replace("500_000", "5_000")).unwrap();
    fs::write(&policy_file, policy + QUICK).unwrap();
    let workflow = fs::read_to_string(sandbox.path(".github/workflows/churnmark.yml")).unwrap();
    let workflow = Yaml::load_from_str(&workflow).unwrap();
    let job = workflow[0].as_mapping_get("jobs").and_then(|jobs| jobs.as_mapping_get("gate")).unwrap();
    let steps = steps(job);
    assert_eq!(names(&steps), ["Install", "Build", "Fetch the history", "Gate", "Keep the history"]);
    let base = sandbox.git("rev-parse HEAD~1");
    let expressions = [("github.event.pull_request.base.sha || github.event.before", base.trim())];
    let said = play(&sandbox, &steps, &expressions, &variables(job));
    assert!(said.stdout.contains("GATE: PASSED (exit 0)"), "{}{}", said.stdout, said.stderr);
    let newest =
        sandbox.sessions("").into_iter().filter(|folder| folder.join(GATE_FILE).exists()).max().unwrap();
    let gate = Gate::read(&newest.join(GATE_FILE)).unwrap();
    assert_eq!((gate.conclusion, gate.exact.is_empty()), (Conclusion::Passed, false));
    // The machine starts empty each time, and the branch forgets nothing.
    assert_eq!(kept(&sandbox, "churnmark-history").entries.len(), 1);
    fs::remove_file(sandbox.path("reports/history.jsonl")).unwrap();
    assert!(fs::read_to_string(sandbox.path("summary")).unwrap().contains("mine"));
    let doctor = sandbox.run("doctor --time 0.01", 0).stdout;
    assert!(doctor.contains("reports/history.jsonl, none yet; a branch keeps it"), "{doctor}");
}

#[test]
fn the_shipped_action_plays() {
    let sandbox = repository();
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    let policy = format!("maps = [\"mine\"]\nworkloads = [\"article-bucket\"]{QUICK}");
    fs::write(sandbox.path("reports/baseline/policy.toml"), policy).unwrap();
    let ci = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci");
    let action = fs::read_to_string(ci.join("action.yml")).unwrap();
    let action = Yaml::load_from_str(&action).unwrap();
    let steps = steps(action[0].as_mapping_get("runs").unwrap());
    let inputs = action[0].as_mapping_get("inputs").and_then(Yaml::as_mapping).unwrap();
    let mut expressions: Vec<(String, String)> = Vec::new();
    for (name, input) in inputs {
        let name = name.as_str().unwrap();
        let value = match name {
            "subject" => "target/debug/mine",
            "build" => BUILD,
            "base" => "HEAD",
            "options" => "--layer exact",
            _ => text(input, "default").unwrap(),
        };
        expressions.push((format!("inputs.{name}"), value.into()));
    }
    let expressions: Vec<(&str, &str)> =
        expressions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // Times alone make an entry; this one is of another day.
    fs::write(sandbox.path("reports/history.jsonl"), entry(1)).unwrap();
    let said = play(&sandbox, &steps, &expressions, &BTreeMap::new());
    assert!(said.stdout.contains("GATE: PASSED"), "{}", said.stdout);
    assert_eq!(kept(&sandbox, "churnmark-history").entries.len(), 1);
}

#[test]
fn the_shipped_snippet_of_gitlab_plays() {
    let sandbox = repository();
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    let policy = format!("maps = [\"mine\"]\nworkloads = [\"article-bucket\"]{QUICK}");
    fs::write(sandbox.path("reports/baseline/policy.toml"), policy).unwrap();
    let ci = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci");
    let snippet = fs::read_to_string(ci.join("gitlab.yml")).unwrap();
    let snippet = Yaml::load_from_str(&snippet).unwrap();
    let job = snippet[0].as_mapping_get("churnmark").unwrap();
    let lines = |key: &str| -> String {
        let lines = job.as_mapping_get(key).and_then(Yaml::as_vec).unwrap();
        lines.iter().flat_map(|line| [line.as_str().unwrap(), "\n"]).collect()
    };
    for script in [lines("script"), lines("after_script")] {
        let mut command = sandbox.program(Path::new("sh"), "-e -c");
        let path = std::env::var("PATH").unwrap();
        command.arg(script).env("PATH", format!("{}:{path}", sandbox.path("bin").display()));
        command.envs([("BUILD", BUILD), ("SUBJECT", "target/debug/mine"), ("CARGO_HOME", "nowhere")]);
        command.envs([
            ("CI_COMMIT_BEFORE_SHA", "HEAD"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_DEFAULT_BRANCH", "main"),
        ]);
        Said::of(command.output().unwrap(), 0);
    }
    assert_eq!(kept(&sandbox, "churnmark-history").entries.len(), 1);
}

/// Two machines push at the same time: neither loses what the other kept.
#[test]
fn a_branch_keeps_what_two_machines_add() {
    let sandbox = repository();
    fs::create_dir(sandbox.path("reports")).unwrap();
    let file = sandbox.path("reports/history.jsonl");
    let said = sandbox.run("history --keep", 0).stderr;
    assert!(said.contains("nothing to keep: there is no reports/history.jsonl"), "{said}");
    let before = sandbox.git("status --porcelain");
    for number in [1, 2] {
        fs::write(&file, entry(number)).unwrap();
        sandbox.run("history --keep", 0);
    }
    fs::write(&file, "").unwrap();
    let said = sandbox.run("history --restore", 0);
    assert!(said.stderr.contains("the branch `churnmark-history` has 2 of the entries"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), entry(1) + &entry(2));
    fs::remove_dir_all(sandbox.path("reports")).unwrap();
    assert_eq!(sandbox.git("status --porcelain"), before, "the repository has changed");
    assert_eq!(sandbox.git("--git-dir origin rev-list --count churnmark-history").trim(), "2");
    // What is there and is no history is not pushed over.
    sandbox.run("history --restore main", 0);
    sandbox.git("push --quiet origin main");
    sandbox.run("history --restore main", 2).complains(&["history.jsonl"]);
}

/// What the image is built by is what builds the programs here.
#[test]
fn the_shipped_dockerfile_builds_what_it_copies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("bench-suite/ci/Dockerfile")).unwrap();
    let text = text.replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let instructions: Vec<(&str, &str)> = lines.map(|line| line.split_once(' ').unwrap()).collect();
    let known = ["FROM", "RUN", "WORKDIR", "COPY", "ENV", "ENTRYPOINT"];
    assert!(instructions.iter().all(|(name, _)| known.contains(name)), "{instructions:?}");
    let built = instructions.iter().filter_map(|(_, rest)| rest.strip_prefix("cargo build --release "));
    let packages: Vec<&str> = built.map(|rest| rest.rsplit(' ').next().unwrap()).collect();
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap();
    for package in &packages {
        let by_make = format!("cargo build --release --locked --package {package}\n");
        assert!(makefile.contains(&by_make), "{package} is built otherwise by make");
    }
    let copied = instructions.iter().find_map(|(_, rest)| rest.strip_prefix("--from=build ")).unwrap();
    let programs = copied.split_whitespace().filter_map(|path| path.strip_prefix("/source/target/release/"));
    let beside = Path::new(env!("CARGO_BIN_EXE_churnmark"));
    let mut count = 0;
    for program in programs {
        count += 1;
        assert!(beside.with_file_name(program).is_file(), "{program}");
        assert!(packages.contains(&program.trim_end_matches("-counted")), "{program}");
    }
    assert_eq!(count, 4);
}

#[test]
fn shells_and_manual_pages_know_every_verb() {
    let sandbox = Sandbox::with(&[]);
    let help = sandbox.run("--help", 0).stdout;
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.run(&format!("completions {shell}"), 0).stdout;
        assert!(script.contains("measure") && script.contains("workloads-in"), "{shell}");
    }
    let bash = sandbox.run("completions bash", 0).stdout;
    fs::write(sandbox.path("completion"), bash).unwrap();
    let asked = "source completion; COMP_WORDS=(churnmark mea); COMP_CWORD=1; _churnmark churnmark mea churnmark; \
                 echo \"${COMPREPLY[*]}\"";
    let mut shell = sandbox.program(Path::new("bash"), "-c");
    let said = Said::of(shell.arg(asked).output().unwrap(), 0);
    assert_eq!(said.stdout, "measure\n");
    let written = sandbox.run("man --out pages", 0).stdout;
    let verbs =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs: Vec<&str> = verbs
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    for verb in verbs.iter().filter(|verb| **verb != "help") {
        let page = format!("pages/man1/churnmark-{verb}.1");
        assert!(written.contains(&format!("{page}\n")), "{written}");
        assert!(fs::read_to_string(sandbox.path(&page)).unwrap().starts_with(".ie \\n(.g .ds Aq"), "{page}");
    }
}
