//! Verdicts as people read them.

use crate::judge::Verdict;

/// In words, where programs have a key.
pub(in crate::report) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NoData(_) => "no data",
        Verdict::NotApplicable => "not applicable",
        Verdict::Pass | Verdict::Breach | Verdict::Inconclusive => verdict.key(),
    }
}
