//! Columns and arms as facts on the wire name them.

use serde::{Deserialize, Serialize};

use crate::plan::{Arm, Column, Word as _};

/// A column by its key in plans.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub(super) struct Key(pub(super) Column);

impl TryFrom<String> for Key {
    type Error = &'static str;

    fn try_from(key: String) -> Result<Self, Self::Error> {
        Column::from_word(&key).map(Self).ok_or("unknown column")
    }
}

impl From<Key> for &'static str {
    fn from(Key(column): Key) -> Self {
        column.key()
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Side {
    Exposed,
    Unexposed,
}

impl From<Arm> for Side {
    fn from(arm: Arm) -> Self {
        match arm {
            Arm::Exposed => Self::Exposed,
            Arm::Unexposed => Self::Unexposed,
        }
    }
}

impl From<Side> for Arm {
    fn from(side: Side) -> Self {
        match side {
            Side::Exposed => Self::Exposed,
            Side::Unexposed => Self::Unexposed,
        }
    }
}
