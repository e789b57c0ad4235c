//! Values that are the same, wherever they stand.

use super::super::node::{Node, Value};

/// True where both say the same, as JSON counts it.
pub(super) fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(one), Value::Scalar(other)) => {
            one.text == other.text && one.form == other.form
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|entry| {
                    let there = other.iter().find(|there| there.key == entry.key);
                    there.is_some_and(|there| same(&entry.value, &there.value))
                })
        }
        (Value::Alias | Value::Scalar(_) | Value::List(_) | Value::Map(_), _) => false,
    }
}

/// The names of a map that stand for the same as this one, itself among them.
pub(super) fn names_like<'n>(variants: Option<&'n Node>, exposed: &'n str) -> Vec<&'n str> {
    let mut names = vec![exposed];
    let given = variants.and_then(|variants| variants.get(exposed));
    if let (Some(variants), Some(given)) = (variants, given) {
        let others = variants.entries().iter();
        let alike = others.filter(|entry| entry.key != exposed && same(&entry.value, given));
        names.extend(alike.map(|entry| entry.key.as_str()));
    }
    names
}

/// True where the list or the map is there and holds something.
pub(super) fn holds_something(node: Option<&Node>) -> bool {
    node.is_some_and(|node| !node.items().is_empty() || !node.entries().is_empty())
}
