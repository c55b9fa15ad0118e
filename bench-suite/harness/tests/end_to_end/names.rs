//! Names are only names: whatever a map is called, it is measured, its files are written, and no terminal, log or page
//! obeys it.

use std::fs;
use std::path::{Path, PathBuf};

use formats::observation::SCHEMA;
use formats::session::Session;

use crate::sandbox::{CHURN, Sandbox, subject};

fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "dashmap::DashMap<alloc::string::String, u64, std::hash::BuildHasherDefault<fxhash::FxHasher>>",
        "\u{1b}]0;owned\u{7}\u{1b}[31mred",
        "two\nlines\r\n::error title=owned::by a name",
        "::error title=owned::by a name",
        "../../../../tmp/away",
        "/etc/passwd",
        "..",
        "a'b\"c`d$e&f<g>h|i\\j%k#l?m*n[o]p",
        "<script>alert(1)</script>",
        "名前の長い地図",
        "\u{202e}egami.gnp",
        "\u{7f}\u{85}\u{9b}31m\u{200f}\u{2066}",
        " ",
    ]
    .map(String::from)
    .into();
    names.push("地".repeat(29));
    names.extend(["x", "y"].map(|last| "many letters ".repeat(300) + last));
    names
}

/// A program with these maps, each of which is `std`.
fn program(sandbox: &Sandbox, names: &[String]) -> String {
    let info = |name: &String| serde_json::json!({ "name": name, "version": name, "about": name, "kind": "single", "canary": false });
    let list = serde_json::json!({
        "schema": SCHEMA,
        "program": names[1],
        "collectors": ["throughput", "latency"],
        "maps": names.iter().map(info).collect::<Vec<_>>(),
    });
    fs::create_dir(sandbox.path("names")).unwrap();
    fs::write(sandbox.path("names/list"), list.to_string()).unwrap();
    for (index, name) in names.iter().enumerate() {
        fs::write(sandbox.path(&format!("names/{index}.raw")), name).unwrap();
        fs::write(sandbox.path(&format!("names/{index}.json")), serde_json::to_string(name).unwrap())
            .unwrap();
    }
    let text = format!(
        r#"#!/bin/sh
cd {}
if [ "$1" = list ]; then cat list; exit; fi
for raw in *.raw; do
  [ "$5" = "$(cat $raw)" ] || continue
  out=$({} play --tape "$3" --map std --collector "$7" --samples 200)
  printf '%s"map":%s%s\n' "${{out%%\"map\":\"std\"*}}" "$(cat ${{raw%.raw}}.json)" "${{out#*\"map\":\"std\"}}"
  exit
done
exit 9
"#,
        sandbox.path("names").display(),
        subject("").display()
    );
    sandbox.executable("script", &text).display().to_string()
}

fn obeyed(text: &str) -> Option<&str> {
    text.lines().find(|line| {
        let is_command = ["::", "##["].iter().any(|command| line.trim_start().starts_with(command));
        is_command || line.chars().any(is_order)
    })
}

fn is_order(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200f}' | '\u{202e}' | '\u{2066}')
}

/// Every file of a session and those below it.
fn written(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { written(&path) } else { vec![path] }).collect()
}

#[test]
fn a_map_of_any_name_is_measured_and_shown() {
    let sandbox = Sandbox::with(&[CHURN]);
    let names = names();
    let program = program(&sandbox, &names);
    for format in ["text", "markdown"] {
        let said = sandbox.run(&format!("list --subject {program} --format {format}"), 0);
        assert_eq!(obeyed(&said.stdout), None);
        // Text is folded.
        let whole = said.stdout.contains(r"two\nlines\r\n::error title");
        assert!(format == "text" || whole && said.stdout.contains("名前の長い地図"), "{}", said.stdout);
    }
    let measure = format!("measure -w churn --subject {program} -c throughput,latency --rounds 1");
    let mut command = sandbox.churnmark(&measure);
    for name in &names {
        // As a glob it is taken by its letters.
        command.arg("-m").arg(glob::Pattern::escape(name).replace(',', "?"));
    }
    let said = crate::sandbox::Said::of(command.output().unwrap(), 0);
    assert_eq!(obeyed(&said.stderr), None);

    let folder = sandbox.only("");
    let session = Session::read(&folder).unwrap();
    assert_eq!(session.runs.len(), 2 * names.len());
    assert!(names.iter().all(|name| session.runs.iter().any(|run| run.pass.map == *name)));
    sandbox.run("export", 0);
    let files: Vec<_> = fs::read_dir(folder.join("data/churn")).unwrap().map(|file| file.unwrap()).collect();
    let of = |ending: &str| {
        files.iter().filter(|file| file.file_name().to_str().unwrap().ends_with(ending)).count()
    };
    assert_eq!((of(".throughput.csv"), of(".hlog")), (names.len(), names.len()));
    assert_eq!(obeyed(&sandbox.runs()), None);
    for file in written(&folder).iter().filter(|file| !file.ends_with("runs.jsonl.gz")) {
        // What is in JSON comes back as it was: the session below is read from it.
        let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
        let order = text.chars().find(|letter| is_order(*letter) && !matches!(letter, '\n' | '\t'));
        assert_eq!(order, None, "{}", file.display());
    }
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(page.contains("&lt;script&gt;alert") && !page.contains("<script>alert"));
    assert!(!sandbox.path("../away").exists());
    sandbox.run("report", 0);
}
