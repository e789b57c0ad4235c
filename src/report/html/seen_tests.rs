//! What a reader must find without looking for it: why a plan was rolled back, where data is missing,
//! which plan needs somebody.

use crate::decide::decide;
use crate::decide::fixture::{alone, at, state};
use crate::judge::judge;
use crate::plan::{Plan, RuleOut, Status};
use crate::units::{Exposure, Period};

use super::super::Decided;

use super::tests::{Noise, drawn_from, evidence, staged};
use super::{Card, Chapter, Page, RolledBack, index, page};

#[test]
fn what_was_seen_at_a_rollback_stands_on_top_without_anybody_being_asked() {
    let mut plan = staged(2, at("2026-11-20T12:00:00Z"));
    let snapshot = evidence(&plan, at("2026-11-20T12:00:00Z"), 6, 3.0, &mut Noise(3));
    let until = snapshot.taken_at;
    let back = RolledBack {
        judgement: judge(&plan, &snapshot, until),
        plan: plan.clone(),
        at: until,
        path: "<record>.json".into(),
    };
    let chapter = drawn_from(&plan, &snapshot);
    state(&mut plan).status = Status::RolledBack;
    state(&mut plan).rollback = Some(crate::plan::Intervention {
        by: crate::plan::Actor::Guardrail("errors".into()),
        at: until,
        reason: Some("errors is <b>worse</b>".into()),
    });
    let text = page(&Page {
        plan: &plan,
        decided: None,
        rolled_back: Some(&back),
        trouble: Some("refused <i>"),
        commits: None,
        history: &[],
        chapters: &[chapter],
        now: until + Period::from_hours(48).delta(),
    });
    let top = &text[..text.find("<h2>Guardrails").unwrap()];
    for part in [
        "Rolled back by the guardrail errors",
        "errors is &lt;b&gt;worse&lt;/b&gt;",
        "&lt;record&gt;.json",
        "refused &lt;i&gt;",
        ">breach<",
        " of 3.0",
    ] {
        assert!(top.contains(part), "{part} in {top}");
    }
}

#[test]
fn a_plan_that_is_rolled_back_says_its_reason_once() {
    let mut plan = staged(2, at("2026-11-20T12:00:00Z"));
    state(&mut plan).status = Status::RolledBack;
    state(&mut plan).rollback = Some(crate::plan::Intervention {
        by: crate::plan::Actor::Guardrail("errors".into()),
        at: at("2026-11-21T12:00:00Z"),
        reason: Some("errors is worse".into()),
    });
    let decided = Decided {
        decision: decide(&plan, None, &alone()),
        plan: plan.clone(),
        judgement: None,
        change: None,
        targets: Vec::new(),
    };
    let text = page(&Page {
        plan: &plan,
        decided: Some(&decided),
        rolled_back: None,
        trouble: None,
        commits: None,
        history: &[],
        chapters: &[],
        now: alone().now,
    });
    assert_eq!(text.matches("errors is worse").count(), 1, "{text}");
    assert!(text.contains("stays there until <code>rollout retry checkout</code>"));
}

#[test]
fn a_guardrail_whose_evidence_has_stopped_shows_no_numbers_of_before() {
    let entered = at("2026-11-20T12:00:00Z");
    let plan = staged(2, entered);
    let mut snapshot = evidence(&plan, entered, 4, 1.0, &mut Noise(3));
    let errors = snapshot.guardrails.get_mut("errors").unwrap();
    for arm in [&mut errors.exposed, &mut errors.unexposed] {
        for series in arm.columns.values_mut() {
            series[30..].fill(None);
        }
    }
    let judgement = judge(&plan, &snapshot, snapshot.taken_at);
    let table = super::glance::table(&plan, &judgement).into_string();
    let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
    assert!(rows[0].contains(">no data<"), "{}", rows[0]);
    assert!(!rows[0].contains(" of ") && !rows[0].contains("<svg"));
    assert!(rows[1].contains(" of ") && rows[1].contains("<svg"));
}

