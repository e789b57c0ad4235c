//! What is seen before the first user is exposed: is there everything to judge by? States facts; what
//! they do is decided elsewhere.

use crate::plan::{ArmValue, Arms, Column, Guardrail, Kind, Membership, Plan, Role, Source};
use crate::snapshot::{Copies, Flaw, GuardrailSeries, LabelSeen, Snapshot};

use super::spelling::same_but_for_spelling;

/// Something that stands between a guardrail and its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The guardrail.
    pub guardrail: String,
    /// The key of the selector or query it is about; `None` where it is about all of them.
    pub column: Option<Column>,
    /// What it is.
    pub what: Obstruction,
}

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstruction {
    /// No series match at all: the metric is not there yet, or its name is wrong.
    NotThere,
    /// No metric is there of what looks at the exposed arm alone: nothing tells a wrong name from a
    /// metric that only the new release will have.
    NothingOfExposed,
    /// There were samples, and there are none any more.
    Silent {
        /// The latest one in Unix seconds, where it is known.
        last_seen: Option<i64>,
    },
    /// Series match, and none of them has the arms' label.
    NoLabel {
        /// The label.
        label: String,
        /// Labels that they have.
        others: Vec<String>,
    },
    /// The label is there, and the unexposed arm's value is not among its values.
    NoUnexposed {
        /// The label.
        label: String,
        /// The value that the plan names.
        wanted: String,
        /// The values in use.
        seen: Vec<String>,
        /// The one of them that is the same word in another spelling.
        meant: Option<String>,
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
    /// No series has the name of the events' metric, and the total's metric has nearly the same one.
    OtherName {
        /// The name that the plan gives.
        wanted: String,
        /// The name of the total's metric.
        meant: String,
    },
    /// A value of the label belongs to both arms.
    InBothArms {
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
    /// The same requests are counted several times.
    Copies(Copies),
    /// Series are there, and nothing can be read off them.
    Flawed(Flaw),
    /// The server refuses the query, or calls its own answer incomplete.
    Refused {
        /// What it said.
        said: String,
    },
}

impl Obstruction {
    /// A short name that stays, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotThere => "no-series",
            Self::NothingOfExposed => "no-metric-yet",
            Self::Silent { .. } => "no-samples-lately",
            Self::NoLabel { .. } => "no-label",
            Self::NoUnexposed { .. } => "no-unexposed",
            Self::OtherSpelling { .. } => "other-spelling",
            Self::OtherName { .. } => "other-name",
            Self::InBothArms { .. } => "in-both-arms",
            Self::Copies(_) => "counted-several-times",
            Self::Flawed(Flaw::NoNumber) => "no-number",
            Self::Flawed(Flaw::NoBounds) => "no-bucket-label",
            Self::Flawed(Flaw::OnlyInfinite) => "only-infinite-bucket",
            Self::Flawed(Flaw::NoInfinite) => "no-infinite-bucket",
            Self::Flawed(Flaw::NotNative) => "not-native",
            Self::Refused { .. } => "refused",
        }
    }

    /// True where the server says something else than the plan, which waiting does not mend.
    #[must_use]
    pub const fn contradicts(&self) -> bool {
        match self {
            // An idle process says NaN, too.
            Self::NotThere
            | Self::NothingOfExposed
            | Self::Silent { .. }
            | Self::Flawed(Flaw::NoNumber) => false,
            Self::NoLabel { .. }
            | Self::NoUnexposed { .. }
            | Self::OtherSpelling { .. }
            | Self::OtherName { .. }
            | Self::InBothArms { .. }
            | Self::Copies(_)
            | Self::Flawed(
                Flaw::NoBounds | Flaw::OnlyInfinite | Flaw::NoInfinite | Flaw::NotNative,
            )
            | Self::Refused { .. } => true,
        }
    }
}

