//! What a change is to each plan, to those it deletes and to the shared settings: both sides, and
//! whether evidence backs a new state. The rules are [`crate::review`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::plan::{self, Config, Mistake, Plan, Target, state_of};
use crate::review::{
    self, BySettings, Revised, RevisedSettings, changed_record, compare, compare_deleted,
    compare_settings, excused_by_evidence, set_by_hand, under_way,
};
use crate::targets;
use crate::units::{Digest, Foreign, Instant};
use crate::workspace::git::{FileChange, Past, Repository};
use crate::workspace::{Along, CONFIG, PlanFile, Record, evidence_of};

use super::failure::Failure;
use super::loaded::{LoadedPlan, SETTINGS};
use super::plan_set::PlanSet;
use super::replay::{Replayed, decided_by_newer, replay_differences};

/// The two sides' settings.
pub(crate) struct Sides<'a> {
    pub(crate) repository: &'a Repository,
    /// What was there at the merge base.
    pub(crate) past: Past<'a>,
    pub(crate) config_text: &'a str,
    pub(crate) config: Option<Config>,
}

/// What the change is to one plan.
pub(crate) struct Weighed {
    pub(crate) touched: bool,
    /// It had users before.
    pub(crate) under_way: bool,
}

/// The names that plans had before the change, by the present ones.
pub(crate) fn former(changes: &[FileChange]) -> BTreeMap<String, String> {
    let renamed = changes.iter().filter_map(|change| match change {
        FileChange::Renamed { from, path } => Some((path.clone(), from.clone())),
        FileChange::Added { .. } | FileChange::Modified { .. } | FileChange::Deleted { .. } => None,
    });
    renamed.collect()
}

/// The files that are looked at as they were: of each plan, of its targets, of what is gone, and of the
/// records that are not what they were.
///
/// # Errors
/// When a plan leaves the repository.
pub(crate) fn looked_at(
    repository: &Repository,
    plan_set: &PlanSet,
    changes: &[FileChange],
    records: &[(String, bool)],
) -> Result<Vec<String>, Failure> {
    let mut names: BTreeSet<String> = records.iter().map(|(path, _)| path.clone()).collect();
    for change in changes {
        match change {
            FileChange::Deleted { path } | FileChange::Renamed { from: path, .. } => {
                names.insert(path.clone());
            }
            FileChange::Added { .. } | FileChange::Modified { .. } => {}
        }
    }
    let top = std::fs::canonicalize(repository.top())?;
    for loaded in &plan_set.plans {
        names.insert(repository.plan_path(&loaded.file)?);
        for target in loaded.plan.iter().flat_map(|plan| &plan.targets) {
            let place = Along::place(&plan_set.directory, &loaded.file, &target.normal_file());
            names.extend(place.ok().map(|(path, _)| name_below(&top, &path)));
        }
    }
    Ok(names.into_iter().collect())
}

/// What gives users the change beside a target's numbers, and did not before. What gives it to everybody is
/// told by how the target stands.
fn added_beside_numbers(target: &Target, old: &str, new: &str) -> Vec<Mistake> {
    let before = targets::exposing_beside(target, old);
    let is_new = |(written, one): &(&str, Mistake)| {
        let mut before = before.iter();
        !one.is_error() && !before.any(|(was, old)| was == written && old.message == one.message)
    };
    let added = targets::exposing_beside(target, new)
        .into_iter()
        .filter(is_new);
    added.map(|(_, one)| one).collect()
}

/// A path as git names it.
fn name_below(top: &Path, path: &Path) -> String {
    let name = path.strip_prefix(top).unwrap_or(path);
    name.to_string_lossy().into_owned()
}

