//! From facts to faults: one [`Checkup`] a guardrail. It never cries wolf: events that have not happened
//! yet and an arm that nobody is in yet are as expected.

use crate::plan::{Arm, Arms, Column, Guardrail, Kind, Membership, Plan, Source};
use crate::snapshot::{EvidenceIssue, GuardrailSeries, Moment};
use crate::units::{Instant, Period};

use super::super::Issue;
use super::super::examine::examine;
use super::super::planning::unprovable;
use super::super::pooling::pooled_blocks;
use super::super::preflight::{Obstruction, preflight};
use super::buckets;
use super::copies::copied;
use super::diagnosis::{Check, Checkup, Diagnosis, Fault, Mark};
use super::facts::{ColumnFacts, Facts, RESTARTS_WITHIN, SeriesSeen};
use super::instances::instances;

/// So many restarts within [`RESTARTS_WITHIN`] are one every ten minutes: none of them is a release.
const MANY_RESTARTS: u32 = 6;

/// Samples arrive within a scrape and this, where nothing holds them up.
const PROMPT: u32 = 60;

/// The name by which the counter of users is known, in the table and in JSON.
const USERS: &str = "assignment";

/// What was looked at.
struct Looked<'a> {
    name: &'a str,
    columns: &'a [ColumnFacts],
    /// Whether anything was measured.
    is_asked: bool,
    /// Whether buckets were counted; `None` where there are none to count.
    buckets: Option<bool>,
    /// Whether the time between scrapes is known; `None` where it makes no difference.
    scrapes: Option<bool>,
}

/// Looks at every guardrail of a plan, and at the counter of users.
#[must_use]
pub fn diagnose(plan: &Plan, facts: &Facts) -> Vec<Checkup> {
    let obstacles = preflight(plan, &facts.before);
    plan.guardrails
        .iter()
        .zip(&facts.guardrails)
        .map(|(guardrail, columns)| {
            let mut found: Vec<Diagnosis> = obstacles
                .iter()
                .filter(|obstacle| obstacle.guardrail == guardrail.name)
                // Of all columns, and of a rollout under way, copies are looked for below.
                .filter(|obstacle| !matches!(obstacle.what, Obstruction::Copies(_)))
                .map(|obstacle| Diagnosis {
                    columns: obstacle.column.into_iter().collect(),
                    what: Fault::Obstacle(obstacle.what.clone()),
                    is_expected: plan.draft.is_some() && plan.awaits_first_user(),
                })
                .collect();
            of_first_user(plan, guardrail, facts, &mut found);
            let measured = facts.measured.guardrails.get(&guardrail.name);
            if let Some(measured) = measured {
                of_evidence(plan, &measured.issues, &mut found);
                of_exposed_users(plan, guardrail, facts, &mut found);
                of_buckets(plan, guardrail, measured, facts, &mut found);
                of_scrapes(measured, facts.measured.block, &mut found);
            }
            for column in columns {
                let every = measured.and_then(|measured| measured.scrape_seconds);
                of_column(
                    column,
                    &plan.arms,
                    every.unwrap_or(PROMPT),
                    facts.now,
                    &mut found,
                );
            }
            let looked = Looked {
                name: &guardrail.name,
                columns,
                is_asked: measured.is_some(),
                buckets: is_latency(guardrail).then(|| measured.is_some_and(has_buckets)),
                scrapes: matches!(guardrail.metric.source, Source::Selectors(_))
                    .then(|| measured.is_some_and(|one| one.scrape_seconds.is_some())),
            };
            checkup(plan, &looked, facts.now, merged(found))
        })
        .chain(of_users(plan, facts))
        .collect()
}

fn is_latency(guardrail: &Guardrail) -> bool {
    matches!(guardrail.metric.kind, Kind::Latency { .. })
}

fn has_buckets(series: &GuardrailSeries) -> bool {
    !series.unexposed.buckets.is_empty() || !series.exposed.buckets.is_empty()
}

/// The counter of users, looked at as those of guardrails are.
fn of_users(plan: &Plan, facts: &Facts) -> Option<Checkup> {
    let column = facts.assignment.as_ref()?;
    let measured = facts.measured.assignment.as_ref();
    let mut found = Vec::new();
    if let Some(measured) = measured {
        of_evidence(plan, &measured.issues, &mut found);
    }
    of_column(column, &plan.arms, PROMPT, facts.now, &mut found);
    let looked = Looked {
        name: USERS,
        columns: std::slice::from_ref(column),
        is_asked: measured.is_some(),
        buckets: None,
        scrapes: None,
    };
    Some(checkup(plan, &looked, facts.now, merged(found)))
}

