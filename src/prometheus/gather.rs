//! One plan's answers, folded: its guardrails' series, their groups within the stage, and what a record keeps of
//! the time before it, as they become a snapshot. What is asked of that time is put in by `collect.rs`.

use std::collections::BTreeMap;

use crate::plan::{Column, Guardrail};
use crate::snapshot::{
    Arm, AskedHistory, AssignmentSeries, EntryHistory, GuardrailSeries, History, InstanceCounts,
    Series, Snapshot,
};
use crate::units::Instant;

use super::asking::Answers;
use super::fold::{Asked, Folded, fold};
use super::need::{Need, PastOf};
use super::past::{self, Found};
use super::query::Question;
use super::request::{arms_needed, focus};

/// Folds what was answered for one plan.
pub(super) fn gather<'n>(
    need: &'n Need<'_>,
    answers: &'n Answers<'_>,
    whole: impl Fn() -> Option<EntryHistory>,
) -> Gathered<'n> {
    let fold_one = |questions: &'n [Question], guardrail: Option<&Guardrail>| {
        if need.grid.is_empty() {
            return Folded::default();
        }
        let asked = need.asked(questions, answers);
        let mut folded = fold(
            &asked,
            need.request.arms,
            &need.grid,
            arms_needed(need.request.both_arms, guardrail),
            guardrail.and_then(focus),
        );
        if need.grid.len() <= need.request.warmup_blocks as usize {
            folded.absent.clear();
        }
        folded
    };
    let asked: Vec<Vec<Asked<'_>>> = need
        .guardrails
        .iter()
        .map(|(_, questions)| need.asked(questions, answers))
        .collect();
    let is_outline = |past_of: &PastOf<'_>| match past_of {
        PastOf::Known(known) => known.is_outline(),
        PastOf::Unwanted | PastOf::Asked(_) => false,
    };
    let whole = if need.past_of.iter().any(is_outline) {
        whole()
    } else {
        None
    };
    let filled = |name: &str, known: &AskedHistory| {
        let unsplit = known.unsplit;
        let history = if known.is_outline() {
            let whole = whole.as_ref().and_then(|whole| whole.guardrails.get(name));
            whole
                .filter(|whole| whole.fills(known))
                .and_then(AskedHistory::history)
        } else {
            known.history()
        };
        Found { history, unsplit }
    };
    Gathered {
        need,
        guardrails: need
            .guardrails
            .iter()
            .map(|(guardrail, questions)| fold_one(questions, Some(guardrail)))
            .collect(),
        pasts: need
            .past_of
            .iter()
            .zip(&need.guardrails)
            .map(|(past_of, (guardrail, _))| match past_of {
                PastOf::Unwanted | PastOf::Asked(_) => Found::default(),
                PastOf::Known(known) => filled(&guardrail.name, known),
            })
            .collect(),
        during: asked
            .iter()
            .enumerate()
            .map(|(place, asked)| {
                let during = need.in_groups();
                let wanted = need.is_in_groups(place).then_some(during)?;
                past::during(asked, &wanted)
            })
            .collect(),
        instances: asked
            .iter()
            .map(|asked| past::counts(asked, &need.grid))
            .collect(),
        sent: need
            .guardrails
            .iter()
            .map(|(_, questions)| {
                questions
                    .iter()
                    .flat_map(|question| match answers.of(question, &need.grid) {
                        Some(Ok(reply)) => reply.sent(&question.text),
                        Some(Err(_)) | None => vec![question.text.to_string()],
                    })
                    .collect()
            })
            .collect(),
        scrapes: vec![None; need.guardrails.len()],
        assignment: need
            .assignment
            .as_ref()
            .map(|questions| fold_one(questions, None)),
    }
}

/// One plan's answers, folded.
pub(super) struct Gathered<'a> {
    pub(super) need: &'a Need<'a>,
    pub(super) guardrails: Vec<Folded<'a>>,
    /// What is known of the time before the stage, by guardrail.
    pub(super) pasts: Vec<Found>,
    during: Vec<Option<History>>,
    instances: Vec<Option<InstanceCounts>>,
    /// The queries that were sent for each guardrail.
    sent: Vec<Vec<String>>,
    /// Seconds between scrapes of each guardrail's counters.
    pub(super) scrapes: Vec<Option<u32>>,
    pub(super) assignment: Option<Folded<'a>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn folded(&mut self) -> impl Iterator<Item = &mut Folded<'a>> {
        self.guardrails.iter_mut().chain(&mut self.assignment)
    }

    pub(super) fn into_snapshot(self, source: &str, now: Instant) -> Snapshot {
        let need = self.need;
        let ends: Vec<i64> = need.grid.ends().collect();
        let guardrails = need
            .guardrails
            .iter()
            .zip(self.guardrails)
            .zip(self.pasts)
            .zip(self.during)
            .zip(self.instances)
            .zip(self.sent)
            .zip(self.scrapes)
            .map(
                |(
                    ((((((guardrail, _), folded), past), during), instances), queries),
                    scrape_seconds,
                )| {
                    let Folded {
                        exposed,
                        unexposed,
                        issues,
                        absent: _,
                        assumed,
                    } = folded;
                    let Found { history, unsplit } = past;
                    let series = GuardrailSeries {
                        ends: ends.clone(),
                        exposed,
                        unexposed,
                        issues,
                        queries,
                        history,
                        during,
                        unsplit,
                        scrape_seconds,
                        instances,
                        preflight: BTreeMap::new(),
                        assumed,
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
            plan: need.request.plan.to_owned(),
            taken_at: now,
            known_until: need.known_until,
            source: source.to_owned(),
            moment: need.request.moment,
            block: need.grid.block(),
            guardrails,
            assignment,
        }
    }
}
