//! Splits of a past that is made up: sums are kept, seeds decide everything, a healthy release is rarely
//! rolled back, and harm is found.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Exp1, Poisson, StandardNormal};
use rand_pcg::Pcg64Mcg;

use super::arms::Arms;
use super::scene::summed;
use super::*;
use crate::plan::{Column, Kind, Plan, parse_config, parse_plan};
use crate::simulate::instant;
use crate::snapshot::{ArmSeries, InstanceSums, SlotBlocks, SlotPast, SlotSeries, Unsplit};
use crate::units::{Period, Worse};

/// A Monday midnight.
const MONDAY: i64 = 1_795_392_000;
const DAY: i64 = 86_400;
const SLOTS: usize = 12;

const ERRORS: &str = r#"
[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total', worse = "higher" }
"#;

const LEVEL: &str = r#"
[[guardrails]]
name = "level"
category = "reliability"
margin = "20%"
gauge = { query = 'level', worse = "higher" }
"#;

/// Two stages of six hours in blocks of five minutes.
fn plan(guardrails: &str) -> Plan {
    let stages = r#"
[[stages]]
exposure = 5
min_duration = "6h"
rule_out = "5x"

[[stages]]
exposure = 50
min_duration = "6h"
rule_out = "2x"
"#;
    let parsed = parse_plan(
        "shop",
        &format!("{stages}{guardrails}"),
        &parse_config("").value.unwrap(),
    );
    parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.mistakes))
}

/// A service of twelve slots over three days of history and four more.
struct World {
    rng: Pcg64Mcg,
    /// Mean size of a clump of errors.
    clump: f64,
}

impl World {
    fn new(seed: u64, clump: f64) -> Self {
        Self {
            rng: Pcg64Mcg::seed_from_u64(seed),
            clump,
        }
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        Poisson::new(mean).unwrap().sample(&mut self.rng)
    }

    fn ends() -> Vec<i64> {
        (1..=7 * DAY / 300).map(|k| MONDAY + 300 * k).collect()
    }

    /// One in a hundred of a hundred requests a block and slot fails.
    fn errors(&mut self) -> SlotSeries {
        let ends = Self::ends();
        let mut slots = Vec::new();
        let mut instances = Vec::new();
        for slot in 0..SLOTS {
            let mut columns: BTreeMap<Column, Vec<Option<f64>>> = BTreeMap::new();
            for _ in &ends {
                let total = self.poisson(100.0).max(1.0);
                let clumps = self.poisson(total * 0.01 / self.clump);
                let mut events = 0.0;
                let mut left = clumps;
                while left >= 1.0 {
                    left -= 1.0;
                    let size: f64 = Exp1.sample(&mut self.rng);
                    events += if self.clump > 1.0 {
                        (size * self.clump).ceil()
                    } else {
                        1.0
                    };
                }
                let events = f64::min(events, total);
                columns
                    .entry(Column::Events)
                    .or_default()
                    .push(Some(events));
                columns.entry(Column::Total).or_default().push(Some(total));
            }
            let runs = columns.iter().map(|(column, series)| {
                let runs = series.chunks(InstanceSums::RUN);
                (
                    *column,
                    runs.map(|run| run.iter().flatten().sum()).collect(),
                )
            });
            instances.push(InstanceSums {
                name: format!("pod-{slot}"),
                slot,
                runs: runs.collect(),
            });
            slots.push(ArmSeries {
                columns,
                buckets: Vec::new(),
            });
        }
        SlotSeries {
            slots,
            instances,
            scrape_seconds: Some(15),
        }
    }

    /// About 10, with noise of its own in each block.
    fn level(&mut self) -> SlotSeries {
        let level = |rng: &mut Pcg64Mcg| {
            let z: f64 = StandardNormal.sample(rng);
            Some(10.0 * (0.1 * z).exp())
        };
        let slots = (0..SLOTS).map(|_| ArmSeries {
            columns: [
                (
                    Column::Sum,
                    Self::ends().iter().map(|_| level(&mut self.rng)).collect(),
                ),
                (Column::Count, vec![Some(1.0); Self::ends().len()]),
            ]
            .into(),
            buckets: Vec::new(),
        });
        SlotSeries {
            slots: slots.collect(),
            ..SlotSeries::default()
        }
    }
}

