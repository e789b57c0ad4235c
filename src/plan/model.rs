//! The plan as the rest of the crate sees it: complete, resolved against the shared settings, valid.

use std::collections::BTreeMap;

use crate::units::{Bound, Digest, Effect, Exposure, Period};

use super::{Arms, JudgeSettings, Metric, Selector, State, Status};

/// One rollout: what was declared, and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The file's stem.
    pub name: String,
    /// What is being rolled out.
    pub description: Option<String>,
    /// What is still to be adapted before anybody is exposed: a plan that says so is held.
    pub draft: Option<String>,
    /// Who to ask.
    pub owner: Option<String>,
    /// Why the declared part was last changed; the merge gate accepts a risky change of a running
    /// plan only with one.
    pub reason: Option<String>,
    /// The part of the product it touches.
    pub surface: Option<String>,
    /// Plans that must have come so far before this one advances.
    pub after: Vec<After>,
    /// How exposure grows.
    pub course: Course,
    /// At least one; success metrics among them.
    pub guardrails: Vec<Guardrail>,
    /// Success metrics must pass to advance.
    pub require_success: bool,
    /// The sample ratio check.
    pub assignment: Option<Assignment>,
    /// The arms' label, from the shared settings.
    pub arms: Arms,
    /// Budgets and block length, from the shared settings.
    pub judge: JudgeSettings,
    /// Digest of the declared part of the file.
    pub declared: Digest,
    /// What `rollout` wrote; `None` is a pending plan: nobody is exposed.
    pub state: Option<State>,
}

impl Plan {
    /// The stages, in order; a ramp has none.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        match &self.course {
            Course::Stages(stages) => stages,
            Course::Ramp(_) => &[],
        }
    }

    /// True when somebody sees the change, so that there is something to measure and to decide on
    /// evidence. A rolled-back plan is not exposed; a complete one is.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.exposure() > Exposure::NONE
    }

    /// The present exposure; a plan without state exposes nobody.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        self.state
            .as_ref()
            .map_or(Exposure::NONE, |state| state.exposure)
    }

    /// The present status; a plan without state is pending.
    #[must_use]
    pub fn status(&self) -> Status {
        self.state
            .as_ref()
            .map_or(Status::Pending, |state| state.status)
    }

    /// True when a decision needs data from Prometheus.
    #[must_use]
    pub fn needs_data(&self) -> bool {
        match self.status() {
            Status::Pending | Status::Progressing | Status::Paused => self.is_exposed(),
            Status::RolledBack | Status::Complete => false,
        }
    }

    /// True when the first exposure depends on the traffic there is: of an unknown release a risk
    /// budget covers so many users, and no more.
    #[must_use]
    pub fn needs_traffic(&self) -> bool {
        let adaptive = match &self.course {
            Course::Stages(_) => false,
            Course::Ramp(ramp) => match ramp.pace {
                Pace::Fixed => false,
                Pace::Adaptive { .. } => true,
            },
        };
        adaptive && self.status() == Status::Pending && !self.is_exposed()
    }

    /// True when Prometheus is asked whether the plan can be judged at all before its first user is
    /// exposed. A draft is held anyway.
    #[must_use]
    pub fn needs_preflight(&self) -> bool {
        self.awaits_first_user() && self.judge.preflight && self.draft.is_none()
    }

    /// True while nobody has been exposed, or nobody again after a retry.
    #[must_use]
    pub fn awaits_first_user(&self) -> bool {
        self.status() == Status::Pending && !self.is_exposed()
    }

    /// The present stage; `None` for a pending plan and for a ramp.
    #[must_use]
    pub fn stage(&self) -> Option<&Stage> {
        let state = self.state.as_ref()?;
        self.stages().get(state.stage.checked_sub(1)? as usize)
    }
}

/// How exposure grows.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// In stages; at least one, with increasing exposure.
    Stages(Vec<Stage>),
    /// Continuously.
    Ramp(Ramp),
}

/// A target exposure with its own gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The share of users who see the change.
    pub exposure: Exposure,
    /// Not left before this.
    pub min_duration: Period,
    /// After this without an answer a person decides.
    pub max_duration: Option<Period>,
    /// The harm that must be ruled out to leave the stage.
    pub rule_out: RuleOut,
    /// A person must approve leaving the stage.
    pub approval: bool,
}

/// The harm that must be ruled out to leave a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleOut {
    /// Each guardrail's own margin.
    Margin,
    /// No breach is enough.
    Nothing,
    /// This size, on the ratio scale, for every guardrail whose margin is relative.
    Every(Effect),
    /// By guardrail name; the others keep their own margin.
    Named(BTreeMap<String, Effect>),
}

