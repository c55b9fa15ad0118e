//! Workload files that make sense, and what is said of those that do not.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use formats::fault::Fault;
use formats::workload::{
    Act, Hotspot, KeyPattern, Keys, Order, Pace, Popularity, Recipe, Rules, SizeLaw, Sizes, Source, Spread,
    TraceFormat, Values, Victim, Workload,
};
use proptest::prelude::*;

const GOOD: &str = "\
name = \"test\"
why = \"A test.\"
live = 1000
ops = 5000
mix = { insert = 45, remove = 45, get = 8, get_absent = 2 }
";

fn parse(text: &str) -> Result<Workload, Fault> {
    Workload::parse(text, Path::new("test.toml"))
}

fn refused(text: &str) -> String {
    match parse(text) {
        Ok(workload) => panic!("accepted:\n{text}\n{workload:?}"),
        Err(fault) => fault.to_string(),
    }
}

/// A good workload with a line more, or another line in place of one that begins the same.
fn with(line: &str) -> String {
    let key = line.split('=').next().unwrap().trim();
    let mut text: String =
        GOOD.lines().filter(|old| !old.starts_with(key)).flat_map(|old| [old, "\n"]).collect();
    text += line;
    text
}

fn recipe(text: &str) -> Recipe {
    match parse(text).unwrap_or_else(|fault| panic!("{fault}")).source {
        Source::Recipe(recipe) => recipe,
        source => panic!("{source:?}"),
    }
}

fn rules(text: &str) -> Rules {
    recipe(text).phases[0].rules
}

fn acts(recipe: &Recipe) -> Vec<Act> {
    recipe.phases.iter().map(|phase| phase.act).collect()
}

#[test]
fn what_is_left_out_has_a_default() {
    let workload = parse(GOOD).unwrap();
    assert_eq!((workload.seed, workload.threads.get(), workload.keys_shared), (1, 1, false));
    assert_eq!((workload.keys, workload.values), (Keys::U64, Values::U64));
    assert_eq!(workload.pace, Pace::Closed);
    assert_eq!(workload.churn_ops(), 5000);
    let recipe = recipe(GOOD);
    let rules = recipe.phases[0].rules;
    assert_eq!((rules.order, rules.remove, rules.get), (Order::Paired, Victim::Uniform, Popularity::Uniform));
    assert_eq!(acts(&recipe), [Act::Fill(1000), Act::Churn(5000)]);
    assert_eq!(recipe.keyspace, None);
}

