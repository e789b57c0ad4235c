//! The guardrail that is nearest to deciding about a plan, with its evidence beside what is needed.

use crate::judge::{Finding, Judgement, Verdict};
use crate::plan::Role;

use super::super::words;

/// From this part of what a rollback needs on, harm is what a plan is looked at for.
const HARM_TELLS: f64 = 0.5;

/// What the evidence is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Harm: as much as is needed rolls back.
    Harm,
    /// That harm is ruled out: as much as is needed lets the plan go on.
    Clear,
}

impl Side {
    /// The word for people and programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Harm => "harm",
            Self::Clear => "clear",
        }
    }
}

/// A guardrail and its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The guardrail.
    pub guardrail: String,
    /// What its evidence is of.
    pub side: Side,
    /// What there is: the logarithm of an e-value, or standard errors; `None` where nothing is there yet.
    pub value: Option<f64>,
    /// What is needed.
    pub needed: f64,
    /// Both in words.
    pub words: String,
}

impl Nearest {
    /// The one that is nearest to a rollback where any is half of the way there; else the one that is
    /// farthest from letting the plan go on; else the one with most harm.
    #[must_use]
    pub fn of(judgement: &Judgement) -> Option<Self> {
        let guardrails = || {
            judgement
                .findings
                .iter()
                .filter(|finding| finding.role == Role::Guardrail && finding.measure.is_some())
        };
        let harm = guardrails().max_by(|a, b| share_of_harm(a).total_cmp(&share_of_harm(b)))?;
        if share_of_harm(harm) >= HARM_TELLS {
            return Some(Self::harm(harm));
        }
        let waits = guardrails()
            .filter(|finding| finding.verdict == Verdict::Inconclusive)
            .filter_map(|finding| Some((finding, finding.clear?.numbers())))
            .min_by(|(_, a), (_, b)| share(*a).total_cmp(&share(*b)));
        Some(waits.map_or_else(
            || Self::harm(harm),
            |(finding, (value, needed))| Self {
                guardrail: finding.name.clone(),
                side: Side::Clear,
                value,
                needed,
                words: words::clear(finding.clear),
            },
        ))
    }

    fn harm(finding: &Finding) -> Self {
        Self {
            guardrail: finding.name.clone(),
            side: Side::Harm,
            value: Some(finding.harm.value.0),
            needed: finding.harm.needed.0,
            words: words::harm(finding.harm),
        }
    }
}

fn share_of_harm(finding: &Finding) -> f64 {
    finding.harm.value.0 / finding.harm.needed.0
}

fn share((value, needed): (Option<f64>, f64)) -> f64 {
    value.map_or(f64::NEG_INFINITY, |value| value / needed)
}
