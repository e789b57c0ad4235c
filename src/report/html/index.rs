//! Several plans on one page, for a wall: what needs a person first, each plan a card that leads to its
//! own page.

use maud::{Markup, html};

use crate::decide::Exit;
use crate::plan::{Plan, Schedule, Status};
use crate::units::{self, Instant};

use super::super::answer;
use super::super::status::Row;
use super::super::words::page as words;
use super::super::{Decided, numbers};
use super::page::shell;
use super::prose::prose;
use super::top::status_class;

/// One plan of the index.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    /// Where it stands.
    pub row: &'a Row,
    /// The plan; `None` when its file has mistakes.
    pub plan: Option<&'a Plan>,
    /// What is decided of it now; `None` when nobody was asked.
    pub decided: Option<&'a Decided>,
    /// Why it could not be asked about.
    pub trouble: Option<&'a str>,
    /// The file of its own page, relative to the index; `None` where it has none.
    pub page: Option<&'a str>,
}

/// How urgent a plan is; the groups of the index in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    RollsBack,
    RolledBack,
    Mistake,
    Person,
    Moves,
    Waits,
    Pending,
    Complete,
}

impl Need {
    const ALL: [(Self, &'static str); 8] = [
        (Self::RollsBack, "to roll back"),
        (Self::RolledBack, "rolled back"),
        (Self::Mistake, "cannot be judged"),
        (Self::Person, "for a person"),
        (Self::Moves, "to advance"),
        (Self::Waits, "waiting"),
        (Self::Pending, "pending"),
        (Self::Complete, "complete"),
    ];

    fn of(card: &Card<'_>) -> Self {
        let exit = card.decided.map(|decided| decided.decision.exit);
        match (card.row.status, exit) {
            (Some(Status::RolledBack), _) => Self::RolledBack,
            (_, Some(Exit::Rollback)) => Self::RollsBack,
            (None, _) | (_, Some(Exit::Error | Exit::Invalid)) => Self::Mistake,
            (Some(Status::Paused), _) | (_, Some(Exit::NoGo | Exit::Inconclusive)) => Self::Person,
            (Some(Status::Complete), _) => Self::Complete,
            (Some(Status::Progressing | Status::Pending), Some(Exit::Go)) => Self::Moves,
            (Some(Status::Pending), _) => Self::Pending,
            (Some(Status::Progressing), _) if card.trouble.is_some() => Self::Mistake,
            (Some(Status::Progressing), _) => Self::Waits,
        }
    }

    fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(need, _)| *need == self);
        known.map_or("", |(_, name)| name)
    }

    const fn class(self) -> &'static str {
        match self {
            Self::RollsBack | Self::RolledBack | Self::Mistake => "bad",
            Self::Person => "doubt",
            Self::Moves | Self::Complete => "good",
            Self::Waits | Self::Pending => "wait",
        }
    }
}

/// The index, as the text of an HTML file.
#[must_use]
pub fn index(cards: &[Card<'_>], now: Instant) -> String {
    let mut sorted: Vec<(Need, &Card<'_>)> =
        cards.iter().map(|card| (Need::of(card), card)).collect();
    sorted.sort_by_key(|(need, _)| *need);
    let counted = |need: Need| sorted.iter().filter(|(one, _)| *one == need).count();
    let groups: Vec<(Need, usize, &str)> = Need::ALL
        .into_iter()
        .map(|(need, name)| (need, counted(need), name))
        .filter(|(_, count, _)| *count > 0)
        .collect();
    let content = html! {
        h1 { (numbers::counted(cards.len(), "plan")) }
        p class="summary" {
            @for (need, count, name) in &groups {
                span class=(format!("badge {}", need.class())) { (count) " " (name) } " "
            }
        }
        p class="soft" { (words::as_of(now)) }
        div class="cards" {
            @for (need, card) in &sorted { (draw(*need, card)) }
        }
    };
    units::page(&shell("Plans", &content).into_string()).into_owned()
}

fn draw(need: Need, card: &Card<'_>) -> Markup {
    let Card {
        row,
        plan,
        decided,
        trouble,
        page,
    } = card;
    let status = row.status.map_or("invalid", |status| words::status(status));
    html! {
        article class=(format!("card {}-edge", need.class())) {
            h2 {
                @match page {
                    Some(page) => a href=(page) { (row.plan) },
                    None => (row.plan),
                }
            }
            p {
                span class=(format!("badge {}", row.status.map_or("bad", status_class))) { (status) } " "
                @if need.name() != status {
                    span class=(format!("badge {}", need.class())) { (need.name()) }
                }
            }
            @if let Some(exposure) = row.exposure {
                p class="exposure" { (exposure) " " span class="soft" { "exposed" } }
                svg class="level" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
                    rect class="empty" x="0" y="0" width="100" height="4" {}
                    rect class="full" x="0" y="0" width=(exposure.percent()) height="4" {}
                }
            }
            @if let Some(plan) = plan { (stages(plan)) }
            @match (decided, trouble) {
                (Some(decided), _) => {
                    p {
                        // Who is stopped says so in the reason.
                        @let is_stopped = matches!(row.status, Some(Status::RolledBack | Status::Paused));
                        @if !is_stopped { strong { (answer::headline(decided)) } }
                        @if let Some(reason) = answer::because(decided) {
                            @if !is_stopped { ": " }
                            (prose(&reason))
                        }
                    }
                }
                (None, Some(trouble)) => p class="doubt" { (prose(trouble)) },
                (None, None) => @if !row.waits_for.is_empty() {
                    p {
                        // What a plan with mistakes needs is the whole sentence.
                        @if row.status.is_some() { (words::WAITING) " " }
                        (prose(&row.waits_for))
                    }
                },
            }
            p class="soft" {
                (words::age_and_owner(row.age, plan.and_then(|plan| plan.owner.as_deref())))
            }
        }
    }
}

/// `1 \u{2713} \u{25b8}10 50 100`: which stages are behind, present and to come.
fn stages(plan: &Plan) -> Markup {
    let present = plan.state.as_ref().map_or(0, |state| state.stage);
    let is_complete = plan.status() == Status::Complete;
    match &plan.course {
        Schedule::Ramp(ramp) => html! {
            p class="stages" { "ramp from " (ramp.from) " to " (ramp.to) }
        },
        Schedule::Stages(stages) => html! {
            p class="stages" {
                @for (number, stage) in (1_u32..).zip(stages) {
                    @let (class, glyph) = if number < present || is_complete {
                        ("good", " \u{2713}")
                    } else if number == present {
                        ("present", " \u{25c2}")
                    } else {
                        ("soft", "")
                    };
                    span class=(class) { (stage.exposure) (glyph) } " "
                }
            }
        },
    }
}
