//! Every sentence about a plan on its own past.

use super::*;
use crate::plan::OnBreach;
use crate::report::OutputStyle;
use crate::simulate::{
    GuardrailAnswer, LeftOut, Scatter, SmallestHarm, SplitAnswer, StageAnswer, instant,
};
use crate::snapshot::Unsplit;
use crate::units::{Exposure, Period};

const HOUR: i64 = 3_600;

fn stage(stage: u32, percent: f64, slots: usize, rolled_back: u32) -> StageAnswer {
    StageAnswer {
        stage,
        exposure: Exposure::from_percent(percent).unwrap(),
        share: slots as f64 / 12.0,
        slots,
        min_duration: Period::from_hours(24),
        entered: 200,
        left: 200 - rolled_back,
        seconds: Some(26 * HOUR),
        rolled_back,
        paused: 0,
    }
}

fn guardrail(name: &str, scatter: Scatter) -> GuardrailAnswer {
    let found = |factor, hours: i64| SmallestHarm::Found {
        factor,
        seconds: hours * HOUR,
    };
    GuardrailAnswer {
        name: name.into(),
        on_breach: OnBreach::Rollback,
        divides: false,
        rolled_back: 0,
        paused: 0,
        harms: vec![(1, found(2.0, 5)), (2, found(1.25, 9))],
        scatter,
    }
}

/// Three stages of a day and four guardrails.
fn answer() -> SplitAnswer {
    let counts = Scatter::Counts {
        clumps: 5.06,
        drift: 0.082,
        spread: 0.1234,
    };
    let calm = Scatter::Counts {
        clumps: 1.08,
        drift: 0.004,
        spread: 0.0,
    };
    let wandering = Scatter::Values {
        hour: 0.0241,
        day: Some(0.0312),
    };
    let revenue = Scatter::Values {
        hour: 0.051,
        day: Some(0.009),
    };
    SplitAnswer {
        plan: "checkout".into(),
        source: "http://prometheus:9090".into(),
        from: instant(1_795_392_000),
        to: instant(1_795_392_000 + 7 * 24 * HOUR),
        slots: 12,
        instances: 37,
        label: Some("pod".into()),
        rollouts: 200,
        splits: 40,
        rolled_back: 2,
        rolled_back_interval: (0.001_213, 0.035_654),
        paused: 0,
        held: 0,
        released: 198,
        data_ended: 0,
        released_after: Some(98 * HOUR),
        stages: vec![
            stage(1, 1.0, 1, 2),
            stage(2, 50.0, 6, 0),
            stage(3, 100.0, 12, 0),
        ],
        guardrails: vec![
            GuardrailAnswer {
                rolled_back: 2,
                ..guardrail("errors", counts)
            },
            GuardrailAnswer {
                on_breach: OnBreach::Pause,
                ..guardrail("latency", calm)
            },
            guardrail("cpu", wandering),
            GuardrailAnswer {
                divides: true,
                harms: vec![(1, SmallestHarm::Beyond), (2, SmallestHarm::NoData)],
                ..guardrail("revenue", revenue)
            },
        ],
        left_out: vec![
            ("own".into(), LeftOut::Unsplit(Unsplit::OwnQueries)),
            ("plain".into(), LeftOut::Point),
        ],
    }
}

