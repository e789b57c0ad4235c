//! What the documents show is what the program says: every `console` block of every README is run,
//! in a copy of its folder, and compared. `UPDATE_DOCUMENTS=1 cargo test documents` writes what the
//! program says now.
//!
//! `$ command` lines are run by a shell with both streams in one; `? 3` after the output is an exit
//! code other than 0; `[..]` in the expected output stands for any text within a line.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::path::{Path, PathBuf};

use rollout::plan::{KindName, Word as _};

use super::records::renewed;
use super::support::{Rollout, copy};

/// Where all keys and commands are described.
const REFERENCE: &str = ".github/REFERENCE.md";

/// One command with what it should say.
struct Step {
    command: String,
    expected: String,
}

/// A piece of a document.
enum Piece {
    Text(String),
    Steps(Vec<Step>),
}

fn pieces(document: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        text.push_str(line);
        text.push('\n');
        if line != "```console" {
            continue;
        }
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        let mut steps: Vec<Step> = Vec::new();
        for line in lines.by_ref() {
            if line == "```" {
                text.push_str("```\n");
                break;
            }
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    command: command.to_owned(),
                    expected: String::new(),
                });
            } else {
                let step = steps.last_mut().expect("a console block begins with `$ `");
                step.expected.push_str(line);
                step.expected.push('\n');
            }
        }
        pieces.push(Piece::Steps(steps));
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn run(rollout: &Rollout, command: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_rollout"));
    let path = std::env::join_paths(
        std::iter::once(binary.parent().unwrap().to_path_buf())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let output = rollout
        .command("sh")
        .env("PATH", path)
        .env("COLUMNS", "90")
        .env("LC_ALL", "C.UTF-8")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let code = output.status.code().unwrap();
    if code != 0 {
        text.push_str(&format!("? {code}\n"));
    }
    text
}

/// True when each line agrees, `[..]` standing for any text.
fn agrees(expected: &str, actual: &str) -> bool {
    let line_agrees = |expected: &str, actual: &str| {
        let parts: Vec<&str> = expected.split("[..]").collect();
        let [first, middle @ .., last] = parts.as_slice() else {
            return expected == actual;
        };
        let Some(mut rest) = actual.strip_prefix(first) else {
            return false;
        };
        for part in middle {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    };
    expected.lines().count() == actual.lines().count()
        && expected
            .lines()
            .zip(actual.lines())
            .all(|(expected, actual)| {
                if expected.contains("[..]") {
                    line_agrees(expected, actual)
                } else {
                    expected == actual
                }
            })
}

/// Runs one document in a directory that holds copies of these folders' contents.
fn execute(document: &Path, folders: &[(PathBuf, &str)]) {
    let text = std::fs::read_to_string(document).unwrap();
    let rollout = Rollout::new();
    for (folder, name) in folders {
        copy(folder, &rollout.path().join(name));
    }
    let update = std::env::var_os("UPDATE_DOCUMENTS").is_some();
    let mut updated = String::new();
    let mut differences = String::new();
    for piece in pieces(&text) {
        match piece {
            Piece::Text(text) => updated.push_str(&text),
            Piece::Steps(steps) => {
                for Step { command, expected } in steps {
                    let actual = run(&rollout, &command);
                    let kept = if agrees(&expected, &actual) {
                        expected
                    } else {
                        differences.push_str(&format!(
                            "\n$ {command}\n--- expected\n{expected}--- actual\n{actual}"
                        ));
                        actual
                    };
                    updated.push_str(&format!("$ {command}\n{kept}"));
                }
            }
        }
    }
    if update {
        std::fs::write(document, updated).unwrap();
    } else {
        assert!(
            differences.is_empty(),
            "{} shows what the program does not say:\n{differences}",
            document.display()
        );
    }
}

#[test]
fn the_readme_and_the_reference_show_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in ["README.md", REFERENCE] {
        execute(
            &root.join(document),
            &[
                (root.join("rollouts"), "rollouts"),
                (root.join("examples"), "examples"),
            ],
        );
    }
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            other if other.is_alphanumeric() => Some(other),
            _ => None,
        });
        kept.collect::<String>()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![root.join("README.md")];
    let mut folders = vec![root.join(".github")];
    let examples = std::fs::read_dir(root.join("examples")).unwrap();
    folders.extend(examples.map(|entry| entry.unwrap().path()));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let files = std::fs::read_dir(folder).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        documents.extend(files.filter(|file| file.extension().is_some_and(|end| end == "md")));
    }
    let (mut seen, mut dead) = (0, Vec::new());
    for document in &documents {
        let text = std::fs::read_to_string(document).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split([')', ' ']).next().unwrap_or_default();
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let there = anchor.is_empty() && file.exists()
                || std::fs::read_to_string(&file)
                    .is_ok_and(|text| anchors(&text).iter().any(|one| one == anchor));
            seen += 1;
            if !there {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(seen > 30, "{seen} links");
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn the_reference_has_every_key() {
    const BEGIN: &str = "<!-- keys: written by the test of the documents -->\n";
    const END: &str = "<!-- end of keys -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(REFERENCE);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the reference begins");
    let (shown, after) = rest.split_once(END).expect("the reference ends");
    let reference = format!("{}\n", rollout::plan::reference());
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{reference}{END}{after}")).unwrap();
    } else {
        assert!(
            shown == reference,
            "the reference of keys is of before: UPDATE_DOCUMENTS=1 writes it anew"
        );
    }
}

#[test]
fn the_reference_says_what_every_kind_of_metric_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(REFERENCE);
    let text = std::fs::read_to_string(&path).unwrap();
    let row = text.lines().find(|line| line.starts_with("| kinds |"));
    let row = row.expect("the reference has a row of kinds");
    let missing: Vec<&str> = KindName::words()
        .into_iter()
        .filter(|kind| !row.contains(&format!("`{kind}`")))
        .collect();
    assert_eq!(missing, [""; 0], "{row}");
}

#[test]
fn every_story_shows_what_the_program_says() {
    renewed();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut stories = 0;
    for entry in std::fs::read_dir(root.join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            execute(&folder.join("README.md"), &[(folder.clone(), "")]);
            stories += 1;
        }
    }
    assert!(stories >= 4, "{stories} stories");
}

/// The picture of the README is what the demo prints, with its colours.
#[test]
fn the_picture_shows_what_the_demo_prints() {
    let rollout = Rollout::new().variable("LC_ALL", "C.UTF-8");
    let output = rollout.run(["demo", "--color", "always"]);
    output.exits(0);
    let lines = output.stdout.lines();
    let from = lines.skip_while(|line| !line.contains("Rolled back from"));
    let shown = from.take_while(|line| !line.contains(" commit "));
    let shown: Vec<&str> = shown
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    assert!(shown.len() > 12, "{output}");
    let drawn = anstyle_svg::Term::new()
        .min_width_px(740)
        .render_svg(&format!("$ rollout advance\n{}\n", shown.join("\n")));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/advance.svg");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, drawn).unwrap();
    } else {
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(
            kept == drawn,
            "{}: UPDATE_DOCUMENTS=1 draws it anew",
            path.display()
        );
    }
}