#[test]
fn what_was_seen_before_the_first_judged_block_is_drawn() {
    let entered = at("2026-11-20T12:00:00Z");
    let plan = staged(2, entered);
    let mut snapshot = evidence(&plan, entered, 1, 1.0, &mut Noise(3));
    snapshot.taken_at = entered + Period::from_minutes(6).delta();
    let judgement = judge(&plan, &snapshot, snapshot.taken_at);
    let table = super::glance::table(&plan, &judgement).into_string();
    assert!(
        table.contains("the first judged block closes at"),
        "{table}"
    );
    assert!(!table.contains("no bound yet"), "{table}");
    let chapter = drawn_from(&plan, &snapshot);
    let text = page(&Page {
        plan: &plan,
        decided: None,
        rolled_back: None,
        trouble: None,
        commits: None,
        history: &[],
        now: chapter.until,
        chapters: &[chapter],
    });
    assert!(text.contains("errors of both arms over time"));
    assert!(!text.contains("No measurement is on record yet."));
}

#[test]
fn a_harm_to_rule_out_that_is_the_margin_is_named_on_its_line() {
    let entered = at("2026-11-20T12:00:00Z");
    let draw = |plan: &Plan| {
        let chapter = drawn_from(plan, &evidence(plan, entered, 4, 1.0, &mut Noise(3)));
        page(&Page {
            plan,
            decided: None,
            rolled_back: None,
            trouble: None,
            commits: None,
            history: &[],
            now: chapter.until,
            chapters: &[chapter],
        })
    };
    let mut plan = staged(2, entered);
    let apart = draw(&plan);
    assert!(apart.contains(">margin 1.10x<") && apart.contains(">rule-out 2.00x<"));
    if let crate::plan::Schedule::Stages(stages) = &mut plan.course {
        for stage in stages {
            stage.rule_out = RuleOut::Margin;
        }
    }
    let same = draw(&plan);
    assert!(same.contains(">margin, rule-out 1.10x<"));
    assert!(!same.contains(">rule-out "));
}

#[test]
fn an_hour_without_data_is_drawn_as_a_gap() {
    let entered = at("2026-11-20T12:00:00Z");
    let plan = staged(2, entered);
    let mut drawn = drawn_from(&plan, &evidence(&plan, entered, 24, 1.0, &mut Noise(3)));
    let draw = |chapter: &Chapter| {
        page(&Page {
            plan: &plan,
            decided: None,
            rolled_back: None,
            trouble: None,
            commits: None,
            history: &[],
            chapters: std::slice::from_ref(chapter),
            now: chapter.until,
        })
    };
    let strokes = |text: &str| text.matches("class=\"gap\"").count();
    let whole = strokes(&draw(&drawn));
    for (_, points) in &mut drawn.trace.guardrails {
        points[30..40].fill(None);
    }
    // Effect and evidence of two guardrails, each at two widths.
    assert_eq!(strokes(&draw(&drawn)), whole + 8);
    for (_, windows) in &mut drawn.trace.windows {
        windows[20..30]
            .iter_mut()
            .for_each(|window| window.exposed = None);
    }
    // And both arms.
    assert_eq!(strokes(&draw(&drawn)), whole + 12);
}

#[test]
fn an_index_shows_first_what_needs_somebody() {
    let plan = staged(2, at("2026-11-20T12:00:00Z"));
    let row = |name: &str, status| crate::report::status::Row {
        plan: name.into(),
        status,
        attention: crate::report::status::Attention::Waits,
        stage: 2,
        stages: 4,
        moves: None,
        way: None,
        left: None,
        nearest: None,
        exit: None,
        exposure: status.map(|_| Exposure::from_percent(10.0).unwrap()),
        age: None,
        targets: Vec::new(),
        waits_for: "a <person>".into(),
    };
    let rows = [
        row("done", Some(Status::Complete)),
        row("goes", Some(Status::Progressing)),
        row("back", Some(Status::RolledBack)),
        row("torn", None),
    ];
    let cards: Vec<Card<'_>> = rows
        .iter()
        .map(|row| Card {
            row,
            plan: row.status.map(|_| &plan),
            decided: None,
            trouble: None,
            page: row.status.map(|_| "page.html"),
        })
        .collect();
    let text = index(&cards, alone().now);
    let places = ["back", "torn", "goes", "done"].map(|name| {
        let link = format!(">{name}</");
        text.find(&link)
            .unwrap_or_else(|| panic!("{link} in {text}"))
    });
    assert!(places.is_sorted(), "{places:?}");
    for part in [
        "4 plans",
        "1 rolled back",
        "1 cannot be judged",
        "Waiting: a &lt;person&gt;",
        "href=\"page.html\"",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("<script"));
}
