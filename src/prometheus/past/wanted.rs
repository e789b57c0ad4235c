//! What is asked of the past of one guardrail, and over which blocks. Pure.

use chrono::TimeDelta;

use crate::plan::{Arms, Column, Guardrail, Kind, Source};
use crate::prometheus::Grid;
use crate::prometheus::increments::{Counter, at_ends};
use crate::prometheus::native::Focus;
use crate::prometheus::query::{Question, Shape, Speaks, level_of_each, questions};
use crate::prometheus::request::focus;
use crate::snapshot::{Arm, History, Moment, Unsplit};
use crate::units::{Instant, Period};

/// Blocks of the past. All that is learnt from it is in these, so that stages of minutes and ramps of
/// weeks learn alike.
pub(super) const BLOCK: Period = Period::from_minutes(5);

/// It ends so long before the stage: scrapes and remote writes of the last minute may be on their way, and
/// what is read from a record later must be what the server says then.
pub(super) const SETTLE: TimeDelta = TimeDelta::seconds(60);

/// How the past of a guardrail is asked for.
#[derive(Debug, Clone)]
pub(in crate::prometheus) enum How {
    /// Not at all.
    Unsplit(Unsplit),
    /// Counters, of which groups of instances are kept.
    Groups(Vec<Question>),
    /// Counters, of which two halves are kept.
    Halves(Vec<Question>),
    /// The buckets of a histogram around what the guardrail asks about.
    Buckets(Vec<Question>, Focus),
    /// The level of each series.
    Levels(Question),
    /// The level of the arm, which a query of somebody's own gives.
    Level(Question),
}

/// What is asked of the past of one guardrail.
#[derive(Debug, Clone)]
pub(in crate::prometheus) struct Wanted {
    pub(super) how: How,
    /// All of its blocks.
    pub(super) grid: Grid,
    pub(super) arms: Arms,
}

impl Wanted {
    /// Of a guardrail, before this moment, as far as it is over by now. Nothing of a point, which compares
    /// nothing.
    pub(in crate::prometheus) fn of(
        guardrail: &Guardrail,
        arms: &Arms,
        moment: Moment,
        now: Instant,
    ) -> Option<Self> {
        let entered_at = match moment {
            Moment::Stage { entered_at, .. } => entered_at,
            Moment::Beforehand { .. } => now,
        };
        let (how, days) = how(guardrail, arms, BLOCK)?;
        let end = now.min(entered_at - SETTLE);
        Some(Self {
            how,
            grid: Grid::new(entered_at - TimeDelta::days(days), end, BLOCK),
            arms: arms.clone(),
        })
    }

    /// Of a guardrail in these blocks; nothing of a point.
    pub(super) fn within(guardrail: &Guardrail, arms: &Arms, grid: Grid) -> Option<Self> {
        let (how, _) = how(guardrail, arms, grid.block())?;
        Some(Self {
            how,
            grid,
            arms: arms.clone(),
        })
    }

    /// The questions whose answers it is made of.
    pub(super) fn questions(&self) -> &[Question] {
        match &self.how {
            How::Unsplit(_) => &[],
            How::Groups(questions) | How::Halves(questions) | How::Buckets(questions, _) => {
                questions
            }
            How::Levels(question) | How::Level(question) => std::slice::from_ref(question),
        }
    }

    /// The same of the last day alone.
    pub(super) fn of_a_day(&self) -> Self {
        let blocks = usize::try_from(86_400 / i64::from(BLOCK.seconds())).unwrap_or(usize::MAX);
        Self {
            grid: self.grid.last_of(blocks),
            ..self.clone()
        }
    }
}

/// Over how many days the judge looks back; nothing of a point.
pub(super) fn days_of(guardrail: &Guardrail, arms: &Arms) -> Option<i64> {
    how(guardrail, arms, BLOCK).map(|(_, days)| days)
}

/// How, and over how many days.
fn how(guardrail: &Guardrail, arms: &Arms, block: Period) -> Option<(How, i64)> {
    let asked: Vec<Question> = questions(guardrail, arms, block)
        .into_iter()
        .map(|question| of_unexposed(question, arms, block))
        .collect();
    let are_counters = asked.iter().all(|one| one.counter.is_some());
    let is_own = match guardrail.metric.source {
        Source::PerArm { .. } => true,
        Source::Selectors(_) => false,
    };
    let days = History::days_of(guardrail.metric.kind);
    let counters = |make: &dyn Fn(Vec<Question>) -> How| {
        let how = match (is_own, are_counters && !asked.is_empty()) {
            (true, _) => How::Unsplit(Unsplit::OwnQueries),
            (false, true) => make(asked.clone()),
            (false, false) => How::Unsplit(Unsplit::NativeHistogram),
        };
        Some((how, days))
    };
    match guardrail.metric.kind {
        Kind::Ratio { .. } | Kind::Rate { .. } => counters(&How::Groups),
        Kind::Mean { .. } => counters(&How::Halves),
        Kind::Latency { .. } => {
            let focus = focus(guardrail)?;
            counters(&|questions| How::Buckets(questions, focus))
        }
        Kind::Gauge { .. } => Some((level(guardrail, arms, asked, block)?, days)),
        Kind::Point { .. } => None,
    }
}

/// A question about a counter of the unexposed arm alone: the exposed arm has no past worth asking for.
fn of_unexposed(question: Question, arms: &Arms, block: Period) -> Question {
    let Some(counter) = question.counter else {
        return question;
    };
    let counter = Counter::clone(&counter).limited_to(arms, Arm::Unexposed);
    Question {
        text: at_ends(&counter.selector, block).into(),
        counter: Some(counter.into()),
        ..question
    }
}

/// The level of each series of the unexposed arm, or of the arm where its own query gives it.
fn level(guardrail: &Guardrail, arms: &Arms, asked: Vec<Question>, block: Period) -> Option<How> {
    match &guardrail.metric.source {
        Source::PerArm { .. } => asked
            .into_iter()
            .find(|one| {
                one.speaks == Speaks::Of(Arm::Unexposed)
                    && one.column == Column::Query
                    && one.shape == Shape::Number
            })
            .map(How::Level),
        Source::Selectors(columns) => {
            let (_, selector) = columns
                .iter()
                .find(|(column, _)| *column == Column::Query)?;
            let vector = selector.vector();
            Some(How::Levels(Question {
                column: Column::Query,
                speaks: Speaks::Of(Arm::Unexposed),
                shape: Shape::Number,
                text: level_of_each(&vector.with_arm(arms, Arm::Unexposed).text(), block).into(),
                selector: Some(vector.clone().into()),
                counter: None,
            }))
        }
    }
}

/// Whether a guardrail's groups are kept within the stage, too: of events against a total.
pub(in crate::prometheus) fn is_in_groups(guardrail: &Guardrail, questions: &[Question]) -> bool {
    match guardrail.metric.kind {
        Kind::Ratio { .. } | Kind::Rate { .. } => {
            !questions.is_empty() && questions.iter().all(|one| one.counter.is_some())
        }
        Kind::Latency { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => false,
    }
}
