//! A world, and one life in it: the past of the unexposed arm, and then stage after stage, as a server
//! would tell of them.

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_distr::Distribution as _;
use rand_pcg::Pcg64Mcg;
use rollout::plan::Column;
use rollout::simulate::{Noise, poisson};
use rollout::snapshot::{ArmSeries, GuardrailSeries, History, InstanceCounts, Unsplit};

use super::clumps::Stream;
use super::metric::{Harmed, Metric, Moments};
use super::weather::{EXPOSED, HALVES, Own, UNEXPOSED, Weather};
use crate::fixture::{BLOCK, EPOCH};

/// What a rollout meets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) metric: Metric,
    /// Requests a second, both arms together; the daily cycle is 60 %.
    pub(crate) rps: f64,
    pub(crate) noise: Noise,
    /// The noise of the groups of instances, where it is another one: without clumps, too.
    pub(crate) past: Option<Noise>,
    pub(crate) own: Own,
    pub(crate) pods: Option<Pods>,
}

/// Arms that live on instances of their own, which differ for good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pods {
    /// Standard deviation of the logarithm of their rates.
    pub(crate) deviation: f64,
    /// Exposed instances by stage, beside 50 unexposed ones.
    pub(crate) exposed: [usize; 4],
}

const UNEXPOSED_PODS: usize = 50;

/// Blocks of a stage in which groups of instances are known at most, as they are asked for.
const MOST_DURING: usize = 288;

/// What is known of the unexposed arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    /// So many days of its instances in groups, before every stage.
    Days(u32),
    /// No past; its instances in groups during the stages.
    Instances,
    /// Instances cannot be told apart.
    Nothing,
}

/// When and how the exposed arm is harmed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Harm {
    pub(crate) factor: f64,
    pub(crate) harmed: Harmed,
    /// Blocks after the first judged one of the first stage.
    pub(crate) onset: usize,
    /// Only in the first so many of every so many blocks.
    pub(crate) spells: Option<(usize, usize)>,
}

impl Harm {
    pub(crate) const NONE: Self = Self::of(1.0);

    pub(crate) const fn of(factor: f64) -> Self {
        Self {
            factor,
            harmed: Harmed::Metric,
            onset: 0,
            spells: None,
        }
    }

    fn at(&self, since_judged: Option<usize>) -> (Harmed, f64) {
        let since = since_judged.and_then(|blocks| blocks.checked_sub(self.onset));
        let on = since.is_some_and(|since| match self.spells {
            Some((on, of)) => since % of < on,
            None => true,
        });
        (self.harmed, if on { self.factor } else { 1.0 })
    }
}

/// Blocks that are not judged at a stage's entry.
pub(crate) const WARMUP: usize = 2;

/// One life in a world, for one guardrail.
pub(crate) struct Life<'w> {
    world: &'w World,
    seed: u64,
    pub(crate) weather: Weather,
    /// Blocks of the past.
    before: usize,
    /// Blocks of each stage.
    lengths: Vec<usize>,
    /// Begin of the first stage, Unix seconds.
    pub(crate) start: i64,
    /// Rates of the exposed instances and of the unexposed ones.
    pods: Option<(Vec<f64>, Vec<f64>)>,
    past: Option<History>,
}

/// A stage as it was measured.
pub(crate) struct Measured {
    pub(crate) series: GuardrailSeries,
    /// By block: the exposed arm, the unexposed one.
    pub(crate) moments: Vec<[Moments; 2]>,
}

/// Independent random numbers for each part of a life, so that one is the same whatever the others are.
fn stream_of(seed: u64, part: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(part))
}

