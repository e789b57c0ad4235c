//! A state that no command wrote.

use super::world::{STATE, refused};

#[test]
fn states_that_no_command_wrote() {
    insta::assert_snapshot!(refused("wallet", &[("\"10%\"\n", &format!("\"10%\"\n{STATE}"))]), @r"
    error[state-by-hand]: the change exposes 1 % of users by hand
      --> rollouts/wallet.toml:13:12
       |
    13 | exposure = 1.0
       |            ^^^ no evidence stands behind this
       |
    help: remove `[state]`; `rollout advance wallet` enters stage 1 and records why
    ");
    insta::assert_snapshot!(refused("checkout", &[(STATE, "")]), @r"
    error[state-removed]: the change removes `[state]`, which said progressing in stage 1 at 1 %
      --> rollouts/checkout.toml:39:28
       |
    39 | users = 'assignments_total'
       |                            ^ `[state]` was here
       |
    help: put it back; `rollout rollback checkout` takes the change from all users
    ");
    insta::assert_snapshot!(refused("latched", &[("rolled_back", "progressing"), ("exposure = 0.0", "exposure = 1.0")]), @r#"
    error[latch-lifted]: the change lifts the rollback of `latched` by hand
      --> rollouts/latched.toml:11:10
       |
    11 | status = "progressing"
       |          ^^^^^^^^^^^^^ was rolled_back
    12 | stage = 1
    13 | exposure = 1.0
       |            --- `exposure` was 0
       |
    help: restore `[state]` as it was; `rollout retry latched --reason ...` starts again and records why
    "#);
    insta::assert_snapshot!(refused("checkout", &[("stage = 1", "stage = 3"), ("exposure = 1.0", "exposure = 100.0")]), @r"
    error[skipped-stage]: the change skips from stage 1 to stage 3
      --> rollouts/checkout.toml:43:9
       |
    43 | stage = 3
       |         ^ was 1
    44 | exposure = 100.0
       |            ----- `exposure` was 1
       |
    help: restore `[state]` as it was; `rollout advance checkout` takes one stage at a time, on evidence
    ");
    insta::assert_snapshot!(refused("checkout", &[("stage = 1", "stage = 2"), ("exposure = 1.0", "exposure = 10.0")]), @r"
    error[exposure-raised]: the change raises the exposure to 10 % without evidence
      --> rollouts/checkout.toml:44:12
       |
    43 | stage = 2
       |         - `stage` was 1
    44 | exposure = 10.0
       |            ^^^^ was 1
       |
    help: restore `[state]` as it was; `rollout advance checkout` raises it on evidence, and commits the evidence with it
    ");
    let approval = "approval = { by = \"person:eve\", at = 2026-11-22T13:00:00Z }\n";
    insta::assert_snapshot!(refused("checkout", &[(STATE, &format!("{STATE}{approval}"))]), @r#"
    error[approval-by-hand]: the change writes or removes an approval by hand
      --> rollouts/checkout.toml:47:12
       |
    47 | approval = { by = "person:eve", at = 2026-11-22T13:00:00Z }
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ was not there
       |
    help: restore `[state]` as it was; `rollout approve checkout` records who and when
    "#);
    insta::assert_snapshot!(refused("checkout", &[("2026-11-22T12", "2026-11-20T12")]), @r"
    error[state-edited]: the change edits `[state]` by hand
      --> rollouts/checkout.toml:45:14
       |
    45 | entered_at = 2026-11-20T12:00:00Z
       |              ^^^^^^^^^^^^^^^^^^^^ was 2026-11-22T12:00:00Z
       |
    help: restore `[state]` as it was; commands such as `rollout pause checkout` and `rollout rollback checkout` change it and record why
    ");
}
