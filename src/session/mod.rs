//! A session: opens the directory of plans, evaluates plans, records what was decided, and makes
//! recorded decisions again. Every command is a few steps of it.
//!
//! In come the directory, what was asked and the environment; out come outcomes of plans as parts of
//! a report. Arguments, the forms of the answer and exit codes of a run are not known here but in `cli`,
//! sentences are `report`'s. Read `plan_set.rs` first, then `evaluate.rs`.

mod answered;
mod ask;
mod change;
mod checked_targets;
mod compare;
mod context;
mod due;
mod entry;
mod evaluate;
mod evaluation;
mod failure;
mod guarded;
mod history;
mod index;
mod judged;
mod kept;
mod kept_out;
mod loaded;
mod measured;
mod moved;
mod names;
mod notify;
mod plan_set;
mod progress;
mod projection;
mod refused;
mod replay;
mod reviewed;
mod round;
mod saved;
mod shared_places;
mod step;
mod stream;
mod sync;
mod transition;
mod trust;
mod turns;
mod ui;
mod upstream;
mod variables;

pub(crate) use answered::Answered;
pub(crate) use ask::{cached, client, runtime};
pub(crate) use change::open as open_change;
pub(crate) use checked_targets::checked_targets;
pub(crate) use context::{Context, Format, Global};
pub(crate) use entry::Entering;
pub(crate) use evaluate::{Evidence, alone, chosen, evaluate, evaluate_whole};
pub(crate) use evaluation::{Evaluation, Outcome, faulty, judge_and_decide};
pub(crate) use failure::{Failure, read_text};
pub(crate) use guarded::Guarded;
pub(crate) use history::{entries, origin};
pub(crate) use kept_out::KeptOut;
pub(crate) use loaded::{LoadedPlan, exit_of};
pub(crate) use moved::followed;
pub(crate) use names::{known, locate};
pub(crate) use notify::send;
pub(crate) use plan_set::PlanSet;
pub(crate) use progress::Asking;
pub(crate) use projection::Brakes;
pub(crate) use replay::{
    Remade, Replayed, decided_by_newer, recorded_plan, remade, replay_differences, snapshot_of,
};
pub(crate) use round::{Round, until_published};
pub(crate) use step::{Run, grounds, preview, take};
pub(crate) use sync::sync;
pub(crate) use transition::{GitAsked, Step, TransitionWriter};
pub(crate) use turns::in_turn;
pub(crate) use ui::{Shape, Ui};
pub(crate) use upstream::{Purpose, catch_up, open as open_to_write};
pub use variables::Variables;
