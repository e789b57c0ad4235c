//! Random histories of scraped counters, and what their increments are, from the raw samples alone.

use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Poisson};
use rand_pcg::Pcg64;

use crate::support::openmetrics::START;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// One series as it was scraped.
pub(crate) struct Scraped {
    pub(crate) arm: &'static str,
    pub(crate) pod: String,
    pub(crate) code: &'static str,
    /// Milliseconds and values, in order of time.
    pub(crate) samples: Vec<(i64, f64)>,
}

/// When things happen: mostly in and around the stage.
struct Calendar {
    random: Pcg64,
    begin: i64,
    stage: i64,
    end: i64,
}

impl Calendar {
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.random.random_range(0..from.len())]
    }

    fn chance(&mut self, share: f64) -> bool {
        self.random.random::<f64>() < share
    }

    fn when(&mut self) -> i64 {
        let from = if self.chance(0.8) {
            self.begin.max(self.stage - 3 * HOUR)
        } else {
            self.begin
        };
        self.random.random_range(from..self.end)
    }

    /// Gaps: many about as long as the five minutes and the hour that matter.
    fn gaps(&mut self, often: &[usize]) -> Vec<(i64, i64)> {
        let minutes = [
            1, 2, 4, 5, 6, 8, 12, 20, 40, 55, 58, 60, 62, 65, 70, 90, 120, 240, 720, 1_500,
        ];
        (0..self.pick(often))
            .map(|_| {
                let from = self.when();
                let length = self.pick(&minutes) * MINUTE / 10 * self.random.random_range(9..=11);
                (from, from + length)
            })
            .collect()
    }

    fn counted(&mut self, mean: f64) -> f64 {
        if mean > 0.0 {
            Poisson::new(mean).unwrap().sample(&mut self.random)
        } else {
            0.0
        }
    }
}

/// A service of two arms with one to three pods each, over so many hours; most happens from the hour
/// in which the stage begins.
pub(crate) fn history(seed: u64, hours: i64, stage_from: i64) -> Vec<Scraped> {
    let mut calendar = Calendar {
        random: Pcg64::seed_from_u64(seed),
        begin: 0,
        stage: stage_from * HOUR,
        end: hours * HOUR,
    };
    let every = calendar.pick(&[5, 10, 10, 15, 15, 15, 30, 30, 30, 60, 60, 120, 300]) * 1_000;
    // Samples every few seconds of two days would be too many.
    if every < 15_000 {
        calendar.begin = calendar.stage - 5 * HOUR;
    } else if calendar.chance(0.3) {
        calendar.begin = calendar.random.random_range(0..calendar.end - HOUR);
    }
    let outages = calendar.gaps(&[0, 0, 0, 1, 1, 2]);
    let mut all = Vec::new();
    for arm in ["treatment", "control"] {
        for pod in 0..calendar.pick(&[1, 2, 3]) {
            let name = format!("{arm}-{pod}");
            all.extend(scraped(&mut calendar, arm, &name, every, &outages));
        }
    }
    all
}

