//! The jobs of `examples/ci`: read as the YAML that they are, and run line by line as a runner would.

use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

use super::pull_request::PullRequest;
use crate::support::{Output, Rollout};
use crate::writers::{Clones, PLAN};

/// A job file as data.
fn parsed(file: &str) -> Yaml {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/ci")
        .join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let mut documents = YamlLoader::load_from_str(&text).unwrap();
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

/// The strings of a list.
fn strings(list: &Yaml) -> Vec<String> {
    let list = list.as_vec().unwrap_or_else(|| panic!("{list:?}"));
    list.iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

/// The text values of a table, such as environment variables.
fn variables(table: &Yaml) -> Vec<(String, String)> {
    let table = table.as_hash().into_iter().flatten();
    let text = |value: &Yaml| value.as_str().unwrap().to_owned();
    table
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// What the steps of a GitHub job run, with their variables. Secrets and expressions stay as they
/// are written.
fn steps(job: &Yaml) -> Vec<(String, Vec<(String, String)>)> {
    let steps = job["steps"].as_vec().unwrap().iter();
    let runs = steps.filter(|step| step["uses"].is_badvalue());
    runs.map(|step| {
        let line = step["run"].as_str().unwrap_or_else(|| panic!("{step:?}"));
        (line.to_owned(), variables(&step["env"]))
    })
    .collect()
}

/// Runs a line in the shell, as the runner does.
fn run(world: &Rollout, folder: &Path, line: &str, variables: &[(String, String)]) -> Output {
    let program = env!("CARGO_BIN_EXE_rollout");
    let script = format!("rollout() {{ '{program}' \"$@\"; }}; {line}");
    let mut command = world.command("sh");
    let output = command
        .args(["-ec", &script])
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .output()
        .unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The gate's lines pass what may be merged and refuse what may not.
fn assert_gate(lines: &[String], target: &str) {
    assert_eq!(lines.len(), 2, "{lines:?}");
    let pull = PullRequest::new("http://127.0.0.1:1").variable(target, "main");
    pull.git("update-ref refs/remotes/origin/main main");
    let run = |line: &str| run(&pull.world, &pull.world.path(), line, &[]);
    let text = pull.world.read("rollouts/checkout.toml");
    pull.change("rollouts/checkout.toml", &text.replace("[state]", "[gone]"));
    for line in lines {
        run(line).exits(2);
    }
    pull.git("revert --no-edit HEAD");
    for line in lines {
        run(line).exits(0);
    }
    pull.edit("10%", "20%");
    run(&lines[0]).exits(2);
    pull.edit("description", "reason = \"noisy\"\ndescription");
    run(&lines[0]).exits(0);
}

/// Two clones of a remote with one plan that is due; the second is where the job runs.
fn due() -> Clones {
    let clones = Clones::new();
    clones.world.write("one/rollouts/checkout.toml", PLAN);
    let unasked = "[judge]\npreflight = false\n";
    clones.world.write("one/rollouts/config.toml", unasked);
    clones.git("one", "add rollouts");
    clones.git("one", "commit --quiet -m first");
    clones.git("one", "push --quiet --set-upstream origin main");
    clones.git("two", "fetch --quiet");
    clones
}

/// Who made the newest commit of the remote, and what it is.
fn newest(clones: &Clones) -> String {
    clones.git("bare.git", "log -1 --format=%an:%s main")
}

#[test]
fn the_workflow_for_github_is_one() {
    let workflow = parsed("github.yml");
    let on = &workflow["on"];
    assert_eq!(strings(&on["pull_request"]["paths"]), ["rollouts/**"]);
    assert_eq!(on["schedule"][0]["cron"].as_str(), Some("*/15 * * * *"));
    // With `pull_request_target` the secrets would be at hand while a stranger's files are there.
    assert!(on["pull_request_target"].is_badvalue());
    assert_eq!(
        variables(&workflow["permissions"]),
        [("contents".into(), "read".into())]
    );
    let jobs = workflow["jobs"].as_hash().unwrap();
    let names: Vec<&str> = jobs.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, ["gate", "comment", "advance"]);
    for job in jobs.values() {
        assert_eq!(job["runs-on"].as_str(), Some("ubuntu-latest"));
        let checkout = &job["steps"][0];
        assert!(
            checkout["uses"]
                .as_str()
                .unwrap()
                .starts_with("actions/checkout@")
        );
        // A shallow clone has no merge base and no history.
        assert_eq!(checkout["with"]["fetch-depth"].as_i64(), Some(0));
    }
    let gate = &workflow["jobs"]["gate"];
    assert_eq!(
        gate["steps"][0]["with"]["persist-credentials"].as_bool(),
        Some(false)
    );
    assert!(gate["permissions"].is_badvalue());
    let comment = &workflow["jobs"]["comment"];
    assert_eq!(
        comment["steps"][0]["with"]["persist-credentials"].as_bool(),
        Some(false)
    );
    assert_eq!(
        variables(&comment["permissions"]),
        [
            ("contents".into(), "read".into()),
            ("pull-requests".into(), "write".into())
        ]
    );
    // Transitions need a branch, and the right to push to it.
    let advance = &workflow["jobs"]["advance"];
    let branch = advance["steps"][0]["with"]["ref"].as_str();
    assert_eq!(
        branch,
        Some("${{ github.event.repository.default_branch }}")
    );
    assert_eq!(
        variables(&advance["permissions"]),
        [("contents".into(), "write".into())]
    );
}

#[test]
fn the_gate_of_github_passes_a_reasoned_change_and_refuses_a_silent_one() {
    let gate = steps(&parsed("github.yml")["jobs"]["gate"]);
    let lines: Vec<String> = gate.into_iter().map(|(line, _)| line).collect();
    assert_gate(&lines, "GITHUB_BASE_REF");
}

#[test]
fn the_comment_of_github_is_what_check_says_and_waits_for_nobody() {
    let comment = steps(&parsed("github.yml")["jobs"]["comment"]);
    let [(check, _), (write, _)] = comment.as_slice() else {
        panic!("{comment:?}");
    };
    let pull = PullRequest::new("http://127.0.0.1:1").variable("GITHUB_BASE_REF", "main");
    pull.git("update-ref refs/remotes/origin/main main");
    pull.edit("10%", "20%");
    run(&pull.world, &pull.world.path(), check, &[]).exits(0);
    let text = pull.world.read("comment.md");
    assert!(text.starts_with("## rollout: INVALID\n"), "{text}");
    assert!(text.contains("widens the margin of `errors`"), "{text}");
    assert!(
        write.contains("--edit-last --create-if-none --body-file comment.md"),
        "{write}"
    );
}

#[test]
fn the_schedule_of_github_advances_in_the_name_that_it_gives() {
    let advance = steps(&parsed("github.yml")["jobs"]["advance"]);
    let [(line, variables)] = advance.as_slice() else {
        panic!("{advance:?}");
    };
    let clones = due();
    clones.git(
        "two",
        "checkout --quiet --force -B main refs/remotes/origin/main",
    );
    // A fresh runner knows nobody.
    clones
        .world
        .write("../.gitconfig", "[user]\nuseConfigOnly = true\n");
    run(&clones.world, &clones.at("two"), line, variables).exits(0);
    assert_eq!(
        newest(&clones),
        "rollout:checkout: advance from pending to 1 %\n"
    );
}

#[test]
fn the_jobs_for_gitlab_are_jobs() {
    let jobs = parsed("gitlab.yml");
    for (job, source) in [
        ("rollout gate", "merge_request_event"),
        ("rollout advance", "schedule"),
    ] {
        let job = &jobs[job];
        let rule = job["rules"][0]["if"].as_str().unwrap();
        assert_eq!(rule, format!("$CI_PIPELINE_SOURCE == \"{source}\""));
        assert_eq!(job["variables"]["GIT_DEPTH"].as_str(), Some("0"));
        assert!(!strings(&job["script"]).is_empty());
    }
}

#[test]
fn the_gate_of_gitlab_passes_a_reasoned_change_and_refuses_a_silent_one() {
    let mut lines = strings(&parsed("gitlab.yml")["rollout gate"]["script"]);
    let target = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME";
    assert_eq!(lines.remove(0), format!("git fetch origin \"${target}\""));
    assert_gate(&lines, target);
}

#[test]
fn the_schedule_of_gitlab_advances_in_a_clone_that_is_used_again() {
    let job = &parsed("gitlab.yml")["rollout advance"];
    let clones = due();
    clones
        .world
        .write("../.gitconfig", "[user]\nuseConfigOnly = true\n");
    let mut variables = variables(&job["variables"]);
    variables.push(("CI_COMMIT_REF_NAME".into(), "main".into()));
    let remote = clones.at("bare.git").display().to_string();
    variables.push(("PUSH_URL".into(), remote));
    let pipeline = || {
        clones.git("two", "fetch --quiet");
        clones.git("two", "checkout --quiet --detach refs/remotes/origin/main");
        let lines = strings(&job["script"]).join("\n");
        run(&clones.world, &clones.at("two"), &lines, &variables).exits(0);
        newest(&clones)
    };
    assert_eq!(
        pipeline(),
        "rollout:checkout: advance from pending to 1 %\n"
    );
    // Later there is another plan; GitLab keeps the clone, with its old branch.
    let ann = "-c user.name=Ann -c user.email=ann@example.com";
    clones.git("one", "pull --quiet");
    clones.git("one", "rm --quiet -r rollouts");
    clones.world.write("one/rollouts/search.toml", PLAN);
    let unasked = "[judge]\npreflight = false\n";
    clones.world.write("one/rollouts/config.toml", unasked);
    clones.git("one", "add rollouts");
    clones.git("one", &format!("{ann} commit --quiet -m second"));
    clones.git("one", "push --quiet");
    assert_eq!(pipeline(), "rollout:search: advance from pending to 1 %\n");
}
