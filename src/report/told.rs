//! Which faults of a guardrail's evidence are told beside its verdict. What is proven is not doubted in the
//! next line, and advice that would change nothing is not given. Programs get all of them.

use crate::judge::{Finding, Issue, Verdict};

/// The faults that a reader has to know.
pub(super) fn told(finding: &Finding) -> impl Iterator<Item = &Issue> {
    finding
        .issues
        .iter()
        .filter(|issue| is_told(issue, finding.verdict))
}

const fn is_told(issue: &Issue, verdict: Verdict) -> bool {
    match issue {
        // Advice on how to see more: of use to whoever does not see enough.
        Issue::Bursty { .. } => match verdict {
            Verdict::Inconclusive | Verdict::NoData(_) => true,
            Verdict::Pass | Verdict::Breach | Verdict::NotApplicable => false,
        },
        // What cannot be told apart is told apart where harm is proven.
        Issue::Unprovable(_) | Issue::TailUnjudged { .. } => match verdict {
            Verdict::Pass | Verdict::Inconclusive | Verdict::NoData(_) => true,
            Verdict::Breach | Verdict::NotApplicable => false,
        },
        Issue::Measured(_)
        | Issue::Pooled { .. }
        | Issue::NotInSnapshot
        | Issue::NoColumn { .. }
        | Issue::MoreThanTotal { .. }
        | Issue::NobodyExposed
        | Issue::EventsUnborn { .. }
        | Issue::NoBlocks { .. }
        | Issue::Stopped { .. }
        | Issue::ExposedStopped { .. }
        | Issue::BlocksMissing { .. }
        | Issue::NoBuckets
        | Issue::Unbounded { .. }
        | Issue::NoBoundNear { .. }
        | Issue::BoundsDiffer { .. }
        | Issue::LimitBeyondBounds { .. }
        | Issue::OnlyAtFirst { .. }
        | Issue::OtherJudge { .. }
        | Issue::LimitReadAnew { .. } => true,
    }
}
