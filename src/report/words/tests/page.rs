//! Everything that is ever said on one page: read the snapshot `every_sentence` from top to bottom.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::evidence::evidence_issues;
use super::examples::{UNFORESEEN, doubts};
use super::reasons::{obstructions, reasons, refusals};
use super::verdicts::{boundaries, issues, misassigned, seen, whys};
use crate::decide::Reason;
use crate::decide::by_hand::Refusal;
use crate::judge::{Issue, Misassigned, Obstruction, Why};
use crate::power::InfeasibleStage;
use crate::snapshot::EvidenceIssue;

fn section<T: Display>(
    page: &mut String,
    title: &str,
    facts: &[T],
    code: impl Fn(&T) -> &'static str,
) {
    page.push_str(&format!("\n{title}\n"));
    for fact in facts {
        let sentence = fact.to_string();
        // Only a program that finds nothing wrong may have nothing to say.
        assert!(!sentence.is_empty() || code(fact) == "no-data", "{title}");
        page.push_str(&format!("  {:<24} {sentence}\n", code(fact)));
    }
}

#[test]
fn every_sentence() {
    let mut page = String::new();
    section(
        &mut page,
        "Why a plan moves or stays",
        &reasons(),
        Reason::code,
    );
    section(
        &mut page,
        "Why a guardrail has its verdict",
        &whys(),
        Why::code,
    );
    section(
        &mut page,
        "What is wrong with its evidence",
        &issues(),
        Issue::code,
    );
    section(
        &mut page,
        "What is wrong with what was measured",
        &evidence_issues(),
        EvidenceIssue::code,
    );
    section(
        &mut page,
        "How users are not assigned as declared",
        &misassigned(),
        Misassigned::code,
    );
    section(&mut page, "What cannot be foreseen", &UNFORESEEN, |fact| {
        fact.code()
    });
    section(&mut page, "What was seen", &seen(), |_| "");
    section(
        &mut page,
        "Which buckets are compared",
        &boundaries(),
        |_| "",
    );
    section(
        &mut page,
        "Why a command is refused",
        &refusals(),
        Refusal::code,
    );
    section(
        &mut page,
        "What is in the way before the first user",
        &obstructions(),
        Obstruction::code,
    );
    page.push_str("\nWhat a stage will not do\n");
    for doubt in doubts() {
        let (code, problem, cure) = (doubt.code(), doubt.problem(), doubt.cure());
        page.push_str(&format!("  {code:<24} {problem}: {cure}\n"));
    }
    insta::assert_snapshot!("every_sentence", page);
}

/// The codes that a source gives: what stands between the arrows and the commas of its `code`.
fn given(source: &str) -> BTreeSet<String> {
    let body = source.split("fn code(").nth(1).unwrap();
    let body = body.split("\n    }\n").next().unwrap();
    body.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn shown<T>(facts: &[T], code: impl Fn(&T) -> &'static str) -> BTreeSet<String> {
    facts.iter().map(|fact| code(fact).to_owned()).collect()
}

#[test]
fn every_variant_is_on_that_page_and_has_a_code_of_its_own() {
    let issues_given = given(include_str!("../../../judge/issue.rs"));
    let mut whys_shown = shown(&whys(), Why::code);
    // Missing data has the code of the issue behind it.
    assert!(whys_shown.remove("nobody-exposed"));
    for (given, shown, arrows) in [
        (
            given(include_str!("../../../decide/reason.rs")),
            shown(&reasons(), Reason::code),
            include_str!("../../../decide/reason.rs"),
        ),
        (
            given(include_str!("../../../judge/why.rs")),
            whys_shown,
            include_str!("../../../judge/why.rs"),
        ),
        (
            issues_given,
            shown(&issues(), Issue::code),
            include_str!("../../../judge/issue.rs"),
        ),
        (
            given(include_str!("../../../snapshot/issue.rs")),
            shown(&evidence_issues(), EvidenceIssue::code),
            include_str!("../../../snapshot/issue.rs"),
        ),
        (
            given(include_str!("../../../judge/misassigned.rs")),
            shown(&misassigned(), Misassigned::code),
            include_str!("../../../judge/misassigned.rs"),
        ),
        (
            given(include_str!("../../../decide/by_hand.rs")),
            shown(&refusals(), Refusal::code),
            include_str!("../../../decide/by_hand.rs"),
        ),
        (
            given(include_str!("../../../judge/preflight.rs")),
            shown(&obstructions(), Obstruction::code),
            include_str!("../../../judge/preflight.rs"),
        ),
        (
            given(include_str!("../../../power/doubt.rs")),
            shown(&doubts(), InfeasibleStage::code),
            include_str!("../../../power/doubt.rs"),
        ),
        (
            given(include_str!("../../../power/model.rs")),
            shown(&UNFORESEEN, |fact| fact.code()),
            include_str!("../../../power/model.rs"),
        ),
    ] {
        assert_eq!(given, shown);
        for code in &given {
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(code.chars().all(kebab), "{code}");
            let body = arrows.split("fn code(").nth(1).unwrap();
            let body = body.split("\n    }\n").next().unwrap();
            let quoted = format!("\"{code}\"");
            assert_eq!(body.matches(&quoted).count(), 1, "{code} is given twice");
        }
    }
}
