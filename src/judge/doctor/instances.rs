//! Which label tells instances apart, and how many each arm has.

use std::collections::BTreeSet;

use crate::plan::{ArmValue, Arms};

use super::facts::SeriesSeen;

/// Labels that name one process or machine, the most telling first.
const NAMES: [&str; 8] = [
    "pod",
    "instance",
    "kubernetes_pod_name",
    "service_instance_id",
    "host",
    "hostname",
    "node",
    "container_id",
];

/// How many instances can be told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instances {
    /// By this label.
    pub label: String,
    /// Of the exposed arm.
    pub exposed: usize,
    /// Of the unexposed arm.
    pub unexposed: usize,
}

/// Whether a label names one process or machine.
pub(super) fn names_instance(label: &str) -> bool {
    NAMES.contains(&label)
}

/// The instances of these series; `None` where no label tells them apart.
pub(super) fn instances(series: &[SeriesSeen], arms: &Arms) -> Option<Instances> {
    let label = NAMES
        .into_iter()
        .find(|name| series.iter().any(|one| one.labels.contains_key(*name)))?;
    let count = |arm: &ArmValue| {
        let of_arm = |one: &&SeriesSeen| {
            let value = one.labels.get(&arms.label);
            value.is_some_and(|value| arm.matches(value))
        };
        let found: BTreeSet<&String> = series
            .iter()
            .filter(of_arm)
            .filter_map(|one| one.labels.get(label))
            .collect();
        found.len()
    };
    Some(Instances {
        label: label.to_owned(),
        exposed: count(&arms.exposed),
        unexposed: count(&arms.unexposed),
    })
}
