//! Which file of the crate needs which other: read from the syntax trees of the sources. Every
//! path is followed to the file that defines its item, through `super::`, re-exports and globs, so
//! that a `mod.rs` which only re-exports hides nothing. Code under `#[cfg(test)]` is left out.
//!
//! What names nothing is no need: a method that another file gives to a type, a trait that a glob
//! brings in. A name that a macro call makes is taken to be any name that the call is given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::syntax;

/// A module's path from the root of the crate; empty for the root.
pub(crate) type Place = Vec<String>;

/// One module: the file that it stands in and the names that it has.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    /// Functions, constants, statics and macros: nothing stands below them.
    pub(crate) values: BTreeSet<String>,
    /// Types and traits, below which their variants and functions stand.
    pub(crate) types: BTreeSet<String>,
    /// Names that a macro call is given, and may make.
    pub(crate) made: BTreeSet<String>,
    /// Names brought in by `use`, each with the path that it stands for.
    pub(crate) uses: Vec<(String, Vec<String>)>,
    /// Paths of which everything is brought in.
    pub(crate) globs: Vec<Vec<String>>,
    /// Paths as the code writes them.
    pub(crate) mentions: BTreeSet<Vec<String>>,
}

/// The crate as its files need each other.
pub(crate) struct Graph {
    /// For every file, the files that it needs, each with the first path that says so.
    pub(crate) needs: BTreeMap<PathBuf, BTreeMap<PathBuf, String>>,
    /// For every file, the top-level modules that it names or of which it needs a file, each with
    /// the first path that says so.
    pub(crate) tops: BTreeMap<PathBuf, BTreeMap<String, String>>,
    /// Paths into the crate that could not be followed: `src/file: path`.
    pub(crate) lost: Vec<String>,
}

/// Reads the crate whose sources are in `src`, from its `lib.rs` on. Files are named relative to `src`.
pub(crate) fn read(src: &Path) -> Graph {
    let modules = syntax::modules(src);
    let mut graph = Graph {
        needs: BTreeMap::new(),
        tops: BTreeMap::new(),
        lost: Vec::new(),
    };
    for (place, module) in &modules {
        let needs = graph.needs.entry(module.file.clone()).or_default();
        let tops = graph.tops.entry(module.file.clone()).or_default();
        // Of several paths the plainest speaks: one that says where it starts.
        let mentions = module.mentions.iter().map(|path| (path, true));
        let globs = module.globs.iter().map(|path| (path, false));
        let mut written: Vec<_> = mentions.chain(globs).collect();
        written.sort_by_key(|(path, _)| (rooted(place, path).0.is_none(), path.len() == 1));
        for (path, last) in written {
            let text = path.join("::");
            let (start, rest) = rooted(place, path);
            let mut names = Names {
                modules: &modules,
                open: BTreeSet::new(),
            };
            let found = names.follow(place, path, last);
            if found.is_nothing() {
                let file = module.file.display();
                graph.lost.push(format!("src/{file}: {text}"));
            }
            let named = start.as_ref().and_then(|s| s.first().or(rest.first()));
            let reached = found.modules.iter().filter_map(|place| place.first());
            for top in named.into_iter().chain(reached) {
                if modules.contains_key(std::slice::from_ref(top)) {
                    tops.entry(top.clone()).or_insert_with(|| text.clone());
                }
            }
            for file in found.files {
                if let Some(top) = top(&file) {
                    tops.entry(top).or_insert_with(|| text.clone());
                }
                if file != module.file {
                    needs.entry(file).or_insert_with(|| text.clone());
                }
            }
        }
    }
    graph
}

/// The top-level module that a file belongs to; `None` for the root.
fn top(file: &Path) -> Option<String> {
    let first = file.components().next()?.as_os_str().to_str()?;
    let name = first.trim_end_matches(".rs");
    (name != "lib").then(|| name.to_owned())
}

/// Where a path starts that begins with `crate`, `super` or `self`, and what follows.
fn rooted<'a>(from: &Place, path: &'a [String]) -> (Option<Place>, &'a [String]) {
    let mut start = None;
    let mut rest = path;
    while let Some((first, more)) = rest.split_first() {
        let place = start.get_or_insert_with(|| from.clone());
        match first.as_str() {
            "crate" => place.clear(),
            "self" => {}
            "super" => {
                place.pop();
            }
            _ if rest.len() == path.len() => return (None, path),
            _ => break,
        }
        rest = more;
    }
    (start, rest)
}

