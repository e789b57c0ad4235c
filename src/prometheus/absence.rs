//! Why an arm has no series: the newcomer's commonest mistake deserves the best message.

use crate::plan::{Arms, Column, VectorSelector};
use crate::snapshot::{Absence, Arm, EvidenceIssue, Sought};
use crate::units::Instant;

use super::Client;
use super::fold::Absent;
use super::query::values_seen as values_query;

/// The label's values among the selector's series, the empty one where a series lacks the label;
/// `None` when the server did not say.
pub(super) async fn values_seen(
    client: &Client,
    selector: &VectorSelector,
    label: &str,
    now: Instant,
) -> Option<Vec<String>> {
    let answer = client
        .instant(&values_query(selector, label), now)
        .await
        .ok()?;
    Some(
        answer
            .series
            .into_iter()
            .map(|mut series| series.labels.remove(label).unwrap_or_default())
            .collect(),
    )
}

/// One issue for each column that is absent; columns that are absent for the same reason share one.
pub(super) fn issues<'a>(
    absent: &[Absent<'_>],
    arms: &Arms,
    seen: impl Fn(&VectorSelector) -> Option<&'a [String]>,
) -> Vec<EvidenceIssue> {
    let mut columns: Vec<Column> = Vec::new();
    for absent in absent {
        if !columns.contains(&absent.question.column) {
            columns.push(absent.question.column);
        }
    }
    let mut found: Vec<(Absence, Vec<Column>)> = Vec::new();
    for column in columns {
        let of_column: Vec<&Absent<'_>> = absent
            .iter()
            .filter(|a| a.question.column == column)
            .collect();
        let Some(first) = of_column.first() else {
            continue;
        };
        let missing: Vec<Arm> = of_column.iter().map(|a| a.arm).collect();
        let absence = match &first.question.selector {
            None => Absence::NoResult {
                arms: missing,
                over_range: of_column.iter().any(|a| a.question.text.contains('[')),
            },
            Some(selector) => of_selector(selector, column, &missing, arms, seen(selector)),
        };
        match found.iter_mut().find(|(known, _)| *known == absence) {
            Some((_, columns)) => columns.push(column),
            None => found.push((absence, vec![column])),
        }
    }
    found
        .into_iter()
        .map(|(absence, columns)| EvidenceIssue::Absent { columns, absence })
        .collect()
}

fn of_selector(
    selector: &VectorSelector,
    column: Column,
    missing: &[Arm],
    arms: &Arms,
    seen: Option<&[String]>,
) -> Absence {
    let Arms {
        label,
        exposed,
        unexposed,
    } = arms;
    let (selector, label) = (selector.text(), label.clone());
    let wanted: Vec<String> = missing
        .iter()
        .map(|arm| match arm {
            Arm::Exposed => exposed.to_string(),
            Arm::Unexposed => unexposed.to_string(),
        })
        .collect();
    if seen.is_some_and(<[String]>::is_empty) {
        return Absence::NoSeries {
            selector,
            sought: match column {
                Column::Events => Sought::Events,
                Column::Histogram => Sought::Histogram,
                Column::Count | Column::Per | Column::Sum | Column::Total | Column::Query => {
                    Sought::Other
                }
            },
        };
    }
    let labelled = |seen: &[String]| -> Vec<String> {
        let values = seen.iter().filter(|value| !value.is_empty());
        values.cloned().collect()
    };
    match seen.map(labelled) {
        Some(values) if values.is_empty() => Absence::NoLabel { selector, label },
        Some(values)
            if missing
                .iter()
                .any(|arm| values.iter().any(|value| arms.of(*arm).matches(value))) =>
        {
            Absence::NotAtBlockEnds { label, wanted }
        }
        values => Absence::OtherValues {
            selector,
            label,
            wanted,
            seen: values.unwrap_or_default(),
        },
    }
}
