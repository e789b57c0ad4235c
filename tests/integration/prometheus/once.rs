//! The history of the unexposed arm is asked for when a stage is entered, and read from its record then.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::prometheus::histories::history;
use crate::support::openmetrics::{Metrics, START};
use crate::support::shared::Shared;
use crate::support::slow::Slow;
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

/// When the stage is entered: within a minute, and shortly after much has begun to happen.
const ENTERED: i64 = 27 * HOUR + 17 * 60 + 20;

/// A steady service whose exposed arm is slow, and one with births, restarts, crash loops and outages.
static SHOP: Shared = Shared::of(metrics);

fn metrics() -> Metrics {
    let mut metrics = Metrics::new(36);
    for pod in 0..6 {
        for arm in ["treatment", "control"] {
            let samples: Vec<(i64, f64)> = (0..36 * HOUR / 15)
                .map(|k| ((START + k * 15 + 4) * 1_000, (k * (pod + 7)) as f64))
                .collect();
            let errors: Vec<(i64, f64)> = samples
                .iter()
                .map(|(at, value)| (*at, (value / 100.0).floor()))
                .collect();
            let labels = format!("app=\"calm\",variant=\"{arm}\",pod=\"{arm}-{pod}\"");
            let slow: Vec<(i64, f64)> = samples
                .iter()
                .map(|(at, value)| match arm {
                    "treatment" => (*at, (value / 5.0).floor()),
                    _ => (*at, (value / 50.0).floor()),
                })
                .collect();
            metrics = metrics
                .samples("requests_total", &labels, &samples)
                .samples("errors_total", &labels, &errors)
                .samples("slow_total", &labels, &slow);
        }
    }
    for seed in 0..4 {
        for one in history(seed, 36, 27) {
            let labels = format!(
                "app=\"wild\",variant=\"{}\",pod=\"{seed}-{}\",code=\"{}\"",
                one.arm, one.pod, one.code
            );
            metrics = metrics.samples("requests_total", &labels, &one.samples);
        }
    }
    metrics
}

fn instant(seconds: i64) -> String {
    let at = chrono::DateTime::from_timestamp(START + seconds, 0).unwrap();
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn guardrail(name: &str, events: &str, total: &str) -> String {
    format!(
        "[[guardrails]]\nname = \"{name}\"\ncategory = \"reliability\"\nmargin = \"10x\"\non_no_data = \"hold\"\nratio = {{ events = '{events}', total = '{total}', worse = \"higher\" }}\n\n"
    )
}

fn calm() -> String {
    guardrail(
        "calm",
        r#"errors_total{app="calm"}"#,
        r#"requests_total{app="calm"}"#,
    )
}

fn wild() -> String {
    guardrail(
        "wild",
        r#"requests_total{app="wild",code!="200"}"#,
        r#"requests_total{app="wild"}"#,
    )
}

/// A plan of two stages that nobody has entered yet.
fn pending(guardrails: &str) -> Rollout {
    let server = SHOP.get();
    let url = server.url().to_owned();
    let stage = |exposure| {
        format!(
            "[[stages]]\nexposure = {exposure}\nmin_duration = \"3h\"\nrule_out = \"nothing\"\n\n"
        )
    };
    Rollout::new()
        .asking(server)
        .file(
            "rollouts/config.toml",
            &format!("[prometheus]\nurl = \"{url}\"\n\n[judge]\npreflight = false\n"),
        )
        .file(
            "rollouts/shop.toml",
            &format!("{}{}{guardrails}", stage(10), stage(50)),
        )
}

fn run(rollout: &Rollout, arguments: &[&str], at: i64) -> Output {
    let now = instant(at);
    let more = ["-v", "--no-cache", "--format", "json", "--now", &now];
    rollout.run(arguments.iter().copied().chain(more))
}

/// The same plan in its first stage.
fn entered(guardrails: &str) -> Rollout {
    let rollout = pending(guardrails);
    run(&rollout, &["advance"], ENTERED).exits(0);
    rollout
}

/// How many points were asked for by range queries, as the log tells.
fn points(output: &Output) -> usize {
    let points = |line: &str| -> Option<usize> {
        let (_, rest) = line.split_once("points=")?;
        rest.split(' ').next()?.parse().ok()
    };
    output.stderr.lines().filter_map(points).sum()
}

/// What is said, but for the queries: after the entry less has to be asked.
fn without_queries(text: &str) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.remove("queries");
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap();
    strip(&mut value);
    value
}

