//! Files that are written as a whole: what is written for an exposure, and the exposure for which a text
//! would have been written.

use std::ops::Range;

use super::preset::WholeFile;
use super::shown::Shown;
use super::unit::Number;
use crate::plan::{Figure, Mistake, MistakeCode, Piece};
use crate::units::Exposure;

/// The text for an exposure.
pub(super) fn write(file: &WholeFile, exposure: Exposure) -> String {
    let at_the_end = if exposure == Exposure::NONE {
        file.nobody.as_ref()
    } else if exposure == Exposure::FULL {
        file.everybody.as_ref()
    } else {
        None
    };
    let between = || {
        file.pieces
            .iter()
            .map(|piece| filled(piece, exposure))
            .collect()
    };
    at_the_end.cloned().unwrap_or_else(between)
}

/// The exposure for which this text was written.
pub(super) fn shows(file: &WholeFile, text: &str) -> Shown {
    let text = text.replace("\r\n", "\n");
    let written = |exposure: &Exposure| write(file, *exposure).replace("\r\n", "\n") == text;
    let ends = [Exposure::NONE, Exposure::FULL];
    let between = read(&file.pieces, &text);
    match ends.into_iter().chain(between).find(written) {
        Some(exposure) => Shown::Exposure(exposure),
        None => Shown::Unclear(Box::new(
            Mistake::error(
                MistakeCode::TargetEdited,
                line(&text),
                "the file is not as rollout writes it",
            )
            .label("written by somebody else")
            .cure("`rollout sync --force` writes it as a whole, and keeps nothing of it"),
        )),
    }
}

/// The first line, to point at.
fn line(text: &str) -> Range<usize> {
    0..text.find('\n').unwrap_or(text.len())
}

fn filled(piece: &Piece, exposure: Exposure) -> String {
    let hundredths = u64::from(exposure.hundredths());
    let number = |units, decimals| Number { units, decimals }.to_string();
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Figure(Figure::Exposed) => number(hundredths, 2),
        Piece::Figure(Figure::Rest) => number(10_000 - hundredths, 2),
        Piece::Figure(Figure::ExposedHundredths) => number(hundredths, 0),
        Piece::Figure(Figure::RestHundredths) => number(10_000 - hundredths, 0),
        Piece::Figure(Figure::ExposedShare) => number(hundredths, 4),
        Piece::Figure(Figure::RestShare) => number(10_000 - hundredths, 4),
    }
}

/// What the first number of the text says.
fn read(pieces: &[Piece], text: &str) -> Option<Exposure> {
    let mut rest = text;
    for piece in pieces {
        match piece {
            Piece::Text(text) => rest = rest.strip_prefix(text.replace("\r\n", "\n").as_str())?,
            Piece::Figure(figure) => {
                let number = Number::parse(leading(rest))?;
                return meant(*figure, number);
            }
        }
    }
    None
}

/// The number at the start: digits, and a point only where digits follow.
fn leading(text: &str) -> &str {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let decimals = text[whole..].strip_prefix('.').map_or(0, digits);
    if decimals == 0 {
        &text[..whole]
    } else {
        &text[..whole + 1 + decimals]
    }
}

fn meant(figure: Figure, number: Number) -> Option<Exposure> {
    const ONE: u128 = 1_000_000_000;
    let number = number.billionths();
    let hundredths = |number: u128| Exposure::from_hundredths(u16::try_from(number).ok()?);
    let others = |exposure: Exposure| Exposure::from_hundredths(10_000 - exposure.hundredths());
    match figure {
        Figure::Exposed => hundredths(number * 100 / ONE),
        Figure::Rest => hundredths(number * 100 / ONE).and_then(others),
        Figure::ExposedHundredths => hundredths(number / ONE),
        Figure::RestHundredths => hundredths(number / ONE).and_then(others),
        Figure::ExposedShare => hundredths(number * 10_000 / ONE),
        Figure::RestShare => hundredths(number * 10_000 / ONE).and_then(others),
    }
}
