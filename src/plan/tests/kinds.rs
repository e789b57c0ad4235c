//! Every kind of metric, every form of the keys that have several, and what is filled in where a
//! plan says nothing.

use super::support::{config, config_with, plan_of, plan_with, value};
use crate::plan::{
    ArmQuery, Column, Compared, Curve, Guardrail, Kind, OnBreach, OnNoData, Pace, Plan, PointBound,
    Role, RuleOut, Schedule, Source, TimeUnit, parse_config, parse_plan,
};
use crate::units::{Effect, Exposure, Period, Worse};

/// A plan without surface whose only guardrail has these keys.
fn text_with(keys: &str) -> String {
    format!(
        "[[stages]]\nexposure = 100\n\n[[guardrails]]\nname = \"it\"\ncategory = \"business\"\n{keys}\n"
    )
}

fn guardrail(keys: &str) -> Guardrail {
    let text = text_with(keys);
    let mut plan = value(&text, plan_of(&text));
    plan.guardrails.remove(0)
}

fn selectors(guardrail: &Guardrail) -> Vec<(Column, &str)> {
    match &guardrail.metric.source {
        Source::Selectors(columns) => columns.iter().map(|(c, s)| (*c, s.as_str())).collect(),
        Source::PerArm { .. } => panic!("selectors"),
    }
}

#[test]
fn a_ratio_is_worse_when_higher_unless_it_says_otherwise() {
    let it = guardrail("margin = \"10%\"\nratio = { events = 'e', total = 't' }");
    assert_eq!(
        it.metric.kind,
        Kind::Ratio {
            worse: Worse::Higher
        }
    );
    assert_eq!(
        selectors(&it),
        [(Column::Events, "e"), (Column::Total, "t")]
    );
    let it =
        guardrail("margin = \"10%\"\nratio = { events = 'e', total = 't', worse = \"lower\" }");
    assert_eq!(
        it.metric.kind,
        Kind::Ratio {
            worse: Worse::Lower
        }
    );
}

#[test]
fn a_rate_counts_events_per_exposure() {
    let it = guardrail("margin = \"10%\"\nrate = { events = 'crashes', per = 'user_hours' }");
    assert_eq!(
        it.metric.kind,
        Kind::Rate {
            worse: Worse::Higher
        }
    );
    assert_eq!(
        selectors(&it),
        [(Column::Events, "crashes"), (Column::Per, "user_hours")]
    );
}

#[test]
fn a_latency_says_whether_its_margin_speaks_of_shares_or_of_the_quantile() {
    let kind = |more: &str| {
        let line = format!("latency = {{ histogram = 's_bucket', quantile = 0.95{more} }}");
        guardrail(&format!("margin = \"25%\"\n{line}"))
    };
    let compared = |more: &str| match kind(more).metric.kind {
        Kind::Latency { compare, .. } => compare,
        other => panic!("{other:?}"),
    };
    assert_eq!(compared(""), Compared::Share);
    assert_eq!(compared(", compare = \"share\""), Compared::Share);
    assert_eq!(compared(", compare = \"quantile\""), Compared::Quantile);
    // Evidence for the one says nothing of the other; saying the default aloud changes nothing.
    let digest = |more: &str| kind(more).definition;
    assert_eq!(digest(""), digest(", compare = \"share\""));
    assert_ne!(digest(""), digest(", compare = \"quantile\""));
}

#[test]
fn a_mean_may_have_an_absolute_margin() {
    let it = guardrail("margin = 1.5\nmean = { sum = 's', count = 'c', worse = \"lower\" }");
    assert_eq!(
        it.metric.kind,
        Kind::Mean {
            worse: Worse::Lower
        }
    );
    assert_eq!(it.margin, Some(Effect::Absolute(1.5)));
}

#[test]
fn a_gauge_is_a_level_of_one_selector() {
    let it =
        guardrail("margin = \"10%\"\ngauge = { query = 'cpu{app=\"x\"}', worse = \"higher\" }");
    assert_eq!(selectors(&it), [(Column::Query, "cpu{app=\"x\"}")]);
}

#[test]
fn a_point_takes_a_query_as_it_is_and_needs_no_margin() {
    let it = guardrail("point = { query = 'max(cpu)', max = \"90%\" }");
    let Kind::Point {
        bound: PointBound::Max(bound),
        consecutive: 3,
    } = it.metric.kind
    else {
        panic!("three blocks above a bound");
    };
    assert_eq!(bound.to_string(), "90%");
    assert_eq!(
        it.metric.source,
        Source::PerArm {
            exposed: vec![(Column::Query, ArmQuery::parse("max(cpu)").unwrap())],
            unexposed: vec![],
        }
    );
    assert_eq!(it.margin, None);
}

