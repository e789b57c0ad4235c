//! What several plans ask alike, and over which blocks. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::increments::Counter;
use super::query::Question;
use super::reply::Reply;
use super::{Grid, QueryError};

/// What makes two questions the same: the counter, or the text, the length of the blocks, and the end of the
/// first block of those that are asked about at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) counter: Option<Arc<Counter>>,
    pub(super) text: Arc<str>,
    pub(super) block: u32,
    pub(super) first: i64,
}

impl Key {
    pub(super) fn of(question: &Question, grid: &Grid) -> Self {
        Self {
            counter: question.counter.clone(),
            text: question.text.clone(),
            block: grid.block().seconds(),
            first: grid.first(),
        }
    }

    /// What is asked about with the blocks from the first of these on.
    pub(super) fn among<'e>(
        &self,
        entries: &'e BTreeMap<Self, Entry>,
    ) -> Option<(&'e Self, &'e Entry)> {
        let before = entries.range(..=self).next_back();
        before.filter(|(key, _)| {
            let Self {
                counter,
                text,
                block,
                first: _,
            } = key;
            (counter, text, block) == (&self.counter, &self.text, &self.block)
        })
    }
}

/// Over which blocks a question is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// What a decision needs.
    pub(super) stage: Grid,
    /// Which blocks are wanted by groups of instances, too: of a stage its first ones and one before them, of
    /// the past all.
    pub(super) past: Option<Grid>,
    /// Over which of those each instance is added up.
    pub(super) sums: Option<Grid>,
}

impl Extent {
    fn union(self, other: Self) -> Self {
        Self {
            stage: self.stage.union(&other.stage),
            past: match (self.past, other.past) {
                (Some(one), Some(other)) => Some(one.union(&other)),
                (one, other) => one.or(other),
            },
            sums: self.sums,
        }
    }
}

/// A question of one plan or of several, and what came back.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) extent: Extent,
    /// Of all plans: where each instance is added up, each once.
    pub(super) sums: Vec<Grid>,
    /// Of all plans: where groups of instances are, each once.
    pub(super) parts: Vec<Grid>,
    /// How many plans still wait for it.
    pub(super) wanted: usize,
    pub(super) reply: Option<Result<Reply, QueryError>>,
}

impl Entry {
    /// What several plans ask alike, in order: about blocks that overlap or follow one another at once, and
    /// about others apart, since nobody asks about those between.
    pub(super) fn of_all(mut extents: Vec<Extent>) -> Vec<Self> {
        extents.sort_by_key(|extent| extent.stage.first());
        let mut entries: Vec<Self> = Vec::new();
        for extent in extents {
            let goes_on = |entry: &Self| extent.stage.follows(&entry.extent.stage);
            if !entries.last().is_some_and(goes_on) {
                entries.push(Self {
                    extent,
                    sums: Vec::new(),
                    parts: Vec::new(),
                    wanted: 0,
                    reply: None,
                });
            }
            if let Some(entry) = entries.last_mut() {
                entry.add(extent);
            }
        }
        entries
    }

    /// One more plan asks for it.
    fn add(&mut self, extent: Extent) {
        self.extent = self.extent.union(extent);
        self.wanted += 1;
        let lists = [&mut self.sums, &mut self.parts];
        for (list, grid) in lists.into_iter().zip([extent.sums, extent.past]) {
            if let Some(grid) = grid.filter(|grid| !list.contains(grid)) {
                list.push(grid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Period;

    const BLOCK: Period = Period::from_minutes(5);

    /// The blocks of these hours, which are their own past.
    fn hours(from: i64, until: i64) -> Extent {
        let grid = Grid::of_ends(from * 3_600 + 300, until * 3_600, BLOCK);
        Extent {
            stage: grid,
            past: Some(grid),
            sums: Some(grid),
        }
    }

    #[test]
    fn alike_questions_about_times_apart_are_asked_apart() {
        let all = [hours(200, 272), hours(0, 72), hours(24, 96), hours(96, 168)];
        let entries = Entry::of_all(all.to_vec());
        let asked: Vec<_> = entries
            .iter()
            .map(|entry| (entry.extent.stage, entry.wanted, entry.parts.len()))
            .collect();
        let [early, late] = [hours(0, 168).stage, hours(200, 272).stage];
        assert_eq!(asked, [(early, 3, 3), (late, 1, 1)]);
    }

    #[test]
    fn each_plan_finds_its_part_of_what_is_asked() {
        let key = |text: &str, extent: Extent| Key {
            counter: None,
            text: text.into(),
            block: BLOCK.seconds(),
            first: extent.stage.first(),
        };
        let all = [
            ("a", hours(0, 168)),
            ("a", hours(200, 272)),
            ("c", hours(0, 72)),
        ];
        let mut entries = BTreeMap::new();
        for (text, extent) in all {
            let of_all = Entry::of_all(vec![extent]).into_iter();
            entries.extend(of_all.map(|entry| (key(text, extent), entry)));
        }
        let found = |text: &str, extent: Extent| {
            let found = key(text, extent).among(&entries);
            found.map(|(_, entry)| entry.extent.stage)
        };
        assert_eq!(found("a", hours(24, 96)), Some(hours(0, 168).stage));
        assert_eq!(found("a", hours(200, 201)), Some(hours(200, 272).stage));
        assert_eq!(found("b", hours(24, 96)), None);
        assert_eq!(found("c", hours(24, 96)), Some(hours(0, 72).stage));
    }
}
