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
