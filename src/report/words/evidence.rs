//! What is wrong with what was measured, and what to do about it.

use std::fmt;

use super::matcher::matcher;
use super::sentence::Sentence;
use crate::plan::Column;
use crate::snapshot::{Absence, Arm, Differing, EvidenceIssue, Falls, Nature, SeriesFault, Sought};

/// Label values shown in a message.
const SHOWN: usize = 8;

/// The commonest reason, besides a selector that selects nothing.
const TOO_RARE: &str = "; check its selectors. Where targets are scraped more rarely than twice a block, \
     `increase` and `rate` over `[$block]` have nothing to say: set a longer `block` under [judge], or \
     give a bare selector, whose blocks are pooled";

const A_LEVEL: &str = ": a gauge or a recorded rate, not a counter. Write a query for each arm: `exposed = { ... = 'sum(sum_over_time(NAME[$block]))' }` for numbers of each scrape, `'sum(avg_over_time(NAME[$block])) * 300'` for rates a second in blocks of 5 minutes; or use the kind `gauge`. Where several worker processes answer behind one port, let the client library add them up";

const MANY_PROCESSES: &str = ", and grows nevertheless: the counters of several processes that answer in turn behind one port, of which no increment can be told. Let the client library add them up (its multi-process mode), or scrape each process by itself. Where it is a gauge or a recorded rate that grew, write a query for each arm: `exposed = { ... = 'sum(sum_over_time(NAME[$block]))' }`, or `'sum(avg_over_time(NAME[$block])) * 300'` for rates a second in blocks of 5 minutes; or use the kind `gauge`";

const RESTARTS: &str = ", at the scrapes at which the other counters of its process fall, too: this process is restarted again and again, every few scrapes, and much of what it counts is lost. See why it dies; until then scrape it more often";

impl Sentence for EvidenceIssue {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => f.write_str(text),
            Self::NoAnswer { column, error } => {
                write!(f, "`{}`: failed to {error}", column.key())
            }
            Self::Incomplete { column, warning } => write!(
                f,
                "`{}`: the server calls its answer incomplete: {warning}",
                column.key()
            ),
            Self::Unusable { column, arm, fault } => {
                write!(f, "`{}` of the {} arm: {fault}", column.key(), arm.key())
            }
            Self::Absent { columns, absence } => {
                let keys: Vec<String> = columns.iter().map(quoted).collect();
                write!(f, "{}: {absence}", keys.join(", "))
            }
            Self::InNoOneArm {
                column,
                label,
                value,
                arms,
            } => in_no_one_arm(f, *column, label, value, arms),
            Self::NoCounter { column, falls } => write!(f, "`{}`: {falls}", column.key()),
        }
    }
}

fn in_no_one_arm(
    f: &mut fmt::Formatter<'_>,
    column: Column,
    label: &str,
    value: &str,
    arms: &[Arm],
) -> fmt::Result {
    let column = column.key();
    if arms.is_empty() {
        return write!(
            f,
            "`{column}`: series with {label}=\"{value}\" were selected, but fit neither arm: the server reads the regular expressions under [arms] differently; write simpler ones"
        );
    }
    let which = if label.is_empty() {
        format!("the series {value} is in")
    } else {
        format!("series with {label}=\"{value}\" are in")
    };
    let cure = if label.is_empty() {
        "select each series in the queries of one arm only"
    } else {
        "write `exposed` and `unexposed` under [arms] so that no value fits both"
    };
    write!(f, "`{column}`: {which} both arms: {cure}")
}

fn quoted(column: &Column) -> String {
    format!("`{}`", column.key())
}

