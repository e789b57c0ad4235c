//! Shares with their intervals, and medians, as cells of a table.

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) of: usize,
    pub(crate) count: usize,
}

impl Share {
    pub(crate) fn of<T>(all: &[T], is: impl Fn(&T) -> bool) -> Self {
        Self {
            of: all.len(),
            count: all.iter().filter(|one| is(one)).count(),
        }
    }

    pub(crate) fn percent(self) -> f64 {
        100.0 * self.count as f64 / self.of.max(1) as f64
    }

    /// Wilson's 95 % interval, in percent.
    fn interval(self) -> (f64, f64) {
        const Z: f64 = 1.959_964;
        let n = self.of.max(1) as f64;
        let p = self.count as f64 / n;
        let middle = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 100.0 / (1.0 + Z * Z / n);
        (
            (scale * (middle - half)).max(0.0),
            (scale * (middle + half)).min(100.0),
        )
    }
}

/// Percent, with its 95 % interval; bold where the interval lies beyond a budget of 5.
impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (low, high) = self.interval();
        let percent = self.percent();
        let bold = if low > 5.0 { "**" } else { "" };
        write!(f, "{bold}{percent:.1}{bold} ({low:.1}-{high:.1})")
    }
}

/// The median in words, those that were never found counted as endless; and the share that was found, where
/// it is not all of them.
pub(crate) fn median(times: impl Iterator<Item = Option<f64>>) -> String {
    let mut times: Vec<f64> = times.map(|time| time.unwrap_or(f64::INFINITY)).collect();
    times.sort_by(f64::total_cmp);
    let found = times.iter().filter(|time| time.is_finite()).count();
    let middle = crate::hours(times[times.len() / 2]);
    if found == times.len() {
        middle
    } else {
        format!(
            "{middle} ({:.0} %)",
            100.0 * found as f64 / times.len() as f64
        )
    }
}
