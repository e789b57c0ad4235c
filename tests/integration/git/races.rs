//! Somebody else pushes: before a command, while it runs, or while the remote was away. Rollbacks and
//! people's words are taken along, the rest is decided again, and exit 0 says that all of it is there.

use super::spared::{NAME, PLAN, Place};

/// A second plan, of which the evidence says that all is well.
const CALM: &str = "rollouts/calm.toml";

impl Place {
    /// Somebody else's clone, in which this line of shell is run and everything committed.
    fn other(&self, line: &str) {
        if !self.rollout.path().join(".git/other").exists() {
            self.git("clone --quiet .git/o.git .git/other");
        }
        self.rollout.write(".git/other.sh", Self::commits(line));
        let ran = self.rollout.command("sh").arg(".git/other.sh").output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }

    fn commits(line: &str) -> String {
        format!(
            "set -e; unset GIT_DIR GIT_INDEX_FILE GIT_PREFIX; cd .git/other; git pull --quiet --ff-only; {line}; git add --all; git commit --quiet -m theirs; git push --quiet"
        )
    }

    /// Somebody else is faster, once: between the look at the remote and the push.
    fn loses_once(&self, line: &str) {
        self.git("clone --quiet .git/o.git .git/other");
        let race = Self::commits(line);
        self.script(
            ".git/hooks/pre-push",
            &format!("[ -e .git/raced ] || {{ touch .git/raced; ({race}) >&2; }}"),
        );
    }

    fn at_origin(&self, file: &str) -> String {
        self.git(&format!("--git-dir=.git/o.git show main:{file}"))
    }

    /// Two plans: the evidence of one proves harm, that of the other lets it go on.
    fn two_plans() -> Self {
        let place = Self::new();
        place.rollout.write(CALM, place.rollout.read(PLAN));
        place.git("add --all");
        place.git("commit --quiet -m calm");
        place.git("push --quiet");
        let example = |name: &str| {
            let path = format!(
                "{}/examples/{name}/snapshot.json",
                env!("CARGO_MANIFEST_DIR")
            );
            std::fs::read_to_string(path).unwrap()
        };
        let calm = example("healthy-advance").replacen(NAME, "calm", 1);
        let snapshots = format!("[{},{calm}]", example("breach-rollback"));
        place.rollout.write(".git/snapshots.json", snapshots);
        place
    }

    fn advance(&self) -> crate::support::Output {
        self.run("advance --snapshot .git/snapshots.json --push")
    }
}

/// The exposure in a plan's state.
fn exposure_in(text: &str) -> &str {
    let state = text.split("[state]").nth(1).unwrap_or_default();
    let line = state
        .lines()
        .find_map(|line| line.strip_prefix("exposure = "));
    line.unwrap_or("none")
}

#[test]
fn a_branch_that_is_behind_is_brought_up_to_date_first() {
    for (verb, status) in [("rollback", "rolled_back"), ("pause", "paused")] {
        let place = Place::new();
        place.other(&format!(
            "sed -i 's/^owner = .*/owner = \"theirs\"/' {PLAN}"
        ));
        let said = place.run(&format!("{verb} {NAME} --push"));
        said.exits(0);
        place.stands(status, status, status);
        assert!(place.at_origin(PLAN).contains("theirs"), "{said}");
        place.run("replay").exits(0);
        assert_eq!(place.git("status --porcelain"), "");
    }
}

#[test]
fn what_waited_through_an_outage_is_applied_to_what_others_made_of_the_plan() {
    for (verb, status) in [("rollback", "rolled_back"), ("pause", "paused")] {
        let place = Place::new();
        let line = format!("{verb} {NAME} --reason bad --push");
        place.rename(".git/o.git", ".git/gone.git");
        place.run(&line).exits(1);
        place.rename(".git/gone.git", ".git/o.git");
        place.other(&format!(
            "sed -i 's/^owner = .*/owner = \"theirs\"/' {PLAN}"
        ));
        let said = place.run(&line);
        said.exits(0);
        place.stands(status, status, status);
        assert!(place.at_origin(PLAN).contains("theirs"), "{said}");
        place.run("replay").exits(0);
        let history = place.run(&format!("history {NAME}"));
        assert!(history.stdout.contains("bad"), "{history}");
        assert_eq!(place.git("status --porcelain"), "");
    }
}

#[test]
fn a_word_that_loses_the_race_is_pushed_on_top_of_what_won() {
    for theirs in [
        "echo 1 >note.txt".to_owned(),
        format!("sed -i 's/^owner = .*/owner = \"theirs\"/' {PLAN}"),
    ] {
        let place = Place::new();
        place.rollout.write("mine.txt", "staged\n");
        place.git("add mine.txt");
        place.loses_once(&theirs);
        let said = place.rollback("--reason bad --push");
        said.exits(0);
        place.stands("rolled_back", "rolled_back", "rolled_back");
        let head = place.git("rev-parse HEAD");
        assert!(said.stdout.contains(&head[..12]), "{said}");
        assert_eq!(place.git("status --porcelain"), "A  mine.txt\n");
        place.run("replay").exits(0);
        assert!(place.git("log --format=%s").contains("theirs"));
    }
}

