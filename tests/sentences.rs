//! The core states facts: no string literal of `judge`, `decide`, `power`, and of what finds fault with
//! evidence in `prometheus`, is a sentence, which is `report::words`' to make.
//!
//! How a sentence is known: it is a string literal with two words one beside the other (`is breached`):
//! two letters or more each, and one of them three. Codes, keys, units and formats of dates have
//! none. What only a programmer reads does not count: comments, attributes (`#[must_use = ...]`, the
//! reasons of `#[expect]`), and tests. The mistakes of plans, which keep their sentence beside place and
//! cure, are in `plan`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::{Path, PathBuf};

const CORE: [&str; 3] = ["judge", "decide", "power"];

/// The files of the Prometheus client that state what is wrong with evidence. Of the others some write
/// PromQL, whose operators look like sentences, and some say what the client itself could not do.
const CLIENT: [&str; 8] = [
    "absence.rs",
    "asking.rs",
    "collect.rs",
    "falls.rs",
    "fold.rs",
    "native.rs",
    "read.rs",
    "request.rs",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Files that are compiled for tests only: `#[cfg(test)]` stands above their `mod`, or above that of
/// the folder they are in.
fn is_test_only(file: &Path) -> bool {
    let (Some(folder), Some(stem)) = (file.parent(), file.file_stem()) else {
        return false;
    };
    let stem = stem.to_string_lossy().into_owned();
    let (parent, name) = if stem == "mod" {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        (folder.parent().unwrap(), name)
    } else {
        (folder, stem.clone())
    };
    let Ok(module) = std::fs::read_to_string(parent.join("mod.rs")) else {
        return false;
    };
    let lines: Vec<&str> = module.lines().map(str::trim).collect();
    let declared = lines.iter().position(|line| {
        [format!("mod {name};"), format!("pub(crate) mod {name};")].contains(&(*line).to_owned())
    });
    let own = declared.is_some_and(|at| at > 0 && lines[at - 1] == "#[cfg(test)]");
    own || (stem != "mod" && is_test_only(&folder.join("mod.rs")))
}

/// The string literals of a source without comments, attributes and what stands from `mod tests` on,
/// each with its line.
fn literals(text: &str) -> Vec<(usize, String)> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut i, mut line, mut found) = (0, 1, Vec::new());
    // Brackets open within an attribute; 0 outside of one.
    let mut attribute = 0_u32;
    while i < chars.len() {
        match at(i) {
            '\n' => line += 1,
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
                continue;
            }
            '#' if at(i + 1) == '[' || (at(i + 1) == '!' && at(i + 2) == '[') => {
                attribute = 1;
                while at(i) != '[' {
                    i += 1;
                }
            }
            '[' if attribute > 0 => attribute += 1,
            ']' if attribute > 0 => attribute -= 1,
            // A character, not a lifetime.
            '\'' if at(i + 1) == '\\' => i += 3,
            '\'' if at(i + 2) == '\'' => i += 2,
            '"' => {
                let begun = line;
                let hashes = chars[..i].iter().rev().take_while(|c| **c == '#').count();
                let raw = i > hashes && at(i - hashes - 1) == 'r';
                let mut literal = String::new();
                i += 1;
                while i < chars.len() {
                    let closed =
                        at(i) == '"' && (!raw || (1..=hashes).all(|ahead| at(i + ahead) == '#'));
                    if closed {
                        break;
                    }
                    if at(i) == '\n' {
                        line += 1;
                    }
                    if at(i) == '\\' && !raw {
                        i += 1;
                        line += usize::from(at(i) == '\n');
                    }
                    literal.push(at(i));
                    i += 1;
                }
                if attribute == 0 {
                    found.push((begun, literal));
                }
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// Two words one beside the other, of at least two letters, and one of them of more.
fn is_sentence(literal: &str) -> bool {
    let word = |part: &str| {
        // Brackets stay: what is filled in is a name or a number.
        let part = part.trim_matches(['.', ',', ';', ':', '!', '?', '(', ')', '`', '"']);
        part.chars().count() >= 2 && part.chars().all(char::is_alphabetic)
    };
    let long = |part: &str| part.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let parts: Vec<&str> = literal.split(' ').collect();
    parts
        .windows(2)
        .any(|pair| pair.iter().all(|part| word(part)) && pair.iter().any(|part| long(part)))
}

#[test]
fn a_sentence_is_told_from_a_code() {
    for sentence in [
        "is breached",
        "{seen}: {effect} is ruled out: not yet",
        "the first judged block closes at {}",
        "no series match yet",
    ] {
        assert!(is_sentence(sentence), "{sentence}");
    }
    for code in [
        "not-ruled-out",
        "min_duration",
        "%a %-d %b %H:%M",
        "_assignment",
        "{a} {b}",
        "",
    ] {
        assert!(!is_sentence(code), "{code}");
    }
    let source = "/// Says nothing here.\n#[must_use = \"not this one\"]\nfn a() { b('\"', \"but this\\\" one\"); }\n";
    assert_eq!(literals(source), [(3, "but this\" one".to_owned())]);
}

/// Files that read words of records and commits back, and so write them: who is named there is a fact of
/// the format, not a sentence.
const READ: [&str; 1] = ["decide/recorded.rs"];

#[test]
fn the_core_makes_no_sentence() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut said = Vec::new();
    let mut read = 0;
    let client = src.join("prometheus");
    for folder in CORE.map(|folder| src.join(folder)).iter().chain([&client]) {
        let mut files = Vec::new();
        sources(folder, &mut files);
        if *folder == client {
            files = CLIENT.map(|name| client.join(name)).to_vec();
        }
        files.retain(|file| READ.iter().all(|name| !file.ends_with(name)));
        for file in files.iter().filter(|file| !is_test_only(file)) {
            read += 1;
            for (line, literal) in literals(&std::fs::read_to_string(file).unwrap()) {
                if is_sentence(&literal) {
                    let place = file.strip_prefix(&src).unwrap().display();
                    said.push(format!("src/{place}:{line}: {literal:?}"));
                }
            }
        }
    }
    assert!(read > 40, "only {read} files were read");
    assert!(
        said.is_empty(),
        "make these in report::words:\n{}",
        said.join("\n")
    );
}
