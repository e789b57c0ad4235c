//! Increments from real servers against the raw samples, block by block.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use rollout::plan::{Column, Guardrail, Kind, Plan};
use rollout::snapshot::{ArmSeries, GuardrailSeries, Series};
use rollout::units::{Period, Worse};

use crate::prometheus::histories::{Scraped, history};
use crate::prometheus::reference::increments;
use crate::prometheus::shop::collect_at;
use crate::support::openmetrics::{Metrics, START};
use crate::support::plans::{at, guardrail, plan, selectors};
use crate::support::server::Server;
use crate::support::victoria::Victoria;

const HOUR: i64 = 3_600;
const HOURS: i64 = 52;

/// The hour in which most begins to happen.
const STAGE: i64 = 27;

/// Of a dozen histories each server gets half in every run; both get as many as `ROLLOUT_TEST_HISTORIES` says
/// where somebody wants more.
fn seeds(half: Range<u64>) -> Range<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests read how much is wanted of them; the program's environment is another matter"
    )]
    let wanted = std::env::var("ROLLOUT_TEST_HISTORIES").ok();
    match wanted.and_then(|text| text.parse().ok()) {
        Some(wanted) => 0..wanted,
        None => half,
    }
}

fn histories(half: Range<u64>) -> Vec<Vec<Scraped>> {
    seeds(half)
        .map(|seed| history(seed, HOURS, STAGE))
        .collect()
}

fn metrics(histories: &[Vec<Scraped>]) -> Metrics {
    let mut metrics = Metrics::new(HOURS);
    for (seed, series) in histories.iter().enumerate() {
        for one in series {
            let Scraped {
                arm,
                pod,
                code,
                samples,
            } = one;
            let labels = format!("h=\"{seed}\",variant=\"{arm}\",pod=\"{pod}\",code=\"{code}\"");
            metrics = metrics.samples("x_total", &labels, samples);
        }
    }
    metrics
}

/// Everything of a history as a sum, and what is not an error as its count.
fn counted(seed: usize) -> Guardrail {
    let columns = [
        (Column::Sum, format!("x_total{{h=\"{seed}\"}}")),
        (
            Column::Count,
            format!("x_total{{h=\"{seed}\",code=\"200\"}}"),
        ),
    ];
    let columns: Vec<(Column, &str)> = columns
        .iter()
        .map(|(column, text)| (*column, text.as_str()))
        .collect();
    guardrail(
        &format!("h{seed}"),
        Kind::Mean {
            worse: Worse::Higher,
        },
        selectors(&columns),
    )
}

fn in_blocks(mut plan: Plan, block: i64) -> Plan {
    plan.judge.block = Some(Period::from_seconds(u32::try_from(block).unwrap()));
    plan
}

/// The sum over the series of one arm, where any is there.
fn expected(
    history: &[Scraped],
    arm: &str,
    code: Option<&str>,
    first: i64,
    blocks: i64,
    block: i64,
) -> Series {
    let wanted = |one: &&Scraped| one.arm == arm && code.is_none_or(|code| one.code == code);
    let mut sums: Series = vec![None; usize::try_from(blocks).unwrap()];
    let mut processes: BTreeMap<&str, Vec<&Scraped>> = BTreeMap::new();
    for one in history {
        processes.entry(&one.pod).or_default().push(one);
    }
    for process in processes.values() {
        let samples: Vec<_> = process.iter().map(|one| one.samples.as_slice()).collect();
        let counted = increments(&samples, first, blocks, block);
        let counted = process.iter().copied().zip(counted);
        for (_, counted) in counted.filter(|(one, _)| wanted(one)) {
            for (sum, value) in sums.iter_mut().zip(counted) {
                *sum = match (*sum, value) {
                    (Some(a), Some(b)) => Some(a + b),
                    (one, other) => one.or(other),
                };
            }
        }
    }
    sums
}

/// What arms that begin together are forgotten of: it is the server or the label that began.
fn forget_a_new_server(arms: &mut [[Series; 2]; 2]) {
    let begins = |arm: &[Series; 2]| {
        arm.iter()
            .filter_map(|series| series.iter().position(Option::is_some))
            .min()
    };
    let [Some(one), Some(other)] = arms.each_ref().map(begins) else {
        return;
    };
    let (first, last) = (one.min(other), one.max(other));
    if first == 0 || last - first > 1 {
        return;
    }
    for series in arms.iter_mut().flatten() {
        let end = series.len().min(last + 2);
        series[first..end].fill(None);
    }
}

