//! A repository with a running rollout on `main`, and a branch that changes something.

use crate::support::{Output, Rollout};

pub(crate) const PLAN: &str = r#"description = "One-page checkout"

[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"

[[stages]]
exposure = 10
min_duration = "24h"

[[stages]]
exposure = 100

[[guardrails]]
metric = "errors"
margin = "10%"

# Written by rollout. Change it with commands, not by hand.
[state]
status = "progressing"
stage = 1
exposure = 1.0
entered_at = 2026-11-22T12:00:00Z
declared = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
"#;

/// The shared settings with this server in them.
pub(crate) fn config(url: &str) -> String {
    format!(
        r#"[prometheus]
url = "{url}"
timeout = "2s"
bearer_token_env = "PROM_TOKEN"

[metrics.errors]
category = "reliability"
ratio = {{ events = 'errors_total', total = 'requests_total' }}
"#
    )
}

/// The work tree of a pull request.
pub(crate) struct PullRequest {
    pub(crate) world: Rollout,
}

impl PullRequest {
    /// Nothing is changed yet; `checkout` and `search` are running.
    pub(crate) fn new(url: &str) -> Self {
        Self::with(&[
            ("config", &config(url)),
            ("checkout", PLAN),
            ("search", PLAN),
        ])
    }

    /// Nothing is changed yet; these files are there.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let world = Rollout::new();
        for (name, text) in files {
            world.write(&format!("rollouts/{name}.toml"), text);
        }
        let pull = Self { world };
        pull.git("init --quiet");
        pull.commit("first");
        pull.git("checkout --quiet -b change");
        pull
    }

    pub(crate) fn variable(self, name: &str, value: &str) -> Self {
        Self {
            world: self.world.variable(name, value),
        }
    }

    pub(crate) fn git(&self, line: &str) {
        let output = self.world.command("git").args(line.split(' ')).output();
        let output = output.unwrap();
        assert!(output.status.success(), "git {line}: {output:?}");
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git("add --all");
        self.git(&format!("commit --quiet -m {message}"));
    }

    /// Writes a file and commits it.
    pub(crate) fn change(&self, path: &str, text: &str) -> &Self {
        self.world.write(path, text);
        self.commit("change");
        self
    }

    /// Replaces a part of the plan `checkout` and commits it.
    pub(crate) fn edit(&self, old: &str, new: &str) -> &Self {
        let text = self.world.read("rollouts/checkout.toml");
        assert!(text.contains(old), "{old}");
        self.change("rollouts/checkout.toml", &text.replacen(old, new, 1))
    }

    pub(crate) fn validate(&self) -> Output {
        self.world.run(["validate", "--base", "main"])
    }

    pub(crate) fn check(&self) -> Output {
        self.world
            .run(["check", "--base", "main", "--now", "2026-11-23T12:00:00Z"])
    }
}
