//! Targets that cannot be written, each with what is said of it; and rollbacks, which lower the others.

use super::world::{FLAGS, MAP, PLAN, SPLIT, World, plan};

#[test]
fn a_rollback_lowers_the_targets_of_a_plan_with_mistakes() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.edit(PLAN, "margin = \"10%\"", "margin = \"10 apples\"");
    insta::assert_snapshot!("mistaken_plan_sync", world.run("sync"));
    world.shows([5.0; 4]);
    insta::assert_snapshot!("mistaken_plan_rollback", world.run("rollback checkout"));
    world.shows([0.0; 4]);
}

#[test]
fn a_rollback_lowers_targets_although_git_is_in_the_middle_of_something() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.rollout.write(".git/MERGE_HEAD", "");
    world.run("rollback checkout --commit").exits(1);
    world.shows([0.0; 4]);
}

#[test]
fn an_unreadable_target_holds_advances_and_a_rollback_lowers_the_others() {
    let world = World::new();
    world
        .rollout
        .write(SPLIT, "{ \"canary\": \"{{ share }}\", \"stable\": 100 }\n");
    world.git("commit --quiet -am template");
    insta::assert_snapshot!("unreadable_advance", world.run("advance --commit"));
    insta::assert_snapshot!("unreadable_validate", world.run("validate"));
    world
        .rollout
        .write(SPLIT, "{ \"canary\": 0, \"stable\": 100 }\n");
    world.git("commit --quiet -am number");
    world.run("advance --commit").exits(0);
    world
        .rollout
        .write(SPLIT, "{ \"canary\": five, \"stable\": 95 }\n");
    insta::assert_snapshot!("unreadable_rollback", world.run("rollback checkout"));
    assert!(world.rollout.read(MAP).contains("checkout 0"));
    assert!(world.rollout.read(PLAN).contains("rolled_back"));
    // The next run that can writes it.
    world
        .rollout
        .write(SPLIT, "{ \"canary\": 5, \"stable\": 95 }\n");
    world.run("advance").exits(3);
    world.shows([0.0; 4]);
}

#[test]
fn changes_of_others_in_a_target_are_never_committed() {
    let world = World::new();
    world.edit(
        FLAGS,
        "\"search\": { \"state\": \"ENABLED\"",
        "\"search\": { \"state\": \"DISABLED\"",
    );
    insta::assert_snapshot!("dirty_advance", world.run("advance --commit"));
    world.shows([0.0; 4]);
    world.git("commit --quiet -am search");
    world.run("advance --commit").exits(0);
    world.edit(
        FLAGS,
        "\"search\": { \"state\": \"DISABLED\"",
        "\"search\": { \"state\": \"ENABLED\"",
    );
    let rollback = world.run("rollback checkout --commit");
    insta::with_settings!({filters => vec![("commit    [0-9a-f]{12}", "commit    [digits]")]}, {
        insta::assert_snapshot!("dirty_rollback", rollback);
    });
    world.shows([0.0; 4]);
    // The plan and its clean targets are in the commit, and nothing of the other one.
    assert!(
        world
            .git("show HEAD:rollouts/checkout.toml")
            .contains("rolled_back")
    );
    assert!(
        world
            .git("show HEAD:routes/split.json")
            .contains("\"canary\": 0")
    );
    assert!(
        world
            .git("show HEAD:flags/shop.json")
            .contains("[\"on\", 5]")
    );
    assert!(world.git("diff HEAD").contains("search"));
}

#[test]
fn a_target_outside_of_the_work_tree_is_not_written() {
    let target =
        "\n[[targets]]\nhaproxy = { file = \"../../elsewhere.map\", key = \"checkout\" }\n";
    let world = World::with(&plan(target));
    insta::assert_snapshot!("outside_advance", world.run("advance"));
    insta::assert_snapshot!("outside_validate", world.run("validate"));
    assert!(!world.rollout.path().join("../elsewhere.map").exists());
}

#[test]
fn a_link_out_of_the_work_tree_is_not_followed() {
    let world = World::new();
    let map = world.rollout.path().join(MAP);
    let outside = world.rollout.path().join("../outside.map");
    std::fs::rename(&map, &outside).unwrap();
    std::os::unix::fs::symlink(&outside, &map).unwrap();
    world.git("commit --quiet -am link");
    insta::assert_snapshot!("link_advance", world.run("advance"));
    insta::assert_snapshot!("link_validate", world.run("validate"));
    // Nor into what git keeps for itself.
    std::fs::remove_file(&map).unwrap();
    std::os::unix::fs::symlink("../.git/config", &map).unwrap();
    world.run("sync --check").exits(2);
}

