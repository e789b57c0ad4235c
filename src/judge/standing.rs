//! How one guardrail stands: the verdict that its evidence amounts to, and why.

use crate::plan::{Guardrail, Kind, Plan, Role, RuleOut};
use crate::stats::LEAST_BLOCKS;
use crate::units::{Effect, Instant, LogE, Period, Probability};

use super::evidence::{Comparison, Evidence, LimitEvidence};
use super::examine::Examined;
use super::leaning::Lean;
use super::noisy::too_bursty;
use super::permit;
use super::{Clear, Issue, Leaning, Measure, NoData, Of, Proof, Seen, Strength, Verdict, Why};

/// Whether the evidence at this look rules out what must be ruled out.
pub(super) fn passes(comparison: &Comparison, look: usize, alpha: Probability) -> bool {
    if let Some(permit) = comparison.permits.at(look) {
        return permit.granted;
    }
    let enough = comparison.enough.get(look).copied().unwrap_or(false);
    match comparison.pass.get(look) {
        Some(log_e) => enough && log_e.proves(alpha),
        // Nothing needs to be ruled out, but nothing is not evidence either.
        None => {
            comparison.pass.is_empty()
                && look < comparison.breach.len()
                && comparison.estimate.is_some()
        }
    }
}

/// What is known of a guardrail besides its own series.
pub(super) struct Standing<'a> {
    /// How a breach was proven, if it was.
    pub(super) proof: Option<Proof>,
    /// The numbers of the comparison, if there is one.
    pub(super) measured: Option<&'a Measure>,
    /// What the evidence leans to break.
    pub(super) leaning: Option<Lean>,
    /// What earlier stages left counts against proof of harm.
    pub(super) weighed_down: bool,
    /// The evidence of the whole rollout.
    pub(super) harm: Strength,
    /// Expected time until harm is ruled out, at the present rate.
    pub(super) wait: Option<Period>,
}

/// The verdict of one guardrail, and why. No pass stands without the newest blocks.
pub(super) fn verdict(
    plan: &Plan,
    guardrail: &Guardrail,
    examined: &Examined,
    standing: &Standing<'_>,
) -> (Verdict, Why) {
    match (
        by_what_was_seen(plan, guardrail, examined, standing),
        examined.behind,
    ) {
        ((Verdict::Pass, _), Some(ago)) => (Verdict::Inconclusive, Why::Behind { ago }),
        (found, _) => found,
    }
}

fn by_what_was_seen(
    plan: &Plan,
    guardrail: &Guardrail,
    examined: &Examined,
    standing: &Standing<'_>,
) -> (Verdict, Why) {
    let nothing = |(no_data, issues): &(NoData, Vec<Issue>)| {
        (Verdict::NoData(*no_data), Why::NoData(issues.clone()))
    };
    if let Some(point) = &examined.point {
        return match (&examined.no_data, point.breached, point.good, point.run) {
            (_, true, _, _) => (Verdict::Breach, Why::ThresholdExceeded),
            (Some(gap), false, _, _) => nothing(gap),
            (None, false, true, _) => (Verdict::Pass, Why::ThresholdKept),
            (None, false, false, 0) => (Verdict::Inconclusive, Why::ThresholdTooEarly),
            (None, false, false, blocks) => {
                (Verdict::Inconclusive, Why::ThresholdExceededFor { blocks })
            }
        };
    }
    let too_early = || {
        let closes = Instant::from_timestamp(examined.frame.first_end(), 0).unwrap_or_default();
        let lag = u32::try_from(examined.frame.lag()).unwrap_or_default();
        let why = Why::TooEarly {
            closes,
            known_after: (lag > 0).then(|| Period::from_seconds(lag)),
        };
        (Verdict::Inconclusive, why)
    };
    let Some(evidence) = &examined.evidence else {
        return examined.no_data.as_ref().map_or_else(too_early, nothing);
    };
    let kind = guardrail.metric.kind;
    let level = evidence
        .limit
        .as_ref()
        .zip(guardrail.limit)
        .map(|(limit, bound)| Seen::Level {
            kind,
            value: limit.exposed.value,
            bound,
        });
    let of = evidence.comparison.as_ref().and_then(|c| c.of);
    let seen = match (standing.measured, level) {
        (Some(measured), _) => compared(measured, of, kind),
        (None, Some(level)) => level,
        (None, None) => Seen::Nothing,
    };
    let margin = guardrail.margin;
    // What is proven stays proven, even if evidence stopped since.
    if let Some(proof) = standing.proof {
        let seen = match proof.of {
            Leaning::Limit => level.unwrap_or(seen),
            Leaning::Margin => seen,
        };
        let why = Why::Breach {
            seen,
            margin,
            proof,
        };
        return (Verdict::Breach, why);
    }
    if let Some(gap) = &examined.no_data {
        return nothing(gap);
    }
    let Some(look) = evidence.ends.len().checked_sub(1) else {
        return too_early();
    };
    if let Some(limit) = &evidence.limit
        && limit.ambient[look]
        && limit.breach[look].0 > 0.0
    {
        return (Verdict::Inconclusive, Why::Ambient { seen });
    }
    if let Some(lean) = standing.leaning {
        let (seen, of) = match (lean.of, level) {
            (Leaning::Limit, Some(level)) => (level, Leaning::Limit),
            (Leaning::Limit, None) | (Leaning::Margin, _) => (seen, Leaning::Margin),
        };
        let why = Why::Leaning {
            seen,
            of,
            by: lean.by,
            margin,
            harm: standing.harm,
            weighed_down: standing.weighed_down,
            is_shared: evidence.is_shared(),
            on_breach: guardrail.on_breach,
        };
        return (Verdict::Inconclusive, why);
    }
    let settled = Settled {
        evidence,
        look,
        seen,
        wait: standing.wait,
    };
    settled.verdict(plan, guardrail, examined)
}

