//! The keys of a table, those included that follow from the kinds of metrics.

use super::key::{Key, Need, Part, Shape, Table};
use super::metric;
use crate::plan::model::{Column, KindName};

/// Every key of a table, in the order in which they are offered.
pub(in crate::plan) fn keys_of(table: &Table) -> Vec<Key> {
    table.parts.iter().flat_map(|part| of(*part)).collect()
}

/// The keys of one arm's queries.
pub(in crate::plan) fn keys_of_arm(kind: KindName) -> Vec<Key> {
    columns(kind, Shape::Query, Need::Required(""))
}

fn of(part: Part) -> Vec<Key> {
    match part {
        Part::Keys(keys) => keys.to_vec(),
        Part::Selectors(kind) => columns(kind, Shape::Selector, Need::Depends("")),
        Part::Queries(kind) => keys_of_arm(kind),
        Part::Arms(kind) => metric::arms::KEYS
            .iter()
            .map(|key| Key {
                shape: Shape::Arm(kind),
                ..*key
            })
            .collect(),
        Part::Kinds => metric::kinds::KEYS.to_vec(),
    }
}

fn columns(kind: KindName, shape: Shape, need: Need) -> Vec<Key> {
    let one = |column: &Column| Key {
        name: column.key(),
        doc: metric::meaning(*column),
        shape,
        need,
        example: "'...'",
    };
    kind.columns().iter().map(one).collect()
}
