//! Calibration: does the judge keep its promises on traffic that never was? Prints the table of
//! false rollbacks, detection times and wrongly left stages as Markdown. Seeded: the same build
//! prints the same table.
//!
//! `cargo bench --bench calibration` runs all of it; `-- 50` with fewer rollouts a cell.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]

mod fixture;
mod rollouts;

use fixture::STAGES;
use rollout::simulate::Noise;
use rollouts::{Outcome, Scenario, rollouts};

/// The cells of judge.md section 11.
const CELLS: [(&str, f64, Noise); 6] = [
    ("100 rps clean", 100.0, Noise::CLEAN),
    ("100 rps shared", 100.0, Noise::SHARED),
    ("100 rps overdispersed", 100.0, Noise::OVERDISPERSED),
    ("2 rps clean", 2.0, Noise::CLEAN),
    ("2 rps shared", 2.0, Noise::SHARED),
    ("2 rps overdispersed", 2.0, Noise::OVERDISPERSED),
];

fn main() {
    let scale: u64 = std::env::args()
        .skip(1)
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(400);
    println!("### With a day of the unexposed arm's history in two halves\n");
    table(scale, 288);
    println!("\n### Without history: instances cannot be told apart\n");
    table(scale, 0);
}

fn table(scale: u64, history: i64) {
    let flat = |rps, noise, factor, onset| Scenario {
        rps,
        noise,
        factor: [factor; 4],
        history,
        onset,
    };
    println!("| | {} |", CELLS.map(|c| c.0).join(" | "));
    println!("| --- |{}", " --- |".repeat(CELLS.len()));
    row("no effect: false rollbacks, % (budget 5)", |noise, rps| {
        let outcomes = rollouts(&flat(rps, noise, 1.0, 0), 0..scale, true);
        percent(&outcomes, |o| o.rolled_back.is_some())
    });
    for factor in [2.0, 5.0] {
        row(
            &format!("x{factor}: median time to rollback"),
            |noise, rps| {
                let outcomes =
                    rollouts(&flat(rps, noise, factor, 0), 1_000..1_000 + scale / 2, true);
                median(&outcomes, 0)
            },
        );
        row(&format!("x{factor}: limit ln(1/alpha)/KL"), |_, rps| {
            hours(limit(rps, factor))
        });
    }
    row("x2 from hour 12 of stage 1: median delay", |noise, rps| {
        let outcomes = rollouts(&flat(rps, noise, 2.0, 12), 2_000..2_000 + scale / 2, true);
        median(&outcomes, 12)
    });
    row(
        "stages left at the harm to rule out, % (budget 5)",
        |noise, rps| {
            let scenario = Scenario {
                rps,
                noise,
                factor: STAGES.map(|s| s.1),
                history,
                onset: 0,
            };
            let outcomes = rollouts(&scenario, 3_000..3_000 + scale / 2, false);
            let worst = (0..STAGES.len())
                .map(|s| outcomes.iter().filter(|o| o.left[s]).count())
                .max()
                .unwrap_or(0);
            format!("{:.1}", 100.0 * worst as f64 / outcomes.len() as f64)
        },
    );
    row(
        "healthy stages left at their end, % by stage",
        |noise, rps| {
            let outcomes = rollouts(&flat(rps, noise, 1.0, 0), 4_000..4_000 + scale / 4, false);
            (0..STAGES.len())
                .map(|s| {
                    let left = outcomes.iter().filter(|o| o.left[s]).count();
                    format!("{:.0}", 100.0 * left as f64 / outcomes.len() as f64)
                })
                .collect::<Vec<_>>()
                .join(" ")
        },
    );
}

fn row(name: &str, cell: impl Fn(Noise, f64) -> String) {
    let cells: Vec<String> = CELLS
        .iter()
        .map(|(_, rps, noise)| cell(*noise, *rps))
        .collect();
    println!("| {name} | {} |", cells.join(" | "));
}

fn percent(outcomes: &[Outcome], is: impl Fn(&Outcome) -> bool) -> String {
    let count = outcomes.iter().filter(|o| is(o)).count();
    format!("{:.1}", 100.0 * count as f64 / outcomes.len().max(1) as f64)
}

/// The median delay after the onset; rollouts never rolled back count as endless.
fn median(outcomes: &[Outcome], onset: i64) -> String {
    let mut times: Vec<f64> = outcomes
        .iter()
        .map(|o| o.rolled_back.map_or(f64::INFINITY, |t| t - onset as f64))
        .collect();
    times.sort_by(f64::total_cmp);
    hours(times[times.len() / 2])
}

fn hours(hours: f64) -> String {
    if hours.is_infinite() {
        "never".into()
    } else if hours < 1.5 {
        format!("{:.0} min", hours * 60.0)
    } else {
        format!("{hours:.1} h")
    }
}

/// The expected time any sequential test needs that knows the unexposed rate: the exposed arm must
/// collect ln(1/alpha) nats against a ratio of 1.1 (Wald). Traffic at the daily mean.
fn limit(rps: f64, factor: f64) -> f64 {
    let rho = 1.1_f64;
    let gain = factor * (factor / rho).ln() - (factor - rho);
    let mut events = 20.0_f64.ln() / gain;
    let mut time = 0.0;
    for (percent, _) in STAGES {
        let per_hour = rps * 3_600.0 * 0.01 * percent / 100.0;
        if events <= per_hour * 24.0 {
            return time + events / per_hour;
        }
        events -= per_hour * 24.0;
        time += 24.0;
    }
    f64::INFINITY
}