fn measured_of(arm: &ArmSeries, column: Column, blocks: usize) -> Series {
    arm.column(column)
        .cloned()
        .unwrap_or_else(|| vec![None; blocks])
}

/// Compares every block of every arm of every history.
fn compare(url: &str, histories: &[Vec<Scraped>], block: i64, hours: i64) {
    let (entered, now) = (STAGE * HOUR, (STAGE + hours) * HOUR);
    let guardrails = (0..histories.len()).map(counted).collect();
    let plan = in_blocks(plan(entered, guardrails), block);
    // Of some servers the last half minute is not known yet.
    let snapshot = collect_at(url, &plan, at(now + 31)).unwrap();
    let (first, blocks) = (START + entered + block, (now - entered) / block);
    let compared = Cell::new(0.0);
    for (seed, history) in histories.iter().enumerate() {
        let series: &GuardrailSeries = &snapshot.guardrails[&format!("h{seed}")];
        let mut wanted = ["treatment", "control"].map(|arm| {
            [None, Some("200")].map(|code| expected(history, arm, code, first, blocks, block))
        });
        forget_a_new_server(&mut wanted);
        for (arm, wanted) in [&series.exposed, &series.unexposed]
            .into_iter()
            .zip(&wanted)
        {
            for (column, wanted) in [Column::Sum, Column::Count].into_iter().zip(wanted) {
                let found = measured_of(arm, column, wanted.len());
                let differs = (0..wanted.len()).find(|place| found[*place] != wanted[*place]);
                assert!(
                    differs.is_none(),
                    "history {seed}, blocks of {block} s, {column:?}: block {} has {:?}, not {:?}",
                    differs.unwrap(),
                    found[differs.unwrap()],
                    wanted[differs.unwrap()],
                );
                compared.set(compared.get() + wanted.iter().flatten().sum::<f64>());
            }
        }
    }
    assert!(compared.get() > 1_000.0, "nothing was compared");
}

fn compare_all(url: &str, histories: &[Vec<Scraped>]) {
    for (block, hours) in [(3_600, 24), (300, 24), (60, 24), (15, 6)] {
        compare(url, histories, block, hours);
    }
}

#[test]
fn random_histories_are_counted_as_their_samples_say() {
    let histories = histories(0..6);
    let server = Server::start(metrics(&histories));
    compare_all(server.url(), &histories);
}

#[test]
fn victoria_metrics_counts_random_histories_as_their_samples_say() {
    let histories = histories(6..12);
    let server = Victoria::start(&metrics(&histories));
    compare_all(&server.url(), &histories);
}

/// More blocks than a server gives at once.
#[test]
fn what_is_asked_for_in_pieces_of_time_is_whole() {
    let histories: Vec<_> = (0..2)
        .map(|seed| history(1_000 + seed, HOURS, STAGE))
        .collect();
    let server = Server::start(metrics(&histories));
    let (entered, now) = (4 * HOUR, 50 * HOUR);
    let guardrails = (0..histories.len()).map(counted).collect();
    let snapshot = collect_at(
        server.url(),
        &in_blocks(plan(entered, guardrails), 15),
        at(now),
    )
    .unwrap();
    for (seed, history) in histories.iter().enumerate() {
        let series = &snapshot.guardrails[&format!("h{seed}")];
        let blocks = (now - entered) / 15;
        assert!(blocks > 11_000);
        let mut wanted = ["treatment", "control"].map(|arm| {
            [None, Some("200")]
                .map(|code| expected(history, arm, code, START + entered + 15, blocks, 15))
        });
        forget_a_new_server(&mut wanted);
        assert_eq!(
            measured_of(&series.exposed, Column::Sum, wanted[0][0].len()),
            wanted[0][0]
        );
        assert_eq!(
            measured_of(&series.unexposed, Column::Sum, wanted[1][0].len()),
            wanted[1][0]
        );
    }
}
