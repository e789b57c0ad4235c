//! The end of an interval beyond which a pass excludes: on what it is found, and where it is.

use crate::stats::{Apart, Condensed, PairedTest};

/// On what it is found.
#[derive(Debug, Clone)]
pub(super) enum Measured {
    /// Counts, what they are tempered by, and how much the arms differ for good.
    Counts {
        condensed: Condensed,
        dispersion: f64,
        apart: Apart,
    },
    /// Paired blocks.
    Means(Box<PairedTest>),
    /// Its ends are what they are, such as bucket bounds.
    Fixed,
}

/// What is asked of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// It is a ratio and not a difference.
    pub(super) relative: bool,
    /// It is the upper end.
    pub(super) upwards: bool,
    /// So many standard errors exclude.
    pub(super) needed: f64,
}

impl Measured {
    /// The end, which may be unbounded; `None` where it stays what it is.
    pub(super) fn end(&self, asked: Asked) -> Option<Option<f64>> {
        let Asked {
            relative,
            upwards,
            needed,
        } = asked;
        match self {
            Self::Counts {
                condensed,
                dispersion,
                apart,
            } => Some(condensed.end(relative, upwards, needed, (*dispersion, *apart))),
            Self::Means(test) => Some(test.end(relative, upwards, needed)),
            Self::Fixed => None,
        }
    }
}
