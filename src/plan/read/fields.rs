//! Tables of the spanned TOML document, and the reader that notes mistakes: none stops the others,
//! so a file shows all its mistakes at once. Single values are read in `values`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::words::{kind_of, listed, nearest};
use crate::plan::model::Mistake;
use crate::units::UnitError;

/// A value with its place.
#[derive(Debug, Clone)]
pub(in crate::plan) struct At<T> {
    /// The value.
    pub(in crate::plan) value: T,
    /// Its place in the text.
    pub(in crate::plan) span: Range<usize>,
}

/// A table whose keys are known.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Fields<'a> {
    table: &'a DeTable<'a>,
    keys: &'static [&'static str],
    /// Where to point when a key is missing: the header, or the inline table.
    pub(in crate::plan) span: Range<usize>,
    /// What to call it in messages: "a stage", "guardrail `x`".
    pub(in crate::plan) what: String,
}

impl<'a> Fields<'a> {
    /// The value of a key, where it is written.
    pub(in crate::plan) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.keys.contains(&key), "`{key}` is not a declared key");
        self.table.get(key)
    }

    /// True when the key is written.
    pub(in crate::plan) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The place of the key itself.
    pub(in crate::plan) fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table
            .iter()
            .find(|(k, _)| k.get_ref() == key)
            .map(|(k, _)| k.span())
    }

    /// Every entry, in the order of the text, for tables whose keys are names.
    pub(in crate::plan) fn entries(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| Entry {
                name: key.get_ref().as_ref(),
                span: key.span(),
                value,
            })
            .collect();
        entries.sort_by_key(|entry| entry.span.start);
        entries
    }
}

/// One entry of a table whose keys are names.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Entry<'a> {
    /// The key.
    pub(in crate::plan) name: &'a str,
    /// The key's place.
    pub(in crate::plan) span: Range<usize>,
    /// The value.
    pub(in crate::plan) value: &'a Spanned<DeValue<'a>>,
}

/// Collects the mistakes while values are read.
#[derive(Debug, Default)]
pub(in crate::plan) struct Reader {
    /// So far.
    pub(in crate::plan) mistakes: Vec<Mistake>,
}

impl Reader {
    /// Notes a mistake.
    pub(in crate::plan) fn note(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Opens a table with these keys; any other key is a mistake.
    pub(in crate::plan) fn open<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        span: Range<usize>,
        what: impl Into<String>,
        keys: &'static [&'static str],
    ) -> Fields<'a> {
        let what = what.into();
        for entry in Fields::entries(table) {
            if keys.contains(&entry.name) {
                continue;
            }
            let mistake = Mistake::error(
                "unknown-key",
                entry.span,
                format!("`{}` is not a key of {what}", entry.name),
            )
            .label("unknown key");
            let unused: Vec<&str> = keys
                .iter()
                .copied()
                .filter(|key| !table.contains_key(*key))
                .collect();
            self.note(match nearest(entry.name, unused) {
                Some(near) => mistake.cure(format!("write `{near}`")),
                None => mistake.cure(format!("remove it; {what} has {}", listed(keys))),
            });
        }
        Fields {
            table,
            keys,
            span,
            what,
        }
    }

    /// Opens a value that must be a table with these keys.
    pub(in crate::plan) fn table<'a>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        what: &str,
        example: &str,
        keys: &'static [&'static str],
    ) -> Option<Fields<'a>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, what, "a table", example);
            return None;
        };
        Some(self.open(table, value.span(), what, keys))
    }

    /// A value of the wrong type.
    pub(in crate::plan) fn wrong_type(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        wanted: &str,
        example: &str,
    ) {
        self.note(
            Mistake::error(
                "wrong-type",
                value.span(),
                format!("{what} must be {wanted}, not {}", kind_of(value.get_ref())),
            )
            .label(format!("expected {wanted}"))
            .cure(format!("write `{example}`")),
        );
    }

    /// A key that must be there.
    pub(in crate::plan) fn missing(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        cure: impl Into<String>,
    ) {
        self.note(
            Mistake::error(
                "missing-key",
                fields.span.clone(),
                format!("{} has no `{key}`", fields.what),
            )
            .label(format!("`{key}` is missing"))
            .cure(cure),
        );
    }

    /// A unit that could not be read.
    pub(in crate::plan) fn bad(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        error: UnitError,
    ) {
        let UnitError { problem, cure } = error;
        self.note(Mistake::error(code, span, problem).cure(cure));
    }
}
