//! Random sequences of commands, edits by hand and pushes by others, against a small model of what must
//! hold: nobody is exposed further without evidence and the approval of a person, a pause and a rollback
//! hold, the chain of records is whole, targets never show more than the plan, and exit codes are true.
//!
//! `ROLLOUT_TEST_WALKS=200` walks further.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and look at files; the program itself may not"
)]

use crate::support::openmetrics::{Metrics, START};
use crate::support::shared::Shared;
use crate::support::{Output, Rollout};

/// Commands in a walk.
const STEPS: usize = 24;

const PLANS: [&str; 2] = ["good", "bad"];

/// Two days in which nobody is harmed by one change, and the other fails eight times as often.
static DAYS: Shared = Shared::of(|| {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    let mut metrics = Metrics::new(50);
    for (plan, harm) in [("good", 1.0), ("bad", 8.0)] {
        for (arm, rate, failing) in [("treatment", 1.0, 0.05 * harm), ("control", 99.0, 4.95)] {
            let labels = format!("variant=\"{arm}\"");
            metrics = metrics
                .counter(&format!("{plan}_requests_total"), &labels, counter(rate))
                .counter(&format!("{plan}_errors_total"), &labels, counter(failing));
        }
    }
    metrics
});

fn plan(name: &str) -> String {
    format!(
        r#"description = "{name}"

[[stages]]
exposure = 1
min_duration = "2h"
rule_out = "5x"
approval = true

[[stages]]
exposure = 10
min_duration = "2h"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = {{ events = '{name}_errors_total', total = '{name}_requests_total' }}

[[targets]]
json = {{ file = "../routes/{name}.json", exposed = "/canary", rest = "/stable" }}
"#
    )
}

/// What a plan's file says of itself.
#[derive(Debug, Clone, PartialEq)]
struct Standing {
    status: String,
    exposure: f64,
    /// When the stage was entered, in hours since the start of the fixtures.
    entered: Option<f64>,
}

