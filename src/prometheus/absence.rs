//! Why an arm has no series: the newcomer's commonest mistake deserves the best message.

use crate::plan::{Arms, Column, VectorSelector};
use crate::units::Instant;

use super::Client;
use super::fold::Absent;
use super::query::{Arm, values_seen as values_query};

/// Label values shown in a message.
const SHOWN: usize = 8;

/// The commonest reason, besides a selector that selects nothing.
const TOO_RARE: &str = "; check its selectors. Where targets are scraped more rarely than twice a block, \
     `increase` and `rate` over `[$block]` have nothing to say: set a longer `block` under [judge], or \
     give a bare selector, whose blocks are pooled";

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

/// One sentence for each column that is absent, and what to do about it.
pub(super) fn issues<'a>(
    absent: &[Absent<'_>],
    arms: &Arms,
    seen: impl Fn(&VectorSelector) -> Option<&'a [String]>,
) -> Vec<String> {
    let mut columns: Vec<Column> = Vec::new();
    for absent in absent {
        if !columns.contains(&absent.question.column) {
            columns.push(absent.question.column);
        }
    }
    // Columns that are absent for the same reason share a sentence.
    let mut sentences: Vec<(String, Vec<Column>)> = Vec::new();
    for column in columns {
        let of_column: Vec<&Absent<'_>> = absent
            .iter()
            .filter(|a| a.question.column == column)
            .collect();
        let Some(first) = of_column.first() else {
            continue;
        };
        let missing: Vec<Arm> = of_column.iter().map(|a| a.arm).collect();
        let text = match &first.question.selector {
            None => {
                let nothing = format!("the query of the {} arm returned nothing", names(&missing));
                let asks_a_range = of_column.iter().any(|a| a.question.text.contains('['));
                if asks_a_range {
                    format!("{nothing}{TOO_RARE}")
                } else {
                    nothing
                }
            }
            Some(selector) => of_selector(selector, column, &missing, arms, seen(selector)),
        };
        match sentences.iter_mut().find(|(known, _)| *known == text) {
            Some((_, columns)) => columns.push(column),
            None => sentences.push((text, vec![column])),
        }
    }
    sentences
        .into_iter()
        .map(|(text, columns)| {
            let keys: Vec<String> = columns.iter().map(|c| format!("`{}`", c.key())).collect();
            format!("{}: {text}", keys.join(", "))
        })
        .collect()
}

fn names(missing: &[Arm]) -> String {
    let keys: Vec<&str> = missing.iter().map(|arm| arm.key()).collect();
    keys.join(" and ")
}

fn of_selector(
    selector: &VectorSelector,
    column: Column,
    missing: &[Arm],
    arms: &Arms,
    seen: Option<&[String]>,
) -> String {
    let selector = selector.text();
    let Arms {
        label,
        exposed,
        unexposed,
    } = arms;
    let wanted: Vec<&str> = missing
        .iter()
        .map(|arm| match arm {
            Arm::Exposed => exposed.as_str(),
            Arm::Unexposed => unexposed.as_str(),
        })
        .collect();
    let matchers: Vec<String> = wanted
        .iter()
        .map(|value| format!("{label}=\"{value}\""))
        .collect();
    let nothing = format!("no series of `{selector}` has {}", matchers.join(" or "));
    let Some(seen) = seen else {
        return nothing;
    };
    let labelled: Vec<&str> = seen
        .iter()
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .collect();
    match (seen, labelled.as_slice()) {
        ([], _) if column == Column::Events => format!(
            "no series matches `{selector}`; initialise the counter at 0 in both arms, or check the selector"
        ),
        ([], _) if column == Column::Histogram => format!(
            "no series matches `{selector}`; check the selector: a classic histogram is named by its \
             `..._bucket` series, a native one by its own name"
        ),
        ([], _) => format!("no series matches `{selector}`; check the selector"),
        (_, []) => format!(
            "series match `{selector}`, but none has the label `{label}`; add it to the metric, \
             or set `label` under [arms] in config.toml"
        ),
        (_, values) if wanted.iter().any(|wanted| values.contains(wanted)) => format!(
            "{} has samples, but none at the end of a block; it has only just appeared, or is \
             scraped less often than every 5 minutes",
            matchers.join(" or ")
        ),
        (_, values) => {
            let shown = values
                .iter()
                .take(SHOWN)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let more = if values.len() > SHOWN { ", ..." } else { "" };
            format!(
                "{nothing}; values seen: {shown}{more}; set `exposed` and `unexposed` under [arms] \
                 in config.toml"
            )
        }
    }
}