#[test]
fn every_choice_can_be_made() {
    assert_eq!(parse(&with("keys = { string = 24 }")).unwrap().keys, Keys::String(24));
    assert_eq!(parse(&with("keys = \"uuid\"")).unwrap().keys, Keys::Uuid);
    assert_eq!(parse(&with("keys = \"u32\"")).unwrap().keys, Keys::U32);
    let patterned = |line: &str| {
        let workload = parse(&with(line)).unwrap();
        (workload.keys, workload.key_pattern)
    };
    let multiples = |factor: u64| KeyPattern::MultiplesOf(factor.try_into().unwrap());
    assert_eq!(patterned("keys = \"u64\""), (Keys::U64, KeyPattern::Scattered));
    assert_eq!(patterned("keys = \"sequential\""), (Keys::U64, multiples(1)));
    assert_eq!(patterned("keys = { multiples_of = 4294967296 }"), (Keys::U64, multiples(1 << 32)));
    let text = "keys = { text = { bytes = 64, common_prefix = 48 } }";
    assert_eq!(patterned(text), (Keys::String(64), KeyPattern::CommonPrefix(48)));
    for keys in [
        "\"u32\"",
        "\"uuid\"",
        "{ string = 24 }",
        "\"sequential\"",
        "{ text = { bytes = 40, common_prefix = 20 } }",
    ] {
        let boxes = parse(&(with(&format!("keys = {keys}")) + "\nvalues = { boxed = 64 }")).unwrap();
        assert_eq!(boxes.values, Values::boxed(64), "{keys}");
    }
    assert_eq!(parse(&with("values = { bytes = 64 }")).unwrap().values, Values::Bytes(64));
    assert_eq!(parse(&with("values = { boxed = 1024 }")).unwrap().values, Values::boxed(1024));
    let drawn = |law| Values::Boxed(Sizes::Drawn(Spread { from: 16, to: 4096, law }));
    let boxed = |sizes: &str| parse(&with(&format!("values = {{ boxed = {sizes} }}"))).unwrap().values;
    assert_eq!(boxed("{ from = 16, to = 4096 }"), drawn(SizeLaw::Uniform));
    assert_eq!(boxed("{ from = 16, to = 4096, law = \"log_uniform\" }"), drawn(SizeLaw::LogUniform));
    assert_eq!(rules(&with("remove = \"newest\"")).remove, Victim::Newest);
    assert_eq!(rules(&with("remove = { zipf = 0.99 }")).remove, Victim::Zipf(0.99));
    assert_eq!(rules(&with("get = \"latest\"")).get, Popularity::Latest);
    let hotspot = Popularity::Hotspot(Hotspot { keys: 20, gets: 80 });
    assert_eq!(rules(&with("get = { hotspot = { keys = 20, gets = 80 } }")).get, hotspot);
    assert_eq!(rules(&with("order = \"random\"")).order, Order::Random);
    assert_eq!(recipe(&with("keyspace = 2000")).keyspace, Some(2000));
    let ttl = with("mix = { insert = 80, get = 20 }") + "\nremove = { ttl = 2_000 }";
    assert_eq!(rules(&ttl).remove, Victim::Ttl(2000));
    let threads = parse(&(with("threads = 4") + "\nkeys_shared = true")).unwrap();
    assert_eq!((threads.threads.get(), threads.keys_shared), (4, true));
    let paced = parse(&with("pace = { per_second = 5_000 }")).unwrap().pace;
    assert_eq!(paced, Pace::PerSecond(NonZeroU32::new(5000).unwrap()));
    assert_eq!(parse(&with("pace = \"closed\"")).unwrap().pace, Pace::Closed);
    let bursts = parse(&with("pace = { bursts = { per_second = 5, on = 1, off = 0.25 } }")).unwrap().pace;
    assert_eq!(bursts.to_string(), "5 operations a second for 1 s, then none for 0.25 s");
}

#[test]
fn tags_are_written_or_follow_from_what_is() {
    let tags = |text: &str| parse(text).unwrap().tags().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(tags(GOOD), [] as [&str; 0]);
    let both = with("tags = [\"large\", \"from-2020\"]") + "\nthreads = 2\npace = { per_second = 5 }";
    assert_eq!(tags(&both), ["threads", "paced", "large", "from-2020"]);
    let workload = parse(&both).unwrap();
    assert!(workload.has_tag("large") && workload.has_tag("threads") && !workload.has_tag("larg"));
    for name in ["test", "test@0.5", "test#3"] {
        assert_eq!(Workload { name: name.into(), ..workload.clone() }.base_name(), "test");
    }
}

#[test]
fn phases_are_unrolled() {
    let text = with("ops = 1")
        .replace("ops = 1", "phases = [{ fill = 10 }, { churn = 5 }, \"clear\", { drain = 0 }]\nrepeat = 2");
    let once = [Act::Fill(10), Act::Churn(5), Act::Clear, Act::Drain(0)];
    assert_eq!(acts(&recipe(&text)), [once, once].concat());
}

#[test]
fn sizes_and_many_maps_that_make_no_sense_are_refused() {
    let many = |rest: &str| with("many = 100") + "\n" + rest;
    for (text, wants) in [
        (with("values = { boxed = { from = 7, to = 16 } }"), &["values: boxed from 7 to 16", "8 to 1048576"]),
        (
            with("values = { boxed = { from = 16, to = 16 } }"),
            &["test.toml:6: values: ", "`to` above `from`"],
        ),
        (with("values = { boxed = { from = 16 } }"), &["to: is missing"]),
        (
            with("values = { boxed = { from = 16, to = 64, law = \"normal\" } }"),
            &["`normal`", "`log_uniform`"],
        ),
        (with("values = { boxed = \"big\" }"), &["test.toml:6: ", "\"big\"", "{ from = 16, to = 4096 }"]),
        (with("values = { boxed = \"recorded\" }"), &["test.toml:6: values: ", "[trace]"]),
        (with("many = 1"), &["test.toml:6: many: 1 maps", "2 to 100000"]),
        (many("threads = 2"), &["test.toml:6: many: ", "one thread"]),
        (
            many("remove = \"first\"").replace("get = 8, get_absent = 2", "get_absent = 10"),
            &["many: `first`"],
        ),
        (many("").replace("get = 8", "iterate = 8"), &["many: `iterate`", "`update`"]),
        (many("phases = [{ fill = 9 }, \"clear\"]").replace("ops = 5000\n", ""), &["many: `clear`"]),
    ] as [(String, &[&str]); 11]
    {
        let said = refused(&text);
        assert!(wants.iter().all(|want| said.contains(want)), "{said}\n{text}");
    }
    let good = parse(&many("")).unwrap();
    assert_eq!(good.many, Some(100));
}

