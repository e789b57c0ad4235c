//! The text of a target's file as documents, in the format that its name or its first letter says.

use super::node::Node;
use super::{json, yaml};
use crate::plan::Mistake;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Yaml,
}

impl Format {
    /// By the ending of the file's name; where it says nothing, by the first letter of the text.
    pub(super) fn of(file: &str, text: &str) -> Self {
        let ends = |endings: &[&str]| {
            let name = file.to_ascii_lowercase();
            endings.iter().any(|ending| name.ends_with(ending))
        };
        if ends(&[".yaml", ".yml"]) {
            Self::Yaml
        } else if ends(&[".json", ".jsonc"]) || without_mark(text).trim_start().starts_with('{') {
            Self::Json
        } else {
            Self::Yaml
        }
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

fn without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// The documents of a text; places are in bytes of the whole text.
///
/// # Errors
/// Where the text cannot be read.
pub(super) fn documents(text: &str, format: Format) -> Result<Vec<Node>, Box<Mistake>> {
    let body = without_mark(text);
    let mark = text.len() - body.len();
    let read = match format {
        Format::Json => json::document(body).map(|document| vec![document]),
        Format::Yaml => yaml::documents(body),
    };
    match read {
        Ok(mut documents) => {
            documents
                .iter_mut()
                .for_each(|document| document.shift(mark));
            Ok(documents)
        }
        Err(mut mistake) => {
            mistake.span = mistake.span.start + mark..mistake.span.end + mark;
            Err(mistake)
        }
    }
}

/// A comment or a comma that only lenient readers of JSON take.
pub(super) fn not_strict(text: &str) -> Option<Mistake> {
    let body = without_mark(text);
    let mark = text.len() - body.len();
    json::not_strict(body).map(|mut mistake| {
        mistake.span = mistake.span.start + mark..mistake.span.end + mark;
        mistake
    })
}
