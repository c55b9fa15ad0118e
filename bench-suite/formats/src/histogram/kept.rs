//! Histograms as they are kept, without room for 33,792 counters: most of what a session keeps is read once.

use std::cell::RefCell;
use std::io::Write;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};

use super::{MAX_NS, empty};

/// Bytes before the counters of a histogram that is not compressed.
const HEAD: usize = 40;
/// What says of a text that it is compressed, and of a head that nothing behind it is.
const PACKED: u32 = 0x1c84_9314;
const PLAIN: u32 = 0x1c84_9313;
/// A histogram of ours has so many.
const MOST_COUNTERS: u64 = 33_792;
/// No histogram of ours takes more: its counters are of at most 9 bytes.
const MOST_BYTES: usize = 1 << 20;

/// The fields of that head which say how the counters are to be read.
const COOKIE: Range<usize> = 0..4;
const LENGTH: Range<usize> = 4..8;
const OFFSET: Range<usize> = 8..12;
const DIGITS: Range<usize> = 12..16;
const LOW: Range<usize> = 16..24;
const HIGH: Range<usize> = 24..32;
const RATIO: Range<usize> = 32..40;

/// The counters of a histogram with our bounds, as `HdrHistogram` writes them behind its head. They were checked.
#[derive(Debug, Clone)]
pub(super) struct Kept(Box<[u8]>);

impl Kept {
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let mut bytes = Vec::new();
        V2Serializer::new()
            .serialize(histogram, &mut bytes)
            .expect("writing to memory succeeds and the counts fit");
        Self(bytes[HEAD..].into())
    }

    /// Reads the text that [`text`](Self::text) writes, and that of histograms with other bounds.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let bytes = inflate(text)?;
        if bytes[..HEAD] == head(MAX_NS, bytes.len() - HEAD) {
            each_counter(&bytes[HEAD..], |_, _| {})?;
            return Ok(Self(bytes[HEAD..].into()));
        }
        let read: Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| format!("histogram: {error:?}"))?;
        let mut histogram = empty();
        histogram.add(&read).map_err(|error| format!("histogram: {error:?}"))?;
        Ok(Self::of(&histogram))
    }

    /// As `HdrHistogram` V2 with DEFLATE, in base64.
    pub(super) fn text(&self) -> String {
        let mut packed = vec![0; 8];
        packed[COOKIE].copy_from_slice(&PACKED.to_be_bytes());
        let mut zlib = ZlibEncoder::new(packed, Compression::default());
        let written = zlib.write_all(&head(MAX_NS, self.0.len())).and_then(|()| zlib.write_all(&self.0));
        let mut packed = written.and_then(|()| zlib.finish()).expect("writing to memory succeeds");
        let length = u32::try_from(packed.len() - 8).expect("no histogram of ours has 4 GiB");
        packed[LENGTH].copy_from_slice(&length.to_be_bytes());
        BASE64.encode(packed)
    }

    /// The histogram, with no more counters than were counted in.
    pub(super) fn histogram(&self) -> Histogram<u64> {
        let mut last = 0;
        self.each_place(|place, _| last = place);
        let bytes = [&head(least_of(last).max(2), self.0.len())[..], &self.0].concat();
        Deserializer::new().deserialize(&mut bytes.as_slice()).expect("it was checked when it was read")
    }

    /// The longest duration of each counter that is not 0, ascending, and its count.
    pub(super) fn each(&self, mut show: impl FnMut(u64, u64)) {
        self.each_place(|place, count| show(least_of(place + 1) - 1, count));
    }

    fn each_place(&self, show: impl FnMut(u64, u64)) {
        each_counter(&self.0, show).expect("it was checked when it was read");
    }
}

/// The head of a histogram of ours up to a longest duration, before so many bytes of counters.
fn head(longest: u64, payload: usize) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[COOKIE].copy_from_slice(&PLAIN.to_be_bytes());
    head[LENGTH].copy_from_slice(&u32::try_from(payload).unwrap_or(u32::MAX).to_be_bytes());
    head[OFFSET].copy_from_slice(&[0; 4]);
    head[DIGITS].copy_from_slice(&3_u32.to_be_bytes());
    head[LOW].copy_from_slice(&1_u64.to_be_bytes());
    head[HIGH].copy_from_slice(&longest.to_be_bytes());
    head[RATIO].copy_from_slice(&1.0_f64.to_be_bytes());
    head
}

