//! Figures as rules read them, compare them and show them.

use std::collections::BTreeMap;

use formats::evidence::Figure;

/// What was measured of one implementation in the experiments that a rule reads.
#[derive(Debug)]
pub struct Facts<'a> {
    figures: Vec<&'a BTreeMap<String, Figure>>,
}

impl<'a> Facts<'a> {
    /// Facts from these figures.
    pub(super) fn new(figures: &'a BTreeMap<String, Figure>) -> Self {
        Self { figures: vec![figures] }
    }

    /// Adds what another experiment, or another program of the same implementation, found out. Figures that are
    /// known stay as they are.
    pub(super) fn add(&mut self, figures: &'a BTreeMap<String, Figure>) {
        self.figures.push(figures);
    }

    fn figure(&self, name: &str) -> Option<&'a Figure> {
        self.figures.iter().find_map(|figures| figures.get(name))
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        if let Figure::Number(number) = self.figure(name)? { Some(*number) } else { None }
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        if let Figure::Flag(flag) = self.figure(name)? { Some(*flag) } else { None }
    }

    /// A list that is not empty.
    pub(super) fn list(&self, name: &str) -> Option<&'a [f64]> {
        match self.figure(name)? {
            Figure::List(list) if !list.is_empty() => Some(list),
            _ => None,
        }
    }

    /// The state byte of the slot whose number another figure tells.
    pub(super) fn state(&self, states: &str, slot: &str) -> Option<f64> {
        let slot = self.number(slot)?;
        let place = (0..8).find(|place| same(f64::from(*place), slot))?;
        self.list(states)?.get(usize::try_from(place).ok()?).copied()
    }
}

/// Whether two figures that are whole numbers are the same.
pub(super) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.5
}

/// Whether a figure is zero.
pub(super) fn zero(figure: f64) -> bool {
    same(figure, 0.0)
}

/// Whether a figure is within a quarter of a claimed one.
pub(super) fn near(figure: f64, claimed: f64) -> bool {
    (figure / claimed - 1.0).abs() <= 0.25
}

/// A number as short as it can be said.
pub(super) fn short(figure: f64) -> String {
    let digits = match figure.abs() {
        _ if same(figure, figure.round()) && (figure - figure.round()).abs() < 1e-9 => 0,
        large if large >= 100.0 => 0,
        middle if middle >= 1.0 => 1,
        _ => 3,
    };
    format!("{figure:.digits$}")
}

/// Numbers in a row.
pub(super) fn row(figures: &[f64]) -> String {
    figures.iter().map(|figure| short(*figure)).collect::<Vec<_>>().join(" ")
}

/// State bytes in hex, as a dump shows them.
pub(super) fn hex(states: &[f64]) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a conversion that saturates"
    )]
    let byte = |state: &f64| format!("{:02x}", *state as u8);
    states.iter().map(byte).collect::<Vec<_>>().join(" ")
}

/// Bytes in the largest unit that leaves at least one.
pub(super) fn bytes(figure: f64) -> String {
    match figure {
        mega if mega >= 1e6 => format!("{:.1} MB", mega / 1e6),
        kilo if kilo >= 10_000.0 => format!("{:.1} kB", kilo / 1e3),
        few => format!("{} B", short(few)),
    }
}

/// Nanoseconds in the largest unit that leaves at least one.
pub(super) fn time(nanos: f64) -> String {
    match nanos {
        milli if milli >= 1e6 => format!("{:.1} ms", milli / 1e6),
        micro if micro >= 1e3 => format!("{:.1} µs", micro / 1e3),
        few => format!("{few:.0} ns"),
    }
}
