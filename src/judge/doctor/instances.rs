//! Which label tells instances apart, and how many each arm has.

use std::collections::BTreeSet;

use crate::plan::{ArmValue, Arms};
use crate::snapshot::{name_of, naming_of};

use super::facts::{Labels, SeriesSeen};

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

/// The instances of these series, by the label that names them to the judge; `None` where no label tells
/// them apart.
pub(super) fn instances(series: &[SeriesSeen], arms: &Arms) -> Option<Instances> {
    let labels: Vec<&Labels> = series.iter().map(|one| &one.labels).collect();
    let label = naming_of(&labels)?;
    let count = |arm: &ArmValue| {
        let of_arm = |one: &&SeriesSeen| {
            let value = one.labels.get(&arms.label);
            value.is_some_and(|value| arm.matches(value))
        };
        let name = |one: &SeriesSeen| {
            one.labels.get(label)?;
            name_of(label, |wanted| one.labels.get(wanted).map(String::as_str))
        };
        let found: BTreeSet<String> = series.iter().filter(of_arm).filter_map(name).collect();
        found.len()
    };
    Some(Instances {
        label: label.to_owned(),
        exposed: count(&arms.exposed),
        unexposed: count(&arms.unexposed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_collector_renamed_names_instances_and_the_collector_does_not() {
        let series = |variant: &str, label: &str, name: &str, port: &str| SeriesSeen {
            labels: [
                ("variant", variant),
                ("instance", "collector:9464"),
                (label, name),
                ("port", port),
            ]
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .into(),
            value: 1.0,
        };
        for (label, exposed) in [
            ("k8s_pod_name", 2),
            ("k8s.pod.name", 2),
            ("exported_pod", 2),
            ("exported_instance", 2),
            ("service.instance.id", 2),
            // A machine has a process behind each port.
            ("host_name", 3),
            ("host.name", 3),
        ] {
            let seen = [
                series("treatment", label, "a", "1"),
                series("treatment", label, "a", "2"),
                series("treatment", label, "b", "1"),
                series("control", label, "c", "1"),
            ];
            let expected = Instances {
                label: label.to_owned(),
                exposed,
                unexposed: 1,
            };
            assert_eq!(instances(&seen, &Arms::default()), Some(expected));
        }
    }
}
