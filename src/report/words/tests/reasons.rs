//! One fact of each sort that `decide` states.

use super::examples::{at, names, percent, period};
use crate::decide::by_hand::Refusal;
use crate::decide::{NoDataThen, Reason, TargetStanding, TargetState};
use crate::judge::{Misassigned, Obstacle, Obstruction};
use crate::plan::{Actor, Intervention, Status, TargetKind};
use crate::snapshot::{Copies, Flaw};
use crate::units::Exposure;

pub(super) fn obstructions() -> Vec<Obstruction> {
    let (label, wanted) = ("variant".to_owned(), "treatment".to_owned());
    [
        Obstruction::NotThere,
        Obstruction::NothingOfExposed,
        Obstruction::Silent { last_seen: None },
        Obstruction::Silent {
            last_seen: Some(at("2026-11-22T10:00:00Z").timestamp()),
        },
        Obstruction::NoLabel {
            label: label.clone(),
            others: names(&["app", "code"]),
        },
        Obstruction::NoUnexposed {
            label: label.clone(),
            wanted: "control".into(),
            seen: names(&["Control", "b"]),
            meant: Some("Control".into()),
        },
        Obstruction::NoUnexposed {
            label: label.clone(),
            wanted: "control".into(),
            seen: names(&["", "a", "b"]),
            meant: None,
        },
        Obstruction::OtherSpelling {
            label,
            wanted,
            seen: "Treatment".into(),
        },
        Obstruction::OtherName {
            wanted: "lookup_request_total".into(),
            meant: "lookup_requests_total".into(),
        },
        Obstruction::InBothArms {
            label: "version".into(),
            value: "7f9c".into(),
        },
        Obstruction::Copies(Copies {
            label: "prometheus_replica".into(),
            values: names(&["a", "b"]),
        }),
        Obstruction::Flawed(Flaw::NoNumber),
        Obstruction::Flawed(Flaw::NoBounds),
        Obstruction::Flawed(Flaw::OnlyInfinite),
        Obstruction::Flawed(Flaw::NoInfinite),
        Obstruction::Flawed(Flaw::NotNative),
        Obstruction::Refused {
            said: "too many samples".into(),
        },
    ]
    .into()
}

