//! A forecast as a table for people. Programs read `power_json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;
use comfy_table::Cell;

use crate::plan::{Kind, Pace};
use crate::power::{
    Answer, Asked, Cost, End, Forecast, GuardrailForecast, Harm, HarmOutcome, Numbers,
    StageForecast, doubts,
};
use crate::units::Period;

use super::OutputStyle;
use super::numbers::{NONE, bound, plain, short_count};
use super::power_traffic::{described, unit};
use super::table::{bare, lines};
use super::words::list;
use super::wrapped::{paragraph, wrap};

/// Writes a forecast as text.
///
/// # Errors
/// When the writer fails.
pub fn render(forecast: &Forecast, output: &OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    let Forecast {
        plan,
        traffic,
        factors,
        ramp,
        stages,
        journeys,
    } = forecast;
    let styles = output.styles();
    let (title, dim, doubt) = (styles.title, styles.dim, styles.doubt);
    writeln!(out, "{title}{plan}{title:#}")?;
    for sentence in described(traffic, stages) {
        for line in wrap(&sentence, output.width.saturating_sub(2)) {
            writeln!(out, "{dim}  {line}{dim:#}")?;
        }
    }
    writeln!(out)?;
    let mut table = bare(*output);
    let mut header: Vec<String> = ["guardrail", "finds"].map(str::to_owned).into();
    match ramp {
        None => {
            header.insert(0, "stage".into());
            header.push("rules out".into());
        }
        Some(_) => header.insert(0, "from".into()),
    }
    header.extend(factors.iter().map(|factor| format!("harm {factor}x")));
    table.set_header(header);
    for stage in stages {
        for (index, guardrail) in stage.guardrails.iter().enumerate() {
            table.add_row(row(stage, guardrail, index == 0, *ramp, factors.len()));
        }
    }
    for line in lines(table, *output) {
        writeln!(out, "{line}")?;
    }
    for note in notes(forecast) {
        for line in wrap(&note, output.width.saturating_sub(2)) {
            writeln!(out, "{dim}  {line}{dim:#}")?;
        }
    }
    if !journeys.is_empty() {
        writeln!(out, "\nHarm from the start of the rollout:")?;
        for journey in journeys {
            let kind = kind_of(forecast, &journey.guardrail);
            let text = outcome(journey, kind, forecast);
            paragraph(&text, "  ", "    ", Style::new(), *output, out)?;
        }
    }
    let doubts = doubts(forecast);
    if !doubts.is_empty() {
        writeln!(out)?;
    }
    for found in doubts {
        let problem = format!("warning: {}", found.problem());
        paragraph(&problem, "", "  ", doubt, *output, out)?;
        let cure = format!("help: {}", found.cure());
        paragraph(&cure, "  ", "    ", Style::new(), *output, out)?;
    }
    Ok(())
}

fn row(
    stage: &StageForecast,
    guardrail: &GuardrailForecast,
    first: bool,
    ramp: Option<Pace>,
    factors: usize,
) -> Vec<Cell> {
    let place = if first {
        match ramp {
            None => format!(
                "{}: {}\n{}",
                stage.stage,
                stage.exposure,
                stage.min_duration.rough()
            ),
            Some(_) => format!("{}\nfor {}", stage.exposure, stage.min_duration.rough()),
        }
    } else {
        String::new()
    };
    let mut cells = vec![Cell::new(place), Cell::new(&guardrail.name)];
    match &guardrail.answer {
        // Why is said once, below the table.
        Answer::Unforeseen(_) => {
            let columns = factors + if ramp.is_some() { 1 } else { 2 };
            cells.extend((0..columns).map(|_| Cell::new(NONE)));
        }
        Answer::Foreseen(numbers) => {
            let Numbers {
                tolerated: _,
                smallest,
                rule_out,
                rule_out_after,
                affordable: _,
                at_half: _,
                harms,
            } = numbers;
            cells.push(Cell::new(smallest.map_or_else(
                || "nothing".into(),
                |factor| format!("{}x", plain(factor)),
            )));
            // A ramp has nothing to rule out between two moves.
            if ramp.is_none() {
                cells.push(Cell::new(match (rule_out, rule_out_after) {
                    (None, _) => "asks for nothing".into(),
                    (Some(effect), Some(time)) => format!("{effect}\nin {}", time.rough()),
                    (Some(effect), None) => format!("{effect}\nnever"),
                }));
            }
            cells.extend(harms.iter().map(|harm| Cell::new(until_found(harm))));
        }
    }
    cells
}

