//! Verdicts and the numbers beside them for every kind of metric, with several guardrails and with
//! evidence carried from earlier stages: they agree, or the sentence says what else decided.

use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Normal, Poisson};
use rand_pcg::Pcg64;

use crate::plan::{
    Column, Compared, Guardrail, Kind, KindName, OnBreach, Plan, Role, TimeUnit, Word as _,
};
use crate::snapshot::{ArmSeries, GuardrailSeries, History, Series};
use crate::units::{Bound, Effect, LogE, Period, Worse};

use super::fixture::{BLOCK, ENTERED, ERRORS, arm, guardrail, judged, plan, series};
use super::{Finding, Scale, Verdict};

/// Harm, from this block on to before that one, to what happens in this share of requests.
#[derive(Clone, Copy)]
struct Harm {
    share: f64,
    factor: f64,
    from: usize,
    to: usize,
}

impl Harm {
    fn at(&self, block: usize) -> f64 {
        if (self.from..self.to).contains(&block) {
            self.factor
        } else {
            1.0
        }
    }
}

const LATENCY: Kind = Kind::Latency {
    quantile: 0.9,
    compare: Compared::Share,
    unit: TimeUnit::Seconds,
};
const QUANTILE: Kind = Kind::Latency {
    quantile: 0.9,
    compare: Compared::Quantile,
    unit: TimeUnit::Seconds,
};

/// Every way to ask, with what is asked for.
fn guardrails() -> Vec<Guardrail> {
    let (higher, lower) = (Worse::Higher, Worse::Lower);
    let with = |kind, change: &dyn Fn(&mut Guardrail)| {
        let mut guardrail = guardrail("metric", kind);
        change(&mut guardrail);
        guardrail
    };
    let limit = |value: f64| {
        move |guardrail: &mut Guardrail| {
            guardrail.margin = None;
            guardrail.limit = Some(Bound::plain(value).unwrap());
        }
    };
    let points = |guardrail: &mut Guardrail| guardrail.margin = Some(Effect::Points(0.005));
    let success = |guardrail: &mut Guardrail| {
        guardrail.role = Role::Success;
        guardrail.margin = None;
    };
    vec![
        with(ERRORS, &|_| {}),
        with(ERRORS, &points),
        with(ERRORS, &limit(0.03)),
        with(Kind::Ratio { worse: lower }, &|_| {}),
        with(Kind::Ratio { worse: lower }, &success),
        with(Kind::Rate { worse: higher }, &|_| {}),
        with(Kind::Rate { worse: higher }, &limit(0.03)),
        with(Kind::Mean { worse: lower }, &|_| {}),
        with(Kind::Mean { worse: higher }, &limit(26.0)),
        with(Kind::Gauge { worse: higher }, &|_| {}),
        with(Kind::Gauge { worse: higher }, &limit(26.0)),
        with(LATENCY, &|_| {}),
        with(LATENCY, &limit(0.5)),
        with(QUANTILE, &|g| g.margin = Some(Effect::Relative(0.25))),
    ]
}

fn poisson(mean: f64, random: &mut Pcg64) -> f64 {
    Poisson::new(mean.max(1e-9)).unwrap().sample(random)
}

/// One arm of a metric of this kind.
fn observed(kind: Kind, size: f64, harm: Harm, blocks: usize, random: &mut Pcg64) -> ArmSeries {
    let mut column = |of: &mut dyn FnMut(usize, &mut Pcg64) -> f64| -> Series {
        (0..blocks).map(|k| Some(of(k, random))).collect()
    };
    match kind {
        Kind::Ratio { worse } => {
            let factor = |k| match worse {
                Worse::Higher => harm.at(k),
                Worse::Lower => 1.0 / harm.at(k),
            };
            let events = column(&mut |k, random| {
                poisson(size * harm.share * factor(k), random).min((0.95 * size).floor())
            });
            arm(&[
                (Column::Events, events),
                (Column::Total, vec![Some(size); blocks]),
            ])
        }
        Kind::Rate { .. } => {
            let events = column(&mut |k, random| poisson(size * 0.02 * harm.at(k), random));
            arm(&[
                (Column::Events, events),
                (Column::Per, vec![Some(size); blocks]),
            ])
        }
        Kind::Mean { worse } => {
            let level = |k| match worse {
                Worse::Higher => 20.0 * harm.at(k),
                Worse::Lower => 20.0 / harm.at(k),
            };
            let noise = Normal::new(0.0, 8.0 * size.sqrt()).unwrap();
            let sum = column(&mut |k, random| size * level(k) + noise.sample(random));
            arm(&[
                (Column::Sum, sum),
                (Column::Count, vec![Some(size); blocks]),
            ])
        }
        Kind::Gauge { .. } => {
            let noise = Normal::new(0.0, 0.1).unwrap();
            let value = column(&mut |k, random| {
                let spike = if random.random_range(0..20_u32) == 0 {
                    2.0
                } else {
                    1.0
                };
                20.0 * harm.at(k) * spike * f64::exp(noise.sample(random))
            });
            arm(&[(Column::Query, value)])
        }
        Kind::Latency { .. } => {
            let bounds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0];
            let mut buckets: Vec<(f64, Series)> =
                bounds.iter().map(|bound| (*bound, Vec::new())).collect();
            buckets.push((f64::INFINITY, Vec::new()));
            for k in 0..blocks {
                let mut below = 0.0;
                let mut share = 0.0;
                for (bound, series) in &mut buckets {
                    // Exponential with its ninth decile at 400 ms.
                    let until = 1.0 - f64::exp(-*bound * 10_f64.ln() / (0.4 * harm.at(k)));
                    below += poisson(size * (until - share), random);
                    share = until;
                    series.push(Some(below));
                }
            }
            ArmSeries {
                buckets,
                ..ArmSeries::default()
            }
        }
        Kind::Point { .. } => ArmSeries::default(),
    }
}

