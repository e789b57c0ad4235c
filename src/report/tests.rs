//! What people, programs and merge gates get to read.

use crate::decide::fixture::{
    alone, at, guardrail, judged, limit, no_data, pending, running, stages, state,
};
use crate::decide::{Exit, Surroundings, decide};
use crate::judge::{ArmTotals, Judgement, Scale, Verdict};
use crate::plan::{After, Freeze, Guardrail, Kind, Plan, Role, Status};
use crate::units::{Bound, Effect, Worse};

use super::{
    Change, Decided, Failure, Look, Outcome, PlanReport, Report, github, json, status, text,
};
use Verdict::{Breach, Inconclusive, NotApplicable, Pass};

fn entry(plan: Plan, judgement: Option<Judgement>, around: &Surroundings) -> PlanReport {
    let decision = decide(&plan, judgement.as_ref(), around);
    PlanReport {
        plan: plan.name.clone(),
        file: format!("rollouts/{}.toml", plan.name),
        outcome: Outcome::Decided(Box::new(Decided {
            plan,
            judgement,
            decision,
            change: None,
        })),
    }
}

fn verdicts(plan: Plan, verdicts: &[Verdict]) -> PlanReport {
    let judgement = judged(&plan, verdicts);
    entry(plan, Some(judgement), &alone())
}

fn with_change(mut report: PlanReport, before: &str, after: &str, applied: bool) -> PlanReport {
    if let Outcome::Decided(decided) = &mut report.outcome {
        decided.change = Some(Change {
            before: before.into(),
            after: after.into(),
            applied,
            evidence: applied.then(|| ".evidence/checkout/2026-11-22T120000Z-advance.json".into()),
            commit: None,
        });
    }
    report
}

fn failed() -> PlanReport {
    PlanReport {
        plan: "basket".into(),
        file: "rollouts/basket.toml".into(),
        outcome: Outcome::Failed(Failure {
            exit: Exit::Error,
            problem: "Prometheus at http://localhost:9090 refused the connection".into(),
            cure: Some("start it, or name another with --prometheus-url".into()),
        }),
    }
}

fn report(plans: Vec<PlanReport>) -> Report {
    Report::new(alone().now, plans, &[])
}

