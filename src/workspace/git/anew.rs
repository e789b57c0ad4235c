//! A rollback or a person's pause, applied to a plan that somebody else changed in the meantime: the
//! same ruling by the same authority at the same instant, on the text and the state that are there now,
//! with a record of its own.

use crate::decide::by_hand::{Footing, Operator, pause, rollback};
use crate::decide::{RecordedAction, taken_back};
use crate::plan::{Actor, Intervention, PlanText, State, Status, standing_of};
use crate::units::{Digest, Instant};
use crate::workspace::apply::{evidence_path, put_into};
use crate::workspace::{DecisionContext, Directory, Link, Pinned, Record};

use super::carry::Entry;
use super::message::message;
use super::scratch::Scratch;
use super::waiting::Waiting;
use super::{GitError, Repository};

/// Files and message of the commit, or why the word means nothing any more.
type Applied = Result<(Vec<Entry>, String), String>;

impl Repository {
    /// Applies the word of a commit that waits here to the plan as it is at `onto`.
    pub(super) fn applied_anew(
        &self,
        directory: &Directory,
        scratch: &Scratch,
        one: &Waiting,
        onto: &str,
    ) -> Result<Applied, GitError> {
        let plan = one.subject();
        let lost = |why: &str| Ok(Err(format!("{plan}: {why}")));
        let Some(name) = one.plan_file() else {
            return lost("the commit that waited here holds no plan");
        };
        let Some(mine) = self.state_in(&one.commit, name)? else {
            return lost("the plan as it was here cannot be read any more");
        };
        let Some(text) = self.text_of(onto, name)? else {
            return lost("somebody else removed the plan, and with it what there was to stop");
        };
        let Some(ruling) = mine.rollback.clone().or_else(|| mine.pause.clone()) else {
            return lost("the plan as it was here was not stopped");
        };
        let parsed = PlanText::parse(&text);
        let before = parsed
            .standing()
            .unwrap_or_else(|| parsed.salvaged(ruling.at));
        let after = match ruled(
            plan,
            &mine,
            before.as_ref(),
            &ruling,
            &parsed.declared_digest(),
        ) {
            Ok(after) => after,
            Err(why) => return Ok(Err(why)),
        };
        let evidence = before.as_ref().and_then(|before| before.evidence.clone());
        let previous = match evidence {
            Some(path) => self.text_of(onto, &self.name_in_directory(&path))?,
            None => None,
        };
        let mut record = Record {
            plan: plan.to_owned(),
            at: ruling.at,
            judge: crate::judge::VERSION,
            grounds: self.grounds_of(one, &mine, &ruling)?,
            plan_digest_before: Digest::of(text.as_bytes()),
            declared: Pinned {
                digest: parsed.declared_digest(),
                text: parsed.declared_part().to_owned(),
            },
            before,
            after,
            previous: previous.map(|text| Record::file_digest(&text)),
        };
        let path = self.free_path(onto, plan, ruling.at, &record.grounds.decision)?;
        record.after.evidence = Some(path.clone());
        let revised = put_into(&parsed, &record.after).map_err(|source| {
            crate::workspace::WorkspaceError::Revise {
                path: directory.show(&self.top.join(name)),
                source,
            }
        })?;
        let of_record = self.name_in_directory(&path);
        let mut entries = vec![
            (
                name.to_owned(),
                Some((
                    self.mode_at(onto, name)?,
                    self.blob(scratch, name, revised.as_bytes())?,
                )),
            ),
            (
                of_record.clone(),
                Some((
                    "100644".to_owned(),
                    self.blob(scratch, &of_record, record.to_text().as_bytes())?,
                )),
            ),
        ];
        entries.extend(self.retold_on(directory, scratch, one, onto, (name, &revised))?);
        let message = message(&[Link { path, record }]);
        Ok(Ok((entries, message)))
    }

