//! Which blocks of a snapshot are judged, and whether they are enough to judge at all.

use crate::plan::{ASSIGNMENT, Guardrail, Plan};
use crate::snapshot::{Series, Snapshot};
use crate::units::{Instant, Period};

use super::pooling::pooled_blocks;
use super::{Issue, NoData};

/// The span of time that is judged for one guardrail, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Blocks begin at or after this.
    from: i64,
    /// Blocks end at or before this.
    until: i64,
    /// So many seconds before the evaluation, since the server does not tell of the newest time yet.
    lag: i64,
    /// Length of a block.
    block: i64,
    /// Where the stage began.
    entered: i64,
    /// Where exposure was last changed: the latest move of a ramp, else the same.
    moved: i64,
}

/// Blocks of which all needed columns are there, in both arms where both are needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    /// Block ends.
    pub(super) ends: Vec<i64>,
    /// One row for each block: the columns in the order in which they were asked for.
    pub(super) rows: Vec<Vec<f64>>,
    /// Blocks that should be there and are not.
    pub(super) missing: u32,
}

/// More than this much silence at the end of the evidence is an outage of measurement, not a slow
/// scrape: a Prometheus that restarts is back within it, and three blocks bridge one lost scrape. Of short
/// blocks eight are enough: a stage of two minutes must not be left on what was seen before.
const SILENCE_SECONDS: i64 = 15 * 60;
const SILENCE_SHORT_BLOCKS: i64 = 8;
const SILENCE_BLOCKS: i64 = 3;

/// One block may be late, or a scrape of it lost.
const BEHIND_BLOCKS: i64 = 2;

impl Judged {
    /// Takes the blocks that end within these ends out: they are missing.
    pub(super) fn leave_out(&mut self, first: i64, last: i64) {
        let stays = |end: &i64| !(first..=last).contains(end);
        let kept: Vec<bool> = self.ends.iter().map(stays).collect();
        self.ends.retain(stays);
        let mut kept = kept.into_iter();
        let before = self.rows.len();
        self.rows.retain(|_| kept.next().unwrap_or(true));
        let left_out = u32::try_from(before - self.rows.len()).unwrap_or(u32::MAX);
        self.missing = self.missing.saturating_add(left_out);
    }
}

impl Frame {
    pub(super) fn of(
        plan: &Plan,
        guardrail: &Guardrail,
        snapshot: &Snapshot,
        now: Instant,
    ) -> Self {
        let stage = Self::of_stage(plan, snapshot, now).after_restart(plan, &guardrail.name);
        let series = snapshot.guardrails.get(&guardrail.name);
        let times = pooled_blocks(stage.block, series.and_then(|s| s.scrape_seconds));
        Self {
            block: stage.block.saturating_mul(times),
            ..stage
        }
    }

