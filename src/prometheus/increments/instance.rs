//! Which instance of a service a series comes from, and which group of instances that is. Pure.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::counted::GROUPS;

/// The labels that name an instance, the first that is there. A pod comes before `instance`: where the
/// metrics pass through a collector or a gateway, `instance` is that.
pub(super) const LABELS: [&str; 11] = [
    "pod",
    "k8s_pod_name",
    "k8s.pod.name",
    "instance",
    "service_instance_id",
    "service.instance.id",
    "host",
    "host_name",
    "host.name",
    "hostname",
    "node",
];

/// The group of an instance: the first byte of the SHA-256 of its name, modulo 8. It says nothing about
/// what the instance does, and it is the same on every machine and in every run.
pub(super) fn group(name: &str) -> usize {
    usize::from(Sha256::digest(name.as_bytes())[0]) % GROUPS
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
