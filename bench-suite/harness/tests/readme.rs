//! Every command in the README is run, and what the READMEs say about folders and files is true.

mod layer;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use layer::{Layer, root};

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The lines of all fenced blocks of this language.
fn blocks(readme: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// What stands for a command: the rest runs as it stands. Nothing is built for release, few maps are measured, and what
/// takes minutes, or would call this test, is left out. What is measured goes to folders of the test.
fn shortened(command: &str, folders: &str) -> Option<String> {
    match command {
        "make bench" => {
            let few = "-m std,hashbrown,dashmap";
            Some(format!("make bench suite=smoke profile=dev options='{few} {folders}'"))
        }
        "make test" => None,
        // What it brings is tested by itself; here it stands beside what the tests have built.
        command if command.starts_with("cargo install ") => None,
        command if command.starts_with("churnmark ") => None,
        command => {
            let own = if command.starts_with("target/release/churnmark ") { folders } else { "" };
            let command = command.replace("target/release", "target/debug").replace(" --release", "");
            Some(format!("{command} {own}"))
        }
    }
}

/// Folders for sessions and flamegraphs, with the baseline of the repository, as options of the command.
fn folders(in_here: &Path) -> String {
    let reports = in_here.join("reports");
    std::fs::create_dir(&reports).unwrap();
    symlink(root().join("reports/baseline"), reports.join("baseline")).unwrap();
    format!("--reports-in {} --flamegraphs-in {}", reports.display(), in_here.join("flamegraphs").display())
}

/// The names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn every_command_works() {
    let folder = tempfile::TempDir::new().unwrap();
    let folders = folders(folder.path());
    let copy = Layer::new(folder.path().join("copy"));
    let commands = blocks(&readme(), "sh");
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands.iter().filter_map(|command| shortened(command, &folders)) {
        let mut shell = copy.as_ref().map_or_else(
            || {
                let mut shell = Command::new("sh");
                shell.args(["-c", &command]).current_dir(root());
                shell
            },
            |copy| copy.shell(&command),
        );
        let output = shell.output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{command}\n{stdout}{stderr}");
        if command.contains(" measure ") || command.starts_with("make bench") {
            // A make that was started by another says when it enters and leaves a folder.
            let report = stdout.lines().rfind(|line| line.ends_with("index.html")).unwrap_or_default();
            assert!(Path::new(report).starts_with(folder.path()), "{command}: {stdout}");
            let page = std::fs::read_to_string(report).unwrap();
            assert!(page.contains("hashbrown"), "{command}: {report}");
            assert_eq!(page.contains("sorted-vec"), command.contains("--subject"), "{command}: {report}");
        }
    }
    let written = copy.map(|copy| names(&copy.written())).unwrap_or_default();
    // `git status` renews its index.
    let expected = |folder: &String| folder == "target" || folder == ".git";
    assert!(written.iter().all(expected), "written into the checkout: {written:?}");
}

/// From a log to a map to take: the commands of the first block, in an empty folder with a log.
#[test]
fn a_log_becomes_an_answer_in_three_commands() {
    let commands: Vec<String> = blocks(&readme(), "sh").into_iter().take(3).collect();
    assert!(commands[0].starts_with("cargo install --locked --path bench-suite/harness"), "{commands:?}");
    let folder = tempfile::TempDir::new().unwrap();
    // A window: each insert is followed by a get, and by the remove of what is 200 inserts old.
    let rows = (0..1500).flat_map(|at: u32| {
        let gone = at.checked_sub(200).map(|old| format!("-,k{old}\n"));
        [format!("+,k{at}\n"), format!("?,k{at}\n")].into_iter().chain(gone)
    });
    let log: String = std::iter::once("op,key\n".to_owned()).chain(rows).collect();
    std::fs::write(folder.path().join("access.csv"), log).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_churnmark"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(folder.path()).env("PATH", &path);
        let output = shell.env("CHURNMARK_TAPES", folder.path().join("tapes")).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{command}: {}{}", said[0], said[1]);
        said
    };
    run(&commands[1]);
    // Few maps and rounds: the question is whether it answers, not what.
    let [page, answer] =
        run(&format!("{} -m std,hashbrown,btree -c throughput,heap --rounds 5", commands[2]));
    assert!(
        answer.lines().any(|line| line.starts_with("Take, for one thread: ") && line.contains("(mine)")),
        "{answer}"
    );
    assert!(answer.contains(", because: "), "{answer}");
    let page = std::fs::read_to_string(folder.path().join(page.trim())).unwrap();
    assert!(page.contains("how sure") && page.contains("what would change it"), "the report says why");
}

