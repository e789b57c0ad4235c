//! What each instance of an arm adds up to, in a record: names that begin alike are written once.
//!
//! ```text
//! "names": ["0:checkout-7f9c6d5b8-2x4kp", "19:9qv7m"], "sums": {"events": "12 9", "total": "83520 79114"}
//! ```
//!
//! Before the colon are the bytes that a name has in common with the one before it. The sums are texts of
//! [`super::packed`] in the order of the names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::plan::{Column, Word as _};

use super::packed::{Numbers, Other, packed, unpacked};
use super::place::{Place, object, required, texts};
use super::{Series, SnapshotError};

/// The key of the names.
pub(super) const NAMES: &str = "names";

/// The key of the sums.
const SUMS: &str = "sums";

/// What stands between the length of what two names have in common and the rest.
const COLON: char = ':';

/// By name and column.
type Sums = BTreeMap<String, BTreeMap<Column, f64>>;

/// Puts them into a JSON object.
pub(super) fn put(instances: &Sums, table: &mut Map<String, Value>) {
    let mut before = "";
    let names = instances.keys().map(|name| {
        let alike = name.char_indices().zip(before.char_indices());
        let alike = alike.take_while(|(one, other)| one == other).last();
        let alike = alike.map_or(0, |((place, letter), _)| place + letter.len_utf8());
        before = name;
        format!("{alike}{COLON}{}", &name[alike..])
    });
    let names: Vec<String> = names.collect();
    let column = |column: &Column| {
        let sums: Series = instances
            .values()
            .map(|sums| sums.get(column).copied())
            .collect();
        let is_there = sums.iter().any(Option::is_some);
        let text = || Value::from(packed(&sums, Other::default()));
        is_there.then(|| (column.series().to_owned(), text()))
    };
    let sums: Map<String, Value> = Column::ALL.iter().filter_map(column).collect();
    table.insert(NAMES.into(), names.into());
    table.insert(SUMS.into(), sums.into());
}

/// Reads them back.
pub(super) fn read(place: &Place, table: &Map<String, Value>) -> Result<Sums, SnapshotError> {
    let mut names: Vec<String> = Vec::new();
    for (index, text) in texts(place, table, NAMES)?.iter().enumerate() {
        let before = names.last().map_or("", String::as_str);
        let name = text.split_once(COLON).and_then(|(alike, rest)| {
            let alike = before.get(..alike.parse().ok()?)?;
            Some(format!("{alike}{rest}"))
        });
        match name {
            Some(name) => names.push(name),
            None => {
                let place = place.key(NAMES).index(index);
                return place.fail("expected a name, such as `0:pod-a`");
            }
        }
    }
    let place = place.key(SUMS);
    let columns = object(&place, required(&place, table, SUMS)?)?;
    let mut instances: Sums = names
        .iter()
        .map(|name| (name.clone(), BTreeMap::new()))
        .collect();
    for column in Column::ALL {
        let Some(text) = columns.get(column.series()) else {
            continue;
        };
        let sums = text
            .as_str()
            .and_then(|text| unpacked(text, names.len(), Numbers::of(*column), Other::default()));
        let Some(sums) = sums else {
            return place
                .key(column.series())
                .fail("expected a number for each name");
        };
        for (name, sum) in names.iter().zip(sums) {
            if let (Some(of), Some(sum)) = (instances.get_mut(name), sum) {
                of.insert(*column, sum);
            }
        }
    }
    Ok(instances)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_begin_alike_are_short_and_come_back() {
        let sums = |total: f64| BTreeMap::from([(Column::Events, 0.5), (Column::Total, total)]);
        let instances: Sums = [
            ("a-1".to_owned(), sums(7.0)),
            ("a-1:é".to_owned(), sums(8.0)),
            ("a-1:è".to_owned(), [(Column::Total, 9.0)].into()),
            ("b".to_owned(), BTreeMap::new()),
        ]
        .into();
        let mut table = Map::new();
        put(&instances, &mut table);
        let expected = json!({
            "names": ["0:a-1", "3::è", "4:é", "0:b"],
            "sums": {"events": "0.5 - 0.5 -", "total": "7 9 8 -"},
        });
        assert_eq!(Value::from(table.clone()), expected);
        assert_eq!(read(&Place::root(), &table).unwrap(), instances);
    }

    #[test]
    fn what_has_another_shape_is_not_read() {
        for document in [
            json!({"names": ["a"], "sums": {}}),
            json!({"names": ["1:a"], "sums": {}}),
            json!({"names": ["0:é", "1:a"], "sums": {}}),
            json!({"names": ["0:a"], "sums": {"total": "1 2"}}),
            json!({"names": ["0:a"], "sums": {"total": "-1"}}),
            json!({"names": ["0:a"]}),
        ] {
            let table = document.as_object().unwrap();
            assert!(read(&Place::root(), table).is_err(), "{document}");
        }
    }
}
