//! The jobs of `examples/ci`, by running the very lines that they contain.

use std::path::Path;

use super::pull_request::PullRequest;

/// The lines of a job file that run the gate.
fn gate_lines(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/ci")
        .join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter_map(|line| line.find("rollout ").map(|at| &line[at..]))
        .filter(|line| line.contains("--base"))
        .map(str::to_owned)
        .collect()
}

/// Runs a line in the shell, as the runner does.
fn run(pull: &PullRequest, line: &str) -> Option<i32> {
    let program = env!("CARGO_BIN_EXE_rollout");
    let script = format!("rollout() {{ '{program}' \"$@\"; }}; {line}");
    let mut command = pull.world.command("sh");
    command
        .args(["-ec", &script])
        .output()
        .unwrap()
        .status
        .code()
}

#[test]
fn the_gates_of_github_and_gitlab_pass_a_reasoned_change_and_refuse_a_silent_one() {
    for (file, variable) in [
        ("github.yml", "GITHUB_BASE_REF"),
        ("gitlab.yml", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
    ] {
        let lines = gate_lines(file);
        assert_eq!(lines.len(), 2, "{lines:?}");
        let pull = PullRequest::new("http://127.0.0.1:1").variable(variable, "main");
        pull.git("update-ref refs/remotes/origin/main main");
        pull.change(
            "rollouts/checkout.toml",
            &pull
                .world
                .read("rollouts/checkout.toml")
                .replace("[state]", "[gone]"),
        );
        for line in &lines {
            assert_eq!(run(&pull, line), Some(2), "{line}");
        }
        pull.git("revert --no-edit HEAD");
        for line in &lines {
            assert_eq!(run(&pull, line), Some(0), "{line}");
        }
        pull.edit("10%", "20%");
        assert_eq!(run(&pull, &lines[0]), Some(2));
        pull.edit("description", "reason = \"noisy\"\ndescription");
        assert_eq!(run(&pull, &lines[0]), Some(0));
    }
}
