//! The film of a map's slots as a picture: slots across, time down.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use formats::observation::{FULL, Film, STATES, SlotState};
use maud::{Markup, html};

use super::frame::{Band, px};
use super::scale::{Scale, Unit};

/// Pixels of a cell across and down. As many as there are states: each that is there has one.
const WIDE: usize = 2;
const HIGH: usize = STATES / WIDE;
/// Colours of the states, seen on white and on dark paper: cool where an entry is, warm where one was.
const COLOURS: [[u8; 3]; STATES] = [
    [0x8a, 0x93, 0x9c],
    [0x00, 0x72, 0xb2],
    [0x00, 0x9e, 0x73],
    [0x56, 0xb4, 0xe9],
    [0xe6, 0x9f, 0x00],
    [0xd5, 0x5e, 0x00],
];
/// The opacity of a slot that was never used; the others have none of the paper in them.
const UNUSED: u8 = 0x40;

const WIDTH: f64 = 370.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 22.0;

/// The picture of one map's film.
pub(crate) struct Picture<'a> {
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) film: &'a Film,
    /// What the slots stand in the order of.
    pub(crate) order: &'static str,
    /// Phases of the tape.
    pub(crate) bands: &'a [Band<'a>],
}

impl Picture<'_> {
    pub(crate) fn draw(&self) -> Markup {
        let ops = self.film.rows.last().map_or(1.0, |row| row.ops as f64);
        let scale = Scale::exact(0.0, ops);
        let tall = HEIGHT - TOP - BOTTOM;
        let right = WIDTH - RIGHT;
        let at = |op: f64| TOP + scale.place(op) * tall;
        let image = format!("data:image/png;base64,{}", BASE64.encode(png(self.film)));
        let rows: Vec<f64> =
            std::iter::once(0.0).chain(self.film.rows.iter().map(|row| row.ops as f64)).collect();
        html! {
            svg .chart.film viewBox=(format!("0 0 {} {}", px(WIDTH), px(HEIGHT))) role="img"
                aria-labelledby=(format!("{}-title", self.id)) data-name=(self.name) data-ops=(ops)
                data-film=(format!("{} {} {} {} {}", px(LEFT), px(TOP), px(right - LEFT), px(tall), Film::COLUMNS)) {
                title id=(format!("{}-title", self.id)) { "Slots over the tape, " (self.name) }
                text .panel x=(px(LEFT)) y="12" { (self.name) }
                image x=(px(LEFT)) y=(px(TOP)) width=(px(right - LEFT)) height=(px(tall)) preserveAspectRatio="none"
                    href=(image) {}
                @for (value, text) in scale.ticks(Unit::Count) {
                    text .tick.end x=(px(LEFT - 6.0)) y=(px(at(value) + 3.5)) { (text) }
                }
                @for (name, from, _) in self.bands.iter().filter(|(_, from, to)| *from > 0.0 && to > from) {
                    path .phase-start d=(format!("M{} {}H{}", px(LEFT), px(at(*from)), px(right))) { title { (name) " starts" } }
                    text .phase.end x=(px(right - 3.0)) y=(px(at(*from) - 3.0)) { (name) }
                }
                @for (row, from) in self.film.rows.iter().zip(&rows).filter(|(row, _)| row.moves > 0) {
                    rect .moved x=(px(right + 3.0)) y=(px(at(*from))) width="6"
                        height=(px((at(row.ops as f64) - at(*from)).max(1.0))) {
                        title { "the table moved or was rearranged (" (row.moves) ")" }
                    }
                }
                text .name.end x=(px(right)) y=(px(HEIGHT - 6.0)) { "slots, " (self.order) }
            }
        }
    }
}

/// What the colours mean.
pub(crate) fn key() -> Markup {
    html! {
        p .key {
            @for (state, [r, g, b]) in SlotState::ALL.iter().zip(COLOURS) {
                @let opacity = if *state == SlotState::Unused { f64::from(UNUSED) / 255.0 } else { 1.0 };
                span data-colour=(format!("{r} {g} {b}")) {
                    svg viewBox="0 0 14 10" aria-hidden="true" {
                        rect width="14" height="10" fill=(format!("#{r:02x}{g:02x}{b:02x}")) opacity=(format!("{opacity:.2}")) {}
                    }
                    (state.name())
                }
            }
            span { svg viewBox="0 0 14 10" aria-hidden="true" { rect .moved width="6" height="10" {} } "the table moved" }
        }
    }
}