/// What a path leads to. A name can stand for several: a module and a function, say.
#[derive(Default)]
struct Found {
    /// Items, by the files that define them.
    files: BTreeSet<PathBuf>,
    /// Modules of the crate: names for other names, no need by themselves.
    modules: BTreeSet<Place>,
    /// Something of another crate or of the language.
    foreign: bool,
}

impl Found {
    fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.modules.is_empty() && !self.foreign
    }

    fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.modules.extend(other.modules);
        self.foreign |= other.foreign;
    }
}

/// The names of the crate, while one path is followed.
struct Names<'a> {
    modules: &'a BTreeMap<Place, Module>,
    /// Questions that are being answered: a glob may lead back to where it was asked from.
    open: BTreeSet<(Place, String, bool)>,
}

impl Names<'_> {
    /// What a path leads to; when more follows than it says itself, what something can stand below.
    fn follow(&mut self, from: &Place, path: &[String], last: bool) -> Found {
        let (start, rest) = rooted(from, path);
        let mut found = self.down(start.as_ref().unwrap_or(from), rest, last);
        if start.is_none() && found.is_nothing() {
            // Either the first name is no name of the crate, or it is one and the rest is lost.
            let first = self.down(from, &path[..1], false);
            found.foreign = path.len() == 1 || first.modules.is_empty();
        }
        found
    }

    fn down(&mut self, place: &Place, path: &[String], last: bool) -> Found {
        let mut found = Found::default();
        let Some((name, more)) = path.split_first() else {
            found.modules.insert(place.clone());
            return found;
        };
        let here = self.named(place, name, last && more.is_empty());
        if more.is_empty() {
            return here;
        }
        // What stands below an item stands in the file of the item.
        found.files = here.files;
        found.foreign = here.foreign;
        for inner in &here.modules {
            found.add(self.down(inner, more, last));
        }
        found
    }

    /// What a name means inside of a module; when it is not the last of its path, a name below
    /// which something can stand.
    fn named(&mut self, place: &Place, name: &str, last: bool) -> Found {
        let mut found = Found::default();
        let question = (place.clone(), name.to_owned(), last);
        let Some(module) = self.modules.get(place) else {
            return found;
        };
        if !self.open.insert(question.clone()) {
            return found;
        }
        let mut child = place.clone();
        child.push(name.to_owned());
        if self.modules.contains_key(&child) {
            found.modules.insert(child);
        }
        if module.types.contains(name) || (last && module.values.contains(name)) {
            found.files.insert(module.file.clone());
        }
        // Types and modules share their names; a function may have the name of a module.
        if last || found.is_nothing() {
            for (_, path) in module.uses.iter().filter(|(bound, _)| bound == name) {
                found.add(self.follow(place, path, last));
            }
        }
        // What is named outright hides what a glob brings in.
        if found.is_nothing() {
            for glob in &module.globs {
                let inside = self.follow(place, glob, false);
                for inner in &inside.modules {
                    found.add(self.named(inner, name, last));
                }
                if inside.foreign && found.is_nothing() {
                    found.foreign = true;
                }
            }
        }
        if found.is_nothing() && module.made.contains(name) {
            found.files.insert(module.file.clone());
        }
        self.open.remove(&question);
        found
    }
}

impl Graph {
    /// Every group of files that need each other in a circle, largest first.
    pub(crate) fn circles(&self) -> Vec<Vec<PathBuf>> {
        let reach: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = self
            .needs
            .keys()
            .map(|file| (file, self.reached_from(file)))
            .collect();
        let mut placed = BTreeSet::new();
        let mut circles = Vec::new();
        for file in self.needs.keys() {
            if placed.contains(file) || !reach[file].contains(file) {
                continue;
            }
            let circle: Vec<_> = reach[file]
                .iter()
                .filter(|other| reach.get(*other).is_some_and(|back| back.contains(file)))
                .map(|other| (*other).clone())
                .collect();
            placed.extend(circle.iter().cloned());
            circles.push(circle);
        }
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    fn reached_from(&self, file: &Path) -> BTreeSet<&PathBuf> {
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&PathBuf> = self.needs[file].keys().collect();
        while let Some(next) = waiting.pop() {
            if reached.insert(next)
                && let Some(needs) = self.needs.get(next)
            {
                waiting.extend(needs.keys());
            }
        }
        reached
    }
}
