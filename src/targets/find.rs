//! From the documents of a file to the numbers that split its users. What is not there, what is there twice
//! and what is written at another place is a mistake; nothing is guessed.

use super::arms::arms;
use super::node::Node;
use super::preset::{Arms, Numbers};
use super::split::Split;
use super::stand::{Stand, two_splits};
use super::walk::walk;
use crate::plan::{Mistake, MistakeCode};

/// Everything that splits the users: at least one, and exactly one where the preset says so.
///
/// # Errors
/// Where a step leads nowhere, or to two places of which only one can be meant.
pub(super) fn splits<'n>(
    numbers: &Numbers<'_>,
    documents: &'n [Node],
) -> Result<Vec<Split<'n>>, Box<Mistake>> {
    let documents: Vec<Stand<'_>> = documents.iter().map(Stand::document).collect();
    let mut found: Vec<(Stand<'n>, Split<'n>)> = Vec::new();
    let mut lost: Option<Box<Mistake>> = None;
    // Of several routes those that split at all say best what is missing.
    let mut astray: Option<Box<Mistake>> = None;
    for root in walk(documents, &numbers.root)? {
        let holders = match walk(vec![root.clone()], &numbers.within) {
            Ok(holders) => holders,
            // Of several routes some do not split.
            Err(mistake) if numbers.several && mistake.code == MistakeCode::TargetPlace => {
                astray.get_or_insert(mistake);
                continue;
            }
            Err(mistake) => return Err(mistake),
        };
        for holder in holders {
            match arms(&holder, &numbers.arms) {
                Ok((exposed, rest)) => found.push((
                    holder.clone(),
                    Split {
                        root: root.node,
                        holder: holder.node,
                        exposed,
                        rest,
                    },
                )),
                // Documents without the pointer, and routes that split between others.
                Err(mistake)
                    if mistake.code == MistakeCode::TargetPlace
                        && (numbers.several || is_pointer(&numbers.arms)) =>
                {
                    lost.get_or_insert(mistake);
                }
                Err(mistake) => return Err(mistake),
            }
        }
    }
    match found.as_slice() {
        [] => Err(lost
            .or_else(|| astray.map(|first| no_split(numbers, first)))
            .unwrap_or_else(|| {
                Box::new(Mistake::error(
                    MistakeCode::TargetPlace,
                    0..0,
                    "the file is empty",
                ))
            })),
        [(first, _), (second, _), ..] if !numbers.several => Err(two_splits(first, second)),
        _ => Ok(found.into_iter().map(|(_, split)| split).collect()),
    }
}

/// No route splits between anything.
fn no_split(numbers: &Numbers<'_>, mut first: Box<Mistake>) -> Box<Mistake> {
    if let (exposed, Some(rest)) = (numbers.arms.exposed(), numbers.arms.rest()) {
        first.message = format!("no route here splits users between `{exposed}` and `{rest}`");
        first.cure = Some(format!(
            "let one route lead to both, with a weight of 0 for `{exposed}`"
        ));
    }
    first
}

const fn is_pointer(arms: &Arms<'_>) -> bool {
    match arms {
        Arms::Pointers { .. } => true,
        Arms::Pairs { .. }
        | Arms::Names { .. }
        | Arms::Members { .. }
        | Arms::Alone { .. }
        | Arms::Rule { .. } => false,
    }
}
