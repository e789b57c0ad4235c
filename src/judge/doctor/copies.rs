//! Whether the same requests are counted twice: by two replicas of Prometheus that scrape the same
//! targets, or by both ends of a connection in a mesh.

use std::collections::BTreeMap;

use crate::snapshot::names_instance;

use super::facts::{Labels, SeriesSeen};

/// Labels that replicas of a scraper and reporters of a mesh have, whatever else they have.
const REPORTERS: [&str; 7] = [
    "prometheus_replica",
    "__replica__",
    "receive_replica",
    "replica_name",
    "reporter",
    "prometheus",
    "vmagent",
];

/// Copies are scraped a moment apart, or count what is on its way.
const NEARLY: f64 = 0.02;

/// Of a label that may mean anything, values must be all but equal in so many pairs.
const EXACTLY: f64 = 0.001;
const PAIRS: usize = 3;

/// Smaller counts are equal by chance.
const LEAST: f64 = 100.0;

/// A label whose values differ while the counts of the series do not, with these values: the same
/// requests are counted once for each.
#[must_use]
pub fn copied(series: &[SeriesSeen], arms_label: &str) -> Option<(String, Vec<String>)> {
    let mut labels: Vec<&String> = series.iter().flat_map(|one| one.labels.keys()).collect();
    labels.sort();
    labels.dedup();
    labels
        .into_iter()
        .filter(|label| *label != arms_label && *label != "le" && *label != "__name__")
        .filter(|label| !names_instance(label))
        .find_map(|label| Some((label.clone(), values(series, label)?)))
}

/// The values of a label that tells copies apart.
fn values(series: &[SeriesSeen], label: &str) -> Option<Vec<String>> {
    let mut groups: BTreeMap<Labels, Vec<(&String, f64)>> = BTreeMap::new();
    let mut of_instances = false;
    for one in series {
        let mut rest = one.labels.clone();
        let Some((_, value)) = rest.remove_entry(label).zip(one.labels.get(label)) else {
            continue;
        };
        of_instances |= rest.keys().any(|name| names_instance(name));
        groups.entry(rest).or_default().push((value, one.value));
    }
    let telling: Vec<_> = groups
        .into_values()
        .filter(|group| group.iter().any(|(_, count)| *count >= LEAST))
        .collect();
    let named = REPORTERS.contains(&label) || (label == "replica" && of_instances);
    let tolerated = if named { NEARLY } else { EXACTLY };
    let is_equal = |group: &Vec<(&String, f64)>| {
        let counts = || group.iter().map(|(_, count)| *count);
        let most = counts().fold(0.0, f64::max);
        let least = counts().fold(f64::INFINITY, f64::min);
        group.len() > 1 && most - least <= tolerated * most
    };
    // One process that counts by route or code has other counts in one of them at least.
    let enough = if named { 1 } else { PAIRS };
    if telling.len() < enough || !(named || of_instances) || !telling.iter().all(is_equal) {
        return None;
    }
    let mut values: Vec<String> = telling
        .iter()
        .flatten()
        .map(|(value, _)| (*value).clone())
        .collect();
    values.sort();
    values.dedup();
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(labels: &[(&str, &str)], value: f64) -> SeriesSeen {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        SeriesSeen {
            labels: labels.iter().map(pair).collect(),
            value,
        }
    }

    #[test]
    fn replicas_of_a_scraper_are_copies() {
        let seen = [
            series(&[("pod", "a"), ("prometheus_replica", "0")], 10_000.0),
            series(&[("pod", "a"), ("prometheus_replica", "1")], 10_020.0),
            series(&[("pod", "b"), ("prometheus_replica", "0")], 7_000.0),
            series(&[("pod", "b"), ("prometheus_replica", "1")], 7_001.0),
        ];
        let found = copied(&seen, "variant");
        let wanted = vec!["0".to_owned(), "1".to_owned()];
        assert_eq!(found, Some(("prometheus_replica".to_owned(), wanted)));
    }

    #[test]
    fn pods_with_equal_load_and_codes_are_no_copies() {
        let seen = [
            series(&[("pod", "a"), ("code", "200")], 10_000.0),
            series(&[("pod", "b"), ("code", "200")], 10_000.0),
            series(&[("pod", "a"), ("code", "500")], 100.0),
            series(&[("pod", "b"), ("code", "500")], 100.0),
        ];
        assert_eq!(copied(&seen, "variant"), None);
    }

    #[test]
    fn reporters_that_see_different_requests_are_no_copies() {
        let seen = [
            series(&[("reporter", "source")], 10_000.0),
            series(&[("reporter", "destination")], 3_000.0),
        ];
        assert_eq!(copied(&seen, "variant"), None);
    }
}
