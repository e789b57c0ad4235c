//! YAML as trees with places, one a document.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::node::{Entry, Form, Node, Scalar, Value};
use crate::plan::{Mistake, MistakeCode};

/// So deep nobody writes, and a tree of this depth is walked and dropped without a thought for the stack.
const DEEPEST: usize = 200;

/// Every document of the text.
///
/// # Errors
/// Where the text is no YAML, with the place of the first fault.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, Box<Mistake>> {
    let places = Places::of(text);
    let mut builder = Builder {
        text,
        places: &places,
        open: Vec::new(),
        documents: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| builder.syntax(&error))?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

/// Where characters, which the parser counts, stand in bytes.
struct Places {
    /// The byte of each character, and of the end; `None` where every character is one byte.
    bytes: Option<Vec<usize>>,
    len: usize,
}

impl Places {
    fn of(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| {
            let starts = text.char_indices().map(|(at, _)| at);
            starts.chain([text.len()]).collect()
        });
        Self {
            bytes,
            len: text.len(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.bytes {
            None => character.min(self.len),
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.len),
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}

/// A map or a list that is not closed yet.
struct Open {
    start: usize,
    anchored: bool,
    inside: Inside,
}

enum Inside {
    Map {
        entries: Vec<Entry>,
        key: Option<(String, Range<usize>)>,
    },
    List(Vec<Node>),
}

struct Builder<'t> {
    text: &'t str,
    places: &'t Places,
    open: Vec<Open>,
    documents: Vec<Node>,
}

impl Builder<'_> {
    fn syntax(&self, error: &ScanError) -> Box<Mistake> {
        let at = self.places.byte(error.marker().index());
        self.fault(at, error.info())
    }

    fn fault(&self, at: usize, what: &str) -> Box<Mistake> {
        let end = self.text[at..]
            .chars()
            .next()
            .map_or(at, |c| at + c.len_utf8());
        Box::new(
            Mistake::error(MistakeCode::TargetSyntax, at..end, "the file is not YAML")
                .label(what)
                .cure("correct it by hand: nothing is written into a file that cannot be read. A template is rendered first, and its output is the target"),
        )
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Mistake>> {
        let span = self.places.range(span);
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
            Event::Alias(_) => self.put(Node {
                value: Value::Alias,
                span,
                anchored: false,
            }),
            Event::Scalar(value, style, anchor, tag) => {
                let scalar = self.scalar(&value, style, tag.is_some(), &span);
                self.put(Node {
                    value: Value::Scalar(scalar),
                    span,
                    anchored: anchor != 0,
                });
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(span.start, anchor, Inside::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, _) => {
                let inside = Inside::Map {
                    entries: Vec::new(),
                    key: None,
                };
                self.begin(span.start, anchor, inside)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end),
        }
        Ok(())
    }

    fn scalar(&self, value: &str, style: ScalarStyle, tagged: bool, span: &Range<usize>) -> Scalar {
        let inside = match style {
            ScalarStyle::Plain => span.clone(),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                span.start + 1..span.end.saturating_sub(1).max(span.start + 1)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => 0..0,
        };
        let token = Some(inside).filter(|at| self.text.get(at.clone()) == Some(value));
        let form = match style {
            _ if tagged => Form::Tagged,
            ScalarStyle::Plain => Form::Plain,
            ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded => Form::Quoted,
        };
        Scalar {
            text: value.to_owned(),
            form,
            token: token.filter(|at| !at.is_empty()),
        }
    }

    fn begin(&mut self, start: usize, anchor: usize, inside: Inside) -> Result<(), Box<Mistake>> {
        if self.open.len() >= DEEPEST {
            return Err(self.fault(start, "nested too deeply"));
        }
        self.open.push(Open {
            start,
            anchored: anchor != 0,
            inside,
        });
        Ok(())
    }

    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let value = match open.inside {
            Inside::Map { entries, .. } => Value::Map(entries),
            Inside::List(items) => Value::List(items),
        };
        // What ends by indentation ends with its last value, not where the next thing begins.
        let last = match &value {
            Value::Map(entries) => entries.last().map(|entry| entry.value.span.end),
            Value::List(items) => items.last().map(|item| item.span.end),
            Value::Scalar(_) | Value::Alias => None,
        };
        let closed = self.text[..end].ends_with(['}', ']']);
        let end = if closed { end } else { last.unwrap_or(end) };
        self.put(Node {
            value,
            span: open.start..end.max(open.start),
            anchored: open.anchored,
        });
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, node: Node) {
        let Some(top) = self.open.last_mut() else {
            self.documents.push(node);
            return;
        };
        match &mut top.inside {
            Inside::List(items) => items.push(node),
            Inside::Map { entries, key } => match key.take() {
                None => {
                    let name = node.text().unwrap_or_default().to_owned();
                    *key = Some((name, node.span));
                }
                Some((name, key_span)) => entries.push(Entry {
                    key: name,
                    key_span,
                    value: node,
                }),
            },
        }
    }
}
