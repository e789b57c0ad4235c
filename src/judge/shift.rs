//! How far a margin lets a quantile move, and whether buckets are fine enough to prove it. Knows the bounds alone, no counts.

use crate::plan::Compared;
use crate::units::Effect;

/// Which setting asks something of the buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// `margin`.
    Margin,
    /// `rule_out`.
    RuleOut,
}

/// What buckets cannot prove.
#[derive(Debug, Clone, PartialEq)]
pub struct Unprovable {
    /// The setting that asks for it.
    pub asks: Asks,
    /// The quantile.
    pub quantile: f64,
    /// The bounds next to it, in seconds.
    pub near: Vec<f64>,
    /// So much longer it would have to be told from unexposed.
    pub asked: Shift,
    /// The least they can prove, where there is any.
    pub least: Option<Least>,
}

/// The least that buckets can prove, rounded up to what can be written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Least {
    /// So many seconds.
    Seconds(f64),
    /// So many percent.
    Percent(f64),
}

/// How far a quantile may move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shift {
    /// By so many seconds.
    Seconds(f64),
    /// By this factor.
    Factor(f64),
}

impl Shift {
    /// What a margin says of the quantile; `None` where it speaks of the share beyond it.
    pub(super) fn of(effect: Effect, compared: Compared) -> Option<Self> {
        match (effect, compared) {
            (Effect::Absolute(seconds), _) => Some(Self::Seconds(seconds)),
            (Effect::Relative(share), Compared::Quantile) => Some(Self::Factor(1.0 + share)),
            (Effect::Ratio(factor), Compared::Quantile) => Some(Self::Factor(factor)),
            (Effect::Relative(_) | Effect::Ratio(_), Compared::Share) | (Effect::Points(_), _) => {
                None
            }
        }
    }

    /// Where an unexposed request would have ended that ends here exposed.
    fn back(self, at: f64) -> f64 {
        match self {
            Self::Seconds(seconds) => at - seconds,
            Self::Factor(factor) => at / factor,
        }
    }

    /// The unexposed arm's boundary that proves a breach at this one of the exposed arm: if latencies
    /// are longer by no more than this, exposed requests beyond `bound` are no more common than
    /// unexposed ones beyond any boundary at least so much below.
    pub(super) fn not_above(self, bounds: &[f64], bound: usize) -> Option<usize> {
        let back = self.back(bounds[bound]);
        bounds.iter().rposition(|b| *b <= back)
    }

    /// The unexposed arm's boundary that rules this much out at this one of the exposed arm: the
    /// nearest one at most so much below. None where there is none below at all, since equal arms
    /// would then never pass.
    pub(super) fn not_below(self, bounds: &[f64], bound: usize) -> Option<usize> {
        let back = self.back(bounds[bound]);
        bounds[..bound].iter().position(|b| *b >= back)
    }

    /// Whether the buckets next to the quantile are closer together than this.
    ///
    /// # Errors
    /// With the cure, when they are not.
    pub(super) fn provable(
        self,
        asks: Asks,
        bounds: &[f64],
        chosen: &[usize],
        quantile: f64,
    ) -> Result<(), Unprovable> {
        let ruled_out = chosen.iter().any(|&b| self.not_below(bounds, b).is_some());
        let breached = chosen.iter().any(|&b| self.not_above(bounds, b).is_some());
        if ruled_out && breached {
            return Ok(());
        }
        let least = chosen
            .iter()
            .filter_map(|&b| self.least(bounds, b))
            .min_by(|a, b| a.number().total_cmp(&b.number()));
        Err(Unprovable {
            asks,
            quantile,
            near: chosen.iter().map(|&b| bounds[b]).collect(),
            asked: self,
            least,
        })
    }

    /// The least of its sort that can be proven at a boundary.
    fn least(self, bounds: &[f64], bound: usize) -> Option<Least> {
        let (at, below) = (bounds[bound], bounds[bound.checked_sub(1)?]);
        Some(match self {
            Self::Seconds(_) => Least::Seconds(ceiling(at - below, 1e3)),
            Self::Factor(_) => Least::Percent(ceiling(100.0 * (at / below - 1.0), 1.0)),
        })
    }
}

impl Least {
    const fn number(self) -> f64 {
        match self {
            Self::Seconds(number) | Self::Percent(number) => number,
        }
    }
}

/// Rounded up to so many parts of one, but for rounding errors of the input.
fn ceiling(number: f64, parts: f64) -> f64 {
    (number * parts - 1e-6).ceil() / parts
}
