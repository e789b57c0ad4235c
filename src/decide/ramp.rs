//! A ramp's curve and clock: where the next move would lead, and when. Whether the gates and the risk
//! budget allow it is not said here.

use crate::judge::Pacing;
use crate::plan::{Curve, Plan, Ramp, RampProgress};
use crate::units::{Exposure, Period};

/// `every = "auto"`: a move waits for so many expected bad events in the exposed arm. If none of
/// three comes, the release is better than its rival with 95 % confidence; if many more come, it
/// shows.
const AUTO_EVENTS: f64 = 3.0;

/// Bounds of `every = "auto"`: a busy service moves in minutes, after three blocks of five minutes; a
/// quiet one in days, but not in so many that nobody remembers what is being rolled out.
const AUTO_LEAST: Period = Period::from_minutes(15);
const AUTO_MOST: Period = Period::from_hours(3 * 24);

/// The least exposure that can be written down.
pub(super) const LEAST: Exposure = Exposure::HUNDREDTH;

/// A move that the risk budget keeps below the curve raises exposure by this factor or waits: each
/// move is a line in the history, and a percent of a percent teaches nothing new.
pub(super) const WORTH_A_MOVE: f64 = 1.1;

/// A move that the curve allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    /// Not sooner than this after the latest move.
    pub(super) gap: Period,
    /// The curve at its end: exposure may rise to it, not above.
    pub(super) ceiling: Exposure,
    /// How far along the curve that is.
    pub(super) progress: Period,
}

/// The next move from where the ramp stands: one `every` further along the curve than the latest
/// one, however long ago that was.
pub(super) fn next_move(ramp: &Ramp, climb: &RampProgress, now: Exposure, every: Period) -> Move {
    let every = f64::from(every.seconds().max(1));
    // Where the curve is too flat for two decimals, a move takes as many `every` as a hundredth does.
    let least = Exposure::floor_percent(now.percent() + 0.01).min(ramp.to);
    let progress = f64::from(climb.progress.seconds());
    let moves = ((position(ramp, least) - progress) / every).ceil().max(1.0);
    let progress = progress + moves * every;
    Move {
        gap: seconds(moves * every),
        ceiling: at(ramp, progress),
        progress: seconds(progress).min(ramp.over),
    }
}

/// The state of a ramp before its next move. Where a fixed ramp's exposure is not what its curve
/// says, the plan was edited under way: it goes on from its exposure, without a jump.
pub(super) fn standing(plan: &Plan, ramp: &Ramp, fixed: bool) -> Option<RampProgress> {
    let state = plan.state.as_ref()?;
    let climb = state.ramp.unwrap_or(RampProgress {
        moves: 1,
        progress: seconds(position(ramp, state.exposure)),
        moved_at: state.entered_at,
        spent: 0.0,
        settled: 0.0,
    });
    let on_curve = at(ramp, f64::from(climb.progress.seconds())) == state.exposure;
    Some(if fixed && !on_curve {
        RampProgress {
            progress: seconds(position(ramp, state.exposure)),
            ..climb
        }
    } else {
        climb
    })
}

/// The time between two moves: what the plan says, else until the exposed arm is expected to have
/// shown enough bad events at the present exposure. The guardrail with the most events counts: harm
/// shows there first.
pub(super) fn every(ramp: &Ramp, pacing: Option<&Pacing>, now: Exposure) -> Period {
    if let Some(every) = ramp.every {
        return every;
    }
    // Without evidence nothing moves anyway, and nothing can be said of the traffic.
    let Some(pacing) = pacing else {
        return AUTO_LEAST;
    };
    let hourly = pacing
        .excesses
        .iter()
        .map(|excess| excess.expected_hourly * now.share())
        .fold(0.0, f64::max);
    if hourly <= 0.0 {
        return AUTO_MOST;
    }
    seconds(AUTO_EVENTS / hourly * 3_600.0)
        .max(AUTO_LEAST)
        .min(AUTO_MOST)
}

/// The curve, so many seconds after its start.
fn at(ramp: &Ramp, progress: f64) -> Exposure {
    Exposure::floor_percent(ramp.percent_at(progress)).min(ramp.to)
}

