//! What became of each slot, as a picture for each map.

use formats::observation::{Film, FilmRow, SlotSource, SlotState, Slots};
use maud::{Markup, html};

use crate::chart::figure::{Table, figure};
use crate::chart::film::{Picture, key, png};
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number;
use crate::prose::spread;
use crate::section::Files;
use crate::view::WorkloadResults;

/// States of a slot that holds an entry.
const LIVE: [SlotState; 3] = [SlotState::Live, SlotState::Reused, SlotState::Moved];

fn of<'a>(result: &MapResult<'a>) -> Option<&'a Film> {
    result.first::<Slots>()?.film.as_ref().filter(|film| film.rows.iter().any(|row| row.all() > 0))
}

/// The films of the maps that stand out, and the figures of all.
pub(super) fn render(workload: &WorkloadResults<'_>) -> Markup {
    let films: Vec<(&MapResult<'_>, &Film)> =
        workload.results.iter().filter_map(|result| Some((result, of(result)?))).collect();
    if films.is_empty() {
        return html! {};
    }
    let bands = workload.phases();
    let drawn = films.iter().filter(|(result, _)| workload.highlighted.contains(&result.place));
    let chart = html! {
        div .panels {
            @for (result, film) in drawn {
                (Picture {
                    id: format!("{}-film-{}", workload.anchor, result.place),
                    name: result.map,
                    film,
                    order: order(film.source),
                    bands: &bands,
                }.draw())
            }
        }
        (key())
        p .note {
            "One row is a moment of the tape, one column the same share of the slots in every row. A cell shows each state \
             that is in it, however rare; the more slots are in a state, the more of the cell has its colour. What is \
             dead is told by a map whose own marks can be read; in the others it is emptied. Pictures of all maps are \
             in the data files."
        }
    };
    let id = format!("{}-slots-film", workload.anchor);
    let shows = format!("What became of each slot, {}", workload.load());
    figure(&id, &shows, &finding(workload, &films), &chart, &table(&films))
}

const fn order(source: SlotSource) -> &'static str {
    match source {
        SlotSource::Map => "in the order of the table",
        SlotSource::Memory => "in the order of addresses",
    }
}

/// Slots in these states of all slots.
fn share(row: &FilmRow, states: &[SlotState]) -> f64 {
    let part: f64 = states.iter().map(|state| row.of(*state) as f64).sum();
    part / row.all().max(1) as f64
}

fn table(films: &[(&MapResult<'_>, &Film)]) -> Table {
    let states = SlotState::ALL.iter().map(|state| state.name());
    let mut data = Table::new(["map", "slots at the end"].into_iter().chain(states).chain(["table moved"]));
    for (result, film) in films {
        let Some(last) = film.rows.last() else { continue };
        let shares = SlotState::ALL.iter().map(|state| number::percent(share(last, &[*state])));
        let moves = film.rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.moves));
        let cells = [result.map.to_owned(), number::count(last.all())].into_iter().chain(shares);
        data.row(cells.chain([number::count(moves)]));
    }
    data
}

/// What the pictures show, where it is so.
fn finding(workload: &WorkloadResults<'_>, films: &[(&MapResult<'_>, &Film)]) -> String {
    let candidates = || films.iter().filter(|(result, _)| result.is_candidate);
    let emptied = candidates().filter_map(|(result, film)| {
        let last = film.rows.last()?;
        Some((result.map, share(last, &[SlotState::Emptied, SlotState::Dead])))
    });
    let emptied = spread(emptied, number::percent, ["least", "most"]).map(|spread| {
        format!("Slots that an entry has left and that stand empty at the end of the tape: {spread}.")
    });
    let dead = candidates().filter_map(|(result, film)| Some((result.map, dead(film)?)));
    let dead = dead.max_by(|a, b| a.1.most.total_cmp(&b.1.most)).map(|(map, dead)| {
        let [first, at] = [dead.first, dead.at].map(number::count);
        let share = number::percent(dead.most);
        format!(" Dead slots of {map} are first seen after operation {first}; most are {share} of its slots, after operation {at}.")
    });
    let band = candidates().filter_map(|(result, film)| Some((result.map, band(film)?)));
    let band = band.min_by(|a, b| a.1.wide.total_cmp(&b.1.wide)).map(|(map, band)| {
        let (wide, since) = (number::percent(band.wide), number::count(band.since));
        format!(" The entries of {map} stand in a band of {wide} of its slots at the end; after operation {since} it only moves towards the end of them.")
    });
    let told = [emptied, dead, band].into_iter().flatten().collect::<String>();
    if told.is_empty() {
        format!("No map that could be taken was filmed, {}.", workload.load())
    } else {
        told
    }
}

/// Dead slots over a film.
struct Dead {
    /// Operations after which the first are seen.
    first: u64,
    /// The largest share that they are, and after how many operations.
    most: f64,
    at: u64,
}

