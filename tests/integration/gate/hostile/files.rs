//! Changes that lead elsewhere, or are too much to be read.

use super::world::{Case, Change, answered};

/// A pending plan with this target.
fn targeting(change: &Change<'_>, target: &str) {
    let text = change.read("rollouts/search.toml");
    let (declared, _) = text.split_once("# Written").unwrap();
    change.write(
        "rollouts/other.toml",
        format!("{declared}[[targets]]\n{target}\n"),
    );
}

const CASES: [Case; 23] = [
    Case {
        what: "a plan that is a file of the machine",
        change: |change| change.link("../../outside/plan.toml", "rollouts/checkout.toml"),
        code: 2,
        says: "is a link",
    },
    Case {
        what: "a new plan that is a file of the machine",
        change: |change| change.link("../../outside/plan.toml", "rollouts/other.toml"),
        code: 2,
        says: "is a link",
    },
    Case {
        what: "a plan that is another plan",
        change: |change| change.link("search.toml", "rollouts/checkout.toml"),
        code: 2,
        says: "is a link",
    },
    Case {
        what: "settings that are a file of the machine",
        change: |change| change.link("../../outside/secret", "rollouts/config.toml"),
        code: 2,
        says: "is a link",
    },
    Case {
        what: "a folder of plans that is a folder of the machine",
        change: |change| change.link("../outside", "rollouts"),
        code: 1,
        says: "is not in a git repository",
    },
    Case {
        what: "a folder of a team that is a folder of the machine",
        change: |change| change.link("../../outside", "rollouts/team"),
        code: 0,
        says: "",
    },
    Case {
        what: "records that are elsewhere",
        change: |change| {
            change.rename("rollouts/.evidence", "../outside/evidence");
            change.link("../../outside/evidence", "rollouts/.evidence");
        },
        code: 2,
        says: "a record of `search`",
    },
    Case {
        what: "a record that is a file of the machine",
        change: |change| change.link("../../../../outside/secret", &change.record()),
        code: 2,
        says: "a record of `search`",
    },
    Case {
        what: "a state whose record is a file of the machine",
        change: |change| {
            let record = change.record();
            let record = record.strip_prefix("rollouts/").unwrap();
            change.edit("rollouts/search.toml", record, "../../outside/secret");
        },
        code: 2,
        says: "search",
    },
    Case {
        what: "a target that is a file of the machine",
        change: |change| change.link("../../outside/routes/checkout.map", "routes/checkout.map"),
        code: 2,
        says: "target-by-hand",
    },
    Case {
        what: "a folder of targets that is a folder of the machine",
        change: |change| change.link("../outside/routes", "routes"),
        code: 2,
        says: "target-by-hand",
    },
    Case {
        what: "a new target outside of the tree",
        change: |change| {
            targeting(
                change,
                "text = { file = \"../../outside/secret\", template = \"{exposed}\" }",
            )
        },
        code: 2,
        says: "outside the git work tree",
    },
    Case {
        what: "a new target by its whole path",
        change: |change| {
            targeting(
                change,
                "json = { file = \"/etc/hostname\", exposed = \"/a\" }",
            )
        },
        code: 2,
        says: "/etc/hostname",
    },
    Case {
        what: "a new target in the folder of git",
        change: |change| {
            targeting(
                change,
                "text = { file = \"../.git/config\", template = \"{exposed}\" }",
            )
        },
        code: 2,
        says: ".git",
    },
    Case {
        what: "a new target that is a plan",
        change: |change| {
            targeting(
                change,
                "text = { file = \"search.toml\", template = \"{exposed}\" }",
            )
        },
        code: 2,
        says: "search.toml",
    },
    Case {
        what: "a plan of more than a megabyte",
        change: |change| {
            let text = change.read("rollouts/search.toml");
            change.write(
                "rollouts/other.toml",
                format!("#{}\n{text}", "x".repeat(1 << 20)),
            );
        },
        code: 2,
        says: "larger than 1 MiB",
    },
    Case {
        what: "a target of more than is read",
        change: |change| {
            change.write("routes/checkout.map", "checkout 100\n".repeat(200_000));
        },
        code: 2,
        says: "target-by-hand",
    },
    Case {
        what: "lists in lists in lists",
        change: |change| {
            change.write(
                "rollouts/other.toml",
                format!("a = {}", "[".repeat(100_000)),
            );
        },
        code: 2,
        says: "rollouts/other.toml",
    },
    Case {
        what: "keys of keys of keys",
        change: |change| {
            let keys = vec!["a"; 5_000].join(".");
            change.write("rollouts/other.toml", format!("{keys} = 1\n[{keys}.b]\n"));
        },
        code: 2,
        says: "rollouts/other.toml",
    },
    Case {
        what: "tables without a number",
        change: |change| {
            change.write("rollouts/other.toml", "[[stages]]\n".repeat(20_000));
        },
        code: 2,
        says: "rollouts/other.toml",
    },
    Case {
        what: "a plan that is no text",
        change: |change| change.write("rollouts/checkout.toml", b"\xff\xfe[\0s\0t\0"),
        code: 1,
        says: "is not UTF-8",
    },
    Case {
        what: "a folder in place of a plan",
        change: |change| {
            change.remove("rollouts/checkout.toml");
            change.write("rollouts/checkout.toml/x", "");
        },
        code: 2,
        says: "checkout",
    },
    Case {
        what: "a record that is not for reading",
        change: |change| {
            change.write(
                &change.record(),
                format!("{{\"a\": {}", "[".repeat(100_000)),
            )
        },
        code: 2,
        says: "a record of `search`",
    },
];

#[test]
fn no_file_of_the_machine_is_read_shown_or_written() {
    answered(&CASES);
}
