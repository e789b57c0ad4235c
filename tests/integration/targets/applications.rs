//! What applications copy from these pages does what the pages say: the reader of plans, and the snippets
//! that label arms.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::support::{Rollout, copy};
use super::consumers::{
    Language, ask, program, released, script, server, skipped, skipped_without,
};
use super::walk::{steps, target};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

/// What a program says; it has to succeed.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Python with a parser of TOML.
fn python() -> Option<Command> {
    let found = Command::new("python3")
        .args(["-c", "import tomllib"])
        .output();
    if found.is_ok_and(|output| output.status.success()) {
        let mut command = Command::new("python3");
        command.arg("-B");
        return Some(command);
    }
    skipped("Python 3.11");
    None
}

#[test]
fn the_reader_of_plans_agrees_with_the_vectors() {
    let Some(mut python) = python() else {
        return;
    };
    let folder = example("plan-reader");
    let check = python
        .current_dir(folder)
        .args(["exposure.py", "--check", "vectors.tsv"]);
    assert_eq!(said(check), "15 vectors agree\n");
}

/// Reads a plan again after each change, and prints for a user in bucket 829 whether it is exposed.
const READER: &str = r#"
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from exposure import Plan
file = pathlib.Path(sys.argv[2])
plan = Plan(file, every=0)
for text in [None, "", "exposure = 100", "[state]\nexposure = 8.29\n", "[state]\nexposure = 8.3\n",
             "[state]\nexposure = 25", "[state", "[state]\nexposure = 2500", "[state]\nexposure = true]", None,
             "[state]\nexposure = 0.0\n"]:
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text)
    print(plan.exposes("user-2"), plan.exposes(None), plan.exposes(""))
"#;

#[test]
fn the_reader_of_plans_begins_with_nobody_and_keeps_what_it_knows() {
    let Some(mut python) = python() else {
        return;
    };
    let rollout = Rollout::new();
    let answers = said(
        python
            .args(["-c", READER])
            .arg(example("plan-reader"))
            .arg(rollout.path().join("gift-cards.toml")),
    );
    let exposed: Vec<bool> = answers
        .lines()
        .map(|line| line == "True False False")
        .collect();
    // Nobody until the exposure covers the bucket; a broken and an absent plan change nothing.
    let expected = [
        false, false, false, false, true, true, true, true, true, true, false,
    ];
    assert_eq!(exposed, expected, "{answers}");
}

#[test]
fn the_program_and_the_reader_of_plans_expose_the_same_users() {
    let Some(mut python) = python() else {
        return;
    };
    let rollout = Rollout::new();
    copy(&example("plan-reader"), &rollout.path());
    rollout
        .run(["advance", "--snapshot", "before.json"])
        .exits(0);
    // The last three are in the buckets 28, 27 and 63, and 1 % are exposed.
    let users: Vec<String> = (0..10)
        .chain([31, 169, 212])
        .map(|user| format!("user-{user}"))
        .collect();
    let ours: Vec<String> = users
        .iter()
        .map(|user| {
            let answer = rollout.run(["exposure", "gift-cards", "--user", user]);
            answer.exits(0);
            answer.stdout.split_whitespace().next().unwrap().to_owned()
        })
        .collect();
    let theirs = said(
        python
            .args([
                "-c",
                "import sys\nsys.path.insert(0, sys.argv[1])\nfrom exposure import Plan\nplan = Plan(sys.argv[2])\nfor user in sys.argv[3:]: print('exposed' if plan.exposes(user) else 'unexposed')",
            ])
            .arg(example("plan-reader"))
            .arg(rollout.path().join("rollouts/gift-cards.toml"))
            .args(&users),
    );
    assert_eq!(ours, theirs.lines().collect::<Vec<_>>());
    assert_eq!(ours.iter().filter(|arm| *arm == "exposed").count(), 3);
}

