//! Plans to snapshots: what to ask, asked once, folded into blocks.

use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::plan::{Arms, Column, Guardrail, Kind, Plan, Role, State};
use crate::snapshot::{
    AssignmentSeries, GuardrailSeries, History, InstanceCounts, Series, Snapshot,
};
use crate::units::{Exposure, Instant};

use super::asking::{Answers, Count, Extent, IN_FLIGHT};
use super::counters::Scraped;
use super::fold::{Absent, Asked, Folded, fold};
use super::native::Focus;
use super::query::{Arm, Question, assigned, questions};
use super::{Client, Grid, QueryError, absence, block_of, counters, halves};

/// A plan without a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// The plan is pending: nobody is exposed, there is nothing to ask.
    #[error("collect for `{plan}`: it has not entered a stage; run `rollout advance {plan}`")]
    Pending {
        /// The plan's name.
        plan: String,
    },
    /// The server served none of the run's queries; the first error stands for all.
    #[error(transparent)]
    Unserved(QueryError),
}

/// Asks everything the plans need and folds it into one snapshot a plan, in order. Identical
/// queries are asked once. `progress` is told (done, total) as they are
/// asked and answered; the total may grow, since what is odd is looked into.
pub async fn collect(
    client: &Client,
    plans: &[&Plan],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Result<Snapshot, CollectError>> {
    let needs: Vec<Option<Need<'_>>> = plans.iter().map(|plan| Need::of(plan, now)).collect();
    let questions = needs
        .iter()
        .flatten()
        .filter(|need| !need.grid.is_empty())
        .flat_map(Need::questions);
    let count = Count::new(progress);
    let answers = Answers::ask(client, questions, &count).await;
    let mut gathered: Vec<Result<Gathered<'_>, CollectError>> = plans
        .iter()
        .zip(&needs)
        .map(|(plan, need)| match (need, &answers.unserved) {
            (None, _) => Err(CollectError::Pending {
                plan: plan.name.clone(),
            }),
            (Some(need), Some(error)) if !need.grid.is_empty() => {
                Err(CollectError::Unserved(error.clone()))
            }
            (Some(need), _) => Ok(need.gather(&answers)),
        })
        .collect();
    explain_absences(client, now, &mut gathered, &count).await;
    look_at_counters(client, now, &mut gathered, &count).await;
    gathered
        .into_iter()
        .map(|gathered| gathered.map(|gathered| gathered.into_snapshot(client.source(), now)))
        .collect()
}

/// What one plan needs to know.
struct Need<'a> {
    plan: &'a Plan,
    state: &'a State,
    grid: Grid,
    guardrails: Vec<(&'a Guardrail, Result<Vec<Question>, String>)>,
    /// Blocks of the past.
    past: Grid,
    /// Whether the past is asked about, for each guardrail.
    with_past: Vec<bool>,
    assignment: Option<Result<Vec<Question>, String>>,
}

impl<'a> Need<'a> {
    /// `None` for a pending plan.
    fn of(plan: &'a Plan, now: Instant) -> Option<Self> {
        let state = plan.state.as_ref()?;
        let block = block_of(plan);
        let guardrails: Vec<_> = plan
            .guardrails
            .iter()
            .map(|guardrail| (guardrail, questions(guardrail, &plan.arms, block)))
            .collect();
        Some(Self {
            plan,
            state,
            grid: Grid::new(state.entered_at, now, block),
            past: halves::grid(state.entered_at, now, block),
            with_past: guardrails
                .iter()
                .map(|(guardrail, questions)| {
                    let compared = arms_needed(plan, Some(guardrail)).len() == 2;
                    let questions = questions.as_deref().unwrap_or_default();
                    compared && halves::is_wanted(guardrail, questions)
                })
                .collect(),
            guardrails,
            assignment: plan.assignment.as_ref().map(|assignment| {
                assigned(&assignment.users, &plan.arms, block).map(|question| vec![question])
            }),
        })
    }

    fn questions(&self) -> impl Iterator<Item = (&Question, Extent)> {
        let with_past = self.with_past.iter().copied().chain([false]);
        self.guardrails
            .iter()
            .map(|(_, questions)| questions)
            .chain(&self.assignment)
            .zip(with_past)
            .flat_map(|(questions, with_past)| {
                let extent = Extent {
                    stage: self.grid,
                    past: with_past.then_some(self.past),
                };
                questions
                    .iter()
                    .flatten()
                    .map(move |question| (question, extent))
            })
    }

    /// What was answered to these questions.
    fn asked<'n>(
        &self,
        questions: &'n Result<Vec<Question>, String>,
        answers: &'n Answers,
    ) -> Vec<Asked<'n>> {
        questions
            .iter()
            .flatten()
            .filter_map(|question| Some((question, answers.of(question, &self.grid)?)))
            .collect()
    }

    fn gather<'n>(&'n self, answers: &'n Answers) -> Gathered<'n> {
        let fold_one = |questions: &'n Result<Vec<Question>, String>,
                        guardrail: Option<&Guardrail>| {
            if let Err(problem) = questions {
                return Folded {
                    issues: vec![problem.clone()],
                    ..Folded::default()
                };
            }
            if self.grid.is_empty() {
                return Folded::default();
            }
            let asked = self.asked(questions, answers);
            let mut folded = fold(
                &asked,
                &self.plan.arms,
                &self.grid,
                arms_needed(self.plan, guardrail),
                guardrail.and_then(focus),
            );
            // Until a judged block has closed, traffic may still be on its way to the new arm.
            if self.grid.len() <= self.plan.judge.warmup_blocks() as usize {
                folded.absent.clear();
            }
            folded
        };
        let asked: Vec<Vec<Asked<'_>>> = self
            .guardrails
            .iter()
            .map(|(_, questions)| self.asked(questions, answers))
            .collect();
        Gathered {
            need: self,
            guardrails: self
                .guardrails
                .iter()
                .map(|(guardrail, questions)| fold_one(questions, Some(guardrail)))
                .collect(),
            histories: asked
                .iter()
                .zip(&self.with_past)
                .map(|(asked, wanted)| wanted.then(|| halves::read(asked, &self.past)).flatten())
                .collect(),
            instances: asked
                .iter()
                .map(|asked| halves::counts(asked, &self.grid))
                .collect(),
            sent: self
                .guardrails
                .iter()
                .map(|(_, questions)| {
                    let questions = questions.iter().flatten();
                    questions
                        .flat_map(|question| match answers.of(question, &self.grid) {
                            Some(Ok(reply)) => reply.sent(&question.text),
                            Some(Err(_)) | None => vec![question.text.clone()],
                        })
                        .collect()
                })
                .collect(),
            scrapes: vec![None; self.guardrails.len()],
            assignment: self
                .assignment
                .as_ref()
                .map(|questions| fold_one(questions, None)),
        }
    }
}

