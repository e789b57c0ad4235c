//! The page holds what it should, and nothing that could run or load.

use std::collections::BTreeMap;

use crate::decide::fixture::{alone, at, guardrail, pending, running, state};
use crate::decide::{Environment, decide};
use crate::judge::{judge, trace};
use crate::plan::{Column, Plan, Status};
use crate::snapshot::{ArmSeries, GuardrailSeries, Moment, Snapshot};
use crate::units::{Bound, Exposure, Instant, Period};

use super::super::history::Entry;
use super::super::{Change, Decided};
use super::{Chapter, Page, page};

/// Counts that scatter like real ones, the same on every run.
pub(super) struct Noise(pub(super) u64);

impl Noise {
    fn next(&mut self, mean: f64) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "noise")]
        let unit = (self.0 >> 40) as f64 / 16_777_216.0;
        (mean + (unit - 0.5) * (12.0 * mean).sqrt())
            .max(0.0)
            .round()
    }
}

/// Requests at 100 a second, one percent of them failing, `harm` times as many when exposed.
pub(super) fn evidence(
    plan: &Plan,
    entered: Instant,
    hours: u32,
    harm: f64,
    noise: &mut Noise,
) -> Snapshot {
    let share = plan.state.as_ref().unwrap().exposure.share();
    let blocks = i64::from(hours) * 12;
    let ends: Vec<i64> = (1..=blocks)
        .map(|k| entered.timestamp() + k * 300)
        .collect();
    let mut arm = |share: f64, rate: f64| {
        let totals: Vec<f64> = ends.iter().map(|_| noise.next(30_000.0 * share)).collect();
        let events = totals
            .iter()
            .map(|total| Some(noise.next(total * rate)))
            .collect();
        ArmSeries {
            columns: BTreeMap::from([
                (Column::Events, events),
                (Column::Total, totals.into_iter().map(Some).collect()),
            ]),
            buckets: Vec::new(),
        }
    };
    let guardrails = plan
        .guardrails
        .iter()
        .map(|guardrail| {
            let series = GuardrailSeries {
                exposed: arm(
                    share,
                    0.01 * if guardrail.name == "errors" {
                        harm
                    } else {
                        1.0
                    },
                ),
                unexposed: arm(1.0 - share, 0.01),
                ends: ends.clone(),
                issues: Vec::new(),
                queries: vec!["sum by (variant) (increase(x{a=\"<b>\"}[5m]))".into()],
                history: None,
                during: None,
                unsplit: None,
                scrape_seconds: None,
                instances: None,
                preflight: Default::default(),
                assumed: Vec::new(),
            };
            (guardrail.name.clone(), series)
        })
        .collect();
    let until = entered + Period::from_hours(hours).delta();
    Snapshot {
        plan: plan.name.clone(),
        taken_at: until,
        known_until: None,
        source: "a test".into(),
        moment: Moment::Stage {
            number: plan.state.as_ref().unwrap().stage,
            entered_at: entered,
        },
        block: Period::from_minutes(5),
        guardrails,
        assignment: None,
    }
}

pub(super) fn drawn_from(plan: &Plan, snapshot: &Snapshot) -> Chapter {
    Chapter {
        entered_at: snapshot.since(),
        exposure: plan.state.as_ref().map(|state| state.exposure),
        until: snapshot.taken_at,
        source: Some(snapshot.source.clone()),
        trace: trace(plan, snapshot, snapshot.taken_at),
    }
}

fn chapter(plan: &Plan, entered: Instant, hours: u32, harm: f64, noise: &mut Noise) -> Chapter {
    drawn_from(plan, &evidence(plan, entered, hours, harm, noise))
}

pub(super) fn staged(stage: u32, entered: Instant) -> Plan {
    let mut plan = running(stage);
    plan.guardrails = vec![guardrail("errors"), guardrail("abandoned-carts")];
    plan.description = Some("One-page <checkout> & more".into());
    plan.owner = Some("payments".into());
    let definitions = plan
        .guardrails
        .iter()
        .map(|g| (g.name.clone(), g.definition.clone()));
    state(&mut plan).definitions = definitions.collect();
    state(&mut plan).entered_at = entered;
    plan
}

fn entry(at: Instant, decision: &str, from: Option<f64>, to: f64) -> Entry {
    let exposure = |percent| Exposure::from_percent(percent).unwrap();
    Entry {
        at,
        decision: decision.into(),
        from: from.map(exposure),
        to: exposure(to),
        stage: 1,
        ramp: false,
        actor: if decision == "rollback" {
            "person:ann"
        } else {
            "rollout"
        }
        .into(),
        reason: (decision == "rollback").then(|| "<script>alert(1)</script>".into()),
        reasons: vec![format!("{decision} because of the rules")],
        reason_codes: Vec::new(),
        numbers: vec!["errors 1.02x (0.71x to 1.44x): pass".into()],
        evidence: "x.json".into(),
        commit: None,
        problem: None,
    }
}

