//! What is read from a target's text.

use crate::plan::Mistake;
use crate::units::Exposure;

/// What a text shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// So many users, whoever wrote it.
    Exposure(Exposure),
    /// Nobody, whatever the numbers say: the flag is switched off.
    Off,
    /// Nobody knows how many, whatever the numbers say, which are these: something beside them gives the
    /// change to everybody.
    Overruled(Exposure, Box<Mistake>),
    /// No whole picture: the numbers do not belong together, or a file that is written as a whole is not
    /// as it is written. Another exposure can be written over it.
    Unclear(Box<Mistake>),
}

/// How a text stands to what the plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It shows what the plan says, as finely as its kind can.
    Same,
    /// It exposes only so many.
    Less(Exposure),
    /// It exposes as many as this.
    More(Exposure),
    /// It exposes nobody, whatever the numbers say: the flag is switched off.
    Off,
    /// Something beside the numbers gives the change to everybody, while the plan does not.
    Overruled(Box<Mistake>),
    /// It says nothing that could be compared.
    Unclear(Box<Mistake>),
}