#[test]
fn one_mistake_is_one_fault_with_line_field_and_remedy() {
    for (text, wants) in [
        (with("lve = 3"), &["test.toml:6: lve: ", "unknown field `lve`", "`live`"] as &[&str]),
        (with("mix = { insert = 45, remove = 44, get = 10 }"), &["test.toml:5: mix: ", "sum to 99", "100"]),
        (with("mix = { insert = 100, remove = 100, get = 100 }"), &["mix: ", "sum to 300"]),
        (with("mix = { insert = 300 }"), &["test.toml:5: mix: ", "300"]),
        (with("mix = { insrt = 100 }"), &["test.toml:5: ", "`insrt`", "`insert`", "`get_absent`"]),
        (with("mix = { insert = 40, remove = 60 }"), &["mix: ", "drain"]),
        (
            with("remove = \"eldest\""),
            &["test.toml:6: remove: ", "`eldest`", "`oldest`", "`newest`", "`uniform`", "`ttl`"],
        ),
        (with("get = { zipf = 0 }"), &["test.toml:6: get: zipf = 0", "above 0 up to 4"]),
        (with("get = { zipf = nan }"), &["get: zipf = NaN"]),
        (with("remove = { zipf = 4.1 }"), &["remove: zipf = 4.1"]),
        (with("get = { hotspot = { keys = 0, gets = 80 } }"), &["get: ", "1 to 99"]),
        (with("get = { hotspot = { keys = 20, gets = 80, x = 1 } }"), &["get: ", "`x`"]),
        (with("order = \"shuffled\""), &["order: ", "`paired`", "`random`"]),
        (with("keys = \"u16\""), &["test.toml:6: keys: ", "`u16`", "`u32`", "`u64`", "`uuid`", "`string`"]),
        (with("keys = { multiples_of = 0 }"), &["test.toml:6: keys: multiples_of = 0"]),
        (with("keys = { multiples_of = 9007199254740992 }"), &["test.toml:6: keys: ", "2048 keys", "6000"]),
        (
            with("keys = { text = { bytes = 40, common_prefix = 25 } }"),
            &["keys: ", "17 to 255", "16 or more"],
        ),
        (with("keys = { text = { bytes = 40 } }"), &["common_prefix: is missing"]),
        (with("keys = { string = 15 }"), &["keys: string = 15", "16 to 255"]),
        (with("values = { bytes = 32 }"), &["values: bytes = 32", "64"]),
        (with("values = { boxed = 7 }"), &["values: boxed = 7", "8 to 1048576"]),
        (with("live = 0"), &["live: 0 is out of range", "1 to 100000000"]),
        (with("live = 100_000_001"), &["live: 100000001 is out of range"]),
        (with("live = -1"), &["live: is `-1`; allowed is a whole number from 0 to 9223372036854775807"]),
        (with("seed = 9223372036854775808"), &["seed: 9223372036854775808 is out of range", "5807"]),
        (with("seed = 18446744073709551616"), &["seed: is `18446744073709551616`; allowed is a whole"]),
        (with("mix = { insert = 300 }"), &["mix: is `300`; allowed is a whole number from 0 to 100"]),
        (with("keys = { string = 20, sequential = 1 }"), &["keys: is a table of more than one name"]),
        (with("remove = { zipf = [1] }"), &["remove: is a list; allowed is a number"]),
        (with("live = \"many\""), &["live: is \"many\"; allowed is a whole number from 0"]),
        (with("ops = 0"), &["ops: 0 is out of range", "1 to 1000000000"]),
        (with("threads = 0"), &["threads: 0; allowed are 1 to 256"]),
        (with("threads = 257"), &["threads: 257; allowed are 1 to 256"]),
        (with("keys_shared = true"), &["test.toml:6: keys_shared: ", "2 or more"]),
        (with("pace = { per_second = 0 }"), &["test.toml:6: pace: per_second = 0; allowed are 1 to 1000000"]),
        (with("pace = { per_second = 1_000_001 }"), &["pace: per_second = 1000001; allowed are 1 to"]),
        (with("pace = { per_second = -1 }"), &["test.toml:6: pace: ", "-1"]),
        (with("pace = { per_minute = 1 }"), &["pace: ", "`per_minute`", "`closed`", "`per_second`"]),
        (with("pace = \"open\""), &["test.toml:6: pace: ", "`open`", "`closed`", "`per_second`"]),
        (with("tags = [\"Large\"]"), &["test.toml:6: tags: `Large` is no tag", "lower-case"]),
        (with("tags = [\"a\", \"a\"]"), &["test.toml:6: tags: `a` stands here twice"]),
        (with("tags = [\"threads\"]"), &["test.toml:6: tags: `threads` follows from the other fields"]),
        (with("tags = \"a\""), &["test.toml:6: tags: is \"a\"; allowed is a list in brackets"]),
        (with("keyspace = 1000"), &["keyspace: 1000 is out of range"]),
        (with("remove = { ttl = 0 }"), &["remove: ttl = 0"]),
        (with("remove = { ttl = 2000 }"), &["mix: ", "remove must be 0"]),
        (
            with("mix = { insert = 100 }") + "\nremove = { ttl = 999 }",
            &["test.toml:6: remove: ttl = 999 cannot keep 1000"],
        ),
        (with("ops = 1_000_000_000"), &["test.toml:5: ops: the phases come to 1000001000 operations"]),
        (with("phases = [{ fill = 1 }]"), &["ops: and `phases` exclude each other"]),
        (with("repeat = 2"), &["repeat: "]),
        (with("ops = 1").replace("ops = 1", "phases = []"), &["phases: ", "1 to 10000"]),
        (
            with("ops = 1").replace("ops = 1", "phases = [{ fill = 1 }]\nrepeat = 10001"),
            &["phases: ", "1 to 10000"],
        ),
        (with("ops = 1").replace("ops = 1", "phases = [{ drain = 0 }]"), &["phases: ", "0 operations"]),
        (
            with("ops = 1").replace("ops = 1", "phases = [{ churn = 900_000_000 }]\nrepeat = 2"),
            &["phases: ", "1800000000"],
        ),
        (
            with("ops = 1").replace("ops = 1", "phases = [{ fil = 1 }]"),
            &["phases: ", "`fil`", "`fill`", "`drain`"],
        ),
        (with("why = \"  \""), &["why: is empty"]),
        (with("name = \"Test\""), &["name: `Test` is no name", "lower-case"]),
        (with("name = \"\""), &["name: "]),
        (with("ops = 1").replace("ops = 1", ""), &["test.toml: ops: is missing"]),
        (with("live = 1").replace("live = 1", ""), &["test.toml: live: is missing"]),
        (with("mix = 1").replace("mix = 1", ""), &["test.toml: mix: is missing"]),
        (with("why = 1").replace("why = 1", ""), &["test.toml: why: is missing"]),
        (GOOD.replace("live = 1000", "live = 1000\nlive = 1000"), &["test.toml:4: ", "duplicate key"]),
        ("name = ".into(), &["test.toml:1: "]),
        (String::new(), &["test.toml: name: is missing"]),
    ] {
        let said = refused(&text);
        for want in wants {
            assert!(said.contains(want), "`{want}` is not said of\n{text}\n{said}");
        }
        assert!(!said.contains('\n'), "{said}");
    }
}