/// A check: what it says, the snapshot it saves, and the points it asked for.
fn checked(rollout: &Rollout, at: i64) -> (Value, Value, usize) {
    let output = run(rollout, &["check", "--save-snapshot", "saved.json"], at);
    let snapshot = rollout.read("saved.json");
    (
        without_queries(&output.stdout),
        without_queries(&snapshot),
        points(&output),
    )
}

fn record_of(rollout: &Rollout) -> String {
    let plan = rollout.read("rollouts/shop.toml");
    let (_, rest) = plan.split_once("evidence = \"").unwrap();
    format!("rollouts/{}", rest.split('"').next().unwrap())
}

fn record(rollout: &Rollout) -> Value {
    serde_json::from_str(&rollout.read(&record_of(rollout))).unwrap()
}

#[test]
fn after_the_entry_the_stage_alone_is_asked_for() {
    let rollout = entered(&(calm() + &wild()));
    let history = &record(&rollout)["history"];
    assert_eq!(history["entered_at"], instant(ENTERED));
    assert_eq!(history["guardrails"].as_object().unwrap().len(), 2);
    let path = record_of(&rollout);
    let whole = rollout.read(&path);
    // Whenever it is looked at, it is what a run without the record says; also after the first day.
    for at in [ENTERED + 700, ENTERED + HOUR, ENTERED + 8 * HOUR] {
        rollout.write(&path, &whole);
        let with = checked(&rollout, at);
        std::fs::remove_file(rollout.path().join(&path)).unwrap();
        let without = checked(&rollout, at);
        assert_eq!(with.0, without.0);
        assert_eq!(with.1, without.1);
        // Each of four counters is asked for from an hour before on, and for what it needs besides.
        let stage = usize::try_from((at - ENTERED) / 300 + 12 + 3).unwrap();
        assert!(with.2 < 4 * (stage + 288), "{} {}", with.2, without.2);
        assert!(with.2 + 4 * 250 < without.2, "{} {}", with.2, without.2);
        let history = with.1.pointer("/guardrails/wild/history/ends").unwrap();
        assert!(history.as_array().unwrap().len() > 288);
    }
}

#[test]
fn what_cannot_be_believed_is_asked_for() {
    let rollout = entered(&(calm() + &wild()));
    let at = ENTERED + HOUR;
    let known = checked(&rollout, at);
    let path = record_of(&rollout);
    let whole = rollout.read(&path);
    let plan = rollout.read("rollouts/shop.toml");
    let put = |text: &str| rollout.write(&path, text);
    let column = whole.find("\"groups\"").unwrap();
    let digit = column + whole[column..].find('1').unwrap();
    let forged = format!("{}2{}", &whole[..digit], &whole[digit + 1..]);
    let of_old = {
        // A record of before there were histories, sound in itself.
        let mut record: Value = serde_json::from_str(&whole).unwrap();
        record.as_object_mut().unwrap().remove("history");
        serde_json::to_string(&record).unwrap()
    };
    let mut most = 0;
    for text in ["", "{}", &whole[..whole.len() / 2], &forged, &of_old] {
        put(text);
        let asked = checked(&rollout, at);
        assert_eq!((&asked.0, &asked.1), (&known.0, &known.1));
        assert!(known.2 + 4 * 250 < asked.2, "{} {}", known.2, asked.2);
        most = asked.2;
    }
    put(&whole);
    assert_eq!(checked(&rollout, at).2, known.2);
    // Another selector of one guardrail, and other arms of all, are other questions.
    let narrower = plan.replace("app=\"wild\"}", "app=\"wild\",pod!=\"none\"}");
    rollout.write("rollouts/shop.toml", narrower);
    let one = checked(&rollout, at).2;
    assert!(
        (known.2 + 500..most - 500).contains(&one),
        "{one} of {most}"
    );
    let arms = "exposed = { regex = \"treat.*\" }";
    rollout.write(
        "rollouts/shop.toml",
        plan.replace("[state]", &format!("[arms]\n{arms}\n\n[state]")),
    );
    let all = checked(&rollout, at);
    assert!(all.2 > known.2 + 4 * 250, "{} {:#}", all.2, all.0);
    // A state that was set by hand is none that the record led to.
    rollout.write(
        "rollouts/shop.toml",
        plan.replace("exposure = 10", "exposure = 9"),
    );
    let all = checked(&rollout, at);
    assert!(all.2 > known.2 + 4 * 250, "{} {plan}", all.2);
}

