//! Are as many users, and as much traffic, in the exposed arm as the plan declares? If not, the
//! arms cannot be compared: a broken assignment voids every gate.
//! Users by the test of [`crate::stats::misassignment`], traffic as counts in two arms.

use crate::plan::{ASSIGNMENT, Column, Kind, Plan, Schedule};
use crate::snapshot::{AssignmentSeries, Snapshot};
use crate::stats::{
    CountNull, Direction, Model, Observation, OnsetMixture, Prior, TwoArmBlock, misassignment,
};
use crate::units::{Exposure, Instant, LogE};

use super::Misassigned;
use super::blocks::Frame;
use super::question::restart_blocks;
use super::together::{StageWeights, carried_into};

/// The share of users may differ by so much, relative: hashing is even, counting is not quite.
const TOLERANCE: f64 = 0.05;

/// Traffic may differ by this factor either way: users differ in how much they do.
const VOLUME: f64 = 1.25;

/// The chance of a false alarm: of the users' check in a whole rollout, of the traffic's in a stage. It
/// stops everything, so it is rarer than a rollback.
const LOG_ALARM: f64 = 6.907_755_278_982_137;

/// Less evidence than this is none.
const LEAST_CARRIED: f64 = -50.0;

/// What the next stage must remember of the assignment, and its name: the evidence of this stage
/// multiplies that of earlier ones, each against its own share.
pub(super) fn carried(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Option<(String, LogE)> {
    plan.assignment.as_ref()?;
    let exposure = plan.state.as_ref()?.exposure;
    let series = snapshot.assignment.as_ref()?;
    let frame = piece(plan, Frame::of_users(plan, snapshot, now));
    let (exposed, unexposed) = counted(series, &frame)
        .into_iter()
        .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let own = misassignment(exposed, unexposed, exposure.share(), TOLERANCE);
    let LogE(log_e) = weights(plan).carry(plan, ASSIGNMENT, LogE(own));
    Some((ASSIGNMENT.to_owned(), LogE(log_e.max(LEAST_CARRIED))))
}

/// What is wrong with the assignment, if anything; the plan must ask for the check.
pub(super) fn broken(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Option<Misassigned> {
    plan.assignment.as_ref()?;
    let exposure = plan.state.as_ref()?.exposure;
    if exposure == Exposure::FULL || exposure == Exposure::NONE {
        return None;
    }
    let Some(series) = &snapshot.assignment else {
        return Some(Misassigned::NotInSnapshot);
    };
    if !series.issues.is_empty() {
        return Some(Misassigned::Measured(series.issues.clone()));
    }
    let frame = Frame::of_users(plan, snapshot, now);
    let alarm = match &plan.course {
        Schedule::Stages(_) => LOG_ALARM,
        // For the traffic each move is a test of its own, and the chance of an alarm is spread over all
        // moves there can be: 1/(m(m+1)) sums to 1.
        Schedule::Ramp(_) => {
            let moves = moves(plan);
            LOG_ALARM + (moves * (moves + 1.0)).ln()
        }
    };
    let frame = piece(plan, frame);
    users(plan, series, &frame, exposure)
        .or_else(|| volume(plan, snapshot, &frame, exposure, alarm))
}

/// The span in which the declared share was the present one: a stage, or what came after a ramp's
/// latest move. Users are counted once, at their first exposure to either arm, so that whom a move
/// takes over is not counted again.
fn piece(plan: &Plan, stage: Frame) -> Frame {
    match plan.course {
        Schedule::Stages(_) => stage,
        Schedule::Ramp(_) => stage.present(),
    }
}

/// Where the assignment may have broken: in which stage, or after which move of a ramp.
fn weights(plan: &Plan) -> StageWeights {
    match plan.course {
        Schedule::Stages(_) => StageWeights::of(plan),
        Schedule::Ramp(_) => {
            let moves = moves(plan);
            StageWeights {
                present: 1.0 / (moves * (moves + 1.0)),
                later: 1.0 / (moves + 1.0),
            }
        }
    }
}

/// Moves of a ramp so far, the first exposure included.
fn moves(plan: &Plan) -> f64 {
    plan.state
        .as_ref()
        .and_then(|state| state.ramp)
        .map_or(1.0, |climb| f64::from(climb.moves.max(1)))
}

/// Blocks of users that may be late after a move, as many as may be of any evidence.
const LATE_BLOCKS: i64 = 3;

fn users(
    plan: &Plan,
    series: &AssignmentSeries,
    frame: &Frame,
    exposure: Exposure,
) -> Option<Misassigned> {
    let weights = weights(plan);
    let earlier = carried_into(plan, ASSIGNMENT);
    let counts = counted(series, frame);
    let (mut exposed, mut unexposed) = (0.0, 0.0);
    for (t, c) in &counts {
        exposed += t;
        unexposed += c;
        let own = misassignment(exposed, unexposed, exposure.share(), TOLERANCE);
        if weights.rollout(own.min(MOST).exp(), earlier).ln() >= LOG_ALARM {
            return Some(Misassigned::Share {
                users: exposed + unexposed,
                exposed: exposed / (exposed + unexposed),
                declared: exposure,
            });
        }
    }
    // Just after a move there are none yet.
    let late = match plan.course {
        Schedule::Stages(_) => 0,
        Schedule::Ramp(_) => LATE_BLOCKS,
    };
    (counts.is_empty() && frame.expected() > late).then_some(Misassigned::NoUsers)
}

/// Beyond this a log e-value says no more than "certain", and the e-value stays finite.
const MOST: f64 = 600.0;

/// New users of both arms in each judged block in which both were counted.
fn counted(series: &AssignmentSeries, frame: &Frame) -> Vec<(f64, f64)> {
    let count = |series: &[Option<f64>], i: usize| {
        let count = series.get(i).copied().flatten();
        count.filter(|x| x.is_finite() && *x >= 0.0)
    };
    let ends = series.ends.iter().enumerate();
    ends.filter(|(_, end)| frame.holds(**end))
        .filter_map(|(i, _)| Some((count(&series.exposed, i)?, count(&series.unexposed, i)?)))
        .collect()
}

/// A build that crashes before it reports shows fewer events and a lovely error rate. Its traffic
/// gives it away.
fn volume(
    plan: &Plan,
    snapshot: &Snapshot,
    frame: &Frame,
    exposure: Exposure,
    alarm: f64,
) -> Option<Misassigned> {
    let (guardrail, series) = plan
        .guardrails
        .iter()
        .filter(|guardrail| matches!(guardrail.metric.kind, Kind::Ratio { .. }))
        .find_map(|guardrail| Some((guardrail, snapshot.guardrails.get(&guardrail.name)?)))
        .filter(|(_, series)| series.issues.is_empty())?;
    // Other arms had other traffic.
    let frame = frame.after_restart(plan, &guardrail.name);
    let columns = [
        series.exposed.column(Column::Total)?,
        series.unexposed.column(Column::Total)?,
    ];
    let judged = frame.pick(&series.ends, &columns, |row| row.iter().all(|x| *x >= 0.0));
    let share = exposure.share();
    let every = restart_blocks(frame.block());
    let mut tests = [false, true].map(|turned| {
        (
            turned,
            CountNull::new(VOLUME, 0.0, Direction::Above),
            OnsetMixture::new(Model::TwoArms, Prior::UNKNOWN, every),
        )
    });
    for row in &judged.rows {
        for (turned, null, onset) in &mut tests {
            let (t, c) = if *turned {
                ((row[1], 1.0 - share), (row[0], share))
            } else {
                ((row[0], share), (row[1], 1.0 - share))
            };
            let block = TwoArmBlock {
                exposed_events: t.0,
                exposed_total: t.1,
                unexposed_events: c.0,
                unexposed_total: c.1,
            };
            let reading = onset.push(&Observation::two_arms(&block), |sums| {
                null.add(&block, sums)
            });
            if reading.log_e >= alarm {
                return Some(if *turned {
                    Misassigned::TooLittleTraffic { declared: exposure }
                } else {
                    Misassigned::TooMuchTraffic { declared: exposure }
                });
            }
        }
    }
    None
}