fn scraped(
    calendar: &mut Calendar,
    arm: &'static str,
    pod: &str,
    every: i64,
    outages: &[(i64, i64)],
) -> Vec<Scraped> {
    let born = if calendar.chance(0.5) {
        calendar.begin
    } else {
        calendar.when()
    };
    let died = if calendar.chance(0.6) {
        calendar.end
    } else {
        calendar.when()
    };
    let died = if died < born { calendar.end } else { died };
    let mut restarts: Vec<i64> = (0..calendar.pick(&[0, 0, 0, 1, 1, 2]))
        .map(|_| calendar.when())
        .collect();
    if calendar.chance(0.15) {
        let (from, apart) = (
            calendar.when(),
            calendar.random.random_range(40_000..400_000),
        );
        let lasts = calendar.random.random_range(HOUR / 4..2 * HOUR);
        restarts.extend((0..lasts / apart).map(|k| from + k * apart));
    }
    restarts.sort_unstable();
    let mut missing = calendar.gaps(&[0, 0, 1, 1, 2]);
    missing.extend(outages);
    for restart in &restarts {
        missing.push((*restart, restart + calendar.pick(&[0, 0, 20_000, 90_000])));
    }
    let rate = calendar.pick(&[0.01, 0.2, 3.0, 40.0]);
    let shares = [("200", 1.0), ("503", calendar.pick(&[0.002, 0.02, 0.3]))];
    let shares = &shares[..calendar.pick(&[1, 2, 2])];
    let mut values = [0.0, 0.0];
    // A target that was relabelled: its whole value is all that can be said.
    if born > calendar.begin && calendar.chance(0.15) {
        values[0] = f64::from(calendar.random.random_range(0..100_000_u32));
    }
    let mut found: Vec<Scraped> = shares
        .iter()
        .map(|(code, _)| Scraped {
            arm,
            pod: pod.to_owned(),
            code,
            samples: Vec::new(),
        })
        .collect();
    let mut rest = restarts.as_slice();
    // Some pods are scraped exactly at the ends of blocks.
    let phase = if calendar.chance(0.2) {
        0
    } else {
        calendar.random.random_range(0..every)
    };
    let mut at = (calendar.begin.max(born) / every + 1) * every + phase;
    let mut last = at;
    while at < calendar.end.min(died) {
        while let [restart, later @ ..] = rest
            && *restart <= at
        {
            (values, rest) = ([0.0, 0.0], later);
            last = last.max(*restart);
        }
        let seconds = (at - last).max(0) as f64 / 1_000.0;
        last = at;
        let jitter = if phase == 0 {
            0
        } else {
            calendar.pick(&[0, 0, 1, 3, -2])
        };
        let failed = missing
            .iter()
            .any(|(from, until)| (*from..*until).contains(&at));
        for (k, (_, share)) in shares.iter().enumerate() {
            values[k] += calendar.counted(rate * share * seconds);
            // Errors are born with the first of them.
            let there = k == 0 || values[k] > 0.0 || !found[k].samples.is_empty();
            if there && !failed {
                found[k]
                    .samples
                    .push((START * 1_000 + at + jitter, values[k]));
            }
        }
        at += every;
    }
    found
}

/// The last sample at or before an instant, in milliseconds, and after another.
fn latest(samples: &[(i64, f64)], after: i64, until: i64) -> Option<usize> {
    let place = samples
        .partition_point(|(at, _)| *at <= until)
        .checked_sub(1)?;
    (samples[place].0 > after).then_some(place)
}

/// What a series counted in each of so many blocks of so many seconds, the first of which ends here.
pub(crate) fn increments(
    samples: &[(i64, f64)],
    first: i64,
    blocks: i64,
    block: i64,
) -> Vec<Option<f64>> {
    let length = block * 1_000;
    let look = HOUR.max(length);
    let memory = (24 * HOUR).max(4 * length);
    let tail = (12 * length).clamp(HOUR, 24 * HOUR) / length;
    // A series is there as long as Prometheus itself would say so.
    let there = length.max(if block < 300 { 5 * MINUTE } else { 0 });
    let lead = tail.max(look / length);
    let mut fall = None;
    let mut found = Vec::new();
    for k in -lead..blocks {
        let end = (first + k * block) * 1_000;
        let now = latest(samples, end - length, end);
        let before = latest(samples, end - length - look, end - length);
        if let (Some(now), Some(before)) = (now, before)
            && samples[now].1 < samples[before].1
        {
            fall = Some(k);
        }
        if k < 0 {
            continue;
        }
        let since = before.map_or(0.0, |before| samples[before].1);
        let was_there = latest(samples, end - length - memory, end - length).is_some();
        found.push(match (now, before) {
            (None, _) => latest(samples, end - there, end).map(|_| 0.0),
            (Some(_), None) if was_there => Some(0.0),
            (Some(now), None) => Some(samples[now].1),
            (Some(now), Some(before)) => {
                let every_sample = fall.is_some_and(|fall| k - fall < tail);
                let compared = if every_sample {
                    &samples[before + 1..=now]
                } else {
                    &samples[now..=now]
                };
                let (mut last, mut sum) = (since, 0.0);
                for (_, value) in compared {
                    sum += if *value >= last { value - last } else { *value };
                    last = *value;
                }
                Some(sum)
            }
        });
    }
    found
}
