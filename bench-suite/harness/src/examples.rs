//! Examples of each verb, for its `--help` and its manual page.

use clap::Command;

/// Verb by verb, what somebody wants and the command for it.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "list",
        &[
            ("what there is to choose from", "churnmark list"),
            ("what the standard suite plays, and what it leaves out", "churnmark list --suite standard"),
        ],
    ),
    (
        "verify",
        &[("whether every hashbrown answers rightly", "churnmark verify -w fifo-window -m 'hashbrown*'")],
    ),
    (
        "measure",
        &[
            ("see that everything works, in seconds", "churnmark measure --suite smoke"),
            (
                "three maps under one load, at length",
                "churnmark measure -w fifo-window -m std,hashbrown,btree --rounds 15",
            ),
            (
                "a map of one's own beside two others",
                "churnmark measure -m mine,std,hashbrown --subject target/release/mine",
            ),
            ("go on after an interruption", "churnmark measure --resume"),
        ],
    ),
    (
        "choose",
        &[(
            "a map with a tail and a peak that fit",
            "churnmark choose --need 'p99.9 <= 50us' --need 'peak <= 100MiB'",
        )],
    ),
    (
        "compare",
        &[(
            "what moved from one session to the newest",
            "churnmark compare reports/20261130T134438Z-host-0123abcd",
        )],
    ),
    ("report", &[("the page of the newest session again", "churnmark report")]),
    (
        "export",
        &[
            ("everything that other tools read, of the newest session", "churnmark export"),
            ("what Perfetto opens, somewhere else", "churnmark export --form trace --into /tmp/trace"),
        ],
    ),
    ("flame", &[("the flamegraphs of the newest session again", "churnmark flame")]),
    ("tape", &[("what a workload comes to", "churnmark tape fifo-window")]),
    (
        "import",
        &[
            ("what a log of a cache is and comes to", "churnmark import access.csv.zst"),
            ("keep it as a workload", "churnmark import access.csv.zst --out workloads --name mine"),
            ("a log with words of its own", "churnmark import sessions.csv --kinds insert=came,remove=left"),
        ],
    ),
    (
        "claims",
        &[("four of the article's claims, on the ports alone", "churnmark claims -n 2,3,6,10 --no-real-go")],
    ),
    (
        "inspect",
        &[(
            "eight puts, a delete and a put, slot by slot",
            "churnmark inspect --map go-classic 'put 0..8; del 3; put 100'",
        )],
    ),
    ("truth", &[("record real Go and replay it, without measuring", "churnmark truth --no-measure")]),
    ("init", &[("in the repository of your map", "churnmark init --subject target/release/mine")]),
    (
        "gate",
        &[
            ("this build against the main branch", "churnmark gate --base origin/main"),
            (
                "a map of one's own against the main branch",
                "churnmark gate --subject target/release/mine --base origin/main --base-build 'cargo build --release'",
            ),
            ("exact figures only, against those committed", "churnmark gate --layer exact"),
        ],
    ),
    (
        "evidence",
        &[
            ("what findings there are", "churnmark evidence"),
            ("measure one, and write its page", "churnmark evidence papaya-returning-key"),
        ],
    ),
    (
        "history",
        &[
            ("what moved over all gates", "churnmark history"),
            ("on a machine that starts empty, before a gate", "churnmark history --restore"),
            ("and after it", "churnmark history --keep"),
        ],
    ),
    (
        "bisect",
        &[("the commit that made it slower", "churnmark bisect v1.0..HEAD -w fifo-window -m hashbrown")],
    ),
    ("baseline", &[("accept new exact figures", "churnmark baseline update --reason 'a larger group'")]),
    ("doctor", &[("whether timings can be trusted now", "churnmark doctor")]),
    (
        "schema",
        &[
            ("which schemas there are", "churnmark schema"),
            ("let an editor check workloads", "churnmark schema workload"),
        ],
    ),
    ("completions", &[("for bash, in this shell", "source <(churnmark completions bash)")]),
    ("man", &[("install the pages for one user", "churnmark man --out ~/.local/share/man")]),
];

/// The command line with its examples.
pub(crate) fn with(mut command: Command) -> Command {
    for (verb, examples) in EXAMPLES {
        let text: String =
            examples.iter().flat_map(|(what, how)| ["  # ", what, "\n  ", how, "\n"]).collect();
        command = command.mut_subcommand(verb, |verb| verb.after_help(format!("Examples:\n{text}")));
    }
    command
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    /// The words of a line as a shell takes them.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quote = None;
        for letter in line.chars() {
            match letter {
                '\'' | '"' if quote.is_none_or(|open| open == letter) => {
                    quote = quote.is_none().then_some(letter);
                }
                ' ' if quote.is_none() => words.push(String::new()),
                letter => words.last_mut().unwrap().push(letter),
            }
        }
        words
    }

    #[test]
    fn every_verb_has_an_example_that_it_takes() {
        let command = Cli::command();
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            let examples = EXAMPLES.iter().find(|(name, _)| *name == verb.get_name());
            let (_, examples) = examples.unwrap_or_else(|| panic!("`{}` has no example", verb.get_name()));
            for (_, line) in *examples {
                let line = line.trim_start_matches("source <(").trim_end_matches(')');
                let words = words(line);
                assert_eq!((words[0].as_str(), words[1].as_str()), ("churnmark", verb.get_name()));
                Cli::command().try_get_matches_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
            }
        }
        assert_eq!(
            EXAMPLES.len(),
            command.get_subcommands().filter(|verb| verb.get_name() != "help").count()
        );
    }

    /// What stands in backquotes or on a line of a block, and begins with the name of the command.
    fn commands(page: &str) -> Vec<String> {
        let mut commands = Vec::new();
        for (at, part) in page.split("```").enumerate() {
            if at % 2 == 1 {
                commands.extend(part.lines().map(str::to_owned));
            } else {
                let spans = part.split('`').skip(1).step_by(2);
                commands.extend(spans.map(|span| span.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
        }
        let commands = commands.into_iter().filter_map(|line| {
            let line = line.strip_prefix("target/release/").unwrap_or(&line);
            let line = line.split_once(" > ").map_or(line, |(line, _)| line);
            line.starts_with("churnmark ").then(|| line.to_owned())
        });
        commands.collect()
    }

    #[test]
    fn every_command_in_the_documentation_is_taken() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
        let mut count = 0;
        for page in [
            "README.md",
            "bench-suite/README.md",
            "bench-suite/CHANGELOG.md",
            "bench-suite/PROTOCOL.md",
            "bench-suite/recorder/README.md",
            "flamegraphs/README.md",
            "reports/README.md",
            "workloads/README.md",
        ] {
            let text = std::fs::read_to_string(format!("{root}{page}")).unwrap();
            for line in commands(&text) {
                let words = words(&line);
                if let [_, verb] = words.as_slice() {
                    // Named only: what it wants is said elsewhere.
                    assert!(Cli::command().find_subcommand(verb).is_some(), "{page}: {line}");
                } else {
                    let taken = Cli::command().try_get_matches_from(words);
                    taken.unwrap_or_else(|error| panic!("{page}: {line}: {error}"));
                }
                count += 1;
            }
        }
        assert!(count > 50, "{count} commands were found");
    }

    #[test]
    fn help_shows_them() {
        let mut command = with(Cli::command());
        let help = command.find_subcommand_mut("measure").unwrap().render_long_help().to_string();
        assert!(help.contains(
            "Examples:\n  # see that everything works, in seconds\n  churnmark measure --suite smoke\n"
        ));
    }
}