fn obstacles() -> Vec<Obstacle> {
    obstructions()
        .into_iter()
        .enumerate()
        .map(|(i, what)| Obstacle {
            guardrail: "errors".into(),
            column: (i % 2 == 0).then_some(crate::plan::Column::Events),
            what,
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "one entry for each variant")]
pub(super) fn reasons() -> Vec<Reason> {
    let plan = || "checkout".to_owned();
    let one = || names(&["errors"]);
    let two = || names(&["errors", "latency"]);
    let by = |by| Intervention {
        by,
        at: at("2026-11-22T10:00:00Z"),
        reason: Some("too slow".into()),
    };
    vec![
        Reason::Latched {
            plan: plan(),
            ruling: Some(by(Actor::Person("ann".into()))),
        },
        Reason::Latched {
            plan: plan(),
            ruling: Some(by(Actor::Guardrail("errors".into()))),
        },
        Reason::Breached { guardrails: two() },
        Reason::AssignmentBroken {
            why: Misassigned::NoUsers,
            then: NoDataThen::Hold,
        },
        Reason::NoData {
            guardrails: one(),
            then: NoDataThen::RollbackIn(period("2h")),
        },
        Reason::NoData {
            guardrails: two(),
            then: NoDataThen::Rollback,
        },
        Reason::NoData {
            guardrails: one(),
            then: NoDataThen::Pause,
        },
        Reason::PauseBreached { guardrails: one() },
        Reason::MinDuration {
            stage: 1,
            left: period("3h"),
        },
        Reason::Leaning { guardrails: one() },
        Reason::Leaning { guardrails: two() },
        Reason::NotRuledOut {
            stage: 1,
            guardrails: one(),
            expected: Some(period("9h")),
        },
        Reason::NotRuledOut {
            stage: 1,
            guardrails: one(),
            expected: None,
        },
        Reason::Ambient { guardrails: one() },
        Reason::NoSuccessYet { guardrails: one() },
        Reason::MaxDurationOver {
            stage: 2,
            guardrails: two(),
        },
        Reason::AheadOfTime {
            plan: "checkout".into(),
            raised_at: at("2036-01-01T09:30:00Z"),
        },
        Reason::EvidenceRestarts { guardrails: one() },
        Reason::StageGone {
            stage: 4,
            stages: 3,
        },
        Reason::NextStageSmaller {
            stage: 3,
            exposure: percent(5.0),
            now: percent(10.0),
        },
        Reason::PreflightContradicted {
            obstacles: obstacles(),
        },
        Reason::PreflightWaits {
            obstacles: obstacles()[..2].to_vec(),
        },
        Reason::PreflightUnknown,
        Reason::PreflightOff,
        Reason::Draft {
            todo: "name the metrics".into(),
        },
        Reason::Paused {
            plan: plan(),
            by: Some("ann".into()),
            why: Some("tickets".into()),
        },
        Reason::Frozen {
            until: at("2027-01-04T00:00:00Z"),
            reason: "holiday freeze".into(),
            owner: Some("sre".into()),
        },
        Reason::OutsideWindow {
            opens: Some(at("2026-11-23T08:30:00Z")),
            local: Some("Mon 09:30 Europe/Stockholm".into()),
        },
        Reason::OutsideWindow {
            opens: None,
            local: None,
        },
        Reason::Waiting {
            plan: "payments".into(),
            at_least: percent(50.0),
            now: Some(percent(10.0)),
        },
        Reason::Waiting {
            plan: "payments".into(),
            at_least: percent(50.0),
            now: None,
        },
        Reason::SurfaceBusy {
            surface: "checkout".into(),
            plan: "payments".into(),
        },
        apart(TargetState::Lags {
            shown: percent(1.0),
        }),
        apart(TargetState::Braked {
            shown: Exposure::NONE,
        }),
        apart(TargetState::Off),
        apart(TargetState::Raised {
            shown: percent(90.0),
        }),
        apart(TargetState::Overruled {
            why: "`defaultVariant` gives the change to everybody".into(),
        }),
        apart(TargetState::Changed {
            why: "the numbers do not belong together".into(),
        }),
        apart(TargetState::Unreadable {
            why: "there is no such file".into(),
        }),
        Reason::ApprovalNeeded {
            plan: plan(),
            stage: 2,
        },
        Reason::Entering {
            stage: 1,
            stages: 4,
            exposure: percent(1.0),
        },
        Reason::BudgetSpent {
            guardrail: "errors".into(),
            spent: 520.0,
            ahead: 12.0,
            budget: 500.0,
            rollback: true,
        },
        Reason::BudgetSpent {
            guardrail: "errors".into(),
            spent: 495.0,
            ahead: 12.0,
            budget: 500.0,
            rollback: false,
        },
        Reason::BetweenMoves {
            left: period("20m"),
        },
        Reason::NothingSinceMove,
        Reason::BudgetHolds {
            exposure: percent(10.0),
            guardrail: "errors".into(),
            at_most: 61.2,
            budget: 500.0,
            harm: Some(0.4),
            margin: 0.1,
        },
        Reason::BudgetUnknown,
        Reason::TrafficUnknown,
        Reason::BudgetTooSmall {
            guardrail: "errors".into(),
            least: percent(1.0),
            cost: 60.0,
            budget: 100.0,
            needed: 120.0,
        },
        Reason::Climbing {
            now: percent(1.0),
            next: percent(1.5),
            curve: Some(percent(2.0)),
        },
        Reason::LastGatePassed,
        Reason::AlreadyComplete,
        Reason::Warned { guardrails: one() },
    ]
}

fn apart(state: TargetState) -> Reason {
    Reason::TargetApart {
        plan: "checkout".into(),
        target: TargetStanding {
            file: "../flags/shop.json".into(),
            kind: TargetKind::Flagd,
            told: percent(5.0),
            state,
        },
    }
}

pub(super) fn refusals() -> Vec<Refusal> {
    let plan = || "checkout".to_owned();
    vec![
        Refusal::NothingToPause {
            plan: plan(),
            status: Status::Complete,
        },
        Refusal::ResumeLatched { plan: plan() },
        Refusal::NotRolledBack {
            plan: plan(),
            status: Status::Paused,
        },
        Refusal::NoSuchStage {
            plan: plan(),
            stage: 5,
            stages: 4,
        },
        Refusal::NoApprovalAsked { plan: plan() },
        Refusal::GatesClosed {
            plan: plan(),
            reasons: vec![Reason::MinDuration {
                stage: 1,
                left: period("3h"),
            }],
        },
    ]
}