struct Walk {
    rollout: Rollout,
    seed: u64,
    /// Minutes since the start of the fixtures.
    minutes: i64,
    /// Approved since the stage was entered.
    approved: [bool; 2],
    /// Until when there is a freeze, in minutes.
    frozen: i64,
    /// What was done, to be shown.
    log: Vec<String>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let server = DAYS.get();
        let config = "[judge]\npreflight = false\n";
        let mut rollout = Rollout::new()
            .variable("ROLLOUT_PROMETHEUS_URL", server.url())
            .file("rollouts/config.toml", config);
        for name in PLANS {
            rollout = rollout
                .file(&format!("rollouts/{name}.toml"), &plan(name))
                .file(
                    &format!("routes/{name}.json"),
                    "{ \"canary\": 0, \"stable\": 100 }\n",
                );
        }
        let walk = Self {
            rollout: rollout.asking(server),
            seed,
            minutes: 120,
            approved: [false; 2],
            frozen: 0,
            log: Vec::new(),
        };
        walk.git("init --quiet --bare --initial-branch=main ../remote.git");
        walk.git("init --quiet --initial-branch=main");
        walk.git("add --all");
        walk.git("commit --quiet -m first");
        walk.git("remote add origin ../remote.git");
        walk.git("push --quiet --set-upstream origin main");
        walk.git("clone --quiet ../remote.git ../other");
        walk
    }

    fn git(&self, line: &str) -> String {
        let output = self.rollout.command("git").args(line.split(' ')).output();
        let output = output.unwrap();
        assert!(output.status.success(), "git {line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// One of so many, from the walk's own numbers.
    fn pick(&mut self, many: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % many
    }

    fn run(&mut self, line: &str) -> Output {
        let now = chrono::DateTime::from_timestamp(START + 60 * self.minutes, 0).unwrap();
        let now = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let words = line.split(' ').chain(["--now", &now]);
        let output = self.rollout.run(words);
        self.log.push(format!("{now} {line}\n{output}"));
        output
    }

    fn standing(&self, name: &str) -> Standing {
        let text = self.rollout.read(&format!("rollouts/{name}.toml"));
        let state = text.split("[state]").nth(1).unwrap_or_default();
        let of = |key: &str| {
            let line = state.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim().trim_matches('"').to_owned())
        };
        let entered = of("entered_at = ").map(|at| {
            let at = chrono::DateTime::parse_from_rfc3339(&at).unwrap();
            (at.timestamp() - START) as f64 / 3_600.0
        });
        Standing {
            status: of("status = ").unwrap_or_else(|| "pending".to_owned()),
            exposure: of("exposure = ").map_or(0.0, |text| text.parse().unwrap()),
            entered,
        }
    }

    /// The percent that a plan's target shows.
    fn shown(&self, name: &str) -> f64 {
        let text = self.rollout.read(&format!("routes/{name}.json"));
        let split: serde_json::Value = serde_json::from_str(&text).unwrap();
        split["canary"].as_f64().unwrap()
    }

    fn must(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{what}; seed of the walk and what was done:\n{}",
            self.log.join("\n")
        );
    }

    /// A command or an act of a person, and what must hold of it.
    fn step(&mut self) {
        self.minutes += 7 + i64::try_from(self.pick(80)).unwrap();
        let which = usize::try_from(self.pick(2)).unwrap();
        let name = PLANS[which];
        let before = PLANS.map(|name| self.standing(name));
        let head = self.git("rev-parse HEAD");
        let act = self.pick(20);
        let line = match act {
            0..=7 => "advance --commit --push".to_owned(),
            8 => format!("pause {name} --commit --push"),
            9 | 10 => format!("resume {name} --commit --push"),
            11 => format!("rollback {name} --commit --push"),
            12 => format!("retry {name} --commit --push"),
            13 | 14 => format!("approve {name} --commit --push"),
            15 => {
                let until = chrono::DateTime::from_timestamp(START + 60 * (self.minutes + 100), 0);
                let until = until.unwrap().format("%Y-%m-%dT%H:%M:%SZ");
                format!("freeze --until {until} --reason fair --commit --push")
            }
            16 => "unfreeze --commit --push".to_owned(),
            17 => "sync --commit --push".to_owned(),
            18 => return self.others_push(),
            _ => return self.mistaken(name),
        };
        let output = self.run(&line);
        let after = PLANS.map(|name| self.standing(name));
        self.must(
            matches!(output.code, Some(0..=6)) && !output.stderr.contains("panicked"),
            "it crashed",
        );
        for place in 0..2 {
            let concerned = place == which || act <= 7;
            let (was, is) = (&before[place], &after[place]);
            self.must(
                was == is || (concerned && act < 15),
                "a plan moved that was not asked for",
            );
            self.must(
                (was == is && output.code != Some(5))
                    || self.git("rev-parse HEAD") != head
                    || act > 7,
                "a plan moved without a commit",
            );
            if is.exposure > was.exposure {
                self.raised(place, was, is, act, &output);
            }
            if act <= 7 && is.status == "rolled_back" && was.status != "rolled_back" {
                self.must(output.code == Some(5), "a rollback that is not told");
                self.must(PLANS[place] == "bad", "harm where there is none");
            }
        }
        let (was, is) = (&before[which], &after[which]);
        let active = matches!(was.status.as_str(), "progressing" | "paused");
        let done = output.code == Some(0);
        match act {
            8 if done => self.must(
                is.status == "paused" && (is.exposure - was.exposure).abs() < 1e-9,
                "a pause",
            ),
            9 | 10 if done => self.must(
                is.status != "paused" && (is.exposure - was.exposure).abs() < 1e-9,
                "a resumption",
            ),
            11 if active => self.must(
                done && is.status == "rolled_back" && is.exposure == 0.0,
                "a rollback that did not happen",
            ),
            // A plan that waits for its start already has nothing to be done to it.
            12 => self.must(
                !done
                    || (is.exposure == 0.0
                        && (was.status == "rolled_back" || (was.status == "pending" && was == is))),
                "a retry of what was not rolled back",
            ),
            13 | 14 if done && was.status == "progressing" => self.approved[which] = true,
            15 if done => self.frozen = self.minutes + 100,
            16 if done => self.frozen = 0,
            _ => {}
        }
        for place in 0..2 {
            if after[place].entered != before[place].entered {
                self.approved[place] = false;
            }
        }
        self.settled();
    }

    /// What must hold where an exposure was raised.
    fn raised(&self, place: usize, was: &Standing, is: &Standing, act: u64, output: &Output) {
        let hours = self.minutes as f64 / 60.0;
        self.must(act <= 7, "raised by another command than advance");
        self.must(
            matches!(output.code, Some(0 | 3..=6)),
            "raised by a run that failed",
        );
        self.must(
            matches!(was.status.as_str(), "pending" | "progressing"),
            "raised where it was paused or rolled back",
        );
        self.must(self.frozen <= self.minutes, "raised in a freeze");
        if was.exposure > 0.0 {
            self.must(PLANS[place] == "good", "harm was raised");
            self.must(self.approved[place], "raised without approval");
            let entered = was.entered.unwrap_or(hours);
            self.must(hours - entered >= 2.0, "raised before its time");
        } else {
            self.must((is.exposure - 1.0).abs() < 1e-9, "a stage was left out");
        }
    }

    /// What must hold after every step.
    fn settled(&mut self) {
        for name in PLANS {
            let (told, shown) = (self.standing(name).exposure, self.shown(name));
            self.must(
                (shown - told).abs() < 1e-9,
                &format!("the target of {name} shows {shown}, the plan says {told}"),
            );
        }
        let left = self.git("status --porcelain");
        self.must(left.is_empty(), &format!("not committed: {left}"));
        let remote = self.git("--git-dir=../remote.git rev-parse main");
        self.must(remote == self.git("rev-parse HEAD"), "not pushed");
        let replayed = self.run("replay");
        self.must(replayed.code == Some(0), "a record is not what was decided");
        self.log.pop();
    }

    /// Somebody else pushes first.
    fn others_push(&mut self) {
        let number = self.log.len();
        std::fs::write(
            self.rollout.path().join("../other/notes"),
            format!("{number}\n"),
        )
        .unwrap();
        for line in [
            "pull --quiet",
            "add notes",
            "commit --quiet -m notes",
            "push --quiet",
        ] {
            self.git(&format!("-C ../other {line}"));
        }
        let theirs = self.git("-C ../other rev-parse HEAD");
        self.log.push("somebody else pushes".to_owned());
        let output = self.run("advance --commit --push");
        self.must(
            matches!(output.code, Some(0 | 3..=6)),
            "a push by others stops the run",
        );
        self.git("fetch --quiet");
        let tip = self.git("rev-parse origin/main");
        let base = self.git(&format!("merge-base {} {}", theirs.trim(), tip.trim()));
        self.must(base == theirs, "what others pushed is lost");
        self.git("merge --quiet --ff-only origin/main");
        let bad = self.standing("bad");
        self.must(bad.exposure <= 1.0, "harm was raised");
        for (place, name) in PLANS.iter().enumerate() {
            // Whatever this run moved has entered another stage.
            self.approved[place] &= self.standing(name).status == "progressing"
                && !output.stdout.contains(&format!("{}  ", name));
        }
        self.settled();
    }

    /// A person makes a mistake in a plan: nothing of it is changed until it is mended.
    fn mistaken(&mut self, name: &str) {
        let path = format!("rollouts/{name}.toml");
        let text = self.rollout.read(&path);
        let broken = text.replacen("min_duration = \"2h\"", "min_duration = 2h", 1);
        self.rollout.write(&path, &broken);
        let line = format!("pause {name} --commit");
        let output = self.run(&line);
        self.must(output.code == Some(2), "a mistake was not seen");
        self.must(
            self.rollout.read(&path) == broken,
            "a plan with a mistake was written",
        );
        self.rollout.write(&path, &text);
        self.settled();
    }
}

#[test]
fn no_sequence_of_commands_exposes_more_than_evidence_and_persons_allow() {
    let asked = std::env::var("ROLLOUT_TEST_WALKS").ok();
    let walks: u64 = asked.and_then(|many| many.parse().ok()).unwrap_or(4);
    let mut raised = [0; 2];
    let mut rolled_back = 0;
    for number in 0..walks {
        let mut walk = Walk::new(0x5eed_0000 + 7_919 * number);
        walk.log.push(format!("walk {number}"));
        for _ in 0..STEPS {
            walk.step();
            let standing = PLANS.map(|name| walk.standing(name));
            for place in 0..2 {
                raised[place] += usize::from(standing[place].exposure >= 10.0);
            }
            rolled_back += usize::from(standing[1].status == "rolled_back");
        }
    }
    println!(
        "{walks} walks of {STEPS} commands: {raised:?} steps at 10 %, {rolled_back} with harm rolled back"
    );
    assert_eq!(raised[1], 0);
}
