//! What holds of revising any text by any state.

use chrono::DateTime;
use proptest::prelude::*;

use super::tests::state;
use super::*;
use crate::plan::{
    Actor, Intervention, RampProgress, Restart, Shown, ShownNoise, Status, declared_digest,
    declared_part, print_state, state_of,
};
use crate::units::{Digest, Exposure, Instant, LogE, Period};

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

fn rulings() -> impl Strategy<Value = Option<Intervention>> {
    proptest::option::of(
        (
            names(),
            any::<bool>(),
            instants(),
            proptest::option::of(".{0,20}"),
        )
            .prop_map(|(name, person, at, reason)| Intervention {
                by: if person {
                    Actor::Person(name)
                } else {
                    Actor::Guardrail(name)
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
            proptest::collection::btree_map(names(), shown(), 0..3),
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
                judge: 2,
                carried,
                dispersion,
                pause,
                approval,
                rollback,
                ramp,
            },
        )
}

fn shown() -> impl Strategy<Value = Shown> {
    let number = || 0.0..1e6;
    let noise = (number(), number(), number(), number(), number(), number());
    prop_oneof![
        (1.0..50.0).prop_map(Shown::Dispersion),
        noise.prop_map(
            |(weight, freedom, clumps, drift, least_clumps, least_drift)| {
                Shown::Noise(ShownNoise {
                    weight,
                    freedom,
                    clumps,
                    drift,
                    least_clumps,
                    least_drift,
                })
            }
        ),
    ]
}

fn climbs() -> impl Strategy<Value = Option<RampProgress>> {
    let events = || prop_oneof![Just(0.0), 0.0..1e9];
    proptest::option::of(
        (any::<u32>(), any::<u32>(), instants(), events(), events()).prop_map(
            |(moves, progress, moved_at, spent, settled)| RampProgress {
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
