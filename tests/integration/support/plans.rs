//! Plans for tests of what comes after parsing.

use std::future::Future;

use chrono::DateTime;
use rollout::plan::{
    Arms, Column, Guardrail, Kind, Metric, Plan, Selector, Source, parse_config, parse_plan,
};
use rollout::units::{Digest, Instant, Worse};

use super::openmetrics::START;

/// So many seconds after the start of all fixtures.
pub(crate) fn at(seconds: i64) -> Instant {
    DateTime::from_timestamp(START + seconds, 0).unwrap()
}

/// A plan at 10 % of its first stage, entered so many seconds after the start of all fixtures.
pub(crate) fn plan(entered: i64, guardrails: Vec<Guardrail>) -> Plan {
    let mut plan = template();
    plan.guardrails = guardrails;
    plan.arms = Arms::default();
    plan.state.as_mut().unwrap().entered_at = at(entered);
    plan
}

/// The plan that the others are made of.
fn template() -> Plan {
    let text = r#"
        [[stages]]
        exposure = 10
        min_duration = "24h"

        [[guardrails]]
        name = "errors"
        category = "reliability"
        margin = "10%"
        ratio = { events = "errors_total", total = "requests_total", worse = "higher" }

        [state]
        status = "progressing"
        stage = 1
        exposure = 10.0
        entered_at = 2026-01-01T00:00:00Z
        declared = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    "#;
    let text: String = text
        .lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    let config = parse_config("").value.unwrap();
    let parsed = parse_plan("checkout", &text, &config);
    parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.mistakes))
}

/// A guardrail with a margin of 10 %.
pub(crate) fn guardrail(name: &str, kind: Kind, source: Source) -> Guardrail {
    let mut guardrail = template().guardrails.remove(0);
    guardrail.name = name.into();
    guardrail.metric = Metric { kind, source };
    guardrail.definition = Digest::of(name.as_bytes());
    guardrail
}

/// Columns as bare selectors.
pub(crate) fn selectors(columns: &[(Column, &str)]) -> Source {
    Source::Selectors(
        columns
            .iter()
            .map(|(column, text)| (*column, Selector::parse(text).unwrap()))
            .collect(),
    )
}

/// Errors per request.
pub(crate) fn ratio(name: &str, events: &str, total: &str) -> Guardrail {
    guardrail(
        name,
        Kind::Ratio {
            worse: Worse::Higher,
        },
        selectors(&[(Column::Events, events), (Column::Total, total)]),
    )
}

/// Runs a future to its end as the program does, on the current thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
