//! The suite's own CPU profiler behind criterion's `--profile-time`.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::profiler::Profiler;
use subject::watch::stacks::Sampler;

/// Samples a second of CPU time: a prime, and the rate of the suite's own profiles.
const HZ: u32 = 99;

/// Samples the benchmark that criterion runs, and writes what was seen into the folder that criterion names.
#[derive(Default)]
pub(crate) struct Sampling(Option<Sampler>);

impl Profiler for Sampling {
    fn start_profiling(&mut self, id: &str, _folder: &Path) {
        match Sampler::new(HZ) {
            Ok(mut sampler) => {
                sampler.resume();
                self.0 = Some(sampler);
            }
            Err(error) => eprintln!("{id} is not profiled: {error}"),
        }
    }

    fn stop_profiling(&mut self, id: &str, folder: &Path) {
        let Some(mut sampler) = self.0.take() else { return };
        sampler.pause();
        let written = sampler.finish(1).map_err(|error| error.to_string()).and_then(|seen| {
            let profile = STANDARD.decode(&seen.profile).map_err(|error| error.to_string())?;
            let write = |name: &str, bytes: &[u8]| {
                fs::write(folder.join(name), bytes).map_err(|error| error.to_string())
            };
            fs::create_dir_all(folder).map_err(|error| error.to_string())?;
            write("stacks.folded", seen.folded.as_bytes())?;
            write("profile.pb.gz", &profile)?;
            Ok(seen.samples)
        });
        match written {
            Ok(taken) => println!("{id}: {taken} samples in {}", folder.display()),
            Err(error) => eprintln!("{id} has no profile: {error}"),
        }
    }
}
