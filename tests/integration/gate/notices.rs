//! Who is told of a transition, and that a failure to tell changes nothing.

use serde_json::Value;

use super::pull_request::PullRequest;
use crate::support::wire::{Reply, Wire};
use crate::support::{Output, Rollout};

/// A pending plan: entering its first stage needs no data.
const PENDING: &str = r#"owner = "payments"

[[stages]]
exposure = 1

[[stages]]
exposure = 100

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

const NOW: &str = "2026-11-23T09:00:00Z";

fn told_in(format: &str, url: &str) -> Rollout {
    Rollout::new()
        .file("rollouts/checkout.toml", PENDING)
        .file(
            "rollouts/config.toml",
            &format!("[judge]\npreflight = false\n\n[[notify]]\nurl_env = \"HOOK\"\nformat = \"{format}\"\n"),
        )
        .variable("HOOK", url)
}

fn advance(world: &Rollout) -> Output {
    world.run(["advance", "--now", NOW])
}

/// The body of a request.
fn body(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn programs_are_told_in_json_and_only_of_transitions() {
    let hook = Wire::start(vec![Reply::http("204 No Content", "")]);
    let world = told_in("json", hook.url());
    world.run(["advance", "--dry-run", "--now", NOW]).exits(0);
    world.run(["check", "--now", NOW]).exits(0);
    assert_eq!(hook.requests().len(), 0);
    advance(&world).exits(0);
    let told = hook.requests();
    assert_eq!(told.len(), 1);
    let body = body(&told[0]);
    assert_eq!(body["format"], "rollout-notification/1");
    assert_eq!(
        (&body["plan"], &body["decision"]),
        (&"checkout".into(), &"advance".into())
    );
    assert_eq!((&body["from"], &body["to"]), (&0.0.into(), &1.0.into()));
    assert_eq!(body["at"], NOW);
}

#[test]
fn a_persons_word_is_told_once() {
    let hook = Wire::start(vec![Reply::http("200 OK", "ok")]);
    let world = told_in("slack", hook.url());
    for _ in 0..2 {
        world
            .run(["rollback", "checkout", "--reason", "a <bug>", "--now", NOW])
            .exits(0);
    }
    let told = hook.requests();
    assert_eq!(told.len(), 1);
    let body = body(&told[0]);
    let text = body["text"].as_str().unwrap();
    assert!(
        text.contains("checkout") && text.contains("by ann"),
        "{text}"
    );
    assert!(!text.contains("<bug>"), "{text}");
}

#[test]
fn a_webhook_that_fails_is_a_warning_without_its_address() {
    let elsewhere = Wire::start(vec![Reply::http("200 OK", "ok")]);
    let redirect = Reply::Bytes(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
        elsewhere.url()
    ));
    for reply in [
        Reply::http("500 Internal Server Error", "oops"),
        Reply::Hangup,
        redirect,
    ] {
        let hook = Wire::start(vec![reply]);
        let world = told_in("slack", &format!("{}/T0/secret", hook.url()));
        let output = advance(&world);
        output.exits(0);
        assert!(output.stderr.starts_with("warning: "), "{output}");
        assert!(!format!("{output}").contains("secret"), "{output}");
        assert!(world.read("rollouts/checkout.toml").contains("[state]"));
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[test]
fn a_gate_tells_nobody() {
    let hook = Wire::start(vec![Reply::http("200 OK", "ok")]);
    let pull = PullRequest::new("http://127.0.0.1:1").variable("HOOK", hook.url());
    let config = pull.world.read("rollouts/config.toml");
    let notify = "\n[[notify]]\nurl_env = \"HOOK\"\nformat = \"json\"\n";
    pull.change("rollouts/config.toml", &format!("{config}{notify}"));
    pull.change(
        "rollouts/new.toml",
        &PENDING.replace("\"errors\"", "\"failures\""),
    );
    // The settings of the base, which asks beforehand, are what counts until the change is merged.
    pull.check().exits(1);
    assert_eq!(hook.requests().len(), 0);
}
