//! What programs allocate and free: a map from addresses to blocks, as an allocation tracker keeps it.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;

use super::player::{NEVER, Next, Player, Step};
use super::row::{hexadecimal, whole};
use super::rows::{Divider, Rows};
use super::token::Token;

/// Plays what `heaptrack --raw` wrote: `+ size trace address` is an insert, `- address` a remove; other lines describe
/// stacks and modules.
pub(super) fn read_heaptrack(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Spaces);
    while let Some(row) = rows.next()? {
        let (address, step) = match (row.bytes(0), row.len()) {
            (b"+", 4) => {
                player.size(hexadecimal(row.bytes(1)).ok_or_else(|| row.not(1, "size", HEXADECIMAL))?);
                (hexadecimal(row.bytes(3)), Step::Insert(NEVER))
            }
            (b"-", 2) => (hexadecimal(row.bytes(1)), Step::Remove),
            (b"+" | b"-", _) => {
                let problem = "names a kind of allocation and no block: this is what heaptrack makes of its records \
                               afterwards. Record with `heaptrack --raw`, whose lines are `+ size trace address` and \
                               `- address`";
                return Err(row.fault("", problem));
            }
            ([letter], _) if letter.is_ascii_alphabetic() || *letter == b'#' => {
                player.facts.ignored += 1;
                continue;
            }
            _ => return Err(row.not(0, "", "+, - or one of heaptrack's letters")),
        };
        let address = address.ok_or_else(|| row.not(row.len() - 1, "address", HEXADECIMAL))?;
        if player.play(Token::of_number(address), step) == Next::Enough {
            break;
        }
    }
    Ok(())
}

const HEXADECIMAL: &str = "a number in hexadecimal digits";

/// Plays the log of glibc's `mtrace`: `+ address size` is an insert, `- address` a remove, `< old` and `> new size`,
/// a reallocation, a remove and an insert. In front of them stands `@ place`.
pub(super) fn read_mtrace(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Spaces);
    while let Some(row) = rows.next()? {
        let signs = [b"+", b"-", b"<", b">", b"!"];
        let sign = match row.bytes(0) {
            b"=" => None,
            // A place may have spaces of its own: the sign is the last but its own columns.
            b"@" => (1..row.len())
                .rev()
                .take(3)
                .find(|&column| signs.iter().any(|sign| row.bytes(column) == *sign)),
            _ => (signs.iter().any(|sign| row.bytes(0) == *sign)).then_some(0),
        };
        let step = match sign.map(|column| row.bytes(column)) {
            Some(b"+" | b">") => Step::Insert(NEVER),
            Some(b"-" | b"<") => Step::Remove,
            Some(_) => {
                player.facts.ignored += 1;
                continue;
            }
            None if row.bytes(0) == b"=" => {
                player.facts.ignored += 1;
                continue;
            }
            None => return Err(row.not(0, "", "= or [@ place] and one of + - < > !")),
        };
        let column = sign.unwrap_or(0) + 1;
        let address =
            hexadecimal(row.bytes(column)).ok_or_else(|| row.not(column, "address", HEXADECIMAL))?;
        if let (Step::Insert(_), Some(size)) = (step, hexadecimal(row.bytes(column + 1))) {
            player.size(size);
        }
        if player.play(Token::of_number(address), step) == Next::Enough {
            break;
        }
    }
    Ok(())
}

/// Plays a trace of the malloc lab of CS:APP: four lines of numbers, of which nothing is needed, then `a id size`, an
/// insert, `r id size`, an update, and `f id`, a remove; a negative id is no block.
pub(super) fn read_malloc_lab(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Spaces);
    let mut heading = 0;
    while let Some(row) = rows.next()? {
        if heading < 4 {
            heading += 1;
            if row.len() != 1 || whole(row.bytes(0)).is_none() {
                let problem = "the first four lines are numbers: heap size, ids, operations, weight";
                return Err(row.not(0, "", &format!("a number: {problem}")));
            }
            continue;
        }
        let (step, columns) = match row.bytes(0) {
            b"a" => (Step::Insert(NEVER), 3),
            b"r" => (Step::Update, 3),
            b"f" => (Step::Remove, 2),
            _ => return Err(row.not(0, "", "a, r or f")),
        };
        if row.len() != columns {
            return Err(row.columns_fault(&["op", "id", "size"][..columns]));
        }
        if row.bytes(1).starts_with(b"-") {
            player.facts.ignored += 1;
            continue;
        }
        let id = row.whole(1, "id")?;
        if columns == 3 {
            player.size(row.whole(2, "size")?);
        }
        if player.play(Token::of_number(id), step) == Next::Enough {
            break;
        }
    }
    Ok(())
}
