//! Durations over the length of a tape, as a map of shades: how many operations of a window took how long.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{Markup, html};

use super::frame::{Axis, Band, Frame, px};
use super::grid::LEVELS;
use super::scale::{Scale, Unit};
use crate::number;

/// Rows for each factor of ten.
const ROWS_PER_DECADE: f64 = 12.0;
/// More columns than this are put together.
const COLUMNS: usize = 120;
/// The widest picture, where windows differ in length.
const WIDEST: usize = 480;

/// The shades on white, the palest first. On dark paper the page turns them round.
const SHADES: [[u8; 3]; LEVELS] = [
    [0xe3, 0xed, 0xf6],
    [0xb9, 0xd3, 0xea],
    [0x7f, 0xb2, 0xda],
    [0x3f, 0x8c, 0xc4],
    [0x0f, 0x5e, 0x99],
    [0x06, 0x2f, 0x57],
];

/// How many operations of a window stand in each row.
pub(crate) type Rows = BTreeMap<i32, u64>;

/// A structural change of the map: from one operation to another one, and what.
pub(crate) struct Mark {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) what: String,
}

/// The heat map of one map.
pub(crate) struct Heat<'a> {
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) columns: Vec<Column>,
    /// Operations of the tape.
    pub(crate) ops: f64,
    pub(crate) bands: Vec<Band<'a>>,
    pub(crate) marks: Vec<Mark>,
}

/// One window: where it starts, and the share of its operations in each row.
pub(crate) struct Column {
    first_op: f64,
    rows: BTreeMap<i32, f64>,
}

impl Heat<'_> {
    /// Folds windows, in the order of the tape, into columns: where each starts, and how many operations it has in each
    /// [`row`].
    pub(crate) fn columns<'w>(windows: impl ExactSizeIterator<Item = (u64, &'w Rows)>) -> Vec<Column> {
        let together = windows.len().div_ceil(COLUMNS).max(1);
        let windows: Vec<(u64, &Rows)> = windows.collect();
        windows.chunks(together).map(column).collect()
    }

    /// The lowest row and the one above the highest, `None` without a duration.
    pub(crate) fn extent(&self) -> Option<(i32, i32)> {
        let rows = || self.columns.iter().flat_map(|column| column.rows.keys().copied());
        Some((rows().min()?, rows().max()? + 1))
    }

    /// Draws rows `extent`, which all heat maps of a load share: the cells as a picture, the axes and what changed over it.
    pub(crate) fn draw(&self, (low, high): (i32, i32)) -> Markup {
        let x = Axis { label: "", unit: Unit::Count, scale: Scale::exact(0.0, self.ops) };
        let scale = Scale::Log { low: duration(low), high: duration(high) };
        let y = Axis { label: "", unit: Unit::Nanos, scale };
        let frame = Frame { width: 280.0, height: 164.0, left: 46.0, right: 6.0, top: 34.0, bottom: 20.0 };
        let (x_axis, y_axis) = frame.for_script(&x, &y);
        let share = |length: f64, of: f64| format!("{:.3}%", length / of * 100.0);
        let place = format!(
            "left:{};top:{};width:{};height:{}",
            share(frame.left, frame.width),
            share(frame.top, frame.height),
            share(frame.x(1.0) - frame.left, frame.width),
            share(frame.y(0.0) - frame.top, frame.height),
        );
        html! {
            div .heat {
                img alt="" style=(place) src=(format!("data:image/png;base64,{}", BASE64.encode(self.png(low, high))));
                svg .chart viewBox=(format!("0 0 {} {}", px(frame.width), px(frame.height))) role="img"
                    aria-labelledby=(format!("{}-title", self.id)) data-x=(x_axis) data-y=(y_axis) data-name=(self.name) {
                    title id=(format!("{}-title", self.id)) { "Durations over the tape, " (self.name) }
                    text .panel x=(px(frame.left)) y="12" { (self.name) }
                    (frame.bands(&x, &self.bands))
                    (frame.axes(&x, &y))
                    @for mark in &self.marks {
                        @let [from, to] = [mark.from, mark.to].map(|op| frame.x(x.scale.place(op)));
                        path .mark d=(format!("M{} {}h{}", px(from), px(frame.top - 1.5), px((to - from).max(1.0)))) {
                            title { (mark.what) }
                        }
                    }
                }
            }
        }
    }

    /// The cells, a pixel each: a column for each window, as wide as it is long, a row for each stretch of durations, the
    /// longest above.
    fn png(&self, low: i32, high: i32) -> Vec<u8> {
        let height = usize::try_from(high - low).unwrap_or(1).max(1);
        let width = self.width();
        let mut pixels = vec![0_u8; width * height];
        for x in 0..width {
            // The window that holds the middle of the pixel.
            let op = (x as f64 + 0.5) / width as f64 * self.ops;
            let at = self.columns.partition_point(|column| column.first_op <= op).saturating_sub(1);
            for (row, share) in self.columns.get(at).into_iter().flat_map(|column| &column.rows) {
                let y = usize::try_from(high - 1 - row).unwrap_or(height);
                if let Some(pixel) = pixels.get_mut(y * width + x) {
                    *pixel = level(*share);
                }
            }
        }
        encode(width, height, &pixels).unwrap_or_default()
    }

    /// Pixels across: windows of one length have one each.
    fn width(&self) -> usize {
        let starts = || self.columns.iter().map(|column| column.first_op);
        let lengths = starts().zip(starts().skip(1).chain([self.ops])).map(|(from, to)| to - from);
        let shortest = lengths.filter(|length| *length > 0.0).fold(self.ops, f64::min);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between two bounds")]
        let wide = (self.ops / shortest.max(1.0)).round().clamp(1.0, WIDEST as f64) as usize;
        wide.max(self.columns.len().min(WIDEST))
    }
}

