//! Rows of columns: what was done, or only which key was asked for, and where a file has them time, size, time to live.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;
use formats::tape::Kind;
use formats::workload::{Action, Column, Kinds, Layout, TraceFormat, TtlUnit};

use super::player::{NEVER, Next, Player, Step};
use super::row::Row;
use super::rows::{Divider, Rows};
use super::token::Token;

/// First words of a row that names the columns.
const TITLES: [&str; 12] = [
    "op",
    "operation",
    "time",
    "time_s",
    "timestamp",
    "ts",
    "op_time",
    "key",
    "key_id",
    "id",
    "version",
    "obj_id",
];
/// More than this in a `count` column is no record of what happened.
const MAX_COUNT: u64 = 1_000_000;

/// Where what is needed stands in a row, and what its words mean.
struct Table<'a> {
    titles: Vec<&'a str>,
    /// Columns that a row must have at the least.
    least: usize,
    key: usize,
    op: Option<usize>,
    time: Option<usize>,
    size: Option<usize>,
    ttl: Option<usize>,
    count: Option<usize>,
    words: Vec<(&'a [u8], Action)>,
    allowed: String,
}

/// Plays the rows of a layout.
pub(super) fn read(
    source: impl Read,
    file: &Path,
    format: TraceFormat,
    layout: &Layout,
    ttl: Option<TtlUnit>,
    player: &mut Player,
) -> Result<(), Fault> {
    let divider = match layout.divider {
        Some(b' ') => Divider::Spaces,
        Some(byte) => Divider::Byte(byte),
        None => Divider::Byte(b','),
    };
    let own = Kinds {
        insert: vec!["+".into(), "insert".into()],
        remove: vec!["-".into(), "delete".into()],
        get: vec!["?".into(), "get".into()],
        update: vec!["=".into(), "update".into()],
        clear: vec!["clear".into()],
        iterate: vec!["iterate".into()],
        ignore: vec![],
    };
    let table = Table::new(format, layout, layout.kinds.as_ref().unwrap_or(&own));
    player.counts_operations = ttl.map_or(table.time.is_none(), |unit| unit == TtlUnit::Operations);
    let mut rows = Rows::new(source, file, divider);
    let mut header = layout.header;
    while let Some(row) = rows.next()? {
        if header.take().unwrap_or_else(|| row.is_first() && row.begins_with(&TITLES)) {
            header = Some(false);
            continue;
        }
        header = Some(false);
        if table.play(&row, player)? == Next::Enough {
            break;
        }
    }
    Ok(())
}

impl<'a> Table<'a> {
    fn new(format: TraceFormat, layout: &Layout, kinds: &'a Kinds) -> Self {
        let operations = format == TraceFormat::Operations;
        let (columns, least): (&[Column], usize) = match layout.columns.as_slice() {
            [] if operations => (&[Column::Op, Column::Key, Column::Size, Column::Ttl], 2),
            [] => (&[Column::Time, Column::Key, Column::Size], 3),
            columns => (columns, columns.len()),
        };
        let place = |column| columns.iter().position(|&other| other == column);
        let allowed: Vec<&str> = kinds.words().map(|(word, _)| word).collect();
        let allowed = format!("one of {}", allowed.join(" "));
        let mut words: Vec<(&[u8], Action)> =
            kinds.words().map(|(word, action)| (word.as_bytes(), action)).collect();
        // Signs first: what is short is compared soonest.
        words.sort_by_key(|(word, _)| word.len());
        Self {
            titles: columns.iter().map(|column| column.name()).collect(),
            least,
            key: place(Column::Key).unwrap_or(0),
            op: place(Column::Op),
            time: place(Column::Time),
            size: place(Column::Size),
            ttl: place(Column::Ttl),
            count: place(Column::Count),
            allowed,
            words,
        }
    }

    #[inline]
    fn play(&self, row: &Row, player: &mut Player) -> Result<Next, Fault> {
        if row.len() < self.least || row.len() > self.titles.len() {
            return Err(row.columns_fault(&self.titles));
        }
        let mut now = 0;
        if let Some(column) = self.time {
            now = row.time(column, "time")?;
            player.facts.time(now);
        }
        if let Some(column) = self.size
            && !(self.op.is_some() && row.bytes(column).is_empty())
        {
            player.size(row.whole(column, "size")?);
        }
        let count = match self.count {
            Some(column) => row.count(column, "count", MAX_COUNT)?,
            None => 1,
        };
        let Some(column) = self.op else {
            return Ok(player.play_at(now, Token::of(row.key(self.key)?), Step::Request, count));
        };
        let ttl = match self.ttl.map_or(Ok(0), |column| row.whole_or_none(column, "ttl"))? {
            0 => NEVER,
            ttl if player.counts_operations => ttl,
            seconds => seconds.saturating_mul(1_000_000_000),
        };
        let word = row.bytes(column);
        let action = self.words.iter().find(|(other, _)| *other == word).map(|&(_, action)| action);
        let step = match action {
            Some(Action::Insert) => Step::Insert(ttl),
            Some(Action::Remove) => Step::Remove,
            Some(Action::Get) => Step::Get,
            Some(Action::Update) => Step::Update,
            Some(Action::Clear) => return Ok(player.play_all(now, Kind::Clear)),
            Some(Action::Iterate) => return Ok(player.play_all(now, Kind::Iterate)),
            Some(Action::Ignore) => {
                player.facts.ignored += 1;
                return Ok(Next::More);
            }
            None => return Err(row.not(column, "op", &self.allowed)),
        };
        Ok(player.play_at(now, Token::of(row.key(self.key)?), step, count))
    }
}
