//! What `import` writes: a workload, and a compact recording for it.

use std::fmt::Write;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use formats::tape::{Kind, Op};
use formats::workload::Workload;
use generator::trace::{Guess, pack as compress};

use super::{Args, Import, field};

/// The files that are written; neither is there yet.
pub(super) struct Targets {
    name: String,
    workload: PathBuf,
    recording: PathBuf,
}

impl Targets {
    /// Names the files, and refuses names that are taken.
    pub(super) fn new(folder: &Path, args: &Args) -> Result<Self> {
        let name = args.name.clone().unwrap_or_else(|| name_of(&args.file));
        let workload = folder.join(format!("{name}.toml"));
        let recording = folder.join("traces").join(format!("{name}.csv.zst"));
        for file in [&workload, &recording] {
            if file.exists() {
                bail!("`{}` is there already: say another --name, or another folder", file.display());
            }
        }
        Ok(Self { name, workload, recording })
    }

    /// Writes both; what was written, for a person.
    pub(super) fn write(&self, import: &Import, packed: &[u8]) -> Result<String> {
        let text = self.text(import)?;
        let folder = self.recording.parent().context("a folder `traces`")?;
        std::fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
        create(&self.recording, packed)?;
        // What is wrong with it (the name, say) is told before it is there.
        Workload::parse(&text, &self.workload).inspect_err(|_| {
            let _ = std::fs::remove_file(&self.recording);
        })?;
        create(&self.workload, text.as_bytes())?;
        let folder = self.workload.parent().unwrap_or(Path::new("")).display();
        Ok(format!(
            "written: {}, and {} with {} bytes\n\
             next: churnmark verify -w {name} --workloads-in {folder}\n",
            self.workload.display(),
            self.recording.display(),
            packed.len(),
            name = self.name,
        ))
    }

    fn text(&self, import: &Import) -> Result<String> {
        let args = import.args;
        let mut text = String::new();
        field(&mut text, "name", Some(&self.name))?;
        let why = format!("Recorded: {} as {}.", args.file.display(), import.trace.format.name());
        field(&mut text, "why", Some(args.why.as_ref().unwrap_or(&why)))?;
        if let Some(size) = value_size(import) {
            let _ = writeln!(text, "values = {{ boxed = {size} }}");
        }
        let format = if import.capacity.is_some() { "keys" } else { "operations" };
        text += "\n[trace]\n";
        field(&mut text, "file", Some(format!("traces/{}.csv.zst", self.name)))?;
        field(&mut text, "format", Some(format))?;
        // A sample was taken already, and the cache with it.
        let share = import.trace.sample.unwrap_or(1.0);
        field(&mut text, "capacity", import.capacity.map(|entries| super::times(entries, share).max(1)))?;
        text += "# Whoever ships it says with `origin` and `licence` whose it is.\n";
        Ok(text)
    }
}

/// Bytes of a value, where the records say how many and a block may have as many.
pub(super) fn value_size(import: &Import) -> Option<u64> {
    import.recording.facts.mean_size().filter(|size| (8..=1 << 20).contains(size))
}

/// The `[trace]` table that guess and options come to.
pub(super) fn table(file: &str, guess: &Guess, args: &Args, capacity: Option<u64>) -> Result<String> {
    let mut text = String::from("[trace]\n");
    let layout = &guess.layout;
    let guessed: Vec<&str> = layout.columns.iter().map(|column| column.name()).collect();
    let columns = args
        .columns
        .clone()
        .or_else(|| (!guessed.is_empty()).then(|| guessed.iter().map(ToString::to_string).collect()));
    let divider = args.divider.clone().or_else(|| layout.divider.map(|byte| char::from(byte).to_string()));
    field(&mut text, "file", Some(file))?;
    field(&mut text, "format", Some(guess.format.name()))?;
    field(&mut text, "capacity", capacity)?;
    field(&mut text, "columns", columns)?;
    field(&mut text, "divider", divider)?;
    field(&mut text, "header", args.header.or(layout.header))?;
    field(&mut text, "ttl", args.ttl.as_ref())?;
    field(&mut text, "skip", args.skip)?;
    field(&mut text, "limit", args.limit)?;
    field(&mut text, "sample", args.sample)?;
    if let Some(kinds) = &layout.kinds {
        let lists = [
            ("insert", &kinds.insert),
            ("remove", &kinds.remove),
            ("get", &kinds.get),
            ("update", &kinds.update),
            ("clear", &kinds.clear),
            ("iterate", &kinds.iterate),
            ("ignore", &kinds.ignore),
        ];
        text += "[trace.kinds]\n";
        for (name, words) in lists {
            field(&mut text, name, (!words.is_empty()).then_some(words))?;
        }
    }
    Ok(text)
}

/// The recording in its shortest form: the keys of requests, or operations and keys, by number.
pub(super) fn pack(import: &Import) -> Vec<u8> {
    let mut text = Vec::with_capacity(import.drawn().threads.iter().map(Vec::len).sum::<usize>() * 7);
    let mut number = |sign: &[u8], number: u64| {
        text.extend_from_slice(sign);
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        text.extend_from_slice(&digits[at..]);
        text.push(b'\n');
    };
    if import.capacity.is_some() {
        for key in import.recording.requested() {
            number(b"", key.into());
        }
    } else {
        for op in import.drawn().threads.iter().flatten() {
            number(sign(*op), op.key());
        }
    }
    compress(&text)
}

/// How a record says it; a recording has no other kinds.
fn sign(op: Op) -> &'static [u8] {
    match op.kind() {
        Kind::Insert => b"+,",
        Kind::Remove => b"-,",
        Kind::Get => b"?,",
        Kind::Update => b"=,",
        Kind::Iterate => b"iterate,",
        Kind::Clear => b"clear,",
        Kind::RemoveFirst
        | Kind::Len
        | Kind::Upsert
        | Kind::Retain
        | Kind::Shrink
        | Kind::Reserve
        | Kind::Copy
        | Kind::Hold
        | Kind::Release
        | Kind::Fetch => {
            unreachable!("a recording asks for nothing that not every map has")
        }
    }
}

/// A name that a workload may have, from that of a file.
fn name_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or("recording");
    let dashed: String =
        stem.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
    let trimmed: String = dashed.trim_matches('-').chars().take(60).collect();
    if trimmed.is_empty() { "recording".into() } else { trimmed }
}

fn create(file: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = File::create_new(file)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("`{}` cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_the_file_s() {
        for (file, name) in [
            ("a/w106.trace.xz", "w106"),
            ("Sessions_2026.csv", "sessions-2026"),
            (".hidden.csv", "hidden"),
            ("__.csv", "recording"),
            ("日本.csv", "recording"),
        ] {
            assert_eq!(name_of(Path::new(file)), name);
        }
    }
}
