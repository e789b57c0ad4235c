//! Numbers in a file that is somebody's own otherwise: what they show, and the text with others. Only
//! the tokens of the numbers are replaced.

use std::ops::Range;

use super::beside::{Beside, Reach, Scene};
use super::documents::{Format, documents, not_strict};
use super::find::splits;
use super::node::{Form, Node, Value};
use super::preset::{Numbers, Off};
use super::shown::Shown;
use super::split::Split;
use super::unit::{Number, Unit, Whole, exposure_of};
use crate::plan::{Mistake, MistakeCode};
use crate::units::Exposure;

/// A number of a file, with the place of its token.
#[derive(Debug, Clone)]
struct Token {
    number: Number,
    at: Range<usize>,
}

/// What the numbers say.
///
/// # Errors
/// Where they cannot be found, or are no plain numbers.
pub(super) fn shows(numbers: &Numbers<'_>, file: &str, text: &str) -> Result<Shown, Box<Mistake>> {
    let documents = read(numbers, file, text)?;
    let splits = splits(numbers, &documents)?;
    let shown = exposure(numbers, &splits)?;
    let beside = beside(numbers, &documents, &splits);
    let for_all = beside.iter().find(|one| one.reach == Reach::Everybody);
    Ok(match (shown, for_all) {
        (Shown::Exposure(shown), Some(one)) => Shown::Overruled(shown, Box::new(one.mistake())),
        // The numbers must be there all the same: somebody will switch it on again.
        _ if all_off(numbers, &splits) => Shown::Off,
        (shown, _) => shown,
    })
}

/// The text with the numbers of another exposure.
///
/// # Errors
/// As [`shows`], and where the new text would not show the exposure.
pub(super) fn write(
    numbers: &Numbers<'_>,
    file: &str,
    text: &str,
    wanted: Exposure,
) -> Result<String, Box<Mistake>> {
    let documents = read(numbers, file, text)?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for split in splits(numbers, &documents)? {
        let unit = (numbers.unit_in)(numbers.unit, &split);
        let exposed = token(split.exposed, unit)?;
        let rest = split.rest.map(|rest| token(rest, unit)).transpose()?;
        let present = (exposed.number, rest.as_ref().map(|rest| rest.number));
        let Some((of_exposed, of_rest)) = unit.numbers(wanted, present) else {
            return Err(unproven(exposed.at));
        };
        let tokens = [
            Some((exposed, of_exposed)),
            rest.map(|rest| (rest, of_rest)),
        ];
        for (token, number) in tokens.into_iter().flatten() {
            // What says the same stays as it is written.
            if token.number.billionths() != number.billionths() {
                edits.push((token.at, number.to_string()));
            }
        }
    }
    let new = replaced(text, edits);
    // What was written is read back, by the same way through the new text.
    let documents = read(numbers, file, &new)?;
    let splits = splits(numbers, &documents)?;
    match exposure(numbers, &splits)? {
        Shown::Exposure(shown) if Ok(shown) == attainable(numbers, &splits, wanted) => Ok(new),
        Shown::Exposure(_) | Shown::Off | Shown::Overruled(..) | Shown::Unclear(_) => {
            Err(unproven(0..0))
        }
    }
}

/// The largest exposure that a text can show without exceeding this one.
///
/// # Errors
/// Where that would be nobody: the least that it can show.
pub(super) fn attainable_in(
    numbers: &Numbers<'_>,
    file: &str,
    text: &str,
    wanted: Exposure,
) -> Result<Exposure, Exposure> {
    let documents = read(numbers, file, text).unwrap_or_default();
    let splits = splits(numbers, &documents).unwrap_or_default();
    attainable(numbers, &splits, wanted)
}

