//! From an `[[expect]]` table as written to an expectation that makes sense.

use glob::Pattern;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Bound, Expectation};
use crate::fault::{Fault, Reader};
use crate::figure::{Figure, FigureError};
use crate::placed::Placed;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectWire {
    /// The figure that is bounded.
    #[schemars(with = "Figure")]
    figure: Placed<String>,
    /// Names or globs of the maps of which it must hold.
    maps: Placed<Vec<Placed<String>>>,
    /// What it must not exceed; this or `at_least`.
    at_most: Option<Placed<AmountWire>>,
    /// What it must reach; this or `at_most`.
    at_least: Option<Placed<AmountWire>>,
    /// A map whose figure is the unit: then the bound is a factor.
    of: Option<Placed<String>>,
    /// Why it must hold, in one sentence.
    reason: Placed<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number, or a text of a number and its unit")]
enum AmountWire {
    Number(f64),
    Text(String),
}

/// Reads one table.
pub(crate) fn expectation(reader: &Reader, place: &Placed<ExpectWire>) -> Result<Expectation, Fault> {
    let wire = place.get_ref();
    let wrong = |error: FigureError| reader.fault(&wire.figure, "figure", error.to_string());
    let figure = Figure::parse(wire.figure.get_ref()).map_err(wrong)?;
    let (field, amount) = match (&wire.at_most, &wire.at_least) {
        (Some(amount), None) => ("at_most", amount),
        (None, Some(amount)) => ("at_least", amount),
        (Some(_), Some(second)) => {
            return Err(reader.fault(
                second,
                "at_least",
                "and `at_most` exclude each other: write two [[expect]]",
            ));
        }
        (None, None) => {
            return Err(reader.fault(place, "expect", "has no bound: give it `at_most` or `at_least`"));
        }
    };
    let limit = limit(figure, wire.of.is_some(), amount.get_ref())
        .map_err(|problem| reader.fault(amount, field, problem))?;
    let bound = if field == "at_most" { Bound::AtMost(limit) } else { Bound::AtLeast(limit) };
    let reason = wire.reason.get_ref().trim();
    if reason.is_empty() {
        return Err(reader.fault(&wire.reason, "reason", "is empty; say in one sentence why it must hold"));
    }
    let of = match &wire.of {
        Some(of) if of.get_ref().is_empty() => {
            return Err(reader.fault(of, "of", "is empty; name the map whose figure is the unit"));
        }
        of => of.as_ref().map(|of| of.get_ref().clone()),
    };
    Ok(Expectation { figure, maps: maps(reader, &wire.maps)?, bound, of, reason: reason.into() })
}

/// The number of a bound: an amount of the figure, or a plain factor of another map's.
fn limit(figure: Figure, is_factor: bool, amount: &AmountWire) -> Result<f64, String> {
    let limit = match amount {
        AmountWire::Number(number) if is_factor => *number,
        AmountWire::Text(text) if is_factor => {
            return Err(format!("`{text}`: with `of` a bound is a factor, a plain number"));
        }
        AmountWire::Number(number) => {
            figure.amount(&number.to_string()).map_err(|error| error.to_string())?
        }
        AmountWire::Text(text) => figure.amount(text).map_err(|error| error.to_string())?,
    };
    if limit.is_finite() && limit >= 0.0 {
        Ok(limit)
    } else {
        Err(format!("{limit} is out of range; allowed is a number from 0 on"))
    }
}

fn maps(reader: &Reader, place: &Placed<Vec<Placed<String>>>) -> Result<Vec<Pattern>, Fault> {
    if place.get_ref().is_empty() {
        return Err(reader.fault(place, "maps", "is empty; name at least one, `*` means all"));
    }
    let pattern = |map: &Placed<String>| {
        let text = map.get_ref();
        let pattern = Pattern::new(text).ok().filter(|_| !text.is_empty());
        pattern.ok_or_else(|| {
            reader.fault(map, "maps", format!("`{text}` is no name and no glob; `*` means all"))
        })
    };
    place.get_ref().iter().map(pattern).collect()
}
