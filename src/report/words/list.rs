//! Several names in one sentence.

/// `a`, `a and b`, `a, b and c`.
pub(in crate::report) fn list(names: &[String]) -> String {
    match names {
        [] => "nothing".into(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}
