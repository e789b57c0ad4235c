//! A forecast as a table for people and as JSON for programs.

use std::io::{self, Write};

use comfy_table::Cell;
use serde_json::{Map, Value, json};

use crate::plan::Kind;
use crate::power::{
    Answer, Cost, Doubt, End, Forecast, GuardrailForecast, Harm, Journey, Load, Numbers, Origin,
    StageForecast, Traffic, doubts,
};

use super::Look;
use super::numbers::{NONE, count, percent, plain};
use super::table::{bare, lines};

/// Writes a forecast as text.
///
/// # Errors
/// When the writer fails.
pub fn render(forecast: &Forecast, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let Forecast {
        plan,
        traffic,
        factors,
        stages,
        journeys,
    } = forecast;
    let styles = look.styles();
    let (title, dim, doubt) = (styles.title, styles.dim, styles.doubt);
    writeln!(out, "{title}{plan}{title:#}")?;
    for line in described(traffic, stages) {
        writeln!(out, "{dim}  {line}{dim:#}")?;
    }
    writeln!(out)?;
    let mut table = bare(*look);
    let mut header: Vec<String> = ["stage", "guardrail", "finds", "rules out"]
        .map(str::to_owned)
        .into();
    header.extend(factors.iter().map(|factor| format!("harm {factor}x")));
    table.set_header(header);
    for stage in stages {
        for (index, guardrail) in stage.guardrails.iter().enumerate() {
            table.add_row(row(stage, guardrail, index == 0, factors.len()));
        }
    }
    for line in lines(&table) {
        writeln!(out, "{line}")?;
    }
    for line in notes(stages, traffic.users_per_second.is_some()) {
        writeln!(out, "{dim}  {line}{dim:#}")?;
    }
    if !journeys.is_empty() {
        writeln!(out, "\nHarm from the start of the rollout:")?;
        for journey in journeys {
            let kind = kind_of(forecast, &journey.guardrail);
            writeln!(out, "  {}", told(journey, kind))?;
        }
    }
    let doubts = doubts(forecast);
    if !doubts.is_empty() {
        writeln!(out)?;
    }
    for found in doubts {
        writeln!(out, "{doubt}warning{doubt:#}: {}", found.problem())?;
        writeln!(out, "  help: {}", found.cure())?;
    }
    Ok(())
}

/// Where the traffic comes from and what it is.
fn described(traffic: &Traffic, stages: &[StageForecast]) -> Vec<String> {
    let Traffic {
        origin,
        loads,
        users_per_second,
    } = traffic;
    let mut all = vec![match origin {
        Origin::Given => {
            "at traffic as given; a time is the one by which half of such rollouts are there".into()
        }
        Origin::Measured { source, hours } => format!(
            "at the traffic of the last {}h ({source}); a time is the one by which half of such rollouts are there",
            plain(*hours)
        ),
    }];
    for (name, load) in loads {
        let Load {
            per_second,
            baseline,
            dispersion,
        } = load;
        let kind = stages
            .iter()
            .flat_map(|stage| &stage.guardrails)
            .find(|guardrail| guardrail.name == *name)
            .map(|guardrail| guardrail.kind);
        let level = match kind {
            Some(Kind::Latency { quantile, .. }) => {
                format!(
                    "{} beyond its p{}",
                    percent(*baseline),
                    plain(quantile * 100.0)
                )
            }
            Some(Kind::Ratio { .. }) => format!("baseline {}", percent(*baseline)),
            Some(
                Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. },
            )
            | None => format!("baseline {}", plain(*baseline)),
        };
        all.push(format!(
            "{name}: {} {} a second, {level}, dispersion {}",
            plain(*per_second),
            unit(kind),
            plain(*dispersion)
        ));
    }
    if let Some(users) = users_per_second {
        all.push(format!(
            "{} new users an hour",
            count((users * 3_600.0).round())
        ));
    }
    all
}

