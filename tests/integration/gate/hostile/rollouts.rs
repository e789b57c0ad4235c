//! Changes that want users to be exposed, or harm not to be seen.

use super::world::{Case, answered};

const PLAN: &str = "rollouts/checkout.toml";

const CASES: [Case; 15] = [
    Case {
        what: "nothing",
        change: |change| change.write("README.md", "Another shop.\n"),
        code: 0,
        says: "",
    },
    Case {
        what: "more users by hand",
        change: |change| change.edit(PLAN, "exposure = 1.0", "exposure = 100.0"),
        code: 2,
        says: "state-exposure",
    },
    Case {
        what: "a stage further by hand",
        change: |change| change.edit(PLAN, "stage = 1\n", "stage = 2\n"),
        code: 2,
        says: "state-exposure",
    },
    Case {
        what: "a stage that was entered long ago",
        change: |change| change.edit(PLAN, "2026-11-22T12", "2026-10-22T12"),
        code: 2,
        says: "state-edited",
    },
    Case {
        what: "a pause that is over",
        change: |change| change.edit("rollouts/search.toml", "paused", "progressing"),
        code: 2,
        says: "search",
    },
    Case {
        what: "no state",
        change: |change| {
            let text = change.read(PLAN);
            change.write(PLAN, text.split_once("# Written").unwrap().0);
        },
        code: 2,
        says: "checkout",
    },
    Case {
        what: "more users in the target",
        change: |change| change.write("routes/checkout.map", "checkout 9000\n"),
        code: 2,
        says: "target-by-hand",
    },
    Case {
        what: "no target",
        change: |change| change.remove("routes/checkout.map"),
        code: 6,
        says: "target-by-hand",
    },
    Case {
        what: "another target",
        change: |change| {
            change.write("routes/other.map", "checkout 9000\n");
            change.edit(PLAN, "checkout.map", "other.map");
        },
        code: 2,
        says: "target-moved",
    },
    Case {
        what: "a record that says something else",
        change: |change| change.edit(&change.record(), "a bug", "no bug"),
        code: 2,
        says: "a record of `search`",
    },
    Case {
        what: "no record",
        change: |change| change.remove(&change.record()),
        code: 2,
        says: "a record of `search`",
    },
    Case {
        what: "a metric that never fails",
        change: |change| change.edit("rollouts/config.toml", "'errors_total'", "'vector(0)'"),
        code: 2,
        says: "bad-selector",
    },
    Case {
        what: "the other line endings alone",
        change: |change| {
            let text = change.read(PLAN);
            change.write(PLAN, text.replace('\n', "\r\n"));
        },
        code: 6,
        says: "",
    },
    Case {
        what: "a mark at the beginning, and a wider margin",
        change: |change| {
            let text = change.read(PLAN).replace("10%", "30%");
            change.write(PLAN, format!("\u{feff}{text}"));
        },
        code: 2,
        says: "widened-margin",
    },
    Case {
        what: "both line endings",
        change: |change| change.edit(PLAN, "stage = 1\n", "stage = 1\r\n"),
        code: 2,
        says: "mixed-line-endings",
    },
];

#[test]
fn nobody_is_exposed_by_a_change_alone() {
    answered(&CASES);
}
