//! The methods that a rollout is compared with, each as it is commonly run.

use crate::stats::{TwoArmBlock, rank_sum};
use crate::units::Worse;

/// How it is decided whether a release is rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// This program: the real judge and rules, at every block.
    Rollout,
    /// A check at every block fails beyond twice the usual rate; the fifth failed check rolls back.
    Threshold,
    /// A one-sided z-test at 5 % on the stage so far, at every block.
    ZTest,
    /// A two-sided Mann-Whitney test on the stage's blocks at 98 % confidence, every hour.
    MannWhitney,
}

impl Method {
    /// All of them, this program first.
    pub const ALL: [Self; 4] = [
        Self::Rollout,
        Self::Threshold,
        Self::ZTest,
        Self::MannWhitney,
    ];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rollout => "rollout",
            Self::Threshold => "threshold",
            Self::ZTest => "z-test",
            Self::MannWhitney => "mann-whitney",
        }
    }

    /// What it does, in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rollout => "the judge and the rules of this program, at every block",
            Self::Threshold => {
                "twice the usual rate in a block is a failed check; the fifth rolls back"
            }
            Self::ZTest => "a z-test at 5 % at every block",
            Self::MannWhitney => "a Mann-Whitney test on the blocks at 98 % confidence, every hour",
        }
    }
}

/// Failed checks that a threshold allows are one fewer: Flagger's and Argo's usual setting.
const FAILED_CHECKS: u32 = 5;

/// A check fails beyond so many times the usual rate.
const THRESHOLD: f64 = 2.0;

/// One-sided 5 %.
const Z_FIVE_PERCENT: f64 = 1.644_853_6;

/// Two-sided 2 %: Kayenta's confidence of 98 %.
const Z_TWO_PERCENT: f64 = 2.326_347_9;

/// Fewer blocks than this are not compared by ranks: Kayenta's documentation asks for 50 points.
const LEAST_BLOCKS: usize = 50;

/// One method watching one guardrail.
#[derive(Debug, Clone)]
pub(super) enum Watch {
    Threshold {
        limit: f64,
        worse: Worse,
        failed: u32,
    },
    ZTest {
        sums: TwoArmBlock,
        worse: Worse,
    },
    MannWhitney {
        exposed: Vec<f64>,
        unexposed: Vec<f64>,
        /// Blocks in an hour.
        every: usize,
    },
}

impl Watch {
    /// `None` for this program itself, which is not watched with but run.
    pub(super) fn new(method: Method, base: f64, worse: Worse, block_seconds: u32) -> Option<Self> {
        match method {
            Method::Rollout => None,
            Method::Threshold => Some(Self::Threshold {
                limit: match worse {
                    Worse::Higher => base * THRESHOLD,
                    Worse::Lower => base / THRESHOLD,
                },
                worse,
                failed: 0,
            }),
            Method::ZTest => Some(Self::ZTest {
                sums: TwoArmBlock::default(),
                worse,
            }),
            Method::MannWhitney => Some(Self::MannWhitney {
                exposed: Vec::new(),
                unexposed: Vec::new(),
                every: (3_600 / block_seconds.max(1)).max(1) as usize,
            }),
        }
    }

    /// A new stage: the arms' shares changed, so comparisons start again. Failed checks do not.
    pub(super) fn next_stage(&mut self) {
        match self {
            Self::Threshold { .. } => {}
            Self::ZTest { sums, .. } => *sums = TwoArmBlock::default(),
            Self::MannWhitney {
                exposed, unexposed, ..
            } => {
                exposed.clear();
                unexposed.clear();
            }
        }
    }

    /// Takes in one block; true when it rolls back.
    pub(super) fn push(&mut self, block: &TwoArmBlock) -> bool {
        match self {
            Self::Threshold {
                limit,
                worse,
                failed,
            } => {
                if let Some(rate) = rate(block.exposed_events, block.exposed_total) {
                    let fails = match worse {
                        Worse::Higher => rate > *limit,
                        Worse::Lower => rate < *limit,
                    };
                    *failed += u32::from(fails);
                }
                *failed >= FAILED_CHECKS
            }
            Self::ZTest { sums, worse } => {
                sums.exposed_events += block.exposed_events;
                sums.exposed_total += block.exposed_total;
                sums.unexposed_events += block.unexposed_events;
                sums.unexposed_total += block.unexposed_total;
                let z = match worse {
                    Worse::Higher => z(sums),
                    Worse::Lower => -z(sums),
                };
                z > Z_FIVE_PERCENT
            }
            Self::MannWhitney {
                exposed,
                unexposed,
                every,
            } => {
                let rates = rate(block.exposed_events, block.exposed_total)
                    .zip(rate(block.unexposed_events, block.unexposed_total));
                if let Some((of_exposed, of_unexposed)) = rates {
                    exposed.push(of_exposed);
                    unexposed.push(of_unexposed);
                }
                let count = exposed.len();
                count >= LEAST_BLOCKS
                    && count.is_multiple_of(*every)
                    && rank_sum(exposed, unexposed).abs() > Z_TWO_PERCENT
            }
        }
    }
}

fn rate(events: f64, total: f64) -> Option<f64> {
    (total > 0.0).then(|| events / total)
}

/// The pooled two-proportion statistic; positive when the exposed arm has more.
fn z(sums: &TwoArmBlock) -> f64 {
    let (n, m) = (sums.exposed_total, sums.unexposed_total);
    let pooled = (sums.exposed_events + sums.unexposed_events) / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    if variance > 0.0 && variance.is_finite() {
        (sums.exposed_events / n - sums.unexposed_events / m) / variance.sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failed_check_rolls_back() {
        let mut watch = Watch::new(Method::Threshold, 0.01, Worse::Higher, 300).unwrap();
        let bad = TwoArmBlock {
            exposed_events: 3.0,
            exposed_total: 100.0,
            unexposed_events: 1.0,
            unexposed_total: 100.0,
        };
        let answers: Vec<bool> = (0..5).map(|_| watch.push(&bad)).collect();
        assert_eq!(answers, [false, false, false, false, true]);
    }

    #[test]
    fn the_z_test_sees_a_plain_difference() {
        let mut watch = Watch::new(Method::ZTest, 0.01, Worse::Higher, 300).unwrap();
        assert!(watch.push(&TwoArmBlock {
            exposed_events: 30.0,
            exposed_total: 1_000.0,
            unexposed_events: 10.0,
            unexposed_total: 1_000.0,
        }));
        watch.next_stage();
        assert!(!watch.push(&TwoArmBlock {
            exposed_events: 10.0,
            exposed_total: 1_000.0,
            unexposed_events: 10.0,
            unexposed_total: 1_000.0,
        }));
    }
}