fn attainable(
    numbers: &Numbers<'_>,
    splits: &[Split<'_>],
    wanted: Exposure,
) -> Result<Exposure, Exposure> {
    let mut shown = numbers
        .unit
        .attainable(wanted)
        .ok_or(numbers.unit.least())?;
    for split in splits {
        let unit = (numbers.unit_in)(numbers.unit, split);
        shown = shown.min(unit.attainable(wanted).ok_or(unit.least())?);
    }
    Ok(shown)
}

/// Where the numbers stand; nowhere where they cannot be found.
pub(super) fn places(numbers: &Numbers<'_>, file: &str, text: &str) -> Vec<Range<usize>> {
    let documents = read(numbers, file, text).unwrap_or_default();
    let splits = splits(numbers, &documents).unwrap_or_default();
    let nodes = splits
        .iter()
        .flat_map(|split| [Some(split.exposed), split.rest]);
    nodes.flatten().map(|node| node.span.clone()).collect()
}

/// What beside the numbers decides who is exposed, and a flag that is switched off.
pub(super) fn faults(numbers: &Numbers<'_>, file: &str, text: &str) -> Vec<Mistake> {
    let Ok(documents) = read(numbers, file, text) else {
        return Vec::new();
    };
    let Ok(splits) = splits(numbers, &documents) else {
        return Vec::new();
    };
    let beside = beside(numbers, &documents, &splits);
    let for_all = beside.iter().any(|one| one.reach == Reach::Everybody);
    let mut found: Vec<Mistake> = beside.iter().map(Beside::mistake).collect();
    if numbers.strict && Format::of(file, text) == Format::Json {
        found.extend(not_strict(text));
    }
    for split in &splits {
        found.extend((numbers.faults)(split.root, split.holder));
        // Nobody would be a wrong word where it is everybody.
        found.extend(off(numbers, split.root).filter(|_| !for_all));
    }
    found.extend(other_resource(numbers, &splits));
    found
}

/// Everything beside the numbers that gives users the change.
fn beside(numbers: &Numbers<'_>, documents: &[Node], splits: &[Split<'_>]) -> Vec<Beside> {
    (numbers.beside)(&Scene {
        documents,
        splits,
        exposed: numbers.arms.exposed(),
        rest: numbers.arms.rest(),
        is_off: all_off(numbers, splits),
    })
}

fn all_off(numbers: &Numbers<'_>, splits: &[Split<'_>]) -> bool {
    splits.iter().all(|split| is_off(numbers, split.root))
}

/// Two resources that split between the same two names, where the target names none: they are moved
/// together, and may belong to two services.
fn other_resource(numbers: &Numbers<'_>, splits: &[Split<'_>]) -> Option<Mistake> {
    let first = splits.first().filter(|_| numbers.one_resource)?;
    let other = splits
        .iter()
        .find(|split| split.root.span != first.root.span)?;
    let mistake = Mistake::error(
        MistakeCode::TargetAmbiguous,
        other.root.span.start..other.root.span.start,
        "two resources split between these two: which one is meant?",
    )
    .label("the other one")
    .related(first.root.span.start..first.root.span.start, "first here");
    Some(mistake.cure("write the `name` of the resource into the target; resources of one name into files of their own"))
}

fn off(numbers: &Numbers<'_>, root: &Node) -> Option<Mistake> {
    let (key, cure) = match numbers.off? {
        Off::With(key, word) => (
            key,
            format!("write another word than `{word}`, or leave `{key}` out"),
        ),
        Off::Without(key, word) => (key, format!("write `{key}` with `{word}`")),
    };
    is_off(numbers, root).then(|| {
        let at = root
            .get(key)
            .map_or_else(|| root.span.clone(), |value| value.span.clone());
        Mistake::warning(
            MistakeCode::TargetOff,
            at,
            "the flag is switched off: nobody is exposed, whatever its numbers say",
        )
        .cure(cure)
    })
}

fn read(numbers: &Numbers<'_>, file: &str, text: &str) -> Result<Vec<Node>, Box<Mistake>> {
    let format = numbers.format.unwrap_or_else(|| Format::of(file, text));
    documents(text, format)
}

fn unproven(at: Range<usize>) -> Box<Mistake> {
    Box::new(
        Mistake::error(
            MistakeCode::TargetNumbers,
            at,
            "the new numbers would not show the exposure",
        )
        .cure("nothing was written; report this with the file"),
    )
}

fn is_off(numbers: &Numbers<'_>, root: &Node) -> bool {
    match numbers.off {
        None => false,
        Some(Off::With(key, word)) => root.text_at(&[key]) == Some(word),
        Some(Off::Without(key, word)) => root.text_at(&[key]) != Some(word),
    }
}

/// What all say alike, or why they say nothing.
fn exposure(numbers: &Numbers<'_>, splits: &[Split<'_>]) -> Result<Shown, Box<Mistake>> {
    let mut first: Option<(Exposure, Range<usize>)> = None;
    for split in splits {
        let unit = (numbers.unit_in)(numbers.unit, split);
        let exposed = token(split.exposed, unit)?;
        let rest = split.rest.map(|rest| token(rest, unit)).transpose()?;
        let shown = match share(unit, &exposed, rest.as_ref()) {
            Ok(shown) => shown,
            Err(mistake) => return Ok(Shown::Unclear(mistake)),
        };
        let (other, at) = first.get_or_insert((shown, exposed.at.clone()));
        if *other != shown {
            return Ok(Shown::Unclear(Box::new(
                Mistake::error(
                    MistakeCode::TargetNumbers,
                    exposed.at,
                    format!("{shown} are exposed here, {other} at another place"),
                )
                .related(at.clone(), "the other place")
                .cure("`rollout sync --force` writes the same at both"),
            )));
        }
    }
    let (shown, _) = first.ok_or_else(|| unproven(0..0))?;
    Ok(Shown::Exposure(shown))
}

