//! One look at the plans: their rows, with what Prometheus says where it answers.

use crate::decide::Exit;
use crate::report::status::{self, Row};
use crate::session::{Context, Evidence, Failure, LoadedPlan, Outcome, PlanSet, evaluate};
use crate::units::Instant;

/// What one look shows.
#[derive(Debug)]
pub(super) struct Look {
    /// In the order of the plans' paths.
    pub(super) rows: Vec<Row>,
    /// Why Prometheus was not heard; its plans are shown as they are without it.
    pub(super) away: Option<Failure>,
}

impl Look {
    /// Reads the plans and asks Prometheus about those that need it.
    ///
    /// # Errors
    /// When the directory or its settings cannot be read, or a name is unknown.
    pub(super) fn take(
        asked: &[String],
        now: Instant,
        context: &mut Context<'_>,
    ) -> Result<Self, Failure> {
        let plan_set = PlanSet::open(context, asked)?;
        let chosen = plan_set.select(asked)?;
        let outcomes = evaluate(&plan_set, &chosen, &Evidence::default(), now, context)?;
        let mut away = None;
        let mut rows = Vec::new();
        for outcome in outcomes {
            rows.push(match outcome {
                Outcome::Evaluated(one) => {
                    status::decided(one.plan, one.judgement.as_ref(), &one.decision, &one.around)
                }
                Outcome::Failed { loaded, failure } => {
                    if failure.exit == Exit::Error {
                        away.get_or_insert(failure);
                    }
                    row(&plan_set, loaded, now)
                }
            });
        }
        rows.extend(unreadable(&plan_set, asked));
        Ok(Self { rows, away })
    }
}

/// The rows without asking.
///
/// # Errors
/// When a name is unknown.
pub(super) fn offline(
    plan_set: &PlanSet,
    asked: &[String],
    now: Instant,
) -> Result<Vec<Row>, Failure> {
    let chosen = plan_set.select(asked)?.into_iter();
    let mut rows: Vec<Row> = chosen
        .map(|index| row(plan_set, &plan_set.plans[index], now))
        .collect();
    rows.extend(unreadable(plan_set, asked));
    Ok(rows)
}

fn row(plan_set: &PlanSet, loaded: &LoadedPlan, now: Instant) -> Row {
    match &loaded.plan {
        Some(plan) => status::row(plan, &plan_set.surroundings(plan, now)),
        None => status::broken(&loaded.file.name, loaded.mistakes.len()),
    }
}

/// Those whose files cannot be read, where all plans are asked for.
fn unreadable<'p>(
    plan_set: &'p PlanSet,
    asked: &'p [String],
) -> impl Iterator<Item = Row> + use<'p> {
    plan_set
        .unreadable
        .iter()
        .filter(|_| asked.is_empty())
        .map(|(name, error)| status::unreadable(name, &error.to_string()))
}
