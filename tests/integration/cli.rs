//! The command line as a user meets it: usage errors, help, what goes to which stream.

use crate::support::Rollout;

#[test]
fn help_is_an_answer() {
    let output = Rollout::new().run(["--help"]);
    output.exits(0);
    assert!(output.stdout.contains("Exit codes"), "{output}");
    assert_eq!(output.stderr, "");
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let output = Rollout::new().run(["advnace"]);
    output.exits(2);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("similar"), "{output}");
}

#[test]
fn completions_are_offered_for_every_common_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Rollout::new().run(["completions", shell]);
        output.exits(0);
        assert!(output.stdout.contains("ROLLOUT_COMPLETE"), "{shell}");
    }
}

/// A real bash is offered what stands in the directory at that moment.
#[test]
fn bash_completes_plans_and_their_guardrails() {
    const OFFERED: &str = r#"
        source <(rollout completions bash)
        offered() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMPREPLY=()
            _clap_complete_rollout rollout "${COMP_WORDS[COMP_CWORD]}" ""
            echo "${COMPREPLY[@]}"
        }
        offered rollout check ""
        offered rollout explain running ""
        offered rollout adv
    "#;
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/running.toml", RUNNING);
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_rollout"));
    let path = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
    let output = rollout
        .command("bash")
        .env("PATH", path)
        .args(["-c", OFFERED])
        .output()
        .unwrap();
    let offered = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = offered.lines().collect();
    let [plans, guardrails, commands] = lines[..] else {
        panic!("{offered}{}", String::from_utf8_lossy(&output.stderr));
    };
    assert!(plans.split(' ').any(|word| word == "running"), "{offered}");
    assert!(
        guardrails.split(' ').any(|word| word == "errors"),
        "{offered}"
    );
    assert_eq!(commands.trim(), "advance");
}

/// A plan in its first stage, and the same with a typing error in its margin.
const RUNNING: &str = "[[stages]]\nexposure = 12.5\nmin_duration = \"2h\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = { events = 'errors_total', total = 'requests_total' }\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 12.5\nentered_at = 2026-01-01T00:00:00Z\n";

#[test]
fn the_exposure_of_a_plan_is_one_number() {
    let pending = RUNNING.split("[state]").next().unwrap();
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/running.toml", RUNNING)
        .file("rollouts/waiting.toml", pending);
    let running = rollout.run(["exposure", "running"]);
    assert_eq!(running.exits(0).stdout, "12.5\n");
    assert_eq!(running.stderr, "");
    let path = rollout.run(["exposure", "rollouts/waiting.toml"]);
    assert_eq!(path.exits(0).stdout, "0\n");
    let json = rollout.run(["exposure", "running", "--format", "json"]);
    assert_eq!(
        json.exits(0).stdout,
        "{\"format\":\"rollout-exposure/1\",\"plan\":\"running\",\"exposure\":12.5}\n"
    );
}

#[test]
fn a_plan_with_mistakes_has_no_exposure_which_is_not_nobody() {
    let broken = RUNNING.replace("\"10%\"", "\"x10%\"");
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/broken.toml", &broken)
        .file("rollouts/running.toml", RUNNING);
    let asked = rollout.run(["exposure", "broken"]);
    assert_eq!(asked.exits(2).stdout, "");
    assert!(asked.stderr.contains("margin"), "{asked}");
    let one = rollout.run(["exposure", "running"]);
    assert_eq!(one.exits(0).stdout, "12.5\n", "others are as they are");

    let status = rollout.run(["status", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&status.exits(2).stdout).unwrap();
    let exposures: Vec<_> = document["plans"].as_array().unwrap().iter().collect();
    assert_eq!(exposures[0]["plan"], "broken");
    assert_eq!(exposures[0]["exposure"], serde_json::Value::Null);
    assert_eq!(exposures[1]["exposure"], 12.5);
    let text = rollout.run(["status"]);
    let row = text
        .exits(2)
        .stdout
        .lines()
        .find(|l| l.contains("broken"))
        .unwrap();
    assert!(!row.contains("0 %"), "{row}");
}

#[test]
fn a_plan_that_cannot_be_read_is_a_row_of_status_too() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/running.toml", RUNNING);
    rollout.write("rollouts/latin.toml", b"description = \"caf\xe9\"\n");
    let status = rollout.run(["status", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&status.exits(2).stdout).unwrap();
    let latin = document["plans"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["plan"] == "latin");
    assert_eq!(latin.unwrap()["exposure"], serde_json::Value::Null);
}

/// A file elsewhere is not what a plan of the same name here is.
#[test]
fn a_file_outside_the_directory_is_refused_by_its_path() {
    let draft = include_str!("../../rollouts/checkout-redesign.toml");
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/x.toml", draft)
        .file("other/x.toml", draft);
    let output = rollout.run(["--dir", "rollouts", "validate", "other/x.toml"]);
    output.exits(2);
    assert!(
        output.stderr.contains(
            "other/x.toml is not in rollouts: the plans of one run are files of one directory"
        ) && output.stderr.contains("`--dir other`"),
        "{output}"
    );
    // A date is its midnight in UTC, wherever an instant is asked for.
    let dated = rollout.run(["--dir", "rollouts", "--now", "2026-11-22", "status"]);
    assert!(dated.stdout.starts_with("1 plan: "), "{dated}");
    let own = rollout.run(["--dir", "rollouts", "validate", "rollouts/x.toml"]);
    assert!(!own.stderr.contains("is not in"), "{own}");
}
