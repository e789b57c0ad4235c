//! Which series come from one process, as far as labels tell. Pure.
//!
//! A process is all labels of its target together: a sidecar's restart leaves the counters of another
//! container of the same pod alone.

use std::collections::{BTreeMap, HashMap};

use super::store::{Named, Series, Store, Symbol};
use crate::prometheus::answer::Labels;
use crate::snapshot::INSTANCE_LABELS;

/// The labels of a target besides those that name an instance.
const TARGET: [&str; 23] = [
    "port",
    "container",
    "container_name",
    "k8s_container_name",
    "k8s.container.name",
    "container_id",
    "container.id",
    "namespace",
    "k8s_namespace_name",
    "k8s.namespace.name",
    "job",
    "endpoint",
    "service_name",
    "service.name",
    "pid",
    "process_pid",
    "process.pid",
    "cluster",
    "exported_instance",
    "exported_job",
    "exported_pod",
    "exported_container",
    "exported_namespace",
];

/// The labels of a job.
const JOB: [&str; 8] = [
    "job",
    "service",
    "endpoint",
    "container",
    "namespace",
    "cluster",
    "prometheus",
    "exported_job",
];

/// The series of one process, or one series, or one histogram, whose process is not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Process {
    /// Its labels, alike in every store; `None` where they name no process.
    pub(super) name: Option<String>,
    /// Series by number.
    pub(super) series: Vec<usize>,
}

/// The processes of these series. A histogram's buckets are of one process in any case.
pub(super) fn processes(store: &Store) -> Vec<Process> {
    let known = |names: &[&str]| -> Vec<Symbol> {
        let texts = names.iter().filter_map(|name| store.texts.known(name));
        texts.collect()
    };
    let (instance, target) = (known(named()), known(&TARGET));
    let bound = store.texts.known("le");
    let mut places: HashMap<(bool, Named), usize> = HashMap::new();
    let mut found: Vec<Process> = Vec::new();
    for (place, series) in store.series.iter().enumerate() {
        let is_named = instance.iter().any(|label| series.label(*label).is_some());
        let labels = series.labels.iter().filter(|(name, _)| {
            if is_named {
                instance.contains(name) || target.contains(name)
            } else {
                Some(*name) != bound
            }
        });
        let labels: Named = labels.copied().collect();
        let next = found.len();
        let name = is_named.then(|| text(store, &labels));
        let at = *places.entry((is_named, labels)).or_insert(next);
        if at == next {
            found.push(Process {
                name,
                series: Vec::new(),
            });
        }
        found[at].series.push(place);
    }
    found
}

/// The labels of a series that name its process, where they do.
pub(in crate::prometheus) fn process_of(labels: &Labels) -> Option<Labels> {
    let names = |names: &[&str], label: &str| names.contains(&label);
    let is_named = labels.keys().any(|label| names(named(), label));
    let target = labels
        .iter()
        .filter(|(label, _)| names(named(), label) || names(&TARGET, label));
    let target = target.map(|(label, value)| (label.clone(), value.clone()));
    is_named.then(|| target.collect())
}

/// The labels that name what scrapes a series: Prometheus has one interval for all instances of a job, and
/// its operator writes a job for each endpoint of a service. `None` where no job is named.
pub(in crate::prometheus) fn job_of(labels: &Labels) -> Option<Labels> {
    let of_job = labels
        .iter()
        .filter(|(label, _)| JOB.contains(&label.as_str()));
    let found: Labels = of_job
        .map(|(label, value)| (label.clone(), value.clone()))
        .collect();
    found.contains_key("job").then_some(found)
}

/// The labels that name an instance by themselves: a port is one of some machine.
fn named() -> &'static [&'static str] {
    let [names @ .., _port] = &INSTANCE_LABELS;
    names
}

/// The labels as PromQL has them, alike in every store.
fn text(store: &Store, labels: &[(Symbol, Symbol)]) -> String {
    let texts = labels
        .iter()
        .map(|(name, value)| (store.texts.text(*name), store.texts.text(*value)));
    let texts: BTreeMap<&str, &str> = texts.collect();
    let pairs: Vec<String> = texts
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    pairs.join(", ")
}

/// Which histogram each of these series is a bucket of; nothing where there are no bounds.
pub(super) fn histograms(store: &Store, series: &[usize]) -> Vec<Vec<usize>> {
    let Some(bound) = store.texts.known("le") else {
        return Vec::new();
    };
    let mut found: HashMap<Named, Vec<usize>> = HashMap::new();
    let without = |series: &Series| -> Named {
        let labels = series.labels.iter().filter(|(name, _)| *name != bound);
        labels.copied().collect()
    };
    for place in series {
        let one = &store.series[*place];
        if one.label(bound).is_some() {
            found.entry(without(one)).or_default().push(*place);
        }
    }
    found.into_values().collect()
}
