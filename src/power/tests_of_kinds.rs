//! Forecasts of means, levels and limits, and with a known past, held against simulated stages.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Normal, Poisson};
use rand_pcg::Pcg64Mcg;

use super::entered::entered;
use super::tests::{close, config, load, numbers, plan, stage};
use super::*;
use crate::judge::looks;
use crate::plan::{Column, Plan, parse_plan};
use crate::snapshot::{ArmSeries, History, Snapshot};
use crate::units::{Instant, Period};

/// A plan with one stage at 50 % and this guardrail.
pub(super) fn with(guardrail: &str) -> Plan {
    let text = format!(
        "[[stages]]\nexposure = 50\nmin_duration = \"24h\"\nrule_out = \"margin\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"business\"\n{guardrail}\n"
    );
    let parsed = parse_plan("release", &text, &config());
    parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.mistakes))
}

/// A mean of 50 over about 300 terms a block and arm, each of which varies by as much as the mean;
/// what is common to both arms does so, too. As a level, with one term. With a past of the same.
fn means(plan: &Plan, factor: f64, level: bool, seed: u64) -> (Snapshot, Instant) {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let (mut snapshot, now) = stage(plan, &load(2.0), 1.0, 288, 0);
    let normal = Normal::<f64>::new(0.0, 1.0).unwrap();
    let mut arms = [ArmSeries::default(), ArmSeries::default()];
    for _ in 0..288 {
        let shared = (0.1_f64 * normal.sample(&mut rng)).exp();
        for (arm, factor) in arms.iter_mut().zip([factor, 1.0]) {
            let count = 300.0;
            let mean = 50.0 * factor * shared * (1.0 + normal.sample(&mut rng) / 300_f64.sqrt());
            let columns = if level {
                vec![(Column::Query, mean)]
            } else {
                vec![(Column::Sum, mean * count), (Column::Count, count)]
            };
            for (key, value) in columns {
                let column = arm.columns.entry(key).or_default();
                column.push(Some(value));
            }
        }
    }
    let [exposed, unexposed] = arms;
    let series = snapshot.guardrails.get_mut("errors").unwrap();
    (series.exposed, series.unexposed) = (exposed, unexposed);
    // Three days of the unexposed arm's halves, which share what both arms share.
    let (mut ends, mut halves) = (Vec::new(), [ArmSeries::default(), ArmSeries::default()]);
    let entered = now.timestamp() - 288 * 300;
    for k in (1..=3 * 288).rev() {
        ends.push(entered - 300 * k);
        let shared = (0.1_f64 * normal.sample(&mut rng)).exp();
        let count: f64 = if level { 300.0 } else { 150.0 };
        for half in &mut halves {
            let mean = 50.0 * shared * (1.0 + normal.sample(&mut rng) / count.sqrt());
            let columns = if level {
                vec![(Column::Query, mean)]
            } else {
                vec![(Column::Sum, mean * count), (Column::Count, count)]
            };
            for (key, value) in columns {
                half.columns.entry(key).or_default().push(Some(value));
            }
        }
    }
    let [first, second] = halves;
    series.history = Some(History::of_halves(
        ends,
        Period::from_minutes(5),
        first,
        second,
    ));
    (snapshot, now)
}

