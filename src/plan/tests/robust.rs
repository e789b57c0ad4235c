//! No text makes the parser or the renderer panic, and a value never stands beside an error.

use proptest::prelude::*;

use super::support::{CONFIG, PLAN, config};
use crate::plan::{Mistake, Parsed, parse_config, parse_plan, render_mistakes};

/// Pieces that make a mutation more interesting than noise.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    "\r\n",
    "#",
    "[[",
    "]]",
    "\u{feff}",
    "é",
    "日",
    "\u{0}",
    "\"\"\"",
    "[state]\n",
    "[[stages]]\n",
    "[stages]\n",
    "exposure = ",
    "nan",
    "inf",
    "1e999",
    "0xffffffffffffffffffff",
    "-1",
    "true",
    "2026-11-22T12:00:00Z",
    "09:30:00",
    "'((((((((('",
    "a.b.c = 1\n",
    "margin = 5\n",
    "rule_out = { a = 1, b = [] }\n",
    "after = [[1]]\n",
    "$block",
    "state = {}\n",
];

fn check<T>(text: &str, parsed: &Parsed<T>) -> Result<(), TestCaseError> {
    prop_assert_eq!(
        parsed.value.is_none(),
        parsed.mistakes.iter().any(Mistake::is_error)
    );
    for mistake in &parsed.mistakes {
        let places = mistake.related.iter().map(|(place, _)| place);
        for place in places.chain([&mistake.span]) {
            prop_assert!(place.start <= place.end && place.end <= text.len());
        }
        prop_assert!(!mistake.message.is_empty());
    }
    let shown = render_mistakes("f", text, &parsed.mistakes, false, 80);
    prop_assert_eq!(shown.is_empty(), parsed.mistakes.is_empty());
    Ok(())
}

fn check_both(text: &str) -> Result<(), TestCaseError> {
    check(text, &parse_config(text))?;
    check(text, &parse_plan("p", text, &config()))
}

/// A text with some of its parts cut, doubled, or replaced.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let edit = (
        any::<prop::sample::Index>(),
        0_usize..12,
        prop::sample::select(PIECES),
    );
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut text = text.to_owned();
        for (at, cut, piece) in edits {
            let mut start = at.index(text.len() + 1);
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (start + cut).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(start..end, piece);
        }
        text
    })
}

/// Two lines of a text exchanged.
fn shuffled(text: &'static str) -> impl Strategy<Value = String> {
    Just(text.lines().collect::<Vec<_>>())
        .prop_shuffle()
        .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn arbitrary_text_never_panics(text in ".*") {
        check_both(&text)?;
    }

    #[test]
    fn arbitrary_lines_never_panic(text in "([a-z_]{1,8}( = ([0-9.\"'{}a-z\\[\\]]{0,8}))?\r?\n){0,12}") {
        check_both(&text)?;
    }

    #[test]
    fn a_mutated_plan_never_panics(text in mutated(PLAN)) {
        check_both(&text)?;
    }

    #[test]
    fn a_mutated_config_never_panics(text in mutated(CONFIG)) {
        check_both(&text)?;
    }

    #[test]
    fn a_shuffled_plan_never_panics(text in shuffled(PLAN)) {
        check_both(&text)?;
    }

    #[test]
    fn changed_bytes_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = PLAN.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check_both(&String::from_utf8_lossy(&bytes))?;
    }
}