impl fmt::Display for SeriesFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Several { series, differing } => {
                let by = if differing.is_empty() {
                    "nothing that can be told".to_owned()
                } else {
                    let by: Vec<String> = differing.iter().map(told_apart).collect();
                    by.join(", ")
                };
                write!(
                    f,
                    "{series} series where one is expected; they differ by {by}; aggregate them, with sum() for instance"
                )
            }
            Self::NativeHistogram => {
                f.write_str("a native histogram came back where a number is expected")
            }
            Self::NoCount => f.write_str("no value is a finite number from zero on"),
            Self::NoNumber => f.write_str("every value is NaN or infinite"),
            Self::NoNativeHistogram => f.write_str(
                "these are no native histograms; of a classic one name the `..._bucket` series",
            ),
            Self::NoBound => f.write_str(
                "a series has no readable `le`; the selector must be of `..._bucket` series",
            ),
            Self::RestartsUncounted { process } => {
                let process = process.as_deref().unwrap_or("a process");
                write!(
                    f,
                    "{process} was restarted, and the server did not give the samples that tell what it counted since; narrow the selector to fewer series, or raise the server's limits"
                )
            }
            Self::NoInfinity => f.write_str("there is no bucket `le=\"+Inf\"`"),
            Self::NotCumulative => f.write_str(
                "buckets are not cumulative over `le`; do instances use different bucket bounds?",
            ),
        }
    }
}

/// The label with the first of its values.
fn told_apart(Differing { label, values }: &Differing) -> String {
    let shown: Vec<&str> = values.iter().map(String::as_str).take(3).collect();
    let more = if values.len() > 3 { ", ..." } else { "" };
    format!("`{label}` ({}{more})", shown.join(", "))
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResult { arms, over_range } => {
                let arms: Vec<&str> = arms.iter().map(|arm: &Arm| arm.key()).collect();
                let rare = if *over_range { TOO_RARE } else { "" };
                write!(
                    f,
                    "the query of the {} arm returned nothing{rare}",
                    arms.join(" and ")
                )
            }
            Self::NoSeries { selector, sought } => {
                let cure = match sought {
                    Sought::Events => {
                        "initialise the counter at 0 in both arms, or check the selector"
                    }
                    Sought::Histogram => {
                        "check the selector: a classic histogram is named by its `..._bucket` series, a native one by its own name"
                    }
                    Sought::Other => "check the selector",
                };
                write!(f, "no series matches `{selector}`; {cure}")
            }
            Self::NoLabel { selector, label } => write!(
                f,
                "series match `{selector}`, but none has the label `{label}`; add it to the metric, \
                 or set `label` under [arms]"
            ),
            Self::OtherValues {
                selector,
                label,
                wanted,
                seen,
            } => {
                write!(f, "no series of `{selector}` has {}", one_of(label, wanted))?;
                if seen.is_empty() {
                    return Ok(());
                }
                let shown: Vec<&str> = seen.iter().take(SHOWN).map(String::as_str).collect();
                let more = if seen.len() > SHOWN { ", ..." } else { "" };
                write!(
                    f,
                    "; values seen: {}{more}; set `exposed` and `unexposed` under [arms]",
                    shown.join(", ")
                )
            }
            Self::NotAtBlockEnds { label, wanted } => write!(
                f,
                "{} has samples, but none at the end of a block; it has only just appeared, or is \
                 scraped less often than every 5 minutes",
                one_of(label, wanted)
            ),
        }
    }
}

fn one_of(label: &str, values: &[String]) -> String {
    let matchers: Vec<String> = values.iter().map(|value| matcher(label, value)).collect();
    matchers.join(" or ")
}

impl fmt::Display for Falls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            series,
            falls,
            changes,
            within,
            around,
            nature,
        } = self;
        write!(
            f,
            "{series} falls in {falls} of {changes} changes within {within}"
        )?;
        if !around.is_empty() {
            let numbers: Vec<String> = around.iter().map(|value| short(*value)).collect();
            write!(f, " (such as {})", numbers.join(" -> "))?;
        }
        f.write_str(match nature {
            Nature::Level => A_LEVEL,
            Nature::ManyProcesses => MANY_PROCESSES,
            Nature::Restarts => RESTARTS,
        })
    }
}

/// Four significant digits.
fn short(value: f64) -> String {
    let size = value.abs();
    let digits = [1_000.0, 100.0, 10.0, 1.0]
        .iter()
        .position(|least| size >= *least)
        .unwrap_or(4);
    format!("{value:.digits$}")
}
