//! Evidence of harm in counts, look by look, by either thing that may be known of their noise: what the
//! groups of the unexposed arm have taught of events, or, at the boundaries of a latency, what its halves
//! have.

use crate::stats::{CountNull, Direction, Model, Observation, OnsetMixture, Prior, TwoArmBlock};

use super::Belief;
use super::noise::{Harm, Noise, Seen};
use super::question::restart_blocks;

/// What is known of the noise of counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known<'a> {
    /// Of events.
    Noise(&'a Noise),
    /// Of requests slower than a boundary: what is believed at each look, and the length of a block in
    /// seconds.
    Beliefs(&'a [Prior], i64),
}

/// What one look reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Read {
    /// Log e-value of harm.
    pub(super) log_e: f64,
    /// What was learnt and measured of the dispersion.
    pub(super) dispersion: f64,
    /// What evidence of harm is divided by.
    pub(super) tempering: f64,
}

/// Evidence of harm.
#[derive(Debug)]
pub(super) enum Harming<'a> {
    Noise(Box<Harm<'a>>),
    Beliefs {
        onset: Box<OnsetMixture>,
        null: Box<CountNull>,
        beliefs: &'a [Prior],
        look: usize,
    },
}

impl<'a> Known<'a> {
    /// Length of a block, in seconds.
    pub(super) const fn block(&self) -> i64 {
        match self {
            Self::Noise(noise) => noise.block(),
            Self::Beliefs(_, block) => *block,
        }
    }

    /// Evidence of harm beyond a null of this ratio and offset, harm being upwards.
    pub(super) fn harm(&self, ratio: f64, offset: f64) -> Harming<'a> {
        match *self {
            Self::Noise(noise) => Harming::Noise(Box::new(noise.harm(ratio, offset))),
            Self::Beliefs(beliefs, block) => {
                let every = restart_blocks(block);
                Harming::Beliefs {
                    onset: Box::new(OnsetMixture::new(Model::TwoArms, Prior::UNKNOWN, every)),
                    null: Box::new(CountNull::new(ratio, offset, Direction::Above)),
                    beliefs,
                    look: 0,
                }
            }
        }
    }
}

impl Harming<'_> {
    /// The next look.
    pub(super) fn push(&mut self, block: &TwoArmBlock) -> Read {
        match self {
            Self::Noise(harm) => {
                let reading = harm.push(block);
                Read {
                    log_e: reading.log_e,
                    dispersion: reading.dispersion,
                    tempering: reading.tempering,
                }
            }
            Self::Beliefs {
                onset,
                null,
                beliefs,
                look,
            } => {
                onset.believe(beliefs.get(*look).copied().unwrap_or(Prior::UNKNOWN));
                *look += 1;
                let reading = onset.push(&Observation::two_arms(block), |sums| {
                    null.add(block, sums);
                });
                Read {
                    log_e: reading.log_e,
                    dispersion: reading.dispersion,
                    tempering: reading.dispersion,
                }
            }
        }
    }

    /// Where what is believed comes from, after all looks.
    pub(super) fn belief(&self) -> Belief {
        match self {
            Self::Noise(harm) => harm.belief(),
            Self::Beliefs { onset, beliefs, .. } => match beliefs.last() {
                Some(prior) if prior.is_learnt() && onset.contradicts() => {
                    Belief::HistoryContradicted
                }
                Some(prior) if prior.is_learnt() => Belief::History,
                Some(_) | None => Belief::Guess,
            },
        }
    }

    /// What the stage shows of the noise of events.
    pub(super) fn seen(&self) -> Option<Seen> {
        match self {
            Self::Noise(harm) => harm.seen(),
            Self::Beliefs { .. } => None,
        }
    }
}