/// A day at 1 %, a day at 10 %, and harm six hours into 50 %.
fn story() -> String {
    let mut noise = Noise(7);
    let days = [
        "2026-11-19T12:00:00Z",
        "2026-11-20T12:00:00Z",
        "2026-11-21T12:00:00Z",
    ]
    .map(at);
    let first = chapter(&staged(1, days[0]), days[0], 24, 1.0, &mut noise);
    let second = chapter(&staged(2, days[1]), days[1], 24, 1.03, &mut noise);
    let plan = staged(3, days[2]);
    let snapshot = evidence(&plan, days[2], 6, 1.25, &mut noise);
    let third = drawn_from(&plan, &snapshot);
    let around = Environment {
        now: third.until,
        ..alone()
    };
    let judgement = judge(&plan, &snapshot, third.until);
    let decided = Decided {
        decision: decide(&plan, Some(&judgement), &around),
        plan: plan.clone(),
        judgement: Some(judgement),
        change: None::<Change>,
        targets: Vec::new(),
    };
    let history = [
        entry(days[0], "advance", None, 1.0),
        entry(days[1], "advance", Some(1.0), 10.0),
        entry(days[2], "advance", Some(10.0), 50.0),
        entry(third.until, "rollback", Some(50.0), 0.0),
    ];
    page(&Page {
        plan: &plan,
        decided: Some(&decided),
        rolled_back: None,
        trouble: None,
        commits: None,
        history: &history,
        now: third.until,
        chapters: &[first, second, third],
    })
}

#[test]
fn the_page_holds_plots_numbers_and_transitions() {
    let text = story();
    for part in [
        "<title>checkout - rollout</title>",
        "Exposure of checkout over time",
        "Effect on errors over time",
        "Evidence on abandoned-carts over time",
        "margin 1.10x",
        "One-page &lt;checkout&gt; &amp; more",
        "prefers-color-scheme: dark",
        "At a glance",
        "abandoned-carts of both arms over time",
        "no difference",
        "rule-out",
        "Numbers behind the plots of errors",
        "svg class=\"narrow\"",
        ">now<",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(
        !text.contains("NaN") && !text.contains("inf"),
        "every number can be drawn"
    );
}

#[test]
fn nothing_on_the_page_runs_or_loads() {
    let text = story();
    for danger in [
        "<script", "http://", "https://", "url(", "@import", " onload", " src=",
    ] {
        assert!(!text.contains(danger), "{danger}");
    }
}

#[test]
fn a_plan_without_a_past_has_a_page_too() {
    let plan = pending();
    let text = page(&Page {
        plan: &plan,
        decided: None,
        rolled_back: None,
        trouble: None,
        commits: None,
        history: &[],
        chapters: &[],
        now: alone().now,
    });
    assert!(text.contains("Nobody is exposed yet."));
    assert!(text.contains("No measurement is on record yet."));
}

#[test]
fn a_stage_without_data_draws_nothing_false() {
    let mut plan = staged(1, at("2026-11-22T11:59:59Z"));
    state(&mut plan).status = Status::Paused;
    let mut empty = evidence(&plan, at("2026-11-22T11:59:59Z"), 0, 1.0, &mut Noise(1));
    empty.taken_at = alone().now;
    let empty = drawn_from(&plan, &empty);
    let text = page(&Page {
        plan: &plan,
        decided: None,
        rolled_back: None,
        trouble: None,
        commits: None,
        history: &[],
        chapters: &[empty],
        now: alone().now,
    });
    assert!(text.contains("No measurement is on record yet."));
    assert!(!text.contains("NaN"));
}

#[test]
fn a_ramp_is_drawn_below_its_curve() {
    let mut plan = staged(1, at("2026-11-22T00:00:00Z"));
    plan.course = crate::plan::Schedule::Ramp(crate::plan::Ramp {
        from: Exposure::from_percent(1.0).unwrap(),
        to: Exposure::from_percent(100.0).unwrap(),
        over: Period::from_hours(48),
        curve: crate::plan::Curve::Geometric,
        every: Some(Period::from_hours(1)),
        pace: crate::plan::Pace::Fixed,
    });
    let draw = |plan: &Plan| {
        page(&Page {
            plan,
            decided: None,
            rolled_back: None,
            trouble: None,
            commits: None,
            history: &[
                entry(at("2026-11-22T00:00:00Z"), "advance", None, 1.0),
                entry(at("2026-11-22T20:00:00Z"), "advance", Some(1.0), 5.0),
            ],
            chapters: &[],
            now: at("2026-11-23T00:00:00Z"),
        })
    };
    let text = draw(&plan);
    assert!(
        text.contains(">curve<") && text.contains(">10 %<"),
        "{text}"
    );
    assert!(!text.contains("NaN"));
    plan.course = staged(1, at("2026-11-22T00:00:00Z")).course;
    assert!(!draw(&plan).contains(">curve<"));
}

#[test]
fn the_level_of_a_last_stage_does_not_draw_ratios_as_levels() {
    let days = ["2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"].map(at);
    let limited = |mut plan: Plan| {
        plan.guardrails[0].limit = Some(Bound::parse("5%").unwrap());
        plan
    };
    let mut noise = Noise(7);
    let first = chapter(&limited(staged(1, days[0])), days[0], 24, 1.0, &mut noise);
    let mut last = limited(staged(4, days[1]));
    state(&mut last).exposure = Exposure::FULL;
    let alone = chapter(&last, days[1], 24, 1.0, &mut noise);
    let draw = |chapters: &[Chapter]| {
        page(&Page {
            plan: &last,
            decided: None,
            rolled_back: None,
            trouble: None,
            commits: None,
            history: &[],
            now: days[1] + Period::from_hours(24).delta(),
            chapters,
        })
    };
    let both = draw(&[first, alone.clone()]);
    assert!(both.contains("margin 1.10x"));
    assert!(!both.contains(">limit 5 %<"));
    let level = draw(&[alone]);
    assert!(level.contains("Level of the exposed") && level.contains(">limit 5 %<"));
    assert!(!level.contains("margin 0"));
}