fn dead(film: &Film) -> Option<Dead> {
    let first = film.rows.iter().find(|row| row.of(SlotState::Dead) > 0)?;
    let of = |row: &FilmRow| share(row, &[SlotState::Dead]);
    let most = film.rows.iter().max_by(|a, b| of(a).total_cmp(&of(b)))?;
    Some(Dead { first: first.ops, most: of(most), at: most.ops })
}

/// A map's entries where they stand in one part of its slots.
struct Band {
    /// The share of the slots from the first to the last entry.
    wide: f64,
    /// Operations after which neither end of it goes back.
    since: u64,
}

/// The band in which all entries stand at the end, if it is at most half of the slots, the slots before it have all been
/// left, and it came there by moving on through at least a quarter of the film's rows.
fn band(film: &Film) -> Option<Band> {
    let ends: Vec<(f64, f64)> = (0..film.rows.len()).map_while(|row| ends(film, row)).collect();
    if ends.len() < film.rows.len() {
        return None;
    }
    let columns = Film::COLUMNS as f64;
    // In slots, which only become more: in shares a band stands still while the slots behind it grow.
    let start = |row: usize| ends[row].0 / columns * film.rows[row].all() as f64;
    let moves_on = |row: usize| start(row) > start(row - 1);
    let last = film.rows.len().checked_sub(1)?;
    let before = (1..=last).rev().take_while(|row| moves_on(*row)).last()?;
    let (from, to) = ends[last];
    let wide = (to - from) / columns;
    let long = last + 1 - before >= film.rows.len() / 4;
    (wide <= 0.5 && from >= 1.0 && long).then(|| Band { wide, since: film.rows[before - 1].ops })
}

/// The first column of a row with an entry, and the one after the last.
fn ends(film: &Film, row: usize) -> Option<(f64, f64)> {
    let holds = |column: &usize| {
        let levels = film.levels(row, *column);
        LIVE.iter().any(|state| levels[*state as usize] > 0)
    };
    let first = (0..Film::COLUMNS).find(holds)?;
    let last = (0..Film::COLUMNS).rev().find(holds)?;
    Some((first as f64, (last + 1) as f64))
}

/// The rows as figures, and the cells as a picture.
pub(super) fn files(result: &MapResult<'_>) -> Files {
    let Some(film) = of(result) else { return Files::new() };
    let head = ["ops", "never_used", "live", "reused", "moved", "emptied", "dead", "table_moved", "looks"];
    let rows = film.rows.iter().map(|row| {
        let [unused, live, reused, moved, emptied, dead] = row.slots;
        [row.ops, unused, live, reused, moved, emptied, dead, row.moves, row.looks]
            .map(|figure| figure.to_string())
    });
    vec![("film.csv".to_owned(), csv_file(head, rows)), ("film.png".to_owned(), png(film))]
}

#[cfg(test)]
mod tests {
    use formats::observation::{FULL, STATES};

    use super::*;

    /// A film in whose rows entries stand in these columns of so many slots.
    fn film(rows: impl IntoIterator<Item = (std::ops::Range<usize>, u64)>) -> Film {
        let mut film = Film::new(SlotSource::Memory);
        for (at, (columns, slots)) in (1..).zip(rows) {
            let mut levels = [[0; STATES]; Film::COLUMNS];
            for (column, levels) in levels.iter_mut().enumerate() {
                let state = if columns.contains(&column) { SlotState::Live } else { SlotState::Emptied };
                levels[state as usize] = FULL;
            }
            let mut of_states = [0; STATES];
            of_states[SlotState::Live as usize] = slots;
            film.push(FilmRow { ops: at * 10, slots: of_states, moves: 0, looks: 1 }, &levels);
        }
        film
    }

    #[test]
    fn a_band_is_told_where_it_moves_on_and_nowhere_else() {
        let moving = band(&film((0..40).map(|row| (row..row + 20, 1600)))).unwrap();
        assert_eq!((moving.wide, moving.since), (20.0 / 160.0, 10));
        assert!(band(&film((0..40).map(|_| (10..30, 1600)))).is_none(), "it stands still");
        assert!(band(&film((0..40).map(|row| (row..row + 100, 1600)))).is_none(), "it is no band");
        assert!(band(&film((0..40).map(|row| (40 - row..60 - row, 1600)))).is_none(), "it goes back");
    }

    #[test]
    fn dead_slots_are_told_from_the_first_on() {
        let mut seen = film((0..3).map(|_| (0..10, 100)));
        assert!(dead(&seen).is_none());
        seen.rows[1].slots = [0, 90, 0, 0, 0, 10];
        let told = dead(&seen).unwrap();
        assert_eq!((told.first, told.at, told.most), (20, 20, 0.1));
    }
}
