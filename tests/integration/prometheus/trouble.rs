//! Servers that refuse, fail, stall, lie or stop in the middle.

use std::cell::RefCell;
use std::time::{Duration, Instant as Clock};

use rollout::plan::{ArmQuery, Column, Guardrail, Kind, Plan, PrometheusSettings, Source};
use rollout::prometheus::{
    Client, CollectError, Grid, QueryError, collect, collect_each, look_ahead,
};
use rollout::snapshot::Snapshot;
use rollout::units::{Period, Worse};

use crate::prometheus::shop::{
    ENTERED, NOW, app, client, client_with, collect_from, requests, requests_of, server,
};
use crate::support::plans::{at, block_on, guardrail, plan, ratio};
use crate::support::server::free_port;
use crate::support::wire::{Reply, Wire};

/// The error of one query.
fn failure(script: Vec<Reply>) -> (QueryError, Wire) {
    let wire = Wire::start(script);
    let error = block_on(client(wire.url()).instant("up", at(NOW))).unwrap_err();
    (error, wire)
}

fn short(url: &str) -> Client {
    let settings = PrometheusSettings {
        timeout: Period::from_seconds(1),
        ..PrometheusSettings::default()
    };
    client_with(url, &settings)
}

#[test]
fn a_busy_server_is_asked_again() {
    let busy = r#"{"status":"error","errorType":"timeout","error":"query queue is full"}"#;
    let wire = Wire::start(vec![
        Reply::http("503 Service Unavailable", busy),
        Reply::Hangup,
        Reply::nothing(),
    ]);
    let answer = block_on(client(wire.url()).instant("up", at(NOW))).unwrap();
    assert!(answer.series.is_empty());
    assert_eq!(wire.requests().len(), 3);
}

