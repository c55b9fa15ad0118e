//! Requests, a line each: keys alone, the ranges of the ARC paper, the addresses that a processor loads and stores.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;

use super::player::{Next, Player, Step};
use super::row::hexadecimal;
use super::rows::{Divider, Rows};
use super::token::Token;

/// A range of more blocks is no read of a disk.
const MAX_BLOCKS: u64 = 1_000_000;
const ARC: [&str; 4] = ["start", "count", "ignored", "number"];
const ADDRESS: [&str; 3] = ["l or s", "address", "instructions"];

/// Plays a key a line. A single `*` ends a recording of the LIRS paper and is no key.
pub(super) fn read_keys(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::None);
    while let Some(row) = rows.next()? {
        let key = row.key(0)?;
        if key == b"*" || row.is_first() && row.begins_with(&["key", "keys"]) {
            player.facts.ignored += 1;
            continue;
        }
        if key.iter().any(u8::is_ascii_control) {
            return Err(row.not(0, "key", "text without control characters"));
        }
        if player.play(Token::of(key), Step::Request) == Next::Enough {
            break;
        }
    }
    Ok(())
}

/// Plays `start count ignored number`: a request for each of `count` blocks from `start` on.
pub(super) fn read_arc(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Spaces);
    while let Some(row) = rows.next()? {
        if row.len() != ARC.len() {
            return Err(row.columns_fault(&ARC));
        }
        let start = row.whole(0, "start")?;
        let blocks = row.count(1, "count", MAX_BLOCKS)?;
        for block in 0..blocks {
            if player.play(Token::of_number(start.wrapping_add(block)), Step::Request) == Next::Enough {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Plays `l 0x1fffff58 1`, a load, or `s …`, a store; what else a line says is passed over.
pub(super) fn read_addresses(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Spaces);
    while let Some(row) = rows.next()? {
        if !matches!(row.len(), 2..=6) {
            return Err(row.columns_fault(&ADDRESS));
        }
        if !matches!(row.bytes(0), b"l" | b"s") {
            return Err(row.not(0, "", "l, a load, or s, a store"));
        }
        let address = hexadecimal(row.bytes(1));
        let address = address.ok_or_else(|| row.not(1, "address", "a number in hexadecimal digits"))?;
        if player.play(Token::of_number(address), Step::Request) == Next::Enough {
            break;
        }
    }
    Ok(())
}
