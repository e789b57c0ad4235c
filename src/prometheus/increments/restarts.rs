//! Which processes began anew, and when: from the values at block ends, from samples, and from what
//! another counter of the same processes has told. Pure.

use std::collections::{BTreeMap, HashMap};

use crate::prometheus::Grid;

use super::marks::{Fall, Marks, Restart, Restarts, Told, ToldFall};
use super::process::{Process, histograms, processes};
use super::series::Known;
use super::store::{Series, Store};
use super::window::Window;

/// What is known of all processes of a store.
#[derive(Debug)]
pub(super) struct Found {
    processes: Vec<Process>,
    /// Of each process.
    falls: Vec<Vec<Fall>>,
    restarts: Vec<Vec<Restart>>,
    /// The process of each series, by number.
    of: Vec<usize>,
    /// When a bucket of the same histogram fell, by number of the series.
    histograms: HashMap<usize, Vec<i64>>,
    parts: Vec<usize>,
}

impl Found {
    /// What the values at block ends and another counter tell. Parts that begin within the blocks do not
    /// depend on what lies before their lead.
    pub(super) fn by_ends(
        store: &Store,
        window: &Window,
        (parts, told): (&[Grid], Option<&Restarts>),
    ) -> Self {
        let processes = processes(store);
        let mut of = vec![0; store.series.len()];
        for (number, process) in processes.iter().enumerate() {
            for place in &process.series {
                of[*place] = number;
            }
        }
        let told_of = |process: &Process| {
            told.zip(process.name.as_ref())
                .and_then(|(told, name)| told.get(name))
        };
        let falls = processes
            .iter()
            .map(|process| falls(store, window, process, told_of(process)));
        let begins = |part: &Grid| store.grid.index(part.first() * 1_000);
        let mut parts: Vec<usize> = parts.iter().filter_map(begins).collect();
        parts.push(window.lead());
        parts.sort_unstable();
        parts.retain(|begins| *begins >= window.lead());
        let mut found = Self {
            falls: falls.collect(),
            restarts: vec![Vec::new(); processes.len()],
            of,
            histograms: HashMap::new(),
            parts,
            processes,
        };
        found.look_at_samples(store, window, told);
        found
    }

    /// What is known for a series.
    pub(super) fn marks(&self, place: usize) -> Marks<'_> {
        let process = self.of[place];
        Marks {
            falls: &self.falls[process],
            restarts: &self.restarts[process],
            histogram: self.histograms.get(&place).map_or(&[], Vec::as_slice),
            parts: &self.parts,
        }
    }

    /// What is known of a series, and of its process.
    pub(super) fn known<'a>(&'a self, store: &'a Store, place: usize) -> Known<'a> {
        let series = &store.series[place];
        Known {
            values: store.values(series),
            seen_before: series.seen_before,
            samples: &series.samples,
            first_ms: store.grid.first() * 1_000,
            marks: self.marks(place),
        }
    }

    /// The name of the process of a series, where it has one.
    pub(super) fn name(&self, place: usize) -> Option<&str> {
        self.processes[self.of[place]].name.as_deref()
    }

    /// Where the last part begins.
    pub(super) fn last_part(&self) -> usize {
        self.parts.last().copied().unwrap_or(0)
    }

    /// Finds the restarts within blocks whose samples count.
    pub(super) fn look_at_samples(
        &mut self,
        store: &Store,
        window: &Window,
        told: Option<&Restarts>,
    ) {
        self.histograms.clear();
        for number in 0..self.processes.len() {
            if self.falls[number].is_empty() {
                continue;
            }
            let process = &self.processes[number];
            let fell: HashMap<usize, Vec<Restart>> = process
                .series
                .iter()
                .map(|place| (*place, fell(store, window, *place, self.marks(*place))))
                .collect();
            let mut restarts: Vec<Restart> = fell.values().flatten().copied().collect();
            let told = told.zip(process.name.as_ref());
            if let Some(told) = told.and_then(|(told, name)| told.get(name)) {
                let marks = self.marks(process.series[0]);
                let counts = |restart: &&Restart| {
                    let block = block_of(store, restart.at_ms);
                    block.is_some_and(|at| at >= window.lead() && marks.counts_samples(window, at))
                };
                restarts.extend(told.restarts.iter().filter(counts));
            }
            restarts.sort_by(|one, other| {
                let times = one.at_ms.cmp(&other.at_ms);
                times.then(other.most.total_cmp(&one.most))
            });
            restarts.dedup_by_key(|restart| restart.at_ms);
            for buckets in histograms(store, &process.series) {
                let times = buckets.iter().flat_map(|place| &fell[place]);
                let mut times: Vec<i64> = times.map(|restart| restart.at_ms).collect();
                times.sort_unstable();
                times.dedup();
                for place in buckets {
                    self.histograms.insert(place, times.clone());
                }
            }
            self.restarts[number] = restarts;
        }
    }

    /// What another counter of these processes may know.
    pub(super) fn told(&self, store: &Store) -> Restarts {
        let ends: Vec<i64> = store.grid.ends().collect();
        let told = self
            .processes
            .iter()
            .enumerate()
            .filter_map(|(number, process)| {
                let falls = self.falls[number].iter().map(|fall| ToldFall {
                    since: ends[fall.since],
                    end: ends[fall.block],
                    lives: fall.lives,
                });
                let told = Told {
                    falls: falls.collect(),
                    restarts: self.restarts[number].clone(),
                };
                Some((process.name.clone()?, told)).filter(|(_, told)| !told.falls.is_empty())
            });
        told.collect()
    }
}

