//! Pages as people see them: made by the built program of plans in every state, and looked at in a real
//! browser. `ROLLOUT_TEST_PAGES=FOLDER` keeps them, and makes those of long stories too.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

mod forms;
mod scene;

use std::path::{Path, PathBuf};

use super::support::Rollout;
use super::targets::consumers::{node_package, server};

/// Bytes of a page of six guardrails in four stages, at most.
const LARGEST: usize = 1_000_000;

#[test]
fn pages_of_every_form_are_accessible() {
    let rollout = forms::usual();
    kept(&rollout);
    let Some(chromium) = server("chromium") else {
        return;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/pages/axe.mjs");
    let Some(mut node) = node_package("axe-core") else {
        return;
    };
    let output = node
        .arg(here)
        .arg(chromium)
        .args(pages(&rollout.path().join("pages")))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    // Each page at two widths, light and dark.
    assert_eq!(said.matches("checked ").count(), 4 * forms::USUAL, "{said}");
}

#[test]
fn a_page_of_six_guardrails_in_four_stages_is_small() {
    let rollout = forms::six();
    kept(&rollout);
    let page = rollout.read("pages/six.html");
    assert!(page.len() < LARGEST, "{} bytes", page.len());
    assert_eq!(page.matches("<section id=\"guardrail-").count(), 6);
}

/// The stories that take their time; nothing is asked of them but that somebody looks.
#[test]
fn pages_of_long_stories() {
    if std::env::var_os("ROLLOUT_TEST_PAGES").is_some() {
        kept(&forms::young());
        kept(&forms::week());
        kept(&forms::twelve());
    }
}

/// The pages of a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut pages: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    pages.sort();
    pages
}

/// Copies the world to the folder that is asked for, to be looked at.
fn kept(rollout: &Rollout) {
    if let Some(folder) = std::env::var_os("ROLLOUT_TEST_PAGES") {
        super::support::copy(&rollout.path(), Path::new(&folder));
    }
}
