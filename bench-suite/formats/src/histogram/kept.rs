//! Histograms as text, without making room for 33,792 counters: most of what a session keeps is read once.

use std::io::Read;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use super::{MAX_NS, empty};

/// Bytes before the counters of a histogram that is not compressed.
const HEAD: usize = 40;
/// A histogram of ours has so many.
const MOST_COUNTERS: u64 = 33_792;
/// No histogram of ours takes more: its counters are of at most 9 bytes.
const MOST_BYTES: u64 = 1 << 20;

/// The fields of that head which say how the counters are to be read.
const COOKIE: Range<usize> = 0..4;
const OFFSET: Range<usize> = 8..12;
const DIGITS: Range<usize> = 12..16;
const LOW: Range<usize> = 16..24;
const HIGH: Range<usize> = 24..32;
const RATIO: Range<usize> = 32..40;

/// A histogram with our bounds, of which it has no more counters than were counted in.
pub(super) fn unpack(text: &str) -> Result<Histogram<u64>, String> {
    let mut bytes = inflate(text)?;
    let is_ours = is_ours(&bytes);
    if is_ours {
        let mut last = 0;
        each_counter(&bytes[HEAD..], |place, _| last = place)?;
        bytes[HIGH].copy_from_slice(&least_of(last).max(2).to_be_bytes());
    }
    let read: Histogram<u64> = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("histogram: {error:?}"))?;
    if is_ours {
        return Ok(read);
    }
    let mut histogram = empty();
    histogram.add(&read).map_err(|error| format!("histogram: {error:?}"))?;
    Ok(histogram)
}

/// How many durations a text counts, if it is a histogram.
pub(super) fn count_of(text: &str) -> Result<u64, String> {
    let bytes = inflate(text)?;
    if !is_ours(&bytes) {
        return unpack(text).map(|histogram| histogram.len());
    }
    let mut sum = 0_u64;
    each_counter(&bytes[HEAD..], |_, count| sum = sum.saturating_add(count))?;
    Ok(sum)
}

/// Whether a head is that of a histogram with our bounds; the library reads any other.
fn is_ours(bytes: &[u8]) -> bool {
    bytes[COOKIE] == 0x1c84_9313_u32.to_be_bytes()
        && bytes[OFFSET] == [0; 4]
        && bytes[DIGITS] == 3_u32.to_be_bytes()
        && bytes[LOW] == 1_u64.to_be_bytes()
        && bytes[HIGH] == MAX_NS.to_be_bytes()
        && bytes[RATIO] == 1.0_f64.to_be_bytes()
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

/// Takes the compression off a histogram, which lies in a cookie and a length, and refuses one whose counters would
/// take more than any of ours: the library makes room for what a length says before it reads on. What is given has a
/// whole head.
fn inflate(text: &str) -> Result<Vec<u8>, String> {
    let bytes = BASE64.decode(text).map_err(|error| format!("histogram: {error}"))?;
    let problem = |what: &str| Err(format!("histogram: {what}"));
    let Some((_, packed)) = bytes.split_at_checked(8) else { return problem("it ends in its head") };
    let mut plain = Vec::new();
    let read = ZlibDecoder::new(packed).take(MOST_BYTES + 1).read_to_end(&mut plain);
    read.map_err(|error| format!("histogram: {error}"))?;
    let Some(payload) = plain.len().checked_sub(HEAD) else { return problem("it ends in its head") };
    let length = &plain[4..8];
    if plain.len() as u64 > MOST_BYTES {
        return problem("it has more counters than there are durations");
    }
    if u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize != payload {
        return problem("its length is not what follows");
    }
    Ok(plain)
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
