//! A repository with rollouts of every kind, and what the gate says of a change that it refuses.

use crate::gate::pull_request::PullRequest;

pub(super) const CONFIG: &str = r#"[arms]
label = "variant"
exposed = "treatment"
unexposed = "control"

[judge]
rollback_alpha = 0.05
advance_alpha = 0.05
block = "5m"

[metrics.errors]
category = "reliability"
ratio = { events = 'errors_total', total = 'requests_total' }

[surfaces.checkout]
guardrails = ["errors", "latency"]
exclusive = true

[[windows]]
days = ["mon", "tue", "wed", "thu"]
from = "09:30"
to = "16:00"
tz = "Europe/Stockholm"

[[freezes]]
from = 2026-12-20T00:00:00Z
until = 2027-01-04T00:00:00Z
reason = "holiday freeze"
"#;

pub(super) const CHECKOUT: &str = r#"owner = "payments"
surface = "checkout"
after = ["wallet >= 50"]
require_success = true

[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"
approval = true

[[stages]]
exposure = 10
min_duration = "24h"

[[stages]]
exposure = 100

[[guardrails]]
metric = "errors"
margin = "10%"
limit = "2%"
on_no_data = "rollback"
no_data_timeout = "1h"

[[guardrails]]
name = "latency"
category = "experience"
margin = "25%"
latency = { histogram = 'seconds_bucket', quantile = 0.99 }

[[guardrails]]
name = "orders"
category = "business"
role = "success"
ratio = { events = 'orders_total', total = 'carts_total', worse = "lower" }

[assignment]
users = 'assignments_total'
"#;

pub(super) const SEARCH: &str = r#"owner = "search"

[ramp]
from = 1
to = 100
over = "7d"

[[guardrails]]
metric = "errors"
margin = "10%"
"#;

pub(super) const STATE: &str = r#"
[state]
status = "progressing"
stage = 1
exposure = 1.0
entered_at = 2026-11-22T12:00:00Z
declared = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
"#;

pub(super) const PENDING: &str = "owner = \"a\"\n\n[[stages]]\nexposure = 1\n\n[[guardrails]]\nmetric = \"errors\"\nmargin = \"10%\"\n";

/// A branch from a repository with rollouts of every kind.
pub(super) fn branch() -> PullRequest {
    let latched = STATE
        .replace("progressing", "rolled_back")
        .replace("exposure = 1.0", "exposure = 0.0");
    PullRequest::with(&[
        ("config", CONFIG),
        ("checkout", &format!("{CHECKOUT}{STATE}")),
        ("search", &format!("{SEARCH}{STATE}")),
        ("latched", &format!("{PENDING}{latched}")),
        ("wallet", PENDING),
    ])
}

/// What the gate says of a change that it lets pass and points out: a plan's text by another.
pub(super) fn pointed_out(before: &str, after: &str) -> String {
    let pull = PullRequest::with(&[("config", CONFIG), ("sketch", before)]);
    pull.change("rollouts/sketch.toml", after);
    let said = pull.world.run(["validate", "--base", "main"]);
    said.exits(0);
    said.stdout.trim_end().to_owned()
}

/// What the gate says of a change that is refused: in this file, this text by that.
pub(super) fn refused(name: &str, changes: &[(&str, &str)]) -> String {
    let pull = branch();
    let path = format!("rollouts/{name}.toml");
    let mut text = pull.world.read(&path);
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    pull.change(&path, &text);
    let now = ["--now", "2026-11-23T12:00:00Z"];
    let said = pull
        .world
        .run(["validate", "--base", "main"].iter().chain(&now));
    said.exits(2);
    // So does `check`, whose exit code is 1 where the change lets plans be asked that cannot be.
    let check = pull
        .world
        .run(["check", "--base", "main"].iter().chain(&now));
    assert!(matches!(check.code, Some(1 | 2)), "{check}");
    let (mistakes, _) = said.stdout.trim_end().rsplit_once("\n\n").unwrap();
    assert!(check.stderr.contains(mistakes), "{check}");
    mistakes.to_owned()
}
