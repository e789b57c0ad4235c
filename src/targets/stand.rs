//! A place of a document with the way to it, and what is said where the way ends.

use std::ops::Range;

use super::node::{Entry, Node, Value};
use crate::plan::{Mistake, MistakeCode, listed, nearest};

/// So many names are offered when one is not found.
const OFFERED: usize = 8;

/// A place of a document, and how it was reached.
#[derive(Debug, Clone)]
pub(super) struct Stand<'n> {
    pub(super) node: &'n Node,
    /// Where to point: the key that led here.
    pub(super) at: Range<usize>,
    /// Something on the way here has an anchor.
    shared: bool,
    /// The keys and positions that led here, for a sentence.
    path: Vec<String>,
}

impl<'n> Stand<'n> {
    pub(super) fn document(node: &'n Node) -> Self {
        Self {
            node,
            at: node.span.start..node.span.start,
            shared: node.anchored,
            path: Vec::new(),
        }
    }

    pub(super) fn further(&self, node: &'n Node, at: Range<usize>, step: &str) -> Self {
        let mut path = self.path.clone();
        path.push(step.to_owned());
        Self {
            node,
            at,
            shared: self.shared || node.anchored,
            path,
        }
    }

    pub(super) fn at_entry(&self, entry: &'n Entry) -> Self {
        self.further(&entry.value, entry.key_span.clone(), &entry.key)
    }

    pub(super) fn at_item(&self, index: usize, item: &'n Node) -> Self {
        let start = item.span.start;
        self.further(item, start..start, &index.to_string())
    }

    /// What this place is called.
    pub(super) fn name(&self) -> String {
        if self.path.is_empty() {
            "the file".into()
        } else {
            format!("`{}`", self.path.join("."))
        }
    }

    /// The value of a key.
    pub(super) fn key(&self, key: &str) -> Result<Self, Box<Mistake>> {
        self.is_written_here()?;
        let mut entries = self.node.entries().iter().filter(|entry| entry.key == key);
        let Some(entry) = entries.next() else {
            return Err(self.without(key));
        };
        match entries.next() {
            None => Ok(self.at_entry(entry)),
            Some(again) => Err(twice(
                &format!("`{key}`"),
                entry.key_span.clone(),
                again.key_span.clone(),
            )),
        }
    }

    /// The value of a key or of a position.
    pub(super) fn key_or_position(&self, step: &str) -> Result<Self, Box<Mistake>> {
        match &self.node.value {
            Value::List(items) => {
                let index = step.parse::<usize>().ok();
                let item = index.and_then(|index| Some((index, items.get(index)?)));
                item.map(|(index, item)| self.at_item(index, item))
                    .ok_or_else(|| {
                        let there = format!("it has {} items, counted from 0", items.len());
                        self.absent(&format!("has no item `{step}`"), there)
                    })
            }
            Value::Map(_) | Value::Scalar(_) | Value::Alias => self.key(step),
        }
    }

    /// An alias stands for what is written elsewhere, and changing that changes every use.
    pub(super) fn is_written_here(&self) -> Result<(), Box<Mistake>> {
        let problem = match &self.node.value {
            Value::Alias => "is an alias: its numbers are written at another place",
            _ if self.shared => "has an anchor: other places may use its numbers, too",
            Value::Map(_) | Value::List(_) | Value::Scalar(_) => return Ok(()),
        };
        Err(Box::new(
            Mistake::error(
                MistakeCode::TargetNumber,
                self.node.span.clone(),
                format!("{} {problem}", self.name()),
            )
            .cure("write the value out here, without `&` and `*`"),
        ))
    }

    pub(super) fn without(&self, key: &str) -> Box<Mistake> {
        let names: Vec<&str> = self.node.entries().iter().map(|e| e.key.as_str()).collect();
        let cure = match nearest(key, names.iter().copied()) {
            Some(near) => format!("the file has `{near}`"),
            None if names.is_empty() => {
                format!("write `{key}` into the file, or correct the target in the plan")
            }
            None => format!("it has {}", offered(&names)),
        };
        self.absent(&format!("has no `{key}`"), cure)
    }

    pub(super) fn absent(&self, what: &str, cure: impl Into<String>) -> Box<Mistake> {
        Box::new(
            Mistake::error(
                MistakeCode::TargetPlace,
                self.at.clone(),
                format!("{} {what}", self.name()),
            )
            .cure(Into::<String>::into(cure)),
        )
    }
}

pub(super) fn offered(names: &[&str]) -> String {
    match names.split_at_checked(OFFERED) {
        Some((first, [_, ..])) => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and {} more", first.join(", "), names.len() - OFFERED)
        }
        Some((_, [])) | None => listed(names),
    }
}

/// Two places that split the users of one flag, where one is written: each may be meant.
pub(super) fn two_splits(first: &Stand<'_>, second: &Stand<'_>) -> Box<Mistake> {
    Box::new(
        Mistake::error(
            MistakeCode::TargetAmbiguous,
            second.at.clone(),
            format!(
                "{} and {} both share out users of the flag: which one is meant?",
                first.name(),
                second.name()
            ),
        )
        .label("the second")
        .related(first.at.clone(), "the first")
        .cure("leave one of them; a plain number can be named by its place, with a target of kind `json` or `yaml`"),
    )
}

pub(super) fn twice(name: &str, first: Range<usize>, second: Range<usize>) -> Box<Mistake> {
    Box::new(
        Mistake::error(
            MistakeCode::TargetAmbiguous,
            second,
            format!("{name} is there twice: which one is meant?"),
        )
        .label("again")
        .related(first, "first here")
        .cure("remove one of the two"),
    )
}
