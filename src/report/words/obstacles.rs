//! What stands in the way before the first user, as sentences with a cure each.

use std::fmt;

use crate::judge::{Obstacle, Obstruction};
use crate::snapshot::{Copies, Flaw};

use super::list;
use super::matcher::matcher;
use super::sentence::Sentence;

/// One obstacle after the other, each with its cure; those of several columns that are alike once.
pub(super) fn obstructions(f: &mut fmt::Formatter<'_>, obstacles: &[Obstacle]) -> fmt::Result {
    let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
    for Obstacle {
        guardrail,
        column,
        what,
    } in obstacles
    {
        let whose = match column {
            Some(column) => format!("`{}` of {guardrail}", column.key()),
            None => guardrail.clone(),
        };
        let text = what.to_string();
        match grouped.iter_mut().find(|(known, _)| *known == text) {
            Some((_, names)) => names.push(whose),
            None => grouped.push((text, vec![whose])),
        }
    }
    for (text, names) in grouped {
        write!(f, "; {}: {text}", list(&names))?;
    }
    Ok(())
}

impl Sentence for Obstruction {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&obstruction(self))
    }
}

fn obstruction(what: &Obstruction) -> String {
    match what {
        Obstruction::NotThere => {
            "no series match yet: is the service running, and is the metric's name right?".into()
        }
        Obstruction::NothingOfExposed => {
            "no metric of this query is there yet: is the service running, and are the names right? If only the new release has the metric, let the running one export it at 0, or switch this check off with `preflight = false` under [judge] in config.toml".into()
        }
        Obstruction::Silent { last_seen: None } => {
            "no sample of the unexposed arm within the last 5 minutes, though there were some within the hour: is it still scraped?".into()
        }
        Obstruction::Silent {
            last_seen: Some(at),
        } => format!(
            "no sample of the unexposed arm lately, the last one was seen at {}: is the service running, and is it still scraped?",
            moment(*at)
        ),
        Obstruction::NoLabel { label, others } => {
            let others = match others.as_slice() {
                [] => String::new(),
                others => format!(" (there are {})", some_of(others)),
            };
            format!(
                "series match, but none has the label `{label}`{others}: add it to the metric (and initialise it at 0 for both arms), or set `label` under [arms]"
            )
        }
        Obstruction::NoUnexposed {
            label,
            wanted,
            seen,
            meant: None,
        } => format!(
            "no series has {}; values in use: {}: write the right one as `unexposed` under [arms]",
            matcher(label, wanted),
            some_of(seen)
        ),
        Obstruction::NoUnexposed {
            label,
            wanted,
            seen: _,
            meant: Some(meant),
        } => format!(
            "no series has {label}=\"{wanted}\", but {label}=\"{meant}\" is in use: write `unexposed = \"{meant}\"` under [arms], or fix the application"
        ),
        Obstruction::OtherSpelling {
            label,
            wanted,
            seen,
        } => format!(
            "no series has {label}=\"{wanted}\", but {label}=\"{seen}\" is in use: write `exposed = \"{seen}\"` under [arms], or fix the application"
        ),
        Obstruction::OtherName { wanted, meant } => format!(
            "no series has the name `{wanted}`, and `total` counts `{meant}`: write that name, or initialise `{wanted}` at 0 where it is right"
        ),
        Obstruction::InBothArms { label, value } => format!(
            "series with {label}=\"{value}\" are in both arms: write `exposed` and `unexposed` under [arms] so that no value fits both"
        ),
        Obstruction::Copies(Copies { label, values }) => copies(label, values),
        Obstruction::Flawed(flaw) => flawed(*flaw).into(),
        Obstruction::Refused { said } => said.clone(),
    }
}

/// That the same requests are counted once for each value of a label, with the cure.
pub(super) fn copies(label: &str, values: &[String]) -> String {
    format!(
        "the same requests are counted {} times, once for each {label} ({}): add `{label}=\"{}\"` to the selector",
        values.len(),
        some_of(values),
        values.first().map_or("", String::as_str)
    )
}

const fn flawed(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NoNumber => {
            "series match, but every sample is NaN or infinite: has the service had anything to measure yet?"
        }
        Flaw::NoBounds => {
            "series match, but none has the label `le`: name the `..._bucket` series of the histogram, and keep `le` where a query aggregates"
        }
        Flaw::OnlyInfinite => {
            "the histogram has only the bucket `+Inf`, which does not say how long anything takes: add bounds around the quantile or the limit"
        }
        Flaw::NoInfinite => {
            "the histogram has no bucket `+Inf`, so that slow observations are not counted: add that bucket"
        }
        Flaw::NotNative => {
            "these are plain numbers, not a native histogram: of a classic histogram, name the `..._bucket` series"
        }
    }
}

/// Unix seconds as people read them.
fn moment(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).map_or_else(
        || at.to_string(),
        |at| at.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// Label values, the first eight of them.
fn some_of(values: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|value| {
            if value.is_empty() {
                "(none)".into()
            } else {
                value.clone()
            }
        })
        .collect();
    let more = if values.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}
