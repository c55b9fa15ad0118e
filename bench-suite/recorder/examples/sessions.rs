//! A table of sessions, recorded: tokens come, are looked up, and leave when they were not used for long.
//!
//! `cargo run --package churnmark-recorder --example sessions -- sessions.churn`, then
//! `churnmark import sessions.churn`. Exits with 1 when the file cannot be made.

use std::collections::{HashMap, VecDeque};
use std::process::ExitCode;

use churnmark_recorder::{Options, Recorded, Recorder};

/// The one line that changes in a program.
type Sessions = Recorded<HashMap<String, u64>>;

const REQUESTS: u64 = 20_000;
const LIVE: usize = 1_000;

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: sessions FILE");
        return ExitCode::from(2);
    };
    // A program of yours says `Sessions::default()` and is told the file by CHURNMARK_RECORD.
    let recorder = Recorder::with(&file, Options { secret: Some([1, 2]), sample: None });
    let recorder = match recorder {
        Ok(recorder) => recorder,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    serve(Sessions::by(recorder, HashMap::new()));
    ExitCode::SUCCESS
}

fn serve(mut sessions: Sessions) {
    let mut order = VecDeque::new();
    for request in 0..REQUESTS {
        // A third of the requests bring a new session, the others go to a recent one.
        if request % 3 == 0 {
            let token = format!("token-{:08x}", request.wrapping_mul(0x9e37_79b9));
            order.push_back(token.clone());
            sessions.insert(token, request);
        } else if let Some(token) =
            order.get(order.len() - 1 - usize::try_from(request % 50).unwrap_or(0) % order.len())
        {
            sessions.get(token.as_str());
        }
        if order.len() > LIVE
            && let Some(token) = order.pop_front()
        {
            sessions.remove(token.as_str());
        }
    }
}
