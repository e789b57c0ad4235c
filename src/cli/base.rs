//! `--base REV`: what the change under review does to plans, judged against the last commit it has in
//! common with REV. How to reach Prometheus, and with which secrets, is taken from there and never
//! from the change: a hostile pull request can send no token anywhere.

use crate::plan::{
    Config, Mistake, Plan, PrometheusSettings, Revised, Severity, compare, compare_deleted,
    parse_config, parse_plan,
};
use crate::workspace::evidence_of;
use crate::workspace::git::{Change, Repository};

use super::desk::{Desk, Sheet};
use super::failure::Failure;

/// The flag.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct BaseArgs {
    /// Judge the change since this revision too, such as origin/main
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
}

/// What a change touches.
pub(super) struct Review {
    /// Plans that it adds or changes.
    pub(super) touched: Vec<usize>,
    /// Plans that it deletes although it must not.
    pub(super) deleted: Vec<Deleted>,
}

/// A plan that is gone although it has users.
pub(super) struct Deleted {
    pub(super) shown: String,
    pub(super) text: String,
    pub(super) mistake: Mistake,
}

impl Desk {
    /// Adds what a reviewer must know of the change since REV to the plans' mistakes, and takes the
    /// connection to Prometheus from there.
    ///
    /// # Errors
    /// When there is no repository, no such revision, or git fails.
    pub(super) fn review(&mut self, rev: &str) -> Result<Review, Failure> {
        let repository = Repository::open(&self.directory, &[])?;
        let base = repository.merge_base(rev)?;
        let config_text = repository
            .text_at(&base, &repository.config_path())?
            .unwrap_or_default();
        let old = parse_config(&config_text).value;
        self.config.prometheus = old
            .as_ref()
            .map_or_else(PrometheusSettings::default, |old| old.prometheus.clone());
        let old = old.unwrap_or_else(|| self.config.clone());

        let mut review = Review {
            touched: Vec::new(),
            deleted: Vec::new(),
        };
        for change in repository.changes_since(&base)? {
            let (from, path) = match &change {
                Change::Added { path } => (None, path),
                Change::Modified { path } => (Some(path), path),
                Change::Renamed { from, path } => (Some(from), path),
                Change::Deleted { path } => {
                    let text = repository.text_at(&base, path)?.unwrap_or_default();
                    if let Some(before) = read(path, &text, &old)
                        && let Some(mistake) = compare_deleted(&before, &text)
                    {
                        review.deleted.push(Deleted {
                            shown: path.clone(),
                            text,
                            mistake,
                        });
                    }
                    continue;
                }
            };
            let before = match from {
                Some(from) => repository
                    .text_at(&base, from)?
                    .and_then(|text| read(from, &text, &old)),
                None => None,
            };
            let mut found = None;
            for (index, sheet) in self.sheets.iter().enumerate() {
                if repository.plan_path(&sheet.file)? == *path {
                    found = Some(index);
                    break;
                }
            }
            let Some(index) = found else { continue };
            review.touched.push(index);
            let backed = backed(self, &self.sheets[index], before.as_ref());
            self.sheets[index].compare(before.as_ref(), backed);
        }
        review.touched.sort_unstable();
        Ok(review)
    }
}

impl Sheet {
    /// Adds the mistakes of a change; an error makes the plan unusable.
    fn compare(&mut self, before: Option<&Plan>, state_backed: bool) {
        let Some(after) = &self.plan else { return };
        let found = compare(&Revised {
            before,
            after,
            text: &self.file.text,
            state_backed,
        });
        if found
            .iter()
            .any(|mistake| mistake.severity == Severity::Error)
        {
            self.plan = None;
        }
        self.mistakes.extend(found);
    }
}

/// The plan of an old text; `None` when that had mistakes.
fn read(path: &str, text: &str, config: &Config) -> Option<Plan> {
    let name = path.rsplit('/').next()?.strip_suffix(".toml")?;
    parse_plan(name, text, config).value
}

/// The state was reached by recorded decisions that begin where the old plan stood.
fn backed(desk: &Desk, sheet: &Sheet, before: Option<&Plan>) -> bool {
    let old = before.and_then(|plan| plan.state.as_ref());
    let new = sheet.plan.as_ref().and_then(|plan| plan.state.as_ref());
    if old == new {
        return true;
    }
    let chain = evidence_of(&desk.directory, &sheet.file);
    chain.breaks.is_empty()
        && chain
            .links
            .iter()
            .any(|link| link.record.before.as_ref() == old)
}
