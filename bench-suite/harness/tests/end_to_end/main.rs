//! The command and the real subject programs, from outside: small tapes, real sessions, planted faults.

mod adopting;
mod altered;
mod anywhere;
mod baselines;
mod bisecting;
mod canaries;
mod claims;
mod evidence;
mod expecting;
mod folders;
mod gating;
#[path = "../../../report/tests/golden/mod.rs"]
mod golden;
mod hindered;
mod importing;
mod in_turn;
mod inspecting;
mod installed;
mod interrupting;
mod invalid_output;
mod known;
mod measuring;
mod names;
mod operations;
mod oversized;
mod paced;
mod protocol;
mod real_go;
mod recorded;
mod refusing;
mod sandbox;
mod schemas;
mod suites;
mod sweeping;
mod tail;
mod varying;
