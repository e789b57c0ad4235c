//! Why a plan moves or stays.

use std::fmt;

use crate::decide::{NoDataThen, Reason};
use crate::plan::{Actor, Intervention};
use crate::report::numbers::{about, percent};
use crate::units::Instant;

use super::list;
use super::obstacles::obstructions;
use super::sentence::Sentence;
use super::target;

impl Sentence for Reason {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latched { plan, ruling } => {
                write!(f, "rolled back")?;
                if let Some(ruling) = ruling {
                    write!(f, " ({})", ruled(ruling))?;
                }
                write!(f, "; stays there until `rollout retry {plan}`")
            }
            Self::Breached { guardrails } => write!(
                f,
                "{} {} breached (on_breach = \"rollback\")",
                list(guardrails),
                is(guardrails)
            ),
            Self::AssignmentBroken { why, then } => write!(
                f,
                "users are not assigned to the arms as declared ({why}): every comparison is void{}",
                consequence(*then)
            ),
            Self::NoData {
                guardrails,
                then: NoDataThen::Rollback,
            } => write!(
                f,
                "{} {} had no usable evidence for too long: rollback",
                list(guardrails),
                has(guardrails)
            ),
            Self::NoData { guardrails, then } => write!(
                f,
                "{} {} no usable evidence{}",
                list(guardrails),
                has(guardrails),
                consequence(*then)
            ),
            Self::PauseBreached { guardrails } => write!(
                f,
                "{} {} breached (on_breach = \"pause\"): paused until a person resumes",
                list(guardrails),
                is(guardrails)
            ),
            Self::MinDuration { stage, left } => write!(
                f,
                "stage {stage} has {} of its min_duration left",
                left.rough()
            ),
            Self::Leaning { guardrails } => write!(
                f,
                "{} {} to a breach, which is not proven yet: the exposure is not raised meanwhile",
                list(guardrails),
                if guardrails.len() > 1 {
                    "lean"
                } else {
                    "leans"
                },
            ),
            Self::NotRuledOut {
                stage,
                guardrails,
                expected,
            } => {
                write!(
                    f,
                    "stage {stage} needs more evidence on {}",
                    list(guardrails)
                )?;
                match expected {
                    Some(wait) => write!(f, ": about {} more at the present rate", wait.rough()),
                    None => write!(f, ": how much longer cannot be said yet"),
                }
            }
            Self::Ambient { guardrails } => write!(
                f,
                "{} {} beyond the limit in both arms: not caused by this change",
                list(guardrails),
                is(guardrails)
            ),
            Self::NoSuccessYet { guardrails } => write!(
                f,
                "{} {} not proven better yet, which the plan requires",
                list(guardrails),
                is(guardrails)
            ),
            Self::MaxDurationOver { stage, guardrails } => write!(
                f,
                "the max_duration of stage {stage} is over and {} {} still undecided: a person has to decide",
                list(guardrails),
                is(guardrails)
            ),
            Self::AheadOfTime { plan, raised_at } => write!(
                f,
                "exposure was raised at {}, says [state], which is still to come: set this machine's clock, or, if another's was wrong, begin again with `rollout rollback {plan}` and `rollout retry {plan}`",
                raised_at.format("%Y-%m-%d %H:%M UTC")
            ),
            Self::EvidenceRestarts { guardrails } => write!(
                f,
                "the definition of {} changed within the stage: {} evidence starts again now",
                list(guardrails),
                if guardrails.len() > 1 { "their" } else { "its" }
            ),
            Self::StageGone { stage, stages } => write!(
                f,
                "the plan is in stage {stage}, but has only {stages} stages now: restore the stage, or roll back"
            ),
            Self::NextStageSmaller {
                stage,
                exposure,
                now,
            } => write!(
                f,
                "stage {stage} asks for {exposure}, less than the present {now}: only a rollback lowers the exposure"
            ),
            Self::PreflightContradicted { obstacles } => {
                write!(
                    f,
                    "not started: what Prometheus has does not match the plan"
                )?;
                obstructions(f, obstacles)
            }
            Self::PreflightWaits { obstacles } => {
                write!(f, "not started: there is nothing to judge by yet")?;
                obstructions(f, obstacles)
            }
            Self::PreflightUnknown => write!(
                f,
                "not started: Prometheus was not queried; `rollout check` queries it"
            ),
            Self::PreflightOff => write!(
                f,
                "preflight is off ([judge] preflight = false): it was not checked whether this plan can be judged"
            ),
            Self::Draft { todo } => write!(
                f,
                "a draft ({todo}): remove the line `draft = ...` when that is done"
            ),
            Self::Paused { plan, by, why } => {
                write!(f, "paused")?;
                if let Some(by) = by {
                    write!(f, " by {by}")?;
                }
                if let Some(why) = why {
                    write!(f, " ({why})")?;
                }
                write!(f, " until `rollout resume {plan}`")
            }
            Self::Frozen {
                until,
                reason,
                owner,
            } => {
                write!(
                    f,
                    "advances are frozen until {} ({reason}",
                    until.format("%Y-%m-%d %H:%M UTC")
                )?;
                match owner {
                    Some(owner) => write!(f, "; ask {owner})"),
                    None => write!(f, ")"),
                }
            }
            Self::OutsideWindow { opens, local } => match (opens, local) {
                (Some(opens), Some(local)) => write!(
                    f,
                    "outside the windows: the next one opens {local} ({})",
                    utc_beside(*opens, local)
                ),
                (Some(opens), None) => write!(
                    f,
                    "outside the windows: the next one opens {}",
                    opens.format("%a %H:%M UTC")
                ),
                (None, _) => write!(f, "outside the windows, and no window ever opens"),
            },
            Self::Waiting {
                plan,
                at_least,
                now,
            } => match now {
                Some(now) => write!(f, "waits for {plan} to reach {at_least}; it is at {now}"),
                None => write!(
                    f,
                    "waits for {plan}, but there is no valid plan of this name"
                ),
            },
            Self::SurfaceBusy { surface, plan } => write!(
                f,
                "{plan} is active on the exclusive surface {surface}: two rollouts at once would distort each other's metrics"
            ),
            Self::TargetApart { plan, target } => {
                write!(f, "{target}")?;
                target::cure(plan, target).map_or(Ok(()), |cure| write!(f, "; {cure}"))
            }
            Self::ApprovalNeeded { plan, stage } => write!(
                f,
                "leaving stage {stage} needs approval: `rollout approve {plan}`"
            ),
            Self::Entering {
                stage,
                stages,
                exposure,
            } => write!(f, "entering stage {stage} of {stages} at {exposure}"),
            Self::BudgetSpent {
                guardrail,
                spent,
                ahead,
                budget,
                rollback,
            } => {
                if spent < budget {
                    write!(
                        f,
                        "risk budget almost spent: {guardrail} shows about {} excess bad events of the {} tolerated, and {} more until the next move",
                        about(*spent),
                        about(*budget),
                        about(*ahead)
                    )?;
                } else {
                    write!(
                        f,
                        "risk budget spent: {guardrail} shows about {} excess bad events of the {} tolerated",
                        about(*spent),
                        about(*budget)
                    )?;
                }
                f.write_str(if *rollback {
                    ": rollback"
                } else {
                    ": paused until a person resumes"
                })
            }
            Self::BetweenMoves { left } => {
                write!(
                    f,
                    "the ramp moves again in {} at the earliest",
                    left.rough()
                )
            }
            Self::NothingSinceMove => {
                write!(f, "no judged block has closed since the ramp's latest move")
            }
            Self::BudgetHolds {
                exposure,
                guardrail,
                at_most,
                budget,
                harm,
                margin,
            } => {
                write!(
                    f,
                    "the risk budget covers no more than {exposure} yet: {guardrail} may have cost up to {} excess bad events of the {} tolerated",
                    about(*at_most),
                    about(*budget)
                )?;
                match harm {
                    Some(harm) => write!(
                        f,
                        "; an increase of up to {} over unexposed is not ruled out, and {} is tolerated",
                        percent(*harm),
                        percent(*margin)
                    ),
                    None => Ok(()),
                }
            }
            Self::BudgetUnknown => write!(
                f,
                "no guardrail has counted bad events in both arms yet: it is not known how far the risk budget reaches"
            ),
            Self::TrafficUnknown => write!(
                f,
                "no traffic of the unexposed arm was seen within the last day: it is not known how many users the risk budget covers; `rollout doctor` shows what is missing"
            ),
            Self::BudgetTooSmall {
                guardrail,
                least,
                cost,
                budget,
                needed,
            } => write!(
                f,
                "the risk budget of {} does not cover {least} of users: if everything failed, {guardrail} would count {} excess bad events until the next move, more than half of it; set `risk_budget` to {} or more, or `every` to less",
                about(*budget),
                about(*cost),
                needed.ceil()
            ),
            Self::Climbing { now, next, curve } => {
                write!(f, "ramp {now} -> {next}")?;
                match curve {
                    Some(curve) => write!(
                        f,
                        ": the curve is at {curve}, and the risk budget allows no more"
                    ),
                    None => Ok(()),
                }
            }
            Self::LastGatePassed => write!(f, "the last stage's gate has passed"),
            Self::AlreadyComplete => write!(f, "complete: nothing is left to do"),
            Self::Warned { guardrails } => write!(
                f,
                "{} {} breached; on_breach = \"warn\", so it stops nothing",
                list(guardrails),
                is(guardrails)
            ),
        }
    }
}

