//! Records that the base holds are what they were, or the change is refused: deleted, altered, renamed, or
//! led elsewhere by a link.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::pull_request::{PLAN, PullRequest, config};
use crate::support::Output;

/// A change of which the base holds one record, and where that is.
fn pull() -> (PullRequest, PathBuf) {
    let pull = PullRequest::with(&[
        ("config", &config("http://127.0.0.1:1")),
        ("checkout", PLAN),
    ])
    .variable("PROM_TOKEN", "open sesame");
    pull.git("checkout --quiet main");
    pull.world
        .run(["pause", "checkout", "--reason", "a bug"])
        .exits(0);
    pull.commit("pause");
    pull.git("checkout --quiet -B change");
    let folder = pull.world.path().join("rollouts/.evidence/checkout");
    let record = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    let record = record.path();
    (pull, record)
}

fn refused(output: &Output, record: &Path) {
    output.exits(2);
    let name = record.file_name().unwrap().to_str().unwrap();
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains("a record of `checkout`"), "{output}");
    assert!(said.contains(name), "{output}");
}

/// What somebody does to a record.
type Change = fn(&PullRequest, &Path);

#[test]
fn a_change_of_a_record_is_refused_however_it_is_made() {
    let changes: [(&str, Change); 7] = [
        ("deleted", |_, record| std::fs::remove_file(record).unwrap()),
        ("altered", |pull, record| {
            let path = record.strip_prefix(pull.world.path()).unwrap();
            let path = path.to_str().unwrap();
            let text = pull.world.read(path).replace("a bug", "a bag");
            pull.world.write(path, text);
        }),
        ("renamed", |_, record| {
            std::fs::rename(record, record.with_file_name("other.json")).unwrap();
        }),
        ("linked within", |_, record| {
            std::fs::rename(record, record.with_file_name(".kept")).unwrap();
            symlink(".kept", record).unwrap();
        }),
        ("linked elsewhere", |pull, record| {
            let elsewhere = pull.world.path().with_file_name("elsewhere.json");
            std::fs::rename(record, &elsewhere).unwrap();
            symlink(elsewhere, record).unwrap();
        }),
        ("folder linked", |_, record| {
            let folder = record.parent().unwrap();
            std::fs::rename(folder, folder.with_file_name(".kept")).unwrap();
            symlink(".kept", folder).unwrap();
        }),
        ("all linked", |pull, record| {
            let all = record.parent().unwrap().parent().unwrap();
            std::fs::rename(all, pull.world.path().join("kept")).unwrap();
            symlink("../kept", all).unwrap();
        }),
    ];
    for (what, change) in changes {
        let (pull, record) = pull();
        pull.validate().exits(0);
        change(&pull, &record);
        for output in [pull.validate(), pull.check()] {
            refused(&output, &record);
        }
        pull.commit("change");
        let output = pull.validate();
        assert_eq!(output.code, Some(2), "{what}: {output}");
        refused(&output, &record);
    }
}

#[test]
fn a_state_that_names_a_file_of_the_machine_is_refused_and_shows_none_of_it() {
    let (pull, record) = pull();
    let secret = pull.world.path().with_file_name("secret.json");
    std::fs::copy(&record, &secret).unwrap();
    let name = record.file_name().unwrap().to_str().unwrap();
    for named in ["../../secret.json", secret.to_str().unwrap()] {
        pull.edit(&format!(".evidence/checkout/{name}"), named);
        let output = pull.validate();
        output.exits(2);
        assert!(!output.to_string().contains("a bug"), "{output}");
        pull.git("reset --quiet --hard main");
    }
}