/// What a metric's total counts.
const fn unit(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Ratio { .. }) => "requests",
        Some(Kind::Latency { .. }) => "observations",
        Some(Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. })
        | None => "units",
    }
}

fn row(
    stage: &StageForecast,
    guardrail: &GuardrailForecast,
    first: bool,
    factors: usize,
) -> Vec<Cell> {
    let place = if first {
        format!(
            "{}: {}\n{}",
            stage.stage,
            stage.exposure,
            stage.min_duration.rough()
        )
    } else {
        String::new()
    };
    let mut cells = vec![Cell::new(place), Cell::new(&guardrail.name)];
    match &guardrail.answer {
        // Why is said once, below the table.
        Answer::Unforeseen(_) => cells.extend((0..factors + 2).map(|_| Cell::new(NONE))),
        Answer::Foreseen(numbers) => {
            let Numbers {
                smallest,
                rule_out,
                rule_out_after,
                affordable: _,
                harms,
            } = numbers;
            cells.push(Cell::new(smallest.map_or_else(
                || "nothing".into(),
                |factor| format!("{}x", plain(factor)),
            )));
            cells.push(Cell::new(match (rule_out, rule_out_after) {
                (None, _) => "asks for nothing".into(),
                (Some(effect), Some(time)) => format!("{effect}\nin {}", time.rough()),
                (Some(effect), None) => format!("{effect}\nnever"),
            }));
            cells.extend(harms.iter().map(|harm| Cell::new(spent(harm))));
        }
    }
    cells
}

fn spent(harm: &Harm) -> String {
    match &harm.cost {
        None => "never".into(),
        Some(cost) => {
            let Cost {
                time,
                exposed,
                users,
                excess,
            } = cost;
            let seen = short(users.unwrap_or(*exposed));
            format!("{}\n{seen}, +{}", time.rough(), short(*excess))
        }
    }
}

/// What the cells mean, and why some are empty.
fn notes(stages: &[StageForecast], users: bool) -> Vec<String> {
    let seen = if users {
        "users who saw it"
    } else {
        "exposed traffic"
    };
    let mut notes = vec![
        "finds: the smallest harm proven within the stage's min_duration".to_owned(),
        format!("harm: until it is proven; below, {seen} by then and the bad events too many"),
    ];
    for stage in stages {
        for guardrail in &stage.guardrails {
            let GuardrailForecast {
                name,
                kind: _,
                on_breach: _,
                answer,
            } = guardrail;
            match answer {
                Answer::Foreseen(_) => {}
                Answer::Unforeseen(why) => {
                    notes.push(format!("stage {}, {name}: {}", stage.stage, why.words()));
                }
            }
        }
    }
    notes
}

/// `1,200 requests exposed, 12 bad events too many`.
fn toll(cost: &Cost, unit: &str) -> String {
    let users = cost
        .users
        .map_or_else(String::new, |users| format!(" of {} users", short(users)));
    format!(
        "{} {unit}{users} exposed, {} bad events too many",
        short(cost.exposed),
        short(cost.excess)
    )
}

