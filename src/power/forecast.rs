//! What each stage can be expected to find and to rule out, and what harm costs until it is found.

use crate::judge::planning::breach_needs;
use crate::plan::{
    Course, Guardrail, Kind, OnBreach, Pace, Plan, Role, RuleOut, Stage, State, Status,
};
use crate::units::{Digest, Exposure, Instant, LogE, Period};

use super::journey::{Journey, journeys};
use super::path::{Asked, Path};
use super::{Origin, Traffic};

/// What a plan can be expected to do at some traffic.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The plan's name.
    pub plan: String,
    /// What it was made from.
    pub traffic: Traffic,
    /// Factors of harm that were asked about.
    pub factors: Vec<f64>,
    /// The pace, where the stages are pieces of a ramp.
    pub ramp: Option<Pace>,
    /// In order. A ramp is shown in pieces.
    pub stages: Vec<StageForecast>,
    /// Harm that is there from the start, until the rollout ends; guardrails that roll back only.
    pub journeys: Vec<Journey>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageForecast {
    /// 1-based.
    pub stage: u32,
    /// The share of users who see the change.
    pub exposure: Exposure,
    /// Not left before this.
    pub min_duration: Period,
    /// After this without an answer a person decides.
    pub max_duration: Option<Period>,
    /// In the plan's order.
    pub guardrails: Vec<GuardrailForecast>,
}

/// One guardrail in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardrailForecast {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// What a breach does.
    pub on_breach: OnBreach,
    /// The numbers, or why there are none.
    pub answer: Answer,
}

/// Numbers, or why there are none.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What can be expected.
    Foreseen(Numbers),
    /// Nothing can be said.
    Unforeseen(Unforeseen),
}

/// Why nothing can be said of a guardrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unforeseen {
    /// Everybody is exposed: there is nobody to compare with.
    NobodyUnexposed,
    /// Without a margin nothing is compared.
    NoMargin,
    /// A plain threshold has no error control, and so no power.
    Threshold,
    /// How a mean or a gauge varies is not known.
    NoSpread,
    /// How common requests are that take so much longer is not known from the traffic.
    NoTail,
    /// No traffic is known for it.
    NoTraffic,
}

impl Unforeseen {
    /// The word by which programs know it; it stays when the sentence is reworded.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NobodyUnexposed => "nobody-unexposed",
            Self::NoMargin => "no-margin",
            Self::Threshold => "plain-threshold",
            Self::NoSpread => "spread-unknown",
            Self::NoTail => "tail-unknown",
            Self::NoTraffic => "traffic-unknown",
        }
    }
}

/// What can be expected of one guardrail in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// Smallest factor of harm that is found within `min_duration`, more likely than not.
    pub smallest: Option<f64>,
    /// What is found: harm beyond the margin, or beyond the limit where only that is asked.
    pub tolerated: Asked,
    /// What must be ruled out; `None` when no breach is enough.
    pub rule_out: Option<Asked>,
    /// Expected time until a harmless change has ruled it out; `None` is never.
    pub rule_out_after: Option<Period>,
    /// Smallest factor of harm that a harmless change rules out within `min_duration`.
    pub affordable: Option<f64>,
    /// For each factor of harm.
    pub harms: Vec<Harm>,
}

/// Harm that is there from the start of the stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harm {
    /// So many times the unexposed value; for a metric that gets worse downwards, divided by it.
    pub factor: f64,
    /// Until it is proven; `None` is never, such as when it is within the margin.
    pub cost: Option<Cost>,
}

/// What happens until harm is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Expected time.
    pub time: Period,
    /// Exposed requests, users, user-hours or observations by then.
    pub exposed: f64,
    /// New users exposed by then, where the plan counts its users.
    pub users: Option<f64>,
    /// Bad events by then that would not have been.
    pub excess: f64,
}

/// Foresees every stage of a plan.
#[must_use]
pub fn forecast(plan: &Plan, traffic: &Traffic, factors: &[f64]) -> Forecast {
    let course = course(plan);
    let stages = course
        .stages()
        .iter()
        .zip(1_u32..)
        .map(|(stage, number)| StageForecast {
            stage: number,
            exposure: stage.exposure,
            min_duration: stage.min_duration,
            max_duration: stage.max_duration,
            guardrails: plan
                .guardrails
                .iter()
                .filter(|guardrail| guardrail.role == Role::Guardrail)
                .map(|guardrail| GuardrailForecast {
                    name: guardrail.name.clone(),
                    kind: guardrail.metric.kind,
                    on_breach: guardrail.on_breach,
                    answer: answer(&course, stage, number, guardrail, traffic, factors),
                })
                .collect(),
        })
        .collect();
    Forecast {
        plan: plan.name.clone(),
        ramp: match &plan.course {
            Course::Stages(_) => None,
            Course::Ramp(ramp) => Some(ramp.pace),
        },
        journeys: journeys(&course, traffic, factors),
        traffic: traffic.clone(),
        factors: factors.to_vec(),
        stages,
    }
}

