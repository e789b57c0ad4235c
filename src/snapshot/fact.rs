//! What is wrong with evidence, on the wire: a code with its fields, beside the sentence that
//! `snapshot::wire` writes. Codes and keys stay as they are. A fact that cannot be read, such as one of
//! a later version, leaves the sentence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::units::Period;

use super::fact_words::{Key, Side};
use super::{Absence, Arm, Differing, EvidenceIssue, Falls, Nature, SeriesFault, Sought};

/// An issue from its sentence and, where there is one, its fact.
pub(super) fn read(sentence: String, fact: Option<&Value>) -> EvidenceIssue {
    fact.and_then(|fact| Fact::deserialize(fact).ok())
        .and_then(Fact::into_issue)
        .unwrap_or(EvidenceIssue::Said(sentence))
}

impl EvidenceIssue {
    /// Its fields without the sentence, as a snapshot holds them.
    #[must_use]
    pub fn fields(&self) -> Value {
        serde_json::to_value(Fact::from(self)).unwrap_or_default()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub(super) enum Fact {
    Said,
    NoAnswer {
        column: Key,
        error: String,
    },
    IncompleteAnswer {
        column: Key,
        warning: String,
    },
    SeveralSeries {
        #[serde(flatten)]
        of: OfArm,
        series: usize,
        differing: Vec<ByLabel>,
    },
    NativeHistogram(OfArm),
    NoCount(OfArm),
    NoNumber(OfArm),
    NoNativeHistogram(OfArm),
    NoBound(OfArm),
    NoInfinity(OfArm),
    RestartsUncounted {
        #[serde(flatten)]
        of: OfArm,
        process: Option<String>,
    },
    NotCumulative(OfArm),
    NoResult {
        columns: Vec<Key>,
        arms: Vec<Side>,
        over_range: bool,
    },
    NoSeries {
        columns: Vec<Key>,
        selector: String,
        sought: Aim,
    },
    NoLabel {
        columns: Vec<Key>,
        selector: String,
        label: String,
    },
    OtherValues {
        columns: Vec<Key>,
        selector: String,
        label: String,
        wanted: Vec<String>,
        seen: Vec<String>,
    },
    NotAtBlockEnds {
        columns: Vec<Key>,
        label: String,
        wanted: Vec<String>,
    },
    InBothArms(Misplaced),
    InNeitherArm(Misplaced),
    LevelAsCounter(Falling),
    ManyProcesses(Falling),
    RestartsAgainAndAgain(Falling),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Misplaced {
    column: Key,
    label: String,
    value: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Aim {
    Events,
    Histogram,
    Other,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct OfArm {
    column: Key,
    arm: Side,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ByLabel {
    label: String,
    values: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Falling {
    column: Key,
    series: String,
    falls: usize,
    changes: usize,
    within_seconds: u32,
    around: Vec<f64>,
}

impl From<&EvidenceIssue> for Fact {
    fn from(issue: &EvidenceIssue) -> Self {
        match issue.clone() {
            EvidenceIssue::Said(_) => Self::Said,
            EvidenceIssue::NoAnswer { column, error } => Self::NoAnswer {
                column: Key(column),
                error,
            },
            EvidenceIssue::Incomplete { column, warning } => Self::IncompleteAnswer {
                column: Key(column),
                warning,
            },
            EvidenceIssue::Unusable { column, arm, fault } => {
                let (column, arm) = (Key(column), arm.into());
                Self::of_fault(OfArm { column, arm }, fault)
            }
            EvidenceIssue::Absent { columns, absence } => {
                Self::of_absence(columns.into_iter().map(Key).collect(), absence)
            }
            EvidenceIssue::InNoOneArm {
                column,
                label,
                value,
                arms,
            } => {
                let of = Misplaced {
                    column: Key(column),
                    label,
                    value,
                };
                if arms.is_empty() {
                    Self::InNeitherArm(of)
                } else {
                    Self::InBothArms(of)
                }
            }
            EvidenceIssue::NoCounter { column, falls } => {
                let Falls {
                    series,
                    falls,
                    changes,
                    within,
                    around,
                    nature,
                } = falls;
                let falling = Falling {
                    column: Key(column),
                    series,
                    falls,
                    changes,
                    within_seconds: within.seconds(),
                    around,
                };
                match nature {
                    Nature::Level => Self::LevelAsCounter(falling),
                    Nature::ManyProcesses => Self::ManyProcesses(falling),
                    Nature::Restarts => Self::RestartsAgainAndAgain(falling),
                }
            }
        }
    }
}

impl Fact {
    fn of_fault(of: OfArm, fault: SeriesFault) -> Self {
        match fault {
            SeriesFault::Several { series, differing } => Self::SeveralSeries {
                of,
                series,
                differing: differing
                    .into_iter()
                    .map(|Differing { label, values }| ByLabel { label, values })
                    .collect(),
            },
            SeriesFault::NativeHistogram => Self::NativeHistogram(of),
            SeriesFault::NoCount => Self::NoCount(of),
            SeriesFault::NoNumber => Self::NoNumber(of),
            SeriesFault::NoNativeHistogram => Self::NoNativeHistogram(of),
            SeriesFault::NoBound => Self::NoBound(of),
            SeriesFault::NoInfinity => Self::NoInfinity(of),
            SeriesFault::RestartsUncounted { process } => Self::RestartsUncounted { of, process },
            SeriesFault::NotCumulative => Self::NotCumulative(of),
        }
    }

    fn of_absence(columns: Vec<Key>, absence: Absence) -> Self {
        match absence {
            Absence::NoResult { arms, over_range } => Self::NoResult {
                columns,
                arms: arms.into_iter().map(Side::from).collect(),
                over_range,
            },
            Absence::NoSeries { selector, sought } => Self::NoSeries {
                columns,
                selector,
                sought: match sought {
                    Sought::Events => Aim::Events,
                    Sought::Histogram => Aim::Histogram,
                    Sought::Other => Aim::Other,
                },
            },
            Absence::NoLabel { selector, label } => Self::NoLabel {
                columns,
                selector,
                label,
            },
            Absence::OtherValues {
                selector,
                label,
                wanted,
                seen,
            } => Self::OtherValues {
                columns,
                selector,
                label,
                wanted,
                seen,
            },
            Absence::NotAtBlockEnds { label, wanted } => Self::NotAtBlockEnds {
                columns,
                label,
                wanted,
            },
        }
    }

    /// `None` where only the sentence says it.
    fn into_issue(self) -> Option<EvidenceIssue> {
        let unusable = |OfArm { column, arm }: OfArm, fault| EvidenceIssue::Unusable {
            column: column.0,
            arm: arm.into(),
            fault,
        };
        let absent = |columns: Vec<Key>, absence| EvidenceIssue::Absent {
            columns: columns.into_iter().map(|Key(column)| column).collect(),
            absence,
        };
        Some(match self {
            Self::Said => return None,
            Self::NoAnswer { column, error } => EvidenceIssue::NoAnswer {
                column: column.0,
                error,
            },
            Self::IncompleteAnswer { column, warning } => EvidenceIssue::Incomplete {
                column: column.0,
                warning,
            },
            Self::SeveralSeries {
                of,
                series,
                differing,
            } => {
                let differing = differing
                    .into_iter()
                    .map(|ByLabel { label, values }| Differing { label, values })
                    .collect();
                unusable(of, SeriesFault::Several { series, differing })
            }
            Self::NativeHistogram(of) => unusable(of, SeriesFault::NativeHistogram),
            Self::NoCount(of) => unusable(of, SeriesFault::NoCount),
            Self::NoNumber(of) => unusable(of, SeriesFault::NoNumber),
            Self::NoNativeHistogram(of) => unusable(of, SeriesFault::NoNativeHistogram),
            Self::NoBound(of) => unusable(of, SeriesFault::NoBound),
            Self::NoInfinity(of) => unusable(of, SeriesFault::NoInfinity),
            Self::RestartsUncounted { of, process } => {
                unusable(of, SeriesFault::RestartsUncounted { process })
            }
            Self::NotCumulative(of) => unusable(of, SeriesFault::NotCumulative),
            Self::NoResult {
                columns,
                arms,
                over_range,
            } => {
                let arms = arms.into_iter().map(Arm::from).collect();
                absent(columns, Absence::NoResult { arms, over_range })
            }
            Self::NoSeries {
                columns,
                selector,
                sought,
            } => {
                let sought = match sought {
                    Aim::Events => Sought::Events,
                    Aim::Histogram => Sought::Histogram,
                    Aim::Other => Sought::Other,
                };
                absent(columns, Absence::NoSeries { selector, sought })
            }
            Self::NoLabel {
                columns,
                selector,
                label,
            } => absent(columns, Absence::NoLabel { selector, label }),
            Self::OtherValues {
                columns,
                selector,
                label,
                wanted,
                seen,
            } => absent(
                columns,
                Absence::OtherValues {
                    selector,
                    label,
                    wanted,
                    seen,
                },
            ),
            Self::NotAtBlockEnds {
                columns,
                label,
                wanted,
            } => absent(columns, Absence::NotAtBlockEnds { label, wanted }),
            Self::InBothArms(of) => of.into_issue(vec![Arm::Exposed, Arm::Unexposed]),
            Self::InNeitherArm(of) => of.into_issue(Vec::new()),
            Self::LevelAsCounter(falling) => falling.into_issue(Nature::Level),
            Self::ManyProcesses(falling) => falling.into_issue(Nature::ManyProcesses),
            Self::RestartsAgainAndAgain(falling) => falling.into_issue(Nature::Restarts),
        })
    }
}

impl Misplaced {
    fn into_issue(self, arms: Vec<Arm>) -> EvidenceIssue {
        let Self {
            column,
            label,
            value,
        } = self;
        EvidenceIssue::InNoOneArm {
            column: column.0,
            label,
            value,
            arms,
        }
    }
}

impl Falling {
    fn into_issue(self, nature: Nature) -> EvidenceIssue {
        let Self {
            column,
            series,
            falls,
            changes,
            within_seconds,
            around,
        } = self;
        EvidenceIssue::NoCounter {
            column: column.0,
            falls: Falls {
                series,
                falls,
                changes,
                within: Period::from_seconds(within_seconds),
                around,
                nature,
            },
        }
    }
}
