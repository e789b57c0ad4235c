//! Plans, settings, records, snapshots and targets that say it, and names of files.

use super::look::{all_shown, look, look_at_page, named, poison, seen, seen_in_turn, written};
use crate::support::Rollout;
use rollout::decide::{RecordedAction, RecordedActor};
use rollout::workspace::Record;

const LATER: &str = "2026-11-24T12:00:00Z";

/// Commands that ask nobody.
const OFFLINE: [&[&str]; 12] = [
    &["validate"],
    &["validate", "--strict"],
    &["check"],
    &["advance", "--dry-run"],
    &["status"],
    &["sync", "--check"],
    &["exposure", "checkout"],
    &["explain", "checkout"],
    &["history", "checkout"],
    &["rules", "checkout"],
    &["power", "checkout", "--rps", "10", "--baseline", "0.01"],
    &["doctor"],
];

/// Those of them that show mistakes.
const MISTAKEN: [&[&str]; 3] = [&["validate"], &["check"], &["status"]];

fn config(more: &str) -> String {
    format!(
        "{more}\n[prometheus]\nurl = \"http://127.0.0.1:1\"\n\n[judge]\npreflight = false\n\n\
         [metrics.errors]\ncategory = \"reliability\"\nratio = {{ events = 'errors_total', total = 'requests_total' }}\n"
    )
}

fn plan(before: &str, more: &str) -> String {
    format!(
        "{before}\n[[stages]]\nexposure = 1\nmin_duration = \"24h\"\nrule_out = \"5x\"\n\n[[stages]]\nexposure = 100\n\
         min_duration = \"24h\"\n\n[[guardrails]]\nmetric = \"errors\"\nmargin = \"10%\"\n{more}"
    )
}

fn world(settings: &str, plan: &str) -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", settings)
        .file("rollouts/checkout.toml", plan)
}

fn everything(rollout: &Rollout, commands: &[&[&str]]) -> String {
    let commands: Vec<Vec<&str>> = commands
        .iter()
        .map(|command| command.iter().copied().chain(["--now", LATER]).collect())
        .collect();
    seen_in_turn(rollout, &commands)
}

#[test]
fn mistakes_show_what_a_plan_says_and_are_not_what_it_says() {
    let mut said = String::new();
    let strange = |word: &str| written(word);
    let plans = [
        plan(&format!("\"{}\" = 1", strange("key")), ""),
        plan(&format!("after = [\"{}\"]", strange("after")), ""),
        plan(&format!("surface = \"{}\"", strange("surface")), ""),
        plan("", &format!("on_breach = \"{}\"", strange("breach"))),
        plan("", &format!("limit = \"{}\"", strange("limit"))),
        plan(
            "",
            &format!(
                "[[guardrails]]\nmetric = \"{}\"\nmargin = \"10%\"",
                strange("metric")
            ),
        ),
        plan(
            "",
            &format!(
                "[[guardrails]]\nname = \"{}\"\ncategory = \"business\"\nmargin = \"10%\"\ngauge = {{ query = \"a\", worse = \"higher\" }}",
                strange("name")
            ),
        ),
        plan(
            "",
            &format!(
                "[[guardrails]]\nname = \"g\"\ncategory = \"business\"\nmargin = \"10%\"\ngauge = {{ query = \"{}\", worse = \"higher\" }}",
                strange("query")
            ),
        ),
        plan(
            "",
            &format!(
                "[[guardrails]]\nname = \"g\"\ncategory = \"business\"\nmargin = \"10%\"\nratio = {{ events = \"{}\", total = \"b\" }}",
                strange("selector")
            ),
        ),
        plan(
            "",
            &format!(
                "[arms]\nlabel = \"{}\"\nexposed = \"a\"\nunexposed = \"b\"",
                strange("label")
            ),
        ),
        plan(
            "",
            &format!(
                "[arms]\nlabel = \"a\"\nexposed = \"{}\"\nunexposed = {{ regex = \"{}\" }}",
                strange("exposed"),
                strange("regex")
            ),
        ),
        plan(
            "",
            &format!(
                "[[targets]]\nflagd = {{ file = \"{}\", flag = \"{}\", variant = \"on\" }}",
                strange("file"),
                strange("flag")
            ),
        ),
        plan(
            "",
            &format!(
                "[[targets]]\njson = {{ file = \"a.json\", exposed = \"/{}\" }}",
                strange("pointer")
            ),
        ),
        plan(
            "",
            &format!(
                "[[targets]]\n\"{}\" = {{ file = \"a.json\" }}",
                strange("kind")
            ),
        ),
        plan(
            "",
            &format!("[state]\nstatus = \"{}\"\n", strange("status")),
        ),
        plan("", &format!("[\"{}\"]\nx = 1\n", strange("table"))),
        format!("{}\nraw = \"{}\"", plan("", ""), poison("raw")),
        plan(
            "",
            &format!("# {}", poison("comment").replace(['\n', '\r'], "")),
        ),
    ];
    for plan in &plans {
        let rollout = world(&config(""), plan);
        said += &everything(&rollout, &MISTAKEN);
    }
    let settings = [
        config(&format!("\"{}\" = 1", strange("setting"))),
        config("")
            + &format!(
                "[[windows]]\ndays = [\"{}\"]\nfrom = \"{}\"\nto = \"10:00\"\ntz = \"{}\"",
                strange("day"),
                strange("from"),
                strange("zone")
            ),
        config("")
            + &format!(
                "[surfaces.\"{}\"]\nguardrails = [\"{}\"]",
                strange("place"),
                strange("guard")
            ),
        config("")
            + &format!(
                "[[notify]]\nurl_env = \"{}\"\nformat = \"json\"",
                strange("variable")
            ),
        config("").replace("http://127.0.0.1:1", &strange("url")),
        config("").replace(
            "[judge]",
            &format!("headers = {{ \"{}\" = \"x\" }}\n[judge]", strange("header")),
        ),
        config("").replace(
            "[metrics.errors]",
            &format!("[metrics.\"{}\"]", strange("metrics")),
        ),
    ];
    for settings in &settings {
        let rollout = world(settings, &plan("", ""));
        said += &everything(&rollout, &MISTAKEN);
    }
    all_shown(
        &said,
        &[
            "key ", "after ", "surface ", "breach ", "limit ", "metric ", "name ", "label ",
            "flag ", "pointer ", "kind ", "status ", "table ", "setting ", "day ", "zone ",
            "place ", "url ", "header ", "metrics ",
        ],
    );
}

