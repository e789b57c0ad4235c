//! Arms on instances that differ for good: how often a stage is passed by the accident of its pods.

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Normal, Poisson};
use rand_pcg::Pcg64Mcg;

use crate::plan::{Column, Plan, RuleOut, Schedule};
use crate::snapshot::{ArmSeries, GuardrailSeries, History, InstanceCounts, Snapshot};
use crate::units::{Effect, Period};

use super::fixture::*;
use super::looks;

/// Seconds of a block, and blocks of a day.
const LONG: i64 = 1_800;
const DAY: usize = 48;

/// Unexposed instances.
const OTHERS: usize = 50;

/// A service of 100 requests a second of which a hundredth fail, on pods whose rates of failure differ for
/// good by this deviation.
#[derive(Clone, Copy)]
struct World {
    deviation: f64,
    exposed: usize,
    own: bool,
}

impl World {
    /// Two days of a stage whose exposed users fail `factor` times as often, with three days before it.
    fn stage(self, factor: f64, seed: u64) -> Snapshot {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let normal = Normal::<f64>::new(0.0, 1.0).unwrap();
        let Self {
            deviation: sd,
            exposed,
            own,
        } = self;
        let mut pods = |count: usize| -> Vec<f64> {
            let of = |z: f64| (sd * z - sd * sd / 2.0).exp();
            (0..count).map(|_| of(normal.sample(&mut rng))).collect()
        };
        let (others, mine) = (pods(OTHERS), pods(exposed));
        let mean = |pods: &[f64]| pods.iter().sum::<f64>() / pods.len() as f64;
        let total = 100.0 * LONG as f64;
        let arm_of = |rng: &mut Pcg64Mcg, share: f64, rate: f64, blocks: usize| {
            let events = Poisson::new(total * share * 0.01 * rate).unwrap();
            arm(&[
                (
                    Column::Events,
                    (0..blocks).map(|_| Some(events.sample(rng))).collect(),
                ),
                (Column::Total, vec![Some(total * share); blocks]),
            ])
        };
        let rate = if own { mean(&mine) } else { mean(&others) };
        let exposed_arm = arm_of(&mut rng, 0.1, factor * rate, 2 * DAY);
        let unexposed_arm = arm_of(&mut rng, 0.9, mean(&others), 2 * DAY);
        let groups: Vec<ArmSeries> = others
            .chunks(OTHERS / 8 + 1)
            .map(|group| {
                let share = group.len() as f64 / OTHERS as f64;
                arm_of(&mut rng, share, mean(group), 3 * DAY)
            })
            .collect();
        let sums = others.iter().enumerate().map(|(k, pod)| {
            let of = total * 3.0 * DAY as f64 / OTHERS as f64;
            let events = Poisson::new(of * 0.01 * pod).unwrap().sample(&mut rng);
            let columns = [(Column::Events, events), (Column::Total, of)];
            (format!("pod-{k}"), columns.into())
        });
        let block = Period::from_seconds(u32::try_from(LONG).unwrap());
        let history = History {
            ends: (1..=3 * DAY as i64)
                .map(|k| ENTERED + (k - 3 * DAY as i64) * LONG)
                .collect(),
            block,
            groups,
            instances: sums.collect(),
        };
        let count = |count: usize| u32::try_from(count).unwrap();
        let series = GuardrailSeries {
            ends: (1..=2 * DAY as i64).map(|k| ENTERED + k * LONG).collect(),
            exposed: exposed_arm,
            unexposed: unexposed_arm,
            history: Some(history),
            instances: Some(InstanceCounts {
                exposed: count(exposed),
                unexposed: count(OTHERS),
                shared: Some(if own { 0 } else { count(exposed) }),
                label: Some("pod".into()),
            }),
            ..GuardrailSeries::default()
        };
        Snapshot {
            block,
            ..snapshot(vec![("errors", series)])
        }
    }

    /// The share of stages that pass at any look from a day on.
    fn passed(self, factor: f64, rule_out: f64, stages: u64) -> f64 {
        let plan = asking(rule_out);
        let passes = |seed: &u64| {
            let snapshot = self.stage(factor, *seed);
            let end = instant(ENTERED + 2 * DAY as i64 * LONG);
            let looks = looks(&plan, &snapshot, end);
            let day = ENTERED + DAY as i64 * LONG;
            let own = &looks.guardrails[0];
            let mut all = own.ends.iter().zip(own.passes());
            all.any(|(end, pass)| pass && *end >= day)
        };
        (0..stages).filter(passes).count() as f64 / stages as f64
    }
}

fn asking(harm: f64) -> Plan {
    let mut plan = plan(vec![errors()]);
    if let Schedule::Stages(stages) = &mut plan.course {
        stages[0].rule_out = RuleOut::Every(Effect::Ratio(harm));
    }
    plan
}

/// Stages of a cell: with 5 % that pass, 8 % and more are seen once in a dozen.
const STAGES: u64 = 100;

#[test]
fn harm_is_not_ruled_out_by_the_accident_of_a_pod() {
    // At exactly the harm to be ruled out. Without what pods differ by 9, 19 and 11 % of 400 stages passed, and
    // of the last cell, where nothing leans to a breach of the margin, nearly every other one.
    for (deviation, exposed, harm) in [(0.2, 1, 1.5), (0.3, 1, 1.5), (0.3, 2, 1.5), (0.2, 5, 1.1)] {
        let world = World {
            deviation,
            exposed,
            own: true,
        };
        let passed = world.passed(harm, harm, STAGES);
        assert!(passed <= 0.08, "{deviation} {exposed} {harm}: {passed}");
    }
}

#[test]
fn a_healthy_stage_passes_where_pods_differ_by_less_than_what_is_ruled_out() {
    let world = World {
        deviation: 0.1,
        exposed: 2,
        own: true,
    };
    let passed = world.passed(1.0, 1.5, 30);
    assert!(passed > 0.9, "{passed}");
}

#[test]
fn where_the_arms_share_their_pods_nothing_is_granted() {
    let world = World {
        deviation: 0.3,
        exposed: 2,
        own: false,
    };
    assert!(world.passed(1.0, 1.25, 20) > 0.9);
    let mut alike = world.stage(1.0, 7);
    let at = |snapshot: &Snapshot| {
        let end = instant(ENTERED + 2 * DAY as i64 * LONG);
        looks(&asking(1.25), snapshot, end)
    };
    let shared = at(&alike);
    let series = alike.guardrails.get_mut("errors").unwrap();
    series.instances = None;
    assert_eq!(at(&alike), shared);
}
