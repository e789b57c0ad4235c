//! What is learnt of a metric's noise. It is found in `learn`, and from what stages leave in `left`.

/// A squared sum of clumps has six times the variance of its own square when half of the events are in
/// clumps of exponential sizes (the fourth moment of an exponential variable is 24, over 4).
pub(super) const KURTOSIS_OF_CLUMPS: f64 = 6.0;

/// What is known of a metric's noise from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learnt {
    /// Dispersion of clumps: variance over mean, at least 1.
    pub clumps: f64,
    /// What drift adds to it for each unit of the information in five minutes.
    pub drift: f64,
    /// What it counts for against the stage's own blocks, in blocks.
    pub weight: f64,
    /// Degrees of freedom of what it was learnt from.
    pub freedom: f64,
    /// Over so many times five minutes drift was seen to add up.
    pub span: f64,
}