fn until_found(harm: &Harm) -> String {
    match &harm.cost {
        None => "never".into(),
        Some(cost) => {
            let Cost {
                time,
                exposed,
                users,
                excess,
            } = cost;
            let seen = users.unwrap_or(*exposed);
            if seen > 0.0 {
                let (seen, excess) = (short_count(seen.round()), short_count(excess.round()));
                format!("{}\n{seen}, +{excess}", time.rough())
            } else {
                time.rough()
            }
        }
    }
}

/// What the cells mean, and why some are empty.
fn notes(forecast: &Forecast) -> Vec<String> {
    let stages = &forecast.stages;
    let seen = if forecast.traffic.users_per_second.is_some() {
        "users who saw it"
    } else {
        "exposed traffic"
    };
    let within = match forecast.ramp {
        None => "the stage's min_duration",
        Some(_) => "this piece of the ramp's curve, were it alone",
    };
    let mut notes = vec![
        format!("finds: the smallest harm proven within {within}"),
        format!("harm: until it is proven; below, {seen} by then and the bad events too many"),
    ];
    if forecast.ramp.is_none() {
        notes.extend(floors(stages));
    }
    if let Some(Pace::Adaptive { risk_budget }) = forecast.ramp {
        notes.push(format!(
            "the curve is the fastest way: within its risk budget of {risk_budget} the ramp may start lower and take longer, as `rollout simulate --compare-pace` shows"
        ));
    }
    notes.extend(of_guardrails(forecast));
    notes
}

/// A guardrail's name, and stages.
type InStages<'a> = (&'a str, Vec<u32>);

