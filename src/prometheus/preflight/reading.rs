//! Answers of the questions that are asked beforehand, as facts. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::doctor::{SeriesSeen, copied};
use crate::snapshot::{Arm, Copies, Flaw, LabelSeen};
use crate::units::Instant;

use super::super::answer::{Answer, Returned};
use super::super::read::too_many;
use super::{FRESH, Of, Question, Replies, Shape, one_of};

/// What is scraped more rarely than every few minutes is fresh for so many of its own intervals: one
/// scrape may fail, and the next be late.
const INTERVALS: i64 = 3;

impl Question {
    /// What the answers say.
    pub(super) fn read(&self, replies: &Replies, now: Instant) -> LabelSeen {
        let read = match &self.of {
            Of::Selector { selector, shape } => self.of_selector(selector, *shape, replies, now),
            Of::Texts {
                exposed,
                unexposed,
                histogram,
            } => self.of_texts(
                exposed.as_deref(),
                unexposed.as_deref(),
                *histogram,
                replies,
            ),
        };
        read.unwrap_or_else(|said| LabelSeen {
            refused: Some(said),
            ..LabelSeen::default()
        })
    }

    fn of_selector(
        &self,
        selector: &str,
        shape: Shape,
        replies: &Replies,
        now: Instant,
    ) -> Result<LabelSeen, String> {
        let in_use = answer(&self.in_use(selector, shape), replies)?;
        let fresh = answer(&self.fresh(selector), replies)?;
        let sound = match self.sound(selector, shape) {
            Some(text) => Some(self.values(answer(&text, replies)?)),
            None => None,
        };
        let mut values = self.values(in_use);
        let mut recent = self.values(fresh);
        let flaw = self.flaw(shape, in_use, &recent, sound.as_ref());
        let latest = self.latest().map(|text| self.numbers(&text, replies));
        let latest = latest.unwrap_or_default();
        let earliest = self.numbers(&self.earliest(selector), replies);
        let scrapes = self.numbers(&self.scrapes(selector), replies);
        for (value, last) in &latest {
            let first = earliest.get(value).copied().unwrap_or(*last);
            let between = scrapes.get(value).map_or(0, |scrapes| scrapes - 1);
            let every = if between > 0 {
                (last - first) / between
            } else {
                0
            };
            let rare = every > i64::from(FRESH.seconds()) / 2;
            if rare && now.timestamp() - last <= every * INTERVALS {
                values.insert(value.clone());
                recent.insert(value.clone());
            }
        }
        let of_unexposed = latest
            .iter()
            .filter(|(value, _)| self.unexposed.matches(value));
        let last_unexposed = of_unexposed.map(|(_, last)| *last).max();
        let last_seen = if self.is_met(&recent) {
            None
        } else if let (true, Some(last)) = (self.compared, last_unexposed) {
            Some(last)
        } else if values.is_empty() {
            latest.values().max().copied()
        } else {
            None
        };
        let labels = replies
            .get(&one_of(selector))
            .and_then(|reply| reply.as_ref().ok());
        let labels = labels.and_then(|answer| answer.series.first());
        let labels = labels.map(|series| series.labels.keys().filter(|name| *name != "__name__"));
        Ok(LabelSeen {
            values: values.into_iter().collect(),
            recent: recent.into_iter().collect(),
            refused: None,
            last_seen,
            flaw,
            labels: labels.into_iter().flatten().cloned().collect(),
            copies: self.copies(selector, shape, replies),
        })
    }

    /// Whether the same requests are counted several times, as far as the server says.
    fn copies(&self, selector: &str, shape: Shape, replies: &Replies) -> Option<Copies> {
        let each = answer(&self.each(selector, shape)?, replies).ok()?;
        let seen = each.series.iter().filter_map(|one| {
            Some(SeriesSeen {
                labels: one.labels.clone(),
                value: one.points.last()?.value,
            })
        });
        let (label, values) = copied(&seen.collect::<Vec<_>>(), &self.label)?;
        Some(Copies { label, values })
    }

    /// What is wrong with the needed arm's series; with all of them where it has none.
    fn flaw(
        &self,
        shape: Shape,
        in_use: &Answer,
        recent: &BTreeSet<String>,
        sound: Option<&BTreeSet<String>>,
    ) -> Option<Flaw> {
        let is_needed = |value: &String| {
            !self.compared
                || self.unexposed.matches(value)
                || !recent.iter().any(|value| self.unexposed.matches(value))
        };
        let unsound = |flaw| {
            let mut needed = recent.iter().filter(|value| is_needed(value)).peekable();
            let none = sound.is_some_and(|sound| {
                needed.peek().is_some() && !needed.any(|value| sound.contains(value))
            });
            none.then_some(flaw)
        };
        match shape {
            Shape::Counter => None,
            Shape::Gauge => unsound(Flaw::NoNumber),
            Shape::Native => unsound(Flaw::NotNative),
            Shape::Classic => {
                let needed = in_use
                    .series
                    .iter()
                    .filter(|series| is_needed(&self.value(series)));
                bounds(needed)
            }
        }
    }

