//! `rollout simulate`: what a plan would do, by many simulated rollouts through the real judge and
//! the real rules. What is simulated lives elsewhere, the threads in `cores`.

use std::collections::BTreeMap;

use crate::decide::Exit;
use crate::plan::Kind;
use crate::power;
use crate::report::json::print;
use crate::report::paces as pace_table;
use crate::report::study::{document, render};
use crate::session::{Context, Failure, Format, PlanSet};
use crate::simulate::{
    Method, Noise, Release, Setting, SimulatedRollout, Study, Traffic, Ways, journey, paces,
};
use crate::units::{Period, Worse};

use super::cores::on_all_cores;
use super::traffic::{TrafficArgs, factor, given_or_measured};

/// Simulate many rollouts of a plan, healthy and harmful
///
/// Every rollout goes through the real judge and the real rules at every block. For no harm and for
/// each `--effect`: how often it is rolled back, how soon, what was exposed by then, and when a
/// release is at 100 %; next to a plain threshold, a z-test at every look, and a Mann-Whitney test
/// on the blocks, on the same traffic. The same seed prints the same table.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of a plan
    #[arg(value_name = "PLAN")]
    plan: String,
    #[command(flatten)]
    traffic: TrafficArgs,
    /// Sizes of harm
    #[arg(long = "effect", value_name = "FACTOR", value_delimiter = ',', value_parser = factor,
          default_values = ["1.5x", "2x"])]
    effects: Vec<f64>,
    /// Guardrail whose metric is harmed [default: the first that rolls back]
    #[arg(long, value_name = "NAME")]
    guardrail: Option<String>,
    /// What disturbs the metrics besides chance
    #[arg(long, value_enum, default_value_t = Family::Shared)]
    noise: Family,
    /// Height of the daily cycle of traffic, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.6, value_parser = cycle)]
    cycle: f64,
    /// Rollouts for each size of harm and method
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rollouts: u32,
    /// Where the random numbers start
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Compare stages, a fixed ramp and an adaptive ramp on the same traffic: time to 100 % of a
    /// healthy release against excess bad events of a bad one. The plan's own course is one of them,
    /// the others are made from it
    #[arg(long, visible_alias = "compare-paces")]
    compare_pace: bool,
    /// Excess bad events the adaptive ramp may cost [default: the plan's own, else 500]
    #[arg(long, value_name = "N", requires = "compare_pace", value_parser = super::traffic::above_zero)]
    risk_budget: Option<f64>,
}

/// Families of disturbances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Family {
    /// Independent events
    Clean,
    /// Slow changes and incidents common to both arms
    Shared,
    /// These, and bursts and drifts of each arm
    Overdispersed,
    /// Users of thirty requests over minutes, of whom some always fail
    Sessions,
}

impl Family {
    const fn noise(self) -> Noise {
        match self {
            Self::Clean => Noise::CLEAN,
            Self::Shared => Noise::SHARED,
            Self::Overdispersed => Noise::OVERDISPERSED,
            Self::Sessions => Noise::SESSIONS,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Shared => "shared",
            Self::Overdispersed => "overdispersed",
            Self::Sessions => "sessions",
        }
    }
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let asked = std::slice::from_ref(&args.plan);
    let plan_set = PlanSet::open(context, asked)?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    let traffic = given_or_measured(args.traffic, None, &plan_set, plan, context)?;
    let loads: BTreeMap<String, Traffic> = traffic
        .loads
        .iter()
        .map(|(name, load)| (name.clone(), load_of(load, args.cycle)))
        .collect();
    let noise = args.noise.noise();
    let setting =
        Setting::new(plan, &loads, noise, args.guardrail.as_deref()).ok_or_else(|| {
            let known: Vec<&str> = loads.keys().map(String::as_str).collect();
            match &args.guardrail {
                Some(name) => Failure::invalid(format!("no guardrail `{name}` can be simulated"))
                    .help(format!("there are: {}", known.join(", "))),
                None => Failure::invalid(format!("no guardrail of {} can be simulated", plan.name))
                    .help("ratios, rates and latencies can; means, gauges and points cannot"),
            }
        })?;
    if args.compare_pace {
        return compare(args, &setting, context);
    }
    let factors = std::iter::once(1.0).chain(args.effects.iter().copied());
    let study = Study {
        setting,
        factors: factors.collect(),
        methods: Method::ALL.to_vec(),
        rollouts: args.rollouts,
        seed: args.seed,
    };
    let done = on_all_cores(&study.jobs(), context, |job| study.run(job))?;
    let rows = study.rows(&done);
    let name = args.noise.name();
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let output = context.output_style();
            render(&study, name, &rows, &output, context.ui.answer())?;
        }
        Format::Json => {
            print(&document(&study, name, &rows), context.ui.answer())?;
        }
    }
    Ok(Exit::Go)
}

