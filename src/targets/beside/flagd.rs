//! flagd: what the targeting gives beside its `fractional`, and what is given where it gives nothing.

use super::super::node::{Node, Value};
use super::place::{Beside, Scene};
use super::same::names_like;

/// So deep are rules followed: `$ref` could lead in circles.
const DEEPEST: usize = 32;

pub(in crate::targets) fn flagd(scene: &Scene<'_, '_>) -> Vec<Beside> {
    let Some(split) = scene.splits.first().filter(|_| !scene.is_off) else {
        return Vec::new();
    };
    let flag = split.root;
    let mut rules = Rules {
        scene,
        split: split.holder,
        names: names_like(flag.get("variants"), scene.exposed),
        found: Vec::new(),
    };
    if let Some(targeting) = flag.get("targeting") {
        rules.follow(targeting, false, DEEPEST);
    }
    let Rules {
        names, mut found, ..
    } = rules;
    if let Some(entry) = flag.entry("defaultVariant")
        && entry.value.text().is_some_and(|name| names.contains(&name))
    {
        found.push(Beside::everybody(
            &entry.value.span,
            "`defaultVariant` gives the change to every request that the targeting leaves undecided",
            "name the other variant there: requests without a targeting key get it, and those for which no rule says anything",
        ));
    }
    // The other arm may stand for the same value.
    let pairs = split.holder.items().iter();
    let other = pairs.filter_map(|pair| pair.items().first()).find(|name| {
        let name = name.text().unwrap_or_default();
        name != scene.exposed && names.contains(&name)
    });
    found.extend(other.map(|name| {
        Beside::everybody(
            &name.span,
            format!("this variant has the same value as `{}`", scene.exposed),
            "give the two variants values that differ",
        )
    }));
    found
}

struct Rules<'s, 'n, 't> {
    scene: &'s Scene<'n, 't>,
    split: &'n Node,
    names: Vec<&'s str>,
    found: Vec<Beside>,
}

impl<'n> Rules<'_, 'n, '_> {
    /// Looks for what a rule gives. Only some get here where they are
    /// `selected`.
    fn follow(&mut self, rule: &'n Node, selected: bool, depth: usize) {
        if depth == 0 || rule.span == self.split.span {
            return;
        }
        if self.is_exposed(rule) {
            self.found.push(if selected {
                Beside::selected(&rule.span, "a rule")
            } else {
                Beside::everybody(
                    &rule.span,
                    "the targeting gives the change to everybody whom no condition selects",
                    "give them the other variant; those who are meant to have the change need a condition of their own",
                )
            });
            return;
        }
        let [entry] = rule.entries() else {
            return;
        };
        match entry.key.as_str() {
            "if" | "?:" => self.branches(&entry.value, selected, depth),
            "$ref" => {
                if let Some(meant) = self.referred(&entry.value) {
                    self.follow(meant, selected, depth - 1);
                }
            }
            _ if self.holds_exposed(&entry.value, depth) => {
                let what = format!("`{}`", entry.key);
                self.found.push(Beside::selected(&entry.key_span, &what));
            }
            _ => {}
        }
    }

    /// Conditions, each with what it gives, and at the end what is given else.
    fn branches(&mut self, branches: &'n Node, selected: bool, depth: usize) {
        let single = std::slice::from_ref(branches);
        let items = match &branches.value {
            Value::List(items) => items.as_slice(),
            Value::Map(_) | Value::Scalar(_) | Value::Alias => single,
        };
        for pair in items.chunks(2) {
            match pair {
                [condition, given] => match condition.text() {
                    Some("false" | "null" | "0" | "") => {}
                    // A constant selects everybody who gets here.
                    Some(_) => return self.follow(given, selected, depth - 1),
                    None => self.follow(given, true, depth - 1),
                },
                [given] => self.follow(given, selected, depth - 1),
                _ => {}
            }
        }
    }

    fn is_exposed(&self, node: &Node) -> bool {
        node.text().is_some_and(|name| self.names.contains(&name))
    }

    fn referred(&self, name: &Node) -> Option<&'n Node> {
        let mut documents = self.scene.documents.iter();
        documents.find_map(|document| document.at(&["$evaluators", name.text()?]))
    }

    /// True where the name stands anywhere in what an operation works on.
    fn holds_exposed(&self, node: &Node, depth: usize) -> bool {
        if depth == 0 || node.span == self.split.span {
            return false;
        }
        let mut items = node.items().iter();
        let mut values = node.entries().iter().map(|entry| &entry.value);
        self.is_exposed(node)
            || items.any(|item| self.holds_exposed(item, depth - 1))
            || values.any(|value| self.holds_exposed(value, depth - 1))
    }
}
