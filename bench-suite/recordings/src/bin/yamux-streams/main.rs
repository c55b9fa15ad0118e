//! A connection of [yamux](https://github.com/paritytech/yamux) over which many requests are made at once: each opens a
//! stream, writes how long the answer is to be, reads the answer and closes. Most answers are short, few are long, so
//! that streams leave in another order than they came.
//!
//! yamux keeps the streams of a connection in a map that is recorded where `CHURNMARK_RECORD` says: the first file is that
//! of the side that answers, the second that of the side that asks.

mod pipe;

use std::collections::VecDeque;
use std::error::Error;
use std::future::poll_fn;
use std::task::{Context, Poll};

use futures::channel::{mpsc, oneshot};
use futures::executor::{LocalPool, LocalSpawner};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::stream::StreamExt;
use futures::task::LocalSpawnExt;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use yamux::{Config, Connection, Mode, Stream};

use self::pipe::Pipe;

/// Requests that are under way at once.
const CLIENTS: u64 = 96;
/// Requests that each of them makes, one after the other.
const REQUESTS: u32 = 60;

/// Who waits for a stream.
type Asking = oneshot::Sender<Stream>;

fn main() -> Result<(), Box<dyn Error>> {
    let (here, there) = Pipe::pair();
    let answering = Connection::new(there, Config::default(), Mode::Server);
    let asking = Connection::new(here, Config::default(), Mode::Client);
    let mut pool = LocalPool::new();
    let spawner = pool.spawner();
    let (ask, asked) = mpsc::unbounded();
    for client in 0..CLIENTS {
        let ask = ask.clone();
        spawner.spawn_local(async move {
            // A connection that ends early ends the requests; what was recorded until then is whole.
            let _ = client_side(client, ask).await;
        })?;
    }
    drop(ask);
    spawner.spawn_local(server_side(answering, spawner.clone()))?;
    pool.run_until(open_streams(asking, asked));
    Ok(())
}

/// One request after the other.
async fn client_side(client: u64, ask: mpsc::UnboundedSender<Asking>) -> Result<(), Box<dyn Error>> {
    let mut random = SmallRng::seed_from_u64(client);
    let mut answer = vec![0; 1 << 16];
    for _ in 0..REQUESTS {
        let (reply, stream) = oneshot::channel();
        ask.unbounded_send(reply)?;
        let mut stream = stream.await?;
        let length: u32 = if random.random_bool(0.9) {
            random.random_range(1..4_096)
        } else {
            random.random_range(4_096..200_000)
        };
        stream.write_all(&length.to_le_bytes()).await?;
        stream.flush().await?;
        while stream.read(&mut answer).await? > 0 {}
        stream.close().await?;
    }
    Ok(())
}

/// Drives the side that asks until nobody asks any more.
async fn open_streams(mut connection: Connection<Pipe>, mut asked: mpsc::UnboundedReceiver<Asking>) {
    let mut waiting = VecDeque::new();
    poll_fn(|cx| open_some(&mut connection, &mut asked, &mut waiting, cx)).await;
    // Whoever answers learns that it is over.
    let _ = poll_fn(|cx| connection.poll_close(cx)).await;
}

fn open_some(
    connection: &mut Connection<Pipe>,
    asked: &mut mpsc::UnboundedReceiver<Asking>,
    waiting: &mut VecDeque<Asking>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    loop {
        match asked.poll_next_unpin(cx) {
            Poll::Ready(Some(asking)) => waiting.push_back(asking),
            Poll::Ready(None) if waiting.is_empty() => return Poll::Ready(()),
            _ => break,
        }
    }
    while !waiting.is_empty() {
        match connection.poll_new_outbound(cx) {
            Poll::Ready(Ok(stream)) => {
                if let Some(asking) = waiting.pop_front() {
                    // Who no longer waits drops the stream.
                    let _ = asking.send(stream);
                }
            }
            Poll::Ready(Err(_)) => return Poll::Ready(()),
            Poll::Pending => break,
        }
    }
    loop {
        match connection.poll_next_inbound(cx) {
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(_) => return Poll::Ready(()),
            Poll::Pending => return Poll::Pending,
        }
    }
}

/// Answers every stream that comes in.
async fn server_side(mut connection: Connection<Pipe>, spawner: LocalSpawner) {
    while let Some(Ok(stream)) = poll_fn(|cx| connection.poll_next_inbound(cx)).await {
        let answered = spawner.spawn_local(async move {
            // A stream that the other side gave up is one that needs no answer.
            let _ = answer(stream).await;
        });
        if answered.is_err() {
            return;
        }
    }
}

async fn answer(mut stream: Stream) -> std::io::Result<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await?;
    let length = u32::from_le_bytes(length) as usize;
    stream.write_all(&vec![7; length]).await?;
    stream.close().await
}
