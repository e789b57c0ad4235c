//! What holds for every plan, judgement and hour.

use proptest::prelude::*;

use super::super::fixture::{
    alone, at, finding, guardrail, judged, pending, period, running, stages, state,
};
use super::super::{Action, Environment, by_hand, decide};
use crate::judge::{Judgement, Misassigned, NoData, Verdict};
use crate::plan::{Actor, Freeze, Intervention, OnBreach, OnNoData, Plan, RuleOut, State, Status};
use crate::units::{Digest, Exposure, LogE};

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Pass),
        Just(Verdict::Breach),
        Just(Verdict::Inconclusive),
        (0_i64..48).prop_map(|hours| Verdict::NoData(NoData {
            since: alone().now - chrono::TimeDelta::hours(hours),
        })),
        Just(Verdict::NotApplicable),
    ]
}

fn on_breach() -> impl Strategy<Value = OnBreach> {
    prop_oneof![
        Just(OnBreach::Rollback),
        Just(OnBreach::Pause),
        Just(OnBreach::Warn)
    ]
}

fn on_no_data() -> impl Strategy<Value = OnNoData> {
    prop_oneof![
        Just(OnNoData::Hold),
        Just(OnNoData::Pause),
        Just(OnNoData::Rollback {
            after: period("30m")
        }),
        Just(OnNoData::Rollback {
            after: period("12h")
        }),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Pending),
        Just(Status::Progressing),
        Just(Status::Paused),
        Just(Status::RolledBack),
        Just(Status::Complete),
    ]
}

fn rule_out() -> impl Strategy<Value = RuleOut> {
    prop_oneof![Just(RuleOut::Margin), Just(RuleOut::Nothing)]
}

/// A plan with three guardrails, anywhere on its way, in any status.
fn plan() -> impl Strategy<Value = Plan> {
    (
        proptest::option::weighted(0.9, (status(), 1_u32..=5, 0_i64..200)),
        proptest::collection::vec((on_breach(), on_no_data(), any::<bool>()), 3),
        proptest::collection::vec((rule_out(), any::<bool>()), 4),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(standing, guards, rules, approved, by_person)| {
            let mut plan = pending();
            plan.guardrails = ["errors", "latency", "crashes"].map(guardrail).to_vec();
            for (stage, (rule_out, approval)) in stages(&mut plan).iter_mut().zip(rules) {
                stage.rule_out = rule_out;
                stage.approval = approval;
            }
            if let Some((status, stage, hours)) = standing {
                let mut state = running(stage.min(4)).state.unwrap();
                state.definitions = plan
                    .guardrails
                    .iter()
                    .map(|g| (g.name.clone(), g.definition.clone()))
                    .collect();
                state.status = status;
                state.stage = stage;
                state.entered_at = alone().now - chrono::TimeDelta::hours(hours);
                if matches!(status, Status::Pending | Status::RolledBack) {
                    state.exposure = Exposure::NONE;
                }
                let record = Intervention {
                    by: if by_person {
                        Actor::Person("ann".into())
                    } else {
                        Actor::Guardrail("errors".into())
                    },
                    at: alone().now,
                    reason: None,
                };
                state.approval = approved.then(|| record.clone());
                state.pause = (status == Status::Paused).then_some(record);
                plan.state = Some(state);
            }
            for (guardrail, (on_breach, on_no_data, changed)) in
                plan.guardrails.iter_mut().zip(guards)
            {
                guardrail.on_breach = on_breach;
                guardrail.on_no_data = on_no_data;
                if changed && by_person {
                    guardrail.definition = Digest::of(b"changed");
                }
            }
            plan
        })
}

fn judgement(plan: &Plan, verdicts: &[(Verdict, u32)], broken: bool) -> Judgement {
    let mut judgement = judged(plan, &[]);
    judgement.findings = plan
        .guardrails
        .iter()
        .zip(verdicts)
        .map(|(guardrail, (verdict, blocks))| {
            let mut finding = finding(guardrail, *verdict);
            finding.blocks = *blocks;
            finding
        })
        .collect();
    judgement.assignment_broken = broken.then_some(Misassigned::NoUsers);
    judgement.log_e_rollback = LogE(0.0);
    judgement
}

fn verdicts() -> impl Strategy<Value = Vec<(Verdict, u32)>> {
    proptest::collection::vec((verdict(), prop_oneof![Just(0_u32), Just(288)]), 3)
}

fn around(frozen: bool) -> Environment {
    let mut around = alone();
    if frozen {
        around.calendar.freezes.push(Freeze {
            from: None,
            until: at("2027-01-04T00:00:00Z"),
            reason: "holidays".into(),
            owner: None,
        });
    }
    around
}

fn exposure(state: Option<&State>) -> Exposure {
    state.map_or(Exposure::NONE, |state| state.exposure)
}

