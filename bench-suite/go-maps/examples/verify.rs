//! Replays the recordings named on the command line: `cargo run --example verify -- FILE...`

use std::fs::File;
use std::process::ExitCode;

use go_maps::recorded;

fn main() -> ExitCode {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        match File::open(&path).map(|file| recorded::verify(file, &path)) {
            Err(error) => {
                eprintln!("{path}: {error}");
                failed = true;
            }
            Ok(Err(error)) => {
                println!("{error}");
                failed = true;
            }
            Ok(Ok(same)) => println!(
                "{path}: {} operations, {} digests, {} places, {} answers, {} events, {} dumps, {} hashes: no difference",
                same.operations,
                same.digests,
                same.placements,
                same.results,
                same.events,
                same.dumps,
                same.hashes,
            ),
        }
    }
    ExitCode::from(u8::from(failed))
}