impl<'w> Life<'w> {
    /// `lengths` are those of the stages in blocks.
    pub(crate) fn new(world: &'w World, past: Past, lengths: &[usize], seed: u64) -> Self {
        let mut rng = stream_of(seed, 0);
        let start = EPOCH + i64::from(BLOCK) * rng.random_range(0..288_i64);
        let days = match past {
            Past::Days(days) => days as usize,
            Past::Instances | Past::Nothing => 0,
        };
        // The weather is the same whatever is known of it: a week and all stages.
        let before = 7 * 288;
        let mut entries = Vec::new();
        let mut blocks = before;
        for length in lengths {
            entries.push(blocks);
            blocks += length;
        }
        let noise = [world.noise, world.past.unwrap_or(world.noise)];
        let week_ago = start - i64::from(BLOCK) * 7 * 288;
        let weather = Weather::new(noise, world.own, blocks, &entries, week_ago, &mut rng);
        let pods = world.pods.map(|pods| {
            let most = pods.exposed.iter().copied().max().unwrap_or(1);
            let mut draw = |count: usize| -> Vec<f64> {
                let rate = rand_distr::LogNormal::new(
                    -pods.deviation * pods.deviation / 2.0,
                    pods.deviation,
                );
                (0..count)
                    .map(|_| rate.map_or(1.0, |rate| rate.sample(&mut rng)))
                    .collect()
            };
            (draw(most), draw(UNEXPOSED_PODS))
        });
        let mut life = Self {
            world,
            seed,
            weather,
            before,
            lengths: lengths.to_vec(),
            start,
            pods,
            past: None,
        };
        if days > 0 {
            let from = before - days * 288;
            life.past = Some(life.groups(from..before, 1.0, &mut stream_of(seed, 1)));
        }
        life
    }

    /// The end of a block in Unix seconds.
    fn end(&self, block: usize) -> i64 {
        let since = i64::try_from(block).unwrap_or(0) - i64::try_from(self.before).unwrap_or(0);
        self.start + i64::from(BLOCK) * (since + 1)
    }

    /// The block that a stage begins with.
    pub(crate) fn entry(&self, stage: usize) -> usize {
        self.before + self.lengths[..stage].iter().sum::<usize>()
    }

    fn expected(&self, block: usize) -> f64 {
        let begin = self.end(block) - i64::from(BLOCK);
        let hour = std::f64::consts::TAU * begin as f64 / 86_400.0;
        self.world.rps * f64::from(BLOCK) * (1.0 - 0.6 * hour.cos())
    }

    /// The unexposed arm's instances in groups, when it has this share of the traffic.
    fn groups(&self, blocks: std::ops::Range<usize>, share: f64, rng: &mut Pcg64Mcg) -> History {
        let metric = match self.world.past {
            Some(_) => self.world.metric.without_clumps(),
            None => self.world.metric,
        };
        let count = metric.groups();
        let mut history = History {
            ends: blocks.clone().map(|block| self.end(block)).collect(),
            groups: vec![ArmSeries::default(); count],
            ..History::default()
        };
        for group in 0..count {
            let body = HALVES + group * 2 / count;
            let rates: Vec<f64> = match &self.pods {
                Some((_, rates)) => rates.iter().skip(group).step_by(count).copied().collect(),
                None => vec![1.0],
            };
            let mean = rates.iter().sum::<f64>() / rates.len() as f64;
            let part = match &self.pods {
                Some((_, all)) => rates.len() as f64 / all.len() as f64,
                None => 1.0 / count as f64,
            };
            let mut stream = metric.stream();
            let mut sums: BTreeMap<Column, f64> = BTreeMap::new();
            for block in blocks.clone() {
                let level = self.level(body, block) + mean.ln();
                let expected = self.expected(block) * share * part;
                let numbers = metric.draw(&mut stream, expected, level, Harm::NONE.at(None), rng);
                numbers.push(&mut history.groups[group]);
                for (column, value) in numbers.sums() {
                    *sums.entry(column).or_default() += value;
                }
            }
            if let Some(levels) = sums.get_mut(&Column::Query) {
                *levels /= blocks.len().max(1) as f64;
                sums.remove(&Column::Count);
            }
            if rates.len() == 1 {
                history.instances.insert(format!("pod-{group}"), sums);
                continue;
            }
            // Each request is answered by any of them: shares in proportion to their rates.
            for (k, rate) in rates.iter().enumerate() {
                let total = rates.len() as f64;
                let own = sums.iter().map(|(column, sum)| {
                    let part = match column {
                        Column::Events => rate / mean / total,
                        _ => 1.0 / total,
                    };
                    (*column, poisson(sum * part, rng))
                });
                let name = format!("pod-{}", group + k * count);
                history.instances.insert(name, own.collect());
            }
        }
        history
    }

