//! The layer rule of the crate, checked over the source: pure modules import only what stands to
//! their left, effects do not know each other, nothing imports `cli`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::{Path, PathBuf};

/// Pure layers in the order in which data flows; each may import those before it.
const PURE: [&str; 8] = [
    "units", "plan", "snapshot", "judge", "power", "decide", "review", "report",
];

/// Maths that knows no domain: any layer may use it, and it uses none but `units`.
const MATHS: &str = "stats";

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
    if module == MATHS {
        return Some(vec!["units"]);
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
        "prometheus" | "workspace" | "notify" => {
            let mut names = PURE.to_vec();
            names.push(MATHS);
            Some(names)
        }
        "session" => {
            let mut names = PURE.to_vec();
            names.extend([MATHS, "prometheus", "workspace", "notify"]);
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

/// Every `crate::name` in a line.
fn crate_imports(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn data_flows_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut breaches = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let module = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        if module == "main" || module == "lib" {
            continue;
        }
        let Some(allowed) = allowed(module) else {
            continue;
        };
        let pure = module == MATHS || PURE.contains(&module);
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in code(&text) {
            let place = format!("src/{}:{number}", relative.display());
            for import in crate_imports(line) {
                if import != module && !allowed.contains(&import) {
                    breaches.push(format!("{place}: `{module}` imports `{import}`"));
                }
            }
            if pure {
                for effect in EFFECTS {
                    if line.contains(effect) {
                        breaches.push(format!("{place}: pure `{module}` mentions `{effect}`"));
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
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
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
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
