//! The template of a text file: text as it is, with the exposure filled in.

use super::word::{Word as _, words};
use crate::units::UnitError;

words! {
    /// What a template can be filled with.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Figure {
        /// Percent of exposed users: `0.5`.
        Exposed = "exposed",
        /// Percent of the others: `99.5`.
        Rest = "rest",
        /// Hundredths of a percent of exposed users: `50`.
        ExposedHundredths = "exposed_hundredths",
        /// Hundredths of a percent of the others: `9950`.
        RestHundredths = "rest_hundredths",
        /// Share of exposed users, 0 to 1: `0.005`.
        ExposedShare = "exposed_share",
        /// Share of the others, 0 to 1: `0.995`.
        RestShare = "rest_share",
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// A number that is filled in.
    Figure(Figure),
}

/// Text with at least one number to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads a template. What stands in braces and is no word, such as `{ "a": 1 }`, is text.
    ///
    /// # Errors
    /// When nothing is filled in, when a word in braces is not known, or when two numbers touch, so that
    /// they could not be read back.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text;
        while let Some((before, word, after)) = next_word(rest) {
            let Some(figure) = Figure::from_word(word) else {
                return Err(UnitError::new(
                    format!("a template cannot be filled with `{{{word}}}`"),
                    format!("write one of {}", braced()),
                ));
            };
            if before.is_empty() && matches!(pieces.last(), Some(Piece::Figure(_))) {
                return Err(UnitError::new(
                    format!("nothing stands between `{{{word}}}` and the number before it"),
                    "put a space or a sign between them, so that they can be read back",
                ));
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Figure(figure));
            rest = after;
        }
        if pieces.is_empty() {
            return Err(UnitError::new(
                "the template is the same at every exposure",
                format!("write where the exposure stands in it: one of {}", braced()),
            ));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { pieces })
    }

    /// What it consists of, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// The next word in braces, with what stands before and after it.
fn next_word(text: &str) -> Option<(&str, &str, &str)> {
    for (open, _) in text.match_indices('{') {
        let inside = &text[open + 1..];
        let letters = inside.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_');
        let word = &inside[..inside.len() - letters.len()];
        if let Some(after) = letters.strip_prefix('}').filter(|_| !word.is_empty()) {
            return Some((&text[..open], word, after));
        }
    }
    None
}

fn braced() -> String {
    let words: Vec<String> = Figure::words()
        .iter()
        .map(|word| format!("`{{{word}}}`"))
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_around_anything_but_a_word_are_text() {
        let template = Template::parse("{ \"a\": {exposed} }").unwrap();
        assert_eq!(
            template.pieces(),
            [
                Piece::Text("{ \"a\": ".into()),
                Piece::Figure(Figure::Exposed),
                Piece::Text(" }".into()),
            ]
        );
    }

    #[test]
    fn a_template_that_could_not_be_read_back_is_refused() {
        for bad in ["", "exposed", "{exposd}", "{exposed}{rest}", "{}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
