//! Running totals of what a dispersion is measured on, which measuring and believing share.

/// Running totals of an observation's terms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Blocks.
    pub blocks: f64,
    /// Events of the (exposed) arm.
    pub events: f64,
    /// Total of the (exposed) arm.
    pub total: f64,
    /// Events of the other arm.
    pub other_events: f64,
    /// Total of the other arm.
    pub other_total: f64,
    /// Events expected in the exposed arm if both arms were alike.
    pub expected: f64,
    /// Variance of the split if both arms were alike and events independent.
    pub spread: f64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.blocks += other.blocks;
        self.events += other.events;
        self.total += other.total;
        self.other_events += other.other_events;
        self.other_total += other.other_total;
        self.expected += other.expected;
        self.spread += other.spread;
    }

    pub(super) fn since(&self, start: &Self) -> Self {
        Self {
            blocks: self.blocks - start.blocks,
            events: self.events - start.events,
            total: self.total - start.total,
            other_events: self.other_events - start.other_events,
            other_total: self.other_total - start.other_total,
            expected: self.expected - start.expected,
            spread: self.spread - start.spread,
        }
    }
}

/// Largest dispersion used for a comparison of arms; beyond it a metric cannot be judged.
pub(super) const CAP_TWO_ARMS: f64 = 50.0;
