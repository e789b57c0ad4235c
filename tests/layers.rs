//! The layer rule of the crate, checked over the source: pure modules import only what stands to
//! their left, effects do not know each other, nothing imports `cli`, and no files need each other in
//! a circle.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

#[path = "layers/closed_sets.rs"]
mod closed_sets;
#[path = "layers/graph.rs"]
mod graph;
#[path = "layers/literals.rs"]
mod literals;
#[path = "layers/pages.rs"]
mod pages;
#[path = "layers/planted.rs"]
mod planted;
#[path = "layers/reachable.rs"]
mod reachable;
#[path = "layers/syntax.rs"]
mod syntax;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use graph::Graph;

/// Pure layers in the order in which data flows; each may import those before it.
const PURE: [&str; 8] = [
    "units", "plan", "snapshot", "judge", "power", "decide", "review", "report",
];

/// Maths that knows no domain: any layer may use it, and it uses none but `units`.
const MATHS: &str = "stats";

/// Bounded reads: who reads a file may use it, and it uses none.
const FILES: &str = "files";

/// Addresses of hosts: who speaks HTTP may use it, and it uses none.
const LOOKUP: &str = "lookup";

/// What a pure module never mentions.
const EFFECTS: [&str; 12] = [
    "std::fs",
    "fs_err",
    "std::env",
    "std::process",
    "std::net",
    "std::thread",
    "reqwest",
    "tokio",
    "tempfile",
    "Utc::now",
    "SystemTime",
    "std::time::Instant",
];

/// The top-level modules a module may import.
fn allowed(module: &str) -> Option<Vec<&'static str>> {
    match module {
        MATHS => return Some(vec!["units"]),
        FILES | LOOKUP => return Some(Vec::new()),
        _ => {}
    }
    if let Some(rank) = PURE.iter().position(|name| *name == module) {
        let mut names = PURE[..rank].to_vec();
        if module == "report" {
            names.push("simulate");
        }
        if module != "units" {
            names.push(MATHS);
        }
        return Some(names);
    }
    match module {
        "simulate" => Some(vec!["units", "plan", "snapshot", "judge", "decide", MATHS]),
        "prometheus" | "workspace" | "targets" | "notify" => {
            let mut names = PURE.to_vec();
            names.extend([MATHS, FILES]);
            if ["prometheus", "notify"].contains(&module) {
                names.push(LOOKUP);
            }
            Some(names)
        }
        "session" => {
            let mut names = PURE.to_vec();
            names.extend([MATHS, FILES, "prometheus", "workspace", "targets", "notify"]);
            Some(names)
        }
        "cli" => None,
        unknown => {
            panic!("src/{unknown} has no place in the layers: give it one here and in lib.rs")
        }
    }
}

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

/// Code without comments: documentation may name what code may not.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.split("//").next().unwrap_or_default()))
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The top-level module that a file belongs to.
fn top(file: &Path) -> &str {
    let first = file.components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs")
}

/// The crate, read once for all tests.
static CRATE: LazyLock<Graph> = LazyLock::new(|| graph::read(&src()));

/// Every need of a module that stands to its right, or beside it.
fn breaches(graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for (file, tops) in &graph.tops {
        let module = top(file);
        if module == "lib" {
            continue;
        }
        let Some(allowed) = allowed(module) else {
            continue;
        };
        for (import, path) in tops {
            if import != module && !allowed.contains(&import.as_str()) {
                breaches.push(format!(
                    "src/{}: `{module}` needs `{import}`: {path}",
                    file.display()
                ));
            }
        }
    }
    breaches
}

/// Every circle, with the paths that close it.
fn circles(graph: &Graph) -> Vec<String> {
    let mut told = Vec::new();
    for circle in graph.circles() {
        told.push(format!("{} files in a circle:", circle.len()));
        for file in &circle {
            for (other, path) in graph.needs[file].iter().filter(|(o, _)| circle.contains(o)) {
                told.push(format!(
                    "  src/{} needs src/{}: {path}",
                    file.display(),
                    other.display()
                ));
            }
        }
    }
    told
}

#[test]
fn every_path_into_the_crate_can_be_followed() {
    assert!(CRATE.lost.is_empty(), "\n{}", CRATE.lost.join("\n"));
}

#[test]
fn data_flows_one_way() {
    let breaches = breaches(&CRATE);
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn no_files_need_each_other_in_a_circle() {
    let circles = circles(&CRATE);
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn pure_modules_touch_nothing_outside() {
    let src = src();
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut breaches = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let module = top(relative);
        if module != MATHS && !PURE.contains(&module) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in code(&text) {
            for effect in EFFECTS {
                if line.contains(effect) {
                    breaches.push(format!(
                        "src/{}:{number}: pure `{module}` mentions `{effect}`",
                        relative.display()
                    ));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// What is there may be a link to a device, or a pipe. The cache looks at its files itself.
#[test]
fn files_are_read_within_bounds() {
    let mut files = Vec::new();
    sources(&src(), &mut files);
    let mut unbounded = Vec::new();
    for file in files {
        let is_test = file
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        if is_test || file.ends_with("src/files.rs") || file.ends_with("cache/files.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (number, line) in code(product) {
            let reads = ["fs::read(", "fs::read_to_string(", "fs_err::read"];
            if reads.iter().any(|read| line.contains(read)) {
                unbounded.push(format!("{}:{number}: {line}", file.display()));
            }
        }
    }
    assert!(unbounded.is_empty(), "{}", unbounded.join("\n"));
}

#[test]
fn every_file_says_what_it_is_responsible_for() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    let silent: Vec<_> = files
        .iter()
        .filter(|file| !std::fs::read_to_string(file).unwrap().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no `//!` paragraph: {silent:?}");
}

#[test]
fn mod_files_only_re_export() {
    let mut files = Vec::new();
    sources(&src(), &mut files);
    for file in files
        .iter()
        .filter(|f| f.file_name().is_some_and(|n| n == "mod.rs"))
    {
        let text = std::fs::read_to_string(file).unwrap();
        for (number, line) in code(&text) {
            assert!(
                !line.contains("fn ") && !line.contains("struct ") && !line.contains("impl "),
                "{}:{number}: a mod.rs only re-exports",
                file.display()
            );
        }
    }
}