/// A count in three digits or so.
fn short(number: f64) -> String {
    if number >= 1e9 {
        format!("{}G", plain(number / 1e9))
    } else if number >= 1e6 {
        format!("{}M", plain(number / 1e6))
    } else if number >= 1e4 {
        format!("{}k", plain(number / 1e3))
    } else {
        count(number.round())
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

fn told(journey: &Journey, kind: Option<Kind>) -> String {
    let Journey {
        guardrail,
        factor,
        end,
        cost,
    } = journey;
    let (what, toll) = (format!("{guardrail} {factor}x"), toll(cost, unit(kind)));
    let time = cost.time.rough();
    match end {
        End::RolledBack { stage } => {
            format!("{what}: rolled back in stage {stage} after {time}; {toll}")
        }
        End::Stuck { stage } => {
            format!("{what}: still in stage {stage} after {time}, for a person to decide; {toll}")
        }
        End::Released => {
            format!("{what}: released after {time}, too small for this plan to see; {toll}")
        }
    }
}

/// A forecast as one JSON document.
#[must_use]
pub fn document(forecast: &Forecast) -> Value {
    let Forecast {
        plan,
        traffic,
        factors,
        stages,
        journeys,
    } = forecast;
    json!({
        "format": "rollout-power/1",
        "plan": plan,
        "traffic": traffic_json(traffic),
        "factors": factors,
        "stages": stages.iter().map(stage_json).collect::<Vec<_>>(),
        "from_the_start": journeys.iter().map(journey_json).collect::<Vec<_>>(),
        "doubts": doubts(forecast).iter().map(doubt_json).collect::<Vec<_>>(),
    })
}

fn traffic_json(traffic: &Traffic) -> Value {
    let Traffic {
        origin,
        loads,
        users_per_second,
    } = traffic;
    let loads: Map<String, Value> = loads
        .iter()
        .map(|(name, load)| {
            let Load {
                per_second,
                baseline,
                dispersion,
            } = load;
            let load =
                json!({"per_second": per_second, "baseline": baseline, "dispersion": dispersion});
            (name.clone(), load)
        })
        .collect();
    let (source, hours) = match origin {
        Origin::Given => ("given", None),
        Origin::Measured { source, hours } => (source.as_str(), Some(hours)),
    };
    json!({"source": source, "hours": hours, "guardrails": loads, "users_per_second": users_per_second})
}

fn stage_json(stage: &StageForecast) -> Value {
    let StageForecast {
        stage,
        exposure,
        min_duration,
        max_duration,
        guardrails,
    } = stage;
    json!({
        "stage": stage,
        "exposure": exposure.percent(),
        "min_duration_seconds": min_duration.seconds(),
        "max_duration_seconds": max_duration.map(|most| most.seconds()),
        "guardrails": guardrails.iter().map(guardrail_json).collect::<Vec<_>>(),
    })
}

fn guardrail_json(guardrail: &GuardrailForecast) -> Value {
    let GuardrailForecast {
        name,
        kind,
        on_breach,
        answer,
    } = guardrail;
    let mut value = json!({"name": name, "kind": kind.key(), "on_breach": on_breach.key()});
    let more = match answer {
        Answer::Unforeseen(why) => json!({"unforeseen": why.words()}),
        Answer::Foreseen(numbers) => {
            let Numbers {
                smallest,
                rule_out,
                rule_out_after,
                affordable,
                harms,
            } = numbers;
            json!({
                "smallest_found": smallest,
                "rule_out": rule_out.map(|effect| effect.to_string()),
                "rule_out_seconds": rule_out_after.map(|time| time.seconds()),
                "smallest_ruled_out": affordable,
                "harms": harms.iter().map(harm_json).collect::<Vec<_>>(),
            })
        }
    };
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

fn harm_json(harm: &Harm) -> Value {
    let Harm { factor, cost } = harm;
    json!({"factor": factor, "until_found": cost.as_ref().map(cost_json)})
}

fn cost_json(cost: &Cost) -> Value {
    let Cost {
        time,
        exposed,
        users,
        excess,
    } = cost;
    json!({"seconds": time.seconds(), "exposed": exposed, "users": users, "excess": excess})
}

fn journey_json(journey: &Journey) -> Value {
    let Journey {
        guardrail,
        factor,
        end,
        cost,
    } = journey;
    let (end, stage) = match end {
        End::RolledBack { stage } => ("rolled_back", Some(stage)),
        End::Stuck { stage } => ("stuck", Some(stage)),
        End::Released => ("released", None),
    };
    json!({"guardrail": guardrail, "factor": factor, "end": end, "stage": stage, "cost": cost_json(cost)})
}

fn doubt_json(doubt: &Doubt) -> Value {
    json!({
        "stage": doubt.stage,
        "guardrail": doubt.guardrail,
        "problem": doubt.problem(),
        "cure": doubt.cure(),
    })
}
