//! Calibration: does the judge keep its promises on traffic that never was? Prints the table of
//! false rollbacks, detection times and wrongly left stages as Markdown. Seeded: the same build
//! prints the same table.
//!
//! `cargo bench --bench calibration` runs all of it; `-- 50` with fewer rollouts a cell,
//! `-- 400 90000` with other seeds, `-- 100 0 counts gauges` some of its tables alone;
//! `-- public DIRECTORY` judges series of your own or of a public collection.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]

mod fixture;
mod leaning;
mod rollouts;
mod stages;
mod worlds;

use fixture::{EPOCH, STAGES, guardrail};
use rollout::simulate::{Ended, Method, Noise, Setting, Traffic};
use rollout::units::Effect;
use rollouts::{Outcome, Past, Scenario, on_all_cores, rollouts};

/// Traffic and noise: what the judge must hold its budget in.
const CELLS: [(&str, f64, Noise); 6] = [
    ("100 rps clean", 100.0, Noise::CLEAN),
    ("100 rps shared", 100.0, Noise::SHARED),
    ("100 rps overdispersed", 100.0, Noise::OVERDISPERSED),
    ("2 rps clean", 2.0, Noise::CLEAN),
    ("2 rps shared", 2.0, Noise::SHARED),
    ("2 rps overdispersed", 2.0, Noise::OVERDISPERSED),
];

