//! Which instance of a service a series comes from, and which group of instances that is. Pure.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::snapshot::{INSTANCE_LABELS, PORT, is_machine, naming};

use super::counted::GROUPS;
use super::store::{Series, Store, Symbol};

/// The group of an instance: the first byte of the SHA-256 of its name, modulo 8. It says nothing about
/// what the instance does, and it is the same on every machine and in every run.
pub(in crate::prometheus) fn group(name: &str) -> usize {
    usize::from(Sha256::digest(name.as_bytes())[0]) % GROUPS
}

/// The instances of a store's series, by number.
pub(super) struct Names<'a> {
    store: &'a Store,
    /// The labels that are there, that which names instances first.
    labels: Vec<(&'static str, Symbol)>,
    port: Option<Symbol>,
    numbers: HashMap<(Symbol, Option<Symbol>), usize>,
    names: Vec<(String, usize)>,
}

impl<'a> Names<'a> {
    /// Of these series; where another counter of the same processes has found which label names them, by
    /// that one, if they have it.
    pub(super) fn new(store: &'a Store, series: &[usize], told: Option<&'static str>) -> Self {
        let known = |label: &&'static str| Some((*label, store.texts.known(label)?));
        let mut labels: Vec<(&'static str, Symbol)> =
            INSTANCE_LABELS.iter().filter_map(known).collect();
        let port = store.texts.known(PORT);
        let count = |(label, symbol): &(&'static str, Symbol)| {
            let with_port = port.filter(|_| is_machine(label));
            let of = |place: &usize| {
                let one = &store.series[*place];
                let port = with_port.and_then(|port| one.label(port));
                Some((one.label(*symbol)?, port))
            };
            series.iter().filter_map(of).collect::<HashSet<_>>().len()
        };
        let counts: Vec<usize> = INSTANCE_LABELS
            .iter()
            .map(|label| {
                let symbol = labels.iter().find(|(known, _)| known == label);
                symbol.map_or(0, count)
            })
            .collect();
        let has = |label: &&'static str| {
            let place = INSTANCE_LABELS.iter().position(|one| one == label);
            place.is_some_and(|place| counts[place] > 0)
        };
        let naming = told.filter(has).or_else(|| naming(&counts));
        labels.sort_by_key(|(label, _)| Some(*label) != naming);
        if naming.is_none() {
            labels.clear();
        }
        Self {
            store,
            labels,
            port,
            numbers: HashMap::new(),
            names: Vec::new(),
        }
    }

    /// The label that names them; `None` where none does.
    pub(super) fn label(&self) -> Option<&'static str> {
        self.labels.first().map(|(label, _)| *label)
    }

    /// The number of a series' instance.
    pub(super) fn number(&mut self, series: &Series) -> Option<usize> {
        let mut labels = self.labels.iter();
        let (label, value) =
            labels.find_map(|(label, symbol)| Some((*label, series.label(*symbol)?)))?;
        let port = self.port.filter(|_| is_machine(label));
        let port = port.and_then(|port| series.label(port));
        let next = self.names.len();
        let number = *self.numbers.entry((value, port)).or_insert(next);
        if number == next {
            let text = |symbol: Symbol| self.store.texts.text(symbol);
            let name = match port {
                Some(port) => format!("{}:{}", text(value), text(port)),
                None => text(value).to_owned(),
            };
            let group = group(&name);
            self.names.push((name, group));
        }
        Some(number)
    }

    /// The group of an instance.
    pub(super) fn group(&self, number: usize) -> usize {
        self.names[number].1
    }

    /// Its name.
    pub(super) fn name(&self, number: usize) -> &str {
        &self.names[number].0
    }
}

/// What a series adds up to in these places, but for what it was born with; `None` where it was not there.
pub(super) fn without_births(
    row: &[f64],
    part: &Range<usize>,
    births: &[(usize, f64)],
) -> Option<f64> {
    let within = row.get(part.clone())?.iter();
    let mut known = within.filter(|value| !value.is_nan()).peekable();
    known.peek()?;
    let born = births.iter().filter(|(block, _)| part.contains(block));
    Some(known.sum::<f64>() - born.map(|(_, value)| value).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_count_up_are_spread_over_the_groups() {
        let mut sizes = [0; GROUPS];
        for number in 0..800 {
            sizes[group(&format!("checkout-{number}"))] += 1;
        }
        assert!(
            sizes.iter().all(|size| (60..140).contains(size)),
            "{sizes:?}"
        );
    }

    #[test]
    fn a_group_never_changes() {
        // `printf a | sha256sum` begins with ca, which is 202.
        let groups: Vec<usize> = ["a", "b", "10.0.0.1:8080"].into_iter().map(group).collect();
        assert_eq!(groups, [2, 6, 2]);
    }
}