fn consequence(then: NoDataThen) -> String {
    match then {
        NoDataThen::Hold => String::new(),
        NoDataThen::RollbackIn(left) => {
            format!(": rolls back in {} if it stays so", left.rough())
        }
        NoDataThen::Pause => ": paused until a person resumes".into(),
        NoDataThen::Rollback => ": rollback".into(),
    }
}

/// The instant in UTC beside its local form: the day only where it is another one.
fn utc_beside(opens: Instant, local: &str) -> String {
    if local.starts_with(&opens.format("%a").to_string()) {
        opens.format("%H:%M UTC").to_string()
    } else {
        opens.format("%a %H:%M UTC").to_string()
    }
}

/// `by ann on 2026-11-22 10:00 UTC: checkout is slow`, from a record.
fn ruled(ruling: &Intervention) -> String {
    let Intervention { by, at, reason } = ruling;
    let by = match by {
        Actor::Person(name) => format!("by {name}"),
        Actor::Guardrail(name) => format!("for {name}"),
    };
    let when = at.format("%Y-%m-%d %H:%M UTC");
    match reason {
        Some(reason) => format!("{by} on {when}: {reason}"),
        None => format!("{by} on {when}"),
    }
}

const fn is(names: &[String]) -> &'static str {
    if names.len() > 1 { "are" } else { "is" }
}

const fn has(names: &[String]) -> &'static str {
    if names.len() > 1 { "have" } else { "has" }
}