/// The cells of a film as a PNG, two by three pixels each: every state that is there has one at least, the others go by
/// how many slots are in it.
pub(crate) fn png(film: &Film) -> Vec<u8> {
    let width = Film::COLUMNS * WIDE;
    let mut lines = vec![0_u8; width * film.rows.len() * HIGH];
    for row in 0..film.rows.len() {
        for column in 0..Film::COLUMNS {
            for (pixel, colour) in pixels(film.levels(row, column)).into_iter().enumerate() {
                let (x, y) = (column * WIDE + pixel % WIDE, row * HIGH + pixel / WIDE);
                lines[y * width + x] = colour;
            }
        }
    }
    encode(width, film.rows.len() * HIGH, &lines).unwrap_or_default()
}

/// Four bits a pixel, from a palette in which 0 is nothing.
fn encode(width: usize, height: usize, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size(width), size(height.max(1)));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(std::iter::once([0; 3]).chain(COLOURS).flatten().collect::<Vec<u8>>());
    encoder.set_trns(vec![0, UNUSED]);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut packed: Vec<u8> =
        pixels.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect();
    packed.resize(packed.len().max(width / 2), 0);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&packed)?;
    writer.finish()?;
    Ok(bytes)
}

/// The colours of a cell's pixels by their places in the palette.
fn pixels(levels: [u8; STATES]) -> [u8; STATES] {
    let mut shares = levels.map(|level| usize::from(level > 0));
    let weight = |state: usize| f64::from(levels[state]).exp2();
    while shares != [0; STATES] && shares.iter().sum::<usize>() < STATES {
        // To the state that has the fewest pixels for its slots (D'Hondt).
        let short = |state: &usize| weight(*state) / (shares[*state] + 1) as f64;
        let present = (0..STATES).filter(|state| levels[*state] > 0);
        let Some(next) = present.max_by(|a, b| short(a).total_cmp(&short(b))) else { break };
        shares[next] += 1;
    }
    let mut pixels = [0; STATES];
    let colours = (1_u8..).zip(shares).flat_map(|(colour, share)| std::iter::repeat_n(colour, share));
    for (pixel, colour) in pixels.iter_mut().zip(colours) {
        *pixel = colour;
    }
    pixels
}

const _: () = assert!(WIDE * HIGH == STATES && FULL < 16);

#[cfg(test)]
mod tests {
    use formats::observation::{FilmRow, SlotSource};

    use super::*;

    fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn what_is_rare_has_a_pixel_and_what_is_common_has_the_rest() {
        assert_eq!(pixels([0; STATES]), [0; STATES]);
        assert_eq!(pixels([0, 15, 0, 0, 0, 0]), [2; STATES]);
        assert_eq!(pixels([0, 15, 0, 0, 0, 1]), [2, 2, 2, 2, 2, 6]);
        assert_eq!(pixels([1; STATES]), [1, 2, 3, 4, 5, 6]);
        let half = pixels([14, 15, 0, 0, 0, 0]);
        assert_eq!(half, [1, 1, 2, 2, 2, 2]);
    }

    #[test]
    fn a_picture_is_what_the_film_holds() {
        let mut film = Film::new(SlotSource::Map);
        let mut levels = [[0, FULL, 0, 0, 0, 0]; Film::COLUMNS];
        levels[7][SlotState::Dead as usize] = 1;
        film.push(FilmRow { ops: 1, slots: [0; STATES], moves: 0, looks: 1 }, &levels);
        let (width, height, packed) = decoded(&png(&film));
        assert_eq!((width, height), (320, 3));
        let dead =
            packed.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter(|colour| *colour == 6).count();
        assert_eq!(dead, 1);
    }
}