/// What is in the way of judging this plan; nothing, where preflight holds.
#[must_use]
pub fn preflight(plan: &Plan, snapshot: &Snapshot) -> Vec<Obstacle> {
    plan.guardrails
        .iter()
        .flat_map(|guardrail| {
            let asked = Asked::of(guardrail);
            let series = snapshot.guardrails.get(&guardrail.name);
            let obstacles = match (series, asked) {
                (Some(series), _) if !series.preflight.is_empty() => {
                    of_guardrail(asked, &plan.arms, &guardrail.metric.source, series)
                }
                (Some(series), Asked::Both { .. }) => of_measured(series),
                (None, Asked::Both { .. }) => vec![(None, Obstruction::NotThere)],
                // Older snapshots hold nothing about what has no margin: it was not asked for.
                (Some(_) | None, Asked::Exposed { .. }) => Vec::new(),
            };
            obstacles.into_iter().map(|(column, what)| Obstacle {
                guardrail: guardrail.name.clone(),
                column,
                what,
            })
        })
        .collect()
}

/// What a guardrail needs.
#[derive(Clone, Copy)]
enum Asked {
    /// Both arms, which it compares.
    Both { labelled: bool },
    /// The exposed arm alone, which is not there yet; its metric can be.
    Exposed { labelled: bool },
}

impl Asked {
    fn of(guardrail: &Guardrail) -> Self {
        let kind = guardrail.metric.kind;
        let labelled = match (&guardrail.metric.source, kind) {
            // The query of a point is taken as it is.
            (Source::PerArm { .. }, _) | (Source::Selectors(_), Kind::Point { .. }) => false,
            (
                Source::Selectors(_),
                Kind::Ratio { .. }
                | Kind::Rate { .. }
                | Kind::Latency { .. }
                | Kind::Mean { .. }
                | Kind::Gauge { .. },
            ) => true,
        };
        let compared = guardrail.margin.is_some() || guardrail.role == Role::Success;
        if kind.compares_arms() && compared {
            Self::Both { labelled }
        } else {
            Self::Exposed { labelled }
        }
    }
}

/// Of a snapshot made without these questions: what was measured is what there is.
fn of_measured(series: &GuardrailSeries) -> Vec<(Option<Column>, Obstruction)> {
    if let Some(said) = series.issues.first() {
        let said = said.to_string();
        return vec![(None, Obstruction::Refused { said })];
    }
    let columns = series.unexposed.columns.values();
    let buckets = series.unexposed.buckets.iter().map(|(_, series)| series);
    let any = columns
        .chain(buckets)
        .any(|series| series.iter().any(Option::is_some));
    if any {
        Vec::new()
    } else {
        vec![(None, Obstruction::NotThere)]
    }
}

fn of_guardrail(
    asked: Asked,
    arms: &Arms,
    source: &Source,
    series: &GuardrailSeries,
) -> Vec<(Option<Column>, Obstruction)> {
    let seen = &series.preflight;
    let whole = WHOLES.iter().find_map(|column| seen.get(column));
    seen.iter()
        .filter_map(|(column, seen)| {
            let whole = whole.filter(|_| *column == Column::Events);
            let is_unborn = whole.is_some_and(|whole| is_unborn(asked, arms, seen, whole));
            let what = match (is_unborn, seen.values.is_empty()) {
                (false, _) => of_column(asked, arms, seen),
                (true, true) => of_name(source),
                (true, false) => None,
            };
            Some((Some(*column), what?))
        })
        .collect()
}

/// What events are counted against.
const WHOLES: [Column; 2] = [Column::Total, Column::Per];

/// Events that have not happened yet have no series; their total tells that they are counted. Other
/// values of the label may have had some, if the total knows these values as well: then the label is
/// the same one.
fn is_unborn(asked: Asked, arms: &Arms, events: &LabelSeen, whole: &LabelSeen) -> bool {
    let arm_is_there = match asked {
        Asked::Both { .. } => has(&whole.recent, &arms.unexposed),
        Asked::Exposed { .. } => !whole.recent.is_empty(),
    };
    let foreign = |value: &String| !arms.unexposed.matches(value) && whole.values.contains(value);
    events.refused.is_none()
        && arm_is_there
        && (events.values.is_empty()
            || !has(&events.values, &arms.unexposed) && events.values.iter().any(foreign))
}