    fn of_texts(
        &self,
        exposed: Option<&str>,
        unexposed: Option<&str>,
        histogram: bool,
        replies: &Replies,
    ) -> Result<LabelSeen, String> {
        let mut there = BTreeSet::new();
        let mut flaw = None;
        for (arm, text, needed) in [
            (Arm::Exposed, exposed, !self.compared),
            (Arm::Unexposed, unexposed, true),
        ] {
            let Some(text) = text else {
                continue;
            };
            let whose = |said: String| format!("the query of the {} arm: {said}", arm.key());
            let answer = answer(text, replies).map_err(whose)?;
            let series: Vec<&Returned> = answer.series.iter().filter(|one| is_there(one)).collect();
            if series.is_empty() {
                continue;
            }
            let numbers = series.iter().all(|one| one.histograms.is_empty());
            if histogram && numbers {
                flaw = flaw.or(bounds(series.iter().copied()));
            } else if let [_, _, ..] = series[..] {
                return Err(whose(too_many(&series, &[]).to_string()));
            } else if numbers
                && series[0]
                    .points
                    .iter()
                    .all(|point| !point.value.is_finite())
            {
                // An exposed arm without users divides by zero, as is to be expected.
                flaw = flaw.or((arm == Arm::Unexposed).then_some(Flaw::NoNumber));
            }
            if needed {
                there.insert(self.unexposed.to_string());
            }
        }
        if let Some(text) = self.any_metric()
            && !answer(&text, replies)?.series.is_empty()
        {
            there.insert(self.unexposed.to_string());
        }
        let latest = self.latest().map(|text| self.numbers(&text, replies));
        let values: Vec<String> = there.into_iter().collect();
        Ok(LabelSeen {
            last_seen: latest
                .filter(|_| values.is_empty())
                .and_then(|latest| latest.into_values().max()),
            recent: values.clone(),
            values,
            flaw,
            ..LabelSeen::default()
        })
    }

    /// True where what is needed has no fresh sample, as far as the server says.
    pub(super) fn is_stale(&self, selector: &str, shape: Shape, replies: &Replies) -> bool {
        let in_use = answer(&self.in_use(selector, shape), replies);
        let fresh = answer(&self.fresh(selector), replies);
        in_use.is_ok() && fresh.is_ok_and(|fresh| !self.is_met(&self.values(fresh)))
    }

    /// True where no series has the arms' label.
    pub(super) fn is_unlabelled(&self, selector: &str, shape: Shape, replies: &Replies) -> bool {
        answer(&self.in_use(selector, shape), replies).is_ok_and(|in_use| {
            let values = self.values(in_use);
            !values.is_empty() && values.iter().all(String::is_empty)
        })
    }

    fn is_met(&self, recent: &BTreeSet<String>) -> bool {
        if self.compared {
            recent.iter().any(|value| self.unexposed.matches(value))
        } else {
            !recent.is_empty()
        }
    }

    fn value(&self, series: &Returned) -> String {
        series.labels.get(&self.label).cloned().unwrap_or_default()
    }

    fn values(&self, answer: &Answer) -> BTreeSet<String> {
        let there = answer.series.iter().filter(|series| is_there(series));
        there.map(|series| self.value(series)).collect()
    }

    /// A whole number for each value of the label; none where the server does not say.
    fn numbers(&self, text: &str, replies: &Replies) -> BTreeMap<String, i64> {
        let Ok(answer) = answer(text, replies) else {
            return BTreeMap::new();
        };
        let number = |series: &Returned| {
            let value = series.points.last()?.value.round();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "counts and Unix seconds; a float saturates"
            )]
            value
                .is_finite()
                .then_some((self.value(series), value as i64))
        };
        answer.series.iter().filter_map(number).collect()
    }
}

/// An answer, or why there is none.
fn answer<'r>(text: &str, replies: &'r Replies) -> Result<&'r Answer, String> {
    match replies.get(text) {
        None => Err("it was not asked".to_owned()),
        Some(Err(error)) => Err(format!("failed to {error}")),
        Some(Ok(answer)) => match answer.warnings.first() {
            Some(warning) => Err(format!("the server calls its answer incomplete: {warning}")),
            None => Ok(answer),
        },
    }
}

fn is_there(series: &Returned) -> bool {
    !series.points.is_empty() || !series.histograms.is_empty()
}

/// What is wrong with the bounds of a classic histogram's series.
fn bounds<'s>(series: impl Iterator<Item = &'s Returned>) -> Option<Flaw> {
    let mut any = false;
    let (mut finite, mut infinite) = (false, false);
    for one in series {
        any = true;
        let bound = one.labels.get("le").and_then(|le| le.parse::<f64>().ok());
        finite |= bound.is_some_and(f64::is_finite);
        infinite |= bound == Some(f64::INFINITY);
    }
    match (finite, infinite) {
        (_, _) if !any => None,
        (false, false) => Some(Flaw::NoBounds),
        (false, true) => Some(Flaw::OnlyInfinite),
        (true, false) => Some(Flaw::NoInfinite),
        (true, true) => None,
    }
}
