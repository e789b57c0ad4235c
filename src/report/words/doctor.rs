//! Faults of a plan's data, each with what to type.

use std::fmt::{self, Display as _};

use crate::judge::doctor::Fault;
use crate::plan::TimeUnit;

use super::list;
use super::matcher::matcher;
use super::obstacles::copies;
use super::sentence::Sentence;
use super::sizes::{quantile, seconds};

impl Sentence for Fault {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obstacle(what) => what.fmt(f),
            Self::Evidence(issue) => issue.fmt(f),
            Self::Unseen(issue) => issue.fmt(f),
            Self::Copies { label, values } => f.write_str(&copies(label, values)),
            Self::OtherUnit {
                likely: TimeUnit::Milliseconds,
                median,
            } => write!(
                f,
                "read in seconds, half of the requests take {} or so: the histogram seems to count in milliseconds; write `unit = \"ms\"` beside `histogram`",
                seconds(*median)
            ),
            Self::OtherUnit {
                likely: TimeUnit::Seconds,
                median,
            } => write!(
                f,
                "read in milliseconds, half of the requests take {} or so: the histogram seems to count in seconds; write `unit = \"s\"` beside `histogram`",
                seconds(*median)
            ),
            Self::QuantileBeyondBounds {
                quantile: of,
                last,
                beyond,
            } => write!(
                f,
                "{:.0} % of the requests are slower than the last finite bound, {}, so that the {} is not known: add larger buckets to the histogram, or write a smaller `quantile`",
                100.0 * beyond,
                seconds(*last),
                quantile(*of)
            ),
            Self::LimitBeyondBounds { limit, last } => write!(
                f,
                "the limit of {} lies beyond the last finite bound, {}: add a bucket at {} or write `limit = \"{}\"`",
                seconds(*limit),
                seconds(*last),
                seconds(*limit),
                seconds(*last)
            ),
            Self::BoundsDiffer { bounds } => write!(
                f,
                "not all series have the bounds {}: give every process of both arms the same buckets",
                some_of(bounds)
            ),
            Self::Unprovable(doubt) => write!(f, "{}: {}", doubt.problem(), doubt.cure()),
            Self::RestartsOften {
                arm,
                restarts,
                within,
            } => write!(
                f,
                "a process of the {} arm restarted {restarts} times within {within}: what it counted before each restart is lost in part; see why it ends, such as by `kubectl describe pod`",
                arm.key()
            ),
            Self::RareScrapes {
                scrape,
                block,
                pooled,
            } => write!(
                f,
                "scrapes every {scrape} do not fill blocks of {block}, so that {pooled} are judged at a time: set a shorter `scrape_interval` to decide sooner"
            ),
            Self::Late { age } => write!(
                f,
                "the newest sample is {age} old: see why samples arrive late (remote write, a slow target)"
            ),
            Self::ExposedNotInUse {
                label,
                wanted,
                seen,
            } => write!(
                f,
                "no series has {} yet, as is expected before the first user; values in use: {}: is one of them the new release's?",
                matcher(label, wanted),
                some_of(seen)
            ),
            Self::BornAtFirstEvent { series } => write!(
                f,
                "{series} series began with their first event: initialise the counter at 0 when the process starts"
            ),
        }
    }
}

/// The first of them.
fn some_of(texts: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> = texts.iter().take(SHOWN).cloned().collect();
    match texts.len() > SHOWN {
        true => format!("{}, ...", shown.join(", ")),
        false => list(&shown),
    }
}
