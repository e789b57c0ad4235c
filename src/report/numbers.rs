//! Numbers in people's units: percent for shares, milliseconds for latencies, factors for effects,
//! thousands separators for counts. Does not know tables or colours.

use chrono::Timelike as _;

use crate::judge::{ArmTotals, Between, Measure, Scale};
use crate::plan::Kind;
use crate::units::{Bound, Effect, Instant, Period};

/// What is written where there is no number.
pub const NONE: &str = "-";

/// A time of day, to the second where it is not a whole minute: blocks may be that short.
#[must_use]
pub fn time_of_day(at: Instant) -> String {
    let form = if at.second() == 0 {
        "%H:%M UTC"
    } else {
        "%H:%M:%S UTC"
    };
    at.format(form).to_string()
}

/// The same with its date.
#[must_use]
pub fn date_and_time(at: Instant) -> String {
    format!("{} {}", at.format("%Y-%m-%d"), time_of_day(at))
}

/// A value of this kind of metric: a share in percent, a latency in ms or s, else a plain number.
#[must_use]
pub fn value(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Ratio { .. } => percent(value),
        Kind::Latency { .. } => time(value),
        Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => {
            plain(value)
        }
    }
}

/// An arm's value; `~` marks a quantile that is interpolated within a bucket.
#[must_use]
pub fn arm(kind: Kind, totals: &ArmTotals) -> String {
    match (totals.value, totals.between) {
        (None, _) => NONE.into(),
        (Some(number), None) => value(kind, number),
        (Some(number), Some(_)) => format!("~{}", value(kind, number)),
    }
}

/// What is certain of an arm's quantile: `250ms to 500ms`.
#[must_use]
pub fn between(kind: Kind, totals: &ArmTotals) -> Option<String> {
    let Between { lower, upper } = totals.between?;
    let lower = value(kind, lower);
    Some(match upper {
        Some(upper) => format!("{lower} to {}", value(kind, upper)),
        None => format!("{lower} or more"),
    })
}

/// A number on the scale of a measure: `1.02x`, `+0.2pp`, `1.2 %`.
#[must_use]
pub fn on_scale(kind: Kind, scale: Scale, number: f64) -> String {
    match scale {
        Scale::Ratio => format!("{}x", plain(number)),
        Scale::Level => value(kind, number),
        Scale::Difference => {
            let sign = if number < 0.0 { "-" } else { "+" };
            let size = number.abs();
            match kind {
                Kind::Ratio { .. } => format!("{sign}{}pp", short(size * 100.0)),
                Kind::Latency { .. } => format!("{sign}{}", time(size)),
                Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => {
                    format!("{sign}{}", plain(size))
                }
            }
        }
    }
}

/// The estimate, such as `1.02x`.
#[must_use]
pub fn estimate(kind: Kind, measure: &Measure) -> String {
    measure
        .estimate
        .map_or_else(|| NONE.into(), |n| on_scale(kind, measure.scale, n))
}

/// The interval, such as `0.71x to 1.44x`, with an open end in words.
#[must_use]
pub fn interval(kind: Kind, measure: &Measure) -> String {
    let show = |number| on_scale(kind, measure.scale, number);
    match (measure.lower, measure.upper) {
        (Some(lower), Some(upper)) => format!("{} to {}", show(lower), show(upper)),
        (Some(lower), None) => format!("{} or more", show(lower)),
        (None, Some(upper)) => format!("at most {}", show(upper)),
        (None, None) => "no bound yet".into(),
    }
}

/// `12/1,200`, or nothing for a level. Where room is short, `12/1.2k`.
#[must_use]
pub fn events(totals: &ArmTotals, short: bool) -> Option<String> {
    let count = if short { short_count } else { count };
    match (totals.events, totals.total) {
        (Some(events), Some(total)) => Some(format!("{}/{}", count(events), count(total))),
        (None, Some(total)) => Some(format!("of {}", count(total))),
        (Some(_) | None, None) => None,
    }
}

