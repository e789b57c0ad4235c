//! How much counts vary by themselves, and evidence that is not taken in by it.
//!
//! In come blocks of counts of two arms, and of groups of unexposed instances over days; out come
//! what those teach ([`Learnt`]), what a stage leaves to the next ([`Left`]), how far arms on their own
//! instances differ without any change ([`Instances`]), and the logarithm of an e-value at each block
//! ([`StageEvidence`]). Margins in a plan, snapshots and words are not known here. Read `evidence.rs`
//! first, then `belief.rs` and `learn.rs`.
//!
//! Two things make counts vary more than independent events. *Clumps*, such as the failing requests of
//! one session, have a variance like the mean; a *drift* of one arm's rate has one like its square.
//! Per unit of information `I` of a block the dispersion is `clumps + drift I`, a straight line, so that
//! groups of two sizes tell the two apart ([`Learnt::from_groups`]).
//!
//! Arms on their own instances differ for good. A breach must be beyond what that may be
//! ([`Instances::widening`]), and a pass reckons with it
//! ([`ScoreApart`](crate::stats::ScoreApart)): exactly for log-normal ones, of a variance which
//! [`Instances::between_arms`] estimates. Simulated at exactly the harm to be ruled out, on one
//! log-normal pod of deviation .2 beside 50: of 400 stages 3 and 5 % passed at any look of five days with 25 and 95 %
//! exposed. With gamma rates of deviation .3, whose logarithms reach far down, 7 % do at a single look.
//!
//! What is proven: with independent Poisson or Bernoulli events the tempered evidence of one stage
//! exceeds `1 / alpha` with a chance of at most `alpha / (1 - alpha)`, whatever the dispersions are found
//! to be, because `exp(S / phi) <= 1 + exp(S)` for every `phi >= 1`. Asymptotic: the long-run variance
//! (Newey and West 1987), its chi-square limits, and what instances say of further ones. Simulated: every
//! rate of false rollbacks in noise that is not Poisson, the default drift, the first part of a stage.

mod belief;
mod evidence;
mod extent;
mod foresee;
mod granting;
mod instances;
mod learn;
mod learnt;
mod left;
mod limits;
mod onsets;
#[cfg(test)]
mod reference;
mod settings;
mod temper;

pub use belief::Belief;
pub use evidence::{StageEvidence, StageReading};
pub use foresee::Foreseen;
pub use instances::Instances;
pub use learn::{GroupBlock, WithinStage};
pub use learnt::Learnt;
pub use left::Left;
pub use onsets::Onsets;
pub use settings::NoiseSettings;
pub use temper::needed_for;
