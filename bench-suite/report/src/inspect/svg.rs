//! One SVG file: every slot a cell, before on the left and after on the right.

use formats::inspection::{Inspection, Layout, Slot, State, StepTaken};
use maud::{Markup, PreEscaped, html};

use super::{Pair, Show, figures, heading, pairs, steps};

/// Cells side by side.
const ACROSS: usize = 8;
const CELL: Size = Size { width: 76, height: 56 };
const MARGIN: usize = 16;
/// Between before and after.
const GAP: usize = 48;
const LINE: usize = 17;
const WIDTH: usize = 2 * MARGIN + 2 * ACROSS * CELL.width + GAP;
/// Events of a step that are shown; the text has all of them.
const EVENTS: usize = 12;

const STYLE: &str = ":root{--paper:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#c3cad1;--live:#cfe6f7;--freed:#fbe3d2;\
--empty:#f3f5f7;--moved:#e6e0f0;--mark:#b8560f}\
@media(prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e8eaed;--soft:#a3acb6;--rule:#4a525b;\
--live:#12405f;--freed:#5a2f12;--empty:#1c2025;--moved:#3a3150;--mark:#f0783c}}\
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:var(--ink)}\
.h{font-size:15px;font-weight:600}.soft{fill:var(--soft)}.small{font-size:10px}.paper{fill:var(--paper)}\
.cell{stroke:var(--rule)}.live{fill:var(--live)}.freed{fill:var(--freed)}.empty{fill:var(--empty)}\
.moved{fill:var(--moved)}.changed{stroke:var(--mark);stroke-width:2.5}.stale{stroke-dasharray:4 2}";

#[derive(Clone, Copy)]
struct Size {
    width: usize,
    height: usize,
}

/// Where the next thing goes.
struct Pen {
    y: usize,
    drawn: Vec<Markup>,
}

impl Pen {
    fn line(&mut self, class: &str, text: &str) {
        self.y += LINE;
        let markup = html! { text class=(class) x=(MARGIN) y=(self.y) { (printable(text)) } };
        self.drawn.push(markup);
    }
}

pub(super) fn render(inspection: &Inspection, show: Show) -> String {
    let heading = heading(inspection);
    let mut pen = Pen { y: MARGIN, drawn: Vec::new() };
    pen.line("h", &heading);
    layout(&mut pen, &inspection.layout);
    for (number, before, step) in steps(inspection) {
        pen.y += LINE;
        pen.line("h", &format!("step {number}: {} \u{2192} {}", step.step, step.answer));
        pen.line("soft", &figures(before, &step.after));
        events(&mut pen, step);
        for pair in pairs(before, &step.after, show) {
            block(&mut pen, &pair);
        }
    }
    let height = pen.y + MARGIN;
    let script: Vec<&str> = inspection.steps.iter().map(|step| step.step.as_str()).collect();
    let markup = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {height}")) width=(WIDTH)
            height=(height) role="img" aria-labelledby="title desc" {
            title id="title" { "Slots of " (printable(&heading)) }
            desc id="desc" {
                "Every slot before and after each step of: " (printable(&script.join("; ")))
                ". A thick outline marks what the step changed, a dashed one what is left of a deleted entry."
            }
            style { (PreEscaped(STYLE)) }
            rect .paper width=(WIDTH) height=(height) {}
            @for markup in &pen.drawn { (markup) }
        }
    };
    markup.into_string() + "\n"
}

fn events(pen: &mut Pen, step: &StepTaken) {
    for event in step.events.iter().take(EVENTS) {
        pen.line("small", event);
    }
    if step.events.len() > EVENTS {
        pen.line("small", &format!("and {} lines more", step.events.len() - EVENTS));
    }
}