#[test]
fn a_server_that_stays_busy_is_asked_three_times() {
    let busy = r#"{"status":"error","errorType":"timeout","error":"query queue is full"}"#;
    let (error, wire) = failure(vec![Reply::http("503 Service Unavailable", busy)]);
    assert!(
        matches!(error, QueryError::Busy { status: 503, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("query queue is full"));
    assert_eq!(wire.requests().len(), 3);
}

#[test]
fn refusals_are_not_repeated() {
    for (status, body, expected) in [
        ("401 Unauthorized", "Unauthorized\n", "credentials"),
        ("403 Forbidden", "no", "credentials"),
        ("404 Not Found", "404 page not found\n", "prefix"),
        ("405 Method Not Allowed", "no", "prefix"),
        ("200 OK", "<html>Sign in", "Sign in"),
        (
            "400 Bad Request",
            "Client sent an HTTP request to an HTTPS server.\n",
            "https://",
        ),
        (
            "400 Bad Request",
            r#"{"status":"error","errorType":"bad_data","error":"parse error: oh"}"#,
            "parse error: oh",
        ),
    ] {
        let (error, wire) = failure(vec![Reply::http(status, body)]);
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(wire.requests().len(), 1, "{status}");
    }
}

#[test]
fn half_an_answer_is_no_answer() {
    let cut =
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{\"status\":\"succ";
    let (error, _) = failure(vec![Reply::Bytes(cut.into())]);
    assert!(matches!(error, QueryError::Broken { .. }), "{error}");
    let (error, _) = failure(vec![Reply::http(
        "200 OK",
        r#"{"status":"success","data":{"#,
    )]);
    assert!(matches!(error, QueryError::Broken { .. }), "{error}");
}

#[test]
fn an_endless_answer_is_cut_off() {
    let (error, _) = failure(vec![Reply::Endless]);
    assert!(matches!(error, QueryError::TooLarge { .. }), "{error}");
}

#[test]
fn a_silent_server_costs_one_deadline() {
    // Longer than any test may take.
    let wire = Wire::start(vec![Reply::Silence(Duration::from_secs(3_600))]);
    let error = block_on(short(wire.url()).instant("up", at(NOW))).unwrap_err();
    assert!(matches!(error, QueryError::Deadline { .. }), "{error}");
    assert_eq!(wire.requests().len(), 1);
    assert!(wire.requests()[0].contains("timeout=0.900"));
}

#[test]
fn nobody_there_is_an_error_of_every_plan_and_found_out_once() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let plan = plan(ENTERED, vec![app("healthy"), app("harmful")]);
    let results = block_on(collect(
        &client(&url),
        &requests_of(&[&plan, &plan]),
        at(NOW),
        &|_, _| {},
    ));
    assert_eq!(results.len(), 2);
    for result in results {
        let error = result.unwrap_err();
        assert!(
            matches!(
                error,
                CollectError::Unserved(QueryError::Unreachable { .. })
            ),
            "{error}"
        );
        assert!(error.to_string().contains(&url), "{error}");
    }
}

/// A plan of ten queries that are slow, and one whose queries are served.
fn slow_and_quick() -> [Plan; 2] {
    let slow = (0..5).map(|n| {
        let events = format!("slow_errors_{n}");
        ratio(&events, &events, &format!("slow_requests_{n}"))
    });
    let mut slow = plan(ENTERED, slow.collect());
    slow.name = "slow".into();
    [slow, plan(ENTERED, vec![app("healthy")])]
}

#[test]
fn slow_queries_of_one_plan_take_nothing_from_another() {
    let wire = Wire::start(vec![Reply::SilenceAbout("slow_", Duration::from_secs(9))]);
    let [slow, quick] = slow_and_quick();
    let client = short(wire.url());
    let collected = block_on(collect(
        &client,
        &requests_of(&[&slow, &quick]),
        at(NOW),
        &|_, _| {},
    ));
    let quick_one = collected[1].as_ref().unwrap();
    assert!(!quick_one.guardrails["healthy"].queries.is_empty());
    let issues = &quick_one.guardrails["healthy"].issues;
    assert!(
        issues
            .iter()
            .all(|issue| !issue.to_string().contains("within")),
        "{issues:?}"
    );
    let [slow, quick] = [slow, quick].map(|mut plan| {
        plan.state = None;
        plan
    });
    let before = |plan: &Plan| Snapshot::before(plan, wire.url(), at(NOW));
    let pending = [(&slow, before(&slow)), (&quick, before(&quick))];
    let ahead = block_on(look_ahead(&client, &pending, at(NOW), &|_, _| {}));
    let error = ahead[0].as_ref().unwrap_err();
    assert!(
        matches!(error, CollectError::Unserved(QueryError::Deadline { .. })),
        "{error}"
    );
    let seen = &ahead[1].as_ref().unwrap().guardrails["healthy"].preflight;
    assert_eq!(seen[&Column::Total].refused, None);
}

#[test]
fn a_host_that_says_nothing_is_given_up_once_for_all() {
    let wire = Wire::start(vec![Reply::Silence(Duration::from_secs(30))]);
    let plans = slow_and_quick();
    let started = Clock::now();
    let [slow, quick] = &plans;
    let asked = requests_of(&[slow, quick]);
    let collected = block_on(collect(&short(wire.url()), &asked, at(NOW), &|_, _| {}));
    assert!(collected.iter().all(Result::is_err));
    // One deadline of the first queries, one of what tells that nobody is there.
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
}

/// A guardrail whose query for one column of one arm is readable and matches many to many.
fn refused(name: &str) -> Guardrail {
    let of = |events: &str, arm: &str| {
        vec![
            (Column::Events, ArmQuery::parse(events).unwrap()),
            (
                Column::Total,
                ArmQuery::parse(&format!(
                    "sum(increase(requests_total{{app=\"healthy\",variant=\"{arm}\"}}[$block]))"
                ))
                .unwrap(),
            ),
        ]
    };
    let kind = Kind::Ratio {
        worse: Worse::Higher,
    };
    let many = "requests_total{app=\"healthy\"} + on (app) errors_total{app=\"healthy\"}";
    guardrail(
        name,
        kind,
        Source::PerArm {
            exposed: of(many, "treatment"),
            unexposed: of(
                "sum(increase(errors_total{app=\"healthy\"}[$block]))",
                "control",
            ),
        },
    )
}

#[test]
fn a_query_the_server_refuses_is_an_issue_of_its_guardrail_alone() {
    let server = server();
    let plan = plan(ENTERED, vec![app("healthy"), refused("broken")]);
    let snapshot = collect_from(server.url(), &plan).unwrap();
    assert_eq!(snapshot.guardrails["healthy"].issues, []);
    let issues = &snapshot.guardrails["broken"].issues;
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert!(
        issues[0]
            .to_string()
            .starts_with("`events`: failed to evaluate the query:"),
        "{issues:?}"
    );
}

#[test]
fn warnings_void_the_evidence() {
    let body = r#"{"status":"success","warnings":["store 3 is down"],"data":{"resultType":"matrix","result":[]}}"#;
    let wire = Wire::start(vec![Reply::http("200 OK", body)]);
    let snapshot = collect_from(wire.url(), &plan(ENTERED, vec![requests("healthy")])).unwrap();
    let issues = &snapshot.guardrails["healthy"].issues;
    assert!(
        issues[0]
            .to_string()
            .contains("incomplete: store 3 is down"),
        "{issues:?}"
    );
}

#[test]
fn identical_queries_of_several_plans_are_one_request() {
    let wire = Wire::start(vec![Reply::nothing()]);
    let early = plan(ENTERED, vec![app("healthy")]);
    let late = plan(ENTERED + 3_600, vec![app("healthy")]);
    let progress = RefCell::new(Vec::new());
    let results = block_on(collect(
        &client(wire.url()),
        &requests_of(&[&early, &late, &early]),
        at(NOW),
        &|done, total| progress.borrow_mut().push((done, total)),
    ));
    assert!(results.iter().all(Result::is_ok));
    // Two columns; then how large their past is and what it was, what is absent, and whether the columns are
    // counters.
    let told = [
        [(0, 2), (1, 2), (2, 2)].as_slice(),
        &[(2, 4), (3, 4), (4, 4)],
        &[(4, 6), (5, 6), (6, 6)],
        &[(6, 8), (7, 8), (8, 8)],
        &[(8, 10), (9, 10), (10, 10)],
    ];
    assert_eq!(*progress.borrow(), told.concat());
    let ranges = wire
        .requests()
        .iter()
        .filter(|request| request.starts_with("POST /api/v1/query_range"))
        .count();
    assert_eq!(ranges, 4);
}

#[test]
fn plans_are_handed_over_before_the_last_ones_are_asked_about() {
    let wire = Wire::start(vec![Reply::nothing()]);
    let plans: Vec<Plan> = (0..40)
        .map(|number| plan(ENTERED, vec![app(&format!("app-{number}"))]))
        .collect();
    let plans: Vec<&Plan> = plans.iter().collect();
    let mut taken = Vec::new();
    let mut take = |place: usize, snapshot: Result<Snapshot, CollectError>| {
        assert!(snapshot.is_ok());
        taken.push((place, wire.requests().len()));
    };
    let client = client(wire.url());
    let requests = requests_of(&plans);
    block_on(collect_each(
        &client,
        &requests,
        at(NOW),
        &|_, _| {},
        &|_| None,
        &mut take,
    ));
    assert!(taken.iter().map(|(place, _)| *place).eq(0..40), "{taken:?}");
    let (first, last) = (taken[0].1, taken[39].1);
    assert!(first < last, "{taken:?}");
}

#[test]
fn a_longer_stage_of_another_plan_changes_nothing_for_the_shorter() {
    let server = server();
    let early = plan(ENTERED, vec![app("healthy")]);
    let late = plan(ENTERED + 3_600, vec![app("healthy")]);
    let alone = collect_from(server.url(), &late).unwrap();
    let together = block_on(collect(
        &client(server.url()),
        &requests_of(&[&early, &late]),
        at(NOW),
        &|_, _| {},
    ));
    assert_eq!(together[1].as_ref().unwrap(), &alone);
}

#[test]
fn more_points_than_the_server_allows_are_asked_in_pieces() {
    let server = server();
    let grid = Grid::new(at(0), at(60_000), Period::from_seconds(5));
    assert_eq!(grid.len(), 12_000);
    let answer = block_on(client(server.url()).range("vector(1)", &grid)).unwrap();
    assert_eq!(answer.series.len(), 1);
    assert_eq!(answer.series[0].points.len(), 12_000);
}

#[test]
fn a_refused_connection_says_what_to_check() {
    let (error, _) = failure(vec![Reply::Hangup]);
    assert!(matches!(error, QueryError::Broken { .. }), "{error}");
}
