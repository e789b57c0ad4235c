//! The traffic that planning and simulation work with: given on the command line, asked of
//! Prometheus, or taken from the plan's latest record.

use crate::plan::Plan;
use crate::power::{Load, Past, Traffic};
use crate::prometheus::{EvidenceRequest, collect};
use crate::session::{Asking, Context, Failure, LoadedPlan, PlanSet, client, runtime, snapshot_of};
use crate::snapshot::Snapshot;
use crate::units::Effect;
use crate::workspace::latest_in_evidence;

/// Traffic given by hand.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct TrafficArgs {
    /// Requests (or users, user-hours) a second, both arms together [default: as measured]
    #[arg(long, value_name = "N", value_parser = above_zero, requires = "baseline")]
    pub(super) rps: Option<f64>,
    /// Share of bad events without any harm, such as 1% or 0.01 [default: as measured]
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "rps")]
    pub(super) baseline: Option<f64>,
}

/// How bad events vary.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct DispersionArgs {
    /// How many times more bad events vary than independent ones would; `rollout explain` shows
    /// what was measured [default: as learnt from the metric's past, else 1]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(super) dispersion: Option<f64>,
}

impl TrafficArgs {
    /// What was given, if anything.
    pub(super) fn load(&self, dispersion: Option<f64>) -> Option<Load> {
        let (per_second, baseline) = self.rps.zip(self.baseline)?;
        Some(Load::counted(
            per_second,
            baseline,
            dispersion.unwrap_or(1.0),
        ))
    }
}

/// The traffic given, else that of the last day.
///
/// # Errors
/// When none was given and Prometheus cannot be asked or knows of none.
pub(super) fn given_or_measured(
    args: TrafficArgs,
    dispersion: Option<f64>,
    plan_set: &PlanSet,
    plan: &Plan,
    context: &Context<'_>,
) -> Result<Traffic, Failure> {
    const GIVE: &str = "give it: `--rps 100 --baseline 1%`";
    if let Some(load) = args.load(dispersion) {
        return Ok(Traffic::given(plan, &load));
    }
    let client = client(
        &plan_set.config.prometheus,
        plan_set.directory.root(),
        context,
    )
    .map_err(|failure| failure.help(GIVE))?;
    let now = context.now();
    let request = EvidenceRequest::of_past(plan, Past::last_day(plan, now));
    let answers = {
        let asking = Asking::start(context);
        let told = |done, total| asking.answered(done, total);
        runtime()?.block_on(collect(&client, &[request], now, &told))
    };
    let snapshot = match answers.into_iter().next() {
        Some(Ok(snapshot)) => snapshot,
        Some(Err(error)) => {
            let mut failure = Failure::from_error(crate::decide::Exit::Error, &error);
            failure.message = format!("failed to {}", failure.message);
            return Err(failure.help(GIVE));
        }
        None => return Err(Failure::error("Prometheus was not asked").help(GIVE)),
    };
    Traffic::seen(plan, &snapshot, dispersion).ok_or_else(|| {
        let mut failure = Failure::error(format!(
            "Prometheus knows no traffic of {}'s unexposed arm within the last day",
            plan.name
        ));
        failure.causes = snapshot
            .guardrails
            .values()
            .flat_map(|series| series.issues.iter().map(ToString::to_string))
            .collect();
        failure.help(GIVE)
    })
}

/// The snapshot of the plan's latest record that has one.
pub(super) fn recorded(plan_set: &PlanSet, loaded: &LoadedPlan) -> Option<Snapshot> {
    // A broken chain is `history`'s to report; what cannot be read is not planned with.
    let state = loaded.plan.as_ref()?.state.as_ref()?;
    latest_in_evidence(&plan_set.directory, &loaded.file, state, |record| {
        snapshot_of(record)?.ok()
    })
}

/// The traffic given, else that of the plan's latest record; `None` when neither is there.
pub(super) fn given_or_recorded(
    args: TrafficArgs,
    recorded: Option<&Snapshot>,
    plan: &Plan,
) -> Option<Traffic> {
    match args.load(None) {
        Some(load) => Some(Traffic::given(plan, &load)),
        None => Traffic::seen(plan, recorded?, None),
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| "it is not a number".into())
}

/// A number above zero.
pub(super) fn above_zero(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number > 0.0 {
        Ok(number)
    } else {
        Err("write a number above 0".into())
    }
}

/// A number from 1 on.
fn at_least_one(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number >= 1.0 {
        Ok(number)
    } else {
        Err("write a number from 1 on; 1 is independent events".into())
    }
}

/// `1%` or `0.01`.
fn share(text: &str) -> Result<f64, String> {
    let value = match text.strip_suffix('%') {
        Some(percent) => number(percent.trim())? / 100.0,
        None => number(text)?,
    };
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err("write a share between 0 and 1, such as 1% or 0.01".into())
    }
}

/// A factor of harm: `1.5x`.
pub(super) fn factor(text: &str) -> Result<f64, String> {
    let effect =
        Effect::parse(text).map_err(|error| format!("{}; {}", error.problem, error.cure))?;
    match effect {
        Effect::Ratio(factor) => Ok(factor),
        Effect::Relative(share) => Ok(1.0 + share),
        Effect::Points(_) | Effect::Absolute(_) => {
            Err("write a factor such as 1.5x, or a relative size such as 20%".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_in_either_form() {
        assert_eq!(share("1%").map(f64::to_bits), Ok(0.01_f64.to_bits()));
        assert_eq!(share("0.01").map(f64::to_bits), Ok(0.01_f64.to_bits()));
        for bad in ["0", "1", "100%", "-1%", "one", "NaN"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_factor_is_read_as_ratio_or_relative_size() {
        assert_eq!(factor("1.5x").map(f64::to_bits), Ok(1.5_f64.to_bits()));
        assert_eq!(factor("50%").map(f64::to_bits), Ok(1.5_f64.to_bits()));
        for bad in ["1x", "2", "0.5x", "1pp"] {
            assert!(factor(bad).is_err(), "{bad}");
        }
    }
}
