//! Ctrl-C: the first ends the running children and lets the session be kept, the second ends everything.

use std::io;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Whether the user asked to stop, and the children that must hear of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    requested: bool,
    running: Vec<Pid>,
}

impl Interrupt {
    /// Listens for Ctrl-C, `kill` and a closed terminal in a thread that sleeps until then.
    pub(crate) fn listen() -> Result<Self> {
        let interrupt = Self::default();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be caught")?;
        let heard = interrupt.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if heard.request() {
                    continue;
                }
                // The second time nobody wants to wait. The children die with this program.
                let _ = emulate_default_handler(signal);
            }
        });
        Ok(interrupt)
    }

    /// Whether the user asked to stop.
    pub(crate) fn requested(&self) -> bool {
        self.state().requested
    }

    /// Starts a child and counts it as running; `None` when the user asked to stop before.
    pub(crate) fn start(&self, spawn: impl FnOnce() -> io::Result<Child>) -> Option<io::Result<Child>> {
        let mut state = self.state();
        if state.requested {
            return None;
        }
        let child = spawn();
        if let Ok(child) = &child {
            state.running.push(Pid::from_child(child));
        }
        Some(child)
    }

    /// Says that a child has ended. To be called before it is reaped, while its number is still its own.
    pub(crate) fn ended(&self, child: Pid) {
        self.state().running.retain(|&running| running != child);
    }

    /// Notes the wish to stop and ends the running children; false if it was noted before.
    fn request(&self) -> bool {
        let mut state = self.state();
        for &child in &state.running {
            // A group that is gone already needs no signal.
            let _ = kill_process_group(child, Signal::KILL);
        }
        !std::mem::replace(&mut state.requested, true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
