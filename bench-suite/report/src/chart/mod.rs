//! Charts as inline SVG: text stays text, colours are CSS variables, every chart has a caption and its data.

pub(crate) mod bars;
pub(crate) mod figure;
pub(crate) mod film;
pub(crate) mod frame;
pub(crate) mod grid;
pub(crate) mod heat;
pub(crate) mod interval;
pub(crate) mod label;
pub(crate) mod line;
pub(crate) mod palette;
pub(crate) mod past;
pub(crate) mod scale;
pub(crate) mod scatter;
