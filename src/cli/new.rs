//! `rollout new`: a commented plan.

use crate::decide::{Exit, RecordedAction, RecordedActor};
use crate::files;
use crate::plan;
use crate::session::{Context, Failure, PlanSet, TransitionWriter, read_text};
use crate::units::{Exposure, Foreign, Period};
use crate::workspace::Edit;
use crate::workspace::git::CommitMessage;

/// Write a commented plan
///
/// The plan is valid as it stands, but a draft: nobody is exposed until its metrics and stages are
/// adapted and the line `draft` is removed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the plan: lower-case letters, digits, `-` and `_`
    #[arg(value_parser = plan_name)]
    name: String,
    /// A stage as EXPOSURE,MIN_DURATION, such as 5,24h; may be repeated
    #[arg(long = "stage", value_name = "EXPOSURE,DURATION", value_parser = stage, num_args = 1..)]
    stages: Vec<(Exposure, Period)>,
    /// Why there is such a plan; stands at its top
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Commit the plan as it is written
    #[arg(long)]
    commit: bool,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if args.stages.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(
            Failure::invalid("the exposures of the stages do not increase").help(
                "write them in order, such as `--stage 1,24h --stage 10,24h --stage 100,24h`",
            ),
        );
    }
    let plan_set = PlanSet::open(context, &[])?;
    let file = format!("{}.toml", args.name);
    let path = plan_set.directory.root().join(&file);
    let reason = args.reason.as_deref();
    let text = plan::template_plan(&args.name, &args.stages, reason);
    let shown = plan_set.directory.shown().join(&file);
    // Saying the same twice is no mistake.
    if read_text(&path, files::SMALL).is_ok_and(|there| there == text) {
        writeln!(context.ui.answer(), "kept     {}", Foreign(shown.display()))?;
        return Ok(Exit::Go);
    }
    let writer = TransitionWriter::beside(&plan_set.directory, args.commit)?;
    let root = plan_set.directory.root();
    let mut edits = vec![Edit {
        path,
        old: None,
        new: text,
    }];
    edits.extend(super::schema::missing(root));
    fs_err::create_dir_all(root.join(".schema"))?;
    let actor = RecordedActor::Person(context.person());
    let word = CommitMessage {
        verb: RecordedAction::New,
        does: &format!("{}: plan a rollout", args.name),
        reason,
        actor,
    };
    let commit = writer.edit(&plan_set.directory, &edits, &word)?;
    writeln!(context.ui.answer(), "created  {}", Foreign(shown.display()))?;
    if let Some(commit) = commit {
        let short = commit.get(..12).unwrap_or(&commit);
        writeln!(context.ui.answer(), "commit   {short}")?;
    }
    context.ui.answer().flush()?;
    context.ui.note(&format!(
        "next: adapt the metrics, then run `rollout validate {}`",
        args.name
    ))?;
    Ok(Exit::Go)
}

/// A name that is a file name everywhere, a branch name, and easy to type.
pub(super) fn plan_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if text == "config" {
        return Err("`config.toml` holds the shared settings; choose another name".into());
    }
    if starts_well && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("use lower-case letters, digits, `-` and `_`, such as `checkout-redesign`".into())
    }
}

fn stage(text: &str) -> Result<(Exposure, Period), String> {
    let (exposure, duration) = text
        .split_once(',')
        .ok_or("write an exposure, a comma and a duration, such as `5,24h`")?;
    let percent: f64 = exposure
        .trim()
        .trim_end_matches('%')
        .trim()
        .parse()
        .map_err(|_| format!("`{exposure}` is not a percentage, such as `5`"))?;
    let told = |error: crate::units::UnitError| format!("{}; {}", error.problem, error.cure);
    let exposure = Exposure::from_percent(percent).map_err(told)?;
    if exposure == Exposure::NONE {
        return Err("a stage exposes somebody; write an exposure above 0".into());
    }
    Ok((exposure, Period::parse(duration).map_err(told)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_an_exposure_and_a_duration() {
        let (exposure, duration) = stage("0.5,24h").unwrap();
        assert_eq!(exposure, Exposure::from_percent(0.5).unwrap());
        assert_eq!(duration, Period::from_hours(24));
        for bad in ["5", "5 24h", "0,24h", "101,24h", "5,24", "x,1h"] {
            assert!(stage(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_file_names() {
        assert!(plan_name("checkout-v2").is_ok());
        for bad in ["", "../x", "Checkout", "a b", "-x", "config", ".x"] {
            assert!(plan_name(bad).is_err(), "{bad}");
        }
    }
}