/// The numbers of a comparison, as they are said.
fn compared(measure: &Measure, of: Option<Of>, kind: Kind) -> Seen {
    Seen::Compared {
        of,
        kind,
        scale: measure.scale,
        estimate: measure.estimate,
        lower: measure.lower,
        upper: measure.upper,
    }
}

/// A guardrail that is neither breached nor without evidence.
struct Settled<'a> {
    evidence: &'a Evidence,
    /// The last.
    look: usize,
    seen: Seen,
    wait: Option<Period>,
}

impl Settled<'_> {
    fn verdict(&self, plan: &Plan, guardrail: &Guardrail, examined: &Examined) -> (Verdict, Why) {
        let alpha = plan.judge.advance_alpha;
        let seen = self.seen;
        match (&self.evidence.comparison, &self.evidence.limit) {
            (Some(comparison), _) if passes(comparison, self.look, alpha) => {
                let why = match (guardrail.role, examined.rule_out) {
                    (Role::Success, _) => Why::Better { seen },
                    (Role::Guardrail, Some(effect)) => Why::RuledOut { seen, effect },
                    (Role::Guardrail, None) => Why::NoBreach { seen },
                };
                (Verdict::Pass, why)
            }
            (Some(comparison), _) => {
                let block = examined.frame.block();
                let bursty = too_bursty(plan, guardrail, comparison, block);
                let why = match (guardrail.role, bursty) {
                    (Role::Guardrail, Some(dispersion)) => Why::TooBursty {
                        seen,
                        dispersion,
                        block: Period::from_seconds(u32::try_from(block).unwrap_or(u32::MAX)),
                    },
                    (Role::Guardrail | Role::Success, _) => {
                        self.too_few_blocks(comparison, block).unwrap_or_else(|| {
                            self.open(comparison, guardrail.role, examined.rule_out, alpha)
                        })
                    }
                };
                (Verdict::Inconclusive, why)
            }
            (None, _) if examined.compares => (Verdict::Inconclusive, Why::NoBoundsYet),
            (None, Some(limit)) => self.limited(limit, plan),
            (None, None) => (Verdict::NotApplicable, Why::NobodyUnexposed),
        }
    }

    /// That a mean or a level is not judged yet for want of blocks.
    fn too_few_blocks(&self, comparison: &Comparison, block: i64) -> Option<Why> {
        let seen = comparison.of_blocks.filter(|seen| *seen < LEAST_BLOCKS)?;
        // Blocks in which an arm has nothing are put together with the next.
        let each = block as f64 * (self.look + 1) as f64 / seen;
        let left = (LEAST_BLOCKS - seen) * each;
        Some(Why::TooFewBlocks {
            seen: self.seen,
            blocks: whole(seen),
            needed: whole(LEAST_BLOCKS),
            expected: (seen > 0.0).then(|| Period::from_seconds(whole(left))),
        })
    }

    fn open(
        &self,
        comparison: &Comparison,
        role: Role,
        effect: Option<Effect>,
        alpha: Probability,
    ) -> Why {
        let seen = self.seen;
        let nothing = Clear::Evidence(Strength {
            value: LogE::NONE,
            needed: alpha.threshold(),
        });
        let clear = permit::clear(comparison, alpha).unwrap_or(nothing);
        let enough = comparison.enough.last().copied().unwrap_or(false);
        let suffices = match clear {
            Clear::Evidence(Strength { value, needed }) => value >= needed,
            // There is no score where there is not enough for one.
            Clear::Look(look) => look.z.is_none(),
        };
        match role {
            Role::Success => Why::NotBetter { seen, clear },
            Role::Guardrail if suffices && !enough => Why::TooFewEvents {
                seen,
                expected: self.wait,
            },
            Role::Guardrail => Why::NotRuledOut {
                seen,
                effect,
                clear,
                expected: self.wait,
            },
        }
    }

    /// The limit is all there is: it must be proven kept, unless the stage asks for nothing.
    fn limited(&self, limit: &LimitEvidence, plan: &Plan) -> (Verdict, Why) {
        let seen = self.seen;
        // An arm that nobody was counted in keeps every limit.
        let counted = limit.exposed.value.is_some();
        let asks = plan
            .stage()
            .is_some_and(|stage| stage.rule_out != RuleOut::Nothing);
        let value = limit.pass[self.look];
        if counted && value.proves(plan.judge.advance_alpha) {
            return (Verdict::Pass, Why::LimitKept { seen });
        }
        if counted && !asks {
            return (Verdict::Pass, Why::LimitUnbroken { seen });
        }
        let why = Why::LimitOpen {
            seen,
            clear: Strength {
                value,
                needed: plan.judge.advance_alpha.threshold(),
            },
            undecided: limit.undecided,
        };
        (Verdict::Inconclusive, why)
    }
}

/// A number of blocks or of seconds of a stage.
fn whole(number: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "neither negative nor beyond what a period holds, at which the cast saturates"
    )]
    let whole = number.round() as u32;
    whole
}