/// What voids the evidence of every look. Of a plan without exposed users, and of what preflight has
/// found already, absence is no news.
fn of_evidence(plan: &Plan, issues: &[EvidenceIssue], found: &mut Vec<Diagnosis>) {
    let is_told = plan.awaits_first_user() || !found.is_empty();
    for issue in issues {
        let columns = match issue {
            EvidenceIssue::Absent { .. } if is_told => continue,
            EvidenceIssue::Absent { columns, .. } => columns.clone(),
            EvidenceIssue::NoAnswer { column, .. }
            | EvidenceIssue::Incomplete { column, .. }
            | EvidenceIssue::Unusable { column, .. }
            | EvidenceIssue::InNoOneArm { column, .. }
            | EvidenceIssue::NoCounter { column, .. } => vec![*column],
            EvidenceIssue::Said(_) => Vec::new(),
        };
        found.push(Diagnosis {
            columns,
            what: Fault::Evidence(issue.clone()),
            is_expected: false,
        });
    }
}

/// What is as expected before the first user, and may be a mistake all the same: nothing else will tell.
fn of_first_user(plan: &Plan, guardrail: &Guardrail, facts: &Facts, found: &mut Vec<Diagnosis>) {
    let before = facts.before.guardrails.get(&guardrail.name);
    let Some(before) = before.filter(|_| plan.awaits_first_user() && found.is_empty()) else {
        return;
    };
    for (column, seen) in &before.preflight {
        let what = exposed_not_in_use(&plan.arms, &seen.values);
        found.extend(what.map(|what| Diagnosis {
            columns: vec![*column],
            what,
            is_expected: false,
        }));
    }
}

fn exposed_not_in_use(arms: &Arms, values: &[String]) -> Option<Fault> {
    let of_neither =
        |value: &String| !value.is_empty() && arms.arm_of(value) == Membership::Neither;
    let is_in_use = values.iter().any(|value| arms.exposed.matches(value));
    (!is_in_use && values.iter().any(of_neither)).then(|| Fault::ExposedNotInUse {
        label: arms.label.clone(),
        wanted: arms.exposed.to_string(),
        seen: values.to_vec(),
    })
}

/// Exposed users of whom nothing, or none of the expected events, is counted: as the judge says it, of
/// the latest blocks since the stage was entered.
fn of_exposed_users(plan: &Plan, guardrail: &Guardrail, facts: &Facts, found: &mut Vec<Diagnosis>) {
    let (Some(state), true) = (&plan.state, plan.is_exposed()) else {
        return;
    };
    let mut measured = facts.measured.clone();
    if state.entered_at > measured.since() {
        measured.moment = Moment::of(state);
    }
    let issues = examine(plan, guardrail, &measured, facts.now).issues;
    found.extend(issues.into_iter().filter_map(|issue| {
        let columns = match issue {
            Issue::NobodyExposed | Issue::ExposedStopped { .. } => Vec::new(),
            Issue::EventsUnborn { .. } => vec![Column::Events],
            _ => return None,
        };
        Some(Diagnosis {
            columns,
            what: Fault::Unseen(issue),
            is_expected: false,
        })
    }));
}

fn of_buckets(
    plan: &Plan,
    guardrail: &Guardrail,
    measured: &GuardrailSeries,
    facts: &Facts,
    found: &mut Vec<Diagnosis>,
) {
    let mut faults = buckets::faults(guardrail, measured);
    if faults.is_empty() {
        let doubts = unprovable(plan, &facts.measured);
        let of_it = doubts
            .into_iter()
            .filter(|(name, _)| *name == guardrail.name);
        faults.extend(of_it.map(|(_, doubt)| Fault::Unprovable(doubt)));
    }
    found.extend(faults.into_iter().map(|what| Diagnosis {
        columns: Vec::new(),
        what,
        is_expected: false,
    }));
}

fn of_scrapes(measured: &GuardrailSeries, block: Period, found: &mut Vec<Diagnosis>) {
    let Some(scrape) = measured.scrape_seconds else {
        return;
    };
    let times = pooled_blocks(i64::from(block.seconds()), Some(scrape));
    let times = u32::try_from(times).unwrap_or(u32::MAX);
    if times > 1 {
        found.push(Diagnosis {
            columns: Vec::new(),
            what: Fault::RareScrapes {
                scrape: Period::from_seconds(scrape),
                block,
                pooled: Period::from_seconds(block.seconds().saturating_mul(times)),
            },
            is_expected: false,
        });
    }
}

