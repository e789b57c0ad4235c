//! How far a proof is: evidence, standard errors and time.

use std::fmt;

use crate::judge::{Clear, Look, Strength};
use crate::report::numbers::date_and_time;
use crate::units::Period;

/// `; about 9h more at the present rate`.
pub(super) fn wait(f: &mut fmt::Formatter<'_>, expected: Option<Period>) -> fmt::Result {
    match expected {
        Some(wait) => write!(f, "; about {} more at the present rate", wait.rough()),
        None => Ok(()),
    }
}

/// How far a pass is.
pub(super) fn distance(clear: Clear) -> String {
    match clear {
        Clear::Evidence(strength) => evidence(strength),
        Clear::Look(Look { z: None, .. }) => "nothing to look at yet".to_owned(),
        Clear::Look(Look {
            z: Some(z), needed, ..
        }) if z < 0.0 => format!(
            "what is seen lies {} standard errors on its far side, and {} on this one are needed",
            tenths(-z),
            hundredths(needed)
        ),
        Clear::Look(Look {
            z: Some(z),
            needed,
            next,
            ..
        }) => {
            let numbers = format!("{} standard errors", of(z, needed));
            if z < needed {
                numbers
            } else {
                format!("{numbers}, next looked at {}", date_and_time(next))
            }
        }
    }
}

/// `evidence 2.95 of 3.00`.
pub(super) fn plainly(Strength { value, needed }: Strength) -> String {
    format!("evidence {}", of(value.0, needed.0))
}

/// The same of what is to be proven, which may be far from it.
pub(super) fn evidence(strength: Strength) -> String {
    let Strength { value, needed } = strength;
    if value.0 <= -0.1 {
        // By the logarithm of an e-value: what is below 0 speaks for the opposite.
        return format!(
            "no evidence yet, of {} needed: what is seen points the other way",
            hundredths(needed.0)
        );
    }
    plainly(strength)
}

/// What falls short never looks like enough, however little is missing.
fn of(value: f64, needed: f64) -> String {
    let (floor, ceiling) = (
        (value * 100.0).floor() / 100.0,
        (needed * 100.0).ceil() / 100.0,
    );
    let have = if value < needed {
        floor
    } else {
        value.max(ceiling)
    };
    format!("{have:.2} of {ceiling:.2}")
}

/// What is needed is not made less by rounding.
fn hundredths(needed: f64) -> String {
    format!("{:.2}", (needed * 100.0).ceil() / 100.0)
}

fn tenths(number: f64) -> String {
    format!("{:.1}", number.max(0.1))
}