/// When the curve reaches this exposure, in seconds after its start.
fn position(ramp: &Ramp, exposure: Exposure) -> f64 {
    let whole = f64::from(ramp.over.seconds());
    let (from, to) = (ramp.from.percent(), ramp.to.percent());
    let percent = exposure.percent();
    if percent <= from || to <= from {
        return 0.0;
    }
    if percent >= to {
        return whole;
    }
    let share = match ramp.curve {
        Curve::Linear => (percent - from) / (to - from),
        Curve::Geometric if from > 0.0 => (percent / from).ln() / (to / from).ln(),
        Curve::Geometric => 0.0,
    };
    share * whole
}

fn seconds(value: f64) -> Period {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of u32"
    )]
    let whole = value.clamp(0.0, f64::from(u32::MAX)).round() as u32;
    Period::from_seconds(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Pace;
    use crate::units::Instant;

    fn percent(value: f64) -> Exposure {
        Exposure::from_percent(value).unwrap()
    }

    fn ramp(curve: Curve) -> Ramp {
        Ramp {
            from: percent(1.0),
            to: percent(100.0),
            over: Period::parse("7d").unwrap(),
            curve,
            every: Some(Period::from_hours(1)),
            pace: Pace::Fixed,
        }
    }

    fn climb(progress: &str) -> RampProgress {
        RampProgress {
            moves: 1,
            progress: Period::parse(progress).unwrap(),
            moved_at: Instant::default(),
            spent: 0.0,
            settled: 0.0,
        }
    }

    fn walk(ramp: &Ramp) -> (u32, Period) {
        let (mut climb, mut now, mut moves) = (climb("0s"), ramp.from, 0);
        let mut time = 0;
        while now < ramp.to {
            let next = next_move(ramp, &climb, now, ramp.every.unwrap());
            assert!(next.ceiling > now, "{now} -> {}", next.ceiling);
            time += next.gap.seconds();
            now = next.ceiling;
            climb.progress = next.progress;
            moves += 1;
            assert!(moves < 20_000);
        }
        (moves, Period::from_seconds(time))
    }

    #[test]
    fn an_unhindered_ramp_takes_as_long_as_it_says() {
        for curve in [Curve::Linear, Curve::Geometric] {
            assert_eq!(walk(&ramp(curve)).1, ramp(curve).over);
        }
    }

    #[test]
    fn a_curve_flatter_than_two_decimals_moves_less_often() {
        let flat = Ramp {
            to: percent(1.1),
            every: Some(Period::from_minutes(5)),
            ..ramp(Curve::Linear)
        };
        let (moves, time) = walk(&flat);
        assert_eq!(moves, 10);
        assert_eq!(time, Period::parse("7d").unwrap());
    }

    #[test]
    fn halfway_is_halfway_on_either_scale() {
        let half = f64::from(Period::parse("84h").unwrap().seconds());
        assert_eq!(at(&ramp(Curve::Linear), half), percent(50.5));
        assert_eq!(at(&ramp(Curve::Geometric), half), percent(10.0));
        assert!((position(&ramp(Curve::Geometric), percent(10.0)) - half).abs() < 1.0);
    }

    #[test]
    fn a_busy_service_moves_in_minutes_and_a_quiet_one_in_days() {
        let auto = Ramp {
            every: None,
            ..ramp(Curve::Geometric)
        };
        let pacing = |hourly| Pacing {
            blocks_since_move: 12,
            excesses: vec![crate::judge::Excess {
                guardrail: "errors".into(),
                bad: 0.0,
                expected: 0.0,
                estimate: 0.0,
                at_least: -1.0,
                at_most: None,
                margin: 0.1,
                expected_hourly: hourly,
                worst_hourly: None,
            }],
        };
        let one = percent(1.0);
        assert_eq!(every(&auto, Some(&pacing(36_000.0)), one), AUTO_LEAST);
        assert_eq!(
            every(&auto, Some(&pacing(5.0)), one),
            Period::from_hours(60)
        );
        assert_eq!(every(&auto, Some(&pacing(0.1)), one), AUTO_MOST);
        assert_eq!(every(&auto, None, one), AUTO_LEAST);
        assert_eq!(every(&auto, Some(&Pacing::default()), one), AUTO_MOST);
    }
}
