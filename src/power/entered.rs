//! A plan as it would stand within one of its stages; a ramp is cut into stages first.

use crate::plan::{Plan, Schedule, State, Status};
use crate::units::{Digest, Exposure, Instant, LogE};

/// The plan as it would stand in this stage, with what earlier stages left.
pub(super) fn entered(
    plan: &Plan,
    stage: u32,
    exposure: Exposure,
    carried: &[(String, LogE)],
) -> Plan {
    let mut plan = plan.clone();
    plan.state = Some(State {
        status: Status::Progressing,
        stage,
        exposure,
        entered_at: Instant::default(),
        declared: Digest::of(b""),
        evidence: None,
        definitions: Default::default(),
        restarts: Default::default(),
        judge: crate::judge::VERSION,
        carried: carried.iter().cloned().collect(),
        dispersion: Default::default(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    });
    plan
}

/// A ramp is shown in so many pieces, each as a stage: enough to see where it can see, few enough
/// to read.
const PIECES: u32 = 5;

/// The plan with stages: its own, or the pieces of its ramp.
pub(super) fn course(plan: &Plan) -> Plan {
    match &plan.course {
        Schedule::Stages(_) => plan.clone(),
        Schedule::Ramp(ramp) => Plan {
            course: Schedule::Stages(ramp.pieces(PIECES)),
            ..plan.clone()
        },
    }
}