/// The arms whose absence is a problem. At full exposure nobody is unexposed, and a guardrail
/// without a margin compares nothing.
pub(super) fn arms_needed(plan: &Plan, guardrail: Option<&Guardrail>) -> &'static [Arm] {
    let compares = match guardrail {
        None => true,
        Some(guardrail) => match guardrail.metric.kind {
            Kind::Point { .. } => false,
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. } => match guardrail.role {
                Role::Guardrail => guardrail.margin.is_some(),
                Role::Success => true,
            },
        },
    };
    let everybody = plan
        .state
        .as_ref()
        .is_some_and(|state| state.exposure >= Exposure::FULL);
    if compares && !everybody {
        &[Arm::Exposed, Arm::Unexposed]
    } else {
        &[Arm::Exposed]
    }
}

/// Which bounds of a histogram matter to this guardrail.
pub(super) fn focus(guardrail: &Guardrail) -> Option<Focus> {
    match guardrail.metric.kind {
        Kind::Latency { quantile, unit, .. } => Some(Focus {
            quantile,
            limit: guardrail.limit.map(|limit| limit.value / unit.seconds()),
        }),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => None,
    }
}

/// One plan's answers, folded.
struct Gathered<'a> {
    need: &'a Need<'a>,
    guardrails: Vec<Folded<'a>>,
    histories: Vec<Option<History>>,
    instances: Vec<Option<InstanceCounts>>,
    /// The queries that were sent for each guardrail.
    sent: Vec<Vec<String>>,
    /// Seconds between scrapes of each guardrail's counters.
    scrapes: Vec<Option<u32>>,
    assignment: Option<Folded<'a>>,
}

impl<'a> Gathered<'a> {
    fn folded(&mut self) -> impl Iterator<Item = &mut Folded<'a>> {
        self.guardrails.iter_mut().chain(&mut self.assignment)
    }

    fn into_snapshot(self, source: &str, now: Instant) -> Snapshot {
        let need = self.need;
        let ends: Vec<i64> = need.grid.ends().collect();
        let guardrails = need
            .guardrails
            .iter()
            .zip(self.guardrails)
            .zip(self.histories)
            .zip(self.instances)
            .zip(self.sent)
            .zip(self.scrapes)
            .map(
                |((((((guardrail, _), folded), history), instances), queries), scrape_seconds)| {
                    let Folded {
                        exposed,
                        unexposed,
                        issues,
                        absent: _,
                    } = folded;
                    let series = GuardrailSeries {
                        ends: ends.clone(),
                        exposed,
                        unexposed,
                        issues,
                        queries,
                        history,
                        scrape_seconds,
                        instances,
                        preflight: BTreeMap::new(),
                    };
                    (guardrail.name.clone(), series)
                },
            )
            .collect();
        let assignment = self.assignment.map(|mut folded| {
            let mut users = |arm: Arm| -> Series {
                let columns = match arm {
                    Arm::Exposed => &mut folded.exposed.columns,
                    Arm::Unexposed => &mut folded.unexposed.columns,
                };
                columns
                    .remove(&Column::Count)
                    .unwrap_or_else(|| vec![None; ends.len()])
            };
            AssignmentSeries {
                exposed: users(Arm::Exposed),
                unexposed: users(Arm::Unexposed),
                ends: ends.clone(),
                issues: folded.issues,
            }
        });
        Snapshot {
            plan: need.plan.name.clone(),
            taken_at: now,
            source: source.to_owned(),
            stage: need.state.stage,
            entered_at: need.state.entered_at,
            block: need.grid.block(),
            guardrails,
            assignment,
        }
    }
}

