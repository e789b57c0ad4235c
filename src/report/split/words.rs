//! What is said of one guardrail: how it scatters, what harm is found, why it was left out.

use crate::plan::OnBreach;
use crate::report::numbers::{NONE, about, count, percent, period};
use crate::simulate::{GuardrailAnswer, LADDER, LeftOut, Scatter, SmallestHarm};

/// Less than this is chance alone to whoever reads it.
const CLUMPED: f64 = 1.3;

/// A share of less than this is not worth a word.
const WORTH_SAYING: f64 = 0.03;

/// Values whose days differ by more than so many times what their hours explain wander.
const WANDERS: f64 = 2.0;

/// The square root of the hours of a day: by so much less do days differ than hours where hours differ by
/// chance.
const HOURS_OF_A_DAY: f64 = 4.9;

/// How a metric scatters where nothing was changed.
pub(super) fn scatter(scatter: Scatter) -> String {
    match scatter {
        Scatter::Unknown => "how it scatters cannot be told".into(),
        Scatter::Counts {
            clumps,
            drift,
            spread,
        } => {
            let mut parts = vec![if clumps < CLUMPED {
                "scatters as chance alone".to_owned()
            } else {
                format!(
                    "scatters {} times as much as chance alone: its events come in clumps of about {}",
                    about(clumps),
                    count(clumps.round())
                )
            }];
            if drift >= WORTH_SAYING {
                parts.push(format!(
                    "halves of the instances drift apart by up to {} within 4 hours",
                    percent(rounded(drift))
                ));
            }
            if spread >= WORTH_SAYING {
                parts.push(format!(
                    "instances differ for good by about {}",
                    percent(rounded(spread))
                ));
            }
            parts.join("; ")
        }
        Scatter::Values { hour, day } => {
            let hours = format!(
                "halves of the instances differ by about {} from hour to hour",
                percent(rounded(hour))
            );
            match day {
                Some(day) if day > WANDERS * hour / HOURS_OF_A_DAY && day >= WORTH_SAYING / 3.0 => {
                    format!(
                        "{hours}, and wander by {} from day to day",
                        percent(rounded(day))
                    )
                }
                Some(_) => format!("{hours}, and hardly from day to day"),
                None => hours,
            }
        }
    }
}

/// Two digits are what such an estimate has.
fn rounded(share: f64) -> f64 {
    if share <= 0.0 {
        return 0.0;
    }
    let unit = 10_f64.powf(share.log10().floor() - 1.0);
    (share / unit).round() * unit
}

/// The smallest harm that is found: `1.5x, 3h`.
pub(super) fn harm(guardrail: &GuardrailAnswer, harm: SmallestHarm) -> String {
    match harm {
        SmallestHarm::Found { factor, seconds } => {
            let seconds = u32::try_from(seconds).unwrap_or(0);
            format!(
                "{}, {}",
                size(guardrail, factor),
                period(f64::from(seconds)).rough()
            )
        }
        SmallestHarm::Beyond => {
            let largest = LADDER.last().copied().unwrap_or(f64::NAN);
            format!("not even {}", size(guardrail, largest))
        }
        SmallestHarm::NotSought => NONE.into(),
        SmallestHarm::NoData => "no data".into(),
    }
}

/// A size of harm as it shows in the metric.
fn size(guardrail: &GuardrailAnswer, factor: f64) -> String {
    let shown = if guardrail.divides {
        (100.0 / factor).round() / 100.0
    } else {
        factor
    };
    format!("{shown}x")
}

/// What a guardrail did to rollouts: `2`, `3 paused`, `only warns`.
pub(super) fn did(guardrail: &GuardrailAnswer) -> String {
    match guardrail.on_breach {
        OnBreach::Rollback => guardrail.rolled_back.to_string(),
        OnBreach::Pause => format!("{} paused", guardrail.paused),
        OnBreach::Warn => "warns".into(),
    }
}

/// Why a guardrail was not tried.
#[must_use]
pub fn left_out(why: LeftOut) -> String {
    match why {
        LeftOut::Unsplit(why) => why.to_string(),
        LeftOut::Point => "a plain threshold compares no arms".into(),
    }
}
