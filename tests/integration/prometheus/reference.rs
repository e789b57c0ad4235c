//! What the series of one process counted in each block, from its raw samples alone.

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Milliseconds and values, in order of time.
type Samples = [(i64, f64)];

/// Blocks of equal length in milliseconds, the first of which ends here.
#[derive(Clone, Copy)]
struct Blocks {
    first: i64,
    length: i64,
}

impl Blocks {
    const fn end(&self, block: i64) -> i64 {
        self.first + block * self.length
    }

    const fn of(&self, at: i64) -> i64 {
        (at - self.first + self.length - 1).div_euclid(self.length)
    }

    fn look(&self) -> i64 {
        HOUR.max(self.length)
    }

    fn tail(&self) -> i64 {
        (12 * self.length).clamp(HOUR, 24 * HOUR) / self.length
    }

    fn lead(&self) -> i64 {
        self.tail().max(self.look() / self.length)
    }
}

/// The last sample at or before an instant, and after another.
fn latest(samples: &Samples, after: i64, until: i64) -> Option<(i64, f64)> {
    let upto = samples.partition_point(|(at, _)| *at <= until);
    let last = *samples.get(upto.checked_sub(1)?)?;
    (last.0 > after).then_some(last)
}

/// Where a process began anew, as far as it is known.
struct Restarts {
    /// Blocks, and whether any series is there in the next one.
    falls: Vec<(i64, bool)>,
    /// Instants, and the most that a series holds there that fell.
    times: Vec<(i64, f64)>,
}

impl Restarts {
    fn of(process: &[&Samples], blocks: Blocks, number: i64) -> Self {
        let Blocks { length, .. } = blocks;
        let mut falls = Vec::new();
        for block in -blocks.lead()..number {
            let end = blocks.end(block);
            let oldest = blocks.end(-blocks.lead()) - length;
            let fell = |samples: &&Samples| {
                let now = latest(samples, end - length, end)?;
                let since = oldest.max(end - length - blocks.look());
                let before = latest(samples, since, end - length)?;
                (now.1 < before.1).then_some(())
            };
            if process.iter().any(|samples| fell(samples).is_some()) {
                let there = |samples: &&Samples| latest(samples, end, end + length).is_some();
                falls.push((block, block + 1 < number && process.iter().any(there)));
            }
        }
        let mut known = Self {
            falls,
            times: Vec::new(),
        };
        for samples in process {
            for pair in samples.windows(2) {
                let (before, after) = (pair[0], pair[1]);
                let block = blocks.of(after.0);
                let is_near = before.0 > blocks.end(block) - length - blocks.look();
                let falls = after.1 < before.1 && is_near;
                if falls && (0..number).contains(&block) && known.covers(blocks, block) {
                    known.times.push(after);
                }
            }
        }
        known
    }

    /// Whether every sample of a block is looked at.
    fn covers(&self, blocks: Blocks, block: i64) -> bool {
        let near = |(fall, _): &(i64, bool)| *fall <= block && block - fall < blocks.tail();
        self.falls.iter().any(near)
    }

    /// Whether the process began anew after a sample, in an earlier block than this.
    fn between(&self, blocks: Blocks, last: Option<(i64, f64)>, block: i64) -> bool {
        let begins = blocks.end(block) - blocks.length;
        let after = last.map_or(i64::MIN, |(at, _)| at);
        let seen = last.map_or(i64::MIN, |(at, _)| blocks.of(at));
        let sampled = seen >= 0 && last.is_some() && self.covers(blocks, seen);
        let fell = self.falls.iter().any(|(fall, lives)| {
            let went = *lives && fall + 1 < block && !sampled && *fall == seen;
            *fall < block && (*fall > seen || went)
        });
        let times = self.times.iter();
        let mut times = times.filter(|(at, _)| blocks.of(*at) > seen || sampled);
        fell || times.any(|(at, _)| *at > after && *at <= begins)
    }

    /// What a sample adds to the one before it.
    fn added(&self, last: (i64, f64), now: (i64, f64)) -> f64 {
        let anew = |(at, most): &(i64, f64)| {
            last.0 < *at && (*at < now.0 || (*at == now.0 && now.1 <= *most))
        };
        if now.1 < last.1 || self.times.iter().any(anew) {
            now.1
        } else {
            now.1 - last.1
        }
    }
}

/// What each series of a process counted in each of so many blocks of so many seconds, the first of which
/// ends here.
pub(crate) fn increments(
    process: &[&Samples],
    first: i64,
    number: i64,
    block: i64,
) -> Vec<Vec<Option<f64>>> {
    let blocks = Blocks {
        first: first * 1_000,
        length: block * 1_000,
    };
    let restarts = Restarts::of(process, blocks, number);
    let of = |samples: &&Samples| {
        let counted = |block| counted(samples, &restarts, blocks, block);
        (0..number).map(counted).collect()
    };
    process.iter().map(of).collect()
}

fn counted(samples: &Samples, restarts: &Restarts, blocks: Blocks, block: i64) -> Option<f64> {
    let (end, length) = (blocks.end(block), blocks.length);
    let begins = end - length;
    let Some(now) = latest(samples, begins, end) else {
        // A series is there between two scrapes, and as long as Prometheus itself would say so.
        let there = length.max(if length < 5 * MINUTE { 5 * MINUTE } else { 0 });
        let last = blocks.of(latest(samples, end - there, end)?.0);
        let oldest = block - blocks.lead();
        let mut filled: Vec<i64> = samples.iter().map(|(at, _)| blocks.of(*at)).collect();
        filled.dedup();
        filled.retain(|at| (oldest..=last).contains(at));
        let mut gaps = filled
            .windows(2)
            .rev()
            .take(8)
            .map(|pair| pair[1] - pair[0]);
        return gaps.any(|gap| block - last < gap).then_some(0.0);
    };
    let memory = (24 * HOUR).max(4 * length);
    let was_there = latest(samples, begins - memory, begins).is_some();
    let last = latest(samples, blocks.end(-blocks.lead()) - length, begins);
    let near = latest(samples, begins - blocks.look(), begins);
    let anew = restarts.between(blocks, last, block);
    let basis = match near {
        _ if anew && was_there => Some(0.0),
        Some((_, value)) => Some(value),
        None if was_there => None,
        None => Some(0.0),
    };
    if !restarts.covers(blocks, block) {
        let risen = |basis: f64| if now.1 >= basis { now.1 - basis } else { now.1 };
        return Some(basis.map_or(0.0, risen));
    }
    let from = samples.partition_point(|(at, _)| *at <= begins);
    let upto = samples.partition_point(|(at, _)| *at <= end);
    let mut before = basis.map(|value| (begins, value));
    let mut sum = 0.0;
    for sample in &samples[from..upto] {
        sum += before.map_or(0.0, |before| restarts.added(before, *sample));
        before = Some(*sample);
    }
    Some(sum)
}
