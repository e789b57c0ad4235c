//! Where the plans stand, as metrics in the text format of Prometheus, for the textfile collector of
//! the node exporter (`rollout status --format prometheus`). The alerts of [`super::rules`] read them.

use std::fmt::{self, Display, Formatter};

use crate::plan::{Plan, Status, Word as _};
use crate::units::{Instant, Period, one_line};

/// A stage without `max_duration` is late after three times its `min_duration` and this: evidence
/// often takes longer than the least time, and a stage of minutes must not page at once.
const GRACE: Period = Period::from_hours(1);

/// A file of the directory: its name, and the plan where the file has no mistakes.
pub type Named<'a> = (&'a str, Option<&'a Plan>);

/// The whole file, ready to be written. Plans with mistakes have the status `invalid` and no exposure.
#[must_use]
pub fn textfile(plans: &[Named<'_>], now: Instant) -> String {
    let of = |value: fn(&Plan) -> Option<f64>| -> Vec<Sample<'_>> {
        plans
            .iter()
            .filter_map(|(name, plan)| {
                let value = value((*plan)?)?;
                Some(Sample {
                    plan: Some(name),
                    status: None,
                    value,
                })
            })
            .collect()
    };
    let families = [
        Family {
            name: "rollout_plan_exposure_ratio",
            help: "Share of users who are exposed to the change.",
            samples: of(|plan| Some(plan.exposure().percent() / 100.0)),
        },
        Family {
            name: "rollout_plan_stage",
            help: "Stage that the plan is in, from 1; 0 before the first.",
            samples: of(|plan| Some(plan.state.as_ref().map_or(0.0, |s| f64::from(s.stage)))),
        },
        Family {
            name: "rollout_plan_stage_entered_timestamp_seconds",
            help: "When the present stage was entered.",
            samples: of(|plan| Some(plan.state.as_ref()?.entered_at.timestamp() as f64)),
        },
        Family {
            name: "rollout_plan_stage_deadline_timestamp_seconds",
            help: "When the present stage is late: its max_duration, or three times its min_duration and an hour.",
            samples: of(|plan| Some(deadline(plan)?.timestamp() as f64)),
        },
        Family {
            name: "rollout_plan_status",
            help: "1 for the status that the plan has, 0 for every other.",
            samples: plans
                .iter()
                .flat_map(|(name, plan)| statuses(name, *plan))
                .collect(),
        },
        Family {
            name: "rollout_status_timestamp_seconds",
            help: "When this was written.",
            samples: vec![Sample {
                plan: None,
                status: None,
                value: now.timestamp() as f64,
            }],
        },
    ];
    families.iter().map(ToString::to_string).collect()
}

/// When the present stage is late. A ramp has no such time.
fn deadline(plan: &Plan) -> Option<Instant> {
    let within = match plan.status() {
        Status::Progressing | Status::Paused => true,
        Status::Pending | Status::RolledBack | Status::Complete => false,
    };
    let (state, stage) = (plan.state.as_ref()?, plan.stage().filter(|_| within)?);
    let late = stage.max_duration.unwrap_or_else(|| {
        let seconds = stage.min_duration.seconds().saturating_mul(3);
        Period::from_seconds(seconds.saturating_add(GRACE.seconds()))
    });
    state
        .entered_at
        .checked_add_signed(chrono::TimeDelta::seconds(i64::from(late.seconds())))
}

fn statuses<'a>(name: &'a str, plan: Option<&Plan>) -> impl Iterator<Item = Sample<'a>> {
    let present = plan.map(Plan::status);
    let known = Status::ALL.iter().copied().map(Some);
    known.chain([None]).map(move |status| Sample {
        plan: Some(name),
        status: Some(status.map_or("invalid", Status::key)),
        value: f64::from(u8::from(status == present)),
    })
}

struct Family<'a> {
    name: &'static str,
    help: &'static str,
    samples: Vec<Sample<'a>>,
}

struct Sample<'a> {
    plan: Option<&'a str>,
    status: Option<&'static str>,
    value: f64,
}

impl Display for Family<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            help,
            samples,
        } = self;
        if samples.is_empty() {
            return Ok(());
        }
        writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")?;
        for Sample {
            plan,
            status,
            value,
        } in samples
        {
            let labels: Vec<String> = [("plan", *plan), ("status", *status)]
                .into_iter()
                .filter_map(|(label, text)| Some(format!("{label}=\"{}\"", escaped(text?))))
                .collect();
            let labels = match labels.as_slice() {
                [] => String::new(),
                labels => format!("{{{}}}", labels.join(",")),
            };
            writeln!(out, "{name}{labels} {value}")?;
        }
        Ok(())
    }
}

/// The three characters that the format escapes in the value of a label, after those that are not seen.
fn escaped(text: &str) -> String {
    one_line(text)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
