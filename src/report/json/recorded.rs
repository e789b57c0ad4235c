//! The parts of a report that a record keeps, read back. Facts and numbers are compared, sentences
//! are not: another version may say the same in other words.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::judge::Scale;

use super::guardrail::{GuardrailPart, LimitPart};
use super::number::Keyword;
use super::plan::DecidedPart;

/// What was found of the guardrails, as far as every version recorded it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Recorded {
    /// One each, in the plan's order.
    #[serde(default)]
    pub guardrails: Vec<RecordedFinding>,
}

/// What was found of one guardrail.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RecordedFinding {
    /// Its name.
    pub name: String,
    /// Its verdict.
    pub verdict: String,
    /// The scale of the numbers; `None` where nothing was measured.
    #[serde(default)]
    pub scale: Option<RecordedScale>,
    /// The effect.
    #[serde(default)]
    pub estimate: Option<f64>,
    /// The lower end of its interval.
    #[serde(default)]
    pub lower: Option<f64>,
    /// The upper end of its interval.
    #[serde(default)]
    pub upper: Option<f64>,
}

/// [`Scale`] at the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedScale {
    /// Exposed divided by unexposed.
    Ratio,
    /// Exposed minus unexposed.
    Difference,
    /// The exposed arm alone.
    Level,
}

impl From<RecordedScale> for Scale {
    fn from(scale: RecordedScale) -> Self {
        match scale {
            RecordedScale::Ratio => Self::Ratio,
            RecordedScale::Difference => Self::Difference,
            RecordedScale::Level => Self::Level,
        }
    }
}

impl Recorded {
    /// Reads a plan's part of a report.
    ///
    /// # Errors
    /// When it is not one; the sentence says how.
    pub fn read(part: &Value) -> Result<Self, String> {
        Self::deserialize(part).map_err(|error| unreadable(&error))
    }
}

/// All of a recorded decision that can be compared.
#[derive(Debug, Deserialize)]
struct Comparable {
    exit: Option<u8>,
    next_exposure: Option<f64>,
    log_e_rollback: Option<f64>,
    /// Records of before it was kept do not hold it; null says that nothing was broken.
    #[serde(default, deserialize_with = "present")]
    assignment_code: Option<Option<Keyword>>,
    guardrails: Vec<GuardrailPart>,
}

fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn unreadable(error: &serde_json::Error) -> String {
    format!("the report in it cannot be read: {error}")
}

/// What a recorded part of a report says otherwise than one that is made now: every number and
/// keyword, bit for bit. Keys that came later are no difference.
#[must_use]
pub fn differences(then: &Value, now: &DecidedPart) -> Vec<String> {
    let Comparable {
        exit,
        next_exposure,
        log_e_rollback,
        assignment_code,
        guardrails,
    } = match Comparable::deserialize(then) {
        Ok(then) => then,
        Err(error) => return vec![unreadable(&error)],
    };
    let mut found: Vec<String> = [
        differs("", "exit", &exit, &Some(now.exit)),
        differs(
            "",
            "next_exposure",
            &next_exposure,
            &Some(now.next_exposure),
        ),
        differs("", "log_e_rollback", &log_e_rollback, &now.log_e_rollback),
        assignment_code
            .and_then(|code| differs("", "assignment_code", &code, &now.assignment_code)),
    ]
    .into_iter()
    .flatten()
    .collect();
    for then in &guardrails {
        let name = &then.name;
        match now.guardrails.iter().find(|now| now.name == *name) {
            Some(now) => found.extend(of_guardrail(then, now)),
            None => found.push(format!("it judged `{name}`, now it does not")),
        }
    }
    found
}

/// The first difference of a guardrail.
fn of_guardrail(then: &GuardrailPart, now: &GuardrailPart) -> Option<String> {
    let GuardrailPart {
        name,
        category,
        role,
        verdict,
        on_breach,
        on_no_data,
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
        expected_wait_seconds,
        exposed,
        unexposed,
        harm,
        clear,
        leaning,
        limit,
        blocks,
        blocks_missing,
        issues: _,
        queries: _,
        why: _,
        codes,
    } = then;
    let of = format!(" of `{name}`");
    let bare = |limit: &Option<LimitPart>| limit.as_ref().map(LimitPart::without_sentences);
    [
        differs(&of, "category", category, &now.category),
        differs(&of, "role", role, &now.role),
        differs(&of, "verdict", verdict, &now.verdict),
        differs(&of, "on_breach", on_breach, &now.on_breach),
        differs(&of, "on_no_data", on_no_data, &now.on_no_data),
        differs(&of, "scale", scale, &now.scale),
        differs(&of, "estimate", estimate, &now.estimate),
        differs(&of, "lower", lower, &now.lower),
        differs(&of, "upper", upper, &now.upper),
        differs(&of, "margin", margin, &now.margin),
        differs(&of, "rule_out", rule_out, &now.rule_out),
        differs(&of, "log_e_breach", log_e_breach, &now.log_e_breach),
        differs(
            &of,
            "log_e_breach_peak",
            log_e_breach_peak,
            &now.log_e_breach_peak,
        ),
        differs(&of, "log_e_pass", log_e_pass, &now.log_e_pass),
        differs(&of, "dispersion", dispersion, &now.dispersion),
        differs(
            &of,
            "expected_wait_seconds",
            expected_wait_seconds,
            &now.expected_wait_seconds,
        ),
        differs(&of, "exposed", exposed, &now.exposed),
        differs(&of, "unexposed", unexposed, &now.unexposed),
        differs(&of, "harm", harm, &now.harm),
        differs(&of, "clear", clear, &now.clear),
        differs(&of, "leaning", leaning, &now.leaning),
        differs(&of, "limit", &bare(limit), &bare(&now.limit)),
        differs(&of, "blocks", blocks, &now.blocks),
        differs(&of, "blocks_missing", blocks_missing, &now.blocks_missing),
        codes
            .is_some()
            .then(|| differs(&of, "codes", codes, &now.codes))
            .flatten(),
    ]
    .into_iter()
    .flatten()
    .next()
}

fn differs<T: PartialEq + Serialize>(of: &str, key: &str, then: &T, now: &T) -> Option<String> {
    let shown = |value: &T| serde_json::to_string(value).unwrap_or_default();
    (then != now).then(|| format!("`{key}`{of} was {}, now it is {}", shown(then), shown(now)))
}
