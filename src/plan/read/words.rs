//! Words for messages: the name that was meant, lists of names, kinds of values, and numbers and
//! dates out of what was written.

use toml::de::DeValue;

/// A finite number, whole or not.
pub(super) fn number_of(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(i) if i.radix() == 10 => i.as_str().parse::<f64>().ok(),
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix())
            .ok()
            .and_then(|n| i32::try_from(n).ok())
            .map(f64::from),
        DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
        DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
    .filter(|number| number.is_finite())
}

/// A date, or a date and time, as a moment in UTC.
pub(super) fn completed(written: &str) -> Option<String> {
    let candidates = [
        format!("{written}T00:00:00Z"),
        format!("{written}:00Z"),
        format!("{written}Z"),
    ];
    candidates
        .into_iter()
        .find(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
}

/// What a value is, for a sentence.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The name that was probably meant; `None` when nothing is near enough to suggest.
pub(crate) fn nearest<'n>(
    written: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    /// Jaro-Winkler similarity from which a suggestion helps more than it misleads; the same
    /// order as clap's, which asks for 0.7.
    const NEAR: f64 = 0.8;
    let lower = written.to_lowercase().replace('-', "_");
    names
        .into_iter()
        .map(|name| {
            let other = name.to_lowercase().replace('-', "_");
            (strsim::jaro_winkler(&lower, &other), name)
        })
        .filter(|(similarity, _)| *similarity >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Names for a sentence, in backticks.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => "no keys".into(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}