#[test]
fn a_plan_in_progress_shows_what_people_wrote_into_it() {
    let settings = config("")
        + &format!(
            "\n[[freezes]]\nfrom = 2026-11-20T00:00:00Z\nuntil = 2027-01-04T00:00:00Z\nreason = \"{}\"\nowner = \"{}\"\n",
            written("freeze"),
            written("sre")
        );
    let before = format!(
        "description = \"{}\"\nowner = \"{}\"",
        written("description"),
        written("owner")
    );
    let state = format!(
        "\n[state]\nstatus = \"rolled_back\"\nstage = 1\nexposure = 0.0\nentered_at = 2026-11-22T12:00:00Z\n\
         rollback = {{ by = \"person:{}\", at = 2026-11-22T13:00:00Z, reason = \"{}\" }}\n",
        written("ann"),
        written("because")
    );
    let mut said = String::new();
    for state in ["", &state] {
        let rollout = world(&settings, &plan(&before, state));
        said += &everything(&rollout, &OFFLINE);
        let output = rollout.run(["report", "checkout", "--out", "page.html", "--now", LATER]);
        look(&output, &["report"], &[]);
        output.exits(0);
        look_at_page(&rollout.read("page.html"));
        said += &rollout.read("page.html");
    }
    all_shown(&said, &["description ", "owner ", "freeze ", "because "]);
    let draft = world(
        &config(""),
        &plan(&format!("draft = \"{}\"", written("draft")), ""),
    );
    all_shown(&everything(&draft, &OFFLINE), &["draft "]);
}

#[test]
fn a_file_whose_name_holds_control_characters_is_no_plan() {
    let name = named("name");
    for path in [
        format!("rollouts/{name}.toml"),
        format!("rollouts/{name}/checkout.toml"),
    ] {
        let rollout = Rollout::new()
            .file("rollouts/config.toml", &config(""))
            .file(&path, &plan("", ""));
        let said = everything(&rollout, &MISTAKEN);
        all_shown(&said, &["control characters", "rename it"]);
        rollout.run(["validate"]).exits(2);
        rollout.run(["advance", "--now", LATER]).exits(2);
        let metrics = rollout.run(["status", "--format", "prometheus"]);
        look(&metrics, &["status"], &["prometheus"]);
    }
    for command in [
        "new", "pause", "rollback", "exposure", "history", "explain", "approve",
    ] {
        let rollout = world(&config(""), &plan("", ""));
        let args = vec![command, &name];
        let said = seen_in_turn(&rollout, std::slice::from_ref(&args));
        all_shown(&said, &["name "]);
        rollout.run(args).exits(2);
    }
}

#[test]
fn a_directory_may_be_called_anything() {
    let name = named("folder");
    let rollout = Rollout::new()
        .file(&format!("{name}/config.toml"), &config("wrong = 1"))
        .file(&format!("{name}/checkout.toml"), &plan("wrong = 1", ""));
    let there: Vec<Vec<&str>> = OFFLINE
        .iter()
        .map(|command| command.iter().copied().chain(["--dir", &name]).collect())
        .collect();
    seen_in_turn(&rollout, &there);
    rollout.write(&format!("{name}/config.toml"), config(""));
    rollout.write(&format!("{name}/checkout.toml"), plan("", ""));
    seen_in_turn(&rollout, &there);
    for args in [["new", "other"], ["init", "--dir"]] {
        let args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "--dir").collect();
        seen(&rollout, &[&args[..], &["--dir", &name]].concat());
    }
}

