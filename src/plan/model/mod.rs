//! What a plan and the shared settings say, as the rest of the crate works with it: complete, resolved,
//! valid.
//!
//! In come values that `read` has checked; out go plain structs and enums, and what follows from them
//! alone, such as the stage a plan is in. How any of it is written in a file is not known here. Read
//! `plan.rs` first.

mod arm_query;
mod arms;
mod config;
mod course;
mod definition;
mod guardrail;
mod judge;
mod metric;
mod mistake;
mod mistake_code;
mod plan;
mod selector;
mod state;
mod target;
mod template;
pub(in crate::plan) mod word;

pub(in crate::plan) use arm_query::outside_quotes;
pub use arm_query::{ArmQuery, IncrementsError};
pub use arms::{Arm, ArmValue, Arms, Membership, Pattern};
pub use config::{
    Auth, Calendar, Commit, Config, Freeze, HeaderValue, Notify, NotifyFormat, PrometheusSettings,
    Secret, Surface, Tls, Weekday, Window,
};
pub use course::{Curve, Pace, PaceWord, Ramp, RuleOut, Schedule, Stage};
pub use definition::definition;
pub use guardrail::{Category, Guardrail, OnBreach, OnNoData, OnNoDataWord, Role};
pub use judge::JudgeSettings;
pub use metric::{Column, Compared, Kind, KindName, Metric, PointBound, Source, TimeUnit};
pub use mistake::{Mistake, Parsed, Severity};
pub use mistake_code::MistakeCode;
pub use plan::{ASSIGNMENT, After, Assignment, Plan};
pub(crate) use selector::parse_promql;
pub use selector::{LabelMatcher, MatchOperator, Selector, SelectorError, VectorSelector};
pub use state::{
    Actor, CarriedEvidence, Intervention, ObservedDispersion, RampProgress, Restart, Shown,
    ShownNoise, State, Status,
};
pub use target::{
    FlagPlace, NumbersPlace, Pointer, SplitClients, SplitPlace, Target, TargetKind, TargetPlace,
};
pub use template::{Figure, Piece, Template};
pub use word::Word;