#[test]
fn what_runs_before_every_change_is_what_the_readme_says() {
    let door = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(blocks(&readme(), "sh").contains(&"make test".into()) && door.contains("make test"));
}

#[test]
fn the_map_of_folders_is_true() {
    let mut above = String::new();
    for line in blocks(&readme(), "text") {
        let name = line.split_whitespace().next().unwrap();
        if line.starts_with(' ') {
            assert!(root().join(&above).join(name).is_dir(), "{above}{name}");
        } else if name.ends_with('/') {
            above = name.into();
            assert!(root().join(name).is_dir(), "{name}");
        }
    }
    assert!(!above.is_empty());
}

/// `BLESS=1` puts the table of `reports/standard.csv` in the place of the one in the README.
#[test]
fn what_it_found_is_what_was_measured() {
    let readme = readme();
    let command =
        readme.split("--example leaders -- ").nth(1).expect("the command of the table stands above it");
    let mut arguments = command.split('`').next().unwrap().split_whitespace();
    let kept = std::fs::read(root().join(arguments.next().unwrap())).unwrap();
    let headlines = report::headline::read(&kept).unwrap();
    let table = report::headline::leaders(&headlines, &arguments.collect::<Vec<_>>());
    assert!(table.lines().count() > 10, "{table}");
    let start = readme.find("| load | map |").expect("there is a table");
    let rows = readme[start..].split_inclusive('\n').take_while(|line| line.starts_with('|'));
    let end = start + rows.map(str::len).sum::<usize>();
    if std::env::var_os("BLESS").is_some() {
        let blessed = [&readme[..start], &table, &readme[end..]].concat();
        std::fs::write(root().join("README.md"), blessed).unwrap();
    } else {
        assert_eq!(&readme[start..end], table, "BLESS=1 puts what was measured into README.md");
    }
}

#[test]
fn every_crate_is_explained() {
    let about = std::fs::read_to_string(root().join("bench-suite/README.md")).unwrap();
    let folders = std::fs::read_dir(root().join("bench-suite")).unwrap().map(|entry| entry.unwrap().path());
    for folder in folders.filter(|folder| folder.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(about.contains(&format!("\n| `{name}` | ")), "{name} is not in bench-suite/README.md");
    }
}

#[test]
fn every_linked_file_is_there() {
    for folder in ["", "bench-suite", "flamegraphs", "reports", "workloads"] {
        let folder = root().join(folder);
        let text = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        for link in links.filter(|link| !link.starts_with("https://")) {
            let file = link.split('#').next().unwrap();
            assert!(folder.join(file).exists(), "{}: {link}", folder.display());
        }
    }
}

/// The reader names every key that it takes when it meets one that it does not.
#[test]
fn every_key_of_a_policy_and_every_exit_code_is_explained() {
    let readme = std::fs::read_to_string(root().join("reports/README.md")).unwrap();
    for (text, start) in
        [("nonsense = 1", "| `"), ("[[rule]]\nnonsense = 1", ""), ("[[waiver]]\nnonsense = 1", "")]
    {
        let today = jiff::civil::Date::MIN;
        let error = formats::policy::Policy::parse(text, Path::new("p"), today).unwrap_err().to_string();
        let keys: Vec<&str> = error.split_once("one of").unwrap().1.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() > 3, "{error}");
        for key in keys.iter().filter(|key| !["rule", "waiver", "maps"].contains(key)) {
            assert!(
                readme.contains(&format!("{start}`{key}`").replace("``", "`")),
                "{key} is not in reports/README.md"
            );
        }
    }
    let help = String::from_utf8(
        Command::new(env!("CARGO_BIN_EXE_churnmark")).arg("--help").output().unwrap().stdout,
    );
    let help = help.unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    for code in [0, 1, 2, 3, 4, 5, 6, 130] {
        assert!(readme.contains(&format!("\n| {code} | ")), "{code} is not in reports/README.md");
        assert!(help.contains(&format!(" {code} ")), "{code} is not in --help");
    }
}

/// Each finding that is shipped names a workload that is there, and says no figure: those are measured.
#[test]
fn every_finding_can_be_measured() {
    let workloads = root().join("workloads");
    let mut count = 0;
    for entry in std::fs::read_dir(workloads.join("findings")).unwrap() {
        let finding = formats::finding::Finding::read(&entry.unwrap().path()).unwrap();
        let file = workloads.join(format!("{}.toml", finding.workload));
        formats::workload::Workload::read(&file).unwrap();
        assert!(finding.maps.len() > 1, "{} has no map beside the one it is about", finding.name);
        count += 1;
    }
    assert!(count >= 4);
}
