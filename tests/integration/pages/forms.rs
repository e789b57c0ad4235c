//! The stories: plans in the states in which people open their pages.

use serde_json::Value;

use super::super::support::Rollout;
use super::scene::{Scene, at, calm};

const STAGES: [f64; 4] = [1.0, 10.0, 50.0, 100.0];
const GUARDRAILS: [&str; 3] = ["errors", "latency", "orders"];

/// Pages that [`usual`] makes.
pub(super) const USUAL: usize = 6;

/// Four plans, each on its page, and their index with two more: `pages/`.
pub(super) fn usual() -> Rollout {
    let mut scene = Scene::new(5);
    let rollout = &scene.rollout;
    rollout.write("rollouts/torn.toml", "exposure = 3\n");
    for name in ["breach", "healthy", "no-data", "rolled-back", "pending"] {
        scene.staged(name, &STAGES, &GUARDRAILS);
    }
    let harmed = |guardrail: &str, hours: f64| {
        let factor = if guardrail == "errors" && hours > 6.0 {
            1.9
        } else {
            1.0
        };
        Some(factor)
    };
    let silent = |guardrail: &str, hours: f64| match guardrail {
        "errors" => Some(1.0).filter(|_| hours < 6.0 || (7.0..9.0).contains(&hours)),
        "orders" => None,
        _ => Some(1.0),
    };
    for name in ["breach", "healthy", "no-data", "rolled-back"] {
        scene.advance(name, 0.0, &calm).exits(0);
        scene.advance(name, 4.0, &calm).exits(0);
    }
    let by_person = [
        ("pause", 5.0, "the shop has its <sale>"),
        ("resume", 5.5, "the sale is over"),
    ];
    for (command, hours, reason) in by_person {
        let now = at(hours);
        let args = [command, "healthy", "--reason", reason, "--now", &now];
        scene.rollout.run(args).exits(0);
    }
    scene.advance("healthy", 9.0, &calm).exits(0);
    scene.advance("rolled-back", 9.0, &harmed).exits(5);
    let snapshots: Vec<Value> = [
        scene.snapshot("breach", 11.0, &harmed),
        scene.snapshot("healthy", 11.0, &calm),
        scene.snapshot("no-data", 11.0, &silent),
    ]
    .into_iter()
    .flatten()
    .collect();
    scene
        .rollout
        .write("snapshots.json", Value::Array(snapshots).to_string());
    scene
        .rollout
        .run(["report", "--snapshot", "snapshots.json", "--out", "pages"])
        .exits(2);
    scene.rollout
}

/// Six guardrails in the last of four stages: `pages/six.html`.
pub(super) fn six() -> Rollout {
    let mut scene = Scene::new(5);
    let guardrails = [
        "errors",
        "errors-of-search",
        "latency",
        "latency-of-search",
        "orders",
        "orders-of-gifts",
    ];
    scene.staged("six", &[1.0, 5.0, 25.0, 50.0], &guardrails);
    for day in 0..4 {
        scene.advance("six", 4.0 * f64::from(day), &calm).exits(0);
    }
    page(scene, "six", 15.5, &calm)
}

/// A ramp in its first minutes: `pages/young.html`.
pub(super) fn young() -> Rollout {
    let mut scene = Scene::new(5);
    scene.ramp("young", "48h", "1h", &GUARDRAILS);
    scene.advance("young", 0.0, &calm).exits(0);
    let snapshot = scene.snapshot("young", 0.1, &calm).unwrap();
    scene.rollout.write("young.json", snapshot.to_string());
    let now = at(0.1);
    let args = [
        "report",
        "young",
        "--snapshot",
        "young.json",
        "--now",
        &now,
        "--out",
        "pages/young.html",
    ];
    std::fs::create_dir_all(scene.rollout.path().join("pages")).unwrap();
    scene.rollout.run(args).exits(0);
    scene.rollout
}

/// A ramp after a week: `pages/week.html`.
pub(super) fn week() -> Rollout {
    let mut scene = Scene::new(60);
    scene.ramp("week", "14d", "12h", &GUARDRAILS);
    for turn in 0..14 {
        let _ = scene.advance("week", 12.0 * f64::from(turn), &calm);
    }
    page(scene, "week", 168.0, &calm)
}

/// Twelve plans with an index: `wall/`.
pub(super) fn twelve() -> Rollout {
    let mut scene = Scene::new(5);
    let names = [
        "address-book",
        "checkout",
        "coupons",
        "gift-cards",
        "invoices",
        "new-cart",
        "one-page-payment",
        "order-history",
        "recommendations",
        "search-ranking",
        "shipping",
        "wish-list-of-the-whole-household",
    ];
    for name in names {
        scene.staged(name, &STAGES, &GUARDRAILS);
    }
    let harmed = |_: &str, hours: f64| Some(if hours > 1.0 { 2.5 } else { 1.0 });
    for (index, name) in names.iter().enumerate().skip(2) {
        let _ = scene.advance(name, 0.0, &calm);
        if index % 4 == 0 {
            let _ = scene.advance(name, 3.0, &harmed);
        } else if index % 4 == 1 {
            let _ = scene.advance(name, 4.0, &calm);
        }
    }
    let args = ["report", "--offline", "--out", "wall", "--now", &at(5.0)];
    let _ = scene.rollout.run(args);
    scene.rollout
}

fn page(mut scene: Scene, name: &str, hours: f64, harm: super::scene::Harm<'_>) -> Rollout {
    let snapshot = scene.snapshot(name, hours, harm).unwrap();
    scene.rollout.write("snapshot.json", snapshot.to_string());
    std::fs::create_dir_all(scene.rollout.path().join("pages")).unwrap();
    let (now, out) = (at(hours), format!("pages/{name}.html"));
    let args = [
        "report",
        name,
        "--snapshot",
        "snapshot.json",
        "--now",
        &now,
        "--out",
        &out,
    ];
    scene.rollout.run(args).exits(0);
    scene.rollout
}