/// Turns every absence into an issue that says what is there instead. Only then is more asked.
async fn explain_absences(
    client: &Client,
    now: Instant,
    gathered: &mut [Result<Gathered<'_>, CollectError>],
    count: &Count<'_>,
) {
    let mut probes: Vec<(String, String)> = gathered
        .iter_mut()
        .flatten()
        .flat_map(|one| {
            let label = one.need.plan.arms.label.clone();
            one.folded()
                .flat_map(|folded| folded.absent.clone())
                .filter_map(move |absent| Some((absent.question.selector.clone()?, label.clone())))
                .collect::<Vec<_>>()
        })
        .collect();
    probes.sort();
    probes.dedup();
    count.more(probes.len());
    let seen: BTreeMap<(String, String), Vec<String>> = futures::stream::iter(probes)
        .map(|(selector, label)| async move {
            let values = absence::values_seen(client, &selector, &label, now).await;
            count.answered();
            values.map(|values| ((selector, label), values))
        })
        .buffered(IN_FLIGHT)
        .filter_map(|found| async move { found })
        .collect()
        .await;
    for one in gathered.iter_mut().flatten() {
        let arms: &Arms = &one.need.plan.arms;
        for folded in one.folded() {
            let absent: Vec<Absent<'_>> = std::mem::take(&mut folded.absent);
            folded
                .issues
                .extend(absence::issues(&absent, arms, |selector| {
                    seen.get(&(selector.to_owned(), arms.label.clone()))
                        .map(Vec::as_slice)
                }));
        }
    }
}

/// How often counters are scraped, and whether they are counters. Only of what gave any answer.
async fn look_at_counters(
    client: &Client,
    now: Instant,
    gathered: &mut [Result<Gathered<'_>, CollectError>],
    count: &Count<'_>,
) {
    let needs: Vec<&Need<'_>> = gathered.iter().flatten().map(|one| one.need).collect();
    let asked = needs
        .iter()
        .filter(|need| !need.grid.is_empty())
        .flat_map(|need| {
            need.guardrails
                .iter()
                .map(|(_, questions)| questions)
                .chain(&need.assignment)
                .flatten()
                .flatten()
                .map(move |question| (question, &need.plan.arms))
        });
    let scraped = counters::look(client, asked, now, count).await;
    for one in gathered.iter_mut().flatten() {
        let need = one.need;
        let arms = &need.plan.arms;
        let all = need.guardrails.iter().map(|(_, questions)| questions);
        for (place, questions) in all.enumerate() {
            let seen = looked_at(questions, arms, &scraped);
            one.scrapes[place] = seen.iter().filter_map(|(_, scraped)| scraped.every).max();
            one.guardrails[place].issues.extend(no_counters(&seen));
        }
        if let (Some(questions), Some(folded)) = (&need.assignment, &mut one.assignment) {
            let seen = looked_at(questions, arms, &scraped);
            folded.issues.extend(no_counters(&seen));
        }
    }
}

/// The questions about counters, each with what was seen of them.
fn looked_at<'a>(
    questions: &'a Result<Vec<Question>, String>,
    arms: &Arms,
    scraped: &'a BTreeMap<String, Scraped>,
) -> Vec<(&'a Question, &'a Scraped)> {
    let of = |question: &'a Question| {
        let selector = counters::both_arms(question, arms)?;
        Some((question, scraped.get(&selector)?))
    };
    questions.iter().flatten().filter_map(of).collect()
}

/// One issue for each column that is no counter.
fn no_counters<'a>(seen: &'a [(&Question, &Scraped)]) -> impl Iterator<Item = String> + 'a {
    seen.iter().filter_map(|(question, scraped)| {
        let problem = scraped.no_counter.as_ref()?;
        Some(format!("`{}`: {problem}", question.column.key()))
    })
}
