//! Facts about revising, on chosen texts and on arbitrary ones.

use std::collections::BTreeMap;

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::plan::{
    Carried, Climb, Pause, Restart, Ruling, Status, declared_digest, declared_part, print_state,
    state_of,
};
use crate::units::{Digest, Exposure, Instant, LogE, Period};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn state() -> State {
    State {
        status: Status::Progressing,
        stage: 1,
        exposure: Exposure::from_percent(1.0).unwrap(),
        entered_at: at("2026-11-22T12:00:00Z"),
        declared: Digest::of(b"declared"),
        evidence: Some(".evidence/plan/2026-11-22T120000Z-advance.json".into()),
        definitions: BTreeMap::new(),
        restarts: BTreeMap::new(),
        carried: Carried::new(),
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
        pause: Some(Pause {
            by: Ruling::Person("ann".into()),
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
        .map(|mistake| format!("{}: {}", mistake.code, mistake.message))
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
        carried: Carried::from([("x".into(), LogE(f64::NAN))]),
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

fn instants() -> impl Strategy<Value = Instant> {
    (
        0_i64..4_000_000_000,
        prop_oneof![Just(0_u32), 0..1_000_000_000_u32],
    )
        .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}(-[a-z]{1,4})?", ".{0,6}"]
}

fn rulings() -> impl Strategy<Value = Option<Pause>> {
    proptest::option::of(
        (
            names(),
            any::<bool>(),
            instants(),
            proptest::option::of(".{0,20}"),
        )
            .prop_map(|(name, person, at, reason)| Pause {
                by: if person {
                    Ruling::Person(name)
                } else {
                    Ruling::Guardrail(name)
                },
                at,
                reason,
            }),
    )
}

fn states() -> impl Strategy<Value = State> {
    let digests = || any::<u64>().prop_map(|seed| Digest::of(&seed.to_le_bytes()));
    let maps = || proptest::collection::btree_map(names(), digests(), 0..3);
    let numbers = any::<f64>().prop_filter("a number", |number| !number.is_nan());
    (
        (
            prop_oneof![
                Just(Status::Pending),
                Just(Status::Progressing),
                Just(Status::Paused),
                Just(Status::RolledBack),
                Just(Status::Complete)
            ],
            1_u32..,
            0_u32..=10_000,
            instants(),
            digests(),
            proptest::option::of(".{0,20}"),
        ),
        (
            maps(),
            proptest::collection::btree_map(names(), (instants(), digests()), 0..3),
            proptest::collection::btree_map(names(), numbers.prop_map(LogE), 0..3),
            proptest::collection::btree_map(names(), 1.0..50.0, 0..3),
        ),
        (rulings(), rulings(), rulings()),
        climbs(),
    )
        .prop_map(
            |(
                (status, stage, exposure, entered_at, declared, evidence),
                (definitions, restarts, carried, dispersion),
                (pause, approval, rollback),
                ramp,
            )| State {
                status,
                stage,
                exposure: Exposure::from_percent(f64::from(exposure) / 100.0).unwrap(),
                entered_at,
                declared,
                evidence,
                definitions,
                restarts: restarts
                    .into_iter()
                    .map(|(name, (at, definition))| (name, Restart { at, definition }))
                    .collect(),
                carried,
                dispersion,
                pause,
                approval,
                rollback,
                ramp,
            },
        )
}

fn climbs() -> impl Strategy<Value = Option<Climb>> {
    let events = || prop_oneof![Just(0.0), 0.0..1e9];
    proptest::option::of(
        (any::<u32>(), any::<u32>(), instants(), events(), events()).prop_map(
            |(moves, progress, moved_at, spent, settled)| Climb {
                moves,
                progress: Period::from_seconds(progress),
                moved_at,
                spent,
                settled,
            },
        ),
    )
}

/// What a person may write: keys, tables, comments, blank lines, odd spacing, traps.
fn declared_texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just(String::new()),
        Just("  \t".to_owned()),
        "#[ -~]{0,20}",
        Just("# [state]".to_owned()),
        Just(MARKER.to_owned()),
        Just("[[stages]]".to_owned()),
        Just("  [[ stages ]]\t# first".to_owned()),
        Just("[[stages.inner]]".to_owned()),
        (0..1_000_u32, "[ \t]{0,3}", "[ \t]{0,3}")
            .prop_map(|(n, a, b)| format!("{a}k{n}{b}={a}{n}.50{b}# x")),
        (0..1_000_u32).prop_map(|n| format!("s{n} = '''\n[state]\nstatus = 1\n'''")),
        (0..1_000_u32).prop_map(|n| format!("l{n} = [\n  1, # one\n\n  2,\n]")),
        (0..1_000_u32).prop_map(|n| format!("\"state {n}\" = {{ state = 1 }}")),
        Just("über = \"ä€😀\"".replace('ü', "u")),
    ];
    proptest::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

/// A state as a person may have rearranged it.
fn rearranged() -> impl Strategy<Value = String> {
    let comment = || prop_oneof![3 => Just(String::new()), 1 => Just(" # why".to_owned())];
    let above = || {
        prop_oneof![
            4 => Just(String::new()),
            1 => Just("\n".to_owned()),
            1 => Just("\t# above\n".to_owned())
        ]
    };
    (
        states(),
        proptest::collection::vec((comment(), above(), any::<u8>()), 12),
        prop_oneof![
            Just("[state]"),
            Just("\t[ state ] # h"),
            Just("[\"state\"]")
        ],
    )
        .prop_map(|(state, odd, header)| {
            let text = print_state(&state);
            let mut lines: Vec<(u8, String)> = text
                .lines()
                .skip(1)
                .zip(odd)
                .map(|(line, (comment, above, order))| (order, format!("{above}{line}{comment}")))
                .collect();
            lines.sort();
            let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
            format!("{header}\n{}", lines.join("\n"))
        })
}

fn plan_texts() -> impl Strategy<Value = String> {
    (
        declared_texts(),
        proptest::option::of((rearranged(), any::<bool>())),
        proptest::collection::vec(prop_oneof![Just(""), Just("# tail"), Just(" ")], 0..3),
        any::<(bool, bool, bool)>(),
    )
        .prop_map(|(declared, state, tail, (bom, crlf, last))| {
            let mut parts = vec![declared];
            if let Some((state, marker)) = state {
                parts.extend(marker.then(|| MARKER.to_owned()));
                parts.push(state);
            }
            parts.extend(tail.into_iter().map(ToOwned::to_owned));
            let mut text = parts.join("\n");
            if last {
                text.push('\n');
            }
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            if bom {
                text.insert(0, '\u{feff}');
            }
            text
        })
        .prop_filter("TOML", |text| {
            toml::de::DeTable::parse(text).is_ok() && state_of(text).value.is_some()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn states_read_back_exactly(state in states()) {
        prop_assert_eq!(state_of(&print_state(&state)).value.unwrap().unwrap(), state);
    }

    #[test]
    fn only_the_state_changes(text in plan_texts(), state in states()) {
        let revised = revise(&text, &state).unwrap();
        prop_assert_eq!(state_of(&revised).value.unwrap().unwrap(), state);
        prop_assert_eq!(declared_digest(&revised), declared_digest(&text));

        let root = DeTable::parse(&text).unwrap();
        match section::find(&text, root.get_ref()).unwrap() {
            None => prop_assert!(revised.starts_with(&text)),
            Some(section) => {
                let before = &text[..section.header.end];
                prop_assert!(revised.starts_with(before));
                let last = section.entries.last().unwrap().value.span().end;
                let after = text[last..].find('\n').map_or("", |at| &text[last + at..]);
                prop_assert!(revised.ends_with(after));
                for comment in ["# why", "# above", "# tail", "# h"] {
                    prop_assert_eq!(
                        revised.matches(comment).count() >= text.matches(comment).count(),
                        true
                    );
                }
            }
        }
        prop_assert_eq!(revised.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        if !text.trim().is_empty() {
            prop_assert_eq!(revised.ends_with('\n'), text.ends_with('\n'));
        }
        if text.contains("\r\n") {
            prop_assert_eq!(revised.matches('\n').count(), revised.matches("\r\n").count());
        } else if text.contains('\n') {
            prop_assert!(!revised.contains('\r'));
        }
    }

    #[test]
    fn the_last_revision_wins_without_trace(text in plan_texts(), a in states(), b in states()) {
        let once = revise(&text, &b).unwrap();
        prop_assert_eq!(&revise(&once, &b).unwrap(), &once);
        let twice = revise(&revise(&text, &a).unwrap(), &b).unwrap();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn a_torn_text_is_read_without_panic(
        text in plan_texts(),
        at in any::<prop::sample::Index>(),
        length in 1_usize..12,
    ) {
        let torn: String = {
            let letters: Vec<char> = text.chars().collect();
            let at = at.index(letters.len() + 1);
            let rest = letters.iter().skip(at + length);
            letters.iter().take(at).chain(rest).collect()
        };
        let (root, _) = DeTable::parse_recoverable(&torn);
        drop(read_state(&torn, root.get_ref()));
        prop_assert!(declared_part(&torn).len() <= torn.len());
        if let Ok(revised) = revise(&torn, &state()) {
            prop_assert_eq!(state_of(&revised).value.unwrap().unwrap(), state());
        }
    }

    #[test]
    fn nothing_panics(text in ".{0,200}", state in states()) {
        drop(revise(&text, &state));
        prop_assert!(declared_part(&text).len() <= text.len());
    }
}

#[test]
fn a_state_written_by_hand_need_not_know_its_digest() {
    let text = "owner = \"ann\"\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-11-22T12:00:00Z\n";
    let state = state_of(text).value.flatten().unwrap();
    assert_eq!(state.declared, crate::plan::declared_digest(text));
}
