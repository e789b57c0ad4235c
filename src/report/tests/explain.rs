//! Explanations, notices and histories as people and programs read them.

use crate::decide::fixture::{alone, at, judged, limit, no_data, pending, percent, running, state};
use crate::decide::{Environment, decide};
use crate::judge::{Clear, Judgement, Look, SeenNoise, Verdict};
use crate::plan::Plan;
use crate::snapshot::{Housing, Snapshot};
use crate::units::{LogE, Period};

use super::super::history::{Commit, Entry};
use super::super::json::Recorded;
use super::super::notify::Notice;
use super::super::{Change, Decided, Outcome, OutputStyle, PlanReport, explain, history, json};
use super::cases::value;
use Verdict::{Breach, Inconclusive, Pass};

fn explained(
    plan: &Plan,
    judgement: Option<&Judgement>,
    only: Option<&str>,
    width: usize,
) -> String {
    let around: Environment = alone();
    let snapshot = plan.state.as_ref().map(|state| Snapshot {
        plan: plan.name.clone(),
        taken_at: around.now,
        known_until: None,
        source: String::new(),
        moment: crate::snapshot::Moment::of(state),
        block: Period::from_minutes(5),
        guardrails: std::collections::BTreeMap::new(),
        assignment: None,
    });
    let decision = decide(plan, judgement, &around);
    let mut out = Vec::new();
    explain::render(
        &explain::Explained {
            recorded: None,
            plan,
            snapshot: snapshot.as_ref(),
            judgement,
            decision: &decision,
            guardrail: only,
            now: around.now,
        },
        &OutputStyle {
            color: false,
            unicode: true,
            width,
        },
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_number_stands_in_the_order_in_which_it_was_used() {
    let mut plan = running(2);
    plan.guardrails[0].limit = Some(limit("2%"));
    plan.guardrails[1].on_breach = crate::plan::OnBreach::Rollback;
    state(&mut plan).carried.insert("errors".into(), LogE(-0.3));
    let judgement = judged(&plan, &[Inconclusive, no_data()]);
    let text = explained(&plan, Some(&judgement), None, 100);
    let steps = text.find("errors  reliability").unwrap_or(0);
    assert!(text.starts_with("checkout  Hold at 10 %: latency has no usable evidence\n"));
    assert!(text[..steps].contains("├────│●┊───┤"), "{text}");
    insta::assert_snapshot!(&text[steps..], @"
    errors  reliability guardrail, share of events; breach: rollback, no data: hold
      Asked
        sum by (variant) (...)
      Counted
        blocks          288 judged of 5m, 0 missing
        span            from the stage's entry at 2026-11-21 00:00 UTC to 2026-11-22 12:00 UTC; the
                        first 2 blocks after the entry are left out, because traffic shifts and caches
                        fill, and so is the block that is not closed yet
        exposed         12/1,200 = 1 %
        unexposed       1,180/118,800 = 0.99 %
      Compared
        effect          1.02x: exposed against unexposed
        interval        0.71x to 1.44x; the truth is inside with 95 % confidence at all looks together,
                        however often one looks
        dispersion      2.10: events come in bursts, or too little was seen to say that they do not, so
                        every logarithm is divided by this; learnt from how the blocks scatter, at its
                        cautious end, and until there is an hour of them a guess of 3
      Is harm beyond the margin proven?
        question        harm beyond 1.10x (the margin): exposed divided by unexposed, logarithms of
                        e-values, 0 is no evidence
        this stage      -1.20 now; three quarters of the e-value are of the stage since its entry, the
                        rest of restarts every two hours, for harm that sets in late
        whole rollout   -0.10 at its highest: the logarithm of e^stage x (0.210 for this stage + 0.741
                        carried from earlier ones) + 0.090 for the stages to come; e^stage is the mean
                        of margin and limit
        needed          +3.00 = ln(1 / 0.05) on average (of e-values, not of logarithms) over the 2
                        guardrails whose breach means a rollback; +3.69 proves this one alone
      Is enough harm ruled out to leave the stage?
        question        harm of 5.00x or more: exposed divided by unexposed, logarithms of e-values, 0
                        is no evidence
        evidence        +2.20 now
        needed          +3.00 = ln(1 / 0.05), and 10 clusters of events expected in the exposed arm
                        (events over dispersion)
        expected        about 9h more at the present rate
      Is the exposed arm beyond its limit?
        limit           2 %
        evidence        -0.50 now
        needed          +3.00 = ln(1 / 0.05)
        so              not proven
      So
        verdict         inconclusive
        because         too little traffic yet to choose bucket boundaries to compare at
        to do           wait; more traffic or a larger `rule_out` makes it shorter

    latency  experience guardrail, latency quantile; breach: rollback, no data: hold
      Asked
        sum by (variant) (...)
      Counted
        blocks          0 judged of 5m, 0 missing
        span            from the stage's entry at 2026-11-21 00:00 UTC to 2026-11-22 12:00 UTC; the
                        first 2 blocks after the entry are left out, because traffic shifts and caches
                        fill, and so is the block that is not closed yet
      So
        verdict         no data
        because         the snapshot holds nothing for this guardrail
        to do           look at its series: `rollout doctor checkout -v`

    Gates, in order; the first that is closed decides
      latch         open
      rollback      open
      data          closed  latency has no usable evidence
      pause         open
      min_duration  open
      definitions   open
      leaning       open
      rule_out      closed  stage 2 needs more evidence on errors: about 9h more at the present rate
      ambient       open
      success       open
      course        open
      paused        open
      draft         open
      freeze        open
      Not asked here: preflight, budget, every, fresh, window, after, surface, approval

        rollback        evidence of all rollback guardrails together, over the whole rollout: -0.31

      hold, exit 6 (INCONCLUSIVE)

    What it takes to go on
        errors          harm of 5.00x ruled out: 0.0 of 3.0 so far; about 9h more at the present rate
        latency         data of both arms: there is no usable evidence
    ");
}

#[test]
fn one_guardrail_is_explained_alone() {
    let plan = running(1);
    let judgement = judged(&plan, &[Breach, Pass]);
    let said = explained(&plan, Some(&judgement), Some("errors"), 80);
    assert!(said.contains("rollout retry"), "{said}");
    assert!(!said.contains("latency"), "{said}");
    assert!(!said.contains("Gates"), "{said}");
    assert!(
        said.lines()
            .all(|line| line.chars().count() <= 80 && line.trim_end() == line),
        "{said}"
    );
}

#[test]
fn what_lies_on_the_far_side_of_what_must_be_ruled_out_is_said_to() {
    let plan = running(1);
    let said = |clear: Option<Clear>, log_e: Option<LogE>, housing: Option<Housing>| {
        let mut judgement = judged(&plan, &[Inconclusive, Pass]);
        let finding = &mut judgement.findings[0];
        finding.clear = clear;
        let measure = finding.measure.as_mut().unwrap();
        measure.log_e_pass = log_e;
        measure.noise = Some(SeenNoise {
            clumps: 1.0,
            tempering: 2.0,
            widening: 1.0,
            housing,
        });
        let text = explained(&plan, Some(&judgement), Some("errors"), 120);
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    };
    let look = |z| {
        Some(Clear::Look(Look {
            z: Some(z),
            needed: 1.881,
            dispersion: 2.0,
            next: at("2026-11-20T13:00:00Z"),
        }))
    };
    let far = said(look(-5.02), None, Some(Housing::Own));
    assert!(
        far.contains("5.02 standard errors worse than that, now"),
        "{far}"
    );
    let pods = "with what the arms' own instances may differ by for good";
    assert!(far.contains(pods), "{far}");
    let near = said(look(1.02), None, None);
    assert!(
        near.contains("1.02 standard errors better than that, now"),
        "{near}"
    );
    assert!(!near.contains(pods), "{near}");
    let harm = said(None, Some(LogE(-5.02)), None);
    assert!(harm.contains("-5.02 now: it speaks for harm"), "{harm}");
}

#[test]
fn advice_on_how_to_see_more_does_not_stand_beside_what_is_seen() {
    let plan = running(1);
    let said = |verdict| {
        let mut judgement = judged(&plan, &[verdict, Pass]);
        judgement.findings[0].issues = vec![crate::judge::Issue::Bursty {
            dispersion: 12.0,
            block: Period::from_minutes(5),
        }];
        explained(&plan, Some(&judgement), Some("errors"), 200)
    };
    let advice = "count events that belong together once";
    assert!(said(Inconclusive).contains(advice));
    assert!(!said(Breach).contains(advice));
    assert!(!said(Pass).contains(advice));
}

#[test]
fn a_pending_plan_is_explained_by_its_gates() {
    let said = explained(&pending(), None, None, 80);
    assert!(
        said.contains("nobody is exposed, so there is nothing to measure"),
        "{said}"
    );
    assert!(said.contains("advance, exit 0 (GO)"), "{said}");
}

fn moved(verdicts: &[Verdict]) -> (PlanReport, Decided) {
    let mut plan = running(1);
    plan.owner = Some("payments".into());
    let judgement = judged(&plan, verdicts);
    let decided = Decided {
        decision: decide(&plan, Some(&judgement), &alone()),
        plan,
        judgement: Some(judgement),
        change: Some(Change {
            before: String::new(),
            after: String::new(),
            applied: true,
            evidence: Some(".evidence/checkout/x.json".into()),
            commit: None,
        }),
        targets: Vec::new(),
    };
    let report = PlanReport {
        plan: "checkout".into(),
        file: "rollouts/checkout.toml".into(),
        outcome: Outcome::Decided(Box::new(decided.clone())),
    };
    (report, decided)
}

#[test]
fn a_webhook_hears_of_a_rollback_with_its_numbers() {
    let (report, decided) = moved(&[Breach, Pass]);
    let notice = Notice::of(&report, &decided, alone().now).unwrap();
    insta::assert_snapshot!(notice.slack().text,  @r#"
*checkout* rolled back from 1 % to 0 %
• errors is breached (on_breach = "rollback")
• errors: beyond its threshold for too many blocks in a row (a plain threshold, without error control)
owner payments · `.evidence/checkout/x.json`
"#);
    let body = value(&notice.json());
    assert_eq!(body["decision"], "rollback");
    assert_eq!((&body["from"], &body["to"]), (&1.0.into(), &0.0.into()));
    assert_eq!(body["report"]["guardrails"][0]["verdict"], "breach");
}

#[test]
fn what_was_not_applied_is_not_told() {
    let (report, mut decided) = moved(&[Pass, Pass]);
    assert!(Notice::of(&report, &decided, alone().now).is_some());
    decided.change.as_mut().unwrap().applied = false;
    assert_eq!(Notice::of(&report, &decided, alone().now), None);
    decided.change = None;
    assert_eq!(Notice::of(&report, &decided, alone().now), None);
}

#[test]
fn a_name_cannot_call_a_channel() {
    let (report, decided) = moved(&[Pass, Pass]);
    let mut notice = Notice::of(&report, &decided, alone().now).unwrap();
    notice.reasons = vec!["<!channel> & co".into()];
    let text = notice.slack().text;
    assert!(text.contains("&lt;!channel&gt; &amp; co"), "{text}");
}

fn entries() -> Vec<Entry> {
    let (report, _) = moved(&[Breach, no_data()]);
    let recorded = Recorded::read(&value(&json::plan(&report))).unwrap();
    vec![
        Entry {
            at: at("2026-11-21T00:00:00Z"),
            decision: "advance".into(),
            from: None,
            to: percent(1.0),
            stage: 1,
            ramp: false,
            actor: "rollout".into(),
            reason: None,
            reasons: vec!["entering stage 1 of 4 at 1 %".into()],
            reason_codes: vec!["entering".into()],
            numbers: Vec::new(),
            evidence: ".evidence/checkout/2026-11-21T000000Z-advance.json".into(),
            commit: Some(Commit {
                hash: "0123456789abcdef0123".into(),
                author: "Cron".into(),
            }),
            problem: None,
        },
        Entry {
            at: at("2026-11-22T12:00:00Z"),
            decision: "rollback".into(),
            from: Some(percent(1.0)),
            to: percent(0.0),
            stage: 1,
            ramp: false,
            actor: "person:ann".into(),
            reason: Some("customers complain".into()),
            reasons: vec!["errors is breached (on_breach = \"rollback\")".into()],
            reason_codes: vec!["breached".into()],
            numbers: history::numbers_of(&recorded, Some(&running(1))),
            evidence: ".evidence/checkout/2026-11-22T120000Z-rollback.json".into(),
            commit: None,
            problem: Some("the record before this one is not the one it names".into()),
        },
    ]
}

#[test]
fn a_history_says_who_when_why_and_with_what_numbers() {
    let mut out = Vec::new();
    history::render(
        "checkout",
        &entries(),
        true,
        &OutputStyle {
            color: false,
            unicode: true,
            width: 80,
        },
        &mut out,
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(),  @r#"
checkout

  2026-11-21 00:00:00 UTC  advance  0 % -> 1 %  stage 1  by itself
    entering stage 1 of 4 at 1 %
    .evidence/checkout/2026-11-21T000000Z-advance.json
    commit 0123456789ab by Cron

  2026-11-22 12:00:00 UTC  rollback  1 % -> 0 %  stage 1  by ann
    "customers complain"
    errors is breached (on_breach = "rollback")
      errors 1.02x (0.71x to 1.44x): breach
      latency: no_data
    .evidence/checkout/2026-11-22T120000Z-rollback.json
    the record before this one is not the one it names
"#);
    let entries = entries();
    let document = value(&history::document("checkout", &entries));
    assert_eq!(document["transitions"][1]["from"], 1.0);
    assert_eq!(document["transitions"][0]["commit"]["author"], "Cron");
}

#[test]
fn a_plan_that_never_moved_says_so() {
    assert_eq!(history_of_nothing(true), "checkout  no transitions yet\n");
}

#[test]
fn a_plan_whose_records_are_gone_does_not_look_like_one_that_never_moved() {
    assert_eq!(
        history_of_nothing(false),
        "checkout  no record of its transitions can be read\n"
    );
}

fn history_of_nothing(is_whole: bool) -> String {
    let mut out = Vec::new();
    let output = OutputStyle {
        color: false,
        unicode: true,
        width: 80,
    };
    history::render("checkout", &[], is_whole, &output, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
