//! What is known of the unexposed arm's past and of the instances, for people.

use std::fmt;

use crate::snapshot::{GuardrailSeries, Housing, InstanceCounts, Unsplit};

use super::sentence::Sentence;

impl Sentence for Unsplit {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoInstanceLabel => {
                "instances cannot be told apart: no label of the series, such as `pod`, `instance` or `host`, names one"
            }
            Self::OneInstance => "there are too few instances to halve them",
            Self::OwnQueries => {
                "instances cannot be told apart: the plan's own queries give sums over them"
            }
            Self::NativeHistogram => {
                "instances cannot be told apart: a native histogram is added up by the server"
            }
            Self::NothingBefore => "nothing was seen of the unexposed arm before the stage",
            Self::NotAnswered => {
                "the server did not answer what was asked of the time before the stage"
            }
        })
    }
}

/// What the noise of a guardrail can be learnt from; `None` where nothing tells, as in older snapshots.
pub(in crate::report) fn past(series: &GuardrailSeries) -> Option<String> {
    let known = series.history.as_ref().map(|history| {
        let days = history.days();
        let tenths = |number: f64| (10.0 * number).round() / 10.0;
        let time = if days < 1.0 {
            format!("{} h", tenths(24.0 * days))
        } else {
            format!("{} d", tenths(days))
        };
        let what = match (history.level(), history.groups.len()) {
            (Some(_), _) => "its level as a whole".to_owned(),
            (None, 2) => "two halves of its instances".to_owned(),
            (None, groups) => format!("{groups} groups of its instances"),
        };
        format!("{time} of the unexposed arm before the stage: {what}")
    });
    match (known, series.unsplit) {
        (Some(known), Some(why)) => Some(format!("{known}; {why}")),
        (Some(known), None) => Some(known),
        (None, Some(why)) => Some(format!("none: {why}")),
        (None, None) => None,
    }
}

/// How many instances there are, and where the arms live.
pub(in crate::report) fn instances(counts: &InstanceCounts) -> String {
    let label = counts.label.as_ref();
    let by = label.map_or_else(String::new, |label| format!(" by `{label}`"));
    let housing = match counts.housing() {
        Some(Housing::Shared) => ": the same instances serve both arms",
        Some(Housing::Own) => ": the arms have instances of their own",
        None => "",
    };
    let InstanceCounts {
        exposed, unexposed, ..
    } = counts;
    format!("{exposed} exposed, {unexposed} unexposed{by}{housing}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{ArmSeries, History};

    #[test]
    fn what_is_known_and_why_not_more_is_said() {
        let mut series = GuardrailSeries::default();
        assert_eq!(past(&series), None);
        series.unsplit = Some(Unsplit::OneInstance);
        let none = "none: there are too few instances to halve them";
        assert_eq!(past(&series).as_deref(), Some(none));
        let arm = ArmSeries {
            columns: [(crate::plan::Column::Query, vec![Some(0.5); 2_016])].into(),
            ..ArmSeries::default()
        };
        series.history = Some(History {
            ends: (1..=2_016).map(|k| 300 * k).collect(),
            groups: vec![arm.clone()],
            ..History::default()
        });
        let level = "7 d of the unexposed arm before the stage: its level as a whole; there are too few instances to halve them";
        assert_eq!(past(&series).as_deref(), Some(level));
        series.unsplit = None;
        if let Some(history) = &mut series.history {
            history.ends.truncate(72);
            history.groups = vec![arm.clone(), arm];
        }
        let halves = "6 h of the unexposed arm before the stage: two halves of its instances";
        assert_eq!(past(&series).as_deref(), Some(halves));
    }

    #[test]
    fn where_the_arms_live_is_said() {
        let mut counts = InstanceCounts {
            exposed: 2,
            unexposed: 20,
            shared: Some(0),
            label: Some("pod".into()),
        };
        let own = "2 exposed, 20 unexposed by `pod`: the arms have instances of their own";
        assert_eq!(instances(&counts), own);
        counts.shared = Some(2);
        assert!(instances(&counts).ends_with(": the same instances serve both arms"));
        counts.shared = None;
        assert_eq!(instances(&counts), "2 exposed, 20 unexposed by `pod`");
    }
}
