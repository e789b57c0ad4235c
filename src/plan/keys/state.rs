//! The keys of `[state]`, which only `rollout` writes.

/// A key of `[state]`.
pub(in crate::plan) struct StateKey {
    pub(in crate::plan) name: &'static str,
    /// Every state has it; others are there when there is something to say.
    pub(in crate::plan) required: bool,
}

/// All of them, in the order in which they are written.
pub(in crate::plan) const KEYS: [StateKey; 15] = [
    required("status"),
    required("stage"),
    required("exposure"),
    required("entered_at"),
    required("declared"),
    optional("evidence"),
    optional("ramp"),
    optional("judge"),
    optional("carried"),
    optional("dispersion"),
    optional("definitions"),
    optional("restarts"),
    optional("pause"),
    optional("approval"),
    optional("rollback"),
];

const fn required(name: &'static str) -> StateKey {
    StateKey {
        name,
        required: true,
    }
}

const fn optional(name: &'static str) -> StateKey {
    StateKey {
        name,
        required: false,
    }
}

/// The key of this name, if there is one.
pub(in crate::plan) fn key(name: &str) -> Option<&'static StateKey> {
    KEYS.iter().find(|key| key.name == name)
}

/// Every state has a key of this name.
pub(in crate::plan) fn is_required(name: &str) -> bool {
    key(name).is_some_and(|key| key.required)
}
