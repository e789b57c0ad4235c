//! Records of before, which decisions are made from.

use std::path::Path;

use super::world::branch;
use crate::gate::pull_request::PullRequest;

/// The one record that the base has, relative to the repository.
fn record(pull: &PullRequest) -> String {
    let folder = Path::new("rollouts/.evidence/checkout");
    let mut entries = std::fs::read_dir(pull.world.path().join(folder)).unwrap();
    let name = entries.next().unwrap().unwrap().file_name();
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_record_is_neither_edited_nor_deleted() {
    let pull = branch();
    pull.git("checkout --quiet main");
    pull.world.run(["pause", "checkout"]).exits(0);
    pull.commit("pause");
    pull.git("checkout --quiet -B change");
    pull.validate().exits(0);
    let path = record(&pull);

    let text = pull.world.read(&path);
    pull.change(&path, &text.replace("ann", "bob"));
    for output in [pull.validate(), pull.check()] {
        output.exits(2);
        let said = &output.stdout;
        assert!(
            said.contains("the change edits a record of `checkout`"),
            "{output}"
        );
        assert!(said.contains(&path), "{output}");
    }

    pull.git(&format!("rm --quiet {path}"));
    pull.commit("delete");
    let output = pull.validate();
    output.exits(2);
    let refusal = "error[changed-record]: the change deletes a record of `checkout`";
    assert!(output.stdout.contains(refusal), "{output}");
    assert!(
        output
            .stdout
            .contains(&format!("git checkout main -- {path}")),
        "{output}"
    );
}
