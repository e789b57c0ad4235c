//! The pages of `report` in a browser: axe-core finds nothing that keeps anybody from reading them, on a
//! telephone and on a desk. Needs Chromium, and `ROLLOUT_AXE` with the path of `axe.min.js` (npm:
//! axe-core); says so where they are not there.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::support::{Rollout, copy};

/// Runs when the page is there and leaves what it found as the whole of the document.
const ASK: &str = r"
axe.run().then(found => {
  const said = found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' '));
  document.body.textContent = JSON.stringify({passes: found.passes.length, violations: said});
});";

fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| {
            let asked = Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            asked.is_ok_and(|status| status.success())
        })
}

/// What axe-core finds on a page in a window of this width.
fn found(browser: &str, axe: &str, page: &Path, width: u32) -> Value {
    let text = std::fs::read_to_string(page).unwrap();
    let asking = page.with_extension("asking.html");
    std::fs::write(
        &asking,
        format!("{text}<script>{axe}</script><script>{ASK}</script>"),
    )
    .unwrap();
    let profile = page.with_extension("profile");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg("--virtual-time-budget=60000")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--window-size={width},900"))
        .arg(format!("file://{}", asking.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout);
    let body = dom.split("<body>").nth(1).unwrap().split("</body>").next();
    let told = body.unwrap().replace("&lt;", "<").replace("&gt;", ">");
    serde_json::from_str(&told.replace("&amp;", "&")).unwrap()
}

#[test]
fn axe_finds_nothing_on_any_page() {
    let (Some(browser), Some(axe)) = (chromium(), std::env::var_os("ROLLOUT_AXE")) else {
        eprintln!("SKIPPED: needs Chromium, and ROLLOUT_AXE=.../axe-core/axe.min.js");
        return;
    };
    let axe = std::fs::read_to_string(axe).unwrap();
    for example in ["healthy-advance", "breach-rollback", "no-data"] {
        let rollout = Rollout::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join("examples").join(example), &rollout.path());
        rollout.run(["advance", "--snapshot", "before.json"]);
        let now = ["--snapshot", "snapshot.json"];
        let live = [
            &["report", "one-page-checkout", "--out", "live.html"][..],
            &now,
        ]
        .concat();
        rollout.run(live).exits(0);
        rollout.run([&["advance"][..], &now].concat());
        let late = ["--offline", "--now", "2026-11-24T12:00:00Z"];
        let alone = [
            &["report", "one-page-checkout", "--out", "late.html"][..],
            &late,
        ]
        .concat();
        rollout.run(alone).exits(0);
        rollout
            .run([&["report", "--all"][..], &late].concat())
            .exits(0);
        for page in ["live.html", "late.html", "rollout-report/index.html"] {
            for width in [390, 1280] {
                let found = found(browser, &axe, &rollout.path().join(page), width);
                assert_eq!(
                    found["violations"],
                    Value::Array(Vec::new()),
                    "{example} {page} {width}"
                );
                assert!(found["passes"].as_u64().unwrap() > 10, "{found}");
            }
        }
    }
}
