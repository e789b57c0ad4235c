//! The steps through a document, each from some places to others.

use super::node::Node;
use super::preset::{Step, Ways};
use super::stand::{Stand, offered};
use crate::plan::{Mistake, MistakeCode, listed, nearest};

/// Everything at the end of the steps; at least one place.
pub(super) fn walk<'n>(
    from: Vec<Stand<'n>>,
    steps: &[Step<'_>],
) -> Result<Vec<Stand<'n>>, Box<Mistake>> {
    steps
        .iter()
        .try_fold(from, |stands, step| one(&stands, *step))
}

fn one<'n>(stands: &[Stand<'n>], step: Step<'_>) -> Result<Vec<Stand<'n>>, Box<Mistake>> {
    let mut found = Vec::new();
    let mut lost = None;
    for stand in stands {
        stand.is_written_here()?;
        let further = match step {
            Step::Key(key) => stand.key(key).map(|next| vec![next]),
            Step::Spelled(spellings) => {
                let spelled = spellings.iter().find(|key| stand.node.get(key).is_some());
                let key = spelled.or(spellings.first()).copied().unwrap_or_default();
                stand.key(key).map(|next| vec![next])
            }
            Step::Each => {
                let items = stand.node.items().iter().enumerate();
                let items: Vec<_> = items.map(|(i, item)| stand.at_item(i, item)).collect();
                some(items, || {
                    stand.absent("is no list, or an empty one", "write a list")
                })
            }
            Step::Below(key) => {
                let mut below = Vec::new();
                collect(stand, key, &mut below);
                some(below, || {
                    let cure = format!("write `{key}` there, or correct the target in the plan");
                    stand.absent(&format!("has no `{key}`, however deep"), cure)
                })
            }
            Step::Where(ways, text) => {
                let same = named(stand.node, ways) == Some(text);
                some(same.then(|| stand.clone()).into_iter().collect(), || {
                    nameless(stands, ways, text)
                })
            }
            Step::With(keys) => {
                let any = keys.iter().any(|key| stand.node.get(key).is_some());
                some(any.then(|| stand.clone()).into_iter().collect(), || {
                    stand.absent(
                        &format!("has none of {}", listed(keys)),
                        "write one of them",
                    )
                })
            }
        };
        match further {
            Ok(further) => found.extend(further),
            Err(mistake) if mistake.code == MistakeCode::TargetPlace => {
                lost.get_or_insert(mistake);
            }
            Err(mistake) => return Err(mistake),
        }
    }
    match lost {
        Some(mistake) if found.is_empty() => Err(mistake),
        Some(_) | None => Ok(found),
    }
}

fn some<T>(found: Vec<T>, lost: impl FnOnce() -> Box<Mistake>) -> Result<Vec<T>, Box<Mistake>> {
    if found.is_empty() {
        Err(lost())
    } else {
        Ok(found)
    }
}

/// Every value of a key, however deep; not within those found.
fn collect<'n>(stand: &Stand<'n>, key: &str, found: &mut Vec<Stand<'n>>) {
    for entry in stand.node.entries() {
        let next = stand.at_entry(entry);
        if entry.key == key {
            found.push(next);
        } else {
            collect(&next, key, found);
        }
    }
    for (index, item) in stand.node.items().iter().enumerate() {
        collect(&stand.at_item(index, item), key, found);
    }
}

/// The text at the end of the first of these ways that there is.
pub(super) fn named(node: &Node, ways: Ways) -> Option<&str> {
    ways.iter().find_map(|way| node.text_at(way))
}

/// None of these has the text.
fn nameless(stands: &[Stand<'_>], ways: Ways, text: &str) -> Box<Mistake> {
    let way = ways.first().map(|way| way.join(".")).unwrap_or_default();
    let names: Vec<&str> = stands
        .iter()
        .filter_map(|stand| named(stand.node, ways))
        .collect();
    let cure = match nearest(text, names.iter().copied()) {
        Some(near) => format!("there is `{near}`"),
        None if names.is_empty() => {
            format!("write one with `{way}`, or correct the target in the plan")
        }
        None => format!("there is {}", offered(&names)),
    };
    let at = stands.first().map(|stand| stand.at.clone());
    Box::new(
        Mistake::error(
            MistakeCode::TargetPlace,
            at.unwrap_or_default(),
            format!("nothing here has `{way}` with `{text}`"),
        )
        .cure(cure),
    )
}
