//! Facts about revising, on chosen texts.

use std::collections::BTreeMap;

use super::*;
use crate::plan::{
    Actor, CarriedEvidence, Intervention, Status, declared_digest, declared_part, print_state,
    state_of,
};
use crate::units::{Digest, Exposure, Instant, LogE};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn state() -> State {
    State {
        status: Status::Progressing,
        stage: 1,
        exposure: Exposure::from_percent(1.0).unwrap(),
        entered_at: at("2026-11-22T12:00:00Z"),
        declared: Digest::of(b"declared"),
        evidence: Some(".evidence/plan/2026-11-22T120000Z-advance.json".into()),
        definitions: BTreeMap::new(),
        restarts: BTreeMap::new(),
        judge: State::FIRST_JUDGE,
        carried: CarriedEvidence::new(),
        dispersion: BTreeMap::new(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    }
}

fn paused() -> State {
    State {
        status: Status::Paused,
        pause: Some(Intervention {
            by: Actor::Person("ann".into()),
            at: at("2026-11-23T08:30:00.25Z"),
            reason: Some("a \"quoted\"\nreason with \\ and \u{7f}".into()),
        }),
        ..state()
    }
}

#[test]
fn a_pending_plan_gets_its_state_at_the_end() {
    let digest = Digest::of(b"declared");
    assert_eq!(
        revise("owner = \"ann\"\n", &state()).unwrap(),
        format!(
            "owner = \"ann\"\n\n\
             # Written by rollout. Change it with commands, not by hand.\n\
             [state]\n\
             status = \"progressing\"\n\
             stage = 1\n\
             exposure = 1.0\n\
             entered_at = 2026-11-22T12:00:00Z\n\
             declared = \"{digest}\"\n\
             evidence = \".evidence/plan/2026-11-22T120000Z-advance.json\"\n"
        )
    );
}

#[test]
fn a_missing_final_newline_stays_missing() {
    for ending in ["\n", "\r\n"] {
        let text = ["owner = \"ann\"", "# the last word"].join(ending);
        let revised = revise(&text, &state()).unwrap();
        assert!(revised.starts_with(&text));
        assert!(!revised.ends_with('\n'));
        let again = revise(&revised, &paused()).unwrap();
        assert!(!again.ends_with('\n'));
        assert_eq!(again.matches('\n').count(), again.matches(ending).count());
    }
}

#[test]
fn comments_in_and_after_the_state_are_kept() {
    let text = "a = 1\n\
        \t[ state ] # ours\n\
        # on the status\n\
        \tstatus\t=\t'paused' # since Monday\n\
        stage = 1\n\
        exposure = 1\n\
        entered_at = 2026-11-22 12:00:00+00:00\n\
        declared = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\n\
        # call Ann first\n\
        pause = { by = \"person:ann\", at = 2026-11-22T12:00:00Z } # INC-42\n\
        \n\
        # the end";
    let revised = revise(text, &state()).unwrap();
    assert_eq!(
        revised,
        format!(
            "a = 1\n\
             \t[ state ] # ours\n\
             # on the status\n\
             \tstatus\t=\t\"progressing\" # since Monday\n\
             stage = 1\n\
             exposure = 1.0\n\
             entered_at = 2026-11-22T12:00:00Z\n\
             declared = \"{}\"\n\
             evidence = \".evidence/plan/2026-11-22T120000Z-advance.json\"\n\
             # call Ann first\n\
             # INC-42\n\
             \n\
             # the end",
            Digest::of(b"declared")
        )
    );
}

#[test]
fn a_state_in_a_string_is_not_the_state() {
    let text = "description = '''\n[state]\nstatus = \"complete\"\n'''\n";
    let revised = revise(text, &state()).unwrap();
    assert!(revised.starts_with(text));
    assert_eq!(state_of(&revised).value.unwrap().unwrap(), state());
    assert_eq!(declared_part(&revised), text.trim_end());
}

#[test]
fn an_indented_state_above_more_tables_is_refused() {
    let text = format!("{}\n[[guardrails]]\nname = \"x\"\n", print_state(&state()));
    let error = revise(&text, &state()).unwrap_err();
    insta::assert_snapshot!(error, @"`[state]` is not the last table of the file");
    insta::assert_snapshot!(error.cure(), @"move `[state]` and its keys to the end of the file");
}

#[test]
fn mixed_line_endings_are_refused() {
    for text in ["a = 1\nb = 2\r\nc = 3\n", "a = 1\r\nb = 2\n"] {
        let error = revise(text, &state()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the lines of the file end in two ways",
            "{text:?}"
        );
        assert!(error.cure().contains("dos2unix"));
    }
}

#[test]
fn shapes_that_cannot_be_cut_are_refused_with_a_cure() {
    let inline = "state = { status = \"paused\" }\n".to_owned();
    let dotted = "state.status = \"paused\"\n".to_owned();
    let spread = format!(
        "{}[state.pause]\nby = \"person:ann\"\nat = 2026-11-22T12:00:00Z\n",
        print_state(&state())
    );
    let implicit = "[state.pause]\nby = \"person:ann\"\n".to_owned();
    let unknown = print_state(&state()) + "mood = \"good\"\n";
    let comment = print_state(&state())
        + "pause = { by = \"person:ann\",\n # why\n at = 2026-11-22T12:00:00Z }\n";
    for text in [inline, dotted, spread, implicit, unknown, comment] {
        let error = revise(&text, &state()).unwrap_err();
        assert!(matches!(error, ReviseError::Mistaken(_)), "{text}");
        assert!(!error.cure().is_empty());
    }
}

#[test]
fn every_mistake_of_a_state_is_found_at_once() {
    let text = "[state]\n\
        status = \"fine\"\n\
        stage = 0\n\
        exposure = 101\n\
        entered_at = 2026-11-22\n\
        carried = { a = nan, b = true }\n\
        dispersion = { a = 0.9 }\n\
        pause = { by = \"ann\" }\n";
    let found: Vec<String> = state_of(text)
        .mistakes
        .iter()
        .map(|mistake| format!("{}: {}", mistake.code.key(), mistake.message))
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    state-value: `fine` is not a status
    state-value: the stage is not a number of a stage
    state-value: exposure 101 is not between 0 and 100 percent
    state-value: this is not an instant
    state-value: the evidence of earlier stages is not a number
    state-value: the evidence of earlier stages is not a number
    state-value: the dispersion is not a number of at least 1
    state-value: `ann` is nobody
    state-value: this needs `by` and `at`
    ");
}

#[test]
fn a_state_that_cannot_be_told_in_text_is_not_written() {
    let unwritable = State {
        carried: CarriedEvidence::from([("x".into(), LogE(f64::NAN))]),
        ..state()
    };
    assert!(matches!(
        revise("a = 1\n", &unwritable),
        Err(ReviseError::NotProven { .. })
    ));
}

#[test]
fn two_hundred_revisions_do_not_grow_the_file() {
    let text = "owner = \"ann\"\r\n# last";
    let first = revise(text, &state()).unwrap();
    let mut now = first.clone();
    for round in 0..200 {
        let next = if round % 2 == 0 { paused() } else { state() };
        now = revise(&now, &next).unwrap();
    }
    assert_eq!(now, first);
}

#[test]
fn the_declared_digest_is_the_same_before_and_after_and_on_every_machine() {
    let text = "owner = \"ann\"\n\n[[stages]]\nexposure = 1 # first\n# note\n\n\n";
    let digest = declared_digest(text);
    assert_eq!(declared_digest(&revise(text, &state()).unwrap()), digest);
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(declared_digest(&windows), digest);
    assert_eq!(
        declared_digest(&revise(&windows, &state()).unwrap()),
        digest
    );
    assert_ne!(declared_digest(&text.replace("first", "1st")), digest);
}

#[test]
fn a_state_written_by_hand_need_not_know_its_digest() {
    let text = "owner = \"ann\"\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-11-22T12:00:00Z\n";
    let state = state_of(text).value.flatten().unwrap();
    assert_eq!(state.declared, crate::plan::declared_digest(text));
}