#[test]
fn threads_that_own_keys_and_walks_over_everything_exclude_each_other() {
    for mix in ["mix = { insert = 50, iterate = 50 }", "mix = { insert = 50, remove = 49, clear = 1 }"] {
        assert!(parse(&with(mix)).is_ok());
        let said = refused(&(with(mix) + "\nthreads = 2"));
        assert!(said.contains("test.toml:5: mix: ") && said.contains("needs `keys_shared = true`"), "{said}");
    }
    let clear = with("ops = 1").replace("ops = 1", "phases = [{ fill = 9 }, \"clear\"]");
    assert!(parse(&clear).is_ok());
    assert!(refused(&(clear + "\nthreads = 2")).contains("phases: clear"));
    assert!(
        refused(&(with("live = 3") + "\nthreads = 4")).contains("live: 3 is out of range; allowed are 4 to")
    );
}

fn script(line: &str) -> String {
    format!("name = \"test\"\nwhy = \"A test.\"\n{line}\n")
}

#[test]
fn a_script_is_written_down_and_repeated() {
    let text = script("script = \"put 0..8; del 3\"\nrepeat = 2\npace = { per_second = 10 }");
    let Source::Script(read) = parse(&text).unwrap_or_else(|fault| panic!("{fault}")).source else {
        panic!("a script")
    };
    assert_eq!(read.to_string(), "put 0..8; del 3; put 0..8; del 3");
    for (line, want) in [
        (
            "script = \"put 0..8; drop 3\"",
            "test.toml:3: script: step 2: `drop` is no step; allowed are `put KEYS`, `del KEYS`, `get KEYS`, `clear`",
        ),
        ("script = \"\"", "test.toml:3: script: step 1: there is none"),
        ("script = 3", "test.toml:3: script: "),
        ("script = \"put 1=2\"", "test.toml:3: script: `put 1=2` names a value"),
        ("script = \"put 1\"\nrepeat = 0", "test.toml:3: script: comes to 0 steps"),
        ("script = \"put 1\"\nrepeat = 10001", "script: comes to 10001 steps, repeats included"),
        ("script = \"put 0..1_000\"", "`1_000` is no key"),
        ("script = \"get 0..500000001\"\nrepeat = 2", "script: comes to 1000000002 operations"),
        ("script = \"put 1\"\nlive = 3", "test.toml:4: live: belongs to a recipe; with `script` the steps"),
        ("script = \"put 1\"\nphases = []", "test.toml:4: phases: belongs to a recipe"),
        ("script = \"put 1\"\nthreads = 2", "test.toml:4: threads: a script is one sequence"),
    ] {
        let said = refused(&script(line));
        assert!(said.contains(want), "`{want}` is not said of\n{line}\n{said}");
    }
    let said = refused(&trace("requests", "script = \"put 1\"\n"));
    assert!(said.contains("test.toml:3: script: and [trace] exclude each other"), "{said}");
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn trace(format: &str, more: &str) -> String {
    format!(
        "name = \"t\"\nwhy = \"A test.\"\n{more}[trace]\nfile = \"t.csv\"\nformat = \"{format}\"\n\
         origin = \"here\"\nlicence = \"none\"\n"
    )
}

#[test]
fn a_trace_is_found_beside_its_workload() {
    let folder = folder();
    let file: PathBuf = folder.path().join("t.toml");
    std::fs::write(&file, trace("operations", "")).unwrap();
    let said = Workload::read(&file).unwrap_err().to_string();
    assert!(said.contains("t.toml:4: file: there is no file") && said.contains("t.csv"), "{said}");
    std::fs::write(folder.path().join("t.csv"), "+,1\n").unwrap();
    let Source::Trace(read) = Workload::read(&file).unwrap().swap_remove(0).source else { panic!("a trace") };
    assert_eq!(read.file, folder.path().join("t.csv"));
    assert_eq!((read.format, read.capacity), (TraceFormat::Operations, None));
    let alone = "name = \"t\"\nwhy = \"A test.\"\n[trace]\nfile = \".\"\nformat = \"operations\"\n";
    std::fs::write(&file, alone).unwrap();
    let said = Workload::read(&file).unwrap_err().to_string();
    assert!(said.contains("is no regular file"), "{said}");
    std::fs::write(&file, alone.replace("\".\"", "\"t.csv\"")).unwrap();
    let Source::Trace(read) = Workload::read(&file).unwrap().swap_remove(0).source else { panic!("a trace") };
    assert_eq!((read.origin, read.licence, read.skip, read.limit), (None, None, 0, None));

    for (text, want) in [
        (trace("requests", ""), "t.toml:5: format: this format holds requests only"),
        (trace("operations", "") + "capacity = 10\n", "t.toml:5: format: this format has inserts"),
        (trace("requests", "") + "capacity = 0\n", "t.toml:8: capacity: 0 is out of range"),
        (trace("requests", "live = 3\n"), "t.toml:3: live: belongs to a recipe"),
        (trace("requests", "repeat = 3\n"), "t.toml:3: repeat: belongs to a recipe"),
        (
            trace("requests", "threads = 2\nkeys_shared = true\n"),
            "t.toml:4: keys_shared: the keys of a recording are dealt",
        ),
        (trace("csv", ""), "`oracle_general`"),
        (trace("operations", "") + "colour = 1\n", "t.toml:8: colour: unknown field"),
        (
            trace("twitter", "") + "divider = \";\"\n",
            "t.toml:8: divider: goes with \"operations\" and \"requests\"",
        ),
        (trace("operations", "") + "divider = \"ab\"\n", "t.toml:8: divider: allowed is one sign"),
        (trace("operations", "") + "columns = [\"key\"]\n", "t.toml:8: columns: one of them must be \"op\""),
        (trace("operations", "") + "columns = [\"op\", \"colour\"]\n", "unknown variant `colour`"),
        (trace("requests", "") + "capacity = 9\ncolumns = [\"key\", \"op\"]\n", "a request has no \"op\""),
        (trace("operations", "") + "columns = [\"op\", \"key\", \"key\"]\n", "one of them must be \"key\""),
        (trace("operations", "") + "columns = [\"op\", \"key\", \"op\"]\n", "one of them must be \"op\""),
        (trace("operations", "") + "kinds = { get = [\"A\"], insert = [\"A\"] }\n", "`A` stands there twice"),
        (trace("operations", "") + "ttl = \"seconds\"\n", "t.toml:8: ttl: seconds need a column \"time\""),
        (trace("operations", "") + "sample = 1.0\n", "t.toml:8: sample: 1 is no share of the keys"),
        (trace("operations", "") + "limit = 0\n", "t.toml:8: limit: 0 is out of range"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let said = Workload::read(&file).unwrap_err().to_string();
        assert!(said.contains(want), "`{want}` is not said of\n{text}\n{said}");
    }
}

#[test]
fn a_workload_has_the_name_of_its_file() {
    let folder = folder();
    let file = folder.path().join("other.toml");
    std::fs::write(&file, GOOD).unwrap();
    let fault = Workload::read(&file).unwrap_err();
    assert_eq!((fault.line, fault.field.as_str()), (Some(1), "name"));
    assert_eq!(fault.problem, "`test` must be the name of the file, `other`");
    let missing = Workload::read(&folder.path().join("none.toml")).unwrap_err();
    assert!(missing.to_string().contains("none.toml: cannot be read: "), "{missing}");
    std::fs::write(&file, b"name = \"\xff\"").unwrap();
    assert!(Workload::read(&file).unwrap_err().problem.contains("cannot be read"));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_script_makes_the_reader_panic(steps in "[a-z0-9 .=;]{0,40}", repeat in 0u32..20_000) {
        if let Err(fault) = parse(&script(&format!("script = \"{steps}\"\nrepeat = {repeat}"))) {
            prop_assert_eq!((fault.line, fault.field.as_str()), (Some(3), "script"));
        }
    }

    #[test]
    fn no_edit_of_a_good_file_makes_the_reader_panic(at in 0..GOOD.len(), cut in 0usize..9, insert in "[-0-9a-z={}\", \\[\\]\n_.é]{0,6}") {
        let end = (at + cut).min(GOOD.len());
        let text = [&GOOD[..at], &insert, &GOOD[end..]].concat();
        if let Err(fault) = parse(&text) {
            prop_assert!(!fault.problem.is_empty());
            prop_assert!(fault.line.is_none_or(|line| line <= text.lines().count() as u64 + 1));
        }
    }
}
