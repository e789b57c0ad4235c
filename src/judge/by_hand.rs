//! What `rollout help statistics` says under "by hand" is what the judge does: evidence worked out from
//! the page alone, with nothing of the program but the blocks.

use super::fixture::*;
use crate::plan::Column;

/// (exposed events, exposed requests, unexposed events, unexposed requests) of each block.
type Blocks = Vec<[f64; 4]>;

/// Steps 1 and 2 of the page; `sign` is -1 to rule out; of the dispersion, `clumps` is due to clumps.
fn e_value(blocks: &[[f64; 4]], r: f64, sign: f64, dispersion: f64, clumps: f64) -> f64 {
    let alternatives = (0..24).map(|j| 0.05 * 60.0_f64.powf(f64::from(j) / 23.0));
    let (mut sum, mut weights) = (0.0, 0.0);
    let skewed = ((clumps - 1.0) / (clumps + 3.0)).max(0.0);
    for size in alternatives {
        let d = sign * size;
        let mut log = 0.0;
        for [t, n, c, m] in blocks {
            let g = ((r * d.exp() * n + m) / (r * n + m)).ln();
            log += d * t - g * (t + c);
        }
        let growth = (size.exp() - 1.0) / size;
        let kappa = size + size / (2.0 * (growth - 1.0));
        let weight = size * (-size).exp();
        sum += weight * (log / (dispersion * (1.0 + skewed * (kappa - 1.0)))).exp();
        weights += weight;
    }
    sum / weights
}

/// What arms are always granted: step 3 of the page.
fn granted(blocks: &[[f64; 4]]) -> f64 {
    let k = blocks.len() as f64;
    0.01 * information(blocks) * k.min(96.0) / (k + 3.0)
}

fn information(blocks: &[[f64; 4]]) -> f64 {
    blocks
        .iter()
        .map(|[t, n, c, m]| (t + c) * n * m / (n + m).powi(2))
        .sum()
}

/// The paragraph on dispersion, without a known past.
fn dispersion(blocks: &[[f64; 4]], believed: f64) -> f64 {
    let k = blocks.len() as f64;
    if blocks.len() < 2 {
        return believed;
    }
    let total = |i: usize| blocks.iter().map(|block| block[i]).sum::<f64>();
    let (t, n, c, m) = (total(0), total(1), total(2), total(3));
    let r = ((t + 0.5) / n) / ((c + 0.5) / m);
    let residual = |[t, n, c, m]: &[f64; 4]| (t * m - r * c * n) / (n + m);
    let e: Vec<f64> = blocks.iter().map(residual).collect();
    let lags = k.sqrt().floor();
    let mut long_run: f64 = e.iter().map(|e| e * e).sum();
    let mut lag = 1.0;
    for l in 1..e.len() {
        if lag > lags {
            break;
        }
        let product: f64 = e.iter().zip(&e[l..]).map(|(a, b)| a * b).sum();
        long_run += 2.0 * (1.0 - lag / (lags + 1.0)) * product;
        lag += 1.0;
    }
    let independent: f64 = blocks
        .iter()
        .map(|[t, n, c, m]| r * (t + c) * n * m / (n + m).powi(2))
        .sum();
    let raw = k / (k - 1.0) * long_run.max(0.0) / independent;
    let freedom = (1.5 * k / (lags + 1.0)).max(2.0);
    let part = 2.0 / (9.0 * freedom);
    let decile = freedom * (1.0 - part - 1.281_551_565_544_6 * part.sqrt()).powi(3);
    let expected: f64 = blocks
        .iter()
        .map(|[t, n, c, m]| (t + c) * n / (n + m))
        .sum();
    let w = k.min(expected);
    (12.0 * believed + w * (raw * freedom / decile)) / (12.0 + w)
}

#[test]
fn the_evidence_follows_from_the_page() {
    let series = traffic(1.3, 50);
    let column = |arm: &crate::snapshot::ArmSeries, key: Column| -> Vec<f64> {
        arm.column(key)
            .unwrap()
            .iter()
            .map(|x| x.unwrap())
            .collect()
    };
    let (t, n) = (
        column(&series.exposed, Column::Events),
        column(&series.exposed, Column::Total),
    );
    let (c, m) = (
        column(&series.unexposed, Column::Events),
        column(&series.unexposed, Column::Total),
    );
    // Two blocks of warm-up.
    let blocks: Blocks = (2..50).map(|k| [t[k], n[k], c[k], m[k]]).collect();
    let judgement = judged(&plan(vec![errors()]), vec![series], 50);
    let measure = judgement.findings[0].measure.as_ref().unwrap();
    let close = |ours: f64, page: f64| assert!((ours - page).abs() < 1e-6, "{ours} {page}");

    let whole = dispersion(&blocks, 3.0);
    close(measure.dispersion, whole.max(1.0));
    close(
        measure.log_e_pass.unwrap().0,
        e_value(&blocks, 2.0, -1.0, whole.max(1.0), 1.0).ln(),
    );
    let harm = |blocks: &[[f64; 4]], believed: f64, sudden: bool| {
        let phi = dispersion(blocks, believed);
        let all = (phi + granted(blocks)).max(1.0);
        let clumps = if blocks.len() < 2 { 1.0 } else { phi };
        let clumps = if sudden { clumps.max(believed) } else { clumps };
        e_value(blocks, 1.1, 1.0, all, clumps.min(all))
    };
    // The first four blocks must be confirmed by the others: by those alone, after two hours.
    let start = harm(&blocks, 3.0, false).min(harm(&blocks[4..], 3.0, false));
    let shown = |k: usize| dispersion(&blocks[..k], 3.0).max(3.0);
    let falling = |h: f64, i: f64| h / ((i + h) * (i + h + 1.0));
    let (mut e, mut unbegun) = (0.75 * start, 0.25);
    for (i, k) in (12..blocks.len()).step_by(12).enumerate() {
        let weight = 0.20 * falling(24.0, i as f64);
        e += weight * harm(&blocks[k..], shown(k), false);
        unbegun -= weight;
    }
    for (i, k) in (12..blocks.len()).enumerate() {
        let weight = 0.05 * falling(288.0, i as f64);
        let end = blocks.len().min(k + 12);
        e += weight * harm(&blocks[k..end], shown(k), true);
        unbegun -= weight;
    }
    close(measure.log_e_breach.0, (e + unbegun).ln());
    // The first of four stages, and one guardrail.
    let stage = measure.log_e_breach.0.exp();
    close(judgement.log_e_rollback.0, (0.7 * stage + 0.3).ln());
}