/// The least duration that a counter counts, by its place: each power of two has as many counters as half of the first.
fn least_of(place: u64) -> u64 {
    const IN_POWER: u64 = 1024;
    match place / IN_POWER {
        0 => place,
        power => (place % IN_POWER + IN_POWER) << (power - 1),
    }
}

/// Shows place and count of each counter of a payload that is not 0. The payload is numbers with a sign, seven bits a
/// byte and the last bit the sign; a negative one stands for so many counters of 0.
fn each_counter(payload: &[u8], mut show: impl FnMut(u64, u64)) -> Result<(), String> {
    let mut bytes = payload.iter();
    let mut place = 0_u64;
    while let Some(first) = bytes.next() {
        let (mut last, mut number, mut shift) = (*first, u64::from(first & 0x7f), 7);
        while last & 0x80 != 0 && shift <= 56 {
            last = *bytes.next().ok_or("histogram: it ends in a number")?;
            // The ninth byte has no sign that another follows.
            let digits = if shift == 56 { last } else { last & 0x7f };
            number |= u64::from(digits) << shift;
            shift += 7;
        }
        let (count, is_negative) = (number >> 1, number & 1 == 1);
        if is_negative {
            place = place.saturating_add(count.saturating_add(1));
            continue;
        }
        if count > 0 {
            if place >= MOST_COUNTERS {
                return Err("histogram: it has more counters than there are durations".into());
            }
            show(place, count);
        }
        place = place.saturating_add(1);
    }
    Ok(())
}

thread_local! {
    /// What inflates: a session has tens of thousands of histograms of some hundred bytes each, and it has 40 KB.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Takes the compression off a histogram, which lies in a cookie and a length, and refuses one whose counters would
/// take more than any of ours: the library makes room for what a length says before it reads on. What is given has a
/// whole head.
fn inflate(text: &str) -> Result<Vec<u8>, String> {
    let bytes = BASE64.decode(text).map_err(|error| format!("histogram: {error}"))?;
    let problem = |what: &str| Err(format!("histogram: {what}"));
    let Some((_, packed)) = bytes.split_at_checked(8) else { return problem("it ends in its head") };
    let plain = INFLATER.with_borrow_mut(|inflater| inflated(inflater, packed))?;
    let Some(payload) = plain.len().checked_sub(HEAD) else { return problem("it ends in its head") };
    if u32::from_be_bytes(plain[LENGTH].try_into().unwrap_or_default()) as usize != payload {
        return problem("its length is not what follows");
    }
    Ok(plain)
}

fn inflated(inflater: &mut Decompress, packed: &[u8]) -> Result<Vec<u8>, String> {
    inflater.reset(true);
    let mut plain = Vec::with_capacity(1024);
    loop {
        let before = (inflater.total_in(), plain.len());
        let rest = usize::try_from(inflater.total_in()).map_or(&[][..], |read| &packed[read..]);
        let status = inflater.decompress_vec(rest, &mut plain, FlushDecompress::None);
        if plain.len() > MOST_BYTES {
            return Err("histogram: it has more counters than there are durations".into());
        }
        match status {
            Err(error) => return Err(format!("histogram: {error}")),
            Ok(Status::StreamEnd) => return Ok(plain),
            Ok(_) if before == (inflater.total_in(), plain.len()) && plain.len() < plain.capacity() => {
                return Err("histogram: its compressed part is cut off".into());
            }
            Ok(_) => plain.reserve(plain.len().max(1024)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Latencies;

    #[test]
    fn a_length_is_believed_only_when_it_is_there() {
        let mut latencies = Latencies::new();
        latencies.record(30, 2);
        let text = String::from(latencies);
        let (plain, packed) = (inflate(&text).unwrap(), BASE64.decode(text).unwrap());
        let pack = |plain: &[u8]| {
            let mut zlib = flate2::write::ZlibEncoder::new(packed[..8].to_vec(), flate2::Compression::fast());
            std::io::Write::write_all(&mut zlib, plain).unwrap();
            Latencies::try_from(BASE64.encode(zlib.finish().unwrap()))
        };
        assert_eq!(pack(&plain).unwrap().count(), 2);
        let mut boasts = plain.clone();
        boasts[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(pack(&boasts).unwrap_err(), "histogram: its length is not what follows");
        let mut long = plain.clone();
        long.resize(20 << 20, 0);
        assert!(pack(&long).unwrap_err().contains("more counters"));
        assert!(pack(&plain[..20]).is_err());
    }
}