/// Where a process fell, by block, each with the latest value before it.
fn falls(store: &Store, window: &Window, process: &Process, told: Option<&Told>) -> Vec<Fall> {
    let mut since: BTreeMap<usize, (usize, bool)> = BTreeMap::new();
    for place in &process.series {
        let mut last: Option<(usize, f64)> = None;
        for (block, value) in store.values(&store.series[*place]).iter().enumerate() {
            if !value.is_finite() {
                continue;
            }
            if let Some((at, before)) = last
                && *value < before
                && block - at <= window.look
            {
                let known = since.entry(block).or_insert((at, false));
                known.0 = known.0.max(at);
            }
            last = Some((block, *value));
        }
    }
    for fall in told.into_iter().flat_map(|told| &told.falls) {
        let index = |end: i64| store.grid.index(end * 1_000);
        if let (Some(block), Some(at)) = (index(fall.end), index(fall.since)) {
            let known = since.entry(block).or_insert((at, false));
            *known = (known.0.max(at), known.1 || fall.lives);
        }
    }
    let is_there = |block: usize| {
        let mut series = process.series.iter();
        series.any(|place| {
            let value = store.values(&store.series[*place]).get(block);
            value.is_some_and(|value| !value.is_nan())
        })
    };
    // What a cache knows of other blocks is not in this answer.
    let len = store.grid.len();
    if !since.is_empty() && !(0..len).any(is_there) {
        return Vec::new();
    }
    let falls = since.into_iter().map(|(block, (since, lives))| Fall {
        block,
        since,
        lives: lives || is_there(block + 1),
    });
    falls.collect()
}

/// The block that an instant lies in, by number.
fn block_of(store: &Store, at_ms: i64) -> Option<usize> {
    let step_ms = i64::from(store.grid.block().seconds()) * 1_000;
    let since = at_ms - (store.grid.first() * 1_000 - step_ms) - 1;
    usize::try_from(since.div_euclid(step_ms)).ok()
}

/// The samples at which a series fell, in blocks whose samples count.
fn fell(store: &Store, window: &Window, place: usize, marks: Marks<'_>) -> Vec<Restart> {
    let series: &Series = &store.series[place];
    let step_ms = window.step * 1_000;
    let mut found = Vec::new();
    let mut last: Option<(usize, f64)> = None;
    let mut rest = series.samples.as_slice();
    for ((block, value), end) in store
        .values(series)
        .iter()
        .enumerate()
        .zip(store.grid.ends())
    {
        if !value.is_finite() {
            continue;
        }
        let before = last.replace((block, *value));
        if block < window.lead() || !marks.counts_samples(window, block) {
            continue;
        }
        let end_ms = end * 1_000;
        rest = &rest[rest.partition_point(|(at, _)| *at <= end_ms - step_ms)..];
        let within = &rest[..rest.partition_point(|(at, _)| *at <= end_ms)];
        let mut before = before
            .filter(|(at, _)| block - at <= window.look)
            .map(|(_, value)| value);
        for &(at_ms, value) in within {
            if before.is_some_and(|before| value < before) {
                found.push(Restart { at_ms, most: value });
            }
            before = Some(value);
        }
    }
    found
}
