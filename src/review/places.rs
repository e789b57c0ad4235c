//! Where things stand in a plan's text, after it was parsed without errors.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::plan::StateKey;

/// The text of a valid plan as a spanned table.
pub(super) struct Places<'t> {
    root: Spanned<DeTable<'t>>,
    start: usize,
    end: usize,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let (root, _) = DeTable::parse_recoverable(text);
        Self {
            root,
            start: text.len() - text.trim_start_matches('\u{feff}').len(),
            end: text.trim_end().len(),
        }
    }

    /// The end of the text.
    pub(super) fn end(&self) -> Range<usize> {
        self.end..self.end
    }

    /// The start of the text, where a key of the plan would be written.
    pub(super) fn start(&self) -> Range<usize> {
        self.start..self.start
    }

    /// The value of a key of the plan.
    pub(super) fn key(&self, key: &str) -> Option<Range<usize>> {
        self.root.get_ref().get(key).map(Spanned::span)
    }

    /// The value of a key of `[state]`, or its header, or the end of the text.
    pub(super) fn state(&self, key: StateKey) -> Range<usize> {
        self.root.get_ref().get("state").map_or_else(
            || self.end(),
            |state| inside(state, key.key()).unwrap_or_else(|| state.span()),
        )
    }

    /// The value of a key in one table of a list, or the table's header.
    pub(super) fn item(&self, list: &str, index: usize, key: &str) -> Range<usize> {
        self.nth(list, index).map_or_else(
            || self.end(),
            |item| inside(item, key).unwrap_or_else(|| item.span()),
        )
    }

    /// The first of these keys that is written in one table of a list, or the table's header.
    pub(super) fn item_any(&self, list: &str, index: usize, keys: &[&str]) -> Range<usize> {
        self.nth(list, index).map_or_else(
            || self.end(),
            |item| {
                keys.iter()
                    .find_map(|key| inside(item, key))
                    .unwrap_or_else(|| item.span())
            },
        )
    }

    /// The header of the last table of a list, or the end of the text.
    pub(super) fn last(&self, list: &str) -> Range<usize> {
        let array = self
            .root
            .get_ref()
            .get(list)
            .and_then(|l| l.get_ref().as_array());
        array
            .and_then(|array| array.iter().last())
            .map_or_else(|| self.end(), Spanned::span)
    }

    /// A value within a table of the plan, or the table's header.
    pub(super) fn within(&self, table: &str, key: &str) -> Option<Range<usize>> {
        let value = self.root.get_ref().get(table)?;
        Some(inside(value, key).unwrap_or_else(|| value.span()))
    }

    /// A key within a table of the shared settings, or the table's header, or the end of the text.
    pub(super) fn in_settings(&self, table: &str, key: &str) -> Range<usize> {
        self.within(table, key).unwrap_or_else(|| self.end())
    }

    /// The value at the end of a path through tables, or the last table on the way, or the end of
    /// the text.
    pub(super) fn deep(&self, path: &[&str]) -> Range<usize> {
        let mut table = Some(self.root.get_ref());
        let mut found = None;
        for key in path {
            let Some(value) = table.and_then(|table| table.get(*key)) else {
                break;
            };
            found = Some(value.span());
            table = value.get_ref().as_table();
        }
        found.unwrap_or_else(|| self.end())
    }

    fn nth(&self, list: &str, index: usize) -> Option<&Spanned<DeValue<'t>>> {
        self.root
            .get_ref()
            .get(list)?
            .get_ref()
            .as_array()?
            .get(index)
    }
}

fn inside(value: &Spanned<DeValue<'_>>, key: &str) -> Option<Range<usize>> {
    value.get_ref().as_table()?.get(key).map(Spanned::span)
}
