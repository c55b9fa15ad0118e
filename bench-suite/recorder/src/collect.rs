//! From the threads of the program to the writer: each thread collects for itself.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Weak};
use std::time::Instant;

use crate::block::{Block, OPERATIONS, head};
use crate::writer::{self, Message};

/// Blocks that may be under way: 8 MiB. When they are, what comes is dropped.
const UNDER_WAY: usize = 4096;

/// The way of one recording to its file.
#[derive(Debug)]
pub(crate) struct Channel {
    /// Tells recordings apart within a thread; never used twice.
    number: u64,
    sender: SyncSender<Message>,
    began: Instant,
    threads: AtomicU32,
    dropped: AtomicU64,
}

/// What a thread has collected for a recording.
struct Collected {
    number: u64,
    channel: Weak<Channel>,
    thread: u32,
    dropped: u32,
    begin: u64,
    operations: Vec<u64>,
}

thread_local! {
    static COLLECTED: RefCell<Vec<Collected>> = const { RefCell::new(Vec::new()) };
}

static NEXT: AtomicU64 = AtomicU64::new(0);

impl Channel {
    /// Makes the file and starts the thread that writes it.
    pub(crate) fn open(path: &Path, share: f64) -> io::Result<Arc<Self>> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(&head(share))?;
        let (sender, receiver) = sync_channel(UNDER_WAY);
        let name = std::thread::Builder::new().name("churnmark-recorder".into());
        name.spawn(move || writer::write(&mut file, &receiver))?;
        Ok(Arc::new(Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            sender,
            began: Instant::now(),
            threads: AtomicU32::new(0),
            dropped: AtomicU64::new(0),
        }))
    }

    /// Collects an operation of this thread. Where a thread is at its end and collects no more, it is dropped.
    #[inline]
    pub(crate) fn push(self: &Arc<Self>, operation: u64) {
        let done = COLLECTED.try_with(|collected| {
            let Ok(mut collected) = collected.try_borrow_mut() else { return false };
            let first = collected.first().is_some_and(|first| first.number == self.number);
            let own = if first { 0 } else { self.find(&mut collected) };
            let own = &mut collected[own];
            if own.operations.is_empty() {
                own.begin = self.now();
            }
            own.operations.push(operation);
            if own.operations.len() >= OPERATIONS {
                own.hand_over(self);
            }
            true
        });
        if done != Ok(true) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The place where this thread collects for this recording.
    #[cold]
    fn find(self: &Arc<Self>, collected: &mut Vec<Collected>) -> usize {
        if let Some(found) = collected.iter().position(|other| other.number == self.number) {
            return found;
        }
        collected.retain(|other| other.channel.strong_count() > 0);
        collected.push(Collected {
            number: self.number,
            channel: Arc::downgrade(self),
            thread: self.threads.fetch_add(1, Ordering::Relaxed),
            dropped: 0,
            begin: 0,
            operations: Vec::with_capacity(OPERATIONS),
        });
        collected.len() - 1
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Hands over what this thread has collected.
    pub(crate) fn hand_over(&self) {
        // A thread at its end has handed over what it had.
        let _ = COLLECTED.try_with(|collected| {
            if let Ok(mut collected) = collected.try_borrow_mut()
                && let Some(own) = collected.iter_mut().find(|own| own.number == self.number)
            {
                own.hand_over(self);
            }
        });
    }

    /// Waits until all that was handed over is written.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.hand_over();
        let (done, written) = channel();
        let gone = || io::Error::other("the thread that writes the recording has ended");
        self.sender.send(Message::Flush(done)).map_err(|_| gone())?;
        written.recv().map_err(|_| gone())?
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Collected {
    /// Gives the block to the writer, or drops it where too many are under way.
    #[cold]
    fn hand_over(&mut self, channel: &Channel) {
        if self.operations.is_empty() {
            return;
        }
        let operations = std::mem::replace(&mut self.operations, Vec::with_capacity(OPERATIONS));
        let count = u32::try_from(operations.len()).unwrap_or(u32::MAX);
        let (dropped, begin) = (self.dropped, self.begin);
        let block = Block { thread: self.thread, dropped, begin, end: channel.now(), operations };
        match channel.sender.try_send(Message::Block(block)) {
            Ok(()) => self.dropped = 0,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped = self.dropped.saturating_add(count);
                channel.dropped.fetch_add(count.into(), Ordering::Relaxed);
            }
        }
    }
}

impl Drop for Collected {
    fn drop(&mut self) {
        if let Some(channel) = self.channel.upgrade() {
            self.hand_over(&channel);
        }
    }
}
