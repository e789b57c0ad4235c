//! Plans to report on, for the tests of every form.

use super::super::{
    Change, Decided, Failure, Outcome, OutputStyle, PlanReport, Report, SeenTarget, text,
};
use crate::decide::fixture::{alone, guardrail, judged, limit, running, state};
use crate::decide::{Environment, Exit, decide};
use crate::judge::Verdict::{Inconclusive, Pass};
use crate::judge::{ArmTotals, Judgement, Scale, Verdict};
use crate::plan::{Guardrail, Kind, Plan, Role};
use crate::units::{Bound, Effect, Worse};

pub(super) fn entry(plan: Plan, judgement: Option<Judgement>, around: &Environment) -> PlanReport {
    let decision = decide(&plan, judgement.as_ref(), around);
    PlanReport {
        plan: plan.name.clone(),
        file: format!("rollouts/{}.toml", plan.name),
        outcome: Outcome::Decided(Box::new(Decided {
            plan,
            judgement,
            decision,
            change: None,
            targets: around
                .targets
                .iter()
                .cloned()
                .map(SeenTarget::seen)
                .collect(),
        })),
    }
}

pub(super) fn verdicts(plan: Plan, verdicts: &[Verdict]) -> PlanReport {
    let judgement = judged(&plan, verdicts);
    entry(plan, Some(judgement), &alone())
}

pub(super) fn with_change(
    mut report: PlanReport,
    before: &str,
    after: &str,
    applied: bool,
) -> PlanReport {
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

pub(super) fn failed() -> PlanReport {
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

pub(super) fn report(plans: Vec<PlanReport>) -> Report {
    Report::new(alone().now, plans, &[])
}

pub(super) fn render(report: &Report, width: usize, color: bool) -> String {
    rendered(report, text::Detail::Brief, width, color)
}

pub(super) fn rendered(report: &Report, detail: text::Detail, width: usize, color: bool) -> String {
    let mut out = Vec::new();
    text::render(
        report,
        detail,
        &OutputStyle {
            color,
            unicode: true,
            width,
        },
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// Errors, a latency with milliseconds, revenue that may not fall, and a plain threshold.
pub(super) fn every_kind() -> PlanReport {
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
        between: None,
    };
    mean.unexposed = Some(ArmTotals {
        events: Some(6_112_345.0),
        total: Some(118_800.0),
        value: Some(51.45),
        between: None,
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
        between: None,
    };
    point.unexposed = None;
    judgement.findings[3].measure = Some(point);
    entry(plan, Some(judgement), &alone())
}

pub(super) const BEFORE: &str = "description = \"x\"\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-11-21T00:00:00Z\n";
pub(super) const AFTER: &str = "description = \"x\"\n\n[state]\nstatus = \"progressing\"\nstage = 2\nexposure = 10.0\nentered_at = 2026-11-22T12:00:00Z\n";

/// What a program reads.
pub(super) fn value(document: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(document).unwrap()
}
