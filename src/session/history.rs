//! The transitions of a plan, from its records and from git.

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::report::history::{Commit, Entry, numbers_of};
use crate::report::json::Recorded;
use crate::units::Exposure;
use crate::workspace::git::{GitError, Repository};
use crate::workspace::{Break, Chain, all_evidence_of};

use super::context::Context;
use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::plan_set::PlanSet;

/// The transitions, the oldest first, and what is wrong with the chain of records.
///
/// # Errors
/// When git is there and fails.
pub(crate) fn entries(
    plan_set: &PlanSet,
    loaded: &LoadedPlan,
    plan: &Plan,
    context: &mut Context<'_>,
) -> Result<(Vec<Entry>, Vec<Break>), Failure> {
    let Chain {
        links,
        breaks,
        declared_changed: _,
    } = all_evidence_of(&plan_set.directory, &loaded.file);
    let commits = commits(plan_set, loaded, context)?;
    let entries = links
        .into_iter()
        .map(|link| {
            let record = link.record;
            // A report that cannot be read has no numbers to show; `replay` tells what is wrong with it.
            let report = record.grounds.report.as_ref();
            let report = report.and_then(|report| Recorded::read(report).ok());
            Entry {
                at: record.at,
                decision: record.grounds.decision,
                from: record
                    .before
                    .as_ref()
                    .map(|state| state.exposure)
                    .filter(|exposure| *exposure > Exposure::NONE),
                to: record.after.exposure,
                stage: record
                    .after
                    .ramp
                    .map_or(record.after.stage, |climb| climb.moves),
                ramp: record.after.ramp.is_some(),
                actor: record.grounds.actor,
                reason: record.grounds.reason,
                reasons: record.grounds.reasons,
                reason_codes: record.grounds.reason_codes,
                numbers: report.map_or_else(Vec::new, |report| numbers_of(&report, Some(plan))),
                commit: commits.get(&link.path).cloned(),
                evidence: link.path,
                problem: None,
            }
        })
        .collect();
    Ok((entries, breaks))
}

/// The commit that brought each record, where there is a repository.
/// Where the commits of the repository around the directory come from, as git has it.
pub(crate) fn origin(plan_set: &PlanSet) -> Option<String> {
    Repository::open(&plan_set.directory, &[]).ok()?.origin()
}

fn commits(
    plan_set: &PlanSet,
    loaded: &LoadedPlan,
    context: &mut Context<'_>,
) -> Result<BTreeMap<String, Commit>, Failure> {
    let repository = match Repository::open(&plan_set.directory, &[]) {
        Ok(repository) => repository,
        Err(
            GitError::NoGit(_) | GitError::NotARepository { .. } | GitError::AnotherMount { .. },
        ) => return Ok(BTreeMap::new()),
        Err(error) => {
            context.ui.warn(&format!(
                "history without commits: {error}; {}",
                error.cure()
            ))?;
            return Ok(BTreeMap::new());
        }
    };
    let mut found = BTreeMap::new();
    // A repository without a commit has no log.
    for entry in repository.log(&loaded.file).unwrap_or_default() {
        let commit = Commit {
            hash: entry.commit.clone(),
            author: entry.author.clone(),
        };
        for (_, path) in entry
            .trailers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case("Rollout-Evidence"))
        {
            let path = path
                .find(".evidence/")
                .map_or(path.as_str(), |at| &path[at..]);
            found.insert(path.to_owned(), commit.clone());
        }
    }
    Ok(found)
}
