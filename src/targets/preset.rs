//! What a row of the table of presets says: where in its file a kind keeps the exposure, and how.

use super::beside::{Beside, Scene};
use super::documents::Format;
use super::node::Node;
use super::split::Split;
use super::unit::Unit;
use crate::plan::{Mistake, Piece, Pointer};

/// How a kind keeps the exposure.
#[derive(Debug)]
pub(super) enum Preset<'t> {
    /// As numbers in a file that is somebody's own otherwise.
    Numbers(Numbers<'t>),
    /// As a file that is written as a whole.
    WholeFile(WholeFile),
}

/// Numbers in a file.
#[derive(Debug)]
pub(super) struct Numbers<'t> {
    /// The format of the file; `None` where the file says it.
    pub(super) format: Option<Format>,
    /// The way to the flag or to the resource.
    pub(super) root: Vec<Step<'t>>,
    /// What switches the flag off.
    pub(super) off: Option<Off>,
    /// The way from there to what holds the numbers.
    pub(super) within: Vec<Step<'t>>,
    /// The numbers in what was found.
    pub(super) arms: Arms<'t>,
    /// True where all that is found splits the same users, so that all change together; else there
    /// must be one.
    pub(super) several: bool,
    /// True where all must stand in one resource, which a service has of its own.
    pub(super) one_resource: bool,
    /// What the numbers mean, where the file says nothing else.
    pub(super) unit: Unit,
    /// What they mean by what the file says beside them.
    pub(super) unit_in: fn(Unit, &Split<'_>) -> Unit,
    /// What reads the file takes JSON without comments and trailing commas alone.
    pub(super) strict: bool,
    /// What beside the numbers keeps users from getting what they say: asked with the flag or the
    /// resource, and with what holds the numbers.
    pub(super) faults: fn(&Node, &Node) -> Vec<Mistake>,
    /// What beside the numbers gives users the change.
    pub(super) beside: fn(&Scene<'_, '_>) -> Vec<Beside>,
}

impl Numbers<'_> {
    /// One number somewhere in a file, which nothing else switches off or overrules.
    pub(super) fn of(unit: Unit) -> Self {
        Self {
            format: None,
            root: Vec::new(),
            off: None,
            within: Vec::new(),
            arms: Arms::Alone { number: "" },
            several: false,
            one_resource: false,
            unit,
            unit_in: |unit, _| unit,
            strict: false,
            faults: |_, _| Vec::new(),
            beside: |_| Vec::new(),
        }
    }
}

/// What switches a flag off, whatever its numbers say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Off {
    /// This key with this word.
    With(&'static str, &'static str),
    /// This key with any other word than this, or its absence.
    Without(&'static str, &'static str),
}

/// Ways to a text, each the keys that lead to it; the first counts that leads to one.
pub(super) type Ways = &'static [&'static [&'static str]];

/// A step of the way through a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'t> {
    /// The value of this key.
    Key(&'t str),
    /// The value of the key that is written in one of these ways.
    Spelled(&'static [&'static str]),
    /// Every item of a list.
    Each,
    /// The values of this key, however deep they stand.
    Below(&'static str),
    /// Only those with this text at the end of one of these ways.
    Where(Ways, &'t str),
    /// Only those with one of these keys.
    With(&'static [&'static str]),
}

/// The numbers of the arms in what holds them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arms<'t> {
    /// A list of pairs, `["on", 5]`.
    Pairs {
        /// The name in the exposed pair.
        exposed: &'t str,
    },
    /// A map from names to numbers.
    Names {
        /// The name of the exposed number.
        exposed: &'t str,
    },
    /// A list of maps, each with a name and a number.
    Members {
        /// Where the name stands: the first of these ways that there is.
        names: Ways,
        /// The key of the number.
        number: &'static str,
        /// The name of the exposed member.
        exposed: &'t str,
        /// The name of the other; `None` where it is whatever else there is.
        rest: Option<&'t str>,
    },
    /// One number.
    Alone {
        /// Its key.
        number: &'static str,
    },
    /// A rule of GrowthBook: weights by position where it has variations, else its coverage.
    Rule {
        /// The position of the exposed variation.
        exposed: &'t str,
    },
    /// Where pointers lead.
    Pointers {
        exposed: &'t Pointer,
        rest: Option<&'t Pointer>,
    },
}

impl<'t> Arms<'t> {
    /// The name of what exposed users get, where the numbers belong to names.
    pub(super) const fn exposed(&self) -> &'t str {
        match *self {
            Self::Pairs { exposed }
            | Self::Names { exposed }
            | Self::Members { exposed, .. }
            | Self::Rule { exposed } => exposed,
            Self::Alone { .. } | Self::Pointers { .. } => "",
        }
    }

    /// The name of what the others get, where the target says it.
    pub(super) const fn rest(&self) -> Option<&'t str> {
        match *self {
            Self::Members { rest, .. } => rest,
            Self::Pairs { .. }
            | Self::Names { .. }
            | Self::Alone { .. }
            | Self::Rule { .. }
            | Self::Pointers { .. } => None,
        }
    }
}

/// A file that is written as a whole.
#[derive(Debug)]
pub(super) struct WholeFile {
    /// What is written where nobody is exposed, if not as for the others.
    pub(super) nobody: Option<String>,
    /// What is written where everybody is exposed, if not as for the others.
    pub(super) everybody: Option<String>,
    /// What is written for the others.
    pub(super) pieces: Vec<Piece>,
}
