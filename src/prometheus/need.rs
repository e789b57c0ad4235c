//! What one plan needs to know: its questions, and over which blocks. Pure.

use crate::plan::Guardrail;
use crate::snapshot::AskedHistory;
use crate::units::Instant;

use super::asking::{Answers, Extent};
use super::fold::Asked;
use super::halves::{self, Pasts};
use super::known::fits;
use super::query::{Question, assigned, questions};
use super::request::arms_needed;
use super::{EvidenceRequest, Grid};

/// Where the history of the unexposed arm comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum PastOf<'a> {
    /// None is wanted.
    Unwanted,
    /// From the server, all of it.
    Asked,
    /// From when the stage was entered; what the stage adds comes with its own questions.
    Known(&'a AskedHistory),
}

/// What one plan needs to know.
pub(super) struct Need<'a> {
    pub(super) request: &'a EvidenceRequest<'a>,
    pub(super) grid: Grid,
    /// Where it is not now: blocks that end later are not known yet.
    pub(super) known_until: Option<Instant>,
    pub(super) guardrails: Vec<(&'a Guardrail, Vec<Question>)>,
    /// Blocks of the past.
    pub(super) pasts: Pasts,
    /// Where the past of each guardrail comes from.
    pub(super) past_of: Vec<PastOf<'a>>,
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
        let pasts = Pasts::of(moment.since(), now, block);
        let guardrails: Vec<_> = guardrails
            .iter()
            .map(|guardrail| (guardrail, questions(guardrail, arms, block)))
            .collect();
        Self {
            request,
            grid: Grid::new(moment.since(), now, block),
            known_until: None,
            pasts,
            past_of: guardrails
                .iter()
                .map(|(guardrail, questions)| {
                    let compared = arms_needed(both_arms, Some(guardrail)).len() == 2;
                    if !(history && compared && halves::is_wanted(guardrail, questions)) {
                        return PastOf::Unwanted;
                    }
                    let kept = known.and_then(|known| known.guardrails.get(&guardrail.name));
                    kept.filter(|kept| fits(kept, questions, arms, &pasts.before))
                        .map_or(PastOf::Asked, PastOf::Known)
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
        self.pasts = Pasts::of(since, until, block);
        self.known_until = Some(until);
    }

    /// All questions; none before a block has closed.
    pub(super) fn questions(&self) -> impl Iterator<Item = (&Question, Extent)> {
        let has_blocks = !self.grid.is_empty();
        let past_of = self.past_of.iter().copied().chain([PastOf::Unwanted]);
        self.guardrails
            .iter()
            .map(|(_, questions)| questions)
            .chain(&self.assignment)
            .zip(past_of)
            .filter(move |_| has_blocks)
            .flat_map(|(questions, past_of)| {
                let Pasts {
                    whole,
                    before,
                    during,
                } = self.pasts;
                let (past, sums) = match past_of {
                    PastOf::Unwanted => (None, [None, None]),
                    PastOf::Asked => (Some(whole), [Some(before), Some(during)]),
                    PastOf::Known(_) => (Some(during), [None, Some(during)]),
                };
                let extent = Extent {
                    stage: self.grid,
                    past,
                    sums,
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
