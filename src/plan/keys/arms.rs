//! The keys of `[arms]`, the default in `config.toml` and a plan's own.

use super::key::Need::{Default, Optional, Required};
use super::key::Shape::{ArmValue, Label, Text};
use super::key::{Key, Part, Table, keys, nothing};

/// The default for all plans.
pub(in crate::plan) const ARMS: Table = Table {
    header: "`[arms]`",
    parts: &[Part::Keys(default::KEYS)],
    either: nothing,
};

/// A plan's own.
pub(in crate::plan) const ARMS_OF_PLAN: Table = Table {
    header: "`[arms]` of a plan",
    parts: &[Part::Keys(own::KEYS)],
    either: nothing,
};

/// A regular expression in place of a text.
pub(in crate::plan) const PATTERN: Table = Table {
    header: "A value of `[arms]`",
    parts: &[Part::Keys(pattern::KEYS)],
    either: nothing,
};

/// The keys of one of the tables.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct ArmsKeys {
    pub(in crate::plan) table: &'static Table,
    pub(in crate::plan) label: &'static Key,
    pub(in crate::plan) exposed: &'static Key,
    pub(in crate::plan) unexposed: &'static Key,
}

/// Those of the default.
pub(in crate::plan) const DEFAULT: ArmsKeys = ArmsKeys {
    table: &ARMS,
    label: default::LABEL,
    exposed: default::EXPOSED,
    unexposed: default::UNEXPOSED,
};

/// Those of a plan's own.
pub(in crate::plan) const OWN: ArmsKeys = ArmsKeys {
    table: &ARMS_OF_PLAN,
    label: own::LABEL,
    exposed: own::EXPOSED,
    unexposed: own::UNEXPOSED,
};

keys! {
    /// `[arms]` of `config.toml`.
    default {
        /// The label that tells the arms apart.
        LABEL "label": Label, Default("\"variant\""), "\"variant\"";
        /// Its value for users who see the change, or { regex = "..." } for several values.
        EXPOSED "exposed": ArmValue(&PATTERN), Default("\"treatment\""), "\"treatment\"";
        /// Its value for users who do not, or { regex = "..." } for several values.
        UNEXPOSED "unexposed": ArmValue(&PATTERN), Default("\"control\""), "\"control\"";
    }
}

keys! {
    /// `[arms]` of a plan: without a key it is as in config.toml.
    own {
        /// The label that tells the arms of this plan apart; without it that of config.toml.
        LABEL "label": Label, Optional, "\"version\"";
        /// Its value for users who see the change, or { regex = "..." }; without it that of config.toml.
        EXPOSED "exposed": ArmValue(&PATTERN), Optional, "\"treatment\"";
        /// Its value for users who do not, or { regex = "..." }; without it that of config.toml.
        UNEXPOSED "unexposed": ArmValue(&PATTERN), Optional, "\"control\"";
    }
}

keys! {
    /// `{ regex = ".." }`.
    pattern {
        /// A regular expression of Prometheus that all of the value must fit; it must not fit an empty
        /// text, nor any value of the other arm.
        REGEX "regex": Text, Required("write `regex = \"7f9c.*\"`"), "\"7f9c.*\"";
    }
}
