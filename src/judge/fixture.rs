//! Plans and snapshots for the judge's tests, built in sentences.

use std::collections::BTreeMap;

use crate::plan::{
    Arms, Category, Column, Guardrail, JudgeSettings, Kind, Metric, OnBreach, OnNoData, Plan, Role,
    RuleOut, Schedule, Source, Stage, State, Status,
};
use crate::snapshot::{ArmSeries, GuardrailSeries, Moment, Series, Snapshot};
use crate::units::{Digest, Effect, Exposure, Instant, Period, Worse};

use super::{Finding, Judgement, judge};

/// A Monday midnight.
pub(super) const ENTERED: i64 = 1_795_392_000;
pub(super) const BLOCK: i64 = 300;

pub(super) fn instant(second: i64) -> Instant {
    Instant::from_timestamp(second, 0).unwrap()
}

pub(super) fn guardrail(name: &str, kind: Kind) -> Guardrail {
    Guardrail {
        name: name.into(),
        category: Category::Reliability,
        role: Role::Guardrail,
        metric: Metric {
            kind,
            source: Source::PerArm {
                exposed: Vec::new(),
                unexposed: Vec::new(),
            },
        },
        margin: Some(Effect::Relative(0.10)),
        limit: None,
        on_breach: OnBreach::Rollback,
        on_no_data: OnNoData::Hold,
        definition: Digest::of(name.as_bytes()),
    }
}

pub(super) const ERRORS: Kind = Kind::Ratio {
    worse: Worse::Higher,
};

pub(super) fn errors() -> Guardrail {
    guardrail("errors", ERRORS)
}

/// Four stages, in the first one, 10 % exposed; 2x is to be ruled out.
pub(super) fn plan(guardrails: Vec<Guardrail>) -> Plan {
    let stage = |percent: f64| Stage {
        exposure: Exposure::from_percent(percent).unwrap(),
        min_duration: Period::from_hours(24),
        max_duration: None,
        rule_out: RuleOut::Every(Effect::Ratio(2.0)),
        approval: false,
    };
    Plan {
        name: "checkout".into(),
        description: None,
        draft: None,
        owner: None,
        reason: None,
        surface: None,
        after: Vec::new(),
        course: Schedule::Stages([10.0, 25.0, 50.0, 100.0].map(stage).into()),
        guardrails,
        require_success: false,
        assignment: None,
        targets: Vec::new(),
        arms: Arms::default(),
        judge: JudgeSettings::default(),
        declared: Digest::of(b"declared"),
        state: Some(State {
            status: Status::Progressing,
            stage: 1,
            exposure: Exposure::from_percent(10.0).unwrap(),
            entered_at: instant(ENTERED),
            declared: Digest::of(b"declared"),
            evidence: None,
            definitions: BTreeMap::new(),
            restarts: BTreeMap::new(),
            judge: State::FIRST_JUDGE,
            carried: BTreeMap::new(),
            dispersion: BTreeMap::new(),
            pause: None,
            approval: None,
            rollback: None,
            ramp: None,
        }),
    }
}

pub(super) fn fully_exposed(mut plan: Plan) -> Plan {
    let state = plan.state.as_mut().unwrap();
    state.stage = 4;
    state.exposure = Exposure::FULL;
    plan
}

pub(super) fn arm(columns: &[(Column, Series)]) -> ArmSeries {
    ArmSeries {
        columns: columns
            .iter()
            .map(|(column, series)| (*column, series.clone()))
            .collect(),
        buckets: Vec::new(),
    }
}

/// Blocks from the stage's entry on.
pub(super) fn series(exposed: ArmSeries, unexposed: ArmSeries, blocks: i64) -> GuardrailSeries {
    GuardrailSeries {
        ends: (1..=blocks).map(|k| ENTERED + k * BLOCK).collect(),
        exposed,
        unexposed,
        issues: Vec::new(),
        queries: Vec::new(),
        history: None,
        during: None,
        unsplit: None,
        scrape_seconds: None,
        instances: None,
        preflight: Default::default(),
        assumed: Vec::new(),
    }
}

/// The same in every block, but for a small, fixed unevenness in the events.
pub(super) fn steady(events: f64, total: f64, blocks: i64) -> ArmSeries {
    let wobble = [0.0, 1.0, -1.0, 0.0, 2.0, -2.0, 1.0, -1.0];
    let of = |k: i64| (events + wobble[usize::try_from(k).unwrap() % 8]).max(0.0);
    arm(&[
        (Column::Events, (0..blocks).map(|k| Some(of(k))).collect()),
        (Column::Total, (0..blocks).map(|_| Some(total)).collect()),
    ])
}

/// 1 % errors unexposed at 90 % of 10,000 requests a block, `factor` times that exposed.
pub(super) fn traffic(factor: f64, blocks: i64) -> GuardrailSeries {
    series(
        steady(10.0 * factor, 1_000.0, blocks),
        steady(90.0, 9_000.0, blocks),
        blocks,
    )
}

pub(super) fn snapshot(series: Vec<(&str, GuardrailSeries)>) -> Snapshot {
    Snapshot {
        plan: "checkout".into(),
        taken_at: instant(ENTERED),
        known_until: None,
        source: "a test".into(),
        moment: Moment::Stage {
            number: 1,
            entered_at: instant(ENTERED),
        },
        block: Period::from_minutes(5),
        guardrails: series.into_iter().map(|(k, s)| (k.to_owned(), s)).collect(),
        assignment: None,
    }
}

/// Judges the plan's guardrails, each on its series, when so many blocks have closed.
pub(super) fn judged(plan: &Plan, series: Vec<GuardrailSeries>, blocks: i64) -> Judgement {
    let names = plan.guardrails.iter().map(|g| g.name.as_str());
    let snapshot = snapshot(names.zip(series).collect());
    judge(plan, &snapshot, instant(ENTERED + blocks * BLOCK))
}

/// The only finding of a plan with one guardrail.
pub(super) fn one(guardrail: Guardrail, series: GuardrailSeries, blocks: i64) -> Finding {
    judged(&plan(vec![guardrail]), vec![series], blocks)
        .findings
        .remove(0)
}