/// Of a level the day before, in halves: without it little is proven within a few hours.
fn past(kind: Kind, random: &mut Pcg64) -> Option<History> {
    if !matches!(kind, Kind::Gauge { .. }) {
        return None;
    }
    let none = Harm {
        share: 0.0,
        factor: 1.0,
        from: 0,
        to: 0,
    };
    let ends = (-288..0).map(|k| ENTERED + BLOCK * k).collect();
    let [first, second] = [(), ()].map(|()| observed(kind, 1.0, none, 288, random));
    Some(History::of_halves(
        ends,
        Period::from_minutes(5),
        first,
        second,
    ))
}

/// A stage with one to three guardrails, the first of them possibly harmed.
fn stage(guardrail: &Guardrail, random: &mut Pcg64) -> (Plan, Vec<Finding>) {
    let blocks = random.random_range(8..70_usize);
    let share = random.random_range(0.05..0.6);
    let size = f64::from(random.random_range(200..4_000_u32));
    let many = [1, 1, 2, 3][random.random_range(0..4_usize)];
    let mut plan = plan(Vec::new());
    let mut observations: Vec<GuardrailSeries> = Vec::new();
    for place in 0..many {
        let harm = Harm {
            share: [0.02, 0.02, 0.3][random.random_range(0..3_usize)],
            factor: if place == 0 {
                [0.7, 1.0, 1.0, 1.2, 1.5, 2.5][random.random_range(0..6_usize)]
            } else {
                [1.0, 1.3][random.random_range(0..2_usize)]
            },
            from: [0, 0, blocks / 3, blocks / 2][random.random_range(0..4_usize)],
            to: [blocks, blocks, 2 * blocks / 3][random.random_range(0..3_usize)],
        };
        let none = Harm {
            factor: 1.0,
            ..harm
        };
        let kind = guardrail.metric.kind;
        let exposed = observed(kind, (size * share).ceil(), harm, blocks, random);
        let unexposed = observed(kind, size, none, blocks, random);
        let mut seen = series(exposed, unexposed, i64::try_from(blocks).unwrap());
        seen.history = past(kind, random);
        observations.push(seen);
        plan.guardrails.push(Guardrail {
            name: format!("metric-{place}"),
            ..guardrail.clone()
        });
    }
    let state = plan.state.as_mut().unwrap();
    state.judge = super::VERSION;
    state.stage = random.random_range(1..4_u32);
    for place in 0..many {
        if state.stage > 1 && random.random_range(0..3_u32) > 0 {
            let log = random.random_range(-2.0..3.5);
            state.carried.insert(format!("metric-{place}"), LogE(log));
        }
    }
    let found = judged(&plan, observations, i64::try_from(blocks).unwrap()).findings;
    (plan, found)
}

/// How often what was checked.
#[derive(Default, Debug)]
struct Seen {
    passes: u32,
    breaches: u32,
    leaning: u32,
    carried: u32,
    earlier: u32,
    late: u32,
}

