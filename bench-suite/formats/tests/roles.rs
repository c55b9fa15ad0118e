//! Threads with roles, as a workload says them.

use std::path::Path;

use formats::fault::Fault;
use formats::subject::{Demand, Extra};
use formats::workload::{Order, Popularity, Recipe, Source, Workload};

const BESIDE: &str = r#"
ops  = 4000
keys_shared = true
get = "latest"
[[role]]
name = "readers"
threads = 3
mix  = { get = 90, get_absent = 10 }
get  = { zipf = 0.9 }
[[role]]
name = "writers"
threads = 1
mix  = { insert = 45, remove = 45, len = 10 }
order = "random"
"#;

fn parse(rest: &str) -> Result<Workload, Fault> {
    Workload::parse(&format!("name = \"test\"\nwhy = \"A test.\"\nlive = 1000{rest}"), Path::new("test.toml"))
}

fn recipe(workload: &Workload) -> &Recipe {
    match &workload.source {
        Source::Recipe(recipe) => recipe,
        source => panic!("{source:?}"),
    }
}

#[test]
fn roles_say_who_does_what() {
    let workload = parse(BESIDE).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(workload.threads.get(), 4);
    let [readers, writers] = &recipe(&workload).roles[..] else { panic!("two roles") };
    assert_eq!((&*readers.name, readers.threads.get(), readers.mix.get_absent), ("readers", 3, 10));
    assert_eq!((readers.get, readers.order), (Popularity::Zipf(0.9), Order::Paired));
    assert_eq!((&*writers.name, writers.threads.get(), writers.mix.remove), ("writers", 1, 45));
    assert_eq!((writers.get, writers.order), (Popularity::Latest, Order::Random), "what is said for all");
    assert_eq!(Demand::from(&workload).extras.iter().collect::<Vec<_>>(), [Extra::Len]);
    assert!(workload.has_tag("threads"));
}

#[test]
fn one_may_insert_and_another_remove_where_keys_are_shared() {
    let pair = "\nops = 100\nkeys_shared = true\n[[role]]\nname = \"in\"\nthreads = 1\nmix = { insert = 100 }\n\
                [[role]]\nname = \"out\"\nthreads = 1\nmix = { remove = 100 }\n";
    assert!(parse(pair).is_ok());
    let fault = |text: &str| parse(text).expect_err("it is refused").to_string();
    let owned = fault(&pair.replace("keys_shared = true\n", ""));
    assert!(owned.starts_with("test.toml:12: mix: 100 % removes with 0 % inserts"), "{owned}");
    let more = fault(&pair.replace("\"out\"\nthreads = 1", "\"out\"\nthreads = 2"));
    assert!(more.starts_with("test.toml:6: role: 66.7 % removes with 33.3 % inserts"), "{more}");
}

#[test]
fn what_contradicts_itself_is_refused() {
    let second = "[[role]]\nname = \"writers\"";
    for (from, to, wants) in [
        ("ops  = 4000", "ops  = 4000\nthreads = 4", "test.toml:5: threads: and [[role]] exclude each other"),
        (
            "ops  = 4000",
            "ops  = 4000\nmix = { get = 100 }",
            "test.toml:5: mix: and [[role]] exclude each other",
        ),
        ("get = \"latest\"", "remove = { ttl = 5000 }", "test.toml:6: remove: entries that expire"),
        ("\"writers\"", "\"readers\"", "test.toml:13: name: `readers` is the name of another role"),
        ("\"writers\"", "\"Writers\"", "test.toml:13: name: "),
        (
            "threads = 1",
            "threads = 0",
            "test.toml:14: threads: 0, 3 with those before; allowed are 1 or more",
        ),
        ("threads = 1", "threads = 254", "257 with those before; allowed are 1 or more, 256 in all roles"),
        ("len = 10", "len = 20", "test.toml:15: mix: the shares sum to 110"),
        ("zipf = 0.9", "zipf = 5", "test.toml:11: get: zipf = 5; allowed are exponents"),
        ("order = ", "remove = \"oldest\"\norder = ", "unknown field `remove`"),
        ("mix  = { get = 90, get_absent = 10 }\n", "", "test.toml:7: mix: is missing"),
        (second, "[role]", "test.toml"),
        (
            "ops  = 4000",
            "phases = [{ fill = 9 }]",
            "test.toml:7: role: says how threads churn, and no phase does",
        ),
        (
            "ops  = 4000",
            "phases = [{ churn = 9, get = \"uniform\" }]",
            "test.toml:4: phases: get: and [[role]] exclude each other",
        ),
        ("keys_shared = true\n", "", "len sees the entries of every thread"),
        ("len = 10", "upsert = 10", "test.toml:7: role: upsert: takes a key of `keyspace`"),
    ] {
        let text = BESIDE.replacen(from, to, 1);
        assert_ne!(text, BESIDE, "{from}");
        let fault = parse(&text).expect_err(to).to_string();
        assert!(fault.contains(wants), "{to}: {fault}");
    }
    let alone = BESIDE.split(second).next().unwrap_or_default();
    let fault = parse(alone).expect_err("one role").to_string();
    assert!(fault.contains("role: is one; allowed are two or more"), "{fault}");
    let script = "[[role]]\nname = \"a\"\nthreads = 1\nmix = { get = 100 }\n";
    let text = format!(
        "name = \"test\"\nwhy = \"A test.\"\nscript = \"put 1\"\n{script}{}",
        script.replace("\"a\"", "\"b\"")
    );
    let fault = Workload::parse(&text, Path::new("test.toml")).expect_err("a script").to_string();
    assert!(fault.starts_with("test.toml:4: role: belongs to a recipe"), "{fault}");
}
