//! Plans made by hand, for tests of what comes after parsing.

use std::collections::BTreeMap;
use std::future::Future;

use chrono::DateTime;
use rollout::plan::{
    Arms, Category, Column, Course, Guardrail, JudgeSettings, Kind, Metric, OnBreach, OnNoData,
    Plan, Role, RuleOut, Selector, Source, Stage, State, Status,
};
use rollout::units::{Digest, Effect, Exposure, Instant, Period, Worse};

use super::openmetrics::START;

/// So many seconds after the start of all fixtures.
pub(crate) fn at(seconds: i64) -> Instant {
    DateTime::from_timestamp(START + seconds, 0).unwrap()
}

/// A plan on its first stage, entered so many seconds after the start of all fixtures.
pub(crate) fn plan(entered: i64, guardrails: Vec<Guardrail>) -> Plan {
    let exposure = Exposure::from_percent(10.0).unwrap();
    Plan {
        name: "checkout".into(),
        description: None,
        owner: None,
        reason: None,
        surface: None,
        after: Vec::new(),
        course: Course::Stages(vec![Stage {
            exposure,
            min_duration: Period::from_hours(24),
            max_duration: None,
            rule_out: RuleOut::Margin,
            approval: false,
        }]),
        guardrails,
        require_success: false,
        assignment: None,
        arms: Arms::default(),
        judge: JudgeSettings::default(),
        declared: Digest::of(b""),
        state: Some(State {
            status: Status::Progressing,
            stage: 1,
            exposure,
            entered_at: at(entered),
            declared: Digest::of(b""),
            evidence: None,
            definitions: BTreeMap::new(),
            restarts: BTreeMap::new(),
            carried: BTreeMap::new(),
            pause: None,
            approval: None,
            rollback: None,
        }),
    }
}

/// A guardrail with a margin of 10 %.
pub(crate) fn guardrail(name: &str, kind: Kind, source: Source) -> Guardrail {
    Guardrail {
        name: name.into(),
        category: Category::Reliability,
        role: Role::Guardrail,
        metric: Metric { kind, source },
        margin: Some(Effect::parse("10%").unwrap()),
        limit: None,
        on_breach: OnBreach::Rollback,
        on_no_data: OnNoData::Hold,
        definition: Digest::of(name.as_bytes()),
    }
}

/// Columns as bare selectors.
pub(crate) fn selectors(columns: &[(Column, &str)]) -> Source {
    Source::Selectors(
        columns
            .iter()
            .map(|(column, text)| (*column, Selector::unchecked(*text)))
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
