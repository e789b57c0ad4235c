//! After a plan has its new text, it is done, whatever the disk or git then say.

use std::io::Write as _;
use std::process::Command;

use super::spared::{NAME, Place};

/// Fails to flush the folder of the plans, and only that.
const NO_FLUSH: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int fsync(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        const char *name = strrchr(path, '/');
        if (name && !strcmp(name, "/rollouts")) { errno = EIO; return -1; }
    }
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return real(fd);
}
"#;

/// A library with this text; `None`, said aloud, where nothing can compile it.
fn library(place: &Place) -> Option<String> {
    place.rollout.write(".git/flush.c", NO_FLUSH);
    let path = place.rollout.path().join(".git/flush.so");
    let path = path.display().to_string();
    let mut compiler: Command = place.rollout.command("gcc");
    compiler.args(["-shared", "-fPIC", "-o", &path, ".git/flush.c", "-ldl"]);
    match compiler.output() {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            Some(path)
        }
        Err(error) => {
            let notice = format!("skipped: no disk can be made to fail without gcc: {error}\n");
            std::io::stderr().write_all(notice.as_bytes()).unwrap();
            None
        }
    }
}

#[test]
fn a_disk_that_does_not_confirm_the_name_of_a_plan_takes_nothing_back() {
    for (verb, status) in [("rollback", "rolled_back"), ("pause", "paused")] {
        let mut place = Place::new();
        let Some(path) = library(&place) else { return };
        place.rollout = place.rollout.variable("LD_PRELOAD", &path);
        let said = place.run(&format!("{verb} {NAME} --reason bad --push"));
        said.exits(1);
        assert!(
            said.stderr
                .contains("is written, but not known to outlive a power cut"),
            "{said}"
        );
        place.stands(status, status, status);
        place.rollout = place.rollout.variable("LD_PRELOAD", "");
        place.run("replay").exits(0);
        assert_eq!(place.git("status --porcelain"), "");
        place.run(&format!("{verb} {NAME} --push")).exits(0);
    }
}

#[test]
fn git_that_fails_right_after_its_commit_undoes_nothing() {
    // A few failures are asked through; one that does not end leaves what may be published alone.
    for (failures, codes) in [(1, [0, 0]), (3, [0, 0]), (1_000, [1, 0])] {
        for (verb, status) in [("rollback", "rolled_back"), ("pause", "paused")] {
            let mut place = Place::new();
            place.script(
                ".git/bin/git",
                &format!(
                    r#"PATH=${{PATH#*:}}; left=$(cat .git/left 2>/dev/null || echo 0)
case " $* " in
*" rev-parse --verify --quiet HEAD "*)
    if [ "$left" -gt 0 ]; then echo $((left - 1)) >.git/left; echo broken >&2; exit 128; fi ;;
*" commit "*) git "$@" || exit; echo {failures} >.git/left; exit 0 ;;
esac
exec git "$@""#
                ),
            );
            #[expect(
                clippy::disallowed_methods,
                reason = "the rest of the path is the machine's"
            )]
            let path = std::env::var("PATH").unwrap();
            let first = place.rollout.path().join(".git/bin").display().to_string();
            place.rollout = place.rollout.variable("PATH", &format!("{first}:{path}"));
            let line = format!("{verb} {NAME} --commit");
            let said = place.run(&line);
            place.rollout = place.rollout.variable("PATH", &path);
            said.exits(codes[0]);
            place.stands(status, status, "progressing");
            assert_eq!(place.git("status --porcelain"), "", "{said}");
            place.run(&line).exits(codes[1]);
            place.run(&format!("{verb} {NAME} --push")).exits(0);
            place.stands(status, status, status);
            place.run("replay").exits(0);
        }
    }
}

fn no_upstream(place: &Place) {
    place.git("branch --unset-upstream");
}

fn other_work(place: &Place) {
    place.rollout.write("notes.txt", "mine\n");
    place.git("add notes.txt");
    place.git("commit --quiet -m mine");
}

#[test]
fn a_rollback_that_cannot_be_pushed_is_committed_at_once() {
    let cases = [
        (
            no_upstream as fn(&Place),
            "has no upstream",
            "push --quiet -u origin main",
        ),
        (
            other_work as fn(&Place),
            "not rollout's own",
            "push --quiet",
        ),
    ];
    for (prevent, why, cure) in cases {
        let place = Place::new();
        prevent(&place);
        let said = place.rollback("--reason bad --push");
        said.exits(1);
        assert!(said.stderr.contains(why), "{said}");
        assert!(
            said.stderr.contains("committed here, but not pushed"),
            "{said}"
        );
        assert!(!said.stderr.contains("not committed"), "{said}");
        place.stands("rolled_back", "rolled_back", "progressing");
        assert_eq!(place.git("status --porcelain"), "");
        place.rollback("--push").exits(1);
        place.git(cure);
        place.rollback("--push").exits(0);
        place.stands("rolled_back", "rolled_back", "rolled_back");
    }
}

#[test]
fn a_full_disk_leaves_the_index_as_it_was() {
    let mut place = Place::new();
    place.rollout.write("mine.txt", "staged\n");
    place.git("add mine.txt");
    // It fills up after the new file was announced: neither the commit nor the way back has space.
    place.script(
        ".git/bin/git",
        r#"PATH=${PATH#*:}
case " $* " in
*" commit "* | *" rm --cached "*) echo "fatal: unable to write new index file" >&2; exit 128 ;;
esac
exec git "$@""#,
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "the rest of the path is the machine's"
    )]
    let path = std::env::var("PATH").unwrap();
    let first = place.rollout.path().join(".git/bin").display().to_string();
    place.rollout = place.rollout.variable("PATH", &format!("{first}:{path}"));
    let said = place.run(&format!("pause {NAME} --commit"));
    place.rollout = place.rollout.variable("PATH", &path);
    said.exits(1);
    assert!(said.stderr.contains("nothing was changed"), "{said}");
    place.stands("progressing", "progressing", "progressing");
    assert_eq!(place.git("status --porcelain"), "A  mine.txt\n");
    place.run(&format!("pause {NAME} --commit")).exits(0);
    assert_eq!(place.git("status --porcelain"), "A  mine.txt\n");
}
