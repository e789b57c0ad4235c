//! What is believed of a guardrail's noise before a stage: what a past has taught, and what earlier stages
//! of the rollout have shown.

use crate::plan::{Guardrail, Plan, Shown, ShownNoise};
use crate::stats::{Belief as Believed, Learnt, Left};

use super::version;

/// What earlier stages of this rollout have shown of a guardrail's noise, where its evidence has not
/// restarted since.
pub(super) fn shown_earlier<'a>(plan: &'a Plan, guardrail: &Guardrail) -> Option<&'a Shown> {
    version::usable(plan)
        .filter(|state| !state.restarts.contains_key(&guardrail.name))
        .and_then(|state| state.dispersion.get(&guardrail.name))
}

/// What is believed of the noise after a past, if it taught anything, and after earlier stages.
pub(super) fn believed(learnt: Option<&Learnt>, shown: Option<&Shown>) -> Believed {
    weighed(Believed::of(learnt, shown.and_then(left).as_ref()), shown)
}

/// What is believed after what groups within the stage have taught, and after earlier stages.
pub(super) fn believed_within(taught: &Left, shown: Option<&Shown>) -> Believed {
    let earlier = shown.and_then(left);
    let all = earlier.map_or(*taught, |earlier| earlier.and(taught));
    weighed(Believed::of(None, Some(&all)), shown)
}

/// The same where earlier stages left no more than a dispersion.
fn weighed(belief: Believed, shown: Option<&Shown>) -> Believed {
    match shown {
        Some(Shown::Dispersion(shown)) if belief.is_learnt() => belief.at_least(*shown),
        Some(Shown::Dispersion(shown)) => Believed::guess(*shown),
        Some(Shown::Noise(_)) | None => belief,
    }
}

/// What earlier stages left, where they left more than one number.
pub(super) fn left(shown: &Shown) -> Option<Left> {
    match shown {
        Shown::Dispersion(_) => None,
        Shown::Noise(noise) => {
            let ShownNoise {
                weight,
                freedom,
                clumps,
                drift,
                least_clumps,
                least_drift,
            } = *noise;
            Some(Left {
                weight,
                freedom,
                clumps,
                drift,
                least_clumps,
                least_drift,
            })
        }
    }
}
