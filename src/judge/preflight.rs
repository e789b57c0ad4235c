//! What is seen before the first user is exposed: is there everything to judge by? States facts; what
//! they do is decided elsewhere.

use crate::plan::{Arms, Column, Guardrail, Plan, Role, Source};
use crate::snapshot::{GuardrailSeries, LabelSeen, Snapshot};

/// Something that stands between a guardrail and its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The guardrail.
    pub guardrail: String,
    /// The key of the selector or query it is about; `None` where it is about all of them.
    pub column: Option<String>,
    /// What it is.
    pub what: Obstruction,
}

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstruction {
    /// No series match at all: the metric is not there yet, or its name is wrong.
    NotThere,
    /// The unexposed arm was there within the last hour, and not within the last minutes.
    Silent,
    /// Series match, and none of them has the arms' label.
    NoLabel {
        /// The label.
        label: String,
    },
    /// The label is there, and the unexposed arm's value is not among its values.
    NoUnexposed {
        /// The label.
        label: String,
        /// The value that the plan names.
        wanted: String,
        /// The values in use.
        seen: Vec<String>,
    },
    /// The exposed arm's value is in use under another spelling.
    OtherSpelling {
        /// The label.
        label: String,
        /// The value that the plan names.
        wanted: String,
        /// The value in use.
        seen: String,
    },
    /// The server refuses the query, or calls its own answer incomplete.
    Refused {
        /// What it said.
        said: String,
    },
}

impl Obstruction {
    /// True where the server says something else than the plan, which waiting does not mend.
    #[must_use]
    pub const fn contradicts(&self) -> bool {
        match self {
            Self::NotThere | Self::Silent => false,
            Self::NoLabel { .. }
            | Self::NoUnexposed { .. }
            | Self::OtherSpelling { .. }
            | Self::Refused { .. } => true,
        }
    }
}

/// What is in the way of judging this plan; nothing, where preflight holds.
#[must_use]
pub fn preflight(plan: &Plan, snapshot: &Snapshot) -> Vec<Obstacle> {
    let compared = plan.guardrails.iter().filter(|guardrail| {
        let asked = guardrail.margin.is_some() || guardrail.role == Role::Success;
        guardrail.metric.kind.compares_arms() && asked
    });
    compared
        .flat_map(|guardrail| {
            let series = snapshot.guardrails.get(&guardrail.name);
            let obstacles = series.map_or_else(
                || vec![(None, Obstruction::NotThere)],
                |series| of_guardrail(guardrail, &plan.arms, series),
            );
            obstacles.into_iter().map(|(column, what)| Obstacle {
                guardrail: guardrail.name.clone(),
                column,
                what,
            })
        })
        .collect()
}

fn of_guardrail(
    guardrail: &Guardrail,
    arms: &Arms,
    series: &GuardrailSeries,
) -> Vec<(Option<String>, Obstruction)> {
    let GuardrailSeries {
        preflight, issues, ..
    } = series;
    if preflight.is_empty() {
        // A snapshot made without these questions: what was measured is what there is.
        if let Some(said) = issues.first() {
            return vec![(None, Obstruction::Refused { said: said.clone() })];
        }
        let columns = series.unexposed.columns.values();
        let buckets = series.unexposed.buckets.iter().map(|(_, series)| series);
        let any = columns
            .chain(buckets)
            .any(|series| series.iter().any(Option::is_some));
        return if any {
            Vec::new()
        } else {
            vec![(None, Obstruction::NotThere)]
        };
    }
    let per_arm = match &guardrail.metric.source {
        Source::Selectors(_) => false,
        Source::PerArm { .. } => true,
    };
    let whole_is_there = WHOLES
        .iter()
        .filter_map(|column| preflight.get(column.key()))
        .any(|seen| seen.recent.contains(&arms.unexposed));
    preflight
        .iter()
        .filter_map(|(column, seen)| {
            // Events that have not happened yet have no series; their total tells that they are counted.
            let unborn = column == Column::Events.key() && whole_is_there && seen.values.is_empty();
            let what = of_column(arms, seen, per_arm).filter(|_| !unborn)?;
            Some((Some(column.clone()), what))
        })
        .collect()
}

/// What events are counted against.
const WHOLES: [Column; 2] = [Column::Total, Column::Per];

