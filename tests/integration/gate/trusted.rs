//! Whom the gate asks: never somebody whom the change names.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::pull_request::{PullRequest, config};

/// A server that reports every request it gets, and answers that there is no series.
pub(super) struct Listener {
    pub(super) url: String,
    heard: mpsc::Receiver<String>,
}

impl Listener {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, heard) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream
                    .set_read_timeout(Some(Duration::from_millis(200)))
                    .unwrap();
                let mut bytes = vec![0; 65_536];
                let read = stream.read(&mut bytes).unwrap_or(0);
                // Told even when nothing was said: a connection alone is one too many.
                if tell
                    .send(String::from_utf8_lossy(&bytes[..read]).into_owned())
                    .is_err()
                {
                    return;
                }
                let body = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                // A client that hung up has nothing to be told.
                let _gone = stream.write_all(answer.as_bytes());
            }
        });
        Self { url, heard }
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.try_iter().collect()
    }
}

const TOKEN: &str = "open-sesame";

fn pull(reviewed: &Listener) -> PullRequest {
    PullRequest::new(&reviewed.url).variable("PROM_TOKEN", TOKEN)
}

#[test]
fn the_reviewed_host_is_asked_about_touched_plans_alone() {
    let (reviewed, hostile) = (Listener::start(), Listener::start());
    let pull = pull(&reviewed);
    pull.change("rollouts/config.toml", &config(&hostile.url));
    pull.edit("description = \"One-page", "description = \"New");
    let output = pull.check();
    output.exits(6);
    assert!(output.stdout.contains("checkout"), "{output}");
    assert!(!output.stdout.contains("search"), "{output}");
    assert!(
        output.stderr.contains("takes effect after the merge"),
        "{output}"
    );
    let asked = reviewed.heard();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|request| request.contains(TOKEN)));
    assert_eq!(hostile.heard(), [] as [String; 0]);
}

#[test]
fn the_server_that_the_caller_names_wins() {
    let (reviewed, callers) = (Listener::start(), Listener::start());
    let pull = pull(&reviewed).variable("ROLLOUT_PROMETHEUS_URL", &callers.url);
    pull.edit("description = \"One-page", "description = \"New");
    pull.check().exits(6);
    assert_eq!(reviewed.heard(), [] as [String; 0]);
    assert!(!callers.heard().is_empty());
}

#[test]
fn without_settings_at_the_revision_nobody_is_asked() {
    let (reviewed, hostile) = (Listener::start(), Listener::start());
    let pull = pull(&reviewed);
    pull.git("checkout --quiet main");
    pull.git("rm --quiet rollouts/config.toml");
    pull.commit("none");
    pull.git("checkout --quiet -B change");
    pull.change("rollouts/config.toml", &config(&hostile.url));
    pull.edit("description = \"One-page", "description = \"New");
    insta::assert_snapshot!(pull.check(), @"
    exit: Some(1)
    ---- stdout
    2 plans: 2 failed. ERROR (exit 1)

    checkout  ERROR: there is no config.toml at main: Prometheus is not queried
      help: give --prometheus-url or ROLLOUT_PROMETHEUS_URL; a change under review cannot say whom to ask
      rollouts/checkout.toml

    search  ERROR: there is no config.toml at main: Prometheus is not queried
      help: give --prometheus-url or ROLLOUT_PROMETHEUS_URL; a change under review cannot say whom to ask
      rollouts/search.toml
    ---- stderr
    note: the change edits [prometheus]; that takes effect after the merge, and until then the settings at main are used
    ");
    assert_eq!(reviewed.heard(), [] as [String; 0]);
    assert_eq!(hostile.heard(), [] as [String; 0]);
}

#[test]
fn a_token_of_the_environment_that_the_change_asks_for_is_not_sent() {
    let reviewed = Listener::start();
    let pull = pull(&reviewed).variable("DEPLOY_KEY", "very-secret");
    let hostile = config(&reviewed.url)
        .replace(
            "\n[metrics",
            "headers = { X-Leak = { env = \"DEPLOY_KEY\" } }\n\n[metrics",
        )
        .replace("PROM_TOKEN", "DEPLOY_KEY");
    pull.change("rollouts/config.toml", &hostile);
    pull.edit("description = \"One-page", "description = \"New");
    pull.check().exits(6);
    let asked = reviewed.heard();
    assert!(!asked.is_empty());
    assert!(!asked.concat().contains("very-secret"));
}

#[test]
fn a_file_of_the_settings_is_read_at_the_revision() {
    let reviewed = Listener::start();
    let pull = pull(&reviewed);
    pull.git("checkout --quiet main");
    let own = config(&reviewed.url).replace(
        "bearer_token_env = \"PROM_TOKEN\"",
        "bearer_token_file = \"token\"",
    );
    pull.world.write("rollouts/config.toml", own);
    pull.world.write("rollouts/token", "reviewed-token\n");
    pull.commit("file");
    pull.git("checkout --quiet -B change");
    pull.world.write("home-secret", "very-secret");
    pull.change("rollouts/token", "hostile-token\n");
    pull.edit("description = \"One-page", "description = \"New");
    pull.check().exits(6);
    let asked = reviewed.heard().concat();
    assert!(asked.contains("reviewed-token") && !asked.contains("hostile-token"));
}

#[test]
fn nothing_that_the_change_brings_is_run() {
    let reviewed = Listener::start();
    let pull = pull(&reviewed);
    // A folder that git would take for a bare repository, with settings that start a program.
    pull.world.write("rollouts/HEAD", "ref: refs/heads/main\n");
    pull.world.write("rollouts/refs/heads/.keep", "");
    pull.world.write("rollouts/objects/.keep", "");
    let settings = format!(
        "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = {0}\nfsmonitor = \"touch {0}/ran; false\"\n",
        pull.world.path().display()
    );
    pull.world.write("rollouts/config", settings);
    pull.commit("bare");
    pull.edit("description = \"One-page", "description = \"New");
    let output = pull.check();
    assert!(!pull.world.path().join("ran").exists(), "{output}");
    output.exits(1);
    assert_eq!(reviewed.heard(), [] as [String; 0]);
}
