//! The judge: from a plan and a snapshot to a verdict for each guardrail. Pure and total: no IO, no
//! clock, no `Result`. A bad world is a verdict, not an error.
//!
//! In come a plan and a snapshot; out comes a [`Judgement`]. [`judge`] examines each guardrail's series
//! (`examine`, with `blocks` choosing what counts; `counts` with `failures`, `latency`, `paired`, `gauge`
//! and `point` know the kinds, `noise` and `wander` what is known of how they scatter), weighs the evidence
//! of all guardrails and stages `together`, and says `why`, as facts with a code and never as sentences. A
//! ramp's `pacing` is measured beside it. What a verdict leads to is not known here. Read `examine.rs`
//! first.
//!
//! Plain data stands apart from what computes it, so that the files need each other one way only:
//! `measure`, `strength`, `shift`, `issue` and `why` are what a `finding` is made of, and import no
//! computation.

#[cfg(test)]
mod agreement_of_kinds;
#[cfg(test)]
mod agreement_scenarios;
mod assignment;
#[cfg(test)]
mod assignment_scenarios;
mod believed;
mod blocks;
mod boundaries;
mod buckets;
#[cfg(test)]
mod by_hand;
mod contradiction;
mod counts;
pub mod doctor;
mod evidence;
mod examine;
mod failures;
mod far_end;
mod finding;
#[cfg(test)]
mod fixture;
mod gauge;
mod histogram;
mod history;
mod issue;
mod latency;
#[cfg(test)]
mod latency_edges;
mod latency_limit;
#[cfg(test)]
mod latency_scenarios;
mod latency_test;
mod leaning;
mod level_past;
mod measure;
mod measured;
mod misassigned;
mod noise;
#[cfg(test)]
mod noise_scenarios;
mod noisy;
mod numbers;
mod others_clumps;
mod pacing;
mod paired;
#[cfg(test)]
mod paired_scenarios;
mod permit;
#[cfg(test)]
mod permit_scenarios;
pub mod planning;
#[cfg(test)]
mod pods_scenarios;
mod point;
mod pooling;
mod preflight;
mod proof;
#[cfg(test)]
mod properties;
mod quantile;
#[cfg(test)]
mod quantile_margin_scenarios;
mod question;
#[cfg(test)]
mod ramp_scenarios;
#[cfg(test)]
mod scenarios;
mod shift;
mod spelling;
mod standing;
mod strength;
mod taught;
mod timetable;
mod together;
mod trace;
mod unborn;
#[cfg(test)]
mod unborn_scenarios;
mod verdicts;
mod version;
#[cfg(test)]
mod waiting_scenarios;
mod wander;
mod why;
mod windows;

pub use finding::{Excess, Finding, Judgement, LimitFinding, NoData, Pacing, Verdict};
pub use issue::Issue;
pub use measure::{
    ArmTotals, Belief, Between, BoundPair, Boundaries, Measure, Of, Scale, SeenNoise, Undecided,
};
pub use misassigned::Misassigned;
pub use preflight::{Obstacle, Obstruction, preflight};
pub use shift::{Asks, Least, Shift, Unprovable};
pub use strength::{Clear, Leaning, Look, Sign, Strength};
pub use together::StageWeights;
pub use trace::{POINTS, Trace, TracePoint, trace};
pub use verdicts::{GuardrailLooks, Looks, judge, looks};
pub use version::{VERSION, understands};
pub use why::{Basis, Proof, Seen, Why};
pub use windows::Window;
