//! Changes that want something to be run.

use std::os::unix::fs::PermissionsExt as _;

use super::world::{Case, Change, PROGRAM, answered};

const RUN: &str = "touch \"$HOME/ran\"";

/// A program at this place of the tree.
fn program(change: &Change<'_>, path: &str) {
    change.write(path, PROGRAM);
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(change.path(path), mode).unwrap();
}

/// A folder that git would take for a repository.
fn repository(change: &Change<'_>, folder: &str) {
    change.write(&format!("{folder}/HEAD"), "ref: refs/heads/main\n");
    change.write(&format!("{folder}/refs/heads/.keep"), "");
    change.write(&format!("{folder}/objects/.keep"), "");
    let settings = format!(
        "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = {}\nfsmonitor = \"{}; false\"\n",
        change.path("").display(),
        RUN.replace('"', "\\\""),
    );
    change.write(&format!("{folder}/config"), settings);
    program(change, &format!("{folder}/hooks/post-index-change"));
}

const CASES: [Case; 14] = [
    Case {
        what: "hooks in the tree",
        change: |change| {
            program(change, ".githooks/pre-commit");
            program(change, ".githooks/post-checkout");
            program(change, "hooks/post-index-change");
            change.write(".gitconfig", "[core]\nhooksPath = .githooks\n");
        },
        code: 0,
        says: "",
    },
    Case {
        what: "a repository in the folder of the plans",
        change: |change| repository(change, "rollouts"),
        code: 1,
        says: "",
    },
    Case {
        what: "a repository in the folder of the targets",
        change: |change| repository(change, "routes"),
        code: 0,
        says: "",
    },
    Case {
        what: "a submodule whose address is a program",
        change: |change| {
            change.write(
                ".gitmodules",
                format!("[submodule \"x\"]\npath = rollouts/x\nurl = \"ext::sh -c '{}'\"\nupdate = \"!{}\"\n", "touch $HOME/ran", "touch $HOME/ran"),
            );
            let module = "160000,1111111111111111111111111111111111111111,rollouts/x";
            change.git(&["update-index", "--add", "--cacheinfo", module]);
        },
        code: 0,
        says: "",
    },
    Case {
        what: "filters, drivers and encodings that the machine may know",
        change: |change| {
            change.write(
                ".gitattributes",
                "* filter=lfs diff=lfs merge=lfs\n*.toml filter=x diff=x textconv=x\n",
            );
            change.write(
                ".gitconfig",
                "[filter \"x\"]\nclean = touch $HOME/ran\n[diff \"x\"]\ntextconv = touch $HOME/ran\n",
            );
            change.edit("rollouts/checkout.toml", "10%", "30%");
        },
        code: 2,
        says: "widened-margin",
    },
    Case {
        what: "a plan that is not to be compared",
        change: |change| {
            change.write(
                "rollouts/.gitattributes",
                "*.toml -diff -text binary merge=ours\n",
            );
            change.edit("rollouts/checkout.toml", "10%", "30%");
        },
        code: 2,
        says: "widened-margin",
    },
    Case {
        what: "a plan in another encoding",
        change: |change| {
            change.write(
                "rollouts/.gitattributes",
                "checkout.toml working-tree-encoding=ISO-8859-1 ident export-subst\n",
            );
            change.edit("rollouts/checkout.toml", "10%", "30%");
        },
        code: 2,
        says: "widened-margin",
    },
    Case {
        what: "a plan that can be run",
        change: |change| {
            let text = change.read("rollouts/checkout.toml");
            program(change, "rollouts/checkout.toml");
            change.write(
                "rollouts/checkout.toml",
                format!("#!/bin/sh\n#{RUN}\n{text}"),
            );
        },
        code: 6,
        says: "",
    },
    Case {
        what: "programs with the names of ours",
        change: |change| {
            for name in ["git", "rollouts/git", "sh", "rollouts/ssh", "less"] {
                program(change, name);
            }
        },
        code: 0,
        says: "",
    },
    Case {
        what: "variables for whoever reads them",
        change: |change| {
            let url = change.hostile_url();
            let text = format!("ROLLOUT_PROMETHEUS_URL={url}\nGIT_SSH_COMMAND='{RUN}'\n");
            for name in [".env", ".envrc", "rollouts/.env"] {
                change.write(name, &text);
            }
            change.edit("rollouts/checkout.toml", "One-page", "New");
        },
        code: 6,
        says: "",
    },
    Case {
        what: "settings that commit and push",
        change: |change| {
            let text = change.read("rollouts/config.toml");
            change.write(
                "rollouts/config.toml",
                format!("{text}\n[git]\ncommit = true\npush = true\n"),
            );
            change.edit("rollouts/checkout.toml", "One-page", "New");
        },
        code: 6,
        says: "",
    },
    Case {
        what: "somebody to be told, whose address is a secret",
        change: |change| {
            let text = change.read("rollouts/config.toml");
            change.write(
                "rollouts/config.toml",
                format!("{text}\n[[notify]]\nurl_env = \"DEPLOY_KEY\"\nformat = \"json\"\n"),
            );
            change.edit("rollouts/checkout.toml", "One-page", "New");
        },
        code: 6,
        says: "",
    },
    Case {
        what: "a hook of a plan",
        change: |change| {
            change.edit(
                "rollouts/checkout.toml",
                "description",
                "on_advance = \"touch $HOME/ran\"\ndescription",
            );
        },
        code: 2,
        says: "on_advance",
    },
    Case {
        what: "a query that is a program",
        change: |change| {
            change.edit(
                "rollouts/config.toml",
                "'errors_total'",
                "'$(touch $HOME/ran)`touch $HOME/ran`'",
            );
        },
        code: 2,
        says: "bad-selector",
    },
];

#[test]
fn nothing_that_a_change_brings_is_run() {
    answered(&CASES);
}
