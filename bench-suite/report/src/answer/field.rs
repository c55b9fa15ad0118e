//! The maps that stand against each other under a load.

use super::Category;
use crate::map_result::MapResult;
use crate::view::{View, WorkloadResults};

/// Maps of one kind that played a load, the best first, see [`MapResult::rank`].
pub(crate) struct Field<'v, 'a> {
    pub(crate) workload: &'v WorkloadResults<'a>,
    pub(crate) kind: Category,
    pub(crate) maps: Vec<&'v MapResult<'a>>,
}

impl<'v, 'a> Field<'v, 'a> {
    /// The fields of a load: of every kind that has a figure to be ranked by, the kind that fits first. Planted variants and what
    /// does nothing are in none.
    pub(crate) fn all(view: &View<'a>, workload: &'v WorkloadResults<'a>) -> Vec<Self> {
        let kind_of =
            |result: &MapResult<'_>| view.info(result.map).map_or(Some(Category::OneThread), Category::of);
        let field = |kind: Category| {
            let plays = |result: &&MapResult<'a>| result.rank().is_some();
            let maps: Vec<_> =
                workload.candidates().filter(plays).filter(|result| kind_of(result) == Some(kind)).collect();
            (!maps.is_empty()).then_some(Self { workload, kind, maps })
        };
        Category::ALL.into_iter().filter_map(field).collect()
    }
}