fn check(plan: &Plan, guardrail: &Guardrail, found: &Finding, seen: &mut Seen) {
    let why = &found.why.to_string();
    let Some(measure) = &found.measure else {
        // Without any number only what is carried can decide.
        assert_ne!(found.verdict, Verdict::Pass, "{why}");
        assert!(
            found.verdict != Verdict::Breach || why.contains("carried from earlier stages"),
            "{why}"
        );
        return;
    };
    // The end of the interval towards harm, and the one towards none; larger is more harm.
    let (harmful, harmless, sign) = match guardrail.metric.kind.worse() {
        Worse::Higher => (measure.upper, measure.lower, 1.0),
        Worse::Lower => (measure.lower, measure.upper, -1.0),
    };
    match found.verdict {
        Verdict::Pass => {
            seen.passes += 1;
            assert!(found.leaning.is_none(), "{why}");
            match (measure.scale, guardrail.role) {
                (Scale::Level, _) => {
                    let within = measure.estimate.unwrap() <= measure.margin.unwrap();
                    assert!(within, "{why}");
                }
                (Scale::Ratio, Role::Success) => {
                    assert!(sign * harmful.unwrap() < sign, "{why}");
                }
                (Scale::Difference, Role::Success) => {
                    assert!(sign * harmful.unwrap() < 0.0, "{why}");
                }
                (Scale::Ratio | Scale::Difference, Role::Guardrail) => {
                    let ruled_out = sign * measure.rule_out.unwrap();
                    assert!(sign * harmful.unwrap() <= ruled_out, "{why}");
                }
            }
        }
        Verdict::Breach => {
            seen.breaches += 1;
            let code = found.why.code();
            let carried = code == "breach-carried";
            let earlier = code == "breach-earlier";
            let late = code == "breach-late-onset";
            // A quantile is known up to its bucket.
            let coarse = guardrail.metric.kind == QUANTILE && code == "breach-at-buckets";
            seen.carried += u32::from(carried);
            seen.earlier += u32::from(earlier);
            seen.late += u32::from(late);
            assert!(!carried || plan.state.as_ref().unwrap().stage > 1, "{why}");
            if carried || earlier || late || coarse {
                assert!(why.contains("proven at 2026-"), "{why}");
            } else {
                let shown = match measure.scale {
                    Scale::Level => measure.estimate,
                    Scale::Ratio | Scale::Difference => harmless,
                };
                let excluded = sign * shown.unwrap() >= sign * measure.margin.unwrap();
                assert!(excluded, "{why}");
            }
        }
        Verdict::Inconclusive => {
            if found.leaning.is_some() {
                seen.leaning += 1;
                assert!(why.contains("leaning to a breach"), "{why}");
                assert!(!why.contains("more at the present rate"), "{why}");
            }
        }
        Verdict::NoData(_) | Verdict::NotApplicable => {}
    }
}

#[test]
fn no_kind_is_forgotten_here() {
    let here: Vec<KindName> = guardrails().iter().map(|g| g.metric.kind.name()).collect();
    let missing: Vec<KindName> = KindName::ALL
        .iter()
        .copied()
        .filter(|kind| !here.contains(kind))
        .collect();
    // A threshold has no numbers beside its verdict.
    assert_eq!(missing, [KindName::Point]);
}

#[test]
fn verdicts_of_every_kind_agree_with_the_numbers_beside_them() {
    let mut random = Pcg64::seed_from_u64(20_261_127);
    let mut all = Seen::default();
    for guardrail in guardrails() {
        let mut seen = Seen::default();
        for _ in 0..250 {
            let (plan, found) = stage(&guardrail, &mut random);
            for found in &found {
                check(&plan, &guardrail, found, &mut seen);
            }
        }
        assert!(
            seen.passes > 2 && (seen.breaches > 5 || guardrail.role == Role::Success),
            "{:?}: {seen:?}",
            guardrail.metric.kind
        );
        all.leaning += seen.leaning;
        all.carried += seen.carried;
        all.earlier += seen.earlier;
        all.late += seen.late;
    }
    assert!(
        all.leaning > 50 && all.carried > 5 && all.earlier > 20 && all.late > 20,
        "{all:?}"
    );
}

#[test]
fn what_only_warns_does_not_say_that_it_holds_anybody_back() {
    let mut random = Pcg64::seed_from_u64(7);
    let mut watched = 0;
    for _ in 0..200 {
        let warns = Guardrail {
            on_breach: OnBreach::Warn,
            ..guardrail("metric", ERRORS)
        };
        let (_, found) = stage(&warns, &mut random);
        for found in found.iter().filter(|found| found.leaning.is_some()) {
            watched += 1;
            assert!(
                !found.why.to_string().contains("nobody else is exposed"),
                "{}",
                found.why
            );
        }
    }
    assert!(watched > 5, "{watched}");
}
