//! Verdicts in sentences that a release engineer understands at 3 a.m.

use std::fmt;

use crate::judge::{
    Basis, BoundPair, Boundaries, Leaning, Of, Proof, Scale, Seen, Sign, Undecided, Why,
};
use crate::plan::OnBreach;
use crate::report::numbers::{bound, date_and_time, effect, on_scale, time_of_day};
use crate::units::Effect;

use super::distance::{distance, evidence, plainly, wait};
use super::sentence::Sentence;
use super::sizes::{quantile, seconds};

/// What a plain threshold is worth.
const PLAIN: &str = "(a plain threshold, without error control)";

impl Sentence for Why {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThresholdExceeded => {
                write!(
                    f,
                    "beyond its threshold for too many blocks in a row {PLAIN}"
                )
            }
            Self::ThresholdKept => write!(f, "within its threshold {PLAIN}"),
            Self::ThresholdExceededFor { blocks } => {
                write!(f, "beyond its threshold for {blocks} blocks {PLAIN}")
            }
            Self::ThresholdTooEarly => write!(f, "too few blocks yet {PLAIN}"),
            Self::Behind { ago } => write!(
                f,
                "nothing was measured for the last {}: it passes again when the newest blocks are there",
                ago.rough()
            ),
            Self::TooEarly {
                closes,
                known_after,
            } => {
                let closes = time_of_day(*closes);
                write!(f, "the first judged block closes at {closes}")?;
                known_after.map_or(Ok(()), |after| {
                    write!(f, ", and this server tells of it {after} later")
                })
            }
            Self::NoData(issues) => {
                let texts: Vec<String> = issues.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
            Self::Breach {
                seen,
                margin,
                proof,
            } => breach(f, seen, *margin, proof),
            Self::Ambient { seen } => write!(
                f,
                "{seen}: beyond its limit, but so is unexposed: not caused by this change"
            ),
            Self::Leaning {
                seen,
                of,
                by,
                margin,
                harm,
                weighed_down,
                is_shared,
                on_breach,
            } => {
                let bound = match (of, margin) {
                    (Leaning::Limit, _) => "its limit".to_owned(),
                    (Leaning::Margin, Some(margin)) => format!("its {} margin", effect(*margin)),
                    (Leaning::Margin, None) => "its margin".to_owned(),
                };
                let so = match on_breach {
                    OnBreach::Rollback | OnBreach::Pause => {
                        "the exposure is not raised while it lasts"
                    }
                    OnBreach::Warn => "it only warns, and holds nothing back",
                };
                // What decided comes first, then how far from proof that is.
                let distance = match by {
                    Sign::Stage(z) => format!(
                        "{:.1} standard errors beyond it in this stage; ",
                        (z * 10.0).floor() / 10.0
                    ),
                    Sign::Rollout => String::new(),
                };
                let against = if *weighed_down {
                    ", lowered by healthy evidence of earlier stages"
                } else {
                    ""
                };
                let shared = if *is_shared {
                    ", of which margin and limit count half each"
                } else {
                    ""
                };
                write!(
                    f,
                    "{seen}: leaning to a breach of {bound} ({distance}{}{against}{shared}); {so}",
                    plainly(*harm)
                )
            }
            Self::RuledOut { seen, effect: harm } => {
                write!(f, "{seen}: harm of {} is ruled out", effect(*harm))
            }
            Self::NoBreach { seen } => write!(
                f,
                "{seen}: no harm beyond the margin is proven, and the stage asks for no more"
            ),
            Self::Better { seen } => write!(f, "{seen}: proven better"),
            Self::TooFewEvents { seen, expected } => {
                write!(
                    f,
                    "{seen}: too little exposed traffic yet for a low number of events to prove anything"
                )?;
                wait(f, *expected)
            }
            Self::TooFewBlocks {
                seen,
                blocks,
                needed,
                expected,
            } => {
                write!(
                    f,
                    "{seen}: judged once {needed} blocks hold something of both arms, {blocks} so far"
                )?;
                match expected {
                    Some(wait) => write!(f, "; in about {} at the present rate", wait.rough()),
                    None => Ok(()),
                }
            }
            Self::NotRuledOut {
                seen,
                effect: harm,
                clear,
                expected,
            } => {
                let what = match harm {
                    Some(harm) => format!("harm of {}", effect(*harm)),
                    None => "harm".to_owned(),
                };
                write!(
                    f,
                    "{seen}: {what} is not ruled out yet ({})",
                    distance(*clear)
                )?;
                wait(f, *expected)
            }
            Self::TooBursty {
                seen,
                dispersion,
                block,
            } => write!(
                f,
                "{seen}: too bursty to judge in blocks of {block} (its events vary {dispersion:.0} times as much as independent ones, so that twice the tolerated harm would not be found within the stage)"
            ),
            Self::NotBetter { seen, clear } => {
                write!(f, "{seen}: not proven better yet ({})", distance(*clear))
            }
            Self::NoBoundsYet => {
                f.write_str("too little traffic yet to choose bucket boundaries to compare at")
            }
            Self::LimitKept { seen } => write!(f, "{seen}: proven within the limit"),
            Self::LimitUnbroken { seen } => write!(
                f,
                "{seen}: no breach is proven, and the stage asks for no more"
            ),
            Self::LimitOpen {
                seen,
                clear,
                undecided,
            } => {
                write!(
                    f,
                    "{seen}: not proven within the limit yet ({})",
                    evidence(*clear)
                )?;
                match undecided {
                    Some(undecided) => write!(f, "; {undecided}"),
                    None => Ok(()),
                }
            }
            Self::NobodyUnexposed => {
                f.write_str("everybody is exposed: there is no unexposed arm left to compare with")
            }
        }
    }
}