    fn level(&self, body: usize, block: usize) -> f64 {
        self.weather.shared[block] + self.weather.bodies[body][block]
    }

    /// A stage with this share exposed.
    pub(crate) fn stage(&self, stage: usize, share: f64, harm: &Harm, past: Past) -> Measured {
        let metric = self.world.metric;
        let part = 2 + u64::try_from(stage).unwrap_or(0) * 2;
        let rng = &mut stream_of(self.seed, part);
        let entry = self.entry(stage);
        let blocks = entry..entry + self.lengths[stage];
        let first_judged = self.before + WARMUP;
        let own = match &self.pods {
            Some((exposed, unexposed)) => {
                let count = self.exposed_pods(stage).unwrap_or(1);
                [
                    exposed[..count].iter().sum::<f64>() / count as f64,
                    unexposed.iter().sum::<f64>() / unexposed.len() as f64,
                ]
            }
            None => [1.0, 1.0],
        };
        let mut streams: [Stream; 2] = [metric.stream(), metric.stream()];
        let mut arms = [ArmSeries::default(), ArmSeries::default()];
        let mut moments = Vec::with_capacity(blocks.len());
        for block in blocks.clone() {
            let mut of_block = [Moments::default(); 2];
            for (arm, body) in [EXPOSED, UNEXPOSED].into_iter().enumerate() {
                let part = if arm == 0 { share } else { 1.0 - share };
                let harm = match arm {
                    0 => harm.at(block.checked_sub(first_judged)),
                    _ => Harm::NONE.at(None),
                };
                let level = self.level(body, block) + own[arm].ln();
                let expected = self.expected(block) * part;
                let numbers = metric.draw(&mut streams[arm], expected, level, harm, rng);
                numbers.push(&mut arms[arm]);
                of_block[arm] = numbers.moments();
            }
            moments.push(of_block);
        }
        let [exposed, unexposed] = arms;
        let mut series = GuardrailSeries {
            ends: blocks.clone().map(|block| self.end(block)).collect(),
            exposed,
            unexposed,
            ..GuardrailSeries::default()
        };
        series.history = self.past.clone();
        series.unsplit = match past {
            Past::Days(_) => None,
            Past::Instances => Some(Unsplit::NothingBefore),
            Past::Nothing => Some(Unsplit::NoInstanceLabel),
        };
        if past != Past::Nothing {
            series.instances = Some(self.instances(stage));
            if let Metric::Errors { .. } = metric {
                let rng = &mut stream_of(self.seed, part + 1);
                let known = blocks.start..blocks.end.min(blocks.start + MOST_DURING);
                series.during = Some(self.groups(known, 1.0 - share, rng));
            }
        }
        Measured { series, moments }
    }

    fn exposed_pods(&self, stage: usize) -> Option<usize> {
        let pods = self.world.pods?;
        Some(pods.exposed[stage.min(pods.exposed.len() - 1)])
    }

    fn instances(&self, stage: usize) -> InstanceCounts {
        let groups = self.world.metric.groups();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        match self.exposed_pods(stage) {
            Some(exposed) => InstanceCounts {
                exposed: count(exposed),
                unexposed: count(UNEXPOSED_PODS),
                shared: Some(0),
                label: Some("pod".into()),
            },
            None => InstanceCounts {
                exposed: count(groups),
                unexposed: count(groups),
                shared: Some(count(groups)),
                label: Some("pod".into()),
            },
        }
    }
}
