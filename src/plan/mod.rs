//! Plans: what a person declared, plus the `[state]` that `rollout` writes.
//!
//! [`Plan`] and [`Config`] are what the rest of the crate works with; they exist only valid.
//! `parse` makes them from text or returns every [`Mistake`]; `revise` puts a new [`State`] into
//! the text and leaves every other byte alone.

mod compare;
mod config;
mod definition;
mod freeze_text;
mod metric;
mod mistake;
mod model;
mod parse;
mod places;
mod render;
mod revise;
mod schema;
mod schema_config;
mod section;
mod state;
mod state_read;
mod state_text;
mod template;
mod together;

pub use compare::{
    BySettings, Revised, RevisedSettings, compare, compare_deleted, compare_settings,
    excused_by_evidence, under_way,
};
pub use config::{
    Arms, Auth, Calendar, Commit, Config, Freeze, HeaderValue, JudgeSettings, Notify, NotifyFormat,
    PrometheusSettings, Secret, Surface, Tls, Weekday, Window,
};
pub use definition::definition;
pub use freeze_text::{FreezeError, add_freeze, end_freezes};
pub use metric::{Column, Compared, Kind, Metric, PointBound, Selector, Source, TimeUnit};
pub use mistake::{Mistake, Parsed, Severity};
pub use model::{
    After, Assignment, Category, Course, Curve, Guardrail, OnBreach, OnNoData, Pace, Plan, Ramp,
    Role, RuleOut, Stage,
};
pub use parse::{parse_config, parse_plan, salvaged_config};
pub use places::{place_of_margin, place_of_rule_out, place_of_state};
pub use render::render_mistakes;
pub use revise::{ReviseError, overrule, revise};
pub use schema::schema_plan;
pub use schema_config::schema_config;
pub use section::{declared_digest, declared_part};
pub use state::{Carried, Climb, Pause, Restart, Ruling, Shown, State, Status};
pub use state_read::{read_state, salvaged_state, standing_of, state_of};
pub use state_text::print_state;
pub use template::{template_config, template_plan};
pub use together::check_together;

#[cfg(test)]
mod tests;