/// The lines of one section of `help instrumenting`, without what they are indented by.
fn snippet(section: &str) -> String {
    let page = Rollout::new().run(["help", "instrumenting"]);
    page.exits(0);
    let (_, after) = page.stdout.split_once(section).expect("the section");
    after
        .lines()
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("    "))
        .map(|line| format!("{}\n", line.get(4..).unwrap_or_default()))
        .collect()
}

/// What a scrape sees once one failure of an exposed user was counted.
const COUNTED: &str = "control 200 0\ncontrol 500 0\ntreatment 200 0\ntreatment 500 1\n";

#[test]
fn the_snippets_of_python_count_both_arms_from_0() {
    for (section, name) in [
        ("PYTHON, prometheus_client", "counted.py"),
        ("PYTHON, OpenTelemetry", "counted_otel.py"),
    ] {
        let Some(mut python) = script(Language::Python, name) else {
            return;
        };
        let counts = said(python.arg(snippet(section)));
        assert_eq!(counts, COUNTED, "{section}");
    }
}

/// Where Debian puts packages of Go.
const GO_PATH: &str = "/usr/share/gocode";

/// A program around the snippet that counts one failure and prints what a scrape sees.
const GO_PROGRAM: [&str; 2] = [
    r#"package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

"#,
    r#"
func main() {
	variant, code := "treatment", "500"
	requests.WithLabelValues(variant, code).Inc()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		if family.GetName() != "http_requests_total" {
			continue
		}
		for _, one := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range one.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			fmt.Println(labels["variant"], labels["code"], one.GetCounter().GetValue())
		}
	}
}
"#,
];

#[test]
fn the_snippet_of_go_counts_both_arms_from_0() {
    let library = Path::new(GO_PATH).join("src/github.com/prometheus/client_golang");
    let (Some(go), true) = (program("go"), library.is_dir()) else {
        skipped_without(
            "no Go with client_golang here; Debian has it in golang-go and \
             golang-github-prometheus-client-golang-dev",
        );
        return;
    };
    let rollout = Rollout::new();
    let [before, after] = GO_PROGRAM;
    let text = format!("{before}{}{after}", snippet("GO, client_golang"));
    rollout.write("main.go", text);
    let counts = said(
        rollout
            .command(go)
            .args(["run", "main.go"])
            .env("GO111MODULE", "off")
            .env("GOPATH", GO_PATH),
    );
    let mut lines: Vec<&str> = counts.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, COUNTED.lines().collect::<Vec<_>>());
}

fn text(path: &str) -> String {
    std::fs::read_to_string(example(path)).unwrap()
}

#[test]
fn the_service_of_flagd_exposes_what_the_plan_says() {
    let target = target("flagd = { file = 'flags.json', flag = 'new-checkout', variant = 'on' }");
    let flags = text("flagd-python/flags.json");
    released(Language::Python, "service.py", 10_000, &target, &flags);
}

#[test]
fn the_service_of_flagd_exposes_nobody_without_its_file() {
    if let Some(answers) = ask(Language::Python, "service.py", 100, &["/no/flags.json"]) {
        assert!(answers[0].iter().all(|exposed| !exposed));
    }
}

#[test]
fn nginx_takes_the_example_at_every_exposure() {
    let Some(program) = server("nginx") else {
        return;
    };
    let target = target(
        "nginx = { file = 'new-shop.conf', key = 'new-shop-$cookie_uid', variable = '$variant' }",
    );
    let rollout = Rollout::new();
    copy(&example("nginx-split"), &rollout.path());
    let split = "conf.d/new-shop.conf";
    let steps = steps(&target, "");
    assert_eq!(steps[0].text, rollout.read(split));
    for step in steps {
        rollout.write(split, &step.text);
        let test = ["-t", "-q", "-e", "stderr", "-c", "nginx.conf", "-p"];
        said(Command::new(&program).args(test).arg(rollout.path()));
    }
}