    /// Who decided it and why, without what was measured on another state.
    fn grounds_of(
        &self,
        one: &Waiting,
        mine: &State,
        ruling: &Intervention,
    ) -> Result<DecisionContext, GitError> {
        let text = match &mine.evidence {
            Some(path) => self.text_of(&one.commit, &self.name_in_directory(path))?,
            None => None,
        };
        let there = text.and_then(|text| Record::read(&text).ok());
        let decision = match mine.status {
            Status::RolledBack => RecordedAction::Rollback,
            Status::Pending | Status::Progressing | Status::Paused | Status::Complete => {
                RecordedAction::Pause
            }
        };
        let reason_codes = match &ruling.by {
            Actor::Person(_) => Vec::new(),
            Actor::Guardrail(_) => vec![Record::MADE_UP_FOR.to_owned()],
        };
        let (mut reasons, config_text, neighbours) = there.map_or_else(Default::default, |there| {
            let DecisionContext {
                reasons,
                config_text,
                neighbours,
                ..
            } = there.grounds;
            (reasons, config_text, neighbours)
        });
        reasons
            .push("somebody else changed the plan before this was pushed; applied to that".into());
        Ok(DecisionContext {
            decision,
            reasons,
            reason_codes,
            actor: (&ruling.by).into(),
            reason: ruling.reason.clone(),
            config_text,
            neighbours,
            snapshot: None,
            history: None,
            report: None,
        })
    }

    fn free_path(
        &self,
        onto: &str,
        plan: &str,
        at: Instant,
        decision: &RecordedAction,
    ) -> Result<String, GitError> {
        let mut attempt = 1;
        loop {
            let path = evidence_path(plan, at, decision, attempt);
            if !self.in_tree(onto, &self.name_in_directory(&path))? {
                return Ok(path);
            }
            attempt += 1;
        }
    }

    /// Puts bytes into the repository as a file of this name.
    pub(super) fn blob(
        &self,
        scratch: &Scratch,
        name: &str,
        bytes: &[u8],
    ) -> Result<String, GitError> {
        let path = scratch.file(bytes)?.display().to_string();
        let as_path = format!("--path={name}");
        self.git.tell(["hash-object", "-w", &as_path, &path])
    }

    /// The mode of a file at a revision.
    pub(super) fn mode_at(&self, rev: &str, name: &str) -> Result<String, GitError> {
        let text = self.git.tell(["ls-tree", "--full-tree", rev, "--", name])?;
        Ok(text.split(' ').next().unwrap_or("100644").to_owned())
    }

    pub(super) fn text_of(&self, rev: &str, name: &str) -> Result<Option<String>, GitError> {
        let bytes = self.bytes_at(rev, name)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    fn state_in(&self, rev: &str, name: &str) -> Result<Option<State>, GitError> {
        let text = self.text_of(rev, name)?;
        Ok(text.and_then(|text| standing_of(&text)).flatten())
    }
}

/// The state that a ruling leads to from where the plan is now, or why it leads nowhere.
fn ruled(
    plan: &str,
    mine: &State,
    now: Option<&State>,
    ruling: &Intervention,
    declared: &Digest,
) -> Result<State, String> {
    let footing = Footing {
        name: plan,
        state: now,
        declared,
    };
    let hand = |person| Operator {
        person,
        now: ruling.at,
        reason: ruling.reason.as_deref(),
    };
    let rolls_back = mine.status == Status::RolledBack;
    let after = match (&ruling.by, now) {
        (_, Some(now)) if rolls_back && now.status == Status::RolledBack => Ok(None),
        (Actor::Person(person), _) if rolls_back => rollback(footing, hand(person)),
        (Actor::Guardrail(_), now) if rolls_back => {
            let from = now.unwrap_or(mine);
            Ok(Some(taken_back(from, mine.exposure, ruling.clone())))
        }
        (Actor::Person(person) | Actor::Guardrail(person), _) => pause(footing, hand(person)),
    };
    match after {
        Ok(Some(after)) => Ok(after),
        Ok(None) => Err(format!("{plan}: somebody else did the same already")),
        Err(refusal) => Err(refusal.to_string()),
    }
}