/// The exposure after one run.
fn after(plan: &Plan, judgement: &Judgement, around: &Environment) -> Exposure {
    let decision = decide(plan, Some(judgement), around);
    let next = decision.next.clone();
    exposure(next.as_ref().or(plan.state.as_ref()))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        // A failure is fixed or becomes a test of its own; no folder of seeds.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_stage_is_skipped_and_exposure_only_falls_by_rollback(
        plan in plan(), verdicts in verdicts(), broken: bool, frozen: bool,
    ) {
        let around = around(frozen);
        let judgement = judgement(&plan, &verdicts, broken);
        let decision = decide(&plan, Some(&judgement), &around);
        prop_assert!(!decision.reasons.is_empty());
        let next = decision.next.clone();
        let (now, then) = (exposure(plan.state.as_ref()), exposure(next.as_ref().or(plan.state.as_ref())));
        match decision.action {
            Action::Advance { stage, exposure } => {
                let present = plan.state.as_ref().map_or(0, |state| {
                    if plan.is_exposed() { state.stage } else { state.stage - 1 }
                });
                prop_assert_eq!(stage, present + 1);
                prop_assert_eq!(exposure, plan.stages()[stage as usize - 1].exposure);
                prop_assert!(then > now);
            }
            Action::Rollback { .. } => prop_assert_eq!(then, Exposure::NONE),
            Action::Hold | Action::Pause | Action::Complete => prop_assert_eq!(then, now),
        }
    }

    #[test]
    fn an_exposed_plan_moves_on_only_when_every_guardrail_that_gates_has_shown_it(
        plan in plan(), verdicts in verdicts(), broken: bool,
    ) {
        let judgement = judgement(&plan, &verdicts, broken);
        let decision = decide(&plan, Some(&judgement), &alone());
        let moves = matches!(decision.action, Action::Advance { .. } | Action::Complete);
        if moves && plan.needs_data() {
            prop_assert!(!broken);
            let state = plan.state.as_ref().unwrap();
            let nothing = plan.stage().unwrap().rule_out == RuleOut::Nothing;
            for (guardrail, (verdict, blocks)) in plan.guardrails.iter().zip(&verdicts) {
                prop_assert!(!matches!(verdict, Verdict::NoData(_)), "no evidence never passes");
                if guardrail.on_breach == OnBreach::Warn {
                    continue;
                }
                prop_assert!(!state.outdates(guardrail));
                let shown = match verdict {
                    Verdict::Pass => *blocks > 0,
                    Verdict::NotApplicable => state.exposure == Exposure::FULL,
                    Verdict::Inconclusive => nothing && *blocks > 0,
                    Verdict::Breach | Verdict::NoData(_) => false,
                };
                prop_assert!(shown);
            }
        }
    }

    #[test]
    fn more_harm_never_means_more_exposure(
        plan in plan(), verdicts in verdicts(), index in 0_usize..3, worse: bool, broken: bool,
    ) {
        let milder = judgement(&plan, &verdicts, broken);
        let mut harmful = milder.clone();
        // Pass, then inconclusive, then breach: each is more harm than the one before. Missing
        // evidence and nothing to compare are no sizes of harm.
        let next = match (milder.findings[index].verdict, worse) {
            (Verdict::Pass, false) => Verdict::Inconclusive,
            (Verdict::Pass | Verdict::NotApplicable | Verdict::Inconclusive, _) => Verdict::Breach,
            (other @ (Verdict::Breach | Verdict::NoData(_)), _) => other,
        };
        harmful.findings[index].verdict = next;
        prop_assert!(after(&plan, &harmful, &alone()) <= after(&plan, &milder, &alone()));
    }

    #[test]
    fn a_decision_that_holds_is_taken_again(
        plan in plan(), verdicts in verdicts(), broken: bool, frozen: bool,
    ) {
        let around = around(frozen);
        let first = judgement(&plan, &verdicts, broken);
        let decision = decide(&plan, Some(&first), &around);
        prop_assert_eq!(&decision, &decide(&plan, Some(&first), &around));
        let Some(next) = decision.next.clone() else {
            return Ok(());
        };
        if matches!(decision.action, Action::Advance { .. }) {
            return Ok(());
        }
        // Applied, the same world leads nowhere else: a pause stays a pause, a rollback a rollback,
        // a recorded restart is recorded once.
        let mut applied = plan.clone();
        let restarted = next.restarts != state_or(&plan).restarts;
        applied.state = Some(next);
        // Restarted evidence is empty evidence.
        let second = if restarted {
            judgement(&applied, &verdicts.iter().map(|_| (Verdict::Inconclusive, 0)).collect::<Vec<_>>(), broken)
        } else {
            first
        };
        let again = decide(&applied, Some(&second), &around);
        let once_more = again.next.clone();
        // A guardrail that only warns holds the plan for the one run that records its restart.
        let on = matches!(again.action, Action::Advance { .. } | Action::Complete);
        prop_assert!(once_more.is_none() || (restarted && on));
    }

    #[test]
    fn automation_never_undoes_a_person(
        plan in plan(), verdicts in proptest::collection::vec(verdicts(), 8),
    ) {
        let hand = by_hand::Operator { person: "ann", now: alone().now, reason: None };
        for decided in [by_hand::rollback((&plan).into(), hand), by_hand::pause((&plan).into(), hand)] {
            let Ok(Some(decided)) = decided else { continue };
            let mut plan = plan.clone();
            let before = decided.exposure;
            let stopped = decided.status;
            plan.state = Some(decided);
            for verdicts in &verdicts {
                let judgement = judgement(&plan, verdicts, false);
                let decision = decide(&plan, Some(&judgement), &alone());
                if let Some(next) = decision.next.clone() {
                    plan.state = Some(next);
                }
                let now = plan.state.as_ref().unwrap();
                prop_assert!(now.exposure <= before);
                prop_assert!(now.status == stopped || now.status == Status::RolledBack);
            }
        }
    }
}

fn state_or(plan: &Plan) -> State {
    let mut plan = plan.clone();
    if plan.state.is_none() {
        plan.state = running(1).state;
    }
    state(&mut plan).clone()
}
