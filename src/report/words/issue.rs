//! What is wrong with evidence, each with its cure where there is one.

use std::fmt::{self, Display as _};

use crate::judge::{Asks, Issue, Least, Misassigned, Shift, Unprovable, VERSION};

use crate::report::numbers::{bound, count, fine_percent};

use super::sentence::Sentence;
use super::sizes::{all_seconds, quantile, seconds};

impl Sentence for Issue {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(fault) => fault.fmt(f),
            Self::Pooled {
                scrape,
                block,
                pooled,
            } => write!(
                f,
                "its targets are scraped about every {scrape}, too rarely for blocks of {block}: it is judged in blocks of {pooled}"
            ),
            Self::NotInSnapshot => f.write_str("the snapshot holds nothing for this guardrail"),
            Self::NoColumn { arm, column } => {
                write!(f, "the {} arm has no `{}` series", arm.key(), column.series())
            }
            Self::MoreThanTotal { arm, events, total } => write!(
                f,
                "the {} arm has more events ({}) than its total ({}): `events` must select a part of `total`",
                arm.key(),
                count(events.round()),
                count(total.round())
            ),
            Self::NobodyExposed => f.write_str(
                "nobody is exposed: the exposed arm had no traffic at all; is the flag on, and is its label right?",
            ),
            Self::EventsUnborn { expected } => write!(
                f,
                "the exposed arm has no series of `events`, where about {} events are expected: was a label or a metric renamed by the change? If it really has none, let the program write that counter as 0 from its start: a series that says 0 is evidence, and no series is not",
                count(expected.round())
            ),
            Self::NoBlocks { expected } => write!(
                f,
                "none of the {expected} blocks of this stage has data in both arms"
            ),
            Self::Stopped { ago } => {
                write!(f, "evidence stopped {} ago", ago.rough())
            }
            Self::ExposedStopped { ago } => write!(
                f,
                "nobody has been exposed for {}, while others were unexposed: nothing new was judged since; is the flag still on?",
                ago.rough()
            ),
            Self::BlocksMissing { missing, expected } => {
                write!(f, "{missing} of {expected} blocks are missing")
            }
            Self::NoBuckets => f.write_str("the arms share no histogram buckets up to `+Inf`"),
            Self::Unprovable(unprovable) => {
                write!(f, "{}: {}", unprovable.problem(), unprovable.cure())
            }
            Self::Unbounded {
                arm,
                quantile: of,
                last,
                beyond,
            } => write!(
                f,
                "{} of the {} requests are slower than the last boundary, {}: their {} is unbounded; add larger buckets",
                fine_percent(*beyond),
                arm.key(),
                seconds(*last),
                quantile(*of)
            ),
            Self::NoBoundNear {
                quantile: of,
                bounds,
            } => write!(
                f,
                "no bucket bound is near the {} (the bounds are {}): add bounds around it",
                quantile(*of),
                all_seconds(bounds, ", ")
            ),
            Self::BoundsDiffer {
                quantile: of,
                exposed,
                unexposed,
            } => write!(
                f,
                "the arms have different bucket bounds, and none that both have is near the {}: exposed has {}, unexposed has {}; give both the same bounds",
                quantile(*of),
                all_seconds(exposed, ", "),
                all_seconds(unexposed, ", ")
            ),
            Self::TailUnjudged { bound } => write!(
                f,
                "too few requests are slower than {} to judge them: no harm among those is ruled out",
                seconds(*bound)
            ),
            Self::LimitBeyondBounds {
                quantile: of,
                limit,
                last,
                beyond,
            } => write!(
                f,
                "the limit of {} lies beyond the last finite bucket bound, {}, and {} of the exposed requests are slower than that: their {} is not known; add bounds up to the limit and beyond",
                seconds(*limit),
                seconds(*last),
                fine_percent(*beyond),
                quantile(*of)
            ),
            Self::Bursty { dispersion, block } => write!(
                f,
                "its events come in bursts (dispersion {dispersion:.0}), so that blocks of {block} say little: count events that belong together once, such as a user's operation and not each attempt, or set a longer `block` under [judge]"
            ),
            Self::OnlyAtFirst { lasted } => write!(
                f,
                "harm was seen only in the first {lasted} of the stage, and what came after does not confirm it: caches that fill look like this, and so does a failing start"
            ),
            Self::OtherJudge { judge } => write!(
                f,
                "evidence of earlier stages was carried by a judge of version {judge}, which this program (version {VERSION}) cannot use: it is not used, and harm that was seen only then must be proven again"
            ),
            Self::LimitReadAnew { limit } => write!(
                f,
                "its histogram counts in milliseconds, and its limit is {} now: a limit in quotes has its own unit. Before judge 2 it was a number in the histogram's unit, so that `\"500ms\"` meant half a millisecond; evidence from before does not count. Write `unit = \"s\"` if the histogram counts in seconds despite its name",
                bound(*limit)
            ),
        }
    }
}

impl Sentence for Misassigned {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInSnapshot => f.write_str(
                "users of the arms could not be counted: the snapshot holds no assignment",
            ),
            Self::Measured(faults) => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "users of the arms could not be counted: {}",
                    faults.join("; ")
                )
            }
            Self::NoUsers => f.write_str("no users were counted in this stage"),
            Self::Share {
                users,
                exposed,
                declared,
            } => write!(
                f,
                "{} of {} users are exposed where {declared} were declared",
                fine_percent(*exposed),
                count(users.round())
            ),
            Self::TooMuchTraffic { declared } => write!(
                f,
                "the exposed arm has far more traffic than its {declared} of users explains"
            ),
            Self::TooLittleTraffic { declared } => write!(
                f,
                "the exposed arm has far less traffic than its {declared} of users explains"
            ),
        }
    }
}

impl Unprovable {
    /// What is wrong, as a lower-case fragment.
    #[must_use]
    pub fn problem(&self) -> String {
        let asked = match self.asked {
            Shift::Seconds(asked) => seconds(asked),
            Shift::Factor(factor) => fine_percent(factor - 1.0),
        };
        format!(
            "the buckets next to the {} ({}) are too far apart to tell whether it is {asked} longer",
            quantile(self.quantile),
            all_seconds(&self.near, " and ")
        )
    }

    /// What to write instead.
    #[must_use]
    pub fn cure(&self) -> String {
        let key = match self.asks {
            Asks::Margin => "margin",
            Asks::RuleOut => "rule_out",
        };
        let best = match self.least {
            Some(Least::Seconds(least)) => {
                format!("write `{key} = {least}`, the least they can prove; or ")
            }
            Some(Least::Percent(least)) => {
                format!("write `{key} = \"{least}%\"`, the least they can prove; or ")
            }
            None => String::new(),
        };
        format!(
            "{best}use a native histogram, whose usual buckets prove 10 %; or compare the share of slow requests: `compare = \"share\"` with a relative margin"
        )
    }
}
