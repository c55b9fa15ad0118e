//! Ctrl-C: while passes run, the first ends the running children and lets the session be kept, the second ends
//! everything. While nothing runs there is nothing to wait for: the first ends everything.

use std::io;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::descendants;
use crate::exit::ExitStatus;
use crate::stderr::tell;

/// Whether the user asked to stop, and the children that must hear of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    requested: bool,
    /// How many sections must come to an end of their own.
    held: usize,
    /// What is said when all ends at once.
    last_words: String,
    running: Vec<Pid>,
}

/// A section that hears of the wish to stop and comes to an end of its own.
#[derive(Debug)]
pub(crate) struct Held<'a>(&'a Interrupt);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.state().held -= 1;
    }
}

impl Interrupt {
    /// Listens for Ctrl-C, `kill` and a closed terminal in a thread that sleeps until then. What a `churnmark`
    /// that was killed left running is ended.
    pub(crate) fn listen() -> Result<Self> {
        let interrupt = Self::default();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be caught")?;
        let heard = interrupt.clone();
        std::thread::spawn(move || {
            for _ in signals.forever() {
                if let Some(last_words) = heard.request() {
                    tell!("churnmark: interrupted{last_words}");
                    // The children were killed; files are written whole or not at all.
                    std::process::exit(ExitStatus::Interrupted.code().into());
                }
            }
        });
        descendants::end_orphans();
        Ok(interrupt)
    }

    /// Whether the user asked to stop.
    pub(crate) fn requested(&self) -> bool {
        self.state().requested
    }

    /// Until the end of what is given, whoever works asks whether it is [`requested`](Self::requested), and ends
    /// by itself.
    pub(crate) fn hold(&self) -> Held<'_> {
        self.state().held += 1;
        Held(self)
    }

    /// What is said behind "interrupted" when all ends at once.
    pub(crate) fn last_words(&self, words: String) {
        self.state().last_words = words;
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

    /// Notes the wish to stop and ends the running children. What to say last, if nobody is there to come to an
    /// end by itself, or the wish was noted before.
    fn request(&self) -> Option<String> {
        let mut state = self.state();
        for &child in &state.running {
            // A group that is gone already needs no signal.
            let _ = kill_process_group(child, Signal::KILL);
        }
        let is_first = !std::mem::replace(&mut state.requested, true);
        let somebody_ends = state.held > 0 || !state.running.is_empty();
        (!is_first || !somebody_ends).then(|| state.last_words.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wish_is_noted_where_somebody_hears_of_it() {
        let interrupt = Interrupt::default();
        interrupt.last_words("; all is kept".into());
        let held = interrupt.hold();
        assert_eq!(interrupt.request(), None);
        assert!(interrupt.requested());
        assert_eq!(interrupt.request().as_deref(), Some("; all is kept"));
        drop(held);

        let idle = Interrupt::default();
        drop(idle.hold());
        assert_eq!(idle.request().as_deref(), Some(""));
    }
}
