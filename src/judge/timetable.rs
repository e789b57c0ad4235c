//! When a pass is looked for, and how much its looks ask for.
//!
//! Nobody is let on before a stage is `min_duration` old. So a pass is looked for then, and every 24th
//! part of that time from then on (never more often than a block), and what it may err is
//! spent over these looks ([`Spending`]). The looks are at block ends whose distance from the entry alone
//! tells which they are: when the judge happens to be asked changes nothing, and every look is made
//! again from the blocks each time. What has passed once in a stage has passed, unless by now it
//! looks as bad as what was ruled out.
//!
//! Before `min_duration`, where nothing hangs on it, without one, and where the evidence of one guardrail
//! started again within a stage, the e-process speaks, which may be looked at at any time.

use crate::plan::{Guardrail, Plan};
use crate::stats::{Bounds, Scored, Sort, Spending};
use crate::units::{Period, Probability};

/// A stage is looked at so many times in the time of its `min_duration`, where blocks are short enough.
const LOOKS: i64 = 24;

/// Beyond so many times `min_duration` looks come half as often, beyond twice that a quarter as often: an
/// hour more is nothing to who waits for a week, and a stage of weeks must not become slow to judge.
const EVEN: i64 = 8;

/// Far ahead a look in this part of the age tells as much as all of them.
const AHEAD: i64 = 32;

/// When a pass is looked for, in Unix seconds and seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timetable {
    origin: i64,
    first: i64,
    every: i64,
    block: i64,
    alpha: f64,
}

impl Timetable {
    /// The timetable of a guardrail's evidence in blocks of so many seconds; `None` where nothing is spent.
    pub(super) fn of(plan: &Plan, guardrail: &Guardrail, block: i64) -> Option<Self> {
        let first = i64::from(plan.stage()?.min_duration.seconds());
        let origin = plan.watched_since()?;
        let state = plan.state.as_ref()?;
        let restarted = state.restarts.get(&guardrail.name);
        if first == 0 || restarted.is_some_and(|restart| restart.at > origin) {
            return None;
        }
        Some(Self::from(
            origin.timestamp(),
            first,
            block,
            plan.judge.advance_alpha,
        ))
    }

    /// The looks of a stage of this `min_duration`, by its age, before it is entered; `None` where nothing is
    /// spent.
    #[must_use]
    pub fn foreseen(min_duration: Period, block: Period, alpha: Probability) -> Option<Self> {
        let first = i64::from(min_duration.seconds());
        let block = i64::from(block.seconds()).max(1);
        (first > 0).then(|| Self::from(0, first, block, alpha))
    }

    fn from(origin: i64, first: i64, block: i64, alpha: Probability) -> Self {
        Self {
            origin,
            first,
            every: (first / LOOKS).max(block),
            block,
            alpha: alpha.get(),
        }
    }

    /// By how much the expected score is better than what is needed at each look, and when, in seconds
    /// since the entry. `score` gives the expected one at an age. Looks that are far ahead are taken fewer of.
    pub fn ahead(
        self,
        score: impl Fn(f64) -> Option<Scored>,
    ) -> impl Iterator<Item = (f64, Option<f64>)> {
        let spending = self.spending();
        let mut bounds = Bounds::default();
        let step = move |age: &i64| Some(self.next(*age).max(age + age / AHEAD));
        std::iter::successors(Some(self.first), step).map(move |age| {
            let age = age as f64;
            let scored = score(age);
            let better = scored.and_then(|scored| {
                let needed = bounds.next(scored.information, spending.by(age))?;
                Some(scored.z - needed)
            });
            (age, better)
        })
    }

    fn spending(&self) -> Spending {
        Spending {
            alpha: self.alpha,
            first: self.first as f64,
        }
    }

    /// The age of the stage at the end of a block, once a pass is looked for: from the last block that can
    /// end by `min_duration` on.
    fn age(&self, end: i64) -> Option<i64> {
        let age = end - self.origin;
        (age + self.block > self.first).then(|| age.max(self.first))
    }

    /// How long after a look at this age the next one is.
    fn pause(&self, age: i64) -> i64 {
        let mut pause = self.every;
        let mut even = EVEN * self.first;
        while age >= even {
            pause *= 2;
            even *= 2;
        }
        pause
    }

    /// The age from which on the look after one at this age is due.
    fn next(&self, age: i64) -> i64 {
        let pause = self.pause(age);
        self.first + ((age - self.first).div_euclid(pause) + 1) * pause
    }
}

/// How a pass stands at a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Permit {
    /// All that must be ruled out is.
    pub(super) granted: bool,
    /// The score of what is farthest from it, and what it needs. No score where there is too little
    /// to look at.
    pub(super) z: Option<f64>,
    pub(super) needed: f64,
    /// The time of the next look, in Unix seconds.
    pub(super) next: i64,
}

/// One of the hypotheses that must all be ruled out.
#[derive(Debug, Clone)]
struct Asked {
    bounds: Bounds,
    sort: Option<Sort>,
    passed: bool,
    z: Option<f64>,
    needed: f64,
}

