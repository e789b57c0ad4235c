//! What one plan needs to know: its questions, and over which blocks. Pure.

use crate::plan::Guardrail;
use crate::snapshot::AskedHistory;
use crate::units::Instant;

use super::asking::Answers;
use super::entries::Extent;
use super::fold::Asked;
use super::past::{Wanted, is_in_groups, known_past};
use super::query::{Question, assigned, questions};
use super::request::arms_needed;
use super::{EvidenceRequest, Grid};

/// Blocks of a stage that are also kept by groups of instances, at most: a day in the usual blocks of 5
/// minutes. Without a past the noise is learnt from them.
const MOST_IN_GROUPS: usize = 288;

/// Where the history of the unexposed arm comes from.
#[derive(Debug, Clone)]
pub(super) enum PastOf<'a> {
    /// None is wanted.
    Unwanted,
    /// From the server.
    Asked(Box<Wanted>),
    /// From when the stage was entered.
    Known(&'a AskedHistory),
}

/// What one plan needs to know.
pub(super) struct Need<'a> {
    pub(super) request: &'a EvidenceRequest<'a>,
    pub(super) grid: Grid,
    /// Where it is not now: blocks that end later are not known yet.
    pub(super) known_until: Option<Instant>,
    pub(super) guardrails: Vec<(&'a Guardrail, Vec<Question>)>,
    /// Where the past of each guardrail comes from.
    pub(super) past_of: Vec<PastOf<'a>>,
    /// Of which guardrails the stage's groups of instances are wanted, too.
    in_groups: Vec<bool>,
    /// The question of the assignment check, where the plan asks for it.
    pub(super) assignment: Option<Vec<Question>>,
}

impl<'a> Need<'a> {
    pub(super) fn of(request: &'a EvidenceRequest<'a>, now: Instant) -> Self {
        let EvidenceRequest {
            arms,
            guardrails,
            assignment,
            moment,
            block,
            both_arms,
            history,
            known,
            ..
        } = *request;
        let guardrails: Vec<_> = guardrails
            .iter()
            .map(|guardrail| (guardrail, questions(guardrail, arms, block)))
            .collect();
        let is_learnt =
            |guardrail: &Guardrail| history && arms_needed(both_arms, Some(guardrail)).len() == 2;
        Self {
            request,
            grid: Grid::new(moment.since(), now, block),
            known_until: None,
            past_of: guardrails
                .iter()
                .map(|(guardrail, _)| {
                    let wanted = Wanted::of(guardrail, arms, moment, now);
                    let Some(wanted) = wanted.filter(|_| is_learnt(guardrail)) else {
                        return PastOf::Unwanted;
                    };
                    match known_past(known, &guardrail.name, &wanted) {
                        Some(known) => PastOf::Known(known),
                        None => PastOf::Asked(Box::new(wanted)),
                    }
                })
                .collect(),
            in_groups: guardrails
                .iter()
                .map(|(guardrail, questions)| {
                    is_learnt(guardrail) && is_in_groups(guardrail, questions)
                })
                .collect(),
            guardrails,
            assignment: assignment.map(|assignment| vec![assigned(&assignment.users, arms, block)]),
        }
    }

    /// Leaves out the blocks that end later.
    pub(super) fn end_at(&mut self, until: Instant) {
        let (since, block) = (self.request.moment.since(), self.request.block);
        self.grid = Grid::new(since, until, block);
        self.known_until = Some(until);
    }

    /// The pasts that are asked for, by guardrail.
    pub(super) fn pasts(&self) -> impl Iterator<Item = (&str, &Wanted)> {
        let named = self.guardrails.iter().zip(&self.past_of);
        named.filter_map(|((guardrail, _), past_of)| match past_of {
            PastOf::Asked(wanted) => Some((guardrail.name.as_str(), &**wanted)),
            PastOf::Unwanted | PastOf::Known(_) => None,
        })
    }

    /// Whether the stage's groups of a guardrail are wanted.
    pub(super) fn is_in_groups(&self, place: usize) -> bool {
        self.in_groups.get(place).copied().unwrap_or(false)
    }

    /// The blocks of the stage in which groups of instances are kept.
    pub(super) fn in_groups(&self) -> Grid {
        self.grid.first_of(MOST_IN_GROUPS)
    }

    /// All questions; none before a block has closed.
    pub(super) fn questions(&self) -> impl Iterator<Item = (&Question, Extent)> {
        let has_blocks = !self.grid.is_empty();
        let in_groups = self.in_groups.iter().copied().chain([false]);
        let during = self.in_groups();
        self.guardrails
            .iter()
            .map(|(_, questions)| questions)
            .chain(&self.assignment)
            .zip(in_groups)
            .filter(move |_| has_blocks)
            .flat_map(move |(questions, in_groups)| {
                let during = Some(during).filter(|_| in_groups);
                let extent = Extent {
                    stage: self.grid,
                    // A restart in the block before the first tells what is counted in that.
                    past: during.map(|during| during.since_before(1)),
                    sums: during,
                };
                questions.iter().map(move |question| (question, extent))
            })
    }

    /// What was answered to these questions.
    pub(super) fn asked<'n>(
        &self,
        questions: &'n [Question],
        answers: &'n Answers,
    ) -> Vec<Asked<'n>> {
        questions
            .iter()
            .filter_map(|question| Some((question, answers.of(question, &self.grid)?)))
            .collect()
    }
}
