//! One way in which a difference of levels may vary: a first-order autoregression with white noise.

/// How a difference may vary. The stationary variance of its correlated part is the unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parameter {
    /// Correlation time in seconds; 0 where there is none.
    pub(super) time: f64,
    /// Correlation from one block to the next.
    pub(super) carried: f64,
    /// Variance of the white noise.
    pub(super) white: f64,
    /// Information on a mean after as many blocks as the mixture is tightest at.
    pub(super) tightest: f64,
}

impl Parameter {
    /// The same noise in blocks of another length, for a filter that no evidence is taken from.
    pub(super) fn in_blocks_of(&self, seconds: f64) -> Self {
        Self {
            carried: if self.time > 0.0 {
                (-seconds / self.time).exp()
            } else {
                0.0
            },
            ..*self
        }
    }
}
