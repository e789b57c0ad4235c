//! Evidence that leans to a breach raises nothing, and undoes nothing.

use crate::decide::fixture::{alone, judged, running, stages};
use crate::decide::{Action, Decision, Exit, Reason, decide};
use crate::judge::{Leaning, Verdict};
use crate::plan::{OnBreach, Plan};
use crate::units::Period;

/// All pass, and the first guardrail leans.
fn leaning(plan: &Plan, verdict: Verdict) -> Decision {
    let mut judgement = judged(plan, &vec![Verdict::Pass; plan.guardrails.len()]);
    judgement.findings[0].verdict = verdict;
    judgement.findings[0].leaning = Some(Leaning::Margin);
    decide(plan, Some(&judgement), &alone())
}

#[test]
fn it_holds_whatever_the_verdict_is_called() {
    for verdict in [Verdict::Inconclusive, Verdict::Pass] {
        let decision = leaning(&running(1), verdict);
        assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
        assert_eq!(decision.reasons[0].code(), "leaning");
    }
}

#[test]
fn it_holds_where_no_breach_is_enough_and_on_the_last_stage() {
    let mut plan = running(1);
    for stage in stages(&mut plan) {
        stage.rule_out = crate::plan::RuleOut::Nothing;
    }
    assert_eq!(leaning(&plan, Verdict::Inconclusive).action, Action::Hold);
    let last = running(4);
    assert_eq!(leaning(&last, Verdict::Inconclusive).action, Action::Hold);
}

#[test]
fn after_max_duration_a_person_decides() {
    let mut plan = running(1);
    stages(&mut plan)[0].max_duration = Some(Period::from_hours(1));
    let decision = leaning(&plan, Verdict::Inconclusive);
    assert_eq!(decision.exit, Exit::Inconclusive);
    assert!(matches!(
        decision.reasons[0],
        Reason::MaxDurationOver { .. }
    ));
    assert_eq!(decision.reasons[1].code(), "leaning");
}

#[test]
fn what_only_warns_is_watched_and_not_obeyed() {
    let mut plan = running(1);
    plan.guardrails[0].on_breach = OnBreach::Warn;
    let decision = leaning(&plan, Verdict::Inconclusive);
    assert!(
        matches!(decision.action, Action::Advance { .. }),
        "{decision:?}"
    );
}
