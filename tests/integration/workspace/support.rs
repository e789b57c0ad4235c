//! A directory with one odd plan, and what must be true of it at any instant.

use std::collections::BTreeMap;
use std::path::Path;

use rollout::plan::{CarriedEvidence, ObservedDispersion, State, Status, state_of};
use rollout::units::{Digest, Exposure, Instant};
use rollout::workspace::{DecisionContext, Directory, PlanFile, evidence_of};

pub(super) const PLAN: &str =
    "\u{feff}# über\r\nowner = \"ann\"\r\n\r\n[[stages]]\r\nexposure = 1\r\n# end";

pub(super) fn now() -> Instant {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(super) fn state(stage: u32) -> State {
    State {
        status: Status::Progressing,
        stage,
        exposure: Exposure::from_percent(f64::from(stage % 100)).unwrap(),
        entered_at: now(),
        declared: Digest::of(b"declared"),
        evidence: None,
        definitions: BTreeMap::new(),
        restarts: BTreeMap::new(),
        dispersion: ObservedDispersion::new(),
        judge: 1,
        carried: CarriedEvidence::new(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    }
}

pub(super) fn grounds() -> DecisionContext {
    DecisionContext {
        decision: "advance".into(),
        reasons: vec!["the gate has passed".into()],
        reason_codes: vec!["last-gate-passed".into()],
        actor: "rollout".into(),
        reason: None,
        config_text: String::new(),
        neighbours: Vec::new(),
        snapshot: Some(serde_json::json!({ "ends": [1, 2], "x": [0.1, null] })),
        history: None,
        report: None,
    }
}

pub(super) fn rollouts() -> (tempfile::TempDir, Directory) {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("plan.toml"), PLAN);
    let directory = Directory::at(folder.path().to_owned(), "rollouts".into());
    (folder, directory)
}

pub(super) fn put(path: &Path, text: &str) {
    rollout::workspace::write_file(path, text.as_bytes()).unwrap();
}

pub(super) fn plan(directory: &Directory) -> PlanFile {
    directory
        .read_plan(&directory.root().join("plan.toml"))
        .unwrap()
}

pub(super) fn stage_of(directory: &Directory) -> u32 {
    let state = state_of(&plan(directory).text).value.unwrap();
    state.map_or(0, |state| state.stage)
}

pub(super) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    found.sort();
    found
}

/// Everything that must be true of a directory at any instant, and after any death.
pub(super) fn assert_sound(directory: &Directory, written: &[u32]) {
    let plan = plan(directory);
    assert!(plan.text.starts_with(PLAN), "{}", plan.text);
    let parsed = state_of(&plan.text);
    assert!(parsed.mistakes.is_empty(), "{}", plan.text);
    let chain = evidence_of(directory, &plan);
    assert_eq!(chain.breaks, []);
    let stages: Vec<u32> = chain
        .links
        .iter()
        .map(|link| link.record.after.stage)
        .collect();
    assert_eq!(stages, written);
}
