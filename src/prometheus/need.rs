//! What one plan needs to know: its questions, and over which blocks. Pure.

use crate::plan::Guardrail;
use crate::units::Instant;

use super::asking::{Answers, Extent};
use super::fold::Asked;
use super::query::{Question, assigned, questions};
use super::request::arms_needed;
use super::{EvidenceRequest, Grid, halves};

/// What one plan needs to know.
pub(super) struct Need<'a> {
    pub(super) request: &'a EvidenceRequest<'a>,
    pub(super) grid: Grid,
    /// Where it is not now: blocks that end later are not known yet.
    pub(super) known_until: Option<Instant>,
    pub(super) guardrails: Vec<(&'a Guardrail, Vec<Question>)>,
    /// Blocks of the past.
    pub(super) past: Grid,
    /// Whether the past is asked about, for each guardrail.
    pub(super) with_past: Vec<bool>,
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
            ..
        } = *request;
        let guardrails: Vec<_> = guardrails
            .iter()
            .map(|guardrail| (guardrail, questions(guardrail, arms, block)))
            .collect();
        Self {
            request,
            grid: Grid::new(moment.since(), now, block),
            known_until: None,
            past: halves::grid(moment.since(), now, block),
            with_past: guardrails
                .iter()
                .map(|(guardrail, questions)| {
                    let compared = arms_needed(both_arms, Some(guardrail)).len() == 2;
                    history && compared && halves::is_wanted(guardrail, questions)
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
        self.past = halves::grid(since, until, block);
        self.known_until = Some(until);
    }

    /// All questions; none before a block has closed.
    pub(super) fn questions(&self) -> impl Iterator<Item = (&Question, Extent)> {
        let has_blocks = !self.grid.is_empty();
        let with_past = self.with_past.iter().copied().chain([false]);
        self.guardrails
            .iter()
            .map(|(_, questions)| questions)
            .chain(&self.assignment)
            .zip(with_past)
            .filter(move |_| has_blocks)
            .flat_map(|(questions, with_past)| {
                let extent = Extent {
                    stage: self.grid,
                    past: with_past.then_some(self.past),
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
