//! The text that is put everywhere, and how an output is looked at.
//!
//! Where many commands are run on many texts, each run answers in one form, and the forms take turns;
//! `ROLLOUT_TEST_FORMS=all` asks for all of them everywhere.

use std::cell::Cell;

use crate::support::{Output, Rollout};

/// The forms of an answer.
pub(super) const FORMS: [&[&str]; 4] = [
    &["--color", "never"],
    &["--color", "always"],
    &["--format", "json"],
    &["--format", "github"],
];

/// And the one that only commands know that show decisions.
const MARKDOWN: &[&str] = &["--format", "markdown"];

/// Characters that are not seen but do something.
pub(super) fn controls() -> impl Iterator<Item = char> {
    let marks = "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}";
    ('\0'..='\u{1f}')
        .chain('\u{7f}'..='\u{9f}')
        .chain('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}')
        .chain(marks.chars())
}

/// All of them, and what a line could forge, after a word by which it is found again.
pub(super) fn poison(word: &str) -> String {
    let all: String = controls().collect();
    format!("{word} {}", all + FORGED)
}

/// The same without what no argument, variable or name of a file can hold.
pub(super) fn spoken(word: &str) -> String {
    poison(word).replace('\0', "")
}

/// A short one for the names of files.
pub(super) fn named(word: &str) -> String {
    let all: String = controls().filter(|c| *c != '\0').collect();
    format!("{word} {all}\u{1b}[31mFORGED\n::error::FORGED")
}

/// The same as the inside of a string of TOML or JSON.
pub(super) fn written(word: &str) -> String {
    let text = poison(word);
    let escape = |c: char| {
        if controls().any(|control| control == c) {
            format!("\\u{:04x}", u32::from(c))
        } else {
            c.to_string()
        }
    };
    text.chars().map(escape).collect()
}

const FORGED: &str = "\u{1b}[31mFORGED\u{1b}[0m\n::error::FORGED\r\n::error::FORGED\r::warning::FORGED\nFORGED ##[error]FORGED ##vso[task]FORGED";

/// Runs a command in every form of its answer and looks at all that it says. Returns it.
pub(super) fn seen(rollout: &Rollout, args: &[&str]) -> String {
    let mut said = String::new();
    for form in FORMS.into_iter().chain([MARKDOWN]) {
        let output = rollout.run(args.iter().chain(form));
        look(&output, args, form);
        said += &output.stdout;
        said += &output.stderr;
    }
    said
}

thread_local! {
    /// How many rounds this test has begun.
    static ROUND: Cell<usize> = const { Cell::new(0) };
}

/// Runs each of these commands in a form of its answer that is another one in each round, and looks at all
/// that they say. Returns it.
pub(super) fn seen_in_turn(rollout: &Rollout, commands: &[Vec<&str>]) -> String {
    #[expect(clippy::disallowed_methods, reason = "how one asks for the long form")]
    let is_long = std::env::var_os("ROLLOUT_TEST_FORMS").is_some();
    let round = ROUND.replace(ROUND.get() + 1);
    let mut said = String::new();
    for (place, args) in commands.iter().enumerate() {
        if is_long {
            said += &seen(rollout, args);
            continue;
        }
        let form = FORMS[(round + place) % FORMS.len()];
        let more = ["check", "status", "report"].contains(&args[0]);
        for form in [form].into_iter().chain(more.then_some(MARKDOWN)) {
            let output = rollout.run(args.iter().chain(form));
            look(&output, args, form);
            said += &output.stdout;
            said += &output.stderr;
        }
    }
    said
}

/// Looks at an output.
#[track_caller]
pub(super) fn look(output: &Output, args: &[&str], form: &[&str]) {
    let is_github = form.contains(&"github");
    for (stream, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let plain = without_colors(text, form.contains(&"always"));
        let why = |what: &str, at: &str| {
            let (code, at) = (output.code, at.escape_debug().to_string());
            let args = args.join(" ").escape_debug().to_string();
            format!("{what} on {stream} of {args:.200} {form:?}, exit {code:?}: {at:.600}")
        };
        if let Some(raw) = raw(&plain) {
            let line = plain.lines().find(|line| line.contains(raw));
            panic!("{}", why(&format!("raw {raw:?}"), line.unwrap_or(&plain)));
        }
        let is_colored = text.contains("\u{1b}[31mFORGED");
        assert!(!is_colored, "{}", why("a forged colour", text));
        for line in plain.lines() {
            let is_forged = line.starts_with("FORGED");
            assert!(!is_forged, "{}", why("a forged line", &plain));
            let ours = ["notice", "warning", "error"]
                .iter()
                .any(|level| is_github && line.starts_with(&format!("::{level} file=")));
            let is_command = is_command(line) && !(ours && stream == "stdout");
            assert!(!is_command, "{}", why("a command", line));
        }
    }
    let document = &output.stdout;
    if form.contains(&"json") && document.starts_with(['{', '[']) {
        let parsed = serde_json::from_str::<serde_json::Value>(document);
        assert!(parsed.is_ok(), "{args:?}: {parsed:?}\n{document}");
    }
}

/// The first character that may not be there.
fn raw(text: &str) -> Option<char> {
    let mut characters = text.chars().filter(|c| !matches!(c, '\n' | '\t'));
    characters.find(|c| controls().any(|control| control == *c))
}

/// Whether a system that reads the log does something for this line.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[")
}

/// A text without sequences that colour.
fn without_colors(text: &str, colored: bool) -> String {
    if !colored {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let code = after.find(|c: char| !matches!(c, '0'..='9' | ';'));
        match code {
            Some(at) if after[at..].starts_with('m') => rest = &after[at + 1..],
            Some(_) | None => {
                plain.push('\u{1b}');
                rest = after;
            }
        }
    }
    plain + rest
}

/// Looks at a file that the program wrote for people.
#[track_caller]
pub(super) fn look_at_page(text: &str) {
    assert_eq!(raw(text), None, "{}", text.escape_debug());
    for line in text.lines() {
        assert!(!is_command(line), "{line}");
    }
}

/// Looks at a file that programs read.
#[track_caller]
pub(super) fn look_at_data(text: &str) {
    assert_eq!(raw(text), None, "{}", text.escape_debug());
}

/// Asserts that every one of these was shown somewhere, or the test looked at nothing.
#[track_caller]
pub(super) fn all_shown(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word} is nowhere");
    }
}