fn text(answer: &SplitAnswer, width: usize) -> String {
    let output = OutputStyle {
        color: false,
        unicode: true,
        width,
    };
    let mut text = Vec::new();
    render(answer, 0.05, &output, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn the_answer_is_a_sentence_two_tables_and_the_noise_in_words() {
    insta::assert_snapshot!(text(&answer(), 80));
}

#[test]
fn it_fits_narrow_and_wide_terminals() {
    for width in [80, 120, 200] {
        let text = text(&answer(), width);
        assert!(
            text.lines().all(|line| line.chars().count() <= width),
            "{text}"
        );
    }
}

/// The text without its line breaks.
fn joined(answer: &SplitAnswer) -> String {
    let text = text(answer, 120);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// The first sentence.
fn headline(answer: &SplitAnswer) -> String {
    let text = joined(answer);
    let (_, rest) = text.split_once(' ').unwrap();
    let (sentence, _) = rest.split_once(". 7 d of").unwrap();
    format!("{sentence}.")
}

#[test]
fn the_headline_says_how_healthy_releases_end() {
    assert_eq!(
        headline(&answer()),
        "A healthy release would have been rolled back in 2 of 200 rollouts (1 %; 95 %: 0.12 % to 3.6 %) and takes 4d 2h at the median."
    );
    let never = SplitAnswer {
        rolled_back: 0,
        rolled_back_interval: (0.0, 0.018_275),
        paused: 3,
        released: 47,
        data_ended: 150,
        released_after: None,
        ..answer()
    };
    assert_eq!(
        headline(&never),
        "A healthy release would have been rolled back in none of 200 rollouts (95 %: at most 1.8 %), paused in 3; of the others 47 are released within the data, and 150 have not ended."
    );
    let cut = SplitAnswer {
        released: 0,
        data_ended: 197,
        ..never.clone()
    };
    assert!(
        headline(&cut).ends_with("; none of the others is released within the data."),
        "{}",
        headline(&cut)
    );
    let held = SplitAnswer {
        held: 120,
        data_ended: 0,
        ..never
    };
    assert!(
        headline(&held)
            .ends_with("paused in 3; in 120 a gate stays closed until a person decides."),
        "{}",
        headline(&held)
    );
}

#[test]
fn too_many_rollbacks_are_a_warning_with_a_cure() {
    assert!(!text(&answer(), 80).contains("warning"));
    let mut often = answer();
    often.rolled_back = 40;
    often.rolled_back_interval = (0.147, 0.262);
    often.guardrails[0].rolled_back = 38;
    let text = joined(&often);
    let problem = "warning: healthy releases are rolled back in more than 5 % of rollouts, 38 of these 40 by errors";
    let cure = "help: let errors differ by more (`margin`), let it pause in place of rolling back (`on_breach = \"pause\"`), or begin at an exposure of several instances; a rollout whose arms share their instances is calmer than this";
    assert!(text.ends_with(&format!(" {problem} {cure}")), "{text}");
}

#[test]
fn a_pause_has_a_column_where_there_is_one() {
    let mut paused = answer();
    paused.paused = 4;
    paused.stages[0].paused = 4;
    paused.guardrails[1].paused = 4;
    let text = text(&paused, 80);
    assert!(text.contains("paused\n"), "{text}");
    assert!(text.contains("latency    4 paused"), "{text}");
}

#[test]
fn rollouts_that_end_with_the_data_stay_in_the_table() {
    let mut cut = answer();
    cut.stages[1].left = 150;
    let text = text(&cut, 80);
    assert!(text.contains("ended"), "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("not ended: still there where the data ended"),
        "{text}"
    );
    assert_eq!(cut.stages[1].open(), 50);
}

#[test]
fn along_a_ramp_no_harm_is_looked_for() {
    let mut ramp = answer();
    for guardrail in &mut ramp.guardrails {
        guardrail.harms.clear();
    }
    let text = text(&ramp, 80);
    assert!(
        text.contains("  the smallest harm that is found is not looked for along a ramp\n")
            && !text.contains("harm in"),
        "{text}"
    );
}

#[test]
fn as_json_it_has_every_number() {
    insta::assert_json_snapshot!(document(&answer(), 0.05));
}

#[test]
fn what_cannot_be_told_is_said() {
    assert_eq!(
        super::words::scatter(Scatter::Unknown),
        "how it scatters cannot be told"
    );
    let few = Scatter::Values {
        hour: 0.02,
        day: None,
    };
    assert_eq!(
        super::words::scatter(few),
        "halves of the instances differ by about 2 % from hour to hour"
    );
    let warns = GuardrailAnswer {
        on_breach: OnBreach::Warn,
        harms: vec![(1, SmallestHarm::NotSought)],
        ..guardrail("x", Scatter::Unknown)
    };
    assert_eq!(super::words::did(&warns), "warns");
    assert_eq!(super::words::harm(&warns, SmallestHarm::NotSought), "-");
}
