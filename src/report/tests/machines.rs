//! The report for programs and merge gates.

use super::super::{github, json, summary};
use super::cases::{failed, report, value, verdicts};
use crate::decide::fixture::{limit, no_data, running, state};
use crate::judge::Verdict::{Breach, Inconclusive, Pass};

#[test]
fn the_json_document_keeps_its_keys() {
    let mut plan = running(1);
    plan.guardrails.truncate(1);
    plan.guardrails[0].limit = Some(limit("2%"));
    state(&mut plan).definitions.remove("latency");
    let report = report(vec![verdicts(plan, &[Inconclusive]), failed()]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json::document(&report)).unwrap(),  @r#"
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
          "reason_codes": [
            "not-ruled-out"
          ],
          "gates": [
            {
              "gate": "latch",
              "state": "open"
            },
            {
              "gate": "preflight",
              "state": "not_applicable"
            },
            {
              "gate": "rollback",
              "state": "open"
            },
            {
              "gate": "budget",
              "state": "not_applicable"
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
              "gate": "budget",
              "state": "not_applicable"
            },
            {
              "gate": "every",
              "state": "not_applicable"
            },
            {
              "gate": "fresh",
              "state": "not_applicable"
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
              "gate": "leaning",
              "state": "open"
            },
            {
              "gate": "rule_out",
              "state": "closed",
              "reason": "stage 1 needs more evidence on errors: about 9h more at the present rate",
              "code": "not-ruled-out"
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
              "gate": "draft",
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
          "assignment_code": null,
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
              "harm": {
                "value": 0.0,
                "needed": 2.995732273553991
              },
              "clear": {
                "value": 0.0,
                "needed": 2.995732273553991
              },
              "leaning": null,
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
              "why": "too little traffic yet to choose bucket boundaries to compare at",
              "codes": [
                "no-bounds-yet"
              ]
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
    let document = value(&json::document(&report(vec![verdicts(
        plan,
        &[Pass, no_data()],
    )])));
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
        "::error file=rollouts/a%2Cb%3Ac.toml,line=3,col=7,title=100%25%3A sure::one\\u000d%0A::set-env name=X::y%0A100%25\n"
    );
}

#[test]
fn annotations_and_summary_of_a_merge_gate() {
    let report = report(vec![verdicts(running(1), &[Breach, Pass]), failed()]);
    let mut out = Vec::new();
    github::render(&report, &|_| Some((7, 1)), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(),  @r#"
::error file=rollouts/checkout.toml,line=7,col=1,title=checkout%3A ROLLBACK::rollback: errors is breached (on_breach = "rollback")
::error file=rollouts/checkout.toml,line=7,col=1,title=checkout%3A errors is breached::beyond its threshold for too many blocks in a row (a plain threshold, without error control)
::error file=rollouts/basket.toml,line=7,col=1,title=basket%3A ERROR::Prometheus at http://localhost:9090 refused the connection%0Ahelp: start it, or name another with --prometheus-url
"#);
    insta::assert_snapshot!(summary::summary(&report),  @r#"
    ## rollout: ROLLBACK

    2 plans: 1 rollback, 1 failed

    |  | plan | stages | what happens |
    | --- | --- | --- | --- |
    | ✗ | checkout | ▸ 1 · 10 · 50 · 100 | Would roll back from 1 % to 0 %: errors is breached (on_breach = "rollback") |
    | ✗ | basket | - | ERROR: Prometheus at http://localhost:9090 refused the connection |

    ### checkout

    **Would roll back from 1 % to 0 %**: errors is breached (on_breach = "rollback")

    `▸ 1 · 10 · 50 · 100` stage 1 of 4, 1 % exposed for 1d 12h

    | guardrail | verdict | exposed | unexposed | effect | │ 0 ┊ margin ║ rule-out | margin | rule-out | harm | clear |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | errors | breach | 1 % (12/1.2k) | 0.99 % (1.2k/119k) | 1.02x (0.71x to 1.44x) | `├──●─┤         ║` | 1.10x | 5.00x | 0.0 of 3.0 | 0.0 of 3.0 |
    | latency | pass | 10ms (12/1.2k) | 9.93ms (1.2k/119k) | 1.02x (0.71x to 1.44x) | `├──●─┤         ║` | 1.10x | 5.00x | 0.0 of 3.0 | 0.0 of 3.0 |

    - next: `rollout advance checkout` does it

    ### basket

    **ERROR**

    ```text
    Prometheus at http://localhost:9090 refused the connection
    ```

    help: start it, or name another with --prometheus-url
    "#);
}
