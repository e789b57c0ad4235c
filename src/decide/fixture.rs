//! Plans, findings and surroundings for tests, built in sentences.

use std::collections::BTreeMap;

use crate::judge::{
    ArmTotals, Belief, Clear, Finding, Issue, Judgement, LimitFinding, Measure, NoData, Scale,
    Seen, Strength, Verdict, Why,
};
use crate::plan::{
    Arms, Calendar, Category, Column, Compared, Guardrail, JudgeSettings, Kind, Metric, OnBreach,
    OnNoData, Plan, Role, RuleOut, Schedule, Selector, Shown, Source, Stage, State, Status,
};
use crate::units::{Bound, Digest, Effect, Exposure, Instant, LogE, Period, Worse};

use super::Environment;

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Noon on a Sunday; the plans below entered their stage a day and a half before.
pub(crate) fn now() -> Instant {
    at("2026-11-22T12:00:00Z")
}

pub(crate) fn entered() -> Instant {
    at("2026-11-21T00:00:00Z")
}

pub(crate) fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub(crate) fn percent(value: f64) -> Exposure {
    Exposure::from_percent(value).unwrap()
}

pub(crate) fn guardrail(name: &str) -> Guardrail {
    Guardrail {
        name: name.into(),
        category: Category::Reliability,
        role: Role::Guardrail,
        metric: Metric {
            kind: Kind::Ratio {
                worse: Worse::Higher,
            },
            source: Source::Selectors(vec![
                (Column::Events, Selector::parse("errors_total").unwrap()),
                (Column::Total, Selector::parse("requests_total").unwrap()),
            ]),
        },
        margin: Some(Effect::parse("10%").unwrap()),
        limit: None,
        on_breach: OnBreach::Rollback,
        on_no_data: OnNoData::Hold,
        definition: Digest::of(name.as_bytes()),
    }
}

fn stage(exposure: f64, rule_out: RuleOut) -> Stage {
    Stage {
        exposure: percent(exposure),
        min_duration: period("24h"),
        max_duration: Some(period("5d")),
        rule_out,
        approval: false,
    }
}

/// 1, 10, 50 and 100 %, a day each, `errors` rolls back and `latency` pauses. Nobody is exposed.
pub(crate) fn pending() -> Plan {
    Plan {
        name: "checkout".into(),
        description: None,
        draft: None,
        owner: None,
        reason: None,
        surface: None,
        after: Vec::new(),
        course: Schedule::Stages(vec![
            stage(1.0, RuleOut::Every(Effect::parse("5x").unwrap())),
            stage(10.0, RuleOut::Every(Effect::parse("2x").unwrap())),
            stage(50.0, RuleOut::Margin),
            stage(100.0, RuleOut::Margin),
        ]),
        guardrails: vec![
            guardrail("errors"),
            Guardrail {
                on_breach: OnBreach::Pause,
                category: Category::Experience,
                metric: Metric {
                    kind: Kind::Latency {
                        quantile: 0.99,
                        compare: Compared::Share,
                        unit: crate::plan::TimeUnit::Seconds,
                    },
                    source: Source::Selectors(vec![(
                        Column::Histogram,
                        Selector::parse("seconds_bucket").unwrap(),
                    )]),
                },
                ..guardrail("latency")
            },
        ],
        require_success: false,
        assignment: None,
        targets: Vec::new(),
        arms: Arms::default(),
        // Whether there will be data is not what these plans are about.
        judge: JudgeSettings {
            preflight: false,
            ..JudgeSettings::default()
        },
        declared: Digest::of(b"declared"),
        state: None,
    }
}

