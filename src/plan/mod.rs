//! Plans: what a person declared, plus the `[state]` that `rollout` writes.
//!
//! In comes the text of a plan or of `config.toml`; out comes a [`Plan`] or a [`Config`], which exist only
//! valid (`model`), or every [`Mistake`] with its place and cure (`read`). Back to text goes a new
//! [`State`], with every other byte left alone (`write`). `keys` declares each key of the files once, for
//! the reader, the JSON Schema and the reference of keys. What a metric is worth, and when a plan
//! moves, is not known here. Read `model/plan.rs` first.

mod keys;
mod model;
mod read;
mod write;

pub use keys::{StateKey, reference, schema_config, schema_plan};
pub use model::{
    ASSIGNMENT, Actor, After, Arm, ArmQuery, ArmValue, Arms, Assignment, Auth, Calendar,
    CarriedEvidence, Category, Column, Commit, Compared, Config, Curve, Figure, FlagPlace, Freeze,
    Guardrail, HeaderValue, IncrementsError, Intervention, JudgeSettings, Kind, KindName,
    LabelMatcher, MatchOperator, Membership, Metric, Mistake, MistakeCode, Notify, NotifyFormat,
    NumbersPlace, ObservedDispersion, OnBreach, OnNoData, OnNoDataWord, Pace, PaceWord, Parsed,
    Pattern, Piece, Plan, PointBound, Pointer, PrometheusSettings, Ramp, RampProgress, Restart,
    Role, RuleOut, Schedule, Secret, Selector, SelectorError, Severity, Shown, ShownNoise, Source,
    SplitClients, SplitPlace, Stage, State, Status, Surface, Target, TargetKind, TargetPlace,
    Template, TimeUnit, Tls, VectorSelector, Weekday, Window, Word, definition,
};
#[cfg(test)]
pub(crate) use read::spanned::count as parsed_texts;
pub use read::{
    check_together, declared_digest, declared_part, lost_targets, parse_config, parse_plan,
    place_of_exposure, place_of_margin, place_of_rule_out, place_of_state, place_of_target,
    read_state, render_mistakes, salvaged_config, salvaged_state, salvaged_targets, standing_of,
    state_of,
};
pub(crate) use read::{listed, nearest};
pub use write::{
    FreezeError, PlanText, ReviseError, add_freeze, end_freezes, overrule, print_state, revise,
    template_config, template_plan, template_target,
};

#[cfg(test)]
pub(crate) mod tests;