fn answer(
    plan: &Plan,
    stage: &Stage,
    number: u32,
    guardrail: &Guardrail,
    traffic: &Traffic,
    factors: &[f64],
) -> Answer {
    let at = entered(plan, number, stage.exposure, &[]);
    let (path, tolerated) = match path(&at, stage, guardrail, traffic) {
        Ok(found) => found,
        Err(why) => return Answer::Unforeseen(why),
    };
    let rule_out = to_leave(stage, guardrail, tolerated);
    let affordable = match tolerated {
        Asked::Harm(_) => path.affordable(stage.min_duration),
        Asked::Limit(_) => None,
    };
    Answer::Foreseen(Numbers {
        tolerated,
        smallest: path.smallest(tolerated, stage.min_duration),
        rule_out,
        rule_out_after: rule_out
            .and_then(|asked| path.pass_after(1.0, asked))
            .map(period),
        affordable,
        harms: factors
            .iter()
            .map(|&factor| Harm {
                factor,
                cost: path
                    .breach_after(factor, tolerated)
                    .map(|time| cost(&path, traffic, factor, time)),
            })
            .collect(),
    })
}

/// The expected path of this guardrail's evidence in a stage, and what it tolerates there: its margin
/// where the arms are compared, else its limit.
pub(super) fn path(
    at: &Plan,
    stage: &Stage,
    guardrail: &Guardrail,
    traffic: &Traffic,
) -> Result<(Path, Asked), Unforeseen> {
    let kind = guardrail.metric.kind;
    match kind {
        Kind::Point { .. } => return Err(Unforeseen::Threshold),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Latency { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. } => {}
    }
    let everybody = stage.exposure == Exposure::FULL;
    let tolerated = match (guardrail.margin, guardrail.limit) {
        (Some(margin), _) if !everybody => Asked::Harm(margin),
        (_, Some(limit)) => Asked::Limit(limit),
        (Some(_), None) => return Err(Unforeseen::NobodyUnexposed),
        (None, None) => return Err(Unforeseen::NoMargin),
    };
    let of_quantile = match tolerated {
        Asked::Harm(margin) => kind.speaks_of_quantile(margin),
        Asked::Limit(_) => matches!(kind, Kind::Latency { .. }),
    };
    if of_quantile {
        return Err(Unforeseen::NoTail);
    }
    let load = traffic
        .loads
        .get(&guardrail.name)
        .copied()
        .filter(super::Load::is_usable);
    let load = match load {
        Some(load) if kind.is_counted() || load.scatter.is_some() => load,
        Some(_) => return Err(Unforeseen::NoSpread),
        None if kind.is_counted() => return Err(Unforeseen::NoTraffic),
        None => return Err(Unforeseen::NoSpread),
    };
    let path = Path {
        load,
        kind,
        exposure: stage.exposure,
        block: at.judge.block_for(stage.min_duration),
        warmup: at.judge.warmup_blocks(),
        breach_needs: breach_needs(at, guardrail),
        pass_needs: at.judge.advance_alpha.threshold(),
    };
    Ok((path, tolerated))
}

/// What must be proven to leave a stage: the stage's `rule_out` where the arms are compared; where
/// there is only a limit, that it is kept, unless the stage asks for nothing.
pub(super) fn to_leave(stage: &Stage, guardrail: &Guardrail, tolerated: Asked) -> Option<Asked> {
    match tolerated {
        Asked::Harm(_) => stage.rule_out.of(guardrail).map(Asked::Harm),
        Asked::Limit(limit) => match stage.rule_out {
            RuleOut::Nothing => None,
            RuleOut::Margin | RuleOut::Every(_) | RuleOut::Named(_) => Some(Asked::Limit(limit)),
        },
    }
}

pub(super) fn cost(path: &Path, traffic: &Traffic, factor: f64, seconds: f64) -> Cost {
    let exposed = path.load.per_second * path.share() * seconds;
    Cost {
        time: period(seconds),
        exposed,
        users: traffic
            .users_per_second
            .map(|users| users * path.share() * seconds),
        excess: exposed * path.excess(factor),
    }
}

pub(super) fn period(seconds: f64) -> Period {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never longer than a year for each stage, and the cast saturates"
    )]
    let whole = seconds.round() as u32;
    Period::from_seconds(whole)
}

/// The plan as it would stand in this stage, with what earlier stages left.
pub(super) fn entered(
    plan: &Plan,
    stage: u32,
    exposure: Exposure,
    carried: &[(String, LogE)],
) -> Plan {
    let mut plan = plan.clone();
    plan.state = Some(State {
        status: Status::Progressing,
        stage,
        exposure,
        entered_at: Instant::default(),
        declared: Digest::of(b""),
        evidence: None,
        definitions: Default::default(),
        restarts: Default::default(),
        judge: crate::judge::VERSION,
        carried: carried.iter().cloned().collect(),
        dispersion: Default::default(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    });
    plan
}

/// A ramp is shown in so many pieces, each as a stage: enough to see where it can see, few enough
/// to read.
const PIECES: u32 = 5;

/// The plan with stages: its own, or the pieces of its ramp.
pub(super) fn course(plan: &Plan) -> Plan {
    match &plan.course {
        Course::Stages(_) => plan.clone(),
        Course::Ramp(ramp) => Plan {
            course: Course::Stages(ramp.pieces(PIECES)),
            ..plan.clone()
        },
    }
}

impl Forecast {
    /// True when the traffic was measured.
    #[must_use]
    pub const fn is_measured(&self) -> bool {
        match self.traffic.origin {
            Origin::Measured { .. } => true,
            Origin::Given => false,
        }
    }
}
