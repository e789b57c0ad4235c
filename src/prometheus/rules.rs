//! Recording and alerting rules for a plan's queries. Pure.
//!
//! The recorded series are what `rollout` asks for, so that a dashboard shows the same numbers.
//! The alerts are plain comparisons for people who look at alerts: they have no error control, and
//! no decision depends on them.

use std::fmt::Write as _;

use crate::plan::{Arms, Column, Guardrail, Kind, Plan};
use crate::snapshot::Arm;
use crate::units::Period;

use super::block_of;
use super::query::{Question, Shape, Speaks, questions};
use super::selector::label_name;

/// Over which time an alert compares, in blocks: long enough to hold a few events.
const BLOCKS: u32 = 12;

/// The rules as YAML that `promtool check rules` accepts.
#[must_use]
pub fn rules(plan: &Plan) -> String {
    let block = block_of(plan);
    let mut out = format!(
        "# Rules for the rollout plan `{}`, made by `rollout rules`.\n\
         # The alerts compare without error control; `rollout check` decides.\n\
         groups:\n",
        plan.name
    );
    group(&mut out, &format!("rollout-{}", plan.name), block);
    let mut empty = true;
    for guardrail in &plan.guardrails {
        for question in questions(guardrail, &plan.arms, block) {
            empty = false;
            record(&mut out, plan, guardrail, &question, block);
        }
    }
    if empty {
        // A group without rules is legal, a key without a value is not.
        out.truncate(out.trim_end().len());
        out.push_str(" []\n");
        return out;
    }
    let alerts: Vec<String> = plan
        .guardrails
        .iter()
        .flat_map(|guardrail| alerts(plan, guardrail, block))
        .collect();
    if !alerts.is_empty() {
        group(&mut out, &format!("rollout-{}-alerts", plan.name), block);
        out.push_str(&alerts.concat());
    }
    out
}

fn group(out: &mut String, name: &str, block: Period) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "  - name: {}\n    interval: {block}\n    rules:\n",
        quoted(name)
    );
}

fn record(
    out: &mut String,
    plan: &Plan,
    guardrail: &Guardrail,
    question: &Question,
    block: Period,
) {
    let mut labels = vec![("plan", plan.name.as_str()), ("guardrail", &guardrail.name)];
    if let Speaks::Of(arm) = question.speaks {
        labels.push(("arm", arm.key()));
    }
    let _ = write!(
        out,
        "      - record: {}\n        expr: {}\n        labels:\n",
        recorded(question),
        quoted(&question.expression(block))
    );
    for (name, value) in labels {
        let _ = writeln!(out, "          {name}: {}", quoted(value));
    }
}

/// The name under which a question's answer is recorded; the plan and guardrail are labels.
fn recorded(question: &Question) -> String {
    match question.shape {
        Shape::Number | Shape::Buckets => named(question.column),
        Shape::NativeEnd => "rollout:guardrail_histogram_end:block".into(),
        Shape::NativeStart => "rollout:guardrail_histogram_start:block".into(),
    }
}

fn named(column: Column) -> String {
    let what = column.series();
    format!("rollout:guardrail_{what}:block")
}

/// Alerts on harm beyond the margin, and on an exposed arm without data.
fn alerts(plan: &Plan, guardrail: &Guardrail, block: Period) -> Vec<String> {
    let span = Period::from_seconds(block.seconds().saturating_mul(BLOCKS));
    let series = |column: Column, arm: Arm| {
        let by_rollout = match guardrail.metric.source {
            crate::plan::Source::Selectors(_) => arm_matcher(&plan.arms, arm),
            crate::plan::Source::PerArm { .. } => format!("arm=\"{}\"", arm.key()),
        };
        format!(
            "sum(sum_over_time({}{{plan={},guardrail={},{by_rollout}}}[{span}]))",
            named(column),
            quoted(&plan.name),
            quoted(&guardrail.name),
        )
    };
    let (top, bottom) = match guardrail.metric.kind {
        Kind::Ratio { .. } => (Column::Events, Column::Total),
        Kind::Rate { .. } => (Column::Events, Column::Per),
        Kind::Mean { .. } => (Column::Sum, Column::Count),
        // A quantile or a level says nothing without its distribution; `rollout check` does.
        Kind::Latency { .. } | Kind::Gauge { .. } | Kind::Point { .. } => return Vec::new(),
    };
    let mut alerts = vec![alert(
        plan,
        guardrail,
        "RolloutNoData",
        &format!("absent({})", series(bottom, Arm::Exposed)),
        "the exposed arm has no data",
    )];
    if let Some(margin) = guardrail.margin {
        let worse = guardrail.metric.kind.worse();
        let (ratio, offset) = margin.null(worse);
        let value = |arm| format!("{} / {}", series(top, arm), series(bottom, arm));
        let sign = match worse {
            crate::units::Worse::Higher => ">",
            crate::units::Worse::Lower => "<",
        };
        let text = format!(
            "{} {sign} {ratio} * ({}) + {offset}",
            value(Arm::Exposed),
            value(Arm::Unexposed)
        );
        alerts.push(alert(
            plan,
            guardrail,
            "RolloutHarmSuspected",
            &text,
            &format!("the exposed arm is worse than the margin of {margin} over {span}"),
        ));
    }
    alerts
}

fn arm_matcher(arms: &Arms, arm: Arm) -> String {
    let value = match arm {
        Arm::Exposed => &arms.exposed,
        Arm::Unexposed => &arms.unexposed,
    };
    format!("{}={}", label_name(&arms.label), quoted(value))
}

fn alert(plan: &Plan, guardrail: &Guardrail, name: &str, expr: &str, summary: &str) -> String {
    format!(
        "      - alert: {name}\n        expr: {}\n        for: 15m\n        labels:\n          \
         severity: warning\n          plan: {}\n          guardrail: {}\n        annotations:\n          \
         summary: {}\n",
        quoted(expr),
        quoted(&plan.name),
        quoted(&guardrail.name),
        quoted(&format!("{}, {}: {summary}", plan.name, guardrail.name)),
    )
}

/// A JSON string is a YAML string and, for printable text, a PromQL string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
