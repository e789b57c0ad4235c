//! Which label of a series names its instance: one process of a service, or one machine.

use std::collections::{BTreeMap, HashSet};

/// Labels that name one instance of a service, the most telling first. What a collector or a gateway has
/// renamed comes before its own; an attribute of OpenTelemetry before `instance`, which is the collector
/// where there is one; a machine last, with its `port` where there is one.
pub const INSTANCE_LABELS: [&str; 16] = [
    "exported_pod",
    "pod",
    "k8s_pod_name",
    "k8s.pod.name",
    "kubernetes_pod_name",
    "exported_instance",
    "service_instance_id",
    "service.instance.id",
    "instance",
    "container_id",
    "host_name",
    "host.name",
    "host",
    "hostname",
    "node",
    "port",
];

/// What tells processes of one machine apart.
pub const PORT: &str = "port";

/// Labels that name a machine, on which several processes may run.
const MACHINES: [&str; 5] = ["host_name", "host.name", "host", "hostname", "node"];

/// Whether a label names one process or machine.
#[must_use]
pub fn names_instance(label: &str) -> bool {
    INSTANCE_LABELS.contains(&label)
}

/// Whether a label names a machine, so that [`PORT`] is a part of an instance's name.
#[must_use]
pub fn is_machine(label: &str) -> bool {
    MACHINES.contains(&label)
}

/// The label that names instances: the first that tells at least half as many of them apart as any does.
/// One that all series have alike, such as the `instance` of a collector, names no instance where another
/// does. `names` is how many each label of [`INSTANCE_LABELS`] tells apart.
#[must_use]
pub fn naming(names: &[usize]) -> Option<&'static str> {
    let most = names.iter().copied().max().filter(|most| *most > 0)?;
    let place = names.iter().position(|count| 2 * count >= most)?;
    INSTANCE_LABELS.get(place).copied()
}

/// The name of an instance, from the values of the labels that a series has: of the naming label, and where
/// it has none of the first that it has.
#[must_use]
pub fn name_of<'a>(naming: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let labels = std::iter::once(naming).chain(INSTANCE_LABELS);
    let mut named = labels.filter_map(|label| Some((label, value(label)?)));
    let (label, name) = named.next()?;
    let port = value(PORT).filter(|_| is_machine(label));
    Some(port.map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
}

/// The label that names the instances of series with these labels.
#[must_use]
pub fn naming_of(series: &[&BTreeMap<String, String>]) -> Option<&'static str> {
    let count = |label: &&str| {
        let of = |labels: &&BTreeMap<String, String>| {
            labels.get(*label)?;
            name_of(label, |wanted| labels.get(wanted).map(String::as_str))
        };
        series.iter().filter_map(of).collect::<HashSet<_>>().len()
    };
    naming(&INSTANCE_LABELS.iter().map(count).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The naming label, where these tell so many apart.
    fn named(counts: &[(&str, usize)]) -> Option<&'static str> {
        let count = |label: &&str| {
            let found = counts.iter().find(|(one, _)| one == label);
            found.map_or(0, |(_, count)| *count)
        };
        naming(&INSTANCE_LABELS.iter().map(count).collect::<Vec<_>>())
    }

    #[test]
    fn a_label_that_all_have_alike_names_no_instance_where_another_does() {
        assert_eq!(named(&[("pod", 40), ("instance", 52)]), Some("pod"));
        assert_eq!(named(&[("instance", 1), ("host", 8)]), Some("host"));
        assert_eq!(
            named(&[("instance", 2), ("service_instance_id", 9)]),
            Some("service_instance_id")
        );
        assert_eq!(named(&[("instance", 12), ("node", 4)]), Some("instance"));
        assert_eq!(named(&[("pod", 1), ("instance", 1)]), Some("pod"));
        assert_eq!(named(&[("port", 3)]), Some("port"));
        assert_eq!(named(&[]), None);
    }

    #[test]
    fn processes_of_a_machine_are_told_apart_by_their_ports() {
        let labels = [("host", "a"), ("port", "8081"), ("instance", "collector")];
        let value = |wanted: &str| {
            let found = labels.iter().find(|(label, _)| *label == wanted);
            found.map(|(_, value)| *value)
        };
        assert_eq!(name_of("host", value).as_deref(), Some("a:8081"));
        assert_eq!(name_of("instance", value).as_deref(), Some("collector"));
        assert_eq!(name_of("pod", value).as_deref(), Some("collector"));
        assert_eq!(name_of("pod", |_| None), None);
    }
}
