//! Answers as servers send them, and bytes that are none.

use super::*;

fn ok(body: &str) -> Answer {
    interpret("http://p", 200, body.as_bytes()).unwrap()
}

fn fails(status: u16, body: &str) -> QueryError {
    interpret("http://p", status, body.as_bytes()).unwrap_err()
}

#[test]
fn an_empty_vector_is_an_answer_without_series() {
    let answer = ok(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
    assert_eq!(answer, Answer::default());
}

#[test]
fn values_come_through_with_nan_infinities_and_milliseconds() {
    let answer = ok(
        r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"variant":"a"},
           "values":[[1767300000.123,"1"],[1767300001,"NaN"],[1767300002,"+Inf"],[1767300003,"-Inf"]]}]}}"#,
    );
    let series = &answer.series[0];
    assert_eq!(series.labels["variant"], "a");
    assert_eq!(series.points[0].at_ms, 1_767_300_000_123);
    assert!(series.points[1].value.is_nan());
    assert_eq!(series.points[2].value.to_bits(), f64::INFINITY.to_bits());
    assert_eq!(
        series.points[3].value.to_bits(),
        f64::NEG_INFINITY.to_bits()
    );
}

#[test]
fn a_scalar_is_one_series_without_labels() {
    let answer =
        ok(r#"{"status":"success","data":{"resultType":"scalar","result":[1767300000,"4"]}}"#);
    assert_eq!(answer.series.len(), 1);
    assert!(answer.series[0].labels.is_empty());
}

#[test]
fn a_native_histogram_keeps_its_buckets() {
    let answer = ok(
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":
           [1767300000,{"count":"3","sum":"1.5","buckets":[[0,"0.5","1","3"]]}]}]}}"#,
    );
    let point = &answer.series[0].histograms[0];
    assert_eq!(point.buckets.len(), 1);
    assert_eq!(point.buckets[0].upper.to_bits(), 1.0_f64.to_bits());
}

#[test]
fn warnings_survive_even_with_an_empty_vector() {
    let answer = ok(
        r#"{"status":"success","warnings":["store down"],"data":{"resultType":"vector","result":[]}}"#,
    );
    assert_eq!(answer.warnings, ["store down"]);
    let partial =
        ok(r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}"#);
    assert_eq!(partial.warnings.len(), 1);
}

#[test]
fn a_bad_query_is_served_and_a_failing_server_is_not() {
    let bad = fails(
        400,
        r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
    );
    assert!(bad.was_served(), "{bad}");
    let execution = fails(
        422,
        r#"{"status":"error","errorType":"422","error":"boom"}"#,
    );
    assert!(execution.was_served());
    let busy = fails(
        503,
        r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#,
    );
    assert!(!busy.was_served() && busy.is_transient());
    assert!(busy.to_string().contains("query timed out"));
}

#[test]
fn plain_text_errors_are_told_apart() {
    assert!(matches!(
        fails(401, "Unauthorized\n"),
        QueryError::Refused { status: 401, .. }
    ));
    assert!(matches!(
        fails(404, "404 page not found\n"),
        QueryError::NotAnApi { status: 404, .. }
    ));
    assert!(matches!(
        fails(405, "Method Not Allowed"),
        QueryError::NotAnApi { status: 405, .. }
    ));
    assert!(matches!(
        fails(400, "Client sent an HTTP request to an HTTPS server.\n"),
        QueryError::NeedsTls { .. }
    ));
    assert!(matches!(
        fails(200, "<html>Sign in</html>"),
        QueryError::NotAnApi { .. }
    ));
    assert!(matches!(fails(200, ""), QueryError::NotAnApi { .. }));
    assert!(matches!(
        fails(200, r#"{"status":"ok"}"#),
        QueryError::NotAnApi { .. }
    ));
    assert!(matches!(
        fails(502, "<html>Bad Gateway"),
        QueryError::Busy { status: 502, .. }
    ));
}

#[test]
fn half_an_answer_is_not_an_answer() {
    let whole = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
    for cut in 1..whole.len() {
        let error = fails(200, &whole[..cut]);
        assert!(matches!(error, QueryError::Broken { .. }), "{cut}: {error}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn any_bytes_under_any_status_mean_something(
        status in 100_u16..600,
        text in "[\\[\\]{}\":,a-z0-9.]{0,60}",
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60),
    ) {
        for body in [text.as_bytes(), &bytes] {
            if let Err(error) = interpret("http://p", status, body) {
                proptest::prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}

#[test]
fn a_string_or_an_unreadable_number_is_no_answer() {
    let text = r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#;
    assert!(matches!(fails(200, text), QueryError::NotAnApi { .. }));
    let odd = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"x"]}}"#;
    assert!(matches!(fails(200, odd), QueryError::NotAnApi { .. }));
}
