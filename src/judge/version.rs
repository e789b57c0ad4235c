//! Which judge decided: what it says of the same evidence may change from one version to the next,
//! and a running rollout must not notice.

use crate::plan::{Guardrail, Kind, Plan, State, TimeUnit};

use super::Issue;

/// The version of this judge. Records hold that of theirs; a record of the same version is made again
/// to the last digit. What each version changed:
///
/// 1. (also where no version is written)
/// 2. Evidence that leans to a breach does not pass; a pass needs ten expected clusters in place of
///    ten events; every boundary of a latency must pass in place of their mean; a limit in a string,
///    such as `"500ms"`, has its own unit also against a histogram of milliseconds.
/// 3. Counts: noise is learnt at several scales, over days of the unexposed arm's instances, and told
///    apart into clumps and drift; arms are granted a drift that no past shows; arms on instances of
///    their own are granted the spread of instances, and pass by no more than a draw of them may give; where
///    no past is known the groups of the stage itself teach from its sixth block on, and are remembered by
///    the next one; in the first part of a stage only gross harm counts; sudden harm is looked for at every block. What a pass may err is spent over looks from
///    `min_duration` on, and its dispersion is no less than the unexposed arm has shown. Levels are
///    tested as wandering for hours, and their evidence is weighed stage by stage; a mean is never surer
///    than the unexposed arm's units let it be, and blocks are merged until both arms hold one; a share
///    that must not fall is judged by its failures where it is near 1; the boundaries of a latency are
///    chosen by the past, or by blocks that are no evidence then, reach beyond the quantile, and where
///    requests are many their evidence is capped by that of a level that wanders; no pass stands while the
///    newest blocks are missing.
pub const VERSION: u32 = 3;

/// Whether evidence that a judge of this version carried out of a stage means to this one what it
/// meant to that one. Evidence of harm that is carried means the same in versions 1 to 3 (the third
/// carries none of levels); what a later program wrote may mean anything.
#[must_use]
pub const fn understands(version: u32) -> bool {
    version >= State::FIRST_JUDGE && version <= VERSION
}

/// What earlier stages left in the plan's state, where this judge can use it.
pub(super) fn usable(plan: &Plan) -> Option<&State> {
    plan.state.as_ref().filter(|state| understands(state.judge))
}

/// That a guardrail's carried evidence is not used.
pub(super) fn dropped(plan: &Plan, guardrail: &str) -> Option<Issue> {
    let state = plan.state.as_ref().filter(|s| !understands(s.judge))?;
    let carried = state.carried.contains_key(guardrail) || state.dispersion.contains_key(guardrail);
    carried.then_some(Issue::OtherJudge { judge: state.judge })
}

/// That the limit of a running plan means something else than it did: the first judge read
/// `"500ms"` as half of whatever the histogram counts in.
pub(super) fn limit_read_anew(plan: &Plan, guardrail: &Guardrail) -> Option<Issue> {
    let state = plan.state.as_ref()?;
    let in_ms = match guardrail.metric.kind {
        Kind::Latency { unit, .. } => unit == TimeUnit::Milliseconds,
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => false,
    };
    let limit = guardrail.limit.filter(|_| in_ms)?;
    (state.judge == State::FIRST_JUDGE && state.outdates(guardrail))
        .then_some(Issue::LimitReadAnew { limit })
}
