//! What the gate refuses, as a reviewer sees it, and what it lets pass.

use super::pull_request::{PLAN, PullRequest, config};

/// Nobody listens here.
const NOWHERE: &str = "http://127.0.0.1:1";

fn pull() -> PullRequest {
    PullRequest::new(NOWHERE).variable("PROM_TOKEN", "open sesame")
}

#[test]
fn a_change_of_nothing_passes_and_asks_nobody() {
    let pull = pull();
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(0)
    ---- stdout
    2 plans: no mistakes
    ---- stderr
    "#);
    insta::assert_snapshot!(pull.check(), @r#"
    exit: Some(0)
    ---- stdout
    the change since main touches no plan
    ---- stderr
    "#);
}

#[test]
fn a_raised_exposure_is_refused() {
    let pull = pull();
    pull.edit("stage = 1\nexposure = 1.0", "stage = 2\nexposure = 10.0");
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(2)
    ---- stdout
    error[exposure-raised]: the change raises the exposure to 10 % without evidence
      --> rollouts/checkout.toml:23:12
       |
    22 | stage = 2
       |         - `stage` was 1
    23 | exposure = 10.0
       |            ^^^^ was 1
       |
    help: restore `[state]` as it was; `rollout advance checkout` raises it on evidence, and commits the evidence with it

    2 plans: 1 mistake
    ---- stderr
    "#);
    insta::assert_snapshot!(pull.check(), @"
    exit: Some(2)
    ---- stdout
    checkout  INVALID: the change of rollouts/checkout.toml since main is refused
      caused by: the change raises the exposure to 10 % without evidence
      rollouts/checkout.toml
    ---- stderr
    error[exposure-raised]: the change raises the exposure to 10 % without evidence
      --> rollouts/checkout.toml:23:12
       |
    22 | stage = 2
       |         - `stage` was 1
    23 | exposure = 10.0
       |            ^^^^ was 1
       |
    help: restore `[state]` as it was; `rollout advance checkout` raises it on evidence, and commits the evidence with it
    ");
}

#[test]
fn a_wider_margin_is_refused_unless_the_change_says_why() {
    let pull = pull();
    pull.edit("10%", "30%");
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(2)
    ---- stdout
    error[widened-margin]: the change widens the margin of `errors`; it was 10 %
      --> rollouts/checkout.toml:17:10
       |
    17 | margin = "30%"
       |          ^^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan

    2 plans: 1 mistake
    ---- stderr
    "#);
    pull.edit(
        "description",
        "reason = \"the metric is noisy\"\ndescription",
    );
    insta::assert_snapshot!(pull.world.run(["validate", "--strict", "--base", "main"]), @r#"
    exit: Some(0)
    ---- stdout
    warning[widened-margin]: the change widens the margin of `errors`; it was 10 % (reason given: the metric is noisy)
      --> rollouts/checkout.toml:18:10
       |
     1 | reason = "the metric is noisy"
       |          --------------------- the reason given
    ...
    18 | margin = "30%"
       |          ^^^^^ its evidence would start again

    2 plans: 1 warning
    ---- stderr
    "#);
}

#[test]
fn a_removed_guardrail_and_a_shorter_stage_are_refused_together() {
    let pull = pull();
    pull.edit("24h", "1h").edit(
        "metric = \"errors\"",
        "name = \"other\"\ncategory = \"reliability\"\nratio = { events = 'a', total = 'b' }",
    );
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(2)
    ---- stdout
    error[shortened-duration]: the change shortens the stage at 1 % to 1h; it was 24h
     --> rollouts/checkout.toml:5:16
      |
    5 | min_duration = "1h"
      |                ^^^^
      |
    help: write `min_duration = "24h"`, or say why in this change: `reason = "..."` at the top of the plan

    error[removed-guardrail]: the change removes the guardrail `errors`
      --> rollouts/checkout.toml:15:1
       |
    15 | [[guardrails]]
       | ^^^^^^^^^^^^^^ not among these any more
       |
    help: put it back, or say why in this change: `reason = "..."` at the top of the plan

    2 plans: 2 mistakes
    ---- stderr
    "#);
}

#[test]
fn a_change_of_a_shared_metric_reaches_every_plan_under_way() {
    let pull = pull();
    pull.change(
        "rollouts/config.toml",
        &config(NOWHERE).replace("'errors_total'", "'nothing_total'"),
    );
    let output = pull.validate();
    output.exits(2);
    assert_eq!(output.stdout.matches("error[").count(), 2, "{output}");
}

#[test]
fn what_a_command_wrote_passes_and_one_changed_byte_of_it_does_not() {
    let pull = pull();
    let paused = pull.world.run(["pause", "checkout", "--reason", "a bug"]);
    paused.exits(0);
    pull.commit("pause");
    pull.validate().exits(0);
    let folder = pull.world.path().join("rollouts/.evidence/checkout");
    let record = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    let name = record.file_name().into_string().unwrap();
    let path = format!("rollouts/.evidence/checkout/{name}");
    let text = pull.world.read(&path);
    pull.world.write(&path, text.replace("a bug", "a bag"));
    let output = pull.validate();
    output.exits(2);
    assert!(
        output.stdout.contains("its evidence does not stand"),
        "{output}"
    );
}

#[test]
fn a_state_that_its_record_did_not_write_is_refused() {
    let pull = pull();
    pull.world.run(["pause", "checkout"]).exits(0);
    pull.edit("by = \"person:ann\"", "by = \"person:bob\"");
    let output = pull.validate();
    output.exits(2);
    assert!(
        output.stdout.contains("somebody changed it by hand"),
        "{output}"
    );
}

#[test]
fn a_plan_that_is_a_link_is_not_read_to_the_reviewer() {
    let pull = pull();
    std::os::unix::fs::symlink("/etc/hostname", pull.world.path().join("rollouts/x.toml")).unwrap();
    pull.commit("link");
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(2)
    ---- stdout
    ---- stderr
    error: rollouts/x.toml is a link: the gate compares files
    help: put what it leads to in its place
    "#);
}

#[test]
fn neither_settings_nor_the_folder_may_be_links() {
    let pull = pull();
    let rollouts = pull.world.path().join("rollouts");
    std::fs::rename(
        rollouts.join("config.toml"),
        pull.world.path().join("aside"),
    )
    .unwrap();
    std::os::unix::fs::symlink("../aside", rollouts.join("config.toml")).unwrap();
    pull.commit("link");
    insta::assert_snapshot!(pull.validate(), @r"
    exit: Some(2)
    ---- stdout
    ---- stderr
    error: rollouts/config.toml is a link: the gate compares the file itself
    help: put what it leads to in its place
    ");
    std::fs::rename(&rollouts, pull.world.path().join("others")).unwrap();
    std::os::unix::fs::symlink("others", &rollouts).unwrap();
    pull.commit("folder");
    insta::assert_snapshot!(pull.validate(), @r"
    exit: Some(2)
    ---- stdout
    ---- stderr
    error: rollouts/ is a link: the gate compares the folder itself
    help: put what it leads to in its place
    ");
}

#[test]
fn plans_of_another_repository_are_not_judged_here() {
    let (pull, other) = (pull(), pull());
    let there = other.world.path().join("rollouts").display().to_string();
    let output = pull
        .world
        .run(["validate", "--base", "main", "--dir", &there]);
    output.exits(2);
    assert!(
        output.stderr.contains("belongs to another repository"),
        "{output}"
    );
    assert!(
        output.stderr.contains("help: run the gate inside"),
        "{output}"
    );
}

#[test]
fn a_change_without_a_common_past_or_in_a_shallow_clone_is_an_error_with_its_cure() {
    let pull = pull();
    pull.change("notes", "x");
    let here = pull.world.path().display().to_string();
    pull.git(&format!(
        "clone --quiet --depth 1 --branch change --no-single-branch file://{here} shallow"
    ));
    let shallow = pull.world.path().join("shallow");
    let gate = |folder: &std::path::Path, rev: &str| {
        let program = env!("CARGO_BIN_EXE_rollout");
        let mut command = pull.world.command(program);
        command.args(["check", "--base", rev]).current_dir(folder);
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    insta::assert_snapshot!(gate(&shallow, "origin/main").1, @r"
    error: HEAD and origin/main have no common ancestor in this shallow clone
    help: fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow's checkout step
    ");
    insta::assert_snapshot!(gate(&shallow, "HEAD~3").1, @r"
    error: there is no revision HEAD~3 in this shallow clone
    help: fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow's checkout step
    ");
    pull.git("checkout --quiet --orphan lonely");
    pull.commit("lonely");
    insta::assert_snapshot!(gate(&pull.world.path(), "main").1, @r"
    error: HEAD and main have no common ancestor in this repository
    help: name the branch this one came from
    ");
    assert_eq!(gate(&pull.world.path(), "main").0, Some(1));
}

#[test]
fn an_unknown_revision_is_an_error_with_its_cure() {
    let pull = pull();
    insta::assert_snapshot!(pull.world.run(["check", "--base", "nowhere"]), @r#"
    exit: Some(1)
    ---- stdout
    ---- stderr
    error: there is no revision nowhere in this repository
    help: `git fetch origin`, or name a branch, tag or commit that `git rev-parse nowhere` knows
    "#);
}

#[test]
fn programs_get_the_mistakes_with_their_places() {
    let pull = pull();
    pull.edit("10%", "30%");
    let output = pull
        .world
        .run(["check", "--base", "main", "--format", "json"]);
    output.exits(2);
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let plans = document["plans"].as_array().unwrap();
    assert_eq!(plans.len(), 1);
    assert_eq!(plans[0]["plan"], "checkout");
    let mistake = &plans[0]["mistakes"][0];
    assert_eq!(mistake["code"], "widened-margin");
    assert_eq!(
        (&mistake["line"], &mistake["column"]),
        (&17.into(), &10.into())
    );
}

#[test]
fn a_pull_request_is_annotated_and_summarised() {
    let pull = pull();
    pull.edit("10%", "30%");
    let file = pull.world.path().join("summary.md");
    let pull = pull.variable("GITHUB_STEP_SUMMARY", &file.display().to_string());
    let run = |command: &str| {
        pull.world
            .run([command, "--base", "main", "--format", "github"])
    };
    insta::assert_snapshot!(run("validate"), @r#"
    exit: Some(2)
    ---- stdout
    ::error file=rollouts/checkout.toml,line=17,col=10,title=widened-margin::the change widens the margin of `errors`; it was 10 %25%0Awrite `margin = "10%25"`, or say why in this change: `reason = "..."` at the top of the plan
    ---- stderr
    "#);
    insta::assert_snapshot!(run("check"), @r#"
    exit: Some(2)
    ---- stdout
    ::error file=rollouts/checkout.toml,line=17,col=10,title=widened-margin::the change widens the margin of `errors`; it was 10 %25%0Awrite `margin = "10%25"`, or say why in this change: `reason = "..."` at the top of the plan
    ::error file=rollouts/checkout.toml,line=20,col=1,title=checkout%3A INVALID::the change of rollouts/checkout.toml since main is refused%0Acaused by: the change widens the margin of `errors`; it was 10 %25
    ---- stderr
    "#);
    insta::assert_snapshot!(pull.world.read("summary.md"), @r#"
    ## rollout validate: INVALID

    | place | severity | mistake | cure |
    | --- | --- | --- | --- |
    | rollouts/checkout.toml:17 | error | the change widens the margin of `errors`; it was 10 % | write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan |
    ## rollout: INVALID

    ### checkout

    **INVALID**

    ```text
    the change of rollouts/checkout.toml since main is refused
    caused by: the change widens the margin of `errors`; it was 10 %
    ```


    | place | severity | mistake | cure |
    | --- | --- | --- | --- |
    | rollouts/checkout.toml:17 | error | the change widens the margin of `errors`; it was 10 % | write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan |
    "#);
}

#[test]
fn a_renamed_plan_is_the_same_plan() {
    let pull = pull();
    pull.git("mv rollouts/checkout.toml rollouts/cart.toml");
    pull.world
        .write("rollouts/cart.toml", PLAN.replace("10%", "20%"));
    pull.commit("rename");
    let output = pull.validate();
    output.exits(2);
    assert!(output.stdout.contains("widened-margin"), "{output}");
}
