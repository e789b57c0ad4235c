//! Every key a file may have, table by table. The parser refuses all others, and a test holds the
//! JSON Schema to the same lists.

/// A plan. `state` is read elsewhere: it belongs to `rollout`.
pub(in crate::plan) const PLAN: &[&str] = &[
    "description",
    "draft",
    "owner",
    "surface",
    "after",
    "reason",
    "require_success",
    "stages",
    "ramp",
    "guardrails",
    "assignment",
    "state",
];
/// `[[stages]]`.
pub(in crate::plan) const STAGE: &[&str] = &[
    "exposure",
    "min_duration",
    "max_duration",
    "rule_out",
    "approval",
];
/// `[ramp]`.
pub(in crate::plan) const RAMP: &[&str] = &[
    "from",
    "to",
    "over",
    "curve",
    "every",
    "pace",
    "risk_budget",
];
/// `[[guardrails]]`.
pub(in crate::plan) const GUARDRAIL: &[&str] = &[
    "name",
    "metric",
    "category",
    "role",
    "margin",
    "limit",
    "on_breach",
    "on_no_data",
    "no_data_timeout",
    "ratio",
    "rate",
    "latency",
    "mean",
    "gauge",
    "point",
];
/// `[metrics.NAME]`: a guardrail that has its name from the table and refers to no other.
pub(in crate::plan) const METRIC: &[&str] = &[
    "category",
    "role",
    "margin",
    "limit",
    "on_breach",
    "on_no_data",
    "no_data_timeout",
    "ratio",
    "rate",
    "latency",
    "mean",
    "gauge",
    "point",
];
/// The kinds of metrics, among [`GUARDRAIL`] and [`METRIC`].
pub(in crate::plan) const KINDS: &[&str] = &["ratio", "rate", "latency", "mean", "gauge", "point"];
/// `ratio = { .. }`.
pub(in crate::plan) const RATIO: &[&str] = &["events", "total", "exposed", "unexposed", "worse"];
/// `rate = { .. }`.
pub(in crate::plan) const RATE: &[&str] = &["events", "per", "exposed", "unexposed", "worse"];
/// `latency = { .. }`.
pub(in crate::plan) const LATENCY: &[&str] = &[
    "histogram",
    "exposed",
    "unexposed",
    "quantile",
    "compare",
    "unit",
];
/// `mean = { .. }`.
pub(in crate::plan) const MEAN: &[&str] = &["sum", "count", "exposed", "unexposed", "worse"];
/// `gauge = { .. }`.
pub(in crate::plan) const GAUGE: &[&str] = &["query", "exposed", "unexposed", "worse"];
/// `point = { .. }`.
pub(in crate::plan) const POINT: &[&str] = &["query", "max", "min", "consecutive"];
/// One arm of a `ratio`.
pub(in crate::plan) const RATIO_ARM: &[&str] = &["events", "total"];
/// One arm of a `rate`.
pub(in crate::plan) const RATE_ARM: &[&str] = &["events", "per"];
/// One arm of a `latency`.
pub(in crate::plan) const LATENCY_ARM: &[&str] = &["histogram"];
/// One arm of a `mean`.
pub(in crate::plan) const MEAN_ARM: &[&str] = &["sum", "count"];
/// One arm of a `gauge`.
pub(in crate::plan) const GAUGE_ARM: &[&str] = &["query"];
/// `[assignment]`.
pub(in crate::plan) const ASSIGNMENT: &[&str] = &["users"];

/// `config.toml`.
pub(in crate::plan) const CONFIG: &[&str] = &[
    "reason",
    "prometheus",
    "arms",
    "judge",
    "metrics",
    "surfaces",
    "windows",
    "freezes",
    "git",
    "notify",
];
/// `[prometheus]`.
pub(in crate::plan) const PROMETHEUS: &[&str] = &[
    "url",
    "timeout",
    "bearer_token_env",
    "bearer_token_file",
    "basic",
    "ca_file",
    "cert_file",
    "key_file",
    "headers",
];
/// `basic = { .. }`.
pub(in crate::plan) const BASIC: &[&str] = &["user", "password_env", "password_file"];
/// The value of a header that is found elsewhere.
pub(in crate::plan) const HEADER: &[&str] = &["env"];
/// `[arms]`.
pub(in crate::plan) const ARMS: &[&str] = &["label", "exposed", "unexposed"];
/// `[judge]`.
pub(in crate::plan) const JUDGE: &[&str] = &[
    "rollback_alpha",
    "advance_alpha",
    "block",
    "warmup",
    "preflight",
];
/// `[surfaces.NAME]`.
pub(in crate::plan) const SURFACE: &[&str] = &["guardrails", "exclusive"];
/// `[[windows]]`.
pub(in crate::plan) const WINDOW: &[&str] = &["days", "from", "to", "tz"];
/// `[[freezes]]`.
pub(in crate::plan) const FREEZE: &[&str] = &["from", "until", "reason", "owner"];
/// `[git]`.
pub(in crate::plan) const GIT: &[&str] = &["commit", "push"];
/// `[[notify]]`.
pub(in crate::plan) const NOTIFY: &[&str] = &["url_env", "format"];

/// Keys that every `[state]` has, in the order in which they are written.
pub(in crate::plan) const REQUIRED_STATE: [&str; 5] =
    ["status", "stage", "exposure", "entered_at", "declared"];

/// Keys that are there when there is something to say, in the order in which they are written.
pub(in crate::plan) const OPTIONAL_STATE: [&str; 10] = [
    "evidence",
    "ramp",
    "judge",
    "carried",
    "dispersion",
    "definitions",
    "restarts",
    "pause",
    "approval",
    "rollback",
];
