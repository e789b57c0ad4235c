//! What the remote does not have, in words: why, where it is meanwhile, and what to do about it.

use std::fmt::{self, Display, Formatter};

use super::carry::Moved;
use super::run::LOCKED_THERE;

/// What was not pushed, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// What git said.
    pub said: String,
    /// Plans whose transitions are written and committed here: rollbacks and people's words, which the
    /// next run with a push pushes.
    pub kept: Vec<String>,
    /// Plans whose transitions of this run were taken back here.
    pub taken_back: Vec<String>,
    /// How the branch moved before.
    pub moved: Moved,
}

impl Display for Unpublished {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            said,
            kept,
            taken_back,
            moved: _,
        } = self;
        write!(f, "git push failed: {said}")?;
        if !taken_back.is_empty() {
            let names = taken_back.join(", ");
            write!(f, "; taken back here: {names}")?;
        }
        if !kept.is_empty() {
            let names = kept.join(", ");
            write!(f, "; written and committed here, but not pushed: {names}")?;
        }
        Ok(())
    }
}

impl Unpublished {
    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        let after = if self.kept.is_empty() {
            "then run again"
        } else {
            "then run this again, or push by hand; the next run with --push pushes it too"
        };
        if self.said.contains(LOCKED_THERE) {
            return format!(
                "let the other git there finish; if there is none, remove that file there, {after}"
            );
        }
        format!("see that the remote can be reached and may be written to, {after}")
    }
}