#[test]
fn queries_for_each_arm_are_taken_as_they_are() {
    let it = guardrail(
        "margin = \"10%\"\nlatency = { exposed = { histogram = 'sum by (le) (increase(a[$block]))' }, unexposed = { histogram = 'sum by (le) (increase(b[$block]))' }, quantile = 0.9 }",
    );
    let Source::PerArm { exposed, unexposed } = &it.metric.source else {
        panic!("per arm");
    };
    assert_eq!(exposed[0].1.as_str(), "sum by (le) (increase(a[$block]))");
    assert_eq!(unexposed[0].0, Column::Histogram);
}

#[test]
fn consequences_have_defaults() {
    let it = guardrail("margin = \"10%\"\nratio = { events = 'e', total = 't' }");
    assert_eq!(
        (it.on_breach, it.on_no_data),
        (OnBreach::Rollback, OnNoData::Hold)
    );
    let it = guardrail(
        "margin = \"10%\"\non_no_data = \"rollback\"\nratio = { events = 'e', total = 't' }",
    );
    let after = Period::from_minutes(30);
    assert_eq!(it.on_no_data, OnNoData::Rollback { after });
}

#[test]
fn a_success_metric_needs_no_margin_and_stops_nothing() {
    let text = format!(
        "require_success = true\n{}\n[[guardrails]]\nname = \"orders\"\ncategory = \"business\"\nrole = \"success\"\nratio = {{ events = 'o', total = 'v', worse = \"lower\" }}\n",
        text_with("margin = \"10%\"\nratio = { events = 'e', total = 't' }")
    );
    let plan = value(&text, plan_of(&text));
    let orders = &plan.guardrails[1];
    assert_eq!(
        (orders.role, orders.on_breach, orders.margin),
        (Role::Success, OnBreach::Warn, None)
    );
    assert!(plan.require_success);
}

#[test]
fn a_plan_overrides_what_the_shared_metric_says() {
    let text = config_with(
        "category = \"reliability\"",
        "category = \"reliability\"\nmargin = \"50%\"\nlimit = \"5%\"\non_breach = \"pause\"\non_no_data = \"rollback\"\nno_data_timeout = \"2h\"",
    );
    let config = value(&text, parse_config(&text));
    let plan = |keys: &str| -> Plan {
        let text = format!(
            "[[stages]]\nexposure = 1\n[[guardrails]]\nmetric = \"checkout-errors\"\n{keys}"
        );
        value(&text, parse_plan("p", &text, &config))
    };
    let inherited = plan("").guardrails.remove(0);
    assert_eq!(inherited.name, "checkout-errors");
    assert_eq!(inherited.margin, Some(Effect::Relative(0.5)));
    assert_eq!(inherited.on_breach, OnBreach::Pause);
    let after = Period::from_hours(2);
    assert_eq!(inherited.on_no_data, OnNoData::Rollback { after });
    let own = plan(
        "name = \"errors\"\nmargin = \"10%\"\non_breach = \"rollback\"\non_no_data = \"hold\"\n",
    )
    .guardrails
    .remove(0);
    assert_eq!(
        (own.name.as_str(), own.margin),
        ("errors", Some(Effect::Relative(0.1)))
    );
    assert_eq!(
        (own.on_breach, own.on_no_data),
        (OnBreach::Rollback, OnNoData::Hold)
    );
    assert_eq!(own.limit.map(|l| l.to_string()).as_deref(), Some("5%"));
}

#[test]
fn stages_rule_out_by_word_by_size_and_by_guardrail() {
    let ruled_out = |toml: &str| {
        let text = plan_with("rule_out = \"2x\"", &format!("rule_out = {toml}"));
        value(&text, plan_of(&text)).stages()[1].rule_out.clone()
    };
    assert_eq!(ruled_out("\"nothing\""), RuleOut::Nothing);
    assert_eq!(ruled_out("\"margin\""), RuleOut::Margin);
    assert_eq!(ruled_out("\"50%\""), RuleOut::Every(Effect::Relative(0.5)));
    let named = ruled_out("{ checkout-errors = \"5x\", checkout-latency = 0.3 }");
    let sizes = [
        ("checkout-errors".to_owned(), Effect::Ratio(5.0)),
        ("checkout-latency".to_owned(), Effect::Absolute(0.3)),
    ];
    assert_eq!(named, RuleOut::Named(sizes.into()));
}

#[test]
fn a_ramp_has_defaults() {
    let text = text_with("margin = \"10%\"\nratio = { events = 'e', total = 't' }").replace(
        "[[stages]]\nexposure = 100",
        "[ramp]\nfrom = 1\nto = 100\nover = \"7d\"",
    );
    let plan = value(&text, plan_of(&text));
    let Schedule::Ramp(ramp) = &plan.course else {
        panic!("a ramp");
    };
    assert_eq!(
        (ramp.from, ramp.to),
        (Exposure::floor_percent(1.0), Exposure::FULL)
    );
    assert_eq!((ramp.curve, ramp.pace), (Curve::Geometric, Pace::Fixed));
    assert_eq!(ramp.every, Some(Period::from_hours(1)));
}

