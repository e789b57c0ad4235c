//! The page of each folder is a guide: what comes in, what goes out, what is not known there, and the one
//! file to read first. `cargo doc` shows them, and somebody new finds the way by them.

use std::path::{Path, PathBuf};

use super::{sources, src};

/// Each statement, with the words one of which makes it.
const STATEMENTS: [(&str, &[&str]); 3] = [
    (
        "what comes in",
        &["In come", "in come", "come in", "comes in"],
    ),
    (
        "what goes out",
        &["out come", "out go", "goes out", "go out"],
    ),
    (
        "what is not known",
        &["not known", "nothing is known", "Nothing is known"],
    ),
];

/// The text of a file's own documentation, on one line.
fn page(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

/// The file that a page sends the reader to.
fn first_file(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("Read `")?;
    let (file, rest) = rest.split_once('`')?;
    rest.starts_with(" first").then_some(file)
}

/// What the page of a folder does not say.
fn unsaid(folder: &Path, page: &str) -> Vec<String> {
    let mut unsaid: Vec<String> = STATEMENTS
        .iter()
        .filter(|(_, words)| !words.iter().any(|words| page.contains(words)))
        .map(|(what, _)| (*what).to_owned())
        .collect();
    match first_file(page) {
        None => unsaid.push("which file to read first".to_owned()),
        Some(file) if !folder.join(file).is_file() => unsaid.push(format!("`{file}` is no file")),
        Some(_) => {}
    }
    unsaid
}

#[test]
fn every_folder_has_a_page_that_leads_into_it() {
    let mut files: Vec<PathBuf> = Vec::new();
    sources(&src(), &mut files);
    let pages: Vec<&PathBuf> = files
        .iter()
        .filter(|file| file.ends_with("mod.rs") && !file.iter().any(|part| part == "tests"))
        .collect();
    assert!(pages.len() > 20, "{} pages", pages.len());
    let lacking: Vec<String> = pages
        .into_iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            let unsaid = unsaid(file.parent().unwrap(), &page(&text));
            let name = file.strip_prefix(src()).unwrap().display();
            (!unsaid.is_empty()).then(|| format!("{name}: {}", unsaid.join(", ")))
        })
        .collect();
    assert!(
        lacking.is_empty(),
        "the page does not say:\n{}",
        lacking.join("\n")
    );
}

#[test]
fn a_page_without_a_statement_is_found() {
    let folder = src().join("judge");
    let whole =
        "In comes a plan; out goes a verdict. Git is not known here. Read `examine.rs` first.";
    assert!(unsaid(&folder, whole).is_empty());
    for (lost, what) in [
        ("In comes a plan; ", "what comes in"),
        ("out goes a verdict.", "what goes out"),
        ("Git is not known here.", "what is not known"),
        ("Read `examine.rs` first.", "which file to read first"),
    ] {
        assert_eq!(unsaid(&folder, &whole.replace(lost, "")), [what]);
    }
    assert_eq!(
        unsaid(&folder, &whole.replace("examine", "nowhere")),
        ["`nowhere.rs` is no file"]
    );
}
