//! That the tests beside this one show every refusal there is.

use std::collections::BTreeSet;
use std::path::Path;

use rollout::plan::{MistakeCode, Word as _};

#[test]
fn every_refusal_is_shown_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("src/review")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // The tests beside the rules.
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let named = |code: &&MistakeCode| {
            text.match_indices(&format!("MistakeCode::{code:?}"))
                .any(|(at, name)| !text[at + name.len()..].starts_with(char::is_alphanumeric))
        };
        codes.extend(MistakeCode::ALL.iter().filter(named).map(|code| code.key()));
    }
    assert!(codes.len() > 35, "{codes:?}");
    let shown = [
        include_str!("course.rs"),
        include_str!("deleted.rs"),
        include_str!("guardrails.rs"),
        include_str!("records.rs"),
        include_str!("settings.rs"),
        include_str!("state.rs"),
        include_str!("targets.rs"),
    ]
    .concat();
    let missing: Vec<&str> = codes
        .into_iter()
        .filter(|code| {
            !["error", "warning"]
                .iter()
                .any(|severity| shown.contains(&format!("{severity}[{code}]: ")))
        })
        .collect();
    assert_eq!(missing, [""; 0]);
}
