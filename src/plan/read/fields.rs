//! Tables of the spanned TOML document, and the reader that notes mistakes: none stops the others,
//! so a file shows all its mistakes at once. Single values are read in `values`.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::words::{kind_of, listed, nearest};
use crate::plan::keys::key::{Key, Table};
use crate::plan::keys::tables::keys_of;
use crate::plan::model::{Column, Mistake, MistakeCode};
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
    keys: Vec<Key>,
    /// Where to point when a key is missing: the header, or the inline table.
    pub(in crate::plan) span: Range<usize>,
    /// What to call it in messages: "a stage", "guardrail `x`".
    pub(in crate::plan) what: String,
}

impl<'a> Fields<'a> {
    /// The value of a key, where it is written.
    pub(in crate::plan) fn get(&self, key: &Key) -> Option<&'a Spanned<DeValue<'a>>> {
        self.named(key.name)
    }

    /// The value of a column, where it is written.
    pub(in crate::plan) fn column(&self, column: Column) -> Option<&'a Spanned<DeValue<'a>>> {
        self.named(column.key())
    }

    fn named(&self, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(
            self.keys.iter().any(|key| key.name == name),
            "`{name}` is not declared for {}",
            self.what
        );
        self.table.get(name)
    }

    /// True when the key is written.
    pub(in crate::plan) fn has(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// The place of the key itself.
    pub(in crate::plan) fn key_span(&self, key: &Key) -> Option<Range<usize>> {
        self.span_of(key.name)
    }

    /// The place of a column's key.
    pub(in crate::plan) fn column_span(&self, column: Column) -> Option<Range<usize>> {
        self.span_of(column.key())
    }

    fn span_of(&self, name: &str) -> Option<Range<usize>> {
        self.table
            .iter()
            .find(|(key, _)| key.get_ref() == name)
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

    /// Opens a table with the keys declared for it; any other key is a mistake.
    pub(in crate::plan) fn open<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        span: Range<usize>,
        what: impl Into<String>,
        declared: &Table,
    ) -> Fields<'a> {
        self.open_keys(table, span, what, keys_of(declared))
    }

    /// Opens a table with these keys.
    pub(in crate::plan) fn open_keys<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        span: Range<usize>,
        what: impl Into<String>,
        keys: Vec<Key>,
    ) -> Fields<'a> {
        let what = what.into();
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        for entry in Fields::entries(table) {
            if names.contains(&entry.name) {
                continue;
            }
            let mistake = Mistake::error(
                MistakeCode::UnknownKey,
                entry.span,
                format!("`{}` is not a key of {what}", entry.name),
            )
            .label("unknown key");
            let unused = names.iter().copied();
            let unused = unused.filter(|name| !table.contains_key(*name));
            self.note(match nearest(entry.name, unused) {
                Some(near) => mistake.cure(format!("write `{near}`")),
                None => mistake.cure(format!("remove it; {what} has {}", listed(&names))),
            });
        }
        Fields {
            table,
            keys,
            span,
            what,
        }
    }

    /// Opens a value that must be a table with the keys declared for it.
    pub(in crate::plan) fn table<'a>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        what: &str,
        example: &str,
        declared: &Table,
    ) -> Option<Fields<'a>> {
        self.table_of(value, what, example, keys_of(declared))
    }

    /// Opens a value that must be a table with these keys.
    pub(in crate::plan) fn table_of<'a>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        what: &str,
        example: &str,
        keys: Vec<Key>,
    ) -> Option<Fields<'a>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, what, "a table", example);
            return None;
        };
        Some(self.open_keys(table, value.span(), what, keys))
    }

    /// A value that is not what its key takes.
    pub(in crate::plan) fn wrong_value(&mut self, value: &Spanned<DeValue<'_>>, key: &Key) {
        let what = format!("`{}`", key.name);
        self.wrong_type(value, &what, &key.shape.wanted(), &key.written());
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
                MistakeCode::WrongType,
                value.span(),
                format!("{what} must be {wanted}, not {}", kind_of(value.get_ref())),
            )
            .label(format!("expected {wanted}"))
            .cure(format!("write `{example}`")),
        );
    }

    /// A key that must be there.
    pub(in crate::plan) fn missing(&mut self, fields: &Fields<'_>, key: &Key) {
        self.missing_named(fields, key.name, key.cure());
    }

    /// A key that must be there, with a cure that depends on what else is written.
    pub(in crate::plan) fn missing_named(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        cure: impl Into<Cow<'static, str>>,
    ) {
        self.note(
            Mistake::error(
                MistakeCode::MissingKey,
                fields.span.clone(),
                format!("{} has no `{key}`", fields.what),
            )
            .label(format!("`{key}` is missing"))
            .cure(cure),
        );
    }

    /// A unit that could not be read.
    pub(in crate::plan) fn bad(&mut self, code: MistakeCode, span: Range<usize>, error: UnitError) {
        let UnitError { problem, cure } = error;
        self.note(Mistake::error(code, span, problem).cure(cure));
    }
}