/// Median hours until the real judge proves a breach, or passes.
pub(super) fn median_of(
    plan: &Plan,
    breach: bool,
    snapshot: impl Fn(&Plan, u64) -> (Snapshot, Instant),
) -> f64 {
    let at = entered(plan, 1, plan.stages()[0].exposure, &[]);
    let alpha = plan.judge.rollback_alpha;
    let mut times: Vec<f64> = (0..21)
        .map(|seed| {
            let (snapshot, now) = snapshot(&at, seed);
            let looks = looks(&at, &snapshot, now);
            let own = &looks.guardrails[0];
            let found = if breach {
                let found = looks.rollback.iter().position(|e| e.proves(alpha));
                found.map(|look| looks.ends[look])
            } else {
                let found = own.passes().position(|pass| pass);
                found.map(|look| own.ends[look])
            };
            found.map_or(f64::INFINITY, |end| end as f64 / 3_600.0)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[test]
fn means_and_levels_are_planned_from_how_both_arms_varied() {
    for (level, kind) in [
        (
            false,
            "mean = { sum = 's', count = 'c', worse = \"higher\" }",
        ),
        (true, "gauge = { query = 'q', worse = \"higher\" }"),
    ] {
        let plan = with(&format!("margin = \"10%\"\n{kind}"));
        let at = entered(&plan, 1, plan.stages()[0].exposure, &[]);
        let (seen, _) = means(&at, 1.0, level, 1_000);
        let traffic = Traffic::seen(&plan, &seen, None).unwrap();
        for factor in [1.14, 1.3] {
            let foreseen = numbers(&plan, &traffic, factor, 0).harms[0].cost;
            let simulated = median_of(&plan, true, |plan, seed| means(plan, factor, level, seed));
            let what = format!("{kind} {factor}x");
            close(foreseen.map(|cost| cost.time), simulated, &what);
        }
        let foreseen = numbers(&plan, &traffic, 2.0, 0).rule_out_after;
        let simulated = median_of(&plan, false, |plan, seed| means(plan, 1.0, level, seed));
        // A pass before `min_duration` lets nobody on.
        close(foreseen, simulated.max(24.0), kind);
    }
}

#[test]
fn a_mean_of_which_only_traffic_is_known_says_when_it_can_be_planned() {
    let plan = with("margin = \"10%\"\nmean = { sum = 's', count = 'c', worse = \"higher\" }");
    let given = forecast(&plan, &Traffic::given(&plan, &load(100.0)), &[2.0]);
    let Answer::Unforeseen(why) = &given.stages[0].guardrails[0].answer else {
        panic!("{given:?}");
    };
    assert!(
        why.to_string().contains("ask again in the first stage"),
        "{why:?}"
    );
}

#[test]
fn limits_are_planned_where_nothing_is_compared() {
    let ratio = "ratio = { events = 'e', total = 't' }";
    let mut plan = with(&format!("margin = \"10%\"\nlimit = \"2%\"\n{ratio}"));
    plan.guardrails[0].margin = None;
    let traffic = Traffic::given(&plan, &load(2.0));
    let foreseen = numbers(&plan, &traffic, 4.0, 0);
    let harmful = |plan: &Plan, seed| stage(plan, &load(2.0), 4.0, 288, seed);
    let simulated = median_of(&plan, true, harmful);
    let cost = foreseen.harms[0].cost.unwrap();
    close(Some(cost.time), simulated, "4x against a limit of 2x");
    assert_eq!(foreseen.rule_out.unwrap().to_string(), "limit 2 %");
    // At full exposure a margin compares nothing, and the limit holds.
    let mut both = with(&format!("margin = \"10%\"\nlimit = \"2%\"\n{ratio}"));
    let compared = numbers(&both, &traffic, 4.0, 0);
    assert_eq!(compared.tolerated.to_string(), "10 %");
    if let crate::plan::Schedule::Stages(stages) = &mut both.course {
        stages[0].exposure = crate::units::Exposure::FULL;
    }
    let alone = numbers(&both, &traffic, 4.0, 0);
    assert_eq!(alone.tolerated.to_string(), "limit 2 %");
    assert!(alone.harms[0].cost.unwrap().time <= cost.time);
}

#[test]
fn a_limit_that_takes_too_long_to_prove_is_doubted() {
    let ratio = "ratio = { events = 'e', total = 't' }";
    let mut plan = with(&format!("margin = \"10%\"\nlimit = \"1.04%\"\n{ratio}"));
    plan.guardrails[0].margin = None;
    let slow = forecast(&plan, &Traffic::given(&plan, &load(2.0)), &[]);
    let doubt = &doubts(&slow)[0];
    assert!(
        doubt
            .problem()
            .contains("prove that errors keeps its limit of 1.04 %"),
        "{}",
        doubt.problem()
    );
    assert!(doubt.cure().starts_with("raise the `limit`"));
}

/// Two halves of the unexposed arm over a day, with independent events.
fn past(per_second: f64) -> History {
    let mut rng = Pcg64Mcg::seed_from_u64(99);
    let total = per_second * 150.0;
    let mut half = || {
        let mut draw = |mean: f64| Some(Poisson::new(mean).unwrap().sample(&mut rng));
        ArmSeries {
            columns: BTreeMap::from([
                (
                    Column::Events,
                    (0..288).map(|_| draw(total * 0.01)).collect(),
                ),
                (Column::Total, vec![Some(total); 288]),
            ]),
            buckets: Vec::new(),
        }
    };
    let ends = (-287..=0).map(|k| k * 300).collect();
    History::of_halves(ends, Period::from_minutes(5), half(), half())
}

#[test]
fn a_known_past_is_planned_with_as_the_judge_uses_it() {
    let plan = plan("10%", "margin");
    let at = entered(&plan, 1, plan.stages()[0].exposure, &[]);
    let with_past = |plan: &Plan, factor: f64, seed: u64| {
        let (mut snapshot, now) = stage(plan, &load(100.0), factor, 288, seed);
        let series = snapshot.guardrails.get_mut("errors").unwrap();
        series.history = Some(past(100.0));
        (snapshot, now)
    };
    let (seen, _) = with_past(&at, 1.0, 7);
    let known = Traffic::seen(&plan, &seen, None).unwrap();
    assert!(known.loads["errors"].belief.is_learnt());
    let time = |traffic: &Traffic| {
        numbers(&plan, traffic, 2.0, 0).harms[0]
            .cost
            .map(|c| c.time)
    };
    assert!(time(&known) < time(&Traffic::given(&plan, &load(100.0))));
    let simulated = median_of(&plan, true, |plan, seed| with_past(plan, 2.0, seed));
    close(time(&known), simulated, "2x with a known past");
}