#[test]
fn a_record_and_a_snapshot_say_it() {
    let rollout = world(&config(""), &plan("", ""));
    rollout
        .run(["advance", "--now", "2026-11-23T12:00:00Z"])
        .exits(0);
    rollout
        .run(["pause", "checkout", "--reason", "marker", "--now", LATER])
        .exits(0);
    let folder = rollout.path().join("rollouts/.evidence/checkout");
    let mut records: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    records.sort();
    let path = |name: &str| format!("rollouts/.evidence/checkout/{name}");
    let whole = rollout.read(&path(&records[1]));
    assert!(
        whole.contains("marker") && whole.contains("person:ann"),
        "{whole}"
    );
    let mut said = String::new();
    let strange = [
        forged(&whole),
        whole.replace(
            "\"person:ann\"",
            &format!("\"person:{}\"", written("actor")),
        ),
        whole.replace("\"pause\"", &format!("\"{}\"", written("decision"))),
        whole.replace(
            "rollout-evidence/",
            &format!("rollout-evidence/{}", written("format")),
        ),
        whole.replace("checkout", &written("plan")),
        format!("{{\"{}\": 1}}", written("other")),
        poison("broken"),
    ];
    for text in &strange {
        rollout.write(&path(&records[1]), text);
        let record = path(&records[1]);
        let commands = [
            vec!["history", "checkout"],
            vec!["replay", &record],
            vec!["explain", &record],
            vec!["check", "--snapshot", &record],
            vec!["status"],
        ];
        said += &seen_in_turn(&rollout, &commands);
        let output = rollout.run(["report", "checkout", "--out", "page.html", "--now", LATER]);
        look(&output, &["report"], &[]);
        if output.code == Some(0) {
            look_at_page(&rollout.read("page.html"));
        }
    }
    all_shown(&said, &["reason ", "sentence ", "actor ", "decision "]);
    rollout.write(&path(&records[1]), &whole);
    let odd = path(&format!("{}.json", named("2026-11-25T120000Z")));
    rollout.write(&odd, &whole);
    seen(&rollout, &["history", "checkout"]);
}

/// A record that somebody wrote as the program writes one, with whatever they like in it.
fn forged(record: &str) -> String {
    let mut record = Record::read(record).unwrap();
    let grounds = &mut record.grounds;
    grounds.reason = Some(poison("reason"));
    grounds.reasons = vec![poison("sentence")];
    grounds.actor = RecordedActor::Person(poison("actor"));
    grounds.decision = RecordedAction::Other(poison("decision"));
    record.to_text()
}

#[test]
fn targets_hold_it() {
    let targets = "\n[[targets]]\nflagd = { file = \"../flags.json\", flag = \"checkout\", variant = \"on\" }\n";
    let rollout = world(&config(""), &plan("", targets)).file(".git/HEAD", "");
    let commands: [&[&str]; 5] = [
        &["validate"],
        &["sync"],
        &["sync", "--check"],
        &["status"],
        &["doctor"],
    ];
    let text = format!("\"{}\"", written("value"));
    for file in [
        poison("content"),
        format!("{{\"flags\": {{\"checkout\": {text}}}}}"),
        format!("{{\"flags\": {{{text}: 1}}}}"),
        format!(
            "{{\"flags\": {{\"checkout\": {{\"variants\": {{{text}: 1}}, \"targeting\": {{\"fractional\": [[{text}, 1]]}}}}}}}}"
        ),
        format!(
            "{{\"flags\": {{\"checkout\": {{\"variants\": {{\"on\": 1}}, \"targeting\": {{{text}: [[\"on\", 1]]}}}}}}}}"
        ),
    ] {
        rollout.write("flags.json", &file);
        everything(&rollout, &commands);
    }
    for kind in ["yaml", "json"] {
        let target = format!(
            "\n[[targets]]\n{kind} = {{ file = \"../flags.json\", exposed = \"/a\", rest = \"/b\" }}\n"
        );
        rollout.write("rollouts/checkout.toml", plan("", &target));
        for file in [
            format!("a: \"{}\"\nb: 1\n", written("value")),
            format!("\"{}\": 1\nb: 1\n", written("value")),
            poison("content"),
        ] {
            rollout.write("flags.json", &file);
            everything(&rollout, &commands);
        }
    }
    let name = written("target").replace('/', "").replace("\\u0000", "");
    let target =
        format!("\n[[targets]]\njson = {{ file = \"../{name}.json\", exposed = \"/a\" }}\n");
    rollout.write("rollouts/checkout.toml", plan("", &target));
    all_shown(&everything(&rollout, &commands), &["target "]);
}
