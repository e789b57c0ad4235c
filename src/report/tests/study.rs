//! A study of simulated rollouts as a table and as JSON.

use crate::report::{OutputStyle, study};
use crate::simulate::tests::setting;
use crate::simulate::{Job, Method, Run, Study};

use super::cases::value;

#[test]
fn every_method_has_a_line_for_every_harm_in_a_table_that_fits() {
    let of = Study {
        setting: setting("5x", None),
        factors: vec![1.0, 5.0],
        methods: Method::ALL.to_vec(),
        rollouts: 2,
        seed: 1,
    };
    let done: Vec<(Job, Run)> = of
        .jobs()
        .into_iter()
        .map(|job| (job, of.run(job)))
        .collect();
    let rows = of.rows(&done);
    let mut text = Vec::new();
    let output = OutputStyle {
        color: false,
        unicode: true,
        width: 100,
    };
    study::render(&of, "shared", &rows, &output, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for word in [
        "none",
        "5x",
        "rollout",
        "threshold",
        "z-test",
        "mann-whitney",
    ] {
        assert!(text.contains(word), "{word} is not in\n{text}");
    }
    let mut narrow = Vec::new();
    let output = OutputStyle {
        width: 80,
        ..output
    };
    study::render(&of, "shared", &rows, &output, &mut narrow).unwrap();
    let narrow = String::from_utf8(narrow).unwrap();
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 80),
        "{narrow}"
    );
    let json = value(&study::document(&of, "shared", &rows));
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(8));
}
