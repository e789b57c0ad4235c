//! Plans that are deleted, alone or with their whole directory.

use super::world::{CONFIG, PENDING, branch};
use crate::gate::pull_request::PullRequest;

#[test]
fn a_deleted_plan_and_a_deleted_directory() {
    let pull = branch();
    pull.git("rm --quiet rollouts/search.toml");
    pull.commit("delete");
    insta::assert_snapshot!(pull.validate(), @r"
    exit: Some(2)
    ---- stdout
    error[deleted-plan]: the change deletes `search`, which exposes 1 % of users
      --> rollouts/search.toml:15:12
       |
    15 | exposure = 1.0
       |            ^^^ nobody would watch over these users any more
       |
    help: let it finish, or take it back first: `rollout rollback search`; then delete it

    4 plans: 1 mistake
    ---- stderr
    ");
    pull.git("rm --quiet -r rollouts");
    pull.commit("delete");
    assert!(!pull.world.path().join("rollouts").exists());
    insta::assert_snapshot!(pull.validate(), @r"
    exit: Some(2)
    ---- stdout
    error[deleted-plan]: the change deletes `checkout`, which exposes 1 % of users
      --> rollouts/checkout.toml:44:12
       |
    44 | exposure = 1.0
       |            ^^^ nobody would watch over these users any more
       |
    help: let it finish, or take it back first: `rollout rollback checkout`; then delete it

    error[deleted-plan]: the change deletes `search`, which exposes 1 % of users
      --> rollouts/search.toml:15:12
       |
    15 | exposure = 1.0
       |            ^^^ nobody would watch over these users any more
       |
    help: let it finish, or take it back first: `rollout rollback search`; then delete it

    2 plans: 2 mistakes
    ---- stderr
    note: the change deletes rollouts as a whole
    ");
    insta::assert_snapshot!(pull.check(), @"
    exit: Some(2)
    ---- stdout
    2 plans: 2 failed. INVALID (exit 2)

    checkout  INVALID: the change of rollouts/checkout.toml since main is refused
      caused by: the change deletes `checkout`, which exposes 1 % of users
      rollouts/checkout.toml

    search  INVALID: the change of rollouts/search.toml since main is refused
      caused by: the change deletes `search`, which exposes 1 % of users
      rollouts/search.toml
    ---- stderr
    note: the change deletes rollouts as a whole
    error[deleted-plan]: the change deletes `checkout`, which exposes 1 % of users
      --> rollouts/checkout.toml:44:12
       |
    44 | exposure = 1.0
       |            ^^^ nobody would watch over these users any more
       |
    help: let it finish, or take it back first: `rollout rollback checkout`; then delete it

    error[deleted-plan]: the change deletes `search`, which exposes 1 % of users
      --> rollouts/search.toml:15:12
       |
    15 | exposure = 1.0
       |            ^^^ nobody would watch over these users any more
       |
    help: let it finish, or take it back first: `rollout rollback search`; then delete it
    ");
    let named = ["validate", "--base", "main", "--dir", "rollouts"];
    assert_eq!(pull.world.run(named), pull.validate());
}

#[test]
fn a_directory_without_rollouts_under_way_may_be_deleted() {
    let pull = PullRequest::with(&[("wallet", PENDING), ("config", CONFIG)]);
    pull.git("rm --quiet -r rollouts");
    pull.commit("delete");
    insta::assert_snapshot!(pull.validate(), @r"
    exit: Some(0)
    ---- stdout
    the change since main touches no plan
    ---- stderr
    note: the change deletes rollouts as a whole
    ");
    insta::assert_snapshot!(pull.check(), @r"
    exit: Some(0)
    ---- stdout
    the change since main touches no plan
    ---- stderr
    note: the change deletes rollouts as a whole
    ");
    // Without a change to judge, it is a missing directory as ever.
    pull.world.run(["validate"]).exits(1);
}
