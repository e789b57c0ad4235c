//! Why a command of a person is not carried out.

use std::fmt;

use crate::decide::Reason;
use crate::decide::by_hand::Refusal;

use super::sentence::Sentence;

impl Sentence for Refusal {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToPause { plan, status } => {
                write!(f, "{plan} is {}: there is nothing to pause", status.key())
            }
            Self::ResumeLatched { plan } => write!(
                f,
                "{plan} is rolled back, not paused: `rollout retry {plan}` starts it again"
            ),
            Self::NotRolledBack { plan, status } => write!(
                f,
                "{plan} is {}, not rolled back: there is nothing to retry",
                status.key()
            ),
            Self::NoSuchStage {
                plan,
                stage,
                stages,
            } => write!(
                f,
                "{plan} has no stage {stage}: write `--from-stage` with a number from 1 to {stages}"
            ),
            Self::NoApprovalAsked { plan } => write!(
                f,
                "{plan} does not wait for approval: its present stage requires none"
            ),
            Self::GatesClosed { plan, reasons } => write!(
                f,
                "{plan} cannot be approved yet: {}; approve when nothing else is in the way",
                sentences(reasons)
            ),
        }
    }
}

fn sentences(reasons: &[Reason]) -> String {
    let texts: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
