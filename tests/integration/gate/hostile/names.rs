//! Changes whose files have names that look like something else.

use super::world::{Case, Change, answered};

/// The text of a plan that no user has seen.
fn pending(change: &Change<'_>) -> String {
    let text = change.read("rollouts/search.toml");
    text.split_once("# Written").unwrap().0.to_owned()
}

const CASES: [Case; 13] = [
    Case {
        what: "a name that begins a line",
        change: |change| {
            change.write("rollouts/a\n::error::FORGED.toml", pending(change));
        },
        code: 2,
        says: "control characters",
    },
    Case {
        what: "a name that colours",
        change: |change| change.write("rollouts/a\u{1b}[31m\u{202e}.toml", pending(change)),
        code: 2,
        says: "control characters",
    },
    Case {
        what: "a name that is no text",
        change: |change| change.write_bytes(b"rollouts/a\xff.toml", &pending(change)),
        code: 2,
        says: "its name is not UTF-8%0Ahelp: rename it",
    },
    Case {
        what: "a name that is an option",
        change: |change| change.write("rollouts/--output=ran.toml", pending(change)),
        code: 3,
        says: "title=--output=ran%3A HOLD",
    },
    Case {
        what: "a name that is a revision",
        change: |change| change.write("rollouts/main:checkout@{0}.toml", pending(change)),
        code: 3,
        says: "title=main%3Acheckout@{0}%3A HOLD",
    },
    Case {
        what: "a name that is a pattern",
        change: |change| change.write("rollouts/:(glob)*.toml", pending(change)),
        code: 3,
        says: "title=%3A(glob)*%3A HOLD",
    },
    Case {
        what: "the same plan with another case",
        change: |change| change.rename("rollouts/checkout.toml", "rollouts/Checkout.toml"),
        code: 6,
        says: "title=Checkout%3A INCONCLUSIVE",
    },
    Case {
        what: "two plans that are one where case does not count",
        change: |change| {
            change.write("rollouts/CHECKOUT.toml", pending(change));
        },
        code: 2,
        says: "rollouts/CHECKOUT.toml cannot be read: rollouts/checkout.toml has the same name where case or accents do not count, as on macOS%0Ahelp: rename one of them",
    },
    Case {
        what: "two plans that are one where an accent is written in one way",
        change: |change| {
            change.write("rollouts/caf\u{e9}.toml", pending(change));
            change.write("rollouts/more/Cafe\u{301}.toml", pending(change));
        },
        code: 2,
        says: "has the same name where case or accents do not count",
    },
    Case {
        what: "a plan that is hidden",
        change: |change| {
            change.write("rollouts/.hidden/x", "");
            change.rename("rollouts/checkout.toml", "rollouts/.hidden/checkout.toml");
        },
        code: 2,
        says: "checkout",
    },
    Case {
        what: "a plan with another ending",
        change: |change| change.rename("rollouts/checkout.toml", "rollouts/checkout.TOML"),
        code: 2,
        says: "checkout",
    },
    Case {
        what: "settings with another case",
        change: |change| change.rename("rollouts/config.toml", "rollouts/Config.toml"),
        code: 2,
        says: "rollouts/Config.toml cannot be read: rollouts/config.toml has the same name where case",
    },
    Case {
        what: "no plans at all",
        change: |change| {
            change.git(&["rm", "--quiet", "-r", "rollouts"]);
        },
        code: 2,
        says: "",
    },
];

#[test]
fn names_are_named_and_not_obeyed() {
    answered(&CASES);
}