fn past(guardrails: Vec<(&str, SlotSeries)>) -> SlotPast {
    let named = guardrails.into_iter();
    SlotPast {
        from: instant(MONDAY + 3 * DAY),
        to: instant(MONDAY + 7 * DAY),
        source: "a test".into(),
        slots: SLOTS,
        instances: SLOTS,
        label: Some("pod".into()),
        parts: vec![SlotBlocks {
            block: Period::from_minutes(5),
            ends: World::ends(),
            guardrails: named.map(|(name, one)| (name.to_owned(), one)).collect(),
        }],
        left_out: BTreeMap::new(),
    }
}

fn split<'a>(plan: &Plan, past: &'a SlotPast) -> Split<'a> {
    Split::new(plan, past).0.unwrap()
}

#[test]
fn the_arms_add_up_to_the_whole() {
    let past = past(vec![("errors", World::new(1, 3.0).errors())]);
    let split = split(&plan(ERRORS), &past);
    let entered = MONDAY + 4 * DAY;
    let plan = crate::simulate::as_if(split.plan(), 2, instant(entered)).unwrap();
    let mut arms = Arms::shuffled(SLOTS, 3);
    split.expose(&plan, &mut arms, entered).unwrap();
    let pasts = split.pasts(&arms, entered);
    let snapshot = split
        .snapshot(&plan, (&arms, &pasts), entered + DAY / 4, None)
        .unwrap();
    let series = &snapshot.guardrails["errors"];
    let part = &past.parts[0];
    let places = part.places(entered, entered + DAY / 4);
    assert_eq!(series.ends, part.ends[places.clone()]);
    let kind = Kind::Ratio {
        worse: Worse::Higher,
    };
    let whole = summed(kind, &part.guardrails["errors"], places, &|_, _| true);
    assert_eq!(
        ArmSeries::sum([&series.exposed, &series.unexposed].into_iter()),
        whole
    );
    // Half of twelve, each on instances of its own.
    let counts = series.instances.clone().unwrap();
    assert_eq!((counts.exposed, counts.unexposed), (6, 6));
    assert_eq!(counts.housing(), Some(crate::snapshot::Housing::Own));
    // Three days before the stage, of all slots, since none was exposed then.
    let history = series.history.as_ref().unwrap();
    assert_eq!((history.ends.len(), history.groups.len()), (863, 8));
    let before = part.places(entered - 3 * DAY, entered - 60);
    let whole = summed(kind, &part.guardrails["errors"], before, &|_, _| true);
    assert_eq!(ArmSeries::sum(history.groups.iter()), whole);
}

#[test]
fn a_level_is_the_mean_of_its_arms_series() {
    let mut level = World::new(1, 1.0).level();
    for (slot, arm) in level.slots.iter_mut().enumerate() {
        let value = slot as f64;
        arm.columns
            .insert(Column::Sum, vec![Some(value); World::ends().len()]);
    }
    let kind = Kind::Gauge {
        worse: Worse::Higher,
    };
    let some = summed(kind, &level, 0..1, &|slot, _| slot < 3);
    assert_eq!(some.columns[&Column::Query], [Some(1.0)]);
}

#[test]
fn a_seed_decides_a_rollout() {
    let past = past(vec![("errors", World::new(2, 3.0).errors())]);
    let split = split(&plan(ERRORS), &past);
    let start = MONDAY + 3 * DAY;
    let runs: Vec<SplitRun> = [1, 1, 2].map(|seed| split.run(start, seed)).into();
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0].ended, SplitEnded::Released);
    let exposed: Vec<usize> = runs[0].stages.iter().map(|stage| stage.slots).collect();
    assert_eq!(exposed, [1, 6]);
}

#[test]
fn healthy_releases_with_clumped_errors_are_rarely_rolled_back() {
    let mut ended = Vec::new();
    for seed in 1..=3 {
        let past = past(vec![("errors", World::new(seed, 10.0).errors())]);
        let split = split(&plan(ERRORS), &past);
        let starts = Starts::spread(split.plan(), (past.from, past.to), SLOTS, 20).unwrap();
        let runs = starts
            .jobs()
            .into_iter()
            .map(|(at, seed)| split.run(at, seed));
        ended.extend(runs.map(|run| run.ended));
    }
    assert_eq!(ended.len(), 60);
    let rolled_back = ended
        .iter()
        .filter(|end| matches!(end, SplitEnded::RolledBack { .. }));
    assert!(rolled_back.count() <= 3, "{ended:?}");
}

#[test]
fn harm_is_found_and_more_of_it_sooner() {
    let past = past(vec![("errors", World::new(4, 1.0).errors())]);
    let split = split(&plan(ERRORS), &past);
    let starts = Starts::spread(split.plan(), (past.from, past.to), SLOTS, 20).unwrap();
    let found = split.smallest(0, 2, &starts);
    let SmallestHarm::Found { factor, seconds } = found else {
        panic!("{found:?}");
    };
    assert!((1.25..=2.0).contains(&factor), "{found:?}");
    assert!((600..=DAY).contains(&seconds), "{found:?}");
}

