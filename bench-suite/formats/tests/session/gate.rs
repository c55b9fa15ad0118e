//! What a gate found, in the folder of its session.

use formats::gate::{GATE_FILE, Gate};
use formats::observation::SCHEMA;
use formats::session::Session;

use crate::folder;

#[test]
fn what_a_gate_found_is_read_with_its_session() {
    let folder = folder();
    assert_eq!(Session::read(folder.path()).unwrap().gate, None);
    let side = serde_json::json!({ "name": "HEAD", "revision": "", "programs": [] });
    let gate: Gate = serde_json::from_value(serde_json::json!({
        "schema": SCHEMA, "started": "2026-01-01T00:00:00Z", "seconds": 1.5, "head": side, "base": side,
        "rule": {
            "alpha": 0.01, "delta": 0.03, "tolerance": 0.005, "comparisons": 0, "looks": [], "slices": 256,
            "discarded": 32, "seeds": [1],
        },
        "controls": [], "exact": [], "timing": [], "not_compared": [], "conclusion": "nothing_compared",
    }))
    .unwrap();
    gate.write(folder.path()).unwrap();
    let file = folder.path().join(GATE_FILE);
    assert_eq!(Gate::read(&file).unwrap(), gate);
    assert_eq!(Session::read(folder.path()).unwrap().gate, Some(gate));

    std::fs::write(&file, format!("{{\"schema\": {}}}", SCHEMA + 1)).unwrap();
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains(GATE_FILE) && said.contains("newer"), "{said}");
    std::fs::write(&file, format!("{{\"schema\": {SCHEMA}, \"started\": 3}}")).unwrap();
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains("gate.json:1: invalid type"), "{said}");
}