/// Four bits a pixel: 0 is nothing, the others are shades. The opacity of each tells them apart.
fn encode(width: usize, height: usize, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size(width), size(height));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    let shades = SHADES.map(lifted);
    encoder.set_palette(
        std::iter::once([0; 3]).chain(shades.map(|(colour, _)| colour)).flatten().collect::<Vec<u8>>(),
    );
    encoder.set_trns(std::iter::once(0).chain(shades.map(|(_, opacity)| opacity)).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let pair = |pair: &[u8]| pair[0] << 4 | pair.get(1).copied().unwrap_or(0);
    let packed: Vec<u8> = pixels.chunks(width).flat_map(|line| line.chunks(2).map(pair)).collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&packed)?;
    writer.finish()?;
    Ok(bytes)
}

/// A colour on white as the deepest colour that gives it, and that one's opacity: no paper is left in it.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "channels are held between 0 and 255"
)]
fn lifted(colour: [u8; 3]) -> ([u8; 3], u8) {
    let opacity = 255 - colour.iter().copied().min().unwrap_or(255);
    let part = f64::from(opacity) / 255.0;
    let deep =
        |channel: u8| ((f64::from(channel) - 255.0 * (1.0 - part)) / part).round().clamp(0.0, 255.0) as u8;
    (colour.map(deep), opacity)
}

fn column(windows: &[(u64, &Rows)]) -> Column {
    let mut rows: BTreeMap<i32, f64> = BTreeMap::new();
    for (row, count) in windows.iter().flat_map(|(_, rows)| rows.iter()) {
        *rows.entry(*row).or_default() += *count as f64;
    }
    let all: f64 = rows.values().sum();
    for count in rows.values_mut() {
        *count /= all;
    }
    Column { first_op: windows.first().map_or(0.0, |(first_op, _)| *first_op as f64), rows }
}

/// In which row a duration stands.
#[allow(clippy::cast_possible_truncation, reason = "an hour lies in row 150")]
pub(crate) fn row(ns: u64) -> i32 {
    ((ns.max(1) as f64).log10() * ROWS_PER_DECADE).floor() as i32
}

/// The rows of durations that ascend: a logarithm is taken once for each row, not once for each of ten million durations.
pub(crate) struct Ascent {
    row: i32,
    /// The first duration that may stand above.
    end: u64,
}

impl Ascent {
    pub(crate) const fn new() -> Self {
        Self { row: 0, end: 0 }
    }

