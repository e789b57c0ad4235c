//! Shared settings that protect less, and the reason that lets them pass.

use super::world::{CONFIG, branch, refused};

#[test]
fn settings_that_protect_less() {
    insta::assert_snapshot!(refused("config", &[("rollback_alpha = 0.05", "rollback_alpha = 0.2")]), @r#"
    error[raised-alpha]: the change raises `rollback_alpha` to 0.2; it was 0.05
     --> rollouts/config.toml:7:18
      |
    7 | rollback_alpha = 0.2
      |                  ^^^ more rollouts would be rolled back for nothing
      |
    help: write `rollback_alpha = 0.05`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("advance_alpha = 0.05", "advance_alpha = 0.01")]), @r#"
    error[settings-changed]: the change sets another `advance_alpha` while a rollout is under way: checkout, search
     --> rollouts/config.toml:8:17
      |
    8 | advance_alpha = 0.01
      |                 ^^^^ the budget was promised for the whole rollout
      |
    help: write `advance_alpha = 0.05` until no rollout is under way, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("label = \"variant\"", "label = \"arm\"")]), @r#"
    error[changed-arms]: the change sets other arms while the rollout is under way; it was `label = "variant"`
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^ the evidence of all guardrails would start again
      |
    help: write `label = "variant"` under [arms], or say why in this change: `reason = "..."` at the top of config.toml

    error[changed-arms]: the change sets other arms while the rollout is under way; it was `label = "variant"`
     --> rollouts/search.toml:1:1
      |
    1 | owner = "search"
      | ^ the evidence of all guardrails would start again
      |
    help: write `label = "variant"` under [arms], or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    let swapped = [(
        "exposed = \"treatment\"\nunexposed = \"control\"",
        "exposed = \"control\"\nunexposed = \"treatment\"",
    )];
    insta::assert_snapshot!(refused("config", &swapped), @r#"
    error[swapped-arms]: the change swaps the arms while the rollout is under way; it was `exposed = "treatment"` and `unexposed = "control"`
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^ harm to those who see the change would count as a gain
      |
    help: write `exposed = "treatment"` and `unexposed = "control"` under [arms], or say why in this change: `reason = "..."` at the top of config.toml

    error[swapped-arms]: the change swaps the arms while the rollout is under way; it was `exposed = "treatment"` and `unexposed = "control"`
     --> rollouts/search.toml:1:1
      |
    1 | owner = "search"
      | ^ harm to those who see the change would count as a gain
      |
    help: write `exposed = "treatment"` and `unexposed = "control"` under [arms], or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("errors_total", "nothing_total")]), @r#"
    error[changed-metric]: the change measures something else for `errors` while the rollout is under way
      --> rollouts/checkout.toml:20:10
       |
    20 | metric = "errors"
       |          ^^^^^^^^ its evidence would start again
       |
    help: write `events = 'errors_total'`, or say why in this change: `reason = "..."` at the top of config.toml

    error[changed-metric]: the change measures something else for `errors` while the rollout is under way
     --> rollouts/search.toml:9:10
      |
    9 | metric = "errors"
      |          ^^^^^^^^ its evidence would start again
      |
    help: write `events = 'errors_total'`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("rollback_alpha = 0.05", "preflight = false\nrollback_alpha = 0.05")]), @r#"
    error[preflight-off]: the change turns `preflight` off
     --> rollouts/config.toml:7:13
      |
    7 | preflight = false
      |             ^^^^^ users would be exposed without a question whether the plan can be judged
      |
    help: remove `preflight = false`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    let windows = CONFIG.split_once("[[windows]]").unwrap().1;
    let windows = windows.split_once("[[freezes]]").unwrap().0;
    insta::assert_snapshot!(refused("config", &[(&format!("[[windows]]{windows}"), "")]), @r#"
    error[removed-windows]: the change removes every window: `mon,tue,wed,thu 09:30-16:00 Europe/Stockholm`
      --> rollouts/config.toml:22:26
       |
    22 | reason = "holiday freeze"
       |                          ^ advances would happen at any time
       |
    help: put them back, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("\"thu\"]", "\"thu\", \"fri\"]")]), @r#"
    error[widened-window]: the change opens a window that no window held: `mon,tue,wed,thu,fri 09:30-16:00 Europe/Stockholm`
      --> rollouts/config.toml:20:8
       |
    20 | days = ["mon", "tue", "wed", "thu", "fri"]
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ open was `mon,tue,wed,thu 09:30-16:00 Europe/Stockholm`
       |
    help: write the windows as they were, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    let freezes = CONFIG.split_once("[[freezes]]").unwrap().1;
    insta::assert_snapshot!(refused("config", &[(&format!("[[freezes]]{freezes}"), "")]), @r#"
    error[removed-freeze]: the change removes the freeze "holiday freeze" until 2027-01-04T00:00:00Z
      --> rollouts/config.toml:23:24
       |
    23 | tz = "Europe/Stockholm"
       |                        ^
       |
    help: put it back, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("2027-01-04", "2026-12-24")]), @r#"
    error[narrowed-freeze]: the change narrows the freeze "holiday freeze" until 2027-01-04T00:00:00Z
      --> rollouts/config.toml:27:9
       |
    27 | until = 2026-12-24T00:00:00Z
       |         ^^^^^^^^^^^^^^^^^^^^ advances would happen where they are stopped now
       |
    help: write `until = 2027-01-04T00:00:00Z`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("from = 2026-12-20", "from = 2026-12-24")]), @r#"
    error[narrowed-freeze]: the change narrows the freeze "holiday freeze" until 2027-01-04T00:00:00Z
      --> rollouts/config.toml:26:8
       |
    26 | from = 2026-12-24T00:00:00Z
       |        ^^^^^^^^^^^^^^^^^^^^ advances would happen where they are stopped now
       |
    help: write `from = 2026-12-20T00:00:00Z`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("guardrails = [\"errors\", \"latency\"]\n", "guardrails = [\"errors\"]\n")]), @r#"
    error[requires-less]: the change lets plans on the surface `checkout` do without `latency`
      --> rollouts/config.toml:16:14
       |
    16 | guardrails = ["errors"]
       |              ^^^^^^^^^^
       |
    help: write `guardrails = ["errors", "latency"]`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
    insta::assert_snapshot!(refused("config", &[("exclusive = true\n", "")]), @r#"
    error[no-longer-exclusive]: the change lets two rollouts be on the surface `checkout` at once
      --> rollouts/config.toml:15:1
       |
    15 | [surfaces.checkout]
       | ^^^^^^^^^^^^^^^^^^^ they would confound each other
       |
    help: write `exclusive = true`, or say why in this change: `reason = "..."` at the top of config.toml
    "#);
}

