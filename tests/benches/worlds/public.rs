//! Public series as halves of one population: two samples next to each other are dealt to the two arms by a
//! coin, so that no change tells the arms apart, and whatever else happens is real. A window is a stage of a
//! day's blocks, after as much of a week's history, in the same halves, as the series has.
//!
//! A series is a file of comma-separated lines with a time and a number, at even steps, such as those of the
//! Numenta Anomaly Benchmark. Whole numbers are judged as counts too.

use std::path::Path;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use rollout::decide::Action;
use rollout::plan::{Column, Guardrail, Kind};
use rollout::simulate::{first_move, instant};
use rollout::snapshot::{ArmSeries, GuardrailSeries, History};
use rollout::units::{Effect, Period, Worse};

use super::course::{around, empty, ruling_nothing_out};
use super::share::Share;
use crate::fixture::{BLOCK, EPOCH, guardrail};
use crate::rollouts::{first_seed, on_all_cores};

/// Blocks of a window, of the history before it at most, and from one window to the next.
const STAGE: usize = 288;
const WEEK: usize = 7 * 288;
const STEP: usize = 96;

/// Prints how many windows of the directory's series are rolled back.
pub(crate) fn print(directory: &Path) {
    println!(
        "\n### Public series as halves of one population: windows rolled back, % (budget 5)\n"
    );
    println!("| series | judged as | windows | rolled back, % |\n| --- | --- | --- | --- |");
    let mut files: Vec<_> = fs_err::read_dir(directory)
        .expect("a directory of series")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let values = series(&fs_err::read_to_string(&path).expect("a readable file"));
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let counts = values
            .iter()
            .all(|value| *value >= 0.0 && value.fract().abs() < 1e-9);
        let kinds: &[bool] = if counts { &[false, true] } else { &[false] };
        for as_counts in kinds {
            let windows = windows(&values, *as_counts);
            if windows.is_empty() {
                continue;
            }
            let kind = if *as_counts { "rate" } else { "gauge" };
            println!(
                "| {name} | {kind} | {} | {} |",
                windows.len(),
                Share::of(&windows, |back| *back)
            );
            all.extend(windows);
        }
    }
    println!(
        "| all | | {} | {} |",
        all.len(),
        Share::of(&all, |back| *back)
    );
}

/// The second number of each line that has one.
fn series(text: &str) -> Vec<f64> {
    let value = |line: &str| line.split(',').nth(1)?.trim().parse::<f64>().ok();
    text.lines()
        .filter_map(value)
        .filter(|value| value.is_finite())
        .collect()
}

/// Whether each window was rolled back.
fn windows(values: &[f64], as_counts: bool) -> Vec<bool> {
    let mut rng = Pcg64Mcg::seed_from_u64(first_seed());
    let blocks: Vec<[f64; 2]> = values
        .chunks_exact(2)
        .map(|pair| {
            if rng.random() {
                [pair[0], pair[1]]
            } else {
                [pair[1], pair[0]]
            }
        })
        .collect();
    let first = STAGE;
    let count = (blocks.len().saturating_sub(first + STAGE) + STEP) / STEP;
    let count = if blocks.len() < first + STAGE {
        0
    } else {
        count
    };
    let window = |index: u64| {
        let begin = first + STEP * usize::try_from(index - first_seed()).unwrap_or(0);
        rolled_back(
            &blocks[begin.saturating_sub(WEEK)..begin],
            &blocks[begin..begin + STAGE],
            as_counts,
        )
    };
    on_all_cores(0..count as u64, window)
}

fn rolled_back(past: &[[f64; 2]], stage: &[[f64; 2]], as_counts: bool) -> bool {
    let plan = ruling_nothing_out(vec![metric(as_counts)], EPOCH);
    let length = i64::from(BLOCK);
    let ends = |from: i64, blocks: usize| -> Vec<i64> {
        let of = |k: usize| from + length * (i64::try_from(k).unwrap_or(0) + 1);
        (0..blocks).map(of).collect()
    };
    let before = length * i64::try_from(past.len()).unwrap_or(0);
    let [first, second] = arms(past, as_counts);
    let [exposed, unexposed] = arms(stage, as_counts);
    let series = GuardrailSeries {
        ends: ends(EPOCH, stage.len()),
        exposed,
        unexposed,
        history: Some(History::of_halves(
            ends(EPOCH - before, past.len()),
            Period::from_seconds(BLOCK),
            first,
            second,
        )),
        ..GuardrailSeries::default()
    };
    let until = instant(EPOCH + length * i64::try_from(stage.len()).unwrap_or(0));
    let mut snapshot = empty(&plan, instant(EPOCH), until);
    snapshot
        .guardrails
        .insert(plan.guardrails[0].name.clone(), series);
    first_move(&plan, &snapshot, instant(EPOCH), until, &around(until))
        .is_some_and(|found| matches!(found.decision.action, Action::Rollback { .. }))
}

fn metric(as_counts: bool) -> Guardrail {
    let mut guardrail = guardrail("series", Effect::Relative(0.10));
    let worse = Worse::Higher;
    guardrail.metric.kind = if as_counts {
        Kind::Rate { worse }
    } else {
        Kind::Gauge { worse }
    };
    guardrail
}

fn arms(blocks: &[[f64; 2]], as_counts: bool) -> [ArmSeries; 2] {
    [0, 1].map(|arm| {
        let mut series = ArmSeries::default();
        let values = blocks.iter().map(|block| Some(block[arm])).collect();
        if as_counts {
            series.columns.insert(Column::Events, values);
            let ones = blocks.iter().map(|_| Some(1.0)).collect();
            series.columns.insert(Column::Per, ones);
        } else {
            series.columns.insert(Column::Query, values);
        }
        series
    })
}