    /// In which row a duration stands that is no shorter than the one before.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "durations are positive")]
    pub(crate) fn row(&mut self, ns: u64) -> i32 {
        if ns >= self.end {
            self.row = row(ns);
            // One less than where the next row begins, however that is rounded.
            self.end = (duration(self.row + 1) as u64).saturating_sub(1).max(ns + 1);
        }
        self.row
    }
}

fn duration(row: i32) -> f64 {
    10_f64.powf(f64::from(row) / ROWS_PER_DECADE)
}

/// Shares of the window's operations from which on each shade stands.
const FROM: [f64; LEVELS] = [0.0, 1e-4, 1e-3, 1e-2, 0.1, 0.3];

/// What the shades mean, and the marks.
pub(crate) fn key() -> Markup {
    html! {
        p .key {
            "share of the operations of a window:"
            @for ((shade, from), level) in SHADES.into_iter().zip(FROM).zip(1..) {
                @let ([r, g, b], opacity) = lifted(shade);
                @let opacity = format!("{:.3}", f64::from(opacity) / 255.0);
                span .shade data-level=(level) {
                    svg viewBox="0 0 14 10" aria-hidden="true" {
                        rect width="14" height="10" fill=(format!("#{r:02x}{g:02x}{b:02x}")) opacity=(opacity) {}
                    }
                    @if from > 0.0 { "≥ " (number::percent(from)) } @else { "any" }
                }
            }
            span { svg viewBox="0 0 14 10" aria-hidden="true" { path .mark d="M0 5h14" {} } "the map changed its structure" }
        }
    }
}

/// From 1, the palest, to [`LEVELS`].
fn level(share: f64) -> u8 {
    let reached = FROM.iter().filter(|from| share >= **from).count().max(1);
    u8::try_from(reached).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heat(columns: Vec<Column>, ops: f64) -> Heat<'static> {
        Heat { id: "a".into(), name: "map", columns, ops, bands: Vec::new(), marks: Vec::new() }
    }

    fn window() -> Rows {
        [(row(30), 990), (row(4000), 9), (row(1_000_000), 1)].into()
    }

    #[test]
    fn rows_of_durations_that_ascend_are_their_rows() {
        let mut ascent = Ascent::new();
        let mut ns = 0;
        while ns < 4_000_000_000_000 {
            assert_eq!(ascent.row(ns), row(ns), "{ns}");
            ns += 1 + ns / 777;
        }
    }

    #[test]
    fn shares_of_a_window_sum_to_one() {
        let heat = heat(Heat::columns([(0, &window())].into_iter()), 1000.0);
        assert!((heat.columns[0].rows.values().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(heat.extent(), Some((row(30), row(1_000_000) + 1)));
        let levels: Vec<u8> = heat.columns[0].rows.values().map(|share| level(*share)).collect();
        assert_eq!(levels, [6, 3, 3]);
    }

    #[test]
    fn a_picture_has_a_column_for_each_window_as_wide_as_it_is_long() {
        let rows = window();
        let heat =
            heat(Heat::columns([0, 500, 600, 700, 800, 900].map(|first| (first, &rows)).into_iter()), 1000.0);
        let (low, high) = heat.extent().unwrap();
        let bytes = heat.png(low, high);
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes[..])).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, i32::try_from(info.height).unwrap()), (10, high - low));
        // Above is the longest operation, one in a thousand of each window.
        assert_eq!(pixels[..5], [0x33; 5]);
        assert_eq!(pixels[5..10], [0; 5]);
    }

    #[test]
    fn shades_are_on_white_what_they_are_and_no_two_have_the_same_opacity() {
        for shade in SHADES {
            let (deep, opacity) = lifted(shade);
            let part = f64::from(opacity) / 255.0;
            for (deep, channel) in deep.into_iter().zip(shade) {
                let seen = f64::from(deep) * part + 255.0 * (1.0 - part);
                assert!((seen - f64::from(channel)).abs() < 1.0, "{shade:?}");
            }
        }
        let opacities = SHADES.map(|shade| lifted(shade).1);
        assert!(opacities.windows(2).all(|pair| pair[0] < pair[1]), "{opacities:?}");
    }
}
