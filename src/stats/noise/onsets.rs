//! When harm may have begun within a stage: from its start, at a restart every other hour, or a moment
//! ago. Weights that sum to one make the mixture an e-process, whatever they are.

use super::super::onset::falling;

/// The onsets that are looked for, and their weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Onsets {
    /// Weight of the start of the stage.
    pub start: f64,
    /// Blocks between restarts that last to the end of the stage; 0 is never.
    pub every: usize,
    /// After so many restarts their weights fall: nearly even over a day.
    pub horizon: f64,
    /// Weight of harm that shows at once, at every block.
    pub sudden: f64,
    /// Not before so many blocks have shown how noisy the arms are.
    pub heard: usize,
    /// After so many blocks its evidence is final: what was not found by then is left to the others.
    pub lasting: usize,
}

impl Onsets {
    /// Restarts every hour of so many blocks. Most harm is there from the first request on; what is left for late onsets costs them a factor
    /// that their evidence makes up for within minutes.
    #[must_use]
    pub const fn usual(every: usize) -> Self {
        Self {
            start: 0.75,
            every,
            horizon: 24.0,
            sudden: 0.05,
            heard: 12,
            lasting: 12,
        }
    }

    /// Weight of all restarts that last.
    pub(super) fn lasting_weight(&self) -> f64 {
        (1.0 - self.start - self.sudden).max(0.0)
    }

    /// The weight of the restart with this number, from 0.
    pub(super) fn restart(&self, i: usize) -> f64 {
        falling(self.lasting_weight(), i as f64, self.horizon)
    }

    /// The weight of harm that begins suddenly with this block, from 0.
    pub(super) fn suddenly(&self, i: usize) -> f64 {
        falling(
            self.sudden,
            i as f64,
            self.horizon * self.every.max(1) as f64,
        )
    }

    /// Whether a restart is due before the block with this number, from 0.
    pub(super) const fn is_due(&self, block: usize) -> bool {
        self.every > 0 && block > 0 && block.is_multiple_of(self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_weights_sum_to_one() {
        let onsets = Onsets::usual(24);
        let restarts: f64 = (0..1_000_000).map(|i| onsets.restart(i)).sum();
        let sudden: f64 = (0..1_000_000).map(|i| onsets.suddenly(i)).sum();
        let all = onsets.start + restarts + sudden;
        assert!((all - 1.0).abs() < 1e-3, "{all}");
        assert!(all < 1.0);
    }
}