/// A table's name, and what prints it with so many rollouts a cell.
type Section = (&'static str, fn(u64));

/// In the order in which they are printed.
const SECTIONS: [Section; 16] = [
    ("known", |scale| {
        println!("### With a day of the unexposed arm's history in two halves\n");
        table(scale, Past::Known);
    }),
    ("unknown", |scale| {
        println!("\n### Without history: instances cannot be told apart\n");
        table(scale, Past::Unknown);
    }),
    ("weather", |scale| {
        println!("\n### Hard weather, with history\n");
        hard_weather(scale);
    }),
    ("others", |scale| {
        println!("\n### Other methods on the same traffic: false rollbacks without effect, %\n");
        others(scale);
    }),
    ("stages", |scale| {
        println!("\n### Single stages of 24 h at 1 %\n");
        stages::print(scale);
    }),
    ("leaning", |scale| {
        println!("\n### What is raised before harm is proven: stages that must rule out 5x\n");
        leaning::print(scale);
    }),
    ("counts", worlds::counts),
    ("unseen", worlds::unseen),
    ("gauges", worlds::gauges),
    ("revenue", worlds::revenue),
    ("latency", worlds::latency),
    ("detection", worlds::detection),
    ("advance", worlds::advance),
    ("healthy", worlds::healthy),
    ("tail", worlds::tail),
    ("short", worlds::short),
];

fn main() {
    let scale: u64 = std::env::args()
        .skip(1)
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(400);
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = asked.iter().position(|arg| arg == "public") {
        let directory = asked
            .get(at + 1)
            .expect("public DIRECTORY: where the series are");
        worlds::public(std::path::Path::new(directory));
        return;
    }
    let named = |name: &str| asked.iter().any(|arg| arg == name);
    let is_known = |arg: &str| SECTIONS.iter().any(|(name, _)| *name == arg);
    // Cargo gives an option of its own.
    let is_ours = |arg: &&String| !arg.starts_with('-') && arg.parse::<u64>().is_err();
    if let Some(other) = asked.iter().filter(is_ours).find(|arg| !is_known(arg)) {
        let names = SECTIONS.map(|(name, _)| name).join(", ");
        panic!("there is no table `{other}`; there are: {names}");
    }
    let all = !SECTIONS.iter().any(|(name, _)| named(name));
    for (name, print) in SECTIONS {
        if all || named(name) {
            let begun = std::time::Instant::now();
            print(scale);
            println!("\n({name}: {:.0} s)", begun.elapsed().as_secs_f64());
        }
    }
}

/// So small a part of the rollouts, and one at least.
pub(crate) fn part(scale: u64, of: u64) -> u64 {
    (scale / of).max(1)
}

/// No disturbance of the evidence itself.
fn scenario(rps: f64, noise: Noise, factor: f64, history: Past) -> Scenario {
    Scenario {
        rps,
        noise,
        factor: [factor; 4],
        history,
        guardrails: 1,
        lost: 0.0,
        resets: 0.0,
        onset: 0,
    }
}

fn header() {
    println!("| | {} |", CELLS.map(|c| c.0).join(" | "));
    println!("| --- |{}", " --- |".repeat(CELLS.len()));
}

fn hard_weather(scale: u64) {
    header();
    let five = |rps, noise, factor| Scenario {
        guardrails: 5,
        ..scenario(rps, noise, factor, Past::Known)
    };
    row(
        "five guardrails, no effect: false rollbacks, %",
        |noise, rps| {
            let outcomes = rollouts(&five(rps, noise, 1.0), 5_000..5_000 + part(scale, 2), true);
            percent(&outcomes, |o| o.rolled_back.is_some())
        },
    );
    row(
        "five guardrails, one x2: median time to rollback",
        |noise, rps| {
            let outcomes = rollouts(&five(rps, noise, 2.0), 6_000..6_000 + part(scale, 4), true);
            median(&outcomes, 0)
        },
    );
    let torn = |rps, noise, factor| Scenario {
        lost: 0.10,
        resets: 0.01,
        ..scenario(rps, noise, factor, Past::Known)
    };
    row(
        "10 % of blocks lost, resets in 1 %: false rollbacks, %",
        |noise, rps| {
            let outcomes = rollouts(&torn(rps, noise, 1.0), 7_000..7_000 + scale, true);
            percent(&outcomes, |o| o.rolled_back.is_some())
        },
    );
    row("the same, x2: median time to rollback", |noise, rps| {
        let outcomes = rollouts(&torn(rps, noise, 2.0), 8_000..8_000 + part(scale, 2), true);
        median(&outcomes, 0)
    });
    row(
        "a history calmer than the arms: false rollbacks, %",
        |noise, rps| {
            let blind = scenario(rps, noise, 1.0, Past::Calmer);
            percent(
                &rollouts(&blind, 9_000..9_000 + part(scale, 2), true),
                |o| o.rolled_back.is_some(),
            )
        },
    );
}

/// The plan of the fixture under the methods that others use.
fn others(scale: u64) {
    header();
    for method in [Method::ZTest, Method::Threshold, Method::MannWhitney] {
        row(method.name(), |noise, rps| {
            let errors = guardrail("errors", Effect::Relative(0.10));
            let plan = fixture::plan(vec![errors], EPOCH);
            let load = Traffic {
                rps,
                cycle: 0.6,
                base: 0.01,
            };
            let loads = [("errors".to_owned(), load)].into();
            let setting = Setting::new(&plan, &loads, noise, None).expect("a counted guardrail");
            let runs = on_all_cores(10_000..10_000 + part(scale, 4), |seed| {
                setting.run(method, 1.0, seed)
            });
            let rolled = runs
                .iter()
                .filter(|run| matches!(run.ended, Ended::RolledBack { .. }));
            format!("{:.0}", 100.0 * rolled.count() as f64 / runs.len() as f64)
        });
    }
}

fn table(scale: u64, history: Past) {
    let flat = |rps, noise, factor, onset| Scenario {
        onset,
        ..scenario(rps, noise, factor, history)
    };
    header();
    row("no effect: false rollbacks, % (budget 5)", |noise, rps| {
        let outcomes = rollouts(&flat(rps, noise, 1.0, 0), 0..scale, true);
        percent(&outcomes, |o| o.rolled_back.is_some())
    });
    for factor in [2.0, 5.0] {
        row(
            &format!("x{factor}: median time to rollback"),
            |noise, rps| {
                let outcomes = rollouts(
                    &flat(rps, noise, factor, 0),
                    1_000..1_000 + part(scale, 2),
                    true,
                );
                median(&outcomes, 0)
            },
        );
        row(&format!("x{factor}: limit ln(1/alpha)/KL"), |_, rps| {
            hours(limit(rps, factor))
        });
    }
    row("x2 from hour 12 of stage 1: median delay", |noise, rps| {
        let outcomes = rollouts(
            &flat(rps, noise, 2.0, 12),
            2_000..2_000 + part(scale, 2),
            true,
        );
        median(&outcomes, 12)
    });
    row(
        "stages left at the harm to rule out, % (budget 5)",
        |noise, rps| {
            let scenario = Scenario {
                factor: STAGES.map(|s| s.1),
                ..scenario(rps, noise, 1.0, history)
            };
            let outcomes = rollouts(&scenario, 3_000..3_000 + part(scale, 2), false);
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
            let outcomes = rollouts(
                &flat(rps, noise, 1.0, 0),
                4_000..4_000 + part(scale, 4),
                false,
            );
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