fn of_column(arms: &Arms, seen: &LabelSeen, per_arm: bool) -> Option<Obstruction> {
    let Arms {
        label,
        exposed,
        unexposed,
    } = arms;
    let LabelSeen {
        values,
        recent,
        refused,
    } = seen;
    if let Some(said) = refused {
        return Some(Obstruction::Refused { said: said.clone() });
    }
    if values.is_empty() {
        return Some(Obstruction::NotThere);
    }
    if per_arm {
        return None;
    }
    if values.iter().all(String::is_empty) && !unexposed.is_empty() {
        return Some(Obstruction::NoLabel {
            label: label.clone(),
        });
    }
    if !values.contains(unexposed) {
        return Some(Obstruction::NoUnexposed {
            label: label.clone(),
            wanted: unexposed.clone(),
            seen: values.clone(),
        });
    }
    if !values.contains(exposed)
        && let Some(other) = values
            .iter()
            .find(|value| *value != unexposed && same_but_for_spelling(value, exposed))
    {
        return Some(Obstruction::OtherSpelling {
            label: label.clone(),
            wanted: exposed.clone(),
            seen: other.clone(),
        });
    }
    (!recent.contains(unexposed)).then_some(Obstruction::Silent)
}

/// So alike are two spellings of one word, or a word with a letter missing: `treatment` and `treatmnt`
/// are at 0.98, `control` and `treatment` at 0.5.
const ALIKE: f64 = 0.9;

fn same_but_for_spelling(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (plain(a), plain(b));
    a == b || strsim::jaro_winkler(&a, &b) >= ALIKE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::fixture::{errors, plan, series, snapshot, steady};
    use super::*;

    fn seen(values: &[&str], recent: &[&str]) -> LabelSeen {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        LabelSeen {
            values: texts(values),
            recent: texts(recent),
            refused: None,
        }
    }

    /// What is in the way when these values were seen of events and total.
    fn obstacles(events: LabelSeen, total: LabelSeen) -> Vec<Obstruction> {
        let mut errors = errors();
        errors.metric.source = Source::Selectors(Vec::new());
        let plan = plan(vec![errors]);
        let guardrail = GuardrailSeries {
            preflight: BTreeMap::from([("events".into(), events), ("total".into(), total)]),
            ..GuardrailSeries::default()
        };
        let found = preflight(&plan, &snapshot(vec![("errors", guardrail)]));
        found.into_iter().map(|obstacle| obstacle.what).collect()
    }

    const BOTH: &[&str] = &["control", "treatment"];

    #[test]
    fn a_service_that_is_measured_is_ready() {
        let control = || seen(&["control"], &["control"]);
        assert_eq!(obstacles(control(), control()), []);
        // An error counter without an error yet, and an exposed arm that is there already.
        assert_eq!(obstacles(seen(&[], &[]), control()), []);
        assert_eq!(obstacles(seen(BOTH, BOTH), seen(BOTH, BOTH)), []);
        // Another experiment on the same label.
        let others = || seen(&["control", "blue"], &["control", "blue"]);
        assert_eq!(obstacles(others(), others()), []);
    }

    #[test]
    fn what_is_not_there_yet_is_waited_for() {
        let nothing = || seen(&[], &[]);
        let found = obstacles(nothing(), nothing());
        assert_eq!(found, [Obstruction::NotThere, Obstruction::NotThere]);
        let silent = obstacles(seen(&["control"], &[]), seen(&["control"], &[]));
        assert_eq!(silent, [Obstruction::Silent, Obstruction::Silent]);
        assert!(found.iter().chain(&silent).all(|what| !what.contradicts()));
    }

    #[test]
    fn what_says_something_else_than_the_plan_is_a_contradiction() {
        let good = || seen(&["control"], &["control"]);
        for (bad, expected) in [
            (seen(&[""], &[""]), "NoLabel"),
            (seen(&["old", "new"], &["old", "new"]), "NoUnexposed"),
            (
                seen(&["control", "Treatment"], &["control"]),
                "OtherSpelling",
            ),
            (
                seen(&["control", "treatmnt"], &["control"]),
                "OtherSpelling",
            ),
        ] {
            for found in [
                obstacles(bad.clone(), good()),
                obstacles(good(), bad.clone()),
            ] {
                assert_eq!(found.len(), 1, "{bad:?}");
                assert!(found[0].contradicts());
                assert!(format!("{:?}", found[0]).starts_with(expected), "{found:?}");
            }
        }
    }

    #[test]
    fn a_snapshot_without_these_facts_is_taken_for_what_was_measured() {
        let plan = plan(vec![errors()]);
        let there = series(Default::default(), steady(9.0, 900.0, 3), 3);
        assert_eq!(preflight(&plan, &snapshot(vec![("errors", there)])), []);
        let nothing = series(Default::default(), Default::default(), 3);
        let found = preflight(&plan, &snapshot(vec![("errors", nothing)]));
        assert_eq!(found[0].what, Obstruction::NotThere);
        assert_eq!(
            preflight(&plan, &snapshot(Vec::new()))[0].what,
            Obstruction::NotThere
        );
    }
}
