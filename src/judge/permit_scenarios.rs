//! When a pass is looked for, and what it takes.

use crate::plan::{Guardrail, Plan, Restart, RuleOut, Schedule};
use crate::units::{Digest, Effect, Period};

use super::fixture::*;
use super::{Clear, Finding, Judgement, Look, Verdict, judge, looks};

/// The fixture's plan with another first stage.
fn asking(guardrails: Vec<Guardrail>, min_duration: Period, harm: f64) -> Plan {
    let mut plan = plan(guardrails);
    if let Schedule::Stages(stages) = &mut plan.course {
        stages[0].min_duration = min_duration;
        stages[0].rule_out = RuleOut::Every(Effect::Ratio(harm));
    }
    plan
}

fn of(judgement: &Judgement) -> &Finding {
    &judgement.findings[0]
}

fn look(finding: &Finding) -> Option<Look> {
    match finding.clear {
        Some(Clear::Look(look)) => Some(look),
        Some(Clear::Evidence(_)) | None => None,
    }
}

#[test]
fn from_min_duration_on_a_score_tells_and_its_numbers_are_said() {
    let plan = asking(vec![errors()], Period::from_hours(4), 1.05);
    let at = |blocks| judged(&plan, vec![traffic(1.02, 120)], blocks);
    let before = at(47);
    assert_eq!(look(of(&before)), None);
    assert!(of(&before).measure.as_ref().unwrap().log_e_pass.is_some());
    let first = at(48);
    let found = look(of(&first)).unwrap();
    assert!((found.needed - 1.8808).abs() < 1e-3, "{found:?}");
    assert_eq!(found.next, instant(ENTERED + 4 * 3_600 + 600));
    assert_eq!(of(&first).measure.as_ref().unwrap().log_e_pass, None);
    assert_eq!(
        of(&first).verdict,
        Verdict::Inconclusive,
        "{}",
        of(&first).why
    );
    let why = of(&first).why.to_string();
    assert!(why.contains("of 1.89 standard errors"), "{why}");
    assert!(of(&first).measure.as_ref().unwrap().expected_wait.is_some());
}

#[test]
fn it_does_not_matter_when_one_asks() {
    let plan = asking(vec![errors()], Period::from_hours(4), 1.3);
    let series = traffic(1.0, 200);
    let whole = snapshot(vec![("errors", series.clone())]);
    let all = looks(&plan, &whole, instant(ENTERED + 200 * BLOCK));
    let passes: Vec<bool> = all.guardrails[0].passes().collect();
    let mut seen = [false; 2];
    for blocks in 3..200 {
        let judgement = judge(&plan, &whole, instant(ENTERED + blocks * BLOCK));
        let passed = of(&judgement).verdict == Verdict::Pass;
        let look = usize::try_from(blocks - 3).unwrap();
        assert_eq!(passed, passes[look], "{blocks}");
        seen[usize::from(passed)] = true;
    }
    assert_eq!(seen, [true; 2]);
    // Nothing hangs on a pass before.
    let first = passes[45..].iter().position(|passed| *passed);
    assert!(first.is_some_and(|first| passes[45 + first..].iter().all(|passed| *passed)));
}

#[test]
fn what_passed_does_not_pass_once_it_looks_as_bad_as_what_was_ruled_out() {
    let plan = asking(vec![errors()], Period::from_hours(2), 1.5);
    let mut series = traffic(1.0, 200);
    let events = series
        .exposed
        .columns
        .get_mut(&crate::plan::Column::Events)
        .unwrap();
    for events in &mut events[60..] {
        *events = Some(24.0);
    }
    let whole = snapshot(vec![("errors", series)]);
    let all = looks(&plan, &whole, instant(ENTERED + 200 * BLOCK));
    let clears = &all.guardrails[0].clears;
    assert!(clears[30] && clears[57] && !clears[197]);
}

#[test]
fn without_a_min_duration_or_where_one_guardrail_starts_again_the_e_process_speaks() {
    let plan = asking(vec![errors()], Period::ZERO, 2.0);
    let found = judged(&plan, vec![traffic(1.0, 100)], 100);
    assert!(matches!(of(&found).clear, Some(Clear::Evidence(_))));
    assert_eq!(of(&found).verdict, Verdict::Pass);

    let other = guardrail("carts", ERRORS);
    let mut plan = asking(vec![errors(), other], Period::from_hours(4), 2.0);
    let restart = Restart {
        at: instant(ENTERED + 3_600),
        definition: Digest::of(b"errors"),
    };
    let state = plan.state.as_mut().unwrap();
    state.restarts.insert("errors".into(), restart);
    let both = || vec![traffic(1.0, 100), traffic(1.0, 100)];
    let found = judged(&plan, both(), 100);
    assert_eq!(look(&found.findings[0]), None);
    assert!(look(&found.findings[1]).is_some());
    // Where all start again the stage does, and so do its looks.
    let restart = plan.state.as_ref().unwrap().restarts["errors"].clone();
    let state = plan.state.as_mut().unwrap();
    state.restarts.insert("carts".into(), restart);
    assert_eq!(look(&judged(&plan, both(), 59).findings[1]), None);
    assert!(look(&judged(&plan, both(), 60).findings[1]).is_some());
}

#[test]
fn an_unexposed_arm_whose_events_clump_makes_a_pass_harder() {
    let plan = asking(vec![errors()], Period::from_hours(8), 1.5);
    let clumped = |blocks: i64| {
        let mut series = traffic(1.0, blocks);
        let events = series
            .unexposed
            .columns
            .get_mut(&crate::plan::Column::Events)
            .unwrap();
        for (k, events) in events.iter_mut().enumerate() {
            *events = Some(if k % 18 < 6 { 270.0 } else { 0.0 });
        }
        series
    };
    let dispersion = |series| {
        look(of(&judged(&plan, vec![series], 100)))
            .unwrap()
            .dispersion
    };
    let (even, uneven) = (dispersion(traffic(1.0, 100)), dispersion(clumped(100)));
    assert!(uneven > 10.0 * even, "{even} {uneven}");
}

#[test]
fn what_passed_does_not_pass_once_clumps_flood_in() {
    let plan = asking(vec![errors()], Period::from_hours(4), 2.0);
    let mut series = traffic(1.0, 200);
    // As many as before, all of them in one block, which is another one in each arm.
    for (arm, burst) in [(&mut series.exposed, 140), (&mut series.unexposed, 120)] {
        let events = arm.columns.get_mut(&crate::plan::Column::Events).unwrap();
        for (k, events) in events.iter_mut().enumerate().skip(100) {
            *events = events.map(|own| if k == burst { 100.0 * own } else { 0.0 });
        }
    }
    let whole = snapshot(vec![("errors", series)]);
    let all = looks(&plan, &whole, instant(ENTERED + 200 * BLOCK));
    let clears = &all.guardrails[0].clears;
    // Two blocks of warm-up are not judged.
    assert!(clears[60] && clears[97], "{clears:?}");
    assert!(clears[130..].iter().any(|clears| !clears), "{clears:?}");
    let found = judged(&plan, vec![whole.guardrails["errors"].clone()], 200);
    assert_ne!(of(&found).verdict, Verdict::Pass, "{}", of(&found).why);
}
