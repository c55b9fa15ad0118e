//! Shares of a whole as bars, one row for each map.

use maud::{Markup, html};

use super::frame::px;
use super::line::shortened;
use crate::number;

/// One row: a name, shares that sum to at most 1, and a text behind them.
pub(crate) struct Bar<'a> {
    pub(crate) name: &'a str,
    pub(crate) shares: Vec<f64>,
    pub(crate) text: String,
}

const ROW: f64 = 18.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 210.0;

/// Bars over a common length. `parts` names what the shares are, in their order.
pub(crate) fn bars(
    id: &str,
    title: &str,
    description: &str,
    width: f64,
    parts: &[&str],
    rows: &[Bar<'_>],
) -> Markup {
    let top = 26.0;
    let height = top + rows.len() as f64 * ROW + 4.0;
    let room = width - LEFT - RIGHT;
    html! {
        svg .chart.bars viewBox=(format!("0 0 {} {}", px(width), px(height))) role="img"
            aria-labelledby=(format!("{id}-title {id}-desc"))
            data-cells=(format!("{} {} {} {ROW}", px(LEFT), px(top), px(room))) data-parts=(parts.join("|")) {
            title id=(format!("{id}-title")) { (title) }
            desc id=(format!("{id}-desc")) { (description) }
            @for (index, part) in parts.iter().enumerate() {
                @let x = LEFT + index as f64 * 130.0;
                rect class=(format!("part p{index}")) x=(px(x)) y="4" width="12" height="10" {}
                text x=(px(x + 17.0)) y="13" { (part) }
            }
            @for (index, row) in rows.iter().enumerate() {
                @let y = top + index as f64 * ROW;
                g data-name=(row.name) data-figures=(row.shares.iter().map(|share| number::percent(*share)).collect::<Vec<_>>().join("|")) {
                    text .end x=(px(LEFT - 8.0)) y=(px(y + 11.5)) { (shortened(row.name)) }
                    rect .whole x=(px(LEFT)) y=(px(y + 2.0)) width=(px(room)) height=(px(ROW - 5.0)) {}
                    @for (part, from, share) in stacked(&row.shares) {
                        rect class=(format!("part p{part}")) x=(px(LEFT + from * room)) y=(px(y + 2.0))
                            width=(px(share * room)) height=(px(ROW - 5.0)) {}
                    }
                    text .value x=(px(LEFT + room + 8.0)) y=(px(y + 11.5)) { (row.text) }
                }
            }
        }
    }
}

/// Shares with their index and start, those that would show.
fn stacked(shares: &[f64]) -> Vec<(usize, f64, f64)> {
    let mut start = 0.0;
    let mut out = Vec::new();
    for (part, &share) in shares.iter().enumerate() {
        let share = if share.is_finite() { share.clamp(0.0, 1.0 - start) } else { 0.0 };
        if share > 0.0 {
            out.push((part, start, share));
        }
        start += share;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_never_leave_their_row() {
        assert_eq!(stacked(&[0.25, 0.0, 0.75]), [(0, 0.0, 0.25), (2, 0.25, 0.75)]);
        assert_eq!(stacked(&[0.75, 0.5, f64::NAN]), [(0, 0.0, 0.75), (1, 0.75, 0.25)]);
    }
}
