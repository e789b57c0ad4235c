//! A place beside the numbers, and what is looked at to find it.

use std::ops::Range;

use super::super::node::Node;
use super::super::split::Split;
use crate::plan::{Mistake, MistakeCode};

/// What is looked at: a file, and in it the numbers that share its users.
pub(in crate::targets) struct Scene<'n, 't> {
    /// All documents of the file.
    pub(in crate::targets) documents: &'n [Node],
    /// The numbers, with what holds them.
    pub(in crate::targets) splits: &'n [Split<'n>],
    /// The name of what exposed users get.
    pub(in crate::targets) exposed: &'t str,
    /// The name of what the others get, where the target names it.
    pub(in crate::targets) rest: Option<&'t str>,
    /// The flag is switched off.
    pub(in crate::targets) is_off: bool,
}

/// Whom a place beside the numbers exposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::targets) enum Reach {
    /// Everybody, or everybody whom no rule selects: nothing bounds them.
    Everybody,
    /// Those whom a rule selects.
    Selected,
    /// Nobody as it stands.
    Nobody,
}

/// A place beside the numbers that gives users the change.
#[derive(Debug, Clone)]
pub(in crate::targets) struct Beside {
    pub(in crate::targets) reach: Reach,
    pub(in crate::targets) at: Range<usize>,
    /// What it is and does.
    message: String,
    cure: String,
}

impl Beside {
    /// It gives the change to everybody, or to everybody whom no rule selects.
    pub(super) fn everybody(at: &Range<usize>, message: impl Into<String>, cure: &str) -> Self {
        Self {
            reach: Reach::Everybody,
            at: at.clone(),
            message: message.into(),
            cure: cure.to_owned(),
        }
    }

    /// A thing of this name gives it to those whom it selects.
    pub(super) fn selected(at: &Range<usize>, what: &str) -> Self {
        Self {
            reach: Reach::Selected,
            at: at.clone(),
            message: format!(
                "{what} gives the change to all whom it selects, whatever the plan says"
            ),
            cure:
                "let it be where they are meant to have the change: no rollback takes it from them"
                    .to_owned(),
        }
    }

    /// A rule of this name, which gives it to those whom it selects, or to everybody.
    pub(super) fn rule(selects: bool, at: &Range<usize>, what: &str) -> Self {
        if selects {
            return Self::selected(at, what);
        }
        Self::everybody(
            at,
            format!("{what} gives the change to everybody: it says not for whom it is"),
            "remove it, or write whom it is for",
        )
    }

    /// What is worth knowing, and exposes so many.
    pub(super) fn told(reach: Reach, at: &Range<usize>, message: &str, cure: &str) -> Self {
        Self {
            reach,
            at: at.clone(),
            message: message.to_owned(),
            cure: cure.to_owned(),
        }
    }

    /// What is said of it: a mistake where the numbers mean nothing, else a warning.
    pub(in crate::targets) fn mistake(&self) -> Mistake {
        let code = MistakeCode::TargetOverruled;
        let made = match self.reach {
            Reach::Everybody => Mistake::error(code, self.at.clone(), self.message.clone())
                .label("the plan's numbers do not bound who is exposed"),
            Reach::Selected | Reach::Nobody => {
                Mistake::warning(code, self.at.clone(), self.message.clone())
            }
        };
        made.cure(self.cure.clone())
    }
}