/// Compares one plan with what it was.
pub(crate) fn compare_change(
    sides: &Sides<'_>,
    former: &BTreeMap<String, String>,
    plan_set: &mut PlanSet,
    index: usize,
) -> Result<Weighed, Failure> {
    let loaded = &plan_set.plans[index];
    let path = sides.repository.plan_path(&loaded.file)?;
    let from = former.get(&path).unwrap_or(&path);
    let old_text = sides.past.text(from)?;
    let rewritten = *from != path || old_text.as_deref() != Some(loaded.file.text.as_str());
    let before = old_text
        .as_deref()
        .and_then(|text| sides.parse(from, text, &plan_set.config));
    let weighed = |touched| Weighed {
        touched,
        under_way: before.as_ref().is_some_and(under_way),
    };
    let Some(after) = &loaded.plan else {
        return Ok(weighed(rewritten));
    };
    let by_hand = sides.targets_by_hand(plan_set, loaded, before.as_ref(), after)?;
    // Shared settings reach into plans whose own file stays as it is.
    let touched = rewritten || before.as_ref() != Some(after) || !by_hand.is_empty();
    if !touched {
        return Ok(weighed(false));
    }
    let by_settings = if rewritten {
        BySettings::No
    } else {
        let before = sides
            .config
            .as_ref()
            .and_then(|config| config.reason.as_ref());
        let after = plan_set.config.reason.as_ref();
        BySettings::Yes(after.filter(|_| after != before).map(String::as_str))
    };
    let old_state = old_text
        .as_deref()
        .and_then(|text| state_of(text).value.flatten());
    let backing = if old_state == after.state {
        Ok(())
    } else {
        sides.gather_evidence(plan_set, loaded, before.as_ref(), after)
    };
    let mut found = compare(&Revised {
        before: before.as_ref(),
        after,
        text: &loaded.file.text,
        state_backed: backing.is_ok(),
        by_settings,
    });
    if let Err(Some(why)) = backing {
        for mistake in found.iter_mut().filter(|m| excused_by_evidence(m)) {
            mistake.message = format!("{}; its evidence does not stand: {why}", mistake.message);
        }
    }
    found.extend(by_hand);
    let weighed = weighed(true);
    let loaded = &mut plan_set.plans[index];
    if found.iter().any(Mistake::is_error) {
        loaded.plan = None;
    }
    loaded.change = found;
    Ok(weighed)
}

/// What the change takes from the shared settings; `None` where it takes nothing, or where there
/// were none that could be read.
pub(crate) fn settings(
    sides: &Sides<'_>,
    plan_set: &PlanSet,
    users: &[String],
    now: Instant,
) -> Option<LoadedPlan> {
    let change = compare_settings(&RevisedSettings {
        before: sides.config.as_ref()?,
        after: &plan_set.config,
        text: &plan_set.config_text,
        under_way: users,
        now,
    });
    let path = plan_set.directory.root().join(CONFIG);
    let shown = plan_set.directory.show(&path);
    (!change.is_empty()).then(|| LoadedPlan {
        shown: Foreign(shown.display()).to_string(),
        file: PlanFile {
            name: SETTINGS.to_owned(),
            path,
            shown,
            digest: Digest::of(plan_set.config_text.as_bytes()),
            text: plan_set.config_text.clone(),
        },
        plan: None,
        mistakes: Vec::new(),
        change,
    })
}