impl Asked {
    fn look(&mut self, scored: Scored, spent: f64) {
        if self.sort.is_some_and(|sort| sort != scored.sort) {
            self.bounds = self.bounds.afresh();
        }
        self.sort = Some(scored.sort);
        if let Some(needed) = self.bounds.next(scored.information, spent)
            && !self.passed
        {
            self.needed = needed;
            self.passed = scored.z >= needed;
        }
    }

    fn distance(&self) -> f64 {
        self.z.unwrap_or(f64::NEG_INFINITY) - self.needed
    }
}

/// Every look of a stage, made again.
#[derive(Debug, Clone, Default)]
pub(super) struct Permits {
    /// One for each block; `None` before the first look.
    trail: Vec<Option<Permit>>,
    asked: Vec<Asked>,
}

impl Permits {
    /// Looks for a pass at these block ends; `scores` has a trail for each hypothesis to be ruled out.
    pub(super) fn of(timetable: &Timetable, ends: &[i64], scores: &[Vec<Option<Scored>>]) -> Self {
        let spending = timetable.spending();
        let fresh = Asked {
            bounds: Bounds::default(),
            sort: None,
            passed: false,
            z: None,
            needed: spending.first_bound(),
        };
        let mut permits = Self {
            trail: Vec::with_capacity(ends.len()),
            asked: vec![fresh; scores.len()],
        };
        let mut due = timetable.first;
        for (k, &end) in ends.iter().enumerate() {
            let Some(age) = timetable.age(end) else {
                permits.trail.push(None);
                continue;
            };
            let is_look = age >= due;
            for (asked, trail) in permits.asked.iter_mut().zip(scores) {
                let scored = trail.get(k).copied().flatten();
                asked.z = scored.map(|scored| scored.z);
                if let Some(scored) = scored.filter(|_| is_look) {
                    asked.look(scored, spending.by(age as f64));
                }
            }
            if is_look {
                due = timetable.next(age);
            }
            let permit = permits.standing(timetable.origin + due);
            permits.trail.push(permit);
        }
        permits
    }

    fn standing(&self, next: i64) -> Option<Permit> {
        let open = self.asked.iter().filter(|asked| !asked.passed);
        let worst = |a: &&Asked, b: &&Asked| a.distance().total_cmp(&b.distance());
        let shown = open
            .min_by(worst)
            .or_else(|| self.asked.iter().min_by(worst))?;
        let harmless = |asked: &Asked| asked.passed && asked.z.is_some_and(|z| z > 0.0);
        Some(Permit {
            granted: self.asked.iter().all(harmless),
            z: shown.z,
            needed: shown.needed,
            next,
        })
    }

    /// How a pass stands at this block; `None` where the e-process speaks.
    pub(super) fn at(&self, look: usize) -> Option<&Permit> {
        self.trail.get(look)?.as_ref()
    }

    /// How it stands now.
    pub(super) fn now(&self) -> Option<&Permit> {
        self.trail.last()?.as_ref()
    }

    /// The time until a pass if scores go on to grow as they have: like the root of the time. `None` where
    /// they do not, or it is beyond a year, which is a way of saying never.
    pub(super) fn expected_wait(
        &self,
        timetable: &Timetable,
        ends: &[i64],
        scores: &[Vec<Option<Scored>>],
    ) -> Option<Period> {
        let last = *ends.last()?;
        if scores.is_empty() {
            return None;
        }
        let age = (last - timetable.origin).max(1);
        let mut most = 0;
        for (h, trail) in scores.iter().enumerate() {
            let asked = self.asked.get(h);
            if let Some(asked) = asked.filter(|asked| asked.passed) {
                // When what looks as bad now will look harmless again cannot be foreseen.
                asked.z.filter(|z| *z > 0.0)?;
                continue;
            }
            let bounds = asked.map(|asked| asked.bounds.clone()).unwrap_or_default();
            most = most.max(passes_at(
                timetable,
                trail.last().copied().flatten()?,
                age,
                bounds,
            )?);
        }
        Some(Period::from_seconds(
            u32::try_from((most - age).max(0)).ok()?,
        ))
    }
}

/// The age at which a score is expected to pass that is this one at this age.
fn passes_at(timetable: &Timetable, scored: Scored, age: i64, mut bounds: Bounds) -> Option<i64> {
    const YEAR: i64 = 366 * 86_400;
    if scored.z <= 0.0 {
        return None;
    }
    let spending = timetable.spending();
    let mut then = timetable.first;
    while then <= age + YEAR {
        let longer = then as f64 / age as f64;
        if then >= age {
            let needed = bounds.next(scored.information * longer, spending.by(then as f64));
            if needed.is_some_and(|needed| scored.z * longer.sqrt() >= needed) {
                return Some(then);
            }
        }
        then = timetable.next(then).max(then + then / AHEAD);
    }
    None
}
