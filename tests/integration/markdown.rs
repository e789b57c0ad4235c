//! Answers as Markdown, and a page that is opened.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::support::{Rollout, copy};

/// A plan in its first stage, with what Prometheus says of it.
fn healthy() -> Rollout {
    let rollout = Rollout::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/healthy-advance");
    copy(&example, &rollout.path());
    rollout
        .run(["advance", "--snapshot", "before.json"])
        .exits(0);
    rollout
}

#[test]
fn check_status_and_report_say_the_same_as_markdown() {
    let rollout = healthy();
    let asked = ["--snapshot", "snapshot.json", "--format", "markdown"];
    let check = rollout.run(["check"].iter().chain(&asked));
    check.exits(0);
    assert!(check.stdout.starts_with("## rollout: GO\n\n### one-page-checkout\n\n**Would advance from 1 % to 10 %, stage 2 of 3**\n"), "{check}");
    assert!(
        check
            .stdout
            .contains("| checkout-errors | pass | 1.05 % (909/87k) |"),
        "{check}"
    );
    let report = rollout.run(["report"].iter().chain(&asked));
    report.exits(0);
    assert_eq!(
        report.stdout.replace("rollout: status", "rollout: GO"),
        check.stdout
    );
    let file = rollout.run(["report", "--out", "report.md"].iter().chain(&asked));
    file.exits(0);
    assert_eq!(rollout.read("report.md"), report.stdout);
    let status = rollout.run(["status", "--format", "markdown"]);
    status.exits(0);
    assert!(
        status
            .stdout
            .contains("| one-page-checkout | ▸ 1 · 10 · 100 | 1 % |"),
        "{status}"
    );
    for (command, told) in [
        (&["explain", "one-page-checkout"][..], "has no Markdown"),
        (&["report", "--offline"], "what Prometheus says now"),
    ] {
        let refused = rollout.run(command.iter().chain(&["--format", "markdown"]));
        refused.exits(2);
        assert!(refused.stderr.contains(told), "{refused}");
    }
}

#[test]
fn a_page_is_opened_or_the_trouble_told() {
    let rollout = healthy();
    let report = [
        "report",
        "one-page-checkout",
        "--snapshot",
        "snapshot.json",
        "--open",
    ];
    let programs = rollout.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let run = |path: &str| {
        let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
        command.env("PATH", path).args(report).output().unwrap()
    };
    let nothing = run(&programs.display().to_string());
    assert!(nothing.status.success(), "{nothing:?}");
    let told = String::from_utf8_lossy(&nothing.stderr).into_owned();
    assert!(
        told.contains("no browser could be started for one-page-checkout.html"),
        "{told}"
    );
    // What a desktop has under this name starts a browser; this one writes down what it was told.
    let browser = programs.join("xdg-open");
    std::fs::write(&browser, "#!/bin/sh\necho \"$1\" >opened\n").unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let opened = run(&path);
    assert!(opened.status.success(), "{opened:?}");
    assert!(
        rollout
            .read("opened")
            .trim()
            .ends_with("/one-page-checkout.html")
    );
}