#[test]
fn what_only_warns_is_not_sought() {
    let past = past(vec![("errors", World::new(4, 1.0).errors())]);
    let warns = ERRORS.replace("margin", "on_breach = \"warn\"\nmargin");
    let guards = format!("{warns}{LEVEL}");
    let mut plan = plan(&guards);
    plan.guardrails.truncate(1);
    let split = split(&plan, &past);
    let starts = Starts::spread(split.plan(), (past.from, past.to), SLOTS, 20).unwrap();
    assert_eq!(split.smallest(0, 1, &starts), SmallestHarm::NotSought);
}

#[test]
fn what_cannot_be_split_is_left_out_with_its_reason() {
    let mut past = past(vec![("errors", World::new(4, 1.0).errors())]);
    past.left_out.insert("level".into(), Unsplit::OneInstance);
    let point = r#"
[[guardrails]]
name = "plain"
category = "reliability"
point = { query = 'x', max = 1, consecutive = 3 }
"#;
    let plan = plan(&format!("{ERRORS}{LEVEL}{point}"));
    let (split, left_out) = Split::new(&plan, &past);
    let names: Vec<&str> = split
        .as_ref()
        .unwrap()
        .plan()
        .guardrails
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["errors"]);
    assert_eq!(
        left_out,
        [
            ("level".to_owned(), LeftOut::Unsplit(Unsplit::OneInstance)),
            ("plain".to_owned(), LeftOut::Point)
        ]
    );
    past.parts[0].guardrails.clear();
    assert!(Split::new(&plan, &past).0.is_none());
}

#[test]
fn the_scatter_of_a_metric_is_measured() {
    let mut world = World::new(6, 1.0);
    let calm = world.errors();
    let level = world.level();
    let past = past(vec![("errors", calm), ("level", level)]);
    let plan = plan(&format!("{ERRORS}{LEVEL}"));
    let split = split(&plan, &past);
    let Scatter::Counts { clumps, .. } = split.scatter(&plan.guardrails[0]) else {
        panic!("events are counted");
    };
    assert!((1.0..1.3).contains(&clumps), "{clumps}");
    let Scatter::Values { hour, day } = split.scatter(&plan.guardrails[1]) else {
        panic!("levels are values");
    };
    // Two halves of six series with 10 % each, over twelve blocks.
    let expected = 0.1 * (2.0 / 6.0_f64 / 12.0).sqrt();
    assert!((hour / expected - 1.0).abs() < 0.2, "{hour} {expected}");
    assert!(day.unwrap() < hour);
}

#[test]
fn starts_are_spread_where_a_rollout_fits_and_near_each_other_where_it_does_not() {
    let plan = plan(ERRORS);
    let from = instant(MONDAY);
    let days = |days: i64| instant(MONDAY + days * DAY);
    let starts = Starts::spread(&plan, (from, days(4)), 12, 200).unwrap();
    assert_eq!((starts.splits, starts.at.len()), (40, 5));
    assert_eq!(starts.at[0], MONDAY);
    // A rollout takes half a day at least.
    assert_eq!(starts.at[4], MONDAY + 4 * DAY - DAY / 2);
    assert_eq!(starts.jobs().len(), 200);
    // Two slots can be exposed in two orders.
    let few = Starts::spread(&plan, (from, days(4)), 2, 200).unwrap();
    assert_eq!((few.splits, few.at.len()), (2, 85));
    let tight = Starts::spread(&plan, (from, instant(MONDAY + 8 * 3_600)), 12, 200).unwrap();
    assert!(
        tight.at.iter().all(|at| *at <= MONDAY + 2 * 3_600),
        "{tight:?}"
    );
    let short = Starts::spread(&plan, (from, instant(MONDAY + 3_600)), 12, 200);
    assert_eq!(
        short,
        Err(TooShort {
            first: Period::from_hours(6),
            needed: Period::from_hours(6)
        })
    );
}

#[test]
fn a_week_is_asked_for_or_what_two_rollouts_take() {
    let mut plan = plan(ERRORS);
    assert_eq!(days_to_ask(&plan), Period::from_hours(7 * 24));
    if let crate::plan::Schedule::Stages(stages) = &mut plan.course {
        for stage in stages {
            stage.min_duration = Period::from_hours(96);
        }
    }
    assert_eq!(days_to_ask(&plan), Period::from_hours(16 * 24));
}