/// The fields of a block, to scale.
fn layout(pen: &mut Pen, layout: &Layout) {
    if layout.size == 0 {
        pen.line("soft", &layout.of);
        return;
    }
    pen.line("soft", &format!("{}: {} bytes; each field with its offset", layout.of, layout.size));
    pen.y += LINE / 2;
    let room = WIDTH - 2 * MARGIN;
    let y = pen.y;
    let fields = html! {
        @for field in &layout.fields {
            @let x = MARGIN + to_scale(field.offset, layout.size, room);
            rect .cell.empty x=(x) y=(y) width=(to_scale(field.size, layout.size, room)) height="36" {
                title { (printable(&field.name)) ": offset " (field.offset) ", " (field.size) " bytes" }
            }
            text .small x=(x + 3) y=(y + 14) { (printable(&field.name)) }
            text .small.soft x=(x + 3) y=(y + 28) { "+" (field.offset) }
        }
    };
    pen.drawn.push(fields);
    pen.y += 36 + LINE / 2;
}

/// So many of all bytes in a picture of this width; what lies beyond them is at its end.
fn to_scale(bytes: usize, all: usize, width: usize) -> usize {
    let scaled = bytes as u128 * width as u128 / all.max(1) as u128;
    usize::try_from(scaled).map_or(width, |scaled| scaled.min(width))
}

fn block(pen: &mut Pen, pair: &Pair<'_>) {
    pen.y += LINE / 2;
    pen.line("", &format!("{} ({})", pair.name, pair.note));
    pen.y += LINE / 2;
    let top = pen.y;
    let after = MARGIN + ACROSS * CELL.width + GAP;
    let cells = html! {
        @for number in 0..pair.len() {
            @let y = top + number / ACROSS * CELL.height;
            @let column = number % ACROSS * CELL.width;
            @let changed = pair.changed(number);
            @let [before_slot, after_slot] = pair.slot(number);
            (cell(before_slot, number, MARGIN + column, y, false))
            (cell(after_slot, number, after + column, y, changed))
        }
        @if pair.len() > 0 {
            text x=(after - GAP / 2 - 5) y=(top + CELL.height / 2) { "\u{2192}" }
        }
    };
    pen.drawn.push(cells);
    pen.y += pair.len().div_ceil(ACROSS) * CELL.height;
}

fn cell(slot: Option<&Slot>, number: usize, x: usize, y: usize, changed: bool) -> Markup {
    let Some(slot) = slot else { return html! {} };
    let mut class = format!("cell {}", colour(slot.state));
    for (wanted, name) in [(changed, " changed"), (slot.stale, " stale")] {
        if wanted {
            class += name;
        }
    }
    let byte = slot.byte.map_or_else(String::new, |byte| format!(" {byte:02x}"));
    let stale = if slot.stale { ", stale" } else { "" };
    let word = |word: Option<u64>| word.map_or_else(|| "-".to_owned(), |word| word.to_string());
    let (key, value) = (word(slot.key), word(slot.value));
    html! {
        g {
            title { "slot " (number) ":" (byte) " " (slot.state.name()) (stale) ", key " (key) ", value " (value) }
            rect class=(class) x=(x + 2) y=(y + 2) width=(CELL.width - 4) height=(CELL.height - 4) {}
            text .small.soft x=(x + 6) y=(y + 14) { (number) (byte) }
            text .small x=(x + 6) y=(y + 26) { (short(slot.state.name())) }
            text .small x=(x + 6) y=(y + 38) { "k " (short(&key)) }
            text .small x=(x + 6) y=(y + 50) { "v " (short(&value)) }
        }
    }
}

const fn colour(state: State) -> &'static str {
    match state {
        State::Live | State::Node => "live",
        State::EmptyOne | State::Deleted | State::Expunged => "freed",
        State::EvacuatedX | State::EvacuatedY | State::EvacuatedEmpty => "moved",
        State::EmptyRest | State::Empty | State::Nil => "empty",
    }
}

/// What fits into a cell; the whole stands in its title.
fn short(text: &str) -> String {
    const FITS: usize = 10;
    if text.chars().count() <= FITS {
        return text.into();
    }
    text.chars().take(FITS - 1).chain(['\u{2026}']).collect()
}

/// Without the characters that XML cannot hold.
fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}')).collect()
}
