//! Another hash is another draw: what luck moved is told, and the rest is judged. And what is printed was judged.

use super::*;

/// Entries come and go at random, so that no two seeds leave the same dead slots.
const DRAWN: &str = r#"
name = "drawn"
why = "Victims are drawn."
live = 900
ops = 9000
mix = { insert = 45, remove = 45, get = 10 }
remove = "uniform"
"#;

fn drawn() -> Sandbox {
    let sandbox = Sandbox::with(&[DRAWN]);
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    let policy = POLICY.replace("churn", "drawn").replace("[1]", "[1, 2, 3]");
    fs::write(sandbox.path("reports/baseline/policy.toml"), policy).unwrap();
    programs(&sandbox, "");
    sandbox
}

#[test]
fn another_hash_is_no_regression_and_a_fault_beside_it_is() {
    let sandbox = drawn();
    broken(&sandbox, "hashbrown", "hashbrown-fx");
    let (said, found) = gate(&sandbox, &of_broken("--layer exact"), Conclusion::Passed);
    let told = finding(&found, Metric::KeyComparisons);
    assert_ne!(told.base, told.head);
    assert_eq!(told.verdict, None, "{told:?}");
    assert!(said.stdout.contains("the hash is another one: key comparisons differ for every seed"));
    assert!(said.stdout.contains("; judged: allocations, frees, "), "{}", said.stdout);
    // What no draw moves is judged as ever.
    assert_eq!(finding(&found, Metric::Allocations).verdict, Some(Verdict::Unchanged));
    broken(&sandbox, "hashbrown", "canary-leaky");
    gate(&sandbox, &of_broken("--layer exact"), Conclusion::Regressed);
}

#[test]
fn a_head_that_does_not_repeat_is_found_out() {
    let sandbox = drawn();
    // The first of two equal passes plays with one hash, the second with another.
    for ending in ["", "-counted"] {
        let text = format!(
            "#!/bin/sh\nmap=hashbrown-fx\n[ \"$1\" = play ] && mkdir \"{}/$(basename \"$3\")-$7\" && map=hashbrown\n\
             for word; do shift; [ \"$word\" = hashbrown ] && word=$map; set -- \"$@\" \"$word\"; done\n\
             {} \"$@\" | sed 's/\"map\":\"hashbrown-fx\"/\"map\":\"hashbrown\"/'\n",
            sandbox.path("").display(),
            subject(ending).display(),
        );
        sandbox.executable(&format!("broken{ending}"), &text);
    }
    let (said, found) = gate(&sandbox, &of_broken("--layer exact"), Conclusion::Passed);
    let told = finding(&found, Metric::KeyComparisons);
    assert!(told.demoted.as_ref().unwrap().starts_with("not deterministic: head itself gave "), "{told:?}");
    assert!(said.stdout.contains("the hash of the head is another in each process"), "{}", said.stdout);
    assert!(found.exact.iter().any(|one| one.verdict == Some(Verdict::Unchanged)));
}

#[test]
fn what_is_printed_was_judged() {
    let sandbox = drawn();
    broken(&sandbox, "hashbrown", "canary-oversized");
    let (said, found) = gate(&sandbox, &of_broken("--layer exact"), Conclusion::Regressed);
    let peak = finding(&found, Metric::PeakBytes);
    let [base, head] = [&peak.base, &peak.head].map(|side| side.iter().sum::<u64>());
    let change = head as f64 / base as f64 - 1.0;
    assert!((peak.change.unwrap() - change).abs() < 1e-12, "{peak:?}");
    let row = said.stdout.lines().find(|line| line.contains("peak bytes")).unwrap();
    let plain: String = row.chars().filter(|letter| *letter != ',').collect();
    assert!(plain.contains(&format!("{base} → {head} over 3 seeds")), "{row}");
    assert!(
        row.contains(&format!("+{:.1} %", change * 100.0))
            || row.contains(&format!("+{:.0} %", change * 100.0)),
        "{row}"
    );
}

#[test]
fn of_two_maps_the_exact_figures_are_told_and_not_judged() {
    let sandbox = drawn();
    let ask = ours("--layer exact -m canary-oversized --base-map hashbrown");
    let (said, found) = gate(&sandbox, &ask, Conclusion::NothingCompared);
    assert!(
        last(&said.stdout).contains("exact figures of two maps are told and decide nothing"),
        "{}",
        said.stdout
    );
    assert!(found.exact.iter().all(|one| one.class == Class::Advisory));
    assert_eq!(finding(&found, Metric::PeakBytes).verdict, Some(Verdict::Regressed));
    assert!(said.stdout.contains("Regressed, advisory"), "{}", said.stdout);
}
