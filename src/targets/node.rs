//! A document as a tree whose every value knows its place in the text, the same for JSON and YAML.
//! Nothing is dropped that could make a number mean two things: equal keys stay side by side, and an
//! alias stays one.

use std::ops::Range;

/// A value and where it stands, in bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: Range<usize>,
    /// True where other places of the text refer to this value, or may: it has an anchor.
    pub(super) anchored: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Keys with values, in the order of the text; equal keys are not merged.
    Map(Vec<Entry>),
    /// Values in order.
    List(Vec<Node>),
    /// Anything else.
    Scalar(Scalar),
    /// What is written at another place.
    Alias,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// As the file means it, without quotes.
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: Node,
}

/// A text, a number, a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    /// As the file means it, without quotes.
    pub(super) text: String,
    pub(super) form: Form,
    /// Where `text` stands in the file letter by letter, without quotes; `None` where it is written in
    /// another way, with escapes or over several lines.
    pub(super) token: Option<Range<usize>>,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Without quotes.
    Plain,
    /// With quotes, or as a block.
    Quoted,
    /// With a tag that says what it is.
    Tagged,
}

impl Node {
    /// Its text, where it is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            Value::Map(_) | Value::List(_) | Value::Alias => None,
        }
    }

    /// Its keys; none where it is no map.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::List(_) | Value::Scalar(_) | Value::Alias => &[],
        }
    }

    /// Its items; none where it is no list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Map(_) | Value::Scalar(_) | Value::Alias => &[],
        }
    }

    /// The value of a key; of equal ones the first.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key with its value; of equal ones the first.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value at the end of these keys.
    pub(super) fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text at the end of these keys.
    pub(super) fn text_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.text()
    }

    /// Moves every place so many bytes back.
    pub(super) fn shift(&mut self, by: usize) {
        if by == 0 {
            return;
        }
        let moved = |span: &Range<usize>| span.start + by..span.end + by;
        self.span = moved(&self.span);
        match &mut self.value {
            Value::Map(entries) => {
                for entry in entries {
                    entry.key_span = moved(&entry.key_span);
                    entry.value.shift(by);
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Value::Scalar(scalar) => scalar.token = scalar.token.as_ref().map(moved),
            Value::Alias => {}
        }
    }
}