#[test]
fn a_stage_needs_nothing_but_its_exposure() {
    let text = text_with("margin = \"10%\"\nratio = { events = 'e', total = 't' }");
    let plan = value(&text, plan_of(&text));
    let stage = &plan.stages()[0];
    assert_eq!(
        (stage.min_duration, stage.max_duration),
        (Period::ZERO, None)
    );
    assert_eq!((&stage.rule_out, stage.approval), (&RuleOut::Margin, false));
}

#[test]
fn a_guardrail_keeps_its_definition_until_its_evidence_would_mean_something_else() {
    let base = "margin = \"10%\"\nlimit = \"2%\"\nratio = { events = 'e', total = 't' }";
    let definition = guardrail(base).definition;
    let same = [
        format!(
            "on_breach = \"warn\"\n{base}\n[[guardrails]]\nmetric = \"checkout-errors\"\nmargin = \"10%\""
        ),
        format!("on_no_data = \"pause\"\n{base}"),
        base.replace("'e'", "\" e \""),
        base.replace("limit = \"2%\"", "limit = 0.02"),
    ];
    for keys in same {
        assert_eq!(guardrail(&keys).definition, definition, "{keys}");
    }
    let other = [
        base.replace("10%", "11%"),
        base.replace("10%", "1.1x"),
        base.replace("\"2%\"", "\"3%\""),
        base.replace("limit = \"2%\"\n", ""),
        base.replace("'e'", "'f'"),
        base.replace("total = 't'", "total = 't', worse = \"lower\""),
        base.replace(
            "ratio = { events = 'e', total = 't' }",
            "rate = { events = 'e', per = 't' }",
        )
        .replace("\"2%\"", "0.02"),
    ];
    for keys in other {
        assert_ne!(guardrail(&keys).definition, definition, "{keys}");
    }
    let text = text_with(base);
    let mut settings = config();
    settings.arms.label = "arm".into();
    let plan = value(&text, parse_plan("p", &text, &settings));
    assert_ne!(plan.guardrails[0].definition, definition);
    let mut settings = config();
    settings.judge.block = Some(Period::from_minutes(1));
    let plan = value(&text, parse_plan("p", &text, &settings));
    assert_ne!(plan.guardrails[0].definition, definition);
}

#[test]
fn a_definition_is_the_same_in_every_version() {
    // A change here restarts the evidence of every running rollout: it must be meant.
    let keys = "margin = \"10%\"\nlimit = \"2%\"\nratio = { events = 'e', total = 't' }";
    insta::assert_snapshot!(guardrail(keys).definition, @r"
    sha256:1cf20c9c0df11213ce5d9157608f29619770f3ca5a34f0e9d35c67eb6db8f82f
    ");
}

#[test]
fn the_unit_of_a_latency_is_its_own_or_what_the_name_says() {
    let of = |keys: &str| {
        let it = guardrail(&format!("margin = \"10%\"\n{keys}"));
        let Kind::Latency { unit, .. } = it.metric.kind else {
            panic!("a latency");
        };
        (unit, it.limit.map(|limit| limit.to_string()))
    };
    let (s, ms) = (TimeUnit::Seconds, TimeUnit::Milliseconds);
    for (histogram, unit) in [
        ("x_bucket", s),
        ("x_seconds_bucket", s),
        ("x_ms_bucket", ms),
        ("x_milliseconds_bucket{app=\"a\"}", ms),
        ("{__name__=\"x_ms_bucket\"}", ms),
        ("x_ms", ms),
        ("x_forms_bucket", s),
        ("x_bucket{of=\"y_ms\"}", s),
    ] {
        let latency = format!("latency = {{ histogram = '{histogram}', quantile = 0.9 }}");
        assert_eq!(of(&latency).0, unit, "{histogram}");
    }
    let limited = |limit: &str, unit: &str| {
        of(&format!(
            "limit = {limit}\nlatency = {{ histogram = 'x_bucket', quantile = 0.9{unit} }}"
        ))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(limited("\"500ms\"", ", unit = \"ms\""), (ms, text("500ms")));
    assert_eq!(limited("500", ", unit = \"ms\""), (ms, text("500ms")));
    assert_eq!(limited("0.5", ""), (s, text("0.5")));
    let written =
        "limit = 500\nlatency = { histogram = 'x_ms_bucket', quantile = 0.9, unit = \"ms\" }";
    let inferred = "limit = 500\nlatency = { histogram = 'x_ms_bucket', quantile = 0.9 }";
    let other =
        "limit = 500\nlatency = { histogram = 'x_ms_bucket', quantile = 0.9, unit = \"s\" }";
    let digest = |keys: &str| guardrail(&format!("margin = \"10%\"\n{keys}")).definition;
    assert_eq!(
        digest(written),
        digest(inferred),
        "saying what is so changes nothing"
    );
    assert_ne!(digest(other), digest(inferred));
    // A limit in a string meant something else to the first judge: evidence of then starts again.
    let in_quotes = inferred.replace("limit = 500", "limit = \"500ms\"");
    assert_ne!(
        digest(&in_quotes),
        digest(&inferred.replace("limit = 500", "limit = 0.5"))
    );
}