/// The same, a day and a half into this stage.
pub(crate) fn running(stage: u32) -> Plan {
    let mut plan = pending();
    let exposure = plan.stages()[stage as usize - 1].exposure;
    plan.state = Some(State {
        status: Status::Progressing,
        stage,
        exposure,
        entered_at: entered(),
        declared: plan.declared.clone(),
        evidence: Some(".evidence/checkout/record.json".into()),
        definitions: plan
            .guardrails
            .iter()
            .map(|g| (g.name.clone(), g.definition.clone()))
            .collect(),
        restarts: BTreeMap::new(),
        judge: State::FIRST_JUDGE,
        carried: BTreeMap::new(),
        dispersion: BTreeMap::new(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    });
    plan
}

pub(crate) fn stages(plan: &mut Plan) -> &mut Vec<Stage> {
    match &mut plan.course {
        Schedule::Stages(stages) => stages,
        Schedule::Ramp(_) => panic!("the fixture has stages"),
    }
}

pub(crate) fn state(plan: &mut Plan) -> &mut State {
    plan.state.as_mut().unwrap()
}

/// What the judge says of these guardrails.
pub(crate) fn judged(plan: &Plan, verdicts: &[Verdict]) -> Judgement {
    Judgement {
        findings: plan
            .guardrails
            .iter()
            .zip(verdicts)
            .map(|(guardrail, verdict)| finding(guardrail, *verdict))
            .collect(),
        log_e_rollback: LogE(-0.31),
        carried: BTreeMap::from([("errors".to_owned(), LogE(-0.3))]),
        dispersion: BTreeMap::from([("errors".to_owned(), Shown::Dispersion(3.4))]),
        pacing: None,
        preflight: None,
        assignment_broken: None,
    }
}

pub(crate) fn finding(guardrail: &Guardrail, verdict: Verdict) -> Finding {
    let measured = !matches!(verdict, Verdict::NoData(_));
    Finding {
        name: guardrail.name.clone(),
        category: guardrail.category,
        role: guardrail.role,
        on_breach: guardrail.on_breach,
        on_no_data: guardrail.on_no_data,
        verdict,
        measure: measured.then(measure),
        harm: Strength::NONE,
        clear: measured.then_some(Clear::Evidence(Strength::NONE)),
        leaning: None,
        limit: guardrail.limit.map(|bound| LimitFinding {
            undecided: None,
            bound,
            log_e_breach: LogE(-0.5),
            ambient: false,
            breached: false,
        }),
        blocks: if measured { 288 } else { 0 },
        blocks_missing: 0,
        issues: Vec::new(),
        queries: vec!["sum by (variant) (...)".into()],
        why: match verdict {
            Verdict::Pass => Why::RuledOut {
                seen: Seen::Nothing,
                effect: Effect::Ratio(5.0),
            },
            Verdict::Breach => Why::ThresholdExceeded,
            Verdict::Inconclusive => Why::NoBoundsYet,
            Verdict::NoData(_) => Why::NoData(vec![Issue::NotInSnapshot]),
            Verdict::NotApplicable => Why::NobodyUnexposed,
        },
    }
}

pub(crate) fn measure() -> Measure {
    Measure {
        scale: Scale::Ratio,
        estimate: Some(1.02),
        lower: Some(0.71),
        upper: Some(1.44),
        margin: Some(1.1),
        rule_out: Some(5.0),
        log_e_breach: LogE(-1.2),
        log_e_breach_peak: LogE(-0.1),
        log_e_pass: Some(LogE(2.2)),
        dispersion: 2.1,
        belief: Some(Belief::Guess),
        noise: None,
        boundaries: None,
        expected_wait: Some(period("9h")),
        exposed: ArmTotals {
            events: Some(12.0),
            total: Some(1_200.0),
            value: Some(0.01),
            between: None,
        },
        unexposed: Some(ArmTotals {
            events: Some(1_180.0),
            total: Some(118_800.0),
            value: Some(1_180.0 / 118_800.0),
            between: None,
        }),
    }
}

pub(crate) fn no_data() -> Verdict {
    Verdict::NoData(NoData {
        since: at("2026-11-22T11:00:00Z"),
    })
}

pub(crate) fn limit(text: &str) -> Bound {
    Bound::parse(text).unwrap()
}

/// No windows, no freezes, no other plans.
pub(crate) fn alone() -> Environment {
    Environment {
        now: now(),
        calendar: Calendar::default(),
        exclusive_surface: false,
        neighbours: Vec::new(),
        targets: Vec::new(),
    }
}
