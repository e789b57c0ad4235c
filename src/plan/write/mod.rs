//! From a value to text: a new `[state]` in a plan, a freeze in the shared settings, and commented
//! files to begin with. What is written is proven by reading it back. Read `revise.rs` first.

mod freeze;
mod revise;
mod state;
mod template;
mod text;

pub use freeze::{FreezeError, add_freeze, end_freezes};
pub use revise::{ReviseError, overrule, revise};
pub use state::print_state;
pub use template::{template_config, template_plan};
pub use text::PlanText;