#[test]
fn every_stage_has_its_own_and_what_people_do_within_it_keeps_it() {
    let rollout = entered(&calm());
    let first = record_of(&rollout);
    for command in [&["pause", "shop"][..], &["resume", "shop"]] {
        let now = instant(ENTERED + HOUR);
        rollout
            .run(command.iter().copied().chain(["--now", &now]))
            .exits(0);
        let history = record(&rollout)["history"].clone();
        assert_eq!(
            format!("rollouts/{}", history["in"].as_str().unwrap()),
            first
        );
    }
    let short = checked(&rollout, ENTERED + HOUR).2;
    let named = record_of(&rollout);
    let whole = rollout.read(&first);
    // The record that is referred to is another one now, sound in itself.
    rollout.write(&first, rollout.read(&named));
    assert!(checked(&rollout, ENTERED + HOUR).2 > short + 2 * 250);
    rollout.write(&first, &whole);
    assert_eq!(checked(&rollout, ENTERED + HOUR).2, short);

    run(&rollout, &["advance"], ENTERED + 4 * HOUR).exits(0);
    let second = record(&rollout);
    assert_eq!(second["history"]["entered_at"], instant(ENTERED + 4 * HOUR));
    // What it was decided on is whole.
    let ends = second
        .pointer("/snapshot/guardrails/calm/history/ends")
        .unwrap();
    let [begin, end] = ["first", "last"].map(|key| ends[key].as_i64().unwrap());
    assert_eq!(end - begin, 3 * 86_400 - 2 * 300);
    rollout
        .run(["replay", &first, &record_of(&rollout)])
        .exits(0);
    let in_second = checked(&rollout, ENTERED + 5 * HOUR);
    std::fs::remove_file(rollout.path().join(record_of(&rollout))).unwrap();
    let asked = checked(&rollout, ENTERED + 5 * HOUR);
    assert_eq!((&in_second.0, &in_second.1), (&asked.0, &asked.1));
    assert!(in_second.2 + 2 * 250 < asked.2);
}

#[test]
fn saved_evidence_and_a_dry_run_ask_nobody_for_a_history() {
    let rollout = entered(&calm());
    checked(&rollout, ENTERED + 4 * HOUR);
    let dry = run(&rollout, &["advance", "--dry-run"], ENTERED + 4 * HOUR);
    dry.exits(0);
    assert!(points(&dry) < 200, "{}", dry.stderr);
    let now = instant(ENTERED + 4 * HOUR);
    let nowhere = "http://127.0.0.1:1";
    let saved = ["advance", "--snapshot", "saved.json", "--now", &now];
    let output = rollout.run(saved.into_iter().chain(["--prometheus-url", nowhere]));
    output.exits(0);
    assert_eq!(record(&rollout)["history"], Value::Null);
}

