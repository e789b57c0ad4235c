//! From a value to text: a new `[state]` in a plan, a freeze in the shared settings, and commented files
//! to begin with.
//!
//! In come a text and what is to change in it; out comes the new text, proven by reading it back, or why
//! it cannot be. Files and locks are not known here. Read `revise.rs` first.

mod freeze;
mod revise;
mod state;
mod target;
mod template;
mod text;

pub use freeze::{FreezeError, add_freeze, end_freezes};
pub use revise::{ReviseError, overrule, revise};
pub use state::print_state;
pub use target::template_target;
pub use template::{template_config, template_plan};
pub use text::PlanText;
