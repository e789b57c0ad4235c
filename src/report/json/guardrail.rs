//! One guardrail of a report as JSON. Records keep it, and `replay` compares it.

use serde::{Deserialize, Serialize};

use crate::judge::{
    ArmTotals, Between, Clear, Finding, Issue, Leaning, LimitFinding, Measure, Strength, Undecided,
    Why,
};
use crate::plan::{OnNoData, Role};
use crate::units::Period;

use super::number::{Count, Keyword, finite};

/// What was found of one guardrail. Every key is there whether or not there are numbers: a reader
/// never has to ask twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardrailPart {
    pub(super) name: String,
    pub(super) category: Keyword,
    pub(super) role: Keyword,
    pub(super) verdict: Keyword,
    pub(super) on_breach: Keyword,
    pub(super) on_no_data: Keyword,
    pub(super) scale: Option<Keyword>,
    pub(super) estimate: Option<f64>,
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    pub(super) margin: Option<f64>,
    pub(super) rule_out: Option<f64>,
    pub(super) log_e_breach: Option<f64>,
    pub(super) log_e_breach_peak: Option<f64>,
    pub(super) log_e_pass: Option<f64>,
    pub(super) dispersion: Option<f64>,
    pub(super) expected_wait_seconds: Option<u32>,
    pub(super) exposed: Option<ArmPart>,
    pub(super) unexposed: Option<ArmPart>,
    pub(super) harm: StrengthPart,
    pub(super) clear: Option<StrengthPart>,
    pub(super) leaning: Option<Keyword>,
    pub(super) limit: Option<LimitPart>,
    pub(super) blocks: u32,
    pub(super) blocks_missing: u32,
    pub(super) issues: Vec<String>,
    pub(super) queries: Vec<String>,
    pub(super) why: String,
    /// Records of before there were codes do not hold them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) codes: Option<Vec<Keyword>>,
}

/// What one arm did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ArmPart {
    events: Option<Count>,
    total: Option<Count>,
    value: Option<f64>,
    /// The ends of a quantile's bucket; only latencies have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    between: Option<[Option<f64>; 2]>,
}

/// Evidence and how much of it is needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StrengthPart {
    value: Option<f64>,
    needed: Option<f64>,
}

/// The absolute bound on the exposed arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LimitPart {
    bound: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    log_e_breach: Option<f64>,
    ambient: bool,
    breached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The bucket bounds between which nothing can be told, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<[Option<f64>; 2]>,
}

impl LimitPart {
    /// The same without what is said of it.
    pub(super) fn without_sentences(&self) -> Self {
        Self {
            text: String::new(),
            note: None,
            ..self.clone()
        }
    }
}

impl From<&Finding> for GuardrailPart {
    fn from(finding: &Finding) -> Self {
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
        let mut part = Self {
            name: name.clone(),
            category: category.key().into(),
            role: match role {
                Role::Guardrail => "guardrail",
                Role::Success => "success",
            }
            .into(),
            verdict: verdict.key().into(),
            on_breach: on_breach.key().into(),
            on_no_data: match on_no_data {
                OnNoData::Hold => "hold",
                OnNoData::Pause => "pause",
                OnNoData::Rollback { .. } => "rollback",
            }
            .into(),
            scale: None,
            estimate: None,
            lower: None,
            upper: None,
            margin: None,
            rule_out: None,
            log_e_breach: None,
            log_e_breach_peak: None,
            log_e_pass: None,
            dispersion: None,
            expected_wait_seconds: None,
            exposed: None,
            unexposed: None,
            harm: harm.into(),
            clear: clear.map(Into::into),
            leaning: leaning.map(|leaning: Leaning| leaning.key().into()),
            limit: limit.as_ref().map(Into::into),
            blocks: *blocks,
            blocks_missing: *blocks_missing,
            issues: issues.iter().map(ToString::to_string).collect(),
            queries: queries.clone(),
            why: why.to_string(),
            codes: Some(codes(why, issues)),
        };
        if let Some(measure) = measure {
            part.measured(measure);
        }
        part
    }
}

impl GuardrailPart {
    fn measured(&mut self, measure: &Measure) {
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
            noise: _,
            boundaries: _,
            expected_wait,
            exposed,
            unexposed,
        } = measure;
        self.scale = Some(scale.key().into());
        self.estimate = estimate.and_then(finite);
        self.lower = lower.and_then(finite);
        self.upper = upper.and_then(finite);
        self.margin = margin.and_then(finite);
        self.rule_out = rule_out.and_then(finite);
        self.log_e_breach = finite(log_e_breach.0);
        self.log_e_breach_peak = finite(log_e_breach_peak.0);
        self.log_e_pass = log_e_pass.and_then(|log| finite(log.0));
        self.dispersion = finite(*dispersion);
        self.expected_wait_seconds = expected_wait.map(Period::seconds);
        self.exposed = Some(exposed.into());
        self.unexposed = unexposed.as_ref().map(Into::into);
    }
}

/// The codes of the verdict and then of what is wrong with the evidence, each once.
fn codes(why: &Why, issues: &[Issue]) -> Vec<Keyword> {
    let mut codes: Vec<Keyword> = vec![why.code().into()];
    for code in issues.iter().map(Issue::code) {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.into());
        }
    }
    codes
}

impl From<&Strength> for StrengthPart {
    fn from(strength: &Strength) -> Self {
        let Strength { value, needed } = strength;
        Self {
            value: finite(value.0),
            needed: finite(needed.0),
        }
    }
}

impl From<Clear> for StrengthPart {
    fn from(clear: Clear) -> Self {
        let (value, needed) = clear.numbers();
        Self {
            value: value.and_then(finite),
            needed: finite(needed),
        }
    }
}

impl From<&ArmTotals> for ArmPart {
    fn from(totals: &ArmTotals) -> Self {
        let ArmTotals {
            events,
            total,
            value,
            between,
        } = totals;
        let ends = |between: &Between| {
            let Between { lower, upper } = between;
            [finite(*lower), upper.and_then(finite)]
        };
        Self {
            events: events.and_then(Count::of),
            total: total.and_then(Count::of),
            value: value.and_then(finite),
            between: between.as_ref().map(ends),
        }
    }
}

impl From<&LimitFinding> for LimitPart {
    fn from(limit: &LimitFinding) -> Self {
        let LimitFinding {
            bound,
            log_e_breach,
            ambient,
            breached,
            undecided,
        } = limit;
        let ends = |undecided: &Undecided| {
            let Undecided { lower, upper } = undecided;
            [lower.and_then(finite), upper.and_then(finite)]
        };
        Self {
            bound: finite(bound.value),
            text: bound.to_string(),
            log_e_breach: finite(log_e_breach.0),
            ambient: *ambient,
            breached: *breached,
            note: undecided.as_ref().map(ToString::to_string),
            undecided: undecided.as_ref().map(ends),
        }
    }
}
