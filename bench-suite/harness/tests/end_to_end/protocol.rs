//! A program in another language is written by one page: what stands there plays, and leaves nothing out.

use formats::observation::Reading;

use crate::sandbox::{CHURN, Said, Sandbox, subject};

const PAGE: &str = include_str!("../../../PROTOCOL.md");

/// What the other operations answer, with keys by a pattern.
const EVERYTHING: &str = r#"
name = "everything"
why = "Walks, and begins anew."
keys = { multiples_of = 4096 }
live = 300
phases = [{ fill = 300 }, { churn = 2000 }, "iterate", "clear", { fill = 100 }, { drain = 10 }]
mix = { insert = 30, remove = 20, get = 20, get_absent = 10, update = 10, iterate = 10 }
"#;

#[test]
fn the_program_of_the_page_plays() {
    let sandbox = Sandbox::with(&[CHURN, EVERYTHING]);
    let program = PAGE.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    sandbox.executable("subject.py", program);
    let said = sandbox.run("verify -w churn,everything -m python-dict --subject ./subject.py", 0).stdout;
    assert_eq!(said.matches("python-dict").count(), 2, "{said}");
    sandbox.run("measure -w churn -m python-dict -c throughput --rounds 1 --subject ./subject.py", 0);
    let session = sandbox.session();
    let [run] = session.runs.as_slice() else { panic!("{:?}", session.runs) };
    let Some(Reading::Throughput(seen)) = run.observation().map(|seen| &seen.reading) else {
        panic!("{run:?}")
    };
    assert!(seen.phases.iter().flat_map(|phase| &phase.threads[0]).all(|slice| slice.wall_ns > 0));
    // A wrong answer is found, whatever language it is in.
    sandbox.executable("wrong.py", &program.replace("entries.pop(key, ABSENT)", "ABSENT"));
    let said = sandbox.run("verify -w churn -m python-dict --subject ./wrong.py", 1).stdout;
    assert!(said.contains("wrong answer"), "{said}");
    // What it says of itself when it fails is told where nothing else is.
    sandbox.executable("unwilling.py", &program.replace("\"--samples\"", "\"--looks\""));
    let said = sandbox.run("verify -w churn -m python-dict --subject ./unwilling.py", 1).stdout;
    assert!(said.contains("exit code 2: ") && said.contains("--samples"), "{said}");
}

#[test]
fn the_page_explains_every_option_and_code() {
    let sandbox = Sandbox::with(&[]);
    let mut help = sandbox.program(&subject(""), "play --help");
    let help = Said::of(help.output().unwrap(), 0).stdout;
    let options: Vec<&str> = help
        .split(|letter: char| letter.is_whitespace() || ",.`'".contains(letter))
        .filter(|word| word.starts_with("--") && *word != "--help")
        .collect();
    assert!(options.len() > 10, "{help}");
    for option in options {
        assert!(PAGE.contains(&format!("`{option}")), "{option} is not in PROTOCOL.md");
    }
    for code in 0..=4 {
        assert!(PAGE.contains(&format!("\n| {code} | ")), "{code} is not in PROTOCOL.md");
    }
}