impl RuleOut {
    /// The size to rule out for this guardrail; `None` when no breach is enough.
    #[must_use]
    pub fn of(&self, guardrail: &Guardrail) -> Option<Effect> {
        match self {
            Self::Margin => guardrail.margin,
            Self::Nothing => None,
            Self::Every(effect) => match guardrail.margin {
                Some(margin) if !margin.is_relative() => Some(margin),
                Some(_) | None => Some(*effect),
            },
            Self::Named(sizes) => sizes
                .get(&guardrail.name)
                .map(|size| guardrail.metric.kind.in_seconds(*size))
                .or(guardrail.margin),
        }
    }
}

/// Exposure that grows continuously.
#[derive(Debug, Clone, PartialEq)]
pub struct Ramp {
    /// First exposure.
    pub from: Exposure,
    /// Last exposure.
    pub to: Exposure,
    /// The time from first to last when nothing holds it.
    pub over: Period,
    /// Shape.
    pub curve: Curve,
    /// Never more often than this; `None` is auto: as soon as there is evidence enough.
    pub every: Option<Period>,
    /// What sets the pace.
    pub pace: Pace,
}

impl Ramp {
    /// The curve, so many seconds after its start, in percent.
    #[must_use]
    pub fn percent_at(&self, seconds: f64) -> f64 {
        let whole = f64::from(self.over.seconds());
        let (from, to) = (self.from.percent(), self.to.percent());
        if seconds >= whole {
            return to;
        }
        let share = seconds / whole;
        match self.curve {
            Curve::Linear => from + (to - from) * share,
            Curve::Geometric if from > 0.0 => from * (to / from).powf(share),
            // From nobody there is no factor to anybody.
            Curve::Geometric => to,
        }
    }

    /// Its curve in so many pieces of equal length, as stages with the exposure each begins with.
    #[must_use]
    pub fn pieces(&self, pieces: u32) -> Vec<Stage> {
        let pieces = pieces.max(1);
        let mut stages: Vec<Stage> = (0..pieces)
            .map(|piece| {
                let done = f64::from(piece) / f64::from(pieces);
                let percent = self.percent_at(done * f64::from(self.over.seconds()));
                Stage {
                    exposure: Exposure::floor_percent(percent),
                    min_duration: Period::from_seconds(self.over.seconds() / pieces),
                    max_duration: None,
                    rule_out: RuleOut::Nothing,
                    approval: false,
                }
            })
            .collect();
        stages.dedup_by_key(|stage| stage.exposure);
        stages
    }
}

/// Shape of a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// Equal factors in equal times.
    Geometric,
    /// Equal steps in equal times.
    Linear,
}

/// What sets the pace of a ramp.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// The clock.
    Fixed,
    /// The evidence, within a budget of expected excess bad events over the whole rollout.
    Adaptive {
        /// Excess bad events tolerated.
        risk_budget: f64,
    },
}

/// What a guardrail guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Errors, crashes, saturation.
    Reliability,
    /// Latency, rendering, friction.
    Experience,
    /// Orders, revenue, retention.
    Business,
}

impl Category {
    /// The word in files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reliability => "reliability",
            Self::Experience => "experience",
            Self::Business => "business",
        }
    }
}

/// Whether a metric must not get worse or should get better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Must not get worse.
    Guardrail,
    /// Should get better; reported.
    Success,
}

/// What a breach does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnBreach {
    /// Back to nobody, by itself.
    Rollback,
    /// Stop; a person resumes.
    Pause,
    /// Say so.
    Warn,
}

impl OnBreach {
    /// The word in files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Pause => "pause",
            Self::Warn => "warn",
        }
    }
}

/// What missing evidence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnNoData {
    /// Stay.
    Hold,
    /// Stop; a person resumes.
    Pause,
    /// Back to nobody once evidence has been missing this long.
    Rollback {
        /// `no_data_timeout` of the guardrail.
        after: Period,
    },
}

/// A metric with its tolerance and its consequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    /// Its name, unique in the plan.
    pub name: String,
    /// What it guards.
    pub category: Category,
    /// Guardrail or success metric.
    pub role: Role,
    /// What is measured.
    pub metric: Metric,
    /// Tolerated harm; `None` only for a `point` and where only a limit is asked for.
    pub margin: Option<Effect>,
    /// Absolute bound on the exposed arm alone.
    pub limit: Option<Bound>,
    /// What a breach does.
    pub on_breach: OnBreach,
    /// What missing evidence does.
    pub on_no_data: OnNoData,
    /// Digest of everything above that the evidence depends on.
    pub definition: Digest,
}

/// `after = ["payments-v2 >= 50"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The other plan of this directory.
    pub plan: String,
    /// Its least exposure.
    pub at_least: Exposure,
}

/// The sample ratio check on unique users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Counter of users at their first exposure.
    pub users: Selector,
}