/// What was seen: `exposed is 1.90x unexposed (1.50x to 2.41x)`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Nothing => f.write_str("there is nothing to compare"),
            Self::Level {
                kind,
                value,
                bound: limit,
            } => {
                let value = value.map_or_else(
                    || "no value".to_owned(),
                    |value| on_scale(kind, Scale::Level, value),
                );
                write!(
                    f,
                    "exposed is at {value} against a limit of {}",
                    bound(limit)
                )
            }
            // A ratio over zero has no estimate, and an end where something was seen at all.
            Self::Compared {
                of,
                estimate: None,
                kind,
                scale,
                lower: Some(lower),
                ..
            } if lower > 0.0 => {
                if let Some(of) = of {
                    write!(f, "{of}: ")?;
                }
                write!(
                    f,
                    "exposed is at least {} unexposed, which has no events",
                    on_scale(kind, scale, lower)
                )
            }
            Self::Compared { estimate: None, .. } => {
                f.write_str("there are no events to compare yet")
            }
            Self::Compared {
                of,
                kind,
                scale,
                estimate: Some(estimate),
                lower,
                upper,
            } => {
                let show = |value: f64| on_scale(kind, scale, value);
                if let Some(of) = of {
                    write!(f, "{of}: ")?;
                }
                let estimate = show(estimate);
                match scale {
                    Scale::Ratio => write!(f, "exposed is {estimate} unexposed"),
                    Scale::Difference => {
                        write!(f, "exposed differs from unexposed by {estimate}")
                    }
                    Scale::Level => write!(f, "exposed is at {estimate}"),
                }?;
                match (lower, upper) {
                    (Some(lower), Some(upper)) => {
                        write!(f, " ({} to {})", show(lower), show(upper))
                    }
                    (Some(lower), None) => write!(f, " (at least {})", show(lower)),
                    (None, Some(upper)) => write!(f, " (at most {})", show(upper)),
                    (None, None) => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Quantile(of) => f.write_str(&quantile(of)),
            Self::SlowerThan(bound) => write!(f, "requests slower than {}", seconds(bound)),
        }
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lower, upper } = *self;
        write!(
            f,
            "these buckets cannot decide between {} and {}",
            seconds(lower.unwrap_or(0.0)),
            upper.map_or_else(|| "infinity".to_owned(), seconds)
        )
    }
}

impl fmt::Display for Boundaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { breach, pass } = self;
        let slower = |pairs: &[BoundPair]| {
            let each: Vec<String> = pairs
                .iter()
                .map(|BoundPair { exposed, unexposed }| {
                    if exposed.total_cmp(unexposed).is_eq() {
                        seconds(*exposed)
                    } else {
                        format!("{} (unexposed {})", seconds(*exposed), seconds(*unexposed))
                    }
                })
                .collect();
            each.join(" and ")
        };
        write!(f, "requests slower than {}", slower(breach))?;
        if breach != pass {
            write!(f, " for a breach, than {} to rule out", slower(pass))?;
        }
        f.write_str("; a breach counts the mean of their e-values, ruling out counts the smallest")
    }
}

fn breach(
    f: &mut fmt::Formatter<'_>,
    seen: &Seen,
    margin: Option<Effect>,
    proof: &Proof,
) -> fmt::Result {
    let Proof {
        of,
        alone,
        at,
        basis,
    } = proof;
    let margin = margin.map_or_else(
        || "the margin".to_owned(),
        |m| format!("the {} margin", effect(m)),
    );
    let what = match (of, alone) {
        (Leaning::Margin, true) => format!("worse than {margin}"),
        (Leaning::Limit, true) => "beyond the limit".to_owned(),
        (Leaning::Margin | Leaning::Limit, false) => {
            "the guardrails together prove harm beyond their bounds, and this one contributes most"
                .to_owned()
        }
    };
    let numbers = match of {
        Leaning::Margin => "interval",
        Leaning::Limit => "level",
    };
    let besides = match basis {
        Basis::Shown => {
            return match (of, alone) {
                (Leaning::Margin, true) => write!(f, "{seen}: proven {what}"),
                (Leaning::Limit, true) => {
                    write!(f, "{seen}: proven {what}, and unexposed is not")
                }
                (Leaning::Margin | Leaning::Limit, false) => write!(f, "{seen}: {what}"),
            };
        }
        Basis::Earlier => "evidence since then is weaker, but a breach stays a breach".to_owned(),
        Basis::Carried => "the evidence carried from earlier stages decided".to_owned(),
        Basis::LateOnset => {
            format!("the later part of the stage decided, and the {numbers} is of the whole stage")
        }
        Basis::Buckets => {
            "counts at the bucket bounds decided, and the interval is as wide as the buckets"
                .to_owned()
        }
    };
    let at = date_and_time(*at);
    write!(f, "{seen}: {what}, proven at {at}; {besides}")
}
