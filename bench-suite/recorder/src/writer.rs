//! The thread that writes blocks.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Duration;

use crate::block::Block;

/// How long the writer sleeps when there is nothing to write: nobody wakes it, for that would cost the program time.
const NAP: Duration = Duration::from_millis(2);

/// What the writer is sent.
pub(crate) enum Message {
    Block(Block),
    /// Say when all before this is in the file.
    Flush(Sender<io::Result<()>>),
}

/// Writes until every sender is gone.
pub(crate) fn write(file: &mut File, blocks: &Receiver<Message>) {
    let mut bytes = Vec::new();
    let mut outcome = Ok(());
    loop {
        match blocks.try_recv() {
            Ok(Message::Block(block)) => {
                block.write_to(&mut bytes);
                if bytes.len() > 1 << 16 {
                    put(file, &mut bytes, &mut outcome);
                }
            }
            Ok(Message::Flush(done)) => {
                put(file, &mut bytes, &mut outcome);
                // Nobody may wait any more.
                let _ = done.send(std::mem::replace(&mut outcome, Ok(())));
            }
            Err(TryRecvError::Empty) => {
                put(file, &mut bytes, &mut outcome);
                std::thread::sleep(NAP);
            }
            Err(TryRecvError::Disconnected) => {
                put(file, &mut bytes, &mut outcome);
                return;
            }
        }
    }
}

/// Writes what has come; after a first error nothing more, for there would be a gap.
fn put(file: &mut File, bytes: &mut Vec<u8>, outcome: &mut io::Result<()>) {
    if outcome.is_ok() && !bytes.is_empty() {
        *outcome = file.write_all(bytes);
    }
    bytes.clear();
}
