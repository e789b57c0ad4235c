//! How the heights of a plot are laid out.

/// How heights are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Equal distances for equal differences.
    Linear,
    /// Equal distances for equal factors; for ratios.
    Log,
    /// Equal distances for equal differences of square roots: one percent and a hundred both show.
    Root,
}

impl Axis {
    /// Where a value lies, on a scale of equal distances.
    pub(super) fn bend(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            // A ratio of zero lies below every axis; its place is clipped to the edge anyway.
            Self::Log => value.max(1e-9).ln(),
            Self::Root => value.max(0.0).sqrt(),
        }
    }
}

/// About five round values.
pub(super) fn ticks(axis: Axis, low: f64, high: f64) -> Vec<f64> {
    match axis {
        Axis::Log => {
            let all = [
                0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0,
            ];
            let inside: Vec<f64> = all
                .into_iter()
                .filter(|at| (low..=high).contains(at))
                .collect();
            // Neighbours closer than a twelfth of the height would touch.
            let least = (high / low).ln() / 12.0;
            let mut kept: Vec<f64> = Vec::new();
            for at in inside {
                if kept.last().is_none_or(|last| (at / last).ln() >= least) {
                    kept.push(at);
                }
            }
            kept
        }
        Axis::Linear | Axis::Root => {
            let step = 10_f64.powf(((high - low) / 5.0).log10().floor());
            let step = [1.0, 2.0, 5.0, 10.0]
                .map(|factor| factor * step)
                .into_iter()
                .find(|step| (high - low) / step <= 6.0)
                .unwrap_or(step * 10.0);
            let first = (low / step).ceil() * step;
            (0..8)
                .map(|index| first + f64::from(index) * step)
                .filter(|at| *at <= high)
                .collect()
        }
    }
}
