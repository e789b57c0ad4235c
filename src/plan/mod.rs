//! Plans: what a person declared, plus the `[state]` that `rollout` writes.
//!
//! [`Plan`] and [`Config`] are what the rest of the crate works with; they exist only valid
//! (`model`). `read` makes them from text or returns every [`Mistake`]; `write` puts a new [`State`]
//! into the text and leaves every other byte alone. `keys` declares each key of the files once, for
//! the reader, the JSON Schema and the reference in the README.

mod keys;
mod model;
mod read;
mod write;

pub use keys::{reference, schema_config, schema_plan};
pub use model::{
    After, ArmQuery, Arms, Assignment, Auth, Calendar, Carried, Category, Climb, Column, Commit,
    Compared, Config, Course, Curve, Freeze, Guardrail, HeaderValue, JudgeSettings, Kind, KindName,
    LabelMatcher, MatchOperator, Metric, Mistake, Notify, NotifyFormat, OnBreach, OnNoData,
    OnNoDataWord, Pace, PaceWord, Parsed, Pause, Plan, PointBound, PrometheusSettings, Ramp,
    Restart, Role, RuleOut, Ruling, Secret, Selector, SelectorError, Severity, Shown, Source,
    Stage, State, Status, Surface, TimeUnit, Tls, VectorSelector, Weekday, Window, Word,
    definition,
};
#[cfg(test)]
pub(crate) use read::spanned::count as parsed_texts;
pub use read::{
    check_together, declared_digest, declared_part, parse_config, parse_plan, place_of_margin,
    place_of_rule_out, place_of_state, read_state, render_mistakes, salvaged_config,
    salvaged_state, standing_of, state_of,
};
pub use write::{
    FreezeError, PlanText, ReviseError, add_freeze, end_freezes, overrule, print_state, revise,
    template_config, template_plan,
};

#[cfg(test)]
pub(crate) mod tests;
