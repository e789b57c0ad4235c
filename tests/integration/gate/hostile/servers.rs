//! Changes that want a server of theirs to be asked, or a secret of the machine to be sent or shown.

use super::world::{Case, Change, answered};

/// Writes a setting of the connection, and touches a plan.
fn connect(change: &Change<'_>, old: &str, new: &str) {
    change.edit("rollouts/config.toml", old, new);
    change.edit("rollouts/checkout.toml", "One-page", "New");
}

const TOKEN: &str = "bearer_token_env = \"PROM_TOKEN\"";

const CASES: [Case; 16] = [
    Case {
        what: "another server",
        change: |change| {
            let text = change.read("rollouts/config.toml");
            let ours = text.split('"').nth(1).unwrap();
            connect(change, ours, change.hostile_url());
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "another server with a credential in its address",
        change: |change| {
            let text = change.read("rollouts/config.toml");
            let ours = text.split('"').nth(1).unwrap();
            let url = change.hostile_url().replace("//", "//user:$DEPLOY_KEY@");
            connect(change, ours, &url);
        },
        code: 2,
        says: "config.toml",
    },
    Case {
        what: "the token of another variable",
        change: |change| connect(change, "PROM_TOKEN", "DEPLOY_KEY"),
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "a header of another variable",
        change: |change| {
            connect(
                change,
                TOKEN,
                &format!("{TOKEN}\nheaders = {{ X-Leak = {{ env = \"DEPLOY_KEY\" }} }}"),
            );
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "a password of another variable",
        change: |change| {
            connect(
                change,
                TOKEN,
                "basic = { user = \"x\", password_env = \"DEPLOY_KEY\" }",
            );
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "a token out of a file of the machine",
        change: |change| {
            connect(
                change,
                TOKEN,
                "bearer_token_file = \"../../outside/secret\"",
            )
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "authorities out of a file of the machine",
        change: |change| {
            connect(
                change,
                TOKEN,
                &format!("{TOKEN}\nca_file = \"../../outside/secret\""),
            )
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "a key out of a file of the machine",
        change: |change| {
            let files = "cert_file = \"/etc/hostname\"\nkey_file = \"../../outside/secret\"";
            connect(change, TOKEN, &format!("{TOKEN}\n{files}"));
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "the data of another tenant",
        change: |change| {
            connect(
                change,
                TOKEN,
                &format!("{TOKEN}\nheaders = {{ X-Scope-OrgID = \"outside-secret\" }}"),
            );
        },
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "a secret that is written down",
        change: |change| connect(change, TOKEN, "bearer_token = \"abc\""),
        code: 2,
        says: "bearer_token",
    },
    Case {
        what: "a proxy",
        change: |change| {
            let url = change.hostile_url().to_owned();
            connect(change, TOKEN, &format!("{TOKEN}\nproxy = \"{url}\""));
        },
        code: 2,
        says: "proxy",
    },
    Case {
        what: "a server of the plan's own",
        change: |change| {
            let url = format!(
                "[prometheus]\nurl = \"{}\"\n\n[[guardrails]]",
                change.hostile_url()
            );
            change.edit("rollouts/checkout.toml", "[[guardrails]]", &url);
        },
        code: 2,
        says: "prometheus",
    },
    Case {
        what: "names of variables where queries and texts are",
        change: |change| {
            change.edit(
                "rollouts/checkout.toml",
                "One-page",
                "$DEPLOY_KEY ${DEPLOY_KEY} {{ env.DEPLOY_KEY }}",
            );
            change.edit(
                "rollouts/config.toml",
                "'requests_total'",
                "'requests_total{x=\"$DEPLOY_KEY ${DEPLOY_KEY}\"}'",
            );
        },
        code: 2,
        says: "errors",
    },
    Case {
        what: "a server that is waited for without an end",
        change: |change| connect(change, "\"2s\"", "\"999999h\""),
        code: 6,
        says: "takes effect after the merge",
    },
    Case {
        what: "no settings",
        change: |change| {
            change.remove("rollouts/config.toml");
            change.edit("rollouts/checkout.toml", "One-page", "New");
        },
        code: 2,
        says: "errors",
    },
    Case {
        what: "settings that cannot be read",
        change: |change| {
            change.write("rollouts/config.toml", "[prometheus\n");
            change.edit("rollouts/checkout.toml", "One-page", "New");
        },
        code: 2,
        says: "config.toml",
    },
];

#[test]
fn nobody_else_is_asked_and_no_secret_is_sent_or_shown() {
    answered(&CASES);
}