fn load_of(load: &power::Load, cycle: f64) -> Traffic {
    let power::Load {
        per_second,
        baseline,
        // The noise family says how events vary.
        dispersion: _,
        belief: _,
        scatter: _,
        levels: _,
        unsplit: _,
        is_shown: _,
    } = load;
    Traffic {
        rps: *per_second,
        cycle,
        base: *baseline,
    }
}

/// Paces side by side.
fn compare(args: &Args, setting: &Setting, context: &mut Context<'_>) -> Result<Exit, Failure> {
    /// As often as cron usually runs it.
    const LOOK: Period = Period::from_minutes(15);
    let paces = paces(setting, args.risk_budget);
    let longest = paces.iter().map(|paced| paced.unhindered).max();
    // A healthy release that takes twice as long as by the clock waits for a person in effect.
    let longest = longest.unwrap_or_default().max(Period::from_hours(24));
    let at_most = Period::from_seconds(longest.seconds().saturating_mul(2));
    let kind = setting.alone().guardrails.first().map(|g| g.metric.kind);
    let worse = kind.map_or(Worse::Higher, Kind::worse);
    let factors: Vec<f64> = std::iter::once(1.0)
        .chain(args.effects.iter().copied())
        .collect();
    let mut jobs = Vec::new();
    for pace in 0..paces.len() {
        for factor in 0..factors.len() {
            jobs.extend((0..args.rollouts).map(|number| (pace, factor, number)));
        }
    }
    let done = on_all_cores(&jobs, context, |(pace, factor, number)| {
        let release = Release {
            traffic: setting.traffic(),
            noise: setting.noise(),
            factor: match worse {
                Worse::Higher => factors[factor],
                Worse::Lower => 1.0 / factors[factor],
            },
            look: LOOK,
            past: None,
            at_most,
        };
        // Far apart, so that neighbouring seeds share no rollout; every pace meets the same traffic.
        let seed = args
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(u64::from(number));
        journey(&paces[pace].plan, &release, seed)
    })?;
    let mut ways = Vec::new();
    for (pace, paced) in paces.iter().enumerate() {
        for (factor, size) in factors.iter().enumerate() {
            let journeys: Vec<SimulatedRollout> = done
                .iter()
                .filter(|((p, f, _), _)| (*p, *f) == (pace, factor))
                .map(|(_, journey)| *journey)
                .collect();
            ways.push(Ways::of(&paced.name, *size, &journeys));
        }
    }
    let frame = pace_table::Frame {
        setting,
        noise: args.noise.name(),
        rollouts: args.rollouts,
        seed: args.seed,
        look: LOOK,
        at_most,
    };
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let output = context.output_style();
            pace_table::render(&frame, &ways, &output, context.ui.answer())?;
        }
        Format::Json => {
            print(&pace_table::document(&frame, &ways), context.ui.answer())?;
        }
    }
    Ok(Exit::Go)
}

fn cycle(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share: &f64| (0.0..=1.0).contains(share))
        .ok_or_else(|| "write a number from 0, always the same, to 1, nothing at night".into())
}
