//! What is asked of a guardrail in a stage: the path that its evidence takes there, what it tolerates
//! and what must be proven to leave the stage.

use crate::judge::planning::{Counting, Timetable, breach_needs};
use crate::plan::{Guardrail, Kind, Plan, RuleOut, Stage};
use crate::stats::NoiseSettings;
use crate::units::{Exposure, Worse};

use super::contrast::Levels;
use super::path::{Gross, Path};
use super::{Asked, Load, Traffic, Unforeseen};

/// The expected path of this guardrail's evidence in a stage, and what it tolerates there: its margin
/// where the arms are compared, else its limit.
pub(super) fn path(
    at: &Plan,
    stage: &Stage,
    guardrail: &Guardrail,
    traffic: &Traffic,
) -> Result<(Path, Asked), Unforeseen> {
    let kind = guardrail.metric.kind;
    match kind {
        Kind::Point { .. } => return Err(Unforeseen::Threshold),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Latency { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. } => {}
    }
    let everybody = stage.exposure == Exposure::FULL;
    let tolerated = match (guardrail.margin, guardrail.limit) {
        (Some(margin), _) if !everybody => Asked::Harm(margin),
        (_, Some(limit)) => Asked::Limit(limit),
        (Some(_), None) => return Err(Unforeseen::NobodyUnexposed),
        (None, None) => return Err(Unforeseen::NoMargin),
    };
    let of_quantile = match tolerated {
        Asked::Harm(margin) => kind.speaks_of_quantile(margin),
        Asked::Limit(_) => matches!(kind, Kind::Latency { .. }),
    };
    if of_quantile {
        return Err(Unforeseen::NoTail);
    }
    let load = traffic
        .loads
        .get(&guardrail.name)
        .cloned()
        .filter(Load::is_usable);
    let load = match load {
        Some(load) if kind.is_counted() || load.is_variation_known() => load,
        Some(_) => return Err(Unforeseen::NoSpread),
        None if kind.is_counted() => return Err(Unforeseen::NoTraffic),
        None => return Err(Unforeseen::NoSpread),
    };
    let block = at.judge.block_for(stage.min_duration);
    let levels = load.levels.as_ref();
    let asked = [Some(tolerated), to_leave(stage, guardrail, tolerated)];
    let levels = levels.map(|past| Levels::of(past, asked, block));
    if levels.as_ref().is_some_and(|levels| !levels.is_known()) {
        return Err(Unforeseen::NoSpread);
    }
    let counting = Counting::of(kind, load.baseline);
    let path = Path {
        gross: gross(at, stage, counting, load.baseline, guardrail),
        load,
        kind,
        counting,
        levels,
        exposure: stage.exposure,
        block,
        warmup: at.judge.warmup_blocks(block),
        floor: f64::from(at.judge.floor_for(stage.min_duration).seconds()),
        breach_needs: breach_needs(at, guardrail),
        pass_needs: at.judge.advance_alpha.threshold(),
        timetable: Timetable::foreseen(stage.min_duration, block, at.judge.advance_alpha),
    };
    Ok((path, tolerated))
}

/// The first part of a stage, for a comparison of counts.
fn gross(
    at: &Plan,
    stage: &Stage,
    counting: Counting,
    baseline: f64,
    guardrail: &Guardrail,
) -> Gross {
    let counts = matches!(
        guardrail.metric.kind,
        Kind::Ratio { .. } | Kind::Rate { .. }
    );
    let block = at.judge.block_for(stage.min_duration);
    let tolerated = guardrail
        .margin
        .map_or(1.0, |margin| counting.ratio(margin, baseline));
    Gross {
        blocks: if counts {
            f64::from(at.judge.gross_blocks(stage.min_duration, block))
        } else {
            0.0
        },
        granted: NoiseSettings::granted(at.judge.gross.null(Worse::Higher).0, tolerated),
    }
}

/// What must be proven to leave a stage: the stage's `rule_out` where the arms are compared; where
/// there is only a limit, that it is kept, unless the stage asks for nothing.
pub(super) fn to_leave(stage: &Stage, guardrail: &Guardrail, tolerated: Asked) -> Option<Asked> {
    match tolerated {
        Asked::Harm(_) => stage.rule_out.of(guardrail).map(Asked::Harm),
        Asked::Limit(limit) => match stage.rule_out {
            RuleOut::Nothing => None,
            RuleOut::Margin | RuleOut::Every(_) | RuleOut::Named(_) => Some(Asked::Limit(limit)),
        },
    }
}
