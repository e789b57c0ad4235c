//! Random histories of scraped counters.

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
    let in_each_life = calendar.chance(0.6);
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
            // Errors are born with the first of them, in each life or once.
            let was_there = !found[k].samples.is_empty() && !in_each_life;
            let there = k == 0 || values[k] > 0.0 || was_there;
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
