//! What is told to a webhook about a transition: bodies for Slack and for programs. Sending them is
//! done elsewhere, and a failure to send changes nothing.

use serde::Serialize;

use crate::decide::{Action, RecordedAction, RecordedActor};
use crate::units::{Exposure, Instant, one_line};

use super::json::{PlanPart, plan as part_of};
use super::{Decided, PlanReport};

/// A transition that people want to hear of.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The plan.
    pub plan: String,
    /// Who to ask about it.
    pub owner: Option<String>,
    /// What was done: a step of the rules, or a person's command.
    pub decision: RecordedAction,
    /// Exposure before.
    pub from: Exposure,
    /// Exposure after.
    pub to: Exposure,
    /// Stage after, 1-based.
    pub stage: u32,
    /// Of so many.
    pub stages: u32,
    /// Why, in sentences; the first one decided.
    pub reasons: Vec<String>,
    /// Who did it.
    pub actor: RecordedActor,
    /// When.
    pub at: Instant,
    /// The record, relative to the directory.
    pub evidence: Option<String>,
    /// The plan's part of the report, where there is one.
    pub report: Option<PlanPart>,
}

/// The body for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForPrograms<'a> {
    format: &'static str,
    plan: &'a str,
    owner: Option<&'a str>,
    decision: &'a str,
    from: f64,
    to: f64,
    stage: u32,
    stages: u32,
    reasons: &'a [String],
    actor: String,
    at: String,
    evidence: Option<&'a str>,
    report: Option<&'a PlanPart>,
}

/// The body for Slack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForSlack {
    /// What is shown, in Slack's markup.
    pub text: String,
}

impl Notice {
    /// The notice of an automatic transition; `None` where nothing was applied, or only a note was
    /// taken: a guardrail's evidence that starts again moves nobody.
    #[must_use]
    pub fn of(report: &PlanReport, decided: &Decided, now: Instant) -> Option<Self> {
        let change = decided.change.as_ref().filter(|change| change.applied)?;
        match decided.decision.action {
            Action::Hold => return None,
            Action::Advance { .. } | Action::Pause | Action::Rollback { .. } | Action::Complete => {
            }
        }
        Some(Self {
            plan: report.plan.clone(),
            owner: decided.plan.owner.clone(),
            decision: decided.decision.action.into(),
            from: decided.exposure(),
            to: decided.next_exposure(),
            stage: match decided.decision.action {
                Action::Advance { stage, .. } => stage,
                Action::Hold | Action::Pause | Action::Rollback { .. } | Action::Complete => {
                    decided.stage()
                }
            },
            stages: decided.stages(),
            reasons: sentences(decided),
            actor: RecordedActor::AUTOMATION,
            at: now,
            evidence: change.evidence.clone(),
            report: Some(part_of(report)),
        })
    }

    /// The body for programs.
    #[must_use]
    pub fn json(&self) -> ForPrograms<'_> {
        let Self {
            plan,
            owner,
            decision,
            from,
            to,
            stage,
            stages,
            reasons,
            actor,
            at,
            evidence,
            report,
        } = self;
        ForPrograms {
            format: "rollout-notification/1",
            plan,
            owner: owner.as_deref(),
            decision: decision.key(),
            from: from.percent(),
            to: to.percent(),
            stage: *stage,
            stages: *stages,
            reasons,
            actor: actor.to_string(),
            at: at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            evidence: evidence.as_deref(),
            report: report.as_ref(),
        }
    }

    /// The body for Slack's incoming webhooks and those who speak the same: a text that reads well
    /// where only `text` is understood.
    #[must_use]
    pub fn slack(&self) -> ForSlack {
        let mut text = format!("*{}* {}", escape(&self.plan), self.headline());
        for reason in &self.reasons {
            text.push_str("\n• ");
            text.push_str(&escape(reason));
        }
        let mut foot = Vec::new();
        match &self.actor {
            RecordedActor::Automation { run_by: None } => {}
            RecordedActor::Person(name) => foot.push(format!("by {}", escape(name))),
            other @ (RecordedActor::Automation { .. } | RecordedActor::Other(_)) => {
                foot.push(format!("by {}", escape(&other.to_string())));
            }
        }
        foot.extend(
            self.owner
                .iter()
                .map(|owner| format!("owner {}", escape(owner))),
        );
        foot.extend(
            self.evidence
                .iter()
                .map(|evidence| format!("`{}`", escape(evidence))),
        );
        if !foot.is_empty() {
            text.push('\n');
            text.push_str(&foot.join(" · "));
        }
        ForSlack { text }
    }

    fn headline(&self) -> String {
        let Self {
            decision,
            from,
            to,
            stage,
            stages,
            ..
        } = self;
        match decision {
            RecordedAction::Advance => {
                format!("advanced from {from} to {to}, stage {stage} of {stages}")
            }
            RecordedAction::Rollback => format!("rolled back from {from} to {to}"),
            RecordedAction::Pause => format!("paused at {to}, stage {stage} of {stages}"),
            RecordedAction::Complete => format!("complete at {to}"),
            RecordedAction::Hold
            | RecordedAction::Resume
            | RecordedAction::Retry
            | RecordedAction::Approve
            | RecordedAction::Freeze
            | RecordedAction::Unfreeze
            | RecordedAction::Init
            | RecordedAction::Sync
            | RecordedAction::New
            | RecordedAction::Other(_) => format!(
                "{}: {to} exposed, stage {stage} of {stages}",
                escape(decision.key())
            ),
        }
    }
}

/// The deciding reasons, and of the guardrails behind them what the judge saw.
fn sentences(decided: &Decided) -> Vec<String> {
    let mut sentences: Vec<String> = decided.decision.told().map(ToString::to_string).collect();
    let findings = decided.judgement.iter().flat_map(|j| &j.findings);
    sentences.extend(
        findings
            .filter(|finding| finding.verdict == crate::judge::Verdict::Breach)
            .map(|finding| format!("{}: {}", finding.name, finding.why)),
    );
    sentences
}

/// Slack's three control characters; without this a name could mention a whole channel.
fn escape(text: &str) -> String {
    one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
