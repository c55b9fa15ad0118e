use super::bucket_paths::{md5_head, python_hash};
use super::*;

#[test]
fn strings_hash_as_in_cpython() {
    // CPython 3.11: PYTHONHASHSEED=0 python3 -c 'print([hash(f"user_{i}") % 4 for i in range(4)])'.
    let buckets =
        |hash: &dyn Fn(&str) -> u64| ["user_0", "user_1", "user_2", "user_3"].map(|key| hash(key) % 4);
    assert_eq!(buckets(&|key| python_hash(key, 0)), [0, 3, 0, 1]);
    assert_eq!(buckets(&md5_head), [3, 0, 2, 3]);
}

/// The figures of one implementation.
fn figures(name: &str, implementation: &str) -> BTreeMap<String, Figure> {
    let experiment = EXPERIMENTS.iter().find(|experiment| experiment.name == name).unwrap();
    let evidence = experiment.run();
    evidence.into_iter().find(|one| one.implementation == implementation).unwrap().figures
}

#[test]
fn the_articles_program_puts_the_new_key_where_the_old_one_was() {
    for port in ["port-classic", "port-swiss"] {
        let found = figures("bucket", port);
        assert_eq!(found["freed_slot"], found["taken_slot"]);
        assert_eq!(found["same_address"], Figure::Flag(true));
        assert_eq!(found["length"], Figure::Number(8.0));
        assert_eq!(
            (&found["stale_key"], &found["stale_value"]),
            (&Figure::Number(3.0), &Figure::Number(0.0))
        );
    }
}

#[test]
fn deletes_at_the_end_merge_as_on_the_real_runtime() {
    let found = figures("tail", "port-classic");
    let states = |name: &str| match &found[name] {
        Figure::List(states) => states.iter().map(|state| state.min(5.0)).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(states("after_3"), [5.0, 5.0, 5.0, 1.0, 5.0, 0.0, 0.0, 0.0]);
    assert_eq!(states("after_4"), [5.0, 5.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn slots_are_used_again_under_every_condition_that_the_article_excludes() {
    let found = figures("decision", "port-classic");
    assert_eq!(found["chain_reused"], Figure::Flag(true));
    assert_eq!(found["later_taken_reused"], Figure::Flag(true));
    assert_eq!(found["growing_pairs"], found["growing_reused"]);
    assert!(matches!(found["growing_pairs"], Figure::Number(pairs) if pairs >= 3.0), "{found:?}");
    assert_eq!(found["rest_inserts"], found["rest_accepted"]);
}

#[test]
fn a_growing_map_moves_by_writes_only() {
    let found = figures("growth", "port-classic");
    assert_eq!(found["evacuated_before"], found["evacuated_after_lookups"]);
    assert_ne!(found["evacuated_before"], found["evacuated_after_absent_delete"]);
    assert_eq!(found["grows_by_delete"], Figure::Number(0.0));
}