impl Sides<'_> {
    /// The plan at the base; with today's settings where those of the base had mistakes.
    fn parse(&self, path: &str, text: &str, today: &Config) -> Option<Plan> {
        let name = Path::new(path).file_stem()?.to_string_lossy();
        plan::parse_plan(&name, text, self.config.as_ref().unwrap_or(today)).value
    }

    /// What the change makes of the files of this plan's targets by hand.
    fn targets_by_hand(
        &self,
        plan_set: &PlanSet,
        loaded: &LoadedPlan,
        before: Option<&Plan>,
        after: &Plan,
    ) -> Result<Vec<Mistake>, Failure> {
        let plan_text = &loaded.file.text;
        let directory = &plan_set.directory;
        let mut found = Vec::new();
        for (index, standing) in plan_set.targets_of(after).iter().enumerate() {
            let file = after.targets[index].normal_file();
            // Whatever it was before, a file out of the tree is none of the change that can be reviewed.
            let Ok((path, shown)) = Along::place(directory, &loaded.file, &file) else {
                found.extend(set_by_hand(standing, index, plan_text));
                continue;
            };
            let top = std::fs::canonicalize(self.repository.top())?;
            let old = self.past.text(&name_below(&top, &path))?;
            let new = Along::read(&path, &shown).ok().flatten();
            if new == old {
                continue;
            }
            found.extend(set_by_hand(standing, index, plan_text));
            if let (Some(before), Some(old), Some(new)) = (before, old, new)
                && under_way(before)
            {
                let target = &after.targets[index];
                let added = added_beside_numbers(target, &old, &new);
                found.extend(review::added_beside(
                    before, after, index, plan_text, &added,
                ));
            }
        }
        Ok(found)
    }

    /// True evidence stands behind the new state: records that were not touched, each with the
    /// decision that follows from it, made on one of the two sides' words, from the old state to the
    /// new. `Err(None)` when no evidence is claimed, else what is wrong with it.
    fn gather_evidence(
        &self,
        plan_set: &PlanSet,
        loaded: &LoadedPlan,
        before: Option<&Plan>,
        after: &Plan,
    ) -> Result<(), Option<String>> {
        let old = before.and_then(|plan| plan.state.as_ref());
        let named = |plan: Option<&Plan>| plan?.state.as_ref()?.evidence.clone();
        if named(Some(after)).is_none() || named(Some(after)) == named(before) {
            return Err(None);
        }
        let chain = evidence_of(&plan_set.directory, &loaded.file);
        if let Some(broken) = chain.breaks.first() {
            return Err(Some(broken.to_string()));
        }
        let declared: Vec<&Digest> = before
            .into_iter()
            .chain([after])
            .map(|p| &p.declared)
            .collect();
        for link in chain.links.iter().rev() {
            let record = &link.record;
            let wrong = |why: &str| Err(Some(format!("{}: {why}", link.path)));
            if !declared.contains(&&record.declared.digest) {
                return wrong("it was decided on another text of the plan");
            }
            if ![self.config_text, plan_set.config_text.as_str()]
                .contains(&record.grounds.config_text.as_str())
            {
                return wrong("it was decided with other shared settings");
            }
            match replay_differences(record) {
                Replayed::Same => {}
                Replayed::Differs(problems) => {
                    return wrong(problems.first().map_or("it differs", String::as_str));
                }
                Replayed::Newer { judge } => return wrong(&decided_by_newer(judge)),
                // It was reviewed with its own judge when the base took it.
                Replayed::Older { .. } if self.holds(loaded, &link.path, record) => {}
                Replayed::Older { judge, .. } => {
                    return wrong(&format!(
                        "judge {judge} decided it, and the base does not hold it: let today's `rollout` decide"
                    ));
                }
            }
            if record.before.as_ref() == old {
                return Ok(());
            }
        }
        Err(Some("it does not begin at the state before".into()))
    }

    /// A file that is no plan of the change, as it was at the base, with the refusal.
    fn refused(&self, name: String, path: &str, text: String, refusal: Mistake) -> LoadedPlan {
        LoadedPlan {
            file: PlanFile {
                name,
                path: self.repository.top().join(path),
                shown: path.into(),
                digest: Digest::of(text.as_bytes()),
                text,
            },
            shown: path.to_owned(),
            plan: None,
            mistakes: Vec::new(),
            change: vec![refusal],
        }
    }

    /// Whether the base has this very record.
    fn holds(&self, loaded: &LoadedPlan, path: &str, record: &Record) -> bool {
        let Ok(plan) = self.repository.plan_path(&loaded.file) else {
            return false;
        };
        let there = match plan.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.to_owned(),
        };
        let text = self.past.text(&there).ok().flatten();
        text.is_some_and(|text| Record::read(&text).is_ok_and(|held| held == *record))
    }
}

/// The plans that are gone, each with the refusal where users would be left alone.
pub(crate) fn deleted_plans(
    sides: &Sides<'_>,
    changes: &[FileChange],
    plan_set: &PlanSet,
) -> Result<Vec<LoadedPlan>, Failure> {
    let mut gone = Vec::new();
    for change in changes {
        let path = match change {
            FileChange::Deleted { path } => path,
            FileChange::Added { .. } | FileChange::Modified { .. } | FileChange::Renamed { .. } => {
                continue;
            }
        };
        let Some(text) = sides.past.text(path)? else {
            continue;
        };
        let refusal = sides
            .parse(path, &text, &plan_set.config)
            .and_then(|before| compare_deleted(&before, &text));
        let Some(refusal) = refusal else {
            continue;
        };
        let name = Path::new(path)
            .file_stem()
            .map_or_else(|| path.clone(), |stem| stem.to_string_lossy().into_owned());
        gone.push(sides.refused(name, path, text, refusal));
    }
    Ok(gone)
}

/// The records of the plans that are there which the change edits or deletes, each with the refusal.
pub(crate) fn changed_records(
    sides: &Sides<'_>,
    plan_set: &PlanSet,
    records: &[(String, bool)],
    rev: &str,
) -> Result<Vec<LoadedPlan>, Failure> {
    let mut found = Vec::new();
    for (path, deleted) in records {
        let folder = Path::new(path).parent().and_then(Path::file_name);
        let Some(plan) = folder.map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        if plan_set.named(&plan).is_none() {
            continue;
        }
        let Some(text) = sides.past.text(path)? else {
            continue;
        };
        let refusal = changed_record(&plan, path, *deleted, rev);
        found.push(sides.refused(path.clone(), path, text, refusal));
    }
    Ok(found)
}