/// The share that two numbers make.
fn share(unit: Unit, exposed: &Token, rest: Option<&Token>) -> Result<Exposure, Box<Mistake>> {
    let unclear = |at: &Token, message: String, cure: &str| {
        Box::new(
            Mistake::error(MistakeCode::TargetNumbers, at.at.clone(), message)
                .cure(format!("{cure}; `rollout sync --force` does it")),
        )
    };
    if unit.decimals == 0 {
        let fraction = [Some(exposed), rest]
            .into_iter()
            .flatten()
            .find(|token| token.number.whole_units().is_none());
        if let Some(token) = fraction {
            return Err(unclear(
                token,
                format!(
                    "{} is no whole number: what reads it may take it as nobody",
                    token.number
                ),
                "write whole numbers",
            ));
        }
    }
    let mut part = exposed.number.billionths();
    let other = rest.map(|rest| rest.number.billionths());
    let whole = match unit.whole {
        Whole::Sum | Whole::HashedSum => part + other.unwrap_or_default(),
        Whole::Fixed(whole) => {
            let whole = Number {
                units: u64::from(whole),
                decimals: 0,
            };
            if let (Some(rest), Some(other)) = (rest, other)
                && part + other != whole.billionths()
            {
                return Err(unclear(
                    rest,
                    format!(
                        "{} and {} do not add up to {whole}",
                        exposed.number, rest.number
                    ),
                    "let both add up",
                ));
            }
            whole.billionths()
        }
        Whole::Groups(groups) => {
            const ONE: u128 = 1_000_000_000;
            let groups = u128::from(groups);
            // The group that is named is exposed, too.
            if (1..=ONE).contains(&part) {
                part = (part * groups / ONE + 1).min(groups);
            }
            groups
        }
    };
    exposure_of(part, whole).ok_or_else(|| {
        let message = if whole == 0 {
            "nobody is on either side".to_owned()
        } else {
            format!("{} is more than everybody", exposed.number)
        };
        unclear(exposed, message, "write a share of all")
    })
}

/// The plain number that a value is.
fn token(node: &Node, unit: Unit) -> Result<Token, Box<Mistake>> {
    let refused = |what: &str, cure: &str| {
        Box::new(
            Mistake::error(
                MistakeCode::TargetNumber,
                node.span.clone(),
                format!("{what} stands where the exposure belongs"),
            )
            .label("not a plain number")
            .cure(cure.to_owned()),
        )
    };
    let plain =
        "write a plain number such as `5`, without a sign, an exponent or a template around it";
    let scalar = match &node.value {
        Value::Scalar(scalar) => scalar,
        Value::Map(_) => return Err(refused("a map, or a template", plain)),
        Value::List(_) => return Err(refused("a list", plain)),
        Value::Alias => return Err(refused("an alias", plain)),
    };
    match scalar.form {
        Form::Plain => {}
        Form::Quoted if unit.in_quotes => {}
        Form::Quoted => {
            return Err(refused(
                "a text in quotes",
                "write the number without quotes",
            ));
        }
        Form::Tagged => {
            return Err(refused(
                "a value with a tag",
                "write the number without a tag",
            ));
        }
    }
    match (Number::parse(&scalar.text), &scalar.token) {
        (Some(number), Some(at)) => Ok(Token {
            number,
            at: at.clone(),
        }),
        (None, _) | (_, None) => {
            let written = scalar.text.chars().take(40).collect::<String>();
            let what = match written.as_str() {
                "" => "nothing".to_owned(),
                _ => format!("`{}`", written.escape_debug()),
            };
            Err(refused(&what, plain))
        }
    }
}

/// The text with other tokens at these places.
fn replaced(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(at, _)| at.start);
    let mut out = String::with_capacity(text.len() + edits.len());
    let mut end = 0;
    for (at, token) in edits {
        out.push_str(&text[end..at.start]);
        out.push_str(&token);
        end = at.end;
    }
    out.push_str(&text[end..]);
    out
}
