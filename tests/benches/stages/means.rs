//! Means and levels in a single stage: paired blocks, with restarts for harm that sets in late.

use rand::{Rng, SeedableRng as _};
use rand_distr::{Distribution as _, Normal};
use rand_pcg::Pcg64Mcg;
use rollout::plan::{Column, Guardrail, Kind};
use rollout::simulate::{Autoregression, poisson};
use rollout::snapshot::{ArmSeries, GuardrailSeries};
use rollout::units::{Effect, Exposure, Worse};

use super::{BLOCKS, empty, median, rate, rollback};
use crate::fixture::{BLOCK, EPOCH, guardrail, plan};
use crate::rollouts::on_all_cores;

/// What disturbs a mean besides chance.
#[derive(Clone, Copy)]
struct Weather {
    name: &'static str,
    /// Common to both arms.
    shared: f64,
    /// Of each arm.
    drift: f64,
}

const WEATHERS: [Weather; 3] = [
    Weather {
        name: "clean",
        shared: 0.0,
        drift: 0.0,
    },
    Weather {
        name: "shared",
        shared: 0.3,
        drift: 0.0,
    },
    Weather {
        name: "overdispersed",
        shared: 0.3,
        drift: 0.05,
    },
];

/// Two orders a second at a mean value of 50 that varies by as much as that, in each of these arms.
const ORDERS: f64 = 2.0;

pub(super) fn print(scale: u64) {
    for weather in WEATHERS {
        for exposure in [1.0, 50.0] {
            let healthy = on_all_cores(6_000..6_000 + scale, |seed| {
                mean(weather, exposure, 1.0, 0, seed)
            });
            println!(
                "| mean order value, {}, {exposure} % exposed, no effect, margin 10 %: rolled back | {:.1} % |",
                weather.name,
                rate(&healthy)
            );
        }
        let levels = on_all_cores(7_000..7_000 + scale, |seed| level(weather, 1.0, 0, seed));
        println!(
            "| level, {}, no effect, margin 10 %: rolled back | {:.1} % |",
            weather.name,
            rate(&levels)
        );
    }
    let [_, shared, _] = WEATHERS;
    for onset in [0, 12] {
        let harmed = on_all_cores(8_000..8_000 + crate::part(scale, 4), |seed| {
            mean(shared, 50.0, 0.7, onset, seed).map(|hours| hours - onset as f64)
        });
        println!(
            "| mean x0.7 from hour {onset}, shared, 50 % exposed: median delay | {} |",
            median(harmed)
        );
        let harmed = on_all_cores(9_000..9_000 + crate::part(scale, 4), |seed| {
            level(shared, 1.3, onset, seed).map(|hours| hours - onset as f64)
        });
        println!(
            "| level x1.3 from hour {onset}, shared: median delay | {} |",
            median(harmed)
        );
    }
}

/// Both arms' blocks: the count of terms and the level of their mean, by arm.
fn blocks(
    weather: Weather,
    factor: f64,
    onset: i64,
    rng: &mut Pcg64Mcg,
    mut record: impl FnMut(usize, f64, &mut Pcg64Mcg),
) {
    let series = |deviation: f64| Autoregression {
        deviation,
        memory: 0.9,
    };
    let (common, own) = (series(weather.shared), series(weather.drift));
    let mut shock = common.first(rng);
    let mut drift = [own.first(rng), own.first(rng)];
    for k in 0..BLOCKS {
        shock = common.next(shock, rng);
        for (arm, drift) in drift.iter_mut().enumerate() {
            *drift = own.next(*drift, rng);
            // The warm-up is not part of the delay.
            let harmed = arm == 0 && k >= onset * 12 + 2;
            let harm = if harmed { factor } else { 1.0 };
            record(arm, harm * (shock + *drift).exp(), rng);
        }
    }
}

/// Hours to the rollback of a stage whose mean changes by this factor.
fn mean(weather: Weather, exposure: f64, factor: f64, onset: i64, seed: u64) -> Option<f64> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut arms = [ArmSeries::default(), ArmSeries::default()];
    let shares = [exposure / 100.0, 1.0 - exposure / 100.0];
    blocks(weather, factor, onset, &mut rng, |arm, level, rng| {
        let count = poisson(ORDERS * f64::from(BLOCK) * shares[arm], rng);
        let sum = 50.0 * level * (count + count.sqrt() * normal(rng));
        push(&mut arms[arm], Column::Sum, sum.max(0.0));
        push(&mut arms[arm], Column::Count, count);
    });
    let kind = Kind::Mean {
        worse: Worse::Lower,
    };
    judged(kind, exposure, arms)
}

/// Hours to the rollback of a stage whose level changes by this factor.
fn level(weather: Weather, factor: f64, onset: i64, seed: u64) -> Option<f64> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut arms = [ArmSeries::default(), ArmSeries::default()];
    blocks(weather, factor, onset, &mut rng, |arm, level, rng| {
        push(
            &mut arms[arm],
            Column::Query,
            0.4 * level * (1.0 + 0.1 * normal(rng)),
        );
    });
    let kind = Kind::Gauge {
        worse: Worse::Higher,
    };
    judged(kind, 1.0, arms)
}

fn judged(kind: Kind, exposure: f64, arms: [ArmSeries; 2]) -> Option<f64> {
    let mut value: Guardrail = guardrail("value", Effect::Relative(0.10));
    value.metric.kind = kind;
    let mut plan = plan(vec![value], EPOCH);
    if let Some(state) = &mut plan.state {
        state.exposure = Exposure::from_percent(exposure).expect("a percentage");
    }
    let [exposed, unexposed] = arms;
    let series = GuardrailSeries {
        ends: (1..=BLOCKS).map(|k| EPOCH + k * i64::from(BLOCK)).collect(),
        exposed,
        unexposed,
        ..GuardrailSeries::default()
    };
    let mut snapshot = empty(&plan);
    snapshot.guardrails.insert("value".into(), series);
    rollback(&plan, &snapshot)
}

fn push(arm: &mut ArmSeries, column: Column, value: f64) {
    let series = arm.columns.entry(column).or_default();
    series.push(Some(value));
}

fn normal(rng: &mut impl Rng) -> f64 {
    Normal::new(0.0, 1.0).map_or(0.0, |normal| normal.sample(rng))
}
