//! A repository with one pending plan and three targets, one flag, one split and one map.

use crate::support::{Output, Rollout};

pub(crate) const PLAN: &str = "rollouts/checkout.toml";
pub(crate) const FLAGS: &str = "flags/shop.json";
pub(crate) const SPLIT: &str = "routes/split.json";
pub(crate) const MAP: &str = "routes/checkout.map";

const TARGETS: &str = r#"
[[targets]]
flagd = { file = "../flags/shop.json", flag = "checkout", variant = "on" }

[[targets]]
json = { file = "../routes/split.json", exposed = "/canary", rest = "/stable" }

[[targets]]
haproxy = { file = "../routes/checkout.map", key = "checkout" }
"#;

pub(crate) const FLAG_FILE: &str = r#"{
  "flags": {
    "search": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" },
    "checkout": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "targeting": { "fractional": [["on", 0], ["off", 100]] }
    }
  }
}
"#;

/// The repository.
pub(crate) struct World {
    pub(crate) rollout: Rollout,
}

impl World {
    /// With a plan that has these targets.
    pub(crate) fn new() -> Self {
        Self::with(&plan(TARGETS))
    }

    /// With this plan, all committed.
    pub(crate) fn with(plan: &str) -> Self {
        let rollout = Rollout::new()
            .file(
                "rollouts/config.toml",
                "[prometheus]\nurl = \"http://127.0.0.1:1\"\n\n[judge]\npreflight = false\n",
            )
            .file(PLAN, plan)
            .file(FLAGS, FLAG_FILE)
            .file(SPLIT, "{ \"canary\": 0, \"stable\": 100 }\n")
            .file(MAP, "checkout 0\n");
        let world = Self { rollout };
        world.git("init --quiet --initial-branch=main");
        world.git("add --all");
        world.git("commit --quiet -m first");
        world
    }

    pub(crate) fn git(&self, line: &str) -> String {
        let output = self.rollout.command("git").args(line.split(' ')).output();
        let output = output.unwrap();
        assert!(output.status.success(), "git {line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        let at = ["--now", "2026-11-24T12:00:00Z"];
        self.rollout.run(line.split(' ').chain(at))
    }

    /// Replaces a text in a file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.rollout.read(path);
        assert!(text.contains(from), "{path}: {text}");
        self.rollout.write(path, text.replace(from, to));
    }

    /// What plan, flag, split and map say, in percent.
    pub(crate) fn shown(&self) -> [f64; 4] {
        let number = |text: &str| text.trim().parse::<f64>().unwrap();
        let plan = self.rollout.read(PLAN);
        let state = plan.split("[state]").nth(1).unwrap_or_default();
        let told = state
            .lines()
            .find_map(|line| line.strip_prefix("exposure = "));
        let flags = self.rollout.read(FLAGS);
        let flags: serde_json::Value = serde_json::from_str(&flags).unwrap();
        let arms = &flags["flags"]["checkout"]["targeting"]["fractional"];
        let [on, off] = [0, 1].map(|arm| arms[arm][1].as_f64().unwrap());
        let split = self.rollout.read(SPLIT);
        let split: serde_json::Value = serde_json::from_str(&split).unwrap();
        let canary = split["canary"].as_f64().unwrap();
        let stable = split["stable"].as_f64().unwrap();
        assert!((canary + stable - 100.0).abs() < 1e-9, "{split}");
        let map = self.rollout.read(MAP);
        [
            told.map_or(0.0, number),
            100.0 * on / (on + off),
            canary,
            number(map.strip_prefix("checkout ").unwrap()) / 100.0,
        ]
    }

    #[track_caller]
    pub(crate) fn shows(&self, percents: [f64; 4]) {
        let shown = self.shown();
        let agree = shown
            .iter()
            .zip(percents)
            .all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(agree, "{shown:?} is not {percents:?}");
    }
}

/// A plan with these targets.
pub(crate) fn plan(targets: &str) -> String {
    format!(
        r#"description = "One-page checkout"

[[stages]]
exposure = 5
min_duration = "24h"

[[stages]]
exposure = 50
min_duration = "24h"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = {{ events = 'errors_total', total = 'requests_total', worse = "higher" }}
{targets}"#
    )
}
