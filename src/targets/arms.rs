//! The numbers of both arms in what holds them. Of anything but two arms nobody knows whose share grows
//! and whose shrinks, so that it is refused.

use super::node::Node;
use super::preset::{Arms, Ways};
use super::stand::{Stand, offered, twice};
use super::unit::Number;
use super::walk::named;
use crate::plan::{Mistake, MistakeCode, Pointer, nearest};

type Pair<'n> = (&'n Node, Option<&'n Node>);

/// The numbers in what holds them.
pub(super) fn arms<'n>(holder: &Stand<'n>, arms: &Arms<'_>) -> Result<Pair<'n>, Box<Mistake>> {
    holder.is_written_here()?;
    let (exposed, rest) = match *arms {
        Arms::Pairs { exposed } => pairs(holder, exposed)?,
        Arms::Names { exposed } => names(holder, exposed)?,
        Arms::Members {
            names,
            number,
            exposed,
            rest,
        } => members(holder, names, number, exposed, rest)?,
        Arms::Alone { number } => (holder.key(number)?, None),
        Arms::Rule { exposed } => rule(holder, exposed)?,
        Arms::Pointers { exposed, rest } => {
            let rest = rest.map(|rest| pointed(holder, rest)).transpose();
            (pointed(holder, exposed)?, rest?)
        }
    };
    exposed.is_written_here()?;
    if let Some(rest) = &rest {
        rest.is_written_here()?;
    }
    Ok((exposed.node, rest.map(|rest| rest.node)))
}

type Stands<'n> = (Stand<'n>, Option<Stand<'n>>);

/// Exactly two share the users: of more no one knows whose share grows and whose shrinks.
fn two(holder: &Stand<'_>, count: usize) -> Result<(), Box<Mistake>> {
    if count == 2 {
        return Ok(());
    }
    Err(Box::new(
        Mistake::error(
            MistakeCode::TargetArms,
            holder.at.clone(),
            format!("{} splits users between {count}, not two", holder.name()),
        )
        .cure("leave two: what exposed users get, and what the others get"),
    ))
}

fn unnamed(holder: &Stand<'_>, exposed: &str, names: &[&str]) -> Box<Mistake> {
    let cure = match nearest(exposed, names.iter().copied()) {
        Some(near) => format!("the file has `{near}`"),
        None => format!("it has {}", offered(names)),
    };
    holder.absent(&format!("has no `{exposed}`"), cure)
}

fn pairs<'n>(holder: &Stand<'n>, exposed: &str) -> Result<Stands<'n>, Box<Mistake>> {
    let items = holder.node.items().iter().enumerate();
    // What is hashed may stand before the pairs.
    let pairs: Vec<(usize, &Node)> = items.filter(|(_, item)| !item.items().is_empty()).collect();
    let name = |pair: &'n Node| pair.items().first().and_then(Node::text);
    let names: Vec<&str> = pairs.iter().filter_map(|(_, pair)| name(pair)).collect();
    let Some(place) = pairs
        .iter()
        .position(|(_, pair)| name(pair) == Some(exposed))
    else {
        return Err(unnamed(holder, exposed, &names));
    };
    two(holder, pairs.len())?;
    let weight = |(index, pair): (usize, &'n Node)| {
        let pair = holder.at_item(index, pair);
        pair.is_written_here()?;
        pair.node.items().get(1).map_or_else(
            || {
                let name = name(pair.node).unwrap_or_default();
                let mut mistake = pair.absent("has no number", format!("write `[\"{name}\", 0]`"));
                mistake.code = MistakeCode::TargetNumber;
                mistake.span = pair.node.span.clone();
                Err(mistake)
            },
            |number| Ok(pair.at_item(1, number)),
        )
    };
    Ok((weight(pairs[place])?, Some(weight(pairs[1 - place])?)))
}

fn names<'n>(holder: &Stand<'n>, exposed: &str) -> Result<Stands<'n>, Box<Mistake>> {
    let number = holder.key(exposed)?;
    two(holder, holder.node.entries().len())?;
    let other = holder
        .node
        .entries()
        .iter()
        .find(|entry| entry.key != exposed);
    Ok((number, other.map(|entry| holder.at_entry(entry))))
}

fn members<'n>(
    holder: &Stand<'n>,
    ways: Ways,
    number: &str,
    exposed: &str,
    rest: Option<&str>,
) -> Result<Stands<'n>, Box<Mistake>> {
    let items = holder.node.items();
    let place = |wanted: &str| {
        let mut places = items
            .iter()
            .enumerate()
            .filter(|(_, item)| named(item, ways) == Some(wanted));
        let (index, item) = places.next().ok_or_else(|| {
            let names: Vec<&str> = items.iter().filter_map(|item| named(item, ways)).collect();
            unnamed(holder, wanted, &names)
        })?;
        match places.next() {
            None => Ok(index),
            Some((_, again)) => Err(twice(
                &format!("`{wanted}`"),
                item.span.clone(),
                again.span.clone(),
            )),
        }
    };
    let exposed = place(exposed)?;
    let rest = rest.map(place).transpose()?;
    two(holder, items.len())?;
    let weight = |index: usize| {
        let member = holder.at_item(index, &items[index]);
        member.key(number).map_err(|mut mistake| {
            // It is the right one, without its number.
            if mistake.code == MistakeCode::TargetPlace {
                mistake.code = MistakeCode::TargetNumber;
                mistake.span = member.node.span.clone();
                mistake.cure = Some(format!("write `{number}` with a number"));
            }
            mistake
        })
    };
    Ok((weight(exposed)?, Some(weight(rest.unwrap_or(1 - exposed))?)))
}

/// A rule of GrowthBook. With variations the coverage only says how many take part at all, so that it
/// must leave nobody out.
fn rule<'n>(holder: &Stand<'n>, exposed: &str) -> Result<Stands<'n>, Box<Mistake>> {
    if holder.node.get("variations").is_none() && holder.node.get("weights").is_none() {
        return Ok((holder.key("coverage")?, None));
    }
    let partial = holder.node.entry("coverage").filter(|entry| {
        let number = entry.value.text().and_then(Number::parse);
        number.is_none_or(|number| number.to_string() != "1")
    });
    if let Some(coverage) = partial {
        return Err(Box::new(
            Mistake::error(
                MistakeCode::TargetNumbers,
                coverage.value.span.clone(),
                "the rule has variations, and a coverage that leaves users out of both",
            )
            .label("of these users only the weight's share is exposed")
            .cure("write `\"coverage\": 1`, and let the weights say how many are exposed"),
        ));
    }
    let weights = holder.key("weights").map_err(|mut mistake| {
        mistake.code = MistakeCode::TargetNumbers;
        mistake.message = "the rule has variations without weights, which are equal then".into();
        mistake.cure = Some("write `\"weights\": [1, 0]`".into());
        mistake
    })?;
    weights.is_written_here()?;
    two(&weights, weights.node.items().len())?;
    let number = weights.key_or_position(exposed)?;
    let place: usize = exposed.parse().unwrap_or_default();
    let other = weights.key_or_position(&(1 - place.min(1)).to_string())?;
    Ok((number, Some(other)))
}

fn pointed<'n>(holder: &Stand<'n>, pointer: &Pointer) -> Result<Stand<'n>, Box<Mistake>> {
    let mut steps = pointer.steps().iter();
    steps.try_fold(holder.clone(), |stand, step| {
        stand.is_written_here()?;
        stand.key_or_position(step)
    })
}