#[test]
fn a_surface_that_is_left_or_gone() {
    insta::assert_snapshot!(refused("checkout", &[("surface = \"checkout\"\n", "")]), @r#"
    error[left-surface]: the change takes the rollout from the surface `checkout`
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^ what the surface requires would not hold any more
      |
    help: write `surface = "checkout"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    let pull = branch();
    let surface = "[surfaces.checkout]\nguardrails = [\"errors\", \"latency\"]\nexclusive = true\n";
    pull.change("rollouts/config.toml", &CONFIG.replace(surface, ""));
    let path = "rollouts/checkout.toml";
    let plan = pull.world.read(path);
    let plan = plan.replace("surface = \"checkout\"\n", "reason = \"moved\"\n");
    pull.change(path, &plan);
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(2)
    ---- stdout
    warning[left-surface]: the change takes the rollout from the surface `checkout` (reason given: moved)
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^ what the surface requires would not hold any more
    2 | reason = "moved"
      |          ------- the reason given

    error[removed-surface]: the change removes the surface `checkout`
      --> rollouts/config.toml:25:26
       |
    25 | reason = "holiday freeze"
       |                          ^ nothing would be required of plans that touch it
       |
    help: put `[surfaces.checkout]` back, or say why in this change: `reason = "..."` at the top of config.toml

    4 plans: 1 mistake, 1 warning
    ---- stderr
    "#);
}

#[test]
fn a_reason_in_the_settings_lets_them_and_what_they_reach_into_pass() {
    let pull = branch();
    let settings = CONFIG
        .replace("errors_total", "failures_total")
        .replace("exclusive = true\n", "");
    let reason = "reason = \"renamed by the platform team\"\n";
    pull.change("rollouts/config.toml", &format!("{reason}{settings}"));
    insta::assert_snapshot!(pull.validate(), @r#"
    exit: Some(0)
    ---- stdout
    warning[changed-metric]: the change measures something else for `errors` while the rollout is under way (reason given: renamed by the platform team)
      --> rollouts/checkout.toml:20:10
       |
    20 | metric = "errors"
       |          ^^^^^^^^ its evidence would start again

    warning[changed-metric]: the change measures something else for `errors` while the rollout is under way (reason given: renamed by the platform team)
     --> rollouts/search.toml:9:10
      |
    9 | metric = "errors"
      |          ^^^^^^^^ its evidence would start again

    warning[no-longer-exclusive]: the change lets two rollouts be on the surface `checkout` at once (reason given: renamed by the platform team)
      --> rollouts/config.toml:16:1
       |
     1 | reason = "renamed by the platform team"
       |          ------------------------------ the reason given
    ...
    16 | [surfaces.checkout]
       | ^^^^^^^^^^^^^^^^^^^ they would confound each other

    4 plans: 3 warnings
    ---- stderr
    "#);
    // It excuses nothing in a file that the change edits itself.
    pull.edit("\"10%\"", "\"20%\"");
    pull.validate().exits(2);
    // A reason that was there before is none.
    pull.git("checkout --quiet -B main");
    pull.git("checkout --quiet -b next");
    let more = settings.replace("advance_alpha = 0.05", "advance_alpha = 0.2");
    pull.change("rollouts/config.toml", &format!("{reason}{more}"));
    pull.validate().exits(2);
}
