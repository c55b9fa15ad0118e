//! The command and the real subject programs, from outside: small tapes, real sessions, planted faults.

mod canaries;
mod garbled;
mod inspecting;
mod interrupting;
mod known;
mod measuring;
mod recorded;
mod paced;
mod refusing;
mod sandbox;