/// Events of which there is nothing, and whose metric has the name of the total's but for a letter: that is
/// a mistake, and no event will ever be seen.
fn of_name(source: &Source) -> Option<Obstruction> {
    let Source::Selectors(columns) = source else {
        return None;
    };
    let name = |wanted: &[Column]| {
        let found = columns.iter().find(|(column, _)| wanted.contains(column));
        found.and_then(|(_, selector)| selector.vector().name.clone())
    };
    let (wanted, meant) = (name(&[Column::Events])?, name(&WHOLES)?);
    (wanted != meant && same_but_for_spelling(&wanted, &meant))
        .then_some(Obstruction::OtherName { wanted, meant })
}

/// Whether any value of the label belongs to an arm.
fn has(values: &[String], arm: &ArmValue) -> bool {
    values.iter().any(|value| arm.matches(value))
}

/// Whether a value is that of an arm in another spelling; a regular expression has none.
fn is_spelling_of(value: &str, arm: &ArmValue) -> bool {
    match arm {
        ArmValue::Text(text) => same_but_for_spelling(value, text),
        ArmValue::Regex(_) => false,
    }
}

fn of_column(asked: Asked, arms: &Arms, seen: &LabelSeen) -> Option<Obstruction> {
    let Arms {
        label,
        exposed,
        unexposed,
    } = arms;
    let LabelSeen {
        values,
        recent,
        refused,
        last_seen,
        flaw,
        labels,
        copies,
    } = seen;
    if let Some(said) = refused {
        return Some(Obstruction::Refused { said: said.clone() });
    }
    let silent = Obstruction::Silent {
        last_seen: *last_seen,
    };
    if values.is_empty() {
        return Some(match (last_seen, asked) {
            (Some(_), _) => silent,
            (None, Asked::Both { .. }) => Obstruction::NotThere,
            (None, Asked::Exposed { .. }) => Obstruction::NothingOfExposed,
        });
    }
    let flawed = flaw.map(Obstruction::Flawed);
    let (labelled, compared) = match asked {
        Asked::Both { labelled } => (labelled, true),
        Asked::Exposed { labelled } => (labelled, false),
    };
    if !labelled {
        return flawed;
    }
    let needed = if compared { unexposed } else { exposed };
    if values.iter().all(String::is_empty) && !needed.matches("") {
        return Some(Obstruction::NoLabel {
            label: label.clone(),
            others: labels.clone(),
        });
    }
    if let Some(value) = values
        .iter()
        .find(|value| arms.arm_of(value) == Membership::Both)
    {
        return Some(Obstruction::InBothArms {
            label: label.clone(),
            value: value.clone(),
        });
    }
    if compared && !has(values, unexposed) {
        // It was there, so that it is spelled right.
        if last_seen.is_some() {
            return Some(silent);
        }
        let meant = values
            .iter()
            .find(|value| !exposed.matches(value) && is_spelling_of(value, unexposed));
        return Some(Obstruction::NoUnexposed {
            label: label.clone(),
            wanted: unexposed.to_string(),
            seen: values.clone(),
            meant: meant.cloned(),
        });
    }
    if !has(values, exposed)
        && let Some(other) = values
            .iter()
            .find(|value| !unexposed.matches(value) && is_spelling_of(value, exposed))
    {
        return Some(Obstruction::OtherSpelling {
            label: label.clone(),
            wanted: exposed.to_string(),
            seen: other.clone(),
        });
    }
    let is_fresh = if compared {
        has(recent, unexposed)
    } else {
        !recent.is_empty()
    };
    if is_fresh {
        flawed.or(copies.clone().map(Obstruction::Copies))
    } else {
        Some(silent)
    }
}

#[cfg(test)]
mod tests;
