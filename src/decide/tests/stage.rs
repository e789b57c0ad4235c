//! Rules 6, 7 and 10: what a stage asks, and the step out of it.

use super::super::fixture::{
    alone, at, judged, limit, no_data, pending, percent, period, running, stages, state,
};
use super::super::{Action, Decision, Exit, GateName, GateState, decide};
use super::said::{ROLLBACK, on_a_freeze, to, why, with};
use crate::judge::Verdict::{Breach, Inconclusive, NotApplicable, Pass};
use crate::judge::{Judgement, Misassigned};
use crate::plan::{ASSIGNMENT, Assignment, Plan, Restart, Role, RuleOut, Selector, Status};
use crate::units::{Digest, Exposure, Period};

#[test]
fn a_young_stage_holds_and_says_how_long() {
    let mut plan = running(1);
    state(&mut plan).entered_at = at("2026-11-21T15:10:00Z");
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["stage 1 has 3h 10m of its min_duration left"]
    );
}

#[test]
fn a_stage_is_as_young_as_the_evidence_of_all_its_guardrails() {
    let mut plan = running(1);
    state(&mut plan).entered_at = at("2026-11-17T12:00:00Z");
    let restart = |plan: &Plan, i: usize| {
        let guardrail = &plan.guardrails[i];
        let restart = Restart {
            at: at("2026-11-21T15:10:00Z"),
            definition: guardrail.definition.clone(),
        };
        (guardrail.name.clone(), restart)
    };
    let (name, first) = restart(&plan, 0);
    state(&mut plan).restarts.insert(name, first);
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(2, 10.0));

    let (name, second) = restart(&plan, 1);
    state(&mut plan).restarts.insert(name, second);
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!(
        why(&decision),
        ["stage 1 has 3h 10m of its min_duration left"]
    );
}

