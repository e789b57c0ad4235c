//! The keys of `[state]`, which only `rollout` writes.

/// Keys that every `[state]` has, in the order in which they are written.
pub(in crate::plan) const REQUIRED: [&str; 5] =
    ["status", "stage", "exposure", "entered_at", "declared"];

/// Keys that are there when there is something to say, in the order in which they are written.
pub(in crate::plan) const OPTIONAL: [&str; 10] = [
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