#[test]
fn two_plans_on_one_flag_are_a_mistake_and_two_on_one_file_are_not() {
    let target = |flag: &str| {
        plan(&format!(
            "\n[[targets]]\nflagd = {{ file = \"../flags/shop.json\", flag = \"{flag}\", variant = \"on\" }}\n"
        ))
    };
    let world = World::with(&target("checkout"));
    world
        .rollout
        .write("rollouts/search.toml", target("checkout"));
    insta::assert_snapshot!("two_plans_on_one_flag", world.run("validate"));
    let flags = world.rollout.read(FLAGS).replace(
        "\"defaultVariant\": \"off\" },",
        "\"defaultVariant\": \"off\", \"targeting\": { \"fractional\": [[\"on\", 0], [\"off\", 100]] } },",
    );
    world.rollout.write(FLAGS, flags);
    world
        .rollout
        .write("rollouts/search.toml", target("search"));
    world.git("add --all");
    world.git("commit --quiet -m two");
    world.run("advance --commit").exits(0);
    world.run("sync --check").exits(0);
    assert_eq!(world.git("rev-list --count HEAD").trim(), "4");
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_rollback_tells_of_a_target_that_it_cannot_read_from_the_plan() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.edit(PLAN, "json = { file =", "json = { fil =");
    insta::assert_snapshot!("lost_target", world.run("rollback checkout"));
    world.shows([0.0, 0.0, 5.0, 0.0]);
}

#[test]
fn a_target_that_names_the_other_arm_is_a_mistake_before_anybody_is_exposed() {
    let world = World::new();
    world.edit(PLAN, "variant = \"on\"", "variant = \"off\"");
    insta::assert_snapshot!("other_arm_validate", world.run("validate"));
    let advance = world.run("advance");
    advance.exits(3);
    assert!(!advance.stdout.contains("rollout rollback"), "{advance}");
    world.shows([0.0; 4]);
}

#[test]
fn two_targets_on_one_place_are_found_through_a_link_and_by_another_kind() {
    let world = World::new();
    let text = world.rollout.read(PLAN);
    let (head, _) = text.split_once("[[targets]]").unwrap();
    let link = world.rollout.path().join("flags/link.json");
    std::os::unix::fs::symlink("shop.json", link).unwrap();
    let flag = "flag = \"checkout\", variant = \"on\"";
    let at = "exposed = \"/flags/checkout/targeting/fractional/0/1\", scale = 100";
    for (name, target) in [
        (
            "linked",
            format!("flagd = {{ file = \"../flags/link.json\", {flag} }}"),
        ),
        (
            "pointed",
            format!("json = {{ file = \"../flags/shop.json\", {at} }}"),
        ),
    ] {
        let file = format!("rollouts/{name}.toml");
        world
            .rollout
            .write(&file, format!("{head}[[targets]]\n{target}\n"));
        insta::assert_snapshot!(
            format!("shared_place_{name}"),
            world.run(&format!("validate {name}"))
        );
        world.run("advance").exits(2);
        world.shows([0.0; 4]);
        std::fs::remove_file(world.rollout.path().join(file)).unwrap();
    }
    world.run("validate").exits(0);
}

#[test]
fn a_target_that_no_commit_can_hold_is_told() {
    let world = World::new();
    world.git("rm --quiet --cached routes/checkout.map");
    world.rollout.write(".gitignore", "*.map\n");
    world.git("add .gitignore");
    world.git("commit --quiet -m ignore");
    insta::assert_snapshot!("ignored_validate", world.run("validate"));
    let advance = world.run("advance --commit");
    advance.exits(0);
    assert!(
        advance
            .stderr
            .contains("in no commit: routes/checkout.map is ignored by git"),
        "{advance}"
    );
    world.shows([5.0; 4]);
    world.rollout.write("routes/.git", "gitdir: elsewhere\n");
    insta::assert_snapshot!("nested_validate", world.run("validate"));
    // Users come first.
    let rollback = world.run("rollback checkout --commit");
    assert!(
        rollback.stderr.contains("another git repository"),
        "{rollback}"
    );
    world.shows([0.0; 4]);
}

#[test]
fn a_target_in_a_directory_that_is_not_there_is_told_with_its_cure() {
    let world = World::new();
    world.edit(PLAN, "../routes/checkout.map", "../nowhere/checkout.map");
    insta::assert_snapshot!("no_folder", world.run("validate"));
    world.rollout.write("nowhere/.keep", "");
    world.run("validate").exits(0);
}
