//! One plan file and what it says: kept with its mistakes, because one bad plan never stops the others.

use crate::decide::Exit;
use crate::plan::{self, Mistake, Plan, Severity};
use crate::report::mistakes::Marked;
use crate::report::numbers::counted;
use crate::workspace::PlanFile;

use super::context::Context;
use super::failure::Failure;

/// The shared settings among plans; no plan can have this name.
pub(crate) const SETTINGS: &str = "config";

/// One plan file and what it says.
pub(crate) struct LoadedPlan {
    pub(crate) file: PlanFile,
    /// The path as people want to read it.
    pub(crate) shown: String,
    /// `None` when there is an error among the mistakes.
    pub(crate) plan: Option<Plan>,
    pub(crate) mistakes: Vec<Mistake>,
    /// What the merge gate says of the change of this plan.
    pub(crate) change: Vec<Mistake>,
}

impl LoadedPlan {
    /// The mistakes as rustc would show them.
    pub(crate) fn render(&self, color: bool, width: usize) -> String {
        let all = self.all_mistakes();
        plan::render_mistakes(&self.shown, &self.file.text, &all, color, width)
    }

    /// That the plan has mistakes, and which.
    pub(crate) fn mistaken(&self, context: &Context<'_>) -> Failure {
        let count = counted(self.mistakes.len(), "mistake");
        Failure::invalid(format!("{} has {count}", self.shown))
            .preface(self.render(context.ui.color_messages, context.ui.width))
    }

    /// The mistakes of the file and of the change.
    pub(crate) fn all_mistakes(&self) -> Vec<Mistake> {
        self.mistakes.iter().chain(&self.change).cloned().collect()
    }

    /// The file beside its mistakes, for machines.
    pub(crate) fn marked(&self) -> Marked<'_> {
        Marked {
            file: &self.shown,
            text: &self.file.text,
            mistakes: self.all_mistakes(),
        }
    }

    /// This is no plan.
    pub(crate) fn is_settings(&self) -> bool {
        self.file.name == SETTINGS
    }
}

/// The exit code that a plan's mistakes mean.
pub(crate) fn exit_of(mistakes: &[Mistake], strict: bool) -> Exit {
    let wrong = mistakes
        .iter()
        .any(|mistake| strict || mistake.severity == Severity::Error);
    if wrong { Exit::Invalid } else { Exit::Go }
}
