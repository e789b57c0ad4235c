//! A plain threshold over consecutive blocks, as Argo Rollouts and Flagger have it. It has no error
//! control: looked at often enough, noise alone will breach it. The report says so.

use crate::plan::PointBound;
use crate::units::LogE;

use super::{ArmTotals, Measure, Scale};

/// What a threshold finds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PointFinding {
    /// So many bad blocks in a row were seen at some look.
    pub(super) breached: bool,
    /// The latest run of blocks, as long as a breach would need, is good throughout.
    pub(super) good: bool,
    /// Bad blocks in a row at the last look.
    pub(super) run: u32,
    /// The numbers for the report.
    pub(super) measure: Measure,
}

/// Counts bad blocks in a row. A missing block neither fails nor forgives.
pub(super) fn point(values: &[f64], bound: &PointBound, consecutive: u32) -> PointFinding {
    let (threshold, bad): (f64, fn(f64, f64) -> bool) = match bound {
        PointBound::Max(bound) => (bound.value, |value, bound| value > bound),
        PointBound::Min(bound) => (bound.value, |value, bound| value < bound),
    };
    let needed = consecutive.max(1);
    let (mut run, mut good_run, mut breached) = (0_u32, 0_u32, false);
    for &value in values {
        if bad(value, threshold) {
            run += 1;
            good_run = 0;
        } else {
            run = 0;
            good_run += 1;
        }
        breached |= run >= needed;
    }
    let latest = values.last().copied();
    PointFinding {
        breached,
        good: good_run >= needed,
        run,
        measure: Measure {
            scale: Scale::Level,
            estimate: latest,
            lower: None,
            upper: None,
            margin: Some(threshold),
            rule_out: None,
            log_e_breach: LogE::NONE,
            log_e_breach_peak: LogE::NONE,
            log_e_pass: Some(LogE::NONE),
            dispersion: 1.0,
            belief: None,
            noise: None,
            boundaries: None,
            expected_wait: None,
            exposed: ArmTotals {
                events: None,
                total: None,
                value: latest,
                between: None,
            },
            unexposed: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Bound;

    fn max(value: f64) -> PointBound {
        PointBound::Max(Bound::plain(value).unwrap())
    }

    #[test]
    fn bad_blocks_in_a_row_are_a_breach_and_stay_one() {
        let found = point(&[1.0, 9.0, 9.0, 9.0, 1.0, 1.0, 1.0], &max(5.0), 3);
        assert!(found.breached);
        assert!(found.good);
    }

    #[test]
    fn a_good_block_between_bad_ones_forgives() {
        let found = point(&[9.0, 9.0, 1.0, 9.0, 9.0], &max(5.0), 3);
        assert!(!found.breached);
        assert_eq!(found.run, 2);
        assert!(!found.good);
    }

    #[test]
    fn a_minimum_is_bad_below() {
        let bound = PointBound::Min(Bound::plain(5.0).unwrap());
        assert!(point(&[1.0, 2.0], &bound, 2).breached);
        assert!(!point(&[5.0, 6.0], &bound, 1).breached);
    }

    #[test]
    fn no_block_is_neither_good_nor_bad() {
        let found = point(&[], &max(5.0), 1);
        assert!(!found.breached && !found.good);
    }
}