/// A share in percent: `1 %`, `0.99 %`, `12.3 %`, `0.0012 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{} %", short(share * 100.0))
}

/// A share in percent where hundredths matter: `11.76 %`, `10 %`.
#[must_use]
pub fn fine_percent(share: f64) -> String {
    format!("{} %", trimmed(&format!("{:.2}", share * 100.0)))
}

/// A size of harm: `10 %`, `2x`, `0.2pp`, `1.5`. Within quotes of TOML it is written without a space.
#[must_use]
pub fn effect(effect: Effect) -> String {
    effect.for_people()
}

/// An absolute bound: `2 %`, `500ms`, `1.5`.
#[must_use]
pub fn bound(bound: Bound) -> String {
    bound.for_people()
}

/// Seconds as people read latencies: `230ms`, `1.25s`.
#[must_use]
pub fn time(seconds: f64) -> String {
    if !seconds.is_finite() {
        return plain(seconds);
    }
    // The border is where the rounded text would read 1,000ms.
    if seconds.abs() < 0.9995 {
        format!("{}ms", short(seconds * 1_000.0))
    } else {
        format!("{}s", short(seconds))
    }
}

/// A count with thousands separators; a fraction keeps one decimal.
#[must_use]
pub fn count(number: f64) -> String {
    if !number.is_finite() {
        return plain(number);
    }
    let text = if number.fract() == 0.0 {
        format!("{number:.0}")
    } else {
        format!("{number:.1}")
    };
    separated(&text)
}

/// A count in at most five characters: `999`, `1.2k`, `119k`, `6.1M`.
#[must_use]
pub fn short_count(number: f64) -> String {
    if !number.is_finite() || number.abs() < 999.5 {
        return count(number);
    }
    let (scaled, unit) = [(1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")]
        .into_iter()
        .map(|(size, unit)| (number / size, unit))
        .find(|(scaled, _)| scaled.abs() < 999.5)
        .unwrap_or((number / 1e12, "T"));
    if scaled.abs() < 9.95 {
        format!("{scaled:.1}{unit}")
    } else {
        format!("{scaled:.0}{unit}")
    }
}

/// `1 mistake`, `2 mistakes`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// About so many events: whole where that says enough.
#[must_use]
pub fn about(number: f64) -> String {
    if number.abs() < 10.0 {
        count((number * 10.0).round() / 10.0)
    } else {
        count(number.round())
    }
}

/// A length of time of so many seconds.
#[must_use]
pub fn period(seconds: f64) -> Period {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a simulated rollout takes weeks at most, and the cast saturates"
    )]
    let whole = seconds.max(0.0) as u32;
    Period::from_seconds(whole)
}

/// A plain number: two decimals as a rule, more where it would vanish, fewer where it is large.
#[must_use]
pub fn plain(number: f64) -> String {
    if number.is_nan() {
        return NONE.into();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "unbounded"
        } else {
            "-unbounded"
        }
        .into();
    }
    let size = number.abs();
    if size == 0.0 {
        "0".into()
    } else if size >= 999.5 {
        separated(&format!("{number:.0}"))
    } else if size >= 99.95 {
        format!("{number:.0}")
    } else if size >= 9.995 {
        format!("{number:.1}")
    } else if size >= 0.095 {
        format!("{number:.2}")
    } else if size >= 1e-6 {
        // Two significant digits: the first is the magnitude, the second tells neighbours apart.
        let digits = 1.0 - size.log10().floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 2 and 7 for sizes from 1e-6 to 0.095"
        )]
        let digits = digits as usize;
        format!("{number:.digits$}")
    } else {
        format!("{number:.1e}")
    }
}

/// A plain number without zeros at its end: beside a unit they look like a precision.
fn short(number: f64) -> String {
    trimmed(&plain(number))
}

fn trimmed(text: &str) -> String {
    if !text.contains('.') || text.contains('e') {
        return text.to_owned();
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn separated(text: &str) -> String {
    let (sign, rest) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}