#[test]
fn what_is_not_ruled_out_holds_until_max_duration_asks_a_person() {
    let mut plan = running(1);
    let decision = with(&plan, &[Inconclusive, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["stage 1 needs more evidence on errors: about 9h more at the present rate"]
    );
    state(&mut plan).entered_at = at("2026-11-17T12:00:00Z");
    let decision = with(&plan, &[Inconclusive, Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    // An answer after max_duration is still an answer.
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(2, 10.0));
}

#[test]
fn nothing_to_rule_out_still_needs_evidence() {
    let mut plan = running(1);
    stages(&mut plan)[0].rule_out = RuleOut::Nothing;
    assert_eq!(
        with(&plan, &[Inconclusive, Inconclusive]).action,
        to(2, 10.0)
    );

    let mut empty = judged(&plan, &[Inconclusive, Inconclusive]);
    for finding in &mut empty.findings {
        finding.blocks = 0;
    }
    assert_eq!(decide(&plan, Some(&empty), &alone()).action, Action::Hold);
    for verdict in [Pass, NotApplicable] {
        for finding in &mut empty.findings {
            finding.verdict = verdict;
        }
        assert_eq!(decide(&plan, Some(&empty), &alone()).action, Action::Hold);
    }
}

#[test]
fn an_incident_of_both_arms_holds() {
    let mut plan = running(1);
    plan.guardrails[0].limit = Some(limit("2%"));
    let mut judgement = judged(&plan, &[Pass, Pass]);
    judgement.findings[0].limit.as_mut().unwrap().ambient = true;
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
}

#[test]
fn a_success_metric_stops_only_where_it_is_required() {
    let mut plan = running(1);
    plan.guardrails[1].role = Role::Success;
    assert_eq!(with(&plan, &[Pass, Inconclusive]).action, to(2, 10.0));
    assert_eq!(with(&plan, &[Pass, Breach]).action, to(2, 10.0));
    plan.require_success = true;
    let decision = with(&plan, &[Pass, Inconclusive]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(2, 10.0));
}

#[test]
fn a_changed_definition_restarts_its_evidence_once() {
    let mut plan = running(1);
    plan.guardrails[0].definition = Digest::of(b"another margin");
    let judgement = judged(&plan, &[Breach, Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    let next = decision.next.clone().unwrap();
    assert_eq!(next.restarts["errors"].at, alone().now);
    assert_eq!(next.entered_at, plan.state.as_ref().unwrap().entered_at);

    // From then on the judge's word counts again, and nothing more is written.
    plan.state = Some(next);
    let judgement = judged(&plan, &[Inconclusive, Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(decision.next.clone(), None);
    assert_eq!(with(&plan, &[Breach, Pass]).action, ROLLBACK);
}

#[test]
fn other_arms_restart_the_count_of_users_once() {
    let mut plan = running(1);
    plan.assignment = Some(Assignment {
        users: Selector::parse("assignments_total").unwrap(),
    });
    let definition = plan.assignment_definition().unwrap();
    let known = &mut state(&mut plan).definitions;
    known.insert(ASSIGNMENT.to_owned(), definition.clone());
    let broken = |plan: &Plan| Judgement {
        assignment_broken: Some(Misassigned::NoUsers),
        ..judged(plan, &[Pass, Pass])
    };
    let decision = decide(&plan, Some(&broken(&plan)), &alone());
    assert_eq!(decision.exit, Exit::Inconclusive);
    assert_eq!(decision.next, None);

    // Users of other arms say nothing of these.
    plan.arms.exposed = "7f9c".into();
    let decision = decide(&plan, Some(&broken(&plan)), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    let said = decision.reasons.iter().map(ToString::to_string);
    let said: Vec<String> = said.collect();
    assert!(
        said.iter()
            .any(|said| said.starts_with("the definition of assignment changed")),
        "{said:?}"
    );
    let next = decision.next.clone().unwrap();
    assert_eq!(next.restarts[ASSIGNMENT].at, alone().now);
    assert_ne!(next.restarts[ASSIGNMENT].definition, definition);
    assert_eq!(next.restarts.len(), 1);

    // From then on it counts again, and nothing more is written.
    plan.state = Some(next);
    let decision = decide(&plan, Some(&broken(&plan)), &alone());
    assert_eq!(decision.exit, Exit::Inconclusive);
    assert_eq!(decision.next, None);

    // A stage that is entered remembers how its users are counted; states of before say nothing of it.
    let entered = decide(&plan, Some(&judged(&plan, &[Pass, Pass])), &alone());
    assert!(entered.next.unwrap().definitions.contains_key(ASSIGNMENT));
    let state = state(&mut plan);
    state.restarts.clear();
    state.definitions.remove(ASSIGNMENT);
    assert!(!plan.outdates_assignment());
}

#[test]
fn everybody_exposed_leaves_nothing_to_compare_and_completes() {
    let plan = running(4);
    let judgement = judged(&plan, &[NotApplicable, NotApplicable]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Complete, Exit::Go)
    );
    let next = decision.next.clone().unwrap();
    assert_eq!(
        (next.status, next.exposure),
        (Status::Complete, Exposure::FULL)
    );

    // A limit that sees nothing is no evidence, even at 100 %.
    assert_eq!(
        with(&plan, &[no_data(), NotApplicable]).exit,
        Exit::Inconclusive
    );
    // Below 100 % there is somebody to compare with.
    assert_eq!(
        with(&running(1), &[NotApplicable, NotApplicable]).action,
        Action::Hold
    );
}

#[test]
fn a_complete_plan_stays_complete() {
    let mut plan = running(4);
    state(&mut plan).status = Status::Complete;
    let decision = decide(&plan, None, &on_a_freeze());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Complete, Exit::Go)
    );
    assert_eq!(decision.next.clone(), None);
}

#[test]
fn a_plan_edited_under_its_state_waits_for_a_person() {
    let mut plan = running(4);
    stages(&mut plan).truncate(2);
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    // Even so, harm rolls back.
    assert_eq!(with(&plan, &[Breach, Pass]).action, ROLLBACK);

    let mut plan = running(3);
    stages(&mut plan)[3].exposure = percent(20.0);
    assert_eq!(with(&plan, &[Pass, Pass]).action, Action::Hold);
}

#[test]
fn every_gate_is_reported_whichever_decides() {
    let plan = running(1);
    let names = |decision: &Decision| -> Vec<&str> {
        decision.gates.iter().map(|gate| gate.name.key()).collect()
    };
    let all = [
        "latch",
        "preflight",
        "rollback",
        "budget",
        "data",
        "pause",
        "budget",
        "every",
        "fresh",
        "min_duration",
        "definitions",
        "leaning",
        "rule_out",
        "ambient",
        "success",
        "course",
        "paused",
        "draft",
        "freeze",
        "window",
        "after",
        "surface",
        "approval",
    ];
    assert_eq!(names(&with(&plan, &[Pass, Pass])), all);
    assert_eq!(names(&with(&plan, &[Breach, Pass])), all);
    assert_eq!(names(&decide(&pending(), None, &alone())), all);
    let closed = with(&plan, &[Breach, Inconclusive]);
    let count = closed
        .gates
        .iter()
        .filter(|g| matches!(g.state, GateState::Closed(_)))
        .count();
    assert_eq!(count, 2);
}

#[test]
fn nothing_counts_as_ruled_out_while_a_guardrail_leans_or_is_breached() {
    let plan = running(1);
    let gate = |decision: &Decision| {
        let gates = decision.gates.iter();
        let found = gates.filter(|gate| gate.name == GateName::RuleOut);
        found.map(|gate| gate.state.clone()).next()
    };
    assert_eq!(gate(&with(&plan, &[Pass, Pass])), Some(GateState::Open));
    let open = gate(&with(&plan, &[Pass, Inconclusive]));
    assert!(matches!(open, Some(GateState::Closed(_))));
    let elsewhere = Some(GateState::NotApplicable);
    assert_eq!(gate(&with(&plan, &[Breach, Pass])), elsewhere);
    assert_eq!(gate(&with(&plan, &[no_data(), Pass])), elsewhere);
    let mut judgement = judged(&plan, &[Inconclusive, Pass]);
    judgement.findings[0].leaning = Some(crate::judge::Leaning::Margin);
    let leaning = decide(&plan, Some(&judgement), &alone());
    assert_eq!(gate(&leaning), elsewhere);
}

#[test]
fn the_expected_wait_is_the_longest_and_unknown_if_any_is() {
    let plan = running(1);
    let mut judgement = judged(&plan, &[Inconclusive, Inconclusive]);
    let wait = |judgement: &mut Judgement, index: usize, wait: Option<Period>| {
        judgement.findings[index]
            .measure
            .as_mut()
            .unwrap()
            .expected_wait = wait;
    };
    wait(&mut judgement, 1, Some(period("11h")));
    let said = why(&decide(&plan, Some(&judgement), &alone()));
    assert!(
        said[0].ends_with("about 11h more at the present rate"),
        "{said:?}"
    );
    wait(&mut judgement, 0, None);
    let said = why(&decide(&plan, Some(&judgement), &alone()));
    assert!(
        said[0].ends_with("how much longer cannot be said yet"),
        "{said:?}"
    );
}

#[test]
fn a_state_of_a_time_to_come_is_a_contradiction_and_harm_still_rolls_back() {
    let mut plan = running(1);
    let now = alone().now;
    let mut decided = |ahead: chrono::TimeDelta, verdict| {
        plan.state.as_mut().unwrap().entered_at = now + ahead;
        let decision = with(&plan, &[verdict, Pass]);
        (decision.exit, decision.reasons[0].code())
    };
    let minutes = chrono::TimeDelta::minutes;
    assert_eq!(decided(minutes(4), Pass), (Exit::Hold, "min-duration"));
    let later = (Exit::Inconclusive, "ahead-of-time");
    assert_eq!(decided(minutes(6), Pass), later);
    assert_eq!(decided(minutes(6_000_000), Inconclusive), later);
    let harm = (Exit::Rollback, "breached");
    assert_eq!(decided(minutes(6), Breach), harm);
}
