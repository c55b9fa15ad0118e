//! For a terminal, without colour: whatever matters is said in words.

use std::fmt::Write;

use formats::inspection::{Inspection, Layout, Slot};

use super::{Pair, Show, figures, heading, pairs, steps};

/// Columns of one slot.
const COLUMNS: usize = 4;

pub(super) fn render(inspection: &Inspection, show: Show) -> String {
    let mut text = heading(inspection) + "\n\n" + &layout(&inspection.layout);
    let start = &inspection.start;
    let _ = writeln!(text, "before the first step\n  {}", figures(start, start));
    for pair in pairs(start, start, Show::All).iter().filter(|_| show == Show::All) {
        text += &block(pair, &inspection.layout);
    }
    for (number, before, step) in steps(inspection) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\nstep {number}: {} \u{2192} {}", step.step, step.answer);
        let _ = writeln!(text, "  {}", figures(before, &step.after));
        for event in &step.events {
            let _ = writeln!(text, "  - {event}");
        }
        for pair in pairs(before, &step.after, show) {
            text += &block(&pair, &inspection.layout);
        }
    }
    text
}

fn layout(layout: &Layout) -> String {
    if layout.size == 0 {
        return format!("{}\n\n", layout.of);
    }
    let mut text = format!("{}: {} bytes\n  offset  bytes  field\n", layout.of, layout.size);
    for field in &layout.fields {
        let _ = writeln!(text, "  {:>6}  {:>5}  {}", field.offset, field.size, field.name);
    }
    text + "\n"
}

/// One block: a line for each slot, before on the left and after on the right.
fn block(pair: &Pair<'_>, layout: &Layout) -> String {
    let rows: Vec<[[String; COLUMNS]; 2]> = (0..pair.len()).map(|slot| pair.slot(slot).map(cells)).collect();
    let mut widths = [2, 5, 3, 5];
    for cells in rows.iter().flatten() {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let placed = layout.size > 0;
    let at = if placed { format!(" {:<15}", "at byte/key/elem") } else { String::new() };
    let title = side(&["", "state", "key", "value"].map(Into::into), widths);
    let side_width = title.chars().count();
    let mut text = format!("  {} ({})\n", pair.name, pair.note);
    let _ = writeln!(text, "    slot{at} | {:side_width$} | after", "before");
    let _ = writeln!(text, "        {:1$} | {title} | {2}", "", at.chars().count(), title.trim_end());
    for (slot, row) in rows.iter().enumerate() {
        let mark = if pair.changed(slot) { '*' } else { ' ' };
        let at = match layout.places(slot) {
            Some([byte, key, value]) => format!(" {:<16}", format!("+{byte} +{key} +{value}")),
            None => String::new(),
        };
        let [before, after] = row;
        let line = format!("  {mark} {slot:>4}{at} | {} | {}", side(before, widths), side(after, widths));
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn side(cells: &[String; COLUMNS], widths: [usize; COLUMNS]) -> String {
    let [byte, state, key, value] = cells;
    let [b, s, k, v] = widths;
    format!("{byte:b$} {state:s$} {key:>k$} {value:>v$}")
}

fn cells(slot: Option<&Slot>) -> [String; COLUMNS] {
    let Some(slot) = slot else { return ["", "-", "", ""].map(Into::into) };
    let byte = slot.byte.map_or_else(String::new, |byte| format!("{byte:02x}"));
    let stale = if slot.stale { ", stale" } else { "" };
    let number = |number: Option<u64>| number.map_or_else(|| "-".into(), |number| number.to_string());
    [byte, format!("{}{stale}", slot.state.name()), number(slot.key), number(slot.value)]
}
