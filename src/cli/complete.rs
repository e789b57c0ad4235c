//! What a shell offers while a command is typed: commands and flags, and the names of plans, of their
//! guardrails and stages, as they are in the directory at that moment. A directory that cannot be read offers
//! nothing.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::CommandFactory as _;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::CompleteEnv;

use crate::decide::Exit;
use crate::session::Variables;
use crate::workspace::Directory;

use super::commands::Arguments;
use super::completions::VARIABLE;

/// Answers a shell that asks what may follow; `None` where none does.
pub(super) fn complete(args: &[OsString], variables: &Variables, directory: &Path) -> Option<Exit> {
    variables.get(VARIABLE)?;
    let named = variables.get("ROLLOUT_DIR").map(PathBuf::from);
    let place = Arc::new((named, directory.to_owned()));
    let factory = move || offering(&place);
    let answered = CompleteEnv::with_factory(factory)
        .var(VARIABLE)
        .bin("rollout")
        .try_complete(args, Some(directory));
    // Half a command line is no place for a message.
    match answered {
        Ok(true) => Some(Exit::Go),
        Ok(false) => None,
        Err(_) => Some(Exit::Error),
    }
}

/// Where plans are looked for: the directory that the environment names, and the working directory.
type Place = (Option<PathBuf>, PathBuf);

/// The commands, with what may stand for a plan, a guardrail and a stage.
fn offering(place: &Arc<Place>) -> clap::Command {
    let mut root = Arguments::command();
    let names: Vec<String> = root
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in names {
        root = root.mut_subcommand(name, |command| {
            command.mut_args(|arg| {
                let value = arg.get_value_names().and_then(|names| names.first());
                let kind = match (value.map(|name| name.as_str()), arg.get_id().as_str()) {
                    (Some("PLAN"), _) => Kind::Plan,
                    (Some("GUARDRAIL"), _) => Kind::Guardrail,
                    (_, "from_stage") => Kind::Stage,
                    _ => return arg,
                };
                let place = Arc::clone(place);
                arg.add(ArgValueCandidates::new(move || {
                    let names = names_of(kind, &place);
                    names.into_iter().map(CompletionCandidate::new).collect()
                }))
            })
        });
    }
    root
}

/// What is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plan,
    Guardrail,
    Stage,
}

fn names_of(kind: Kind, (named, cwd): &Place) -> BTreeSet<String> {
    let loaded = Directory::locate(None, named.as_deref(), cwd).and_then(|found| found.load());
    let Ok(loaded) = loaded else {
        return BTreeSet::new();
    };
    let mut names = BTreeSet::new();
    for plan in &loaded.plans {
        // A plan that is being edited may be no TOML; its name is known nevertheless.
        let table: toml::Table = toml::from_str(&plan.text).unwrap_or_default();
        let entries = |key: &str| {
            let entries = table.get(key).and_then(toml::Value::as_array);
            entries.cloned().unwrap_or_default()
        };
        match kind {
            Kind::Plan => {
                names.insert(plan.name.clone());
            }
            Kind::Guardrail => names.extend(entries("guardrails").iter().filter_map(|entry| {
                let name = entry.get("name").or_else(|| entry.get("metric"))?;
                name.as_str().map(str::to_owned)
            })),
            Kind::Stage => {
                let stages = 1..=entries("stages").len();
                names.extend(stages.map(|stage| stage.to_string()));
            }
        }
    }
    names.retain(|name| is_plain(name));
    names
}

/// Whether a shell may be given this: it writes the text into a command line as it is, where `$(...)` would be
/// run, and shows it on a terminal.
fn is_plain(name: &str) -> bool {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@' | '+' | '%');
    !name.starts_with('-') && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::write_file;

    #[test]
    fn plans_guardrails_and_stages_are_named_also_beside_a_plan_that_is_no_toml() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join("rollouts").join(name);
            write_file(&path, text.as_bytes()).unwrap();
        };
        fs_err::create_dir_all(folder.path().join("rollouts")).unwrap();
        write("config.toml", "[arms]\n");
        write(
            "a.toml",
            "[[stages]]\n[[stages]]\n[[guardrails]]\nmetric = \"errors\"\n[[guardrails]]\nname = \"slow\"\n",
        );
        write("b.toml", "[[stages");
        // What a shell would run, or a terminal obey, when it is offered.
        write("$(touch ran).toml", "");
        write("-f.toml", "");
        write(
            "c.toml",
            "[[guardrails]]\nname = \"a\\u001b[31m\"\n[[guardrails]]\nname = \"`id`\"\n[[guardrails]]\nname = \"a\\nb\"\n[[guardrails]]\nname = \"\\u202e\"\n",
        );
        let place: Place = (None, folder.path().to_owned());
        let named = |kind| names_of(kind, &place).into_iter().collect::<Vec<_>>();
        assert_eq!(named(Kind::Plan), ["a", "b", "c"]);
        assert_eq!(named(Kind::Guardrail), ["errors", "slow"]);
        assert_eq!(named(Kind::Stage), ["1", "2"]);
        let elsewhere = tempfile::tempdir().unwrap();
        let nowhere: Place = (
            Some(elsewhere.path().join("none")),
            folder.path().to_owned(),
        );
        assert!(names_of(Kind::Plan, &nowhere).is_empty());
    }

    #[test]
    fn every_command_that_takes_a_plan_offers_them() {
        let place = Arc::new((None, PathBuf::from("/")));
        let root = offering(&place);
        let plans = root.get_subcommands().filter(|command| {
            let mut positionals = command.get_positionals();
            positionals.any(|arg| arg.get::<ArgValueCandidates>().is_some())
        });
        let names: Vec<&str> = plans.map(clap::Command::get_name).collect();
        for name in [
            "check", "advance", "status", "explain", "history", "rollback", "retry", "power",
            "report",
        ] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
    }
}
