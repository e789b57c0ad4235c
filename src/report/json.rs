//! The report as JSON, for programs. Its own shape, not that of the domain's types: keys may be
//! added, never renamed.

use serde_json::{Value, json};

use crate::decide::{Gate, GateState, Reason};
use crate::judge::{
    ArmTotals, Between, Finding, Issue, Leaning, LimitFinding, Measure, Misassigned, Strength, Why,
};
use crate::plan::OnNoData;
use crate::units::Instant;

use super::{Change, Decided, Failure, Outcome, PlanReport, Report};

/// The whole document.
#[must_use]
pub fn document(report: &Report) -> Value {
    let Report { now, exit, plans } = report;
    json!({
        "format": "rollout-report/1",
        "now": rfc3339(*now),
        "exit": exit.code(),
        "plans": plans.iter().map(plan).collect::<Vec<_>>(),
    })
}

/// One plan of it, as evidence records keep it.
#[must_use]
pub fn plan(report: &PlanReport) -> Value {
    let PlanReport {
        plan,
        file,
        outcome,
    } = report;
    match outcome {
        Outcome::Decided(value) => decided(plan, file, value),
        Outcome::Failed(Failure {
            exit,
            problem,
            cure,
        }) => json!({
            "plan": plan,
            "file": file,
            "decision": null,
            "exit": exit.code(),
            "reasons": [problem],
            "error": problem,
            "help": cure,
            "guardrails": [],
        }),
    }
}

fn decided(name: &str, file: &str, value: &Decided) -> Value {
    let Decided {
        plan,
        judgement,
        decision,
        change,
    } = value;
    let findings = judgement.as_ref().map_or(&[][..], |j| &j.findings);
    let broken = judgement
        .as_ref()
        .and_then(|j| j.assignment_broken.as_ref());
    let mut document = json!({
        "plan": name,
        "file": file,
        "status": plan.status().key(),
        "stage": value.stage(),
        "stages": value.stages(),
        "exposure": value.exposure().percent(),
        "next_exposure": value.next_exposure().percent(),
        "entered_at": plan.state.as_ref().map(|state| rfc3339(state.entered_at)),
        "decision": decision.action.key(),
        "exit": decision.exit.code(),
        "reasons": decision.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reason_codes": decision.reasons.iter().map(Reason::code).collect::<Vec<_>>(),
        "gates": decision.gates.iter().map(gate).collect::<Vec<_>>(),
        "log_e_rollback": judgement.as_ref().map(|j| j.log_e_rollback.0),
        "assignment_broken": broken.map(ToString::to_string),
        "assignment_code": broken.map(Misassigned::code),
        "guardrails": findings.iter().map(finding).collect::<Vec<_>>(),
        "change": change.as_ref().map(|Change { before: _, after: _, applied, evidence, commit }| json!({
            "applied": applied,
            "evidence": evidence,
            "commit": commit,
        })),
    });
    let ramp = super::ramp::document(plan, judgement.as_ref());
    if let (Value::Object(document), false) = (&mut document, ramp.is_null()) {
        document.insert("ramp".into(), ramp);
    }
    document
}

fn gate(gate: &Gate) -> Value {
    let Gate { name, state } = gate;
    let name = name.key();
    match state {
        GateState::Open => json!({ "gate": name, "state": "open" }),
        GateState::NotApplicable => json!({ "gate": name, "state": "not_applicable" }),
        GateState::Closed(reason) => {
            json!({ "gate": name, "state": "closed", "reason": reason.to_string() })
        }
    }
}

