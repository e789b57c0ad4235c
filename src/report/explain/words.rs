//! The sentences of an explanation that depend on one word of the judge. They decide nothing.

use crate::judge::{Belief, Finding, Look, Measure, Scale, SeenNoise, Verdict};
use crate::plan::{Kind, OnBreach, Plan};
use crate::snapshot::Housing;
use crate::units::{Instant, Probability};

use super::super::numbers;

/// `+3.00 = ln(1 / 0.05)`.
pub(super) fn needed(alpha: Probability) -> String {
    format!("{} = ln(1 / {})", alpha.threshold(), alpha.get())
}

/// What a look for a pass asks for.
pub(super) fn spent(plan: &Plan, look: &Look) -> String {
    let alpha = 100.0 * plan.judge.advance_alpha.get();
    format!(
        "{:.2} standard errors at the latest look: the {} % by which a pass may err are spent over \
         looks, three fifths of it when the stage is min_duration old, the rest later, next at {}",
        look.needed,
        numbers::plain(alpha),
        minute(look.next)
    )
}

pub(super) const fn hypothesis(scale: Scale) -> &'static str {
    match scale {
        Scale::Ratio => "exposed divided by unexposed, logarithms of e-values, 0 is no evidence",
        Scale::Difference => "exposed minus unexposed, logarithms of e-values, 0 is no evidence",
        Scale::Level => "the exposed arm alone, logarithms of e-values, 0 is no evidence",
    }
}

pub(super) const fn consequence(on_breach: OnBreach) -> &'static str {
    match on_breach {
        OnBreach::Rollback => "a rollback",
        OnBreach::Pause => "a pause",
        OnBreach::Warn => "a warning",
    }
}

pub(super) fn dispersion(measure: &Measure) -> String {
    let factor = measure.dispersion;
    if measure.belief.is_none() {
        return "none; how both arms differ is measured from block to block, and the interval is \
                as wide as that makes it"
            .into();
    }
    let so = if factor <= 1.0 {
        "events look independent, all evidence counts in full"
    } else {
        "events come in bursts, or too little was seen to say that they do not, so every logarithm \
         is divided by this"
    };
    let source = match measure.belief {
        None => "",
        Some(Belief::Guess) => {
            "; learnt from how the blocks scatter, at its cautious end, and until there is an hour \
             of them a guess of 3"
        }
        Some(Belief::History) => {
            "; learnt from how groups of the unexposed arm's instances differ, and from how the \
             blocks scatter"
        }
        Some(Belief::HistoryContradicted) => {
            "; learnt from how the blocks scatter, at its cautious end: groups of the unexposed \
             arm's instances are so much calmer that they are not believed"
        }
        Some(Belief::ShownEarlier) => {
            "; learnt from how the blocks scatter, here and in earlier stages"
        }
    };
    let grants = measure.noise.map_or_else(String::new, granted);
    format!("{}: {so}{source}{grants}", numbers::plain(factor))
}

/// What the arms are granted for where they live, and for clumps.
fn granted(noise: SeenNoise) -> String {
    let SeenNoise {
        clumps,
        tempering,
        widening,
        housing,
    } = noise;
    let mut text = format!(
        "; for a breach by {}, since arms may drift apart a little",
        numbers::plain(tempering)
    );
    if clumps > 2.0 {
        text += &format!(
            "; {} of it is events that come together, such as those of one user",
            numbers::plain(clumps)
        );
    }
    text += match housing {
        Some(Housing::Own) => "; the arms have instances of their own",
        Some(Housing::Shared) => "; the arms share their instances",
        None => "",
    };
    if widening > 1.0 + 1e-9 {
        text += &format!(
            ", which differ, so that {}x more than the margin is no breach",
            numbers::plain(widening)
        );
    }
    text
}

/// What somebody who does not care for logarithms does now.
pub(super) fn advice(plan: &Plan, finding: &Finding) -> String {
    let plan = &plan.name;
    match finding.verdict {
        Verdict::Pass | Verdict::NotApplicable => "nothing".into(),
        Verdict::Inconclusive if finding.leaning.is_some() => format!(
            "look for the cause now: what is seen leans to harm, and nobody else is exposed while it \
             does; `rollout rollback {plan}` does not wait for proof"
        ),
        Verdict::Inconclusive => {
            let asks = finding
                .measure
                .as_ref()
                .and_then(|measure| measure.rule_out);
            match asks {
                Some(_) => "wait; more traffic or a larger `rule_out` makes it shorter".into(),
                None => "wait for more traffic".into(),
            }
        }
        Verdict::NoData(_) => {
            format!("look at its series: `rollout doctor {plan} -v`")
        }
        Verdict::Breach => match finding.on_breach {
            OnBreach::Rollback => {
                "find the cause; after the fix, `rollout retry` starts again".into()
            }
            OnBreach::Pause => format!(
                "find the cause; then `rollout resume {plan}`, or `rollout rollback {plan}`"
            ),
            OnBreach::Warn => "look at it when there is time: it stops nothing".into(),
        },
    }
}

pub(super) fn minute(instant: Instant) -> String {
    numbers::date_and_time(instant)
}

/// Plans have far fewer guardrails than a `u32` holds.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// What a kind of metric is called in sentences.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Ratio { .. } => "share of events",
        Kind::Rate { .. } => "events per unit of use",
        Kind::Latency { .. } => "latency quantile",
        Kind::Mean { .. } => "mean",
        Kind::Gauge { .. } => "level",
        Kind::Point { .. } => "plain threshold, no error control",
    }
}