#[test]
fn who_lets_a_rollout_go_on_must_have_seen_what_others_did() {
    let place = Place::new();
    place.run(&format!("pause {NAME} --push")).exits(0);
    place.rollout.write("flags.json", "0\n");
    place.git("add flags.json");
    place.git("commit --quiet -m flags");
    place.git("push --quiet");
    place.other("echo 2 >flags.json");
    place.rollout.write("flags.json", "1\n");
    let said = place.run(&format!("resume {NAME} --push"));
    said.exits(1);
    assert!(said.stderr.contains("flags.json"), "{said}");
    assert!(said.stderr.contains("nothing was changed"), "{said}");
    place.stands("paused", "paused", "paused");
    assert_eq!(place.rollout.read("flags.json"), "1\n");
    // A stop does not wait for that.
    let said = place.rollback("--push");
    said.exits(1);
    assert!(
        said.stderr.contains("not pushed: one-page-checkout"),
        "{said}"
    );
    place.stands("rolled_back", "rolled_back", "paused");
    place.git("checkout --quiet -- flags.json");
    place.rollback("--push").exits(0);
    place.stands("rolled_back", "rolled_back", "rolled_back");
}

#[test]
fn of_several_plans_in_a_lost_race_the_rollback_stands_and_the_rest_is_decided_again() {
    let place = Place::two_plans();
    place.loses_once(&format!(
        "sed -i 's/^owner = .*/owner = \"theirs\"/' {CALM}"
    ));
    let said = place.advance();
    said.exits(5);
    place.stands("rolled_back", "rolled_back", "rolled_back");
    assert_eq!(exposure_in(&place.at_origin(CALM)), "10.0");
    assert!(place.at_origin(CALM).contains("theirs"), "{said}");
    assert!(said.stdout.contains("Rolled back"), "{said}");
    place.run("replay").exits(0);
    assert_eq!(place.git("status --porcelain"), "");
}

#[test]
fn of_several_plans_that_cannot_be_pushed_the_rollback_is_kept_and_the_rest_taken_back() {
    let place = Place::two_plans();
    place.script(".git/o.git/hooks/pre-receive", "echo protected >&2; exit 1");
    let said = place.advance();
    said.exits(5);
    place.stands("rolled_back", "rolled_back", "progressing");
    assert_eq!(exposure_in(&place.rollout.read(CALM)), "1.0");
    for words in [
        "protected",
        "taken back here: calm",
        "not pushed: one-page-checkout",
    ] {
        assert!(said.stderr.contains(words), "{words}: {said}");
    }
    assert_eq!(place.git("status --porcelain"), "");
    place.script(".git/o.git/hooks/pre-receive", "exit 0");
    // The plan is latched now, and that is not all that was asked for.
    place.advance().exits(3);
    place.stands("rolled_back", "rolled_back", "rolled_back");
    assert_eq!(exposure_in(&place.at_origin(CALM)), "10.0");
}

#[test]
fn a_freeze_that_loses_the_race_takes_a_new_plan_along_that_waits_beside_it() {
    let place = Place::new();
    place.run("new fresh --commit").exits(0);
    place
        .rollout
        .write("rollouts/draft.toml", "# nobody committed this yet\n");
    place.loses_once("echo '# theirs' >>rollouts/config.toml");
    let said = place.run("freeze --until 2030-01-01T00:00:00Z --reason sale --push");
    said.exits(0);
    let settings = place.at_origin("rollouts/config.toml");
    assert!(settings.contains("# theirs"), "{settings}");
    assert_eq!(settings.matches("[[freezes]]").count(), 1, "{settings}");
    assert_eq!(
        place.at_origin("rollouts/fresh.toml"),
        place.rollout.read("rollouts/fresh.toml")
    );
    assert_eq!(place.git("status --porcelain"), "?? rollouts/draft.toml\n");
}

#[test]
fn a_new_plan_that_somebody_else_pushed_too_is_named() {
    let place = Place::new();
    place.rollout.write("rollouts/draft.toml", "# mine\n");
    place.other("echo '# theirs' >rollouts/draft.toml");
    let said = place.run("freeze --until 2030-01-01T00:00:00Z --reason sale --push");
    said.exits(1);
    assert!(said.stderr.contains("rollouts/draft.toml"), "{said}");
    assert_eq!(place.rollout.read("rollouts/draft.toml"), "# mine\n");
}

#[test]
fn what_a_killed_run_left_in_the_folder_of_git_is_gone_after_the_next_run() {
    let place = Place::new();
    let scratch = || {
        let entries = std::fs::read_dir(place.rollout.path().join(".git")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("rollout-")).count()
    };
    let leave = || {
        for name in [
            "rollout-scratch-index-0123456789ab-1",
            "rollout-scratch-index-0123456789ab-1.lock",
            "rollout-scratch-file-0123456789ab-1",
            ".rollout-scratch-file-0123456789ab-1.rollout-Xy12",
        ] {
            place.rollout.write(&format!(".git/{name}"), "left");
        }
    };
    leave();
    place.run(&format!("pause {NAME} --commit")).exits(0);
    assert_eq!(scratch(), 0);
    leave();
    place.other(&format!(
        "sed -i 's/^owner = .*/owner = \"theirs\"/' {PLAN}"
    ));
    place.rollback("--push").exits(0);
    place.stands("rolled_back", "rolled_back", "rolled_back");
    assert_eq!(scratch(), 0);
}