fn of_column(
    facts: &ColumnFacts,
    arms: &Arms,
    scrape: u32,
    now: Instant,
    found: &mut Vec<Diagnosis>,
) {
    let mut push = |what| {
        found.push(Diagnosis {
            columns: vec![facts.column],
            what,
            is_expected: false,
        });
    };
    let series: &[SeriesSeen] = facts.series.as_deref().unwrap_or_default();
    if let Some((label, values)) = copied(series, &arms.label) {
        push(Fault::Copies { label, values });
    }
    if facts.column == Column::Histogram
        && let Some(differing) = buckets::differing(series)
    {
        push(differing);
    }
    // An arm may have many values, a pod's hash or a version each.
    for arm in [Arm::Exposed, Arm::Unexposed] {
        let of_arm = facts
            .restarts
            .iter()
            .filter(|(value, _)| arms.of(arm).matches(value));
        let restarts = of_arm.map(|(_, restarts)| *restarts).fold(0.0, f64::max);
        if restarts >= f64::from(MANY_RESTARTS) {
            push(Fault::RestartsOften {
                arm,
                restarts: whole(restarts),
                within: RESTARTS_WITHIN,
            });
        }
    }
    let age = facts.newest.map(|newest| now.timestamp() as f64 - newest);
    if let Some(age) = age.filter(|age| *age > f64::from(scrape.saturating_add(PROMPT))) {
        push(Fault::Late {
            age: Period::from_seconds(whole(age)),
        });
    }
    if !facts.newborn.is_empty() {
        push(Fault::BornAtFirstEvent {
            series: facts.newborn.len(),
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and ages above zero; a float saturates"
)]
const fn whole(number: f64) -> u32 {
    number as u32
}

/// The worst first, and what several columns have in common once. What falls because it is no counter
/// does not restart.
fn merged(found: Vec<Diagnosis>) -> Vec<Diagnosis> {
    let no_counter = found
        .iter()
        .any(|one| matches!(one.what, Fault::Evidence(EvidenceIssue::NoCounter { .. })));
    let mut merged: Vec<Diagnosis> = Vec::new();
    for one in found {
        let restarts = matches!(one.what, Fault::RestartsOften { .. });
        if restarts && no_counter {
            continue;
        }
        // Events and requests of one process end together, if not always seen together.
        let arm_of = |what: &Fault| {
            if let Fault::RestartsOften { arm, .. } = what {
                Some(*arm)
            } else {
                None
            }
        };
        let same = |known: &&mut Diagnosis| {
            known.what == one.what || restarts && arm_of(&known.what) == arm_of(&one.what)
        };
        match merged.iter_mut().find(same) {
            Some(known) => {
                for column in one.columns {
                    if !known.columns.contains(&column) {
                        known.columns.push(column);
                    }
                }
            }
            None => merged.push(one),
        }
    }
    merged.sort_by_key(|one| (one.is_note(), one.what.check()));
    merged
}

fn checkup(plan: &Plan, looked: &Looked<'_>, now: Instant, diagnoses: Vec<Diagnosis>) -> Checkup {
    let Looked {
        name,
        columns,
        is_asked,
        buckets,
        scrapes,
    } = *looked;
    let is_faulty = |check: Check| {
        diagnoses
            .iter()
            .any(|one| !one.is_note() && one.what.check() == check)
    };
    let is_awaited = |check: Check| {
        diagnoses
            .iter()
            .any(|one| one.is_expected && one.what.check() == check)
    };
    let absent = diagnoses.iter().any(|one| {
        matches!(
            one.what,
            Fault::Obstacle(
                Obstruction::NotThere
                    | Obstruction::NoUnexposed { .. }
                    | Obstruction::NoLabel { .. }
            )
        )
    });
    let series: Vec<SeriesSeen> = columns
        .iter()
        .filter_map(|column| column.series.as_ref())
        .flatten()
        .cloned()
        .collect();
    let is_counter = !columns.is_empty();
    let known = !series.is_empty() && !absent;
    let told = |applies: bool, known: bool| match (applies, known) {
        (false, _) => Mark::NotApplicable,
        (true, false) => Mark::Unknown,
        (true, true) => Mark::Ok,
    };
    let mark = |check: Check| {
        if is_faulty(check) {
            return Mark::Fault;
        }
        if is_awaited(check) {
            return Mark::Unknown;
        }
        match check {
            Check::Arms => told(true, is_asked && (name != USERS || !series.is_empty())),
            Check::Counters | Check::Copies | Check::Restarts => told(is_counter, known),
            Check::Buckets => told(buckets.is_some(), buckets == Some(true)),
            Check::Scrapes => told(is_counter && scrapes.is_some(), scrapes == Some(true)),
        }
    };
    let oldest = columns.iter().filter_map(|column| column.oldest);
    let oldest = oldest.min_by(f64::total_cmp);
    Checkup {
        guardrail: name.to_owned(),
        marks: Check::ALL.map(|check| (check, mark(check))).to_vec(),
        instances: instances(&series, &plan.arms),
        history: oldest.map(|oldest| Period::from_seconds(whole(now.timestamp() as f64 - oldest))),
        diagnoses,
    }
}