/// What holds for some guardrails in some stages, each said once.
fn of_guardrails(forecast: &Forecast) -> Vec<String> {
    let mut said: Vec<(String, Vec<InStages<'_>>)> = Vec::new();
    for stage in &forecast.stages {
        for guardrail in &stage.guardrails {
            let text = match &guardrail.answer {
                Answer::Foreseen(Numbers {
                    tolerated: Asked::Limit(limit),
                    ..
                }) => format!(
                    "against its limit of {}, as nothing is compared",
                    bound(*limit)
                ),
                Answer::Foreseen(Numbers {
                    tolerated: Asked::Harm(_),
                    ..
                }) if guardrail.is_shared => {
                    "its margin and its limit share its evidence, so that each takes twice as much"
                        .to_owned()
                }
                Answer::Foreseen(_) => continue,
                Answer::Unforeseen(why) => why.to_string(),
            };
            let place = match said.iter().position(|(known, _)| *known == text) {
                Some(place) => place,
                None => {
                    said.push((text, Vec::new()));
                    said.len() - 1
                }
            };
            let of = &mut said[place].1;
            match of.iter_mut().find(|(name, _)| *name == guardrail.name) {
                Some((_, stages)) => stages.push(stage.stage),
                None => of.push((&guardrail.name, vec![stage.stage])),
            }
        }
    }
    let mut notes = Vec::new();
    for (text, of) in said {
        // Guardrails for which it holds in the same stages are named together.
        let mut groups: Vec<(Vec<u32>, Vec<String>)> = Vec::new();
        for (name, stages) in of {
            match groups.iter_mut().find(|(known, _)| *known == stages) {
                Some((_, names)) => names.push(name.to_owned()),
                None => groups.push((stages, vec![name.to_owned()])),
            }
        }
        notes.extend(groups.into_iter().map(|(stages, names)| {
            let names = list(&names);
            if stages.len() == forecast.stages.len() {
                format!("{names}: {text}")
            } else {
                format!("{}, {names}: {text}", places(forecast, &stages))
            }
        }));
    }
    notes
}

/// `stage 2`, `stages 1 and 2`, or where stages are pieces of a ramp `from 1 % and 2.51 %`.
fn places(forecast: &Forecast, stages: &[u32]) -> String {
    let number = |stage: &u32| match &forecast.ramp {
        None => stage.to_string(),
        Some(_) => place(forecast, *stage)
            .trim_start_matches("from ")
            .to_owned(),
    };
    let numbers = list(&stages.iter().map(number).collect::<Vec<_>>());
    match (&forecast.ramp, stages) {
        (Some(_), _) => format!("from {numbers}"),
        (None, [_]) => format!("stage {numbers}"),
        (None, _) => format!("stages {numbers}"),
    }
}

/// From when on the stages can be judged at all.
fn floors(stages: &[StageForecast]) -> Vec<String> {
    let mut by_floor: BTreeMap<Period, Vec<String>> = BTreeMap::new();
    for stage in stages {
        let same = by_floor.entry(stage.floor).or_default();
        same.push(stage.stage.to_string());
    }
    let one = by_floor.len() == 1;
    let said = |(floor, of): (Period, Vec<String>)| {
        let which = match of.as_slice() {
            _ if one => "a stage".to_owned(),
            [only] => format!("stage {only}"),
            several => format!("stages {}", several.join(", ")),
        };
        format!("nothing is judged in the first {floor} of {which}: the warm-up and two blocks")
    };
    by_floor.into_iter().map(said).collect()
}

/// `; 1.2k requests exposed, 12 bad events too many`. A level counts neither.
fn cost_so_far(cost: &Cost, kind: Option<Kind>) -> String {
    let users = cost.users.map_or_else(String::new, |users| {
        format!(" of {} users", short_count(users.round()))
    });
    let (exposed, excess) = (
        short_count(cost.exposed.round()),
        short_count(cost.excess.round()),
    );
    let unit = unit(kind);
    match kind {
        Some(Kind::Gauge { .. }) => String::new(),
        Some(Kind::Mean { .. }) => {
            format!("; {exposed} {unit}{users} exposed, whose sum is {excess} worse")
        }
        Some(
            Kind::Ratio { .. } | Kind::Rate { .. } | Kind::Latency { .. } | Kind::Point { .. },
        )
        | None => format!("; {exposed} {unit}{users} exposed, {excess} bad events too many"),
    }
}

fn kind_of(forecast: &Forecast, guardrail: &str) -> Option<Kind> {
    forecast
        .stages
        .iter()
        .flat_map(|stage| &stage.guardrails)
        .find(|found| found.name == guardrail)
        .map(|found| found.kind)
}

/// `stage 2`, or `at 2.51 %` where a stage is a piece of a ramp.
fn place(forecast: &Forecast, stage: u32) -> String {
    let piece = forecast
        .stages
        .iter()
        .find(|found| found.stage == stage)
        .filter(|_| forecast.ramp.is_some());
    piece.map_or_else(
        || format!("stage {stage}"),
        |piece| format!("from {}", piece.exposure),
    )
}

fn outcome(journey: &HarmOutcome, kind: Option<Kind>, forecast: &Forecast) -> String {
    let HarmOutcome {
        guardrail,
        factor,
        end,
        cost,
    } = journey;
    let time = cost.time.rough();
    let (what, cost) = (format!("{guardrail} {factor}x"), cost_so_far(cost, kind));
    match end {
        End::RolledBack { stage } => {
            let place = match forecast.ramp {
                None => format!("in {}", place(forecast, *stage)),
                Some(_) => format!("on the piece {}", place(forecast, *stage)),
            };
            format!("{what}: rolled back {place} after {time}{cost}")
        }
        End::Stuck { stage } => {
            format!("{what}: still in stage {stage} after {time}, for a person to decide{cost}")
        }
        End::Released => {
            format!("{what}: released after {time}, too small for this plan to see{cost}")
        }
    }
}
