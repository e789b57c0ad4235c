//! Where things stand in a plan's text, for warnings that are found after it was read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::spanned;

/// Where a stage (1-based) says what it must rule out; where it does not, its exposure, else the
/// whole stage. The start of the text when there is no such stage.
#[must_use]
pub fn place_of_rule_out(text: &str, stage: u32) -> Range<usize> {
    find(text, stage).unwrap_or(0..0)
}

/// The header of `[state]`; `None` for a pending plan.
#[must_use]
pub fn place_of_state(text: &str) -> Option<Range<usize>> {
    let document = spanned::table(text).ok()?;
    document.get_ref().get("state").map(Spanned::span)
}

/// What a guardrail says of its margin; where it does not, the whole guardrail. The start of the text
/// when there is no such guardrail.
#[must_use]
pub fn place_of_margin(text: &str, guardrail: &str) -> Range<usize> {
    let find = || {
        let document = spanned::table(text).ok()?;
        let guardrails = array(document.get_ref().get("guardrails")?.get_ref())?;
        guardrails.iter().find_map(|one| {
            let table = table(one.get_ref())?;
            let named = |key: &str| table.get(key).and_then(|name| name.get_ref().as_str());
            let name = named("name").or_else(|| named("metric"))?;
            (name == guardrail).then(|| {
                table
                    .get("margin")
                    .map_or_else(|| one.span(), Spanned::span)
            })
        })
    };
    find().unwrap_or(0..0)
}

/// The exposure of a stage (1-based), or the first one of a ramp. The start of the text where there is
/// none.
#[must_use]
pub fn place_of_exposure(text: &str, stage: u32) -> Range<usize> {
    let find = || {
        let document = spanned::table(text).ok()?;
        let root = document.get_ref();
        if let Some(ramp) = root.get("ramp") {
            return table(ramp.get_ref())?.get("from").map(Spanned::span);
        }
        let stages = array(root.get("stages")?.get_ref())?;
        let stage = table(stages.get(stage.checked_sub(1)? as usize)?.get_ref())?;
        stage.get("exposure").map(Spanned::span)
    };
    find().unwrap_or(0..0)
}

/// The file that a target (counted from 0) names; where it names none, the whole target. The start of
/// the text when there is no such target.
#[must_use]
pub fn place_of_target(text: &str, index: usize) -> Range<usize> {
    let find = || {
        let document = spanned::table(text).ok()?;
        let targets = array(document.get_ref().get("targets")?.get_ref())?;
        let target = targets.get(index)?;
        let file = table(target.get_ref()).and_then(|kinds| {
            let (_, kind) = kinds.iter().next()?;
            table(kind.get_ref())?.get("file")
        });
        Some(file.map_or_else(|| target.span(), Spanned::span))
    };
    find().unwrap_or(0..0)
}

fn find(text: &str, stage: u32) -> Option<Range<usize>> {
    let document = spanned::table(text).ok()?;
    let stages = array(document.get_ref().get("stages")?.get_ref())?;
    let stage: &Spanned<DeValue<'_>> = stages.get(stage.checked_sub(1)? as usize)?;
    let said =
        table(stage.get_ref()).and_then(|table| table.get("rule_out").or(table.get("exposure")));
    Some(said.map_or_else(|| stage.span(), Spanned::span))
}

const fn array<'a, 'b>(value: &'a DeValue<'b>) -> Option<&'a DeArray<'b>> {
    match value {
        DeValue::Array(array) => Some(array),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => None,
    }
}

const fn table<'a, 'b>(value: &'a DeValue<'b>) -> Option<&'a DeTable<'b>> {
    match value {
        DeValue::Table(table) => Some(table),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_what_the_stage_says_of_it() {
        let text = "[[stages]]\nexposure = 1\nrule_out = \"5x\"\n[[stages]]\nexposure = 50\n";
        assert_eq!(&text[place_of_rule_out(text, 1)], "\"5x\"");
        assert_eq!(&text[place_of_rule_out(text, 2)], "50");
        assert_eq!(place_of_rule_out(text, 3), 0..0);
        assert_eq!(&text[place_of_exposure(text, 2)], "50");
        assert_eq!(place_of_exposure(text, 3), 0..0);
        let ramp = "[ramp]\nfrom = 1\nto = 100\n";
        assert_eq!(&ramp[place_of_exposure(ramp, 1)], "1");
        assert_eq!(place_of_rule_out("not toml", 1), 0..0);
    }

    #[test]
    fn the_place_is_what_the_guardrail_says_of_its_margin() {
        let text =
            "[[guardrails]]\nmetric = \"a\"\nmargin = \"5%\"\n[[guardrails]]\nname = \"b\"\n";
        assert_eq!(&text[place_of_margin(text, "a")], "\"5%\"");
        assert!(text[place_of_margin(text, "b")].starts_with("[[guardrails]]"));
        assert_eq!(place_of_margin(text, "c"), 0..0);
    }

    #[test]
    fn the_place_of_a_target_is_its_file() {
        let text = "[[targets]]\nflagd = { file = \"a.json\", flag = \"a\" }\n[[targets]]\nnginx = { key = \"$a\" }\n";
        assert_eq!(&text[place_of_target(text, 0)], "\"a.json\"");
        assert!(text[place_of_target(text, 1)].starts_with("[[targets]]"));
        assert_eq!(place_of_target(text, 2), 0..0);
    }

    #[test]
    fn the_place_of_the_state_is_its_header() {
        let text = "owner = \"ann\"\n\n[state]\nstage = 1\n";
        assert_eq!(&text[place_of_state(text).unwrap()], "[state]");
        assert_eq!(place_of_state("owner = \"ann\"\n"), None);
    }
}