fn finding(finding: &Finding) -> Value {
    let Finding {
        name,
        category,
        role,
        on_breach,
        on_no_data,
        verdict,
        measure,
        harm,
        clear,
        leaning,
        limit,
        blocks,
        blocks_missing,
        issues,
        queries,
        why,
    } = finding;
    let mut value = json!({
        "name": name,
        "category": category.key(),
        "role": match role {
            crate::plan::Role::Guardrail => "guardrail",
            crate::plan::Role::Success => "success",
        },
        "verdict": verdict.key(),
        "on_breach": on_breach.key(),
        "on_no_data": match on_no_data {
            OnNoData::Hold => "hold",
            OnNoData::Pause => "pause",
            OnNoData::Rollback { .. } => "rollback",
        },
    });
    // The keys are there whether or not there are numbers: a reader never has to ask twice.
    let numbers = measure.as_ref().map_or_else(no_numbers, numbers);
    if let (Value::Object(value), Value::Object(numbers)) = (&mut value, numbers) {
        value.extend(numbers);
        value.insert("harm".into(), strength(harm));
        let clear = clear.as_ref().map_or(Value::Null, strength);
        value.insert("clear".into(), clear);
        value.insert("leaning".into(), json!(leaning.map(Leaning::key)));
        value.insert("limit".into(), limit.as_ref().map_or(Value::Null, limited));
        value.insert("blocks".into(), json!(blocks));
        value.insert("blocks_missing".into(), json!(blocks_missing));
        let texts: Vec<String> = issues.iter().map(ToString::to_string).collect();
        value.insert("issues".into(), json!(texts));
        value.insert("queries".into(), json!(queries));
        value.insert("why".into(), json!(why.to_string()));
        value.insert("codes".into(), json!(codes(why, issues)));
    }
    value
}

/// The words of the verdict and then of what is wrong with the evidence, each once.
fn codes(why: &Why, issues: &[Issue]) -> Vec<&'static str> {
    let mut codes = vec![why.code()];
    for code in issues.iter().map(Issue::code) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn strength(strength: &Strength) -> Value {
    let Strength { value, needed } = strength;
    json!({ "value": value.0, "needed": needed.0 })
}

fn numbers(measure: &Measure) -> Value {
    let Measure {
        scale,
        estimate,
        lower,
        upper,
        margin,
        rule_out,
        log_e_breach,
        log_e_breach_peak,
        log_e_pass,
        dispersion,
        belief: _,
        boundaries: _,
        expected_wait,
        exposed,
        unexposed,
    } = measure;
    json!({
        "scale": scale.key(),
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "margin": margin,
        "rule_out": rule_out,
        "log_e_breach": log_e_breach.0,
        "log_e_breach_peak": log_e_breach_peak.0,
        "log_e_pass": log_e_pass.0,
        "dispersion": dispersion,
        "expected_wait_seconds": expected_wait.map(crate::units::Period::seconds),
        "exposed": arm(exposed),
        "unexposed": unexposed.as_ref().map(arm),
    })
}

fn no_numbers() -> Value {
    json!({
        "scale": null,
        "estimate": null,
        "lower": null,
        "upper": null,
        "margin": null,
        "rule_out": null,
        "log_e_breach": null,
        "log_e_breach_peak": null,
        "log_e_pass": null,
        "dispersion": null,
        "expected_wait_seconds": null,
        "exposed": null,
        "unexposed": null,
    })
}

fn arm(totals: &ArmTotals) -> Value {
    let ArmTotals {
        events,
        total,
        value,
        between,
    } = totals;
    let mut arm = json!({ "events": number(*events), "total": number(*total), "value": value });
    if let Some(Between { lower, upper }) = between {
        arm["between"] = json!([lower, upper]);
    }
    arm
}

/// Whole counts without a fraction.
fn number(count: Option<f64>) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match count {
        Some(count) if count.fract() == 0.0 && count.abs() < EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = count as i64;
            json!(whole)
        }
        Some(count) => json!(count),
        None => Value::Null,
    }
}

fn limited(limit: &LimitFinding) -> Value {
    let LimitFinding {
        bound,
        log_e_breach,
        ambient,
        breached,
        undecided,
    } = limit;
    let mut limited = json!({
        "bound": bound.value,
        "text": bound.to_string(),
        "log_e_breach": log_e_breach.0,
        "ambient": ambient,
        "breached": breached,
    });
    if let Some(undecided) = undecided {
        limited["note"] = json!(undecided.to_string());
        limited["undecided"] = json!([undecided.lower, undecided.upper]);
    }
    limited
}

fn rfc3339(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
