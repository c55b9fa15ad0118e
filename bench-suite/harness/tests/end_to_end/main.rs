//! The command and the real subject programs, from outside: small tapes, real sessions, planted faults.

mod canaries;
mod claims;
mod garbled;
mod interrupting;
mod known;
mod measuring;
mod refusing;
mod sandbox;
