//! The modules of a crate with the names that they define, bring in and mention, as its sources
//! write them. Nothing is followed here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};

use super::graph::{Module, Place};

/// Every module below `lib.rs`.
pub(crate) fn modules(src: &Path) -> BTreeMap<Place, Module> {
    let mut modules = BTreeMap::new();
    enter(src, &PathBuf::from("lib.rs"), Vec::new(), &mut modules);
    modules
}

/// Reads a file as the module at `place`, then the files of its child modules.
fn enter(src: &Path, file: &Path, place: Place, modules: &mut BTreeMap<Place, Module>) {
    let path = src.join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    let tree = syn::parse_file(&text)
        .unwrap_or_else(|error| panic!("{} does not parse: {error}", path.display()));
    if only_for_tests(&tree.attrs) {
        return;
    }
    let folder = match file.file_name().and_then(|name| name.to_str()) {
        Some("lib.rs" | "mod.rs") => file.parent().map(Path::to_path_buf).unwrap_or_default(),
        _ => file.with_extension(""),
    };
    take(src, file, &folder, place, &tree.items, modules);
}

/// Takes in the items of one module, inline child modules included.
fn take(
    src: &Path,
    file: &Path,
    folder: &Path,
    place: Place,
    items: &[syn::Item],
    modules: &mut BTreeMap<Place, Module>,
) {
    let mut reader = Reader {
        module: Module {
            file: file.to_path_buf(),
            ..Module::default()
        },
    };
    for item in items {
        if only_for_tests(attributes(item)) {
            continue;
        }
        let syn::Item::Mod(inner) = item else {
            reader.define(item);
            reader.visit_item(item);
            continue;
        };
        let elsewhere = inner.attrs.iter().any(|a| a.path().is_ident("path"));
        assert!(!elsewhere, "{}: #[path] is not followed", file.display());
        let name = inner.ident.unraw().to_string();
        let below = folder.join(&name);
        let mut child = place.clone();
        child.push(name);
        match &inner.content {
            Some((_, items)) => take(src, file, &below, child, items, modules),
            None => {
                let flat = below.with_extension("rs");
                let nested = below.join("mod.rs");
                let found = if src.join(&flat).is_file() {
                    flat
                } else {
                    nested
                };
                enter(src, &found, child, modules);
            }
        }
    }
    modules.insert(place, reader.module);
}

struct Reader {
    module: Module,
}

impl Reader {
    fn define(&mut self, item: &syn::Item) {
        let (names, name) = match item {
            syn::Item::Const(i) => (&mut self.module.values, &i.ident),
            syn::Item::Fn(i) => (&mut self.module.values, &i.sig.ident),
            syn::Item::Static(i) => (&mut self.module.values, &i.ident),
            syn::Item::Enum(i) => (&mut self.module.types, &i.ident),
            syn::Item::Struct(i) => (&mut self.module.types, &i.ident),
            syn::Item::Trait(i) => (&mut self.module.types, &i.ident),
            syn::Item::TraitAlias(i) => (&mut self.module.types, &i.ident),
            syn::Item::Type(i) => (&mut self.module.types, &i.ident),
            syn::Item::Union(i) => (&mut self.module.types, &i.ident),
            syn::Item::Macro(i) => match &i.ident {
                Some(name) => (&mut self.module.values, name),
                None => {
                    for token in i.mac.tokens.clone() {
                        if let TokenTree::Ident(name) = token {
                            self.module.made.insert(name.unraw().to_string());
                        }
                    }
                    return;
                }
            },
            _ => return,
        };
        names.insert(name.unraw().to_string());
    }

    fn bring_in(&mut self, mut path: Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(step) => {
                path.push(step.ident.unraw().to_string());
                self.bring_in(path, &step.tree);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.bring_in(path.clone(), tree);
                }
            }
            syn::UseTree::Glob(_) => self.module.globs.push(path),
            syn::UseTree::Name(leaf) => {
                let name = leaf.ident.unraw().to_string();
                if name != "self" {
                    path.push(name);
                }
                let bound = path.last().cloned().unwrap_or_default();
                self.keep(bound, path);
            }
            syn::UseTree::Rename(leaf) => {
                if leaf.ident != "self" || path.is_empty() {
                    path.push(leaf.ident.unraw().to_string());
                }
                self.keep(leaf.rename.unraw().to_string(), path);
            }
        }
    }

    fn keep(&mut self, bound: String, path: Vec<String>) {
        self.module.mentions.insert(path.clone());
        // `use name;` stands for itself.
        if path.len() > 1 || path[0] != bound {
            self.module.uses.push((bound, path));
        }
    }

    /// Paths in what a macro or an attribute is given: names joined by `::`. A name after a dot is
    /// a field or a method.
    fn tokens(&mut self, stream: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut before = String::new();
        for token in stream {
            let mark = match token {
                TokenTree::Ident(name) => {
                    if !before.ends_with("::") {
                        self.mention(std::mem::take(&mut path));
                    }
                    if path.is_empty() && before.ends_with("::") {
                        // It starts outside of the crate, or below a type.
                        path.push(String::new());
                    }
                    if !before.ends_with('.') || before.ends_with("..") {
                        path.push(name.unraw().to_string());
                    }
                    before.clear();
                    continue;
                }
                TokenTree::Punct(punct) => punct.as_char(),
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    ' '
                }
                TokenTree::Literal(_) => ' ',
            };
            if mark != ':' && mark != '.' {
                before.clear();
                self.mention(std::mem::take(&mut path));
            }
            before.push(mark);
        }
        self.mention(path);
    }

    fn mention(&mut self, path: Vec<String>) {
        if !path.is_empty() {
            self.module.mentions.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.bring_in(Vec::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|s| s.ident.unraw().to_string());
            self.mention(names.collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.tokens(list.tokens.clone());
        visit::visit_meta_list(self, list);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(in crate::a)` names who may look in, which is no need.
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !only_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        if !only_for_tests(&item.attrs) {
            visit::visit_impl_item_const(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !only_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if !only_for_tests(&item.attrs) {
            visit::visit_trait_item_fn(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !only_for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if !only_for_tests(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !only_for_tests(&local.attrs) {
            visit::visit_local(self, local);
        }
    }
}

pub(crate) fn only_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Meta>()
                .is_ok_and(|condition| asks_for_tests(&condition))
    })
}

/// `test`, or `all(...)` of it and more.
fn asks_for_tests(condition: &syn::Meta) -> bool {
    match condition {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(
                syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated,
            )
            .is_ok_and(|all| all.iter().any(asks_for_tests)),
        syn::Meta::List(_) | syn::Meta::NameValue(_) => false,
    }
}

pub(crate) fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(i) => &i.attrs,
        syn::Item::Enum(i) => &i.attrs,
        syn::Item::ExternCrate(i) => &i.attrs,
        syn::Item::Fn(i) => &i.attrs,
        syn::Item::ForeignMod(i) => &i.attrs,
        syn::Item::Impl(i) => &i.attrs,
        syn::Item::Macro(i) => &i.attrs,
        syn::Item::Mod(i) => &i.attrs,
        syn::Item::Static(i) => &i.attrs,
        syn::Item::Struct(i) => &i.attrs,
        syn::Item::Trait(i) => &i.attrs,
        syn::Item::TraitAlias(i) => &i.attrs,
        syn::Item::Type(i) => &i.attrs,
        syn::Item::Union(i) => &i.attrs,
        syn::Item::Use(i) => &i.attrs,
        _ => &[],
    }
}