#[test]
fn a_run_that_takes_users_back_keeps_the_histories_of_others() {
    let rollout = pending(&calm());
    // A second plan, which harms beyond doubt when the first is due.
    let shop = rollout.read("rollouts/shop.toml");
    let harm = shop
        .replace("errors_total", "slow_total")
        .replace("10x", "2x");
    rollout.write("rollouts/harm.toml", harm);
    run(&rollout, &["advance"], ENTERED).exits(0);
    let both = run(&rollout, &["advance"], ENTERED + 4 * HOUR);
    both.exits(5);
    let entered = instant(ENTERED + 4 * HOUR);
    assert_eq!(record(&rollout)["history"]["entered_at"], entered, "{both}");
    // The stage alone is asked about from there on.
    std::fs::remove_file(rollout.path().join("rollouts/harm.toml")).unwrap();
    let asked = checked(&rollout, ENTERED + 5 * HOUR);
    assert!(asked.2 < 200, "{}", asked.2);
}

#[test]
fn a_rollback_waits_some_seconds_for_the_histories_of_others() {
    let rollout = pending(&calm());
    let shop = rollout.read("rollouts/shop.toml");
    let harm = shop
        .replace("errors_total", "slow_total")
        .replace("10x", "2x");
    rollout.write("rollouts/harm.toml", harm);
    run(&rollout, &["advance"], ENTERED).exits(0);
    // Nothing but a past is asked of the unexposed arm alone.
    let past = "variant%3D%22control%22";
    let slow = Slow::about(SHOP.get().url(), past, Duration::from_secs(60));
    let begun = Instant::now();
    let arguments = ["advance", "--prometheus-url", slow.url()];
    let both = run(&rollout, &arguments, ENTERED + 4 * HOUR);
    both.exits(5);
    let waited = begun.elapsed().as_secs();
    assert!((5..25).contains(&waited), "{waited} s");
    assert!(rollout.read("rollouts/harm.toml").contains("rolled_back"));
    // The stage is entered without it, and its runs ask for it.
    assert_eq!(record(&rollout)["to"]["stage"], 2, "{both}");
    assert_eq!(record(&rollout)["history"], Value::Null);
    assert!(checked(&rollout, ENTERED + 5 * HOUR).2 > 2 * 864);
}

#[test]
fn who_tries_again_pays_when_the_stage_is_entered_again() {
    let rollout = entered(&calm());
    let nowhere = ["--prometheus-url", "http://127.0.0.1:1"];
    for (command, at) in [("rollback", HOUR), ("retry", 2 * HOUR)] {
        let now = instant(ENTERED + at);
        let arguments = [command, "shop", "--now", &now];
        rollout.run(arguments.into_iter().chain(nowhere)).exits(0);
        assert_eq!(record(&rollout)["history"], Value::Null);
    }
    let again = ENTERED + 3 * HOUR;
    run(&rollout, &["advance"], again).exits(0);
    assert_eq!(record(&rollout)["history"]["entered_at"], instant(again));
    assert!(checked(&rollout, again + HOUR).2 < 200);
}

#[test]
fn a_record_with_the_history_of_five_guardrails_is_below_sixty_kilobytes() {
    let named = |number| wild().replace("name = \"wild\"", &format!("name = \"wild-{number}\""));
    let five = (0..5).map(named);
    let rollout = entered(&five.collect::<String>());
    let first = rollout.read(&record_of(&rollout)).len();
    run(&rollout, &["advance"], ENTERED + 4 * HOUR).exits(0);
    let second = rollout.read(&record_of(&rollout)).len();
    let whole = record(&rollout);
    let of = |key: &str| (key.to_owned(), whole[key].to_string().len());
    let parts = ["declared", "snapshot", "report", "history"].map(of);
    assert!(
        first < 20_000 && second < 60_000,
        "{first} {second} {parts:?}"
    );
    // Most of what it was decided on is in the history of the stage that is entered.
    let groups = whole.pointer("/snapshot/guardrails/wild-0/history/groups");
    assert!(groups.unwrap().to_string().contains("=*"), "{groups:?}");
    rollout.run(["replay", &record_of(&rollout)]).exits(0);
}
