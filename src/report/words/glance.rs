//! Evidence beside what is needed, in the fewest words: for tables that are read at a glance.

use crate::judge::{Clear, Strength};

/// `1.9 of 3.0`: evidence of harm, and what proves it.
pub(in crate::report) fn harm(harm: Strength) -> String {
    of(Some(harm.value.0), harm.needed.0)
}

/// `2.2 of 3.0`: evidence that the harm to rule out is absent, or standard errors; `-` where nothing is
/// to be ruled out.
pub(in crate::report) fn clear(clear: Option<Clear>) -> String {
    clear.map_or_else(
        || crate::report::numbers::NONE.to_owned(),
        |clear| {
            let (value, needed) = clear.numbers();
            of(value, needed)
        },
    )
}

fn of(value: Option<f64>, needed: f64) -> String {
    let value = value.filter(|value| value.is_finite());
    let value = value.map_or_else(
        || crate::report::numbers::NONE.to_owned(),
        // Minus nothing is nothing.
        |value| format!("{:.1}", (value * 10.0).round() / 10.0 + 0.0),
    );
    format!("{value} of {needed:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::LogE;

    #[test]
    fn evidence_stands_beside_what_is_needed() {
        let strength = |value| Strength {
            value: LogE(value),
            needed: LogE(2.996),
        };
        assert_eq!(harm(strength(1.94)), "1.9 of 3.0");
        assert_eq!(harm(strength(-0.01)), "0.0 of 3.0");
        assert_eq!(clear(None), "-");
        assert_eq!(clear(Some(Clear::Evidence(strength(2.2)))), "2.2 of 3.0");
    }
}