fn render(report: &Report, width: usize, color: bool) -> String {
    let mut out = Vec::new();
    text::render(report, &Look { color, width }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Errors, a latency with milliseconds, revenue that may not fall, and a plain threshold.
fn every_kind() -> PlanReport {
    let mut plan = running(2);
    let mean = Guardrail {
        metric: crate::plan::Metric {
            kind: Kind::Mean {
                worse: Worse::Lower,
            },
            ..guardrail("value").metric
        },
        margin: Some(Effect::Absolute(1.5)),
        ..guardrail("order-value-per-visit")
    };
    let point = Guardrail {
        metric: crate::plan::Metric {
            kind: Kind::Point {
                bound: crate::plan::PointBound::Max(Bound::plain(0.9).unwrap()),
                consecutive: 5,
            },
            ..guardrail("cpu").metric
        },
        margin: None,
        ..guardrail("cpu")
    };
    plan.guardrails.extend([
        mean,
        point,
        Guardrail {
            role: Role::Success,
            ..guardrail("conversion")
        },
    ]);
    plan.guardrails[0].limit = Some(limit("2%"));
    let names = plan
        .guardrails
        .iter()
        .map(|g| (g.name.clone(), g.definition.clone()))
        .collect();
    state(&mut plan).definitions = names;
    let mut judgement = judged(&plan, &[Pass, Inconclusive, Pass, Pass, Inconclusive]);
    let measure = |judgement: &mut Judgement, index: usize| {
        judgement.findings[index].measure.clone().unwrap()
    };
    let mut latency = measure(&mut judgement, 1);
    latency.exposed.value = Some(0.4321);
    latency.unexposed = Some(ArmTotals {
        value: Some(1.25),
        ..latency.exposed
    });
    latency.upper = None;
    judgement.findings[1].measure = Some(latency);
    let mut mean = measure(&mut judgement, 2);
    mean.scale = Scale::Difference;
    (mean.estimate, mean.lower, mean.upper) = (Some(-0.42), Some(-1.31), Some(0.5));
    (mean.margin, mean.rule_out) = (Some(-1.5), Some(-1.5));
    mean.exposed = ArmTotals {
        events: Some(61_234.5),
        total: Some(1_200.0),
        value: Some(51.03),
    };
    mean.unexposed = Some(ArmTotals {
        events: Some(6_112_345.0),
        total: Some(118_800.0),
        value: Some(51.45),
    });
    judgement.findings[2].measure = Some(mean);
    let mut point = measure(&mut judgement, 3);
    point.scale = Scale::Level;
    (point.estimate, point.lower, point.upper) = (Some(0.63), None, None);
    (point.margin, point.rule_out) = (None, None);
    point.exposed = ArmTotals {
        events: None,
        total: None,
        value: Some(0.63),
    };
    point.unexposed = None;
    judgement.findings[3].measure = Some(point);
    entry(plan, Some(judgement), &alone())
}

const BEFORE: &str = "description = \"x\"\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-11-21T00:00:00Z\n";
const AFTER: &str = "description = \"x\"\n\n[state]\nstatus = \"progressing\"\nstage = 2\nexposure = 10.0\nentered_at = 2026-11-22T12:00:00Z\n";

#[test]
fn a_held_plan_at_120_columns() {
    insta::assert_snapshot!(render(&report(vec![every_kind()]), 120, false), @r#"
checkout  stage 2 of 4, 10 % exposed for 1d 12h

  guardrail              exposed   unexposed  effect          margin,   verdict
                                                              rule out
  ──────────────────────────────────────────────────────────────────────────────────
  errors                 1.00%     0.99%      1.02x           1.10x     pass
                         12/1.2k   1.2k/119k  0.71x to 1.44x  5.00x
                                                              limit 2%
  latency                432ms     1.25s      1.02x           1.10x     inconclusive
                         12/1.2k   12/1.2k    0.71x or more   5.00x
  order-value-per-visit  51.0      51.5       -0.42           -1.50     pass
                         61k/1.2k  6.1M/119k  -1.31 to +0.50  -1.50
  cpu                    0.63      -          -               max 0.9   pass
  conversion             1.00%     0.99%      1.02x           1.10x     inconclusive
  (success)              12/1.2k   1.2k/119k  0.71x to 1.44x  5.00x

  latency: neither harm nor its absence is proven yet
  conversion: neither harm nor its absence is proven yet

  Hold at 10 %: stage 2 needs more evidence on latency: about 9h more at the present rate
"#);
}

#[test]
fn a_held_plan_at_80_columns() {
    insta::assert_snapshot!(render(&report(vec![every_kind()]), 80, false), @r#"
checkout  stage 2 of 4, 10 % exposed for 1d 12h

  guardrail     exposed   unexposed  effect          margin,   verdict
                                                     rule out
  ─────────────────────────────────────────────────────────────────────────
  errors        1.00%     0.99%      1.02x           1.10x     pass
                12/1.2k   1.2k/119k  0.71x to 1.44x  5.00x
                                                     limit 2%
  latency       432ms     1.25s      1.02x           1.10x     inconclusive
                12/1.2k   12/1.2k    0.71x or more   5.00x
  order-value-  51.0      51.5       -0.42           -1.50     pass
  per-visit     61k/1.2k  6.1M/119k  -1.31 to +0.50  -1.50
  cpu           0.63      -          -               max 0.9   pass
  conversion    1.00%     0.99%      1.02x           1.10x     inconclusive
  (success)     12/1.2k   1.2k/119k  0.71x to 1.44x  5.00x

  latency: neither harm nor its absence is proven yet
  conversion: neither harm nor its absence is proven yet

  Hold at 10 %: stage 2 needs more evidence on latency: about 9h more at the
  present rate
"#);
}

#[test]
fn an_advance_shows_what_it_changed() {
    let moved = with_change(verdicts(running(1), &[Pass, Pass]), BEFORE, AFTER, true);
    insta::assert_snapshot!(render(&report(vec![moved]), 100, false), @r#"
checkout  stage 1 of 4, 1 % exposed for 1d 12h

  guardrail  exposed  unexposed  effect          margin,   verdict
                                                 rule out
  ────────────────────────────────────────────────────────────────
  errors     1.00%    0.99%      1.02x           1.10x     pass
             12/1.2k  1.2k/119k  0.71x to 1.44x  5.00x
  latency    10.0ms   9.93ms     1.02x           1.10x     pass
             12/1.2k  1.2k/119k  0.71x to 1.44x  5.00x

  Advanced from 1 % to 10 %, stage 2 of 4

  rollouts/checkout.toml
  @@ -4,4 +4,4 @@
   status = "progressing"
  -stage = 1
  -exposure = 1.0
  -entered_at = 2026-11-21T00:00:00Z
  +stage = 2
  +exposure = 10.0
  +entered_at = 2026-11-22T12:00:00Z
  evidence .evidence/checkout/2026-11-22T120000Z-advance.json
"#);
}

#[test]
fn a_preview_says_would() {
    let moved = with_change(verdicts(running(1), &[Pass, Pass]), BEFORE, AFTER, false);
    let said = render(&report(vec![moved]), 100, false);
    assert!(
        said.contains("Would advance from 1 % to 10 %, stage 2 of 4"),
        "{said}"
    );
    assert!(
        said.contains("rollouts/checkout.toml (not written)"),
        "{said}"
    );
}

#[test]
fn a_rollback_with_broken_evidence_beside_it() {
    let plan = running(1);
    let mut judgement = judged(&plan, &[Breach, no_data()]);
    judgement.findings[1].issues = vec![
        "the selector `seconds_bucket` matches two series for the exposed arm that differ in `pod`: a, b".into(),
    ];
    insta::assert_snapshot!(render(&report(vec![entry(plan, Some(judgement), &alone())]), 80, false), @r#"
checkout  stage 1 of 4, 1 % exposed for 1d 12h

  guardrail  exposed  unexposed  effect          margin,   verdict
                                                 rule out
  ────────────────────────────────────────────────────────────────
  errors     1.00%    0.99%      1.02x           1.10x     breach
             12/1.2k  1.2k/119k  0.71x to 1.44x  5.00x
  latency    -        -          -               10%       no_data

  errors: a harm beyond 1.10x is proven
  latency: no series for the exposed arm
    the selector `seconds_bucket` matches two series for the exposed arm that
    differ in `pod`: a, b

  Would roll back from 1 % to 0 %: errors is breached (on_breach = "rollback")
  also: latency has no usable evidence
"#);
}

#[test]
fn several_plans_end_with_a_count() {
    let mut complete = running(4);
    complete.name = "search".into();
    state(&mut complete).status = Status::Complete;
    let mut frozen = alone();
    frozen.calendar.freezes.push(Freeze {
        from: None,
        until: at("2027-01-04T00:00:00Z"),
        reason: "holiday freeze".into(),
        owner: None,
    });
    let mut waiting = pending();
    waiting.after.push(After {
        plan: "search".into(),
        at_least: crate::units::Exposure::FULL,
    });
    insta::assert_snapshot!(render(&report(vec![
        entry(complete, None, &alone()),
        failed(),
        entry(waiting, None, &frozen),
        verdicts(running(4), &[NotApplicable, NotApplicable]),
    ]), 80, false), @r#"
search  complete, 100 % exposed

  Complete: nothing is left to do

basket  rollouts/basket.toml
  ERROR: Prometheus at http://localhost:9090 refused the connection
  help: start it, or name another with --prometheus-url

checkout  pending, nobody exposed

  Hold at 0 %: advances are frozen until 2027-01-04 00:00 UTC (holiday freeze)
  also: waits for search, and there is no such valid plan

checkout  stage 4 of 4, 100 % exposed for 1d 12h

  guardrail  exposed  unexposed  effect          margin,   verdict
                                                 rule out
  ───────────────────────────────────────────────────────────────────────
  errors     1.00%    0.99%      1.02x           1.10x     not_applicable
             12/1.2k  1.2k/119k  0.71x to 1.44x  5.00x
  latency    10.0ms   9.93ms     1.02x           1.10x     not_applicable
             12/1.2k  1.2k/119k  0.71x to 1.44x  5.00x

  Would complete at 100 %: the last stage's gate has passed

4 plans: 2 complete, 1 hold, 1 failed. ERROR (exit 1)
"#);
}

#[test]
fn no_colour_means_no_escape_and_colour_adds_nothing_else() {
    for plan in [
        every_kind(),
        failed(),
        verdicts(running(1), &[Breach, no_data()]),
    ] {
        let report = report(vec![with_change(plan, BEFORE, AFTER, true)]);
        for width in [80, 120] {
            let plain = render(&report, width, false);
            let colored = render(&report, width, true);
            assert!(!plain.contains('\u{1b}'));
            assert!(colored.contains('\u{1b}'));
            assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
            for line in plain.lines() {
                assert!(
                    line.chars().count() <= width,
                    "{} > {width}: {line}",
                    line.chars().count()
                );
                assert_eq!(line.trim_end(), line, "no spaces at the end of a line");
            }
        }
    }
}

#[test]
fn the_worst_plan_decides_the_exit_unless_excused() {
    let plans = || {
        vec![
            verdicts(running(1), &[Inconclusive, Pass]),
            verdicts(running(2), &[Pass, Pass]),
        ]
    };
    assert_eq!(Report::new(alone().now, plans(), &[]).exit, Exit::Hold);
    assert_eq!(
        Report::new(alone().now, plans(), &[Exit::Hold]).exit,
        Exit::Go
    );
    let rolled = || vec![verdicts(running(1), &[Breach, Pass]), failed()];
    let all = [Exit::Rollback, Exit::Error, Exit::Hold];
    assert_eq!(
        Report::new(alone().now, rolled(), &all).exit,
        Exit::Rollback
    );
}

#[test]
fn the_json_document_keeps_its_keys() {
    let mut plan = running(1);
    plan.guardrails.truncate(1);
    plan.guardrails[0].limit = Some(limit("2%"));
    state(&mut plan).definitions.remove("latency");
    let report = report(vec![verdicts(plan, &[Inconclusive]), failed()]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json::document(&report)).unwrap(), @r#"
{
  "format": "rollout-report/1",
  "now": "2026-11-22T12:00:00Z",
  "exit": 1,
  "plans": [
    {
      "plan": "checkout",
      "file": "rollouts/checkout.toml",
      "status": "progressing",
      "stage": 1,
      "stages": 4,
      "exposure": 1.0,
      "next_exposure": 1.0,
      "entered_at": "2026-11-21T00:00:00Z",
      "decision": "hold",
      "exit": 3,
      "reasons": [
        "stage 1 needs more evidence on errors: about 9h more at the present rate"
      ],
      "gates": [
        {
          "gate": "latch",
          "state": "open"
        },
        {
          "gate": "rollback",
          "state": "open"
        },
        {
          "gate": "data",
          "state": "open"
        },
        {
          "gate": "pause",
          "state": "open"
        },
        {
          "gate": "min_duration",
          "state": "open"
        },
        {
          "gate": "definitions",
          "state": "open"
        },
        {
          "gate": "rule_out",
          "state": "closed",
          "reason": "stage 1 needs more evidence on errors: about 9h more at the present rate"
        },
        {
          "gate": "ambient",
          "state": "open"
        },
        {
          "gate": "success",
          "state": "open"
        },
        {
          "gate": "course",
          "state": "open"
        },
        {
          "gate": "paused",
          "state": "open"
        },
        {
          "gate": "freeze",
          "state": "open"
        },
        {
          "gate": "window",
          "state": "not_applicable"
        },
        {
          "gate": "after",
          "state": "not_applicable"
        },
        {
          "gate": "surface",
          "state": "not_applicable"
        },
        {
          "gate": "approval",
          "state": "not_applicable"
        }
      ],
      "log_e_rollback": -0.31,
      "assignment_broken": null,
      "guardrails": [
        {
          "name": "errors",
          "category": "reliability",
          "role": "guardrail",
          "verdict": "inconclusive",
          "on_breach": "rollback",
          "on_no_data": "hold",
          "scale": "ratio",
          "estimate": 1.02,
          "lower": 0.71,
          "upper": 1.44,
          "margin": 1.1,
          "rule_out": 5.0,
          "log_e_breach": -1.2,
          "log_e_breach_peak": -0.1,
          "log_e_pass": 2.2,
          "dispersion": 2.1,
          "expected_wait_seconds": 32400,
          "exposed": {
            "events": 12,
            "total": 1200,
            "value": 0.01
          },
          "unexposed": {
            "events": 1180,
            "total": 118800,
            "value": 0.009932659932659932
          },
          "limit": {
            "bound": 0.02,
            "text": "2%",
            "log_e_breach": -0.5,
            "ambient": false,
            "breached": false
          },
          "blocks": 288,
          "blocks_missing": 0,
          "issues": [],
          "queries": [
            "sum by (variant) (...)"
          ],
          "why": "neither harm nor its absence is proven yet"
        }
      ],
      "change": null
    },
    {
      "plan": "basket",
      "file": "rollouts/basket.toml",
      "decision": null,
      "exit": 1,
      "reasons": [
        "Prometheus at http://localhost:9090 refused the connection"
      ],
      "error": "Prometheus at http://localhost:9090 refused the connection",
      "help": "start it, or name another with --prometheus-url",
      "guardrails": []
    }
  ]
}
"#);
}

#[test]
fn a_guardrail_without_numbers_has_the_same_keys() {
    let plan = running(1);
    let document = json::document(&report(vec![verdicts(plan, &[Pass, no_data()])]));
    let keys = |index: usize| -> Vec<&String> {
        document["plans"][0]["guardrails"][index]
            .as_object()
            .unwrap()
            .keys()
            .collect()
    };
    assert_eq!(keys(0), keys(1));
}

#[test]
fn workflow_annotations_cannot_be_broken_out_of() {
    let mut out = Vec::new();
    github::annotate(
        &github::Annotation {
            level: github::Level::Error,
            file: "rollouts/a,b:c.toml",
            at: Some((3, 7)),
            title: "100%: sure",
            message: "one\r\n::set-env name=X::y\n100%",
        },
        &mut out,
    )
    .unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "::error file=rollouts/a%2Cb%3Ac.toml,line=3,col=7,title=100%25%3A sure::one%0D%0A::set-env name=X::y%0A100%25\n"
    );
}

#[test]
fn annotations_and_summary_of_a_merge_gate() {
    let report = report(vec![verdicts(running(1), &[Breach, Pass]), failed()]);
    let mut out = Vec::new();
    github::render(&report, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
::error file=rollouts/checkout.toml,title=checkout%3A ROLLBACK::rollback: errors is breached (on_breach = "rollback")
::error file=rollouts/checkout.toml,title=checkout%3A errors is breached::a harm beyond 1.10x is proven
::error file=rollouts/basket.toml,title=basket%3A ERROR::Prometheus at http://localhost:9090 refused the connection%0Ahelp: start it, or name another with --prometheus-url
"#);
    insta::assert_snapshot!(github::summary(&report), @r#"
## rollout: ROLLBACK

### checkout

**rollback** (ROLLBACK), stage 1 of 4, 1 % exposed

- errors is breached (on_breach = "rollback")

| guardrail | exposed | unexposed | effect | verdict |
| --- | --- | --- | --- | --- |
| errors | 1.00% | 0.99% | 1.02x (0.71x to 1.44x) | breach |
| latency | 10.0ms | 9.93ms | 1.02x (0.71x to 1.44x) | pass |

### basket

**ERROR**

```text
Prometheus at http://localhost:9090 refused the connection
```

help: start it, or name another with --prometheus-url
"#);
}

#[test]
fn the_table_of_plans_says_what_each_waits_for() {
    let mut rows = vec![
        status::row(&pending(), &alone()),
        status::row(&running(2), &alone()),
    ];
    let mut young = running(3);
    state(&mut young).entered_at = at("2026-11-22T10:00:00Z");
    stages(&mut young)[2].approval = true;
    rows.push(status::row(&young, &alone()));
    let mut done = running(4);
    state(&mut done).status = Status::Complete;
    rows.push(status::row(&done, &alone()));
    rows.push(status::broken("basket", 2));
    let mut out = Vec::new();
    status::render(
        &rows,
        &Look {
            color: false,
            width: 100,
        },
        &mut out,
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
plan      status       stage  exposure  since   waits for
───────────────────────────────────────────────────────────────────────────────────────────
checkout  pending      0/4    0 %       -       the next advance
checkout  progressing  2/4    10 %      1d 12h  its evidence: `rollout check`
checkout  progressing  3/4    50 %      2h      stage 3 has 22h of its min_duration left; a
                                                person: `rollout approve checkout`
checkout  complete     4/4    100 %     -
basket    invalid      -      0 %       -       2 mistakes: `rollout validate basket`
"#);
}

#[test]
fn numbers_are_in_peoples_units() {
    use super::numbers::{count, percent, plain, time};
    let shown: Vec<String> = [0.0, 0.00012, 0.0099, 0.0123, 0.5, 1.0]
        .map(percent)
        .to_vec();
    assert_eq!(shown, ["0%", "0.012%", "0.99%", "1.23%", "50.0%", "100%"]);
    let shown: Vec<String> = [0.0, 0.0004, 0.2304, 0.9999, 1.25, 61.0].map(time).to_vec();
    assert_eq!(shown, ["0ms", "0.40ms", "230ms", "1.00s", "1.25s", "61.0s"]);
    let shown: Vec<String> = [0.0, 999.0, 1_200.0, 118_800.0, 1_234_567.5]
        .map(count)
        .to_vec();
    assert_eq!(shown, ["0", "999", "1,200", "118,800", "1,234,567.5"]);
    let shown: Vec<String> = [
        1.02,
        -0.5,
        12.345,
        123.456,
        12_345.6,
        0.000_000_1,
        f64::INFINITY,
        f64::NAN,
        -1234.0,
    ]
    .map(plain)
    .to_vec();
    assert_eq!(
        shown,
        [
            "1.02",
            "-0.50",
            "12.3",
            "123",
            "12,346",
            "1.0e-7",
            "unbounded",
            "-",
            "-1,234"
        ]
    );
}
