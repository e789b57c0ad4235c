//! The report as Markdown: a comment of a pull request, the summary of a step. Text from outside is escaped: a
//! plan's name can not end a table's cell.

use crate::decide::Exit;
use crate::judge::{Finding, Judgement};
use crate::plan::Plan;

use super::answer::{Concern, because, headline, next, stands, tally};
use super::bar::{Bar, drawn};
use super::guardrails::{evidence, tolerated};
use super::markdown::{inline, table};
use super::numbers::{self, NONE};
use super::stages::Way;
use super::words;
use super::{Decided, Failure, Glyphs, Outcome, PlanReport, Report};

/// So many plans are all shown in full.
const FEW: usize = 3;

/// Columns of a bar.
const BAR: usize = 16;

/// Columns of the picture of a plan's stages.
const WAY: usize = 60;

/// Bytes after which plans are only listed: a comment on GitHub has room for 65,536 characters.
const ROOM: usize = 48_000;

/// The whole report: of several plans a table first, then those that move or need somebody.
#[must_use]
pub fn summary(report: &Report) -> String {
    let Report {
        now,
        exit,
        is_gate,
        plans,
    } = report;
    let title = match (is_gate, exit) {
        (false, Exit::Go) => "status",
        (_, exit) => exit.name(),
    };
    let mut text = format!("## rollout: {title}\n\n");
    let mut shown: Vec<(Concern, &PlanReport)> =
        plans.iter().map(|plan| (Concern::of(plan), plan)).collect();
    if plans.len() > 1 {
        text.push_str(&format!("{} plans: {}\n\n", plans.len(), tally(plans)));
        let mut listed = shown.clone();
        listed.sort_by_key(|(concern, _)| *concern);
        let rows = listed.iter().map(|(concern, plan)| row(*concern, plan));
        text.push_str(&table(["", "plan", "stages", "what happens"], rows));
        text.push('\n');
    }
    if plans.len() > FEW {
        shown.retain(|(concern, _)| *concern != Concern::Nobody);
        shown.sort_by_key(|(concern, _)| *concern);
    }
    let mut left_out = 0;
    for (_, report) in shown {
        let one = match &report.outcome {
            Outcome::Failed(failure) => failed(&report.plan, failure),
            Outcome::Decided(decided) => in_full(decided, *now),
        };
        if text.len() + one.len() > ROOM {
            left_out += 1;
        } else {
            text.push_str(&one);
        }
    }
    if left_out > 0 {
        text.push_str(&format!(
            "{} more in the table alone: `rollout check PLAN` shows them\n",
            numbers::counted(left_out, "plan")
        ));
    }
    text
}

/// A plan of the table: its mark, name, picture, and the answer.
fn row(concern: Concern, report: &PlanReport) -> [String; 4] {
    let glyphs = Glyphs::UNICODE;
    let mark = match concern {
        Concern::Alarm => glyphs.bad,
        Concern::Person => glyphs.person,
        Concern::Moves => glyphs.now,
        Concern::Nobody => glyphs.quiet,
    };
    let (stages, what) = match &report.outcome {
        Outcome::Decided(decided) => {
            let head = headline(decided);
            let what =
                because(decided).map_or_else(|| head.clone(), |why| format!("{head}: {why}"));
            (Way::of(&decided.plan).picture(glyphs, WAY), what)
        }
        Outcome::Failed(failure) => {
            let first = failure.problem.lines().next().unwrap_or_default();
            (NONE.to_owned(), format!("{}: {first}", failure.exit.name()))
        }
    };
    [mark.to_string(), report.plan.clone(), stages, what]
}

fn failed(name: &str, failure: &Failure) -> String {
    let Failure {
        exit,
        problem,
        cure,
    } = failure;
    let mut text = format!(
        "### {}\n\n**{}**\n\n```text\n{}\n```\n",
        inline(name),
        exit.name(),
        problem.replace("```", "'''")
    );
    if let Some(cure) = cure {
        text.push_str(&format!("\nhelp: {}\n", inline(cure)));
    }
    text.push('\n');
    text
}

fn in_full(decided: &Decided, now: crate::units::Instant) -> String {
    let mut text = format!(
        "### {}\n\n**{}**",
        inline(&decided.plan.name),
        inline(&headline(decided))
    );
    if let Some(why) = because(decided) {
        text.push_str(&format!(": {}", inline(&why)));
    }
    text.push_str(&format!(
        "\n\n`{}` {}\n\n",
        Way::of(&decided.plan).picture(Glyphs::UNICODE, WAY),
        inline(&stands(&decided.plan, now))
    ));
    if let Some(judgement) = &decided.judgement {
        text.push_str(&guardrails(&decided.plan, judgement));
        text.push('\n');
    }
    for reason in decided.decision.told().skip(1) {
        text.push_str(&format!("- also: {}\n", inline(&reason.to_string())));
    }
    if let Some(next) = next(decided) {
        text.push_str(&format!("- next: {next}\n"));
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    text
}

fn guardrails(plan: &Plan, judgement: &Judgement) -> String {
    let header = [
        "guardrail",
        "verdict",
        "exposed",
        "unexposed",
        "effect",
        "│ 0 ┊ margin ║ rule-out",
        "margin",
        "rule-out",
        "harm",
        "clear",
    ];
    table(
        header,
        judgement
            .findings
            .iter()
            .map(|finding| guardrail(plan, finding)),
    )
}

fn guardrail(plan: &Plan, finding: &Finding) -> [String; 10] {
    let guardrail = plan.guardrails.iter().find(|one| one.name == finding.name);
    let kind = guardrail.map(|one| one.metric.kind);
    let none = || NONE.to_owned();
    let (margin, rule_out) = tolerated(kind, finding, guardrail);
    let margin = match &margin[..] {
        [] => none(),
        parts => parts.join(", "),
    };
    let rule_out = rule_out.unwrap_or_else(none);
    let verdict = words::verdict(finding.verdict).to_owned();
    let name = finding.name.clone();
    let Some((kind, measure)) = kind.zip(finding.measure.as_ref()) else {
        return [
            name,
            verdict,
            none(),
            none(),
            none(),
            none(),
            margin,
            rule_out,
            none(),
            none(),
        ];
    };
    let (harm, clear) = evidence(finding);
    let arm = |totals| {
        let value = numbers::arm(kind, totals);
        numbers::events(totals, true)
            .map_or_else(|| value.clone(), |events| format!("{value} ({events})"))
    };
    [
        name,
        verdict,
        arm(&measure.exposed),
        measure.unexposed.as_ref().map_or_else(none, arm),
        format!(
            "{} ({})",
            numbers::estimate(kind, measure),
            numbers::interval(kind, measure)
        ),
        Bar::of(measure).map_or_else(none, picture),
        margin,
        rule_out,
        harm,
        clear,
    ]
}

/// A bar whose spaces no renderer drops.
fn picture(bar: Bar) -> String {
    let drawn = drawn(&bar, BAR, Glyphs::UNICODE);
    format!("`{}`", drawn.replace(' ', "\u{a0}"))
}