    /// The span in which users are counted as the plan counts them now.
    pub(super) fn of_users(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Self {
        Self::of_stage(plan, snapshot, now).after_restart(plan, ASSIGNMENT)
    }

    /// The part of it since the evidence of this name started again, if it did.
    pub(super) fn after_restart(self, plan: &Plan, name: &str) -> Self {
        let restarted = plan
            .state
            .as_ref()
            .and_then(|state| state.restarts.get(name))
            .map_or(i64::MIN, |restart| restart.at.timestamp());
        Self {
            from: self.from.max(restarted),
            ..self
        }
    }

    /// The span of a whole stage after its warm-up, whatever became of single guardrails.
    pub(super) fn of_stage(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Self {
        // A block of no length would divide by zero; it cannot come from a plan.
        let block = i64::from(snapshot.block.seconds()).max(1);
        let warmup = i64::from(plan.judge.warmup_blocks(snapshot.block));
        let entered = snapshot.since().timestamp();
        let known = snapshot.known_until.map_or(now, |known| known.min(now));
        Self {
            from: entered.saturating_add(block * warmup),
            until: known.timestamp(),
            lag: (now - known).num_seconds(),
            block,
            entered,
            moved: plan
                .state
                .as_ref()
                .and_then(|state| state.ramp)
                .map_or(entered, |climb| climb.moved_at.timestamp()),
        }
    }

    /// The span with the present exposure alone: since the latest move of a ramp has reached everybody,
    /// which takes as long as the warm-up of a stage.
    pub(super) fn present(self) -> Self {
        let warm = self.from.saturating_sub(self.entered).max(0);
        Self {
            from: self.from.max(self.moved.saturating_add(warm)),
            ..self
        }
    }

    /// Whether the block that ended at this Unix second is judged.
    pub(super) const fn holds(&self, end: i64) -> bool {
        end.saturating_sub(self.block) >= self.from && end <= self.until
    }

    /// Length of a block in seconds.
    pub(super) const fn block(&self) -> i64 {
        self.block
    }

    /// The end of the first block to be judged.
    pub(super) fn first_end(&self) -> i64 {
        let start = self.from.div_euclid(self.block) * self.block;
        let start = if start < self.from {
            start + self.block
        } else {
            start
        };
        start + self.block
    }

    /// How many judged blocks should have closed by now.
    pub(super) fn expected(&self) -> i64 {
        (self.until - self.first_end())
            .div_euclid(self.block)
            .max(-1)
            + 1
    }

    /// How long after its end a block is known, in seconds.
    pub(super) const fn lag(&self) -> i64 {
        self.lag
    }

    /// Picks the judged blocks in which every asked series has a usable number.
    pub(super) fn pick(
        &self,
        ends: &[i64],
        columns: &[&Series],
        usable: impl Fn(&[f64]) -> bool,
    ) -> Judged {
        let mut judged = Judged::default();
        for (i, &end) in ends.iter().enumerate() {
            let later = judged.ends.last().is_none_or(|&last| last < end);
            if !self.holds(end) || !later {
                continue;
            }
            let row: Option<Vec<f64>> = columns
                .iter()
                .map(|series| series.get(i).copied().flatten().filter(|x| x.is_finite()))
                .collect();
            if let Some(row) = row.filter(|row| usable(row)) {
                judged.ends.push(end);
                judged.rows.push(row);
            }
        }
        let have = i64::try_from(judged.ends.len()).unwrap_or(i64::MAX);
        let missing = self.expected().saturating_sub(have).max(0);
        judged.missing = u32::try_from(missing).unwrap_or(u32::MAX);
        judged
    }

    /// How many of the judged blocks had the present exposure throughout.
    pub(super) fn since_move(&self, judged: &Judged) -> u32 {
        let count = judged
            .ends
            .iter()
            .filter(|&&end| end.saturating_sub(self.block) >= self.moved)
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Whether evidence is missing that should be there, and why.
    pub(super) fn gap(&self, judged: &Judged) -> Option<(NoData, Issue)> {
        let expected = self.expected();
        if expected == 0 {
            return None;
        }
        let have = i64::try_from(judged.ends.len()).unwrap_or(i64::MAX);
        let Some(&last) = judged.ends.last() else {
            return Some((
                self.nothing_since(self.entered),
                Issue::NoBlocks { expected },
            ));
        };
        if let Some(ago) = self.outage_since(last) {
            return Some((self.nothing_since(last), Issue::Stopped { ago }));
        }
        if have * 2 < expected {
            return Some((
                self.nothing_since(self.entered),
                Issue::BlocksMissing {
                    missing: judged.missing,
                    expected,
                },
            ));
        }
        None
    }

    /// How long ago this Unix second is, where that is too long for a lost scrape.
    pub(super) fn outage_since(&self, last: i64) -> Option<Period> {
        let silence = self.until - last;
        let seconds = SILENCE_SECONDS.min(SILENCE_SHORT_BLOCKS * self.block);
        let tolerated = seconds.max(SILENCE_BLOCKS * self.block) + self.block;
        let ago = Period::from_seconds(u32::try_from(silence).unwrap_or(u32::MAX));
        (silence >= tolerated).then_some(ago)
    }

    /// How long ago this Unix second is, where more than one block should have been measured since: what has
    /// passed by then does not let others on.
    pub(super) fn behind(&self, last: i64) -> Option<Period> {
        let silence = self.until - last;
        let ago = Period::from_seconds(u32::try_from(silence).unwrap_or(u32::MAX));
        (silence >= BEHIND_BLOCKS * self.block).then_some(ago)
    }

    /// No data since this Unix second.
    pub(super) fn nothing_since(&self, second: i64) -> NoData {
        NoData {
            since: Instant::from_timestamp(second, 0).unwrap_or_default(),
        }
    }

    /// Where the stage began, in Unix seconds.
    pub(super) const fn entered(&self) -> i64 {
        self.entered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of silence after which blocks of this length are missing.
    fn tolerated(block: i64) -> i64 {
        let frame = Frame {
            from: 0,
            until: 86_400,
            lag: 0,
            block,
            entered: 0,
            moved: 0,
        };
        let is_outage = |silence: &i64| frame.outage_since(frame.until - silence).is_some();
        (0..86_400).find(is_outage).unwrap()
    }

    #[test]
    fn silence_is_an_outage_within_minutes_where_blocks_are_short() {
        assert_eq!(tolerated(15), 9 * 15);
        assert_eq!(tolerated(60), 9 * 60);
        assert_eq!(tolerated(300), 20 * 60);
        assert_eq!(tolerated(3_600), 4 * 3_600);
    }
}
