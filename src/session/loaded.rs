//! One plan file and what it says: kept with its mistakes, because one bad plan never stops the others.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, available_parallelism};

use crate::decide::Exit;
use crate::plan::{self, Config, Mistake, Plan, Severity};
use crate::report::mistakes::Marked;
use crate::report::numbers::counted;
use crate::units::Foreign;
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

/// Plans that are worth a thread: reading so many takes about as long as starting ten.
const WORTH_A_THREAD: usize = 100;

impl LoadedPlan {
    /// Reads what these files say, in their order, on all processors: directories have thousands.
    pub(crate) fn read_all(files: Vec<PlanFile>, config: &Config) -> Vec<Self> {
        let read = |files: Vec<PlanFile>| -> Vec<Self> {
            let one = |file| Self::read(file, config);
            files.into_iter().map(one).collect()
        };
        let processors = available_parallelism().map_or(1, NonZero::get);
        let each = files.len().div_ceil(processors).max(WORTH_A_THREAD);
        if files.len() <= each {
            return read(files);
        }
        let mut files = files.into_iter();
        let parts = std::iter::from_fn(|| {
            let part: Vec<PlanFile> = files.by_ref().take(each).collect();
            (!part.is_empty()).then_some(part)
        });
        let parts = Mutex::new(parts.collect::<Vec<_>>().into_iter().enumerate());
        let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || -> Vec<(usize, Vec<Self>)> {
            std::iter::from_fn(next)
                .map(|(place, part)| (place, read(part)))
                .collect()
        };
        let mut all = thread::scope(|scope| {
            // Where there is no room for a thread, the others do its work.
            let threads = (1..processors)
                .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
            let threads: Vec<_> = threads.collect();
            let mut all = work();
            for thread in threads {
                all.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            all
        });
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().flat_map(|(_, part)| part).collect()
    }

    fn read(file: PlanFile, config: &Config) -> Self {
        let parsed = plan::parse_plan(&file.name, &file.text, config);
        Self {
            shown: Foreign(file.shown.display()).to_string(),
            plan: parsed.value,
            mistakes: parsed.mistakes,
            change: Vec::new(),
            file,
        }
    }

    /// Whether users get its exposure from other files.
    pub(crate) fn has_targets(&self) -> bool {
        self.plan
            .as_ref()
            .is_some_and(|plan| !plan.targets.is_empty())
    }

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
