//! Every source file belongs to something that is built: a file that no `mod` names is compiled by
//! nobody, and its tests pass by not being run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::sources;

/// Files that Cargo builds from: those it finds by itself, and those that the manifests name.
fn roots(package: &Path) -> Vec<PathBuf> {
    let mut roots = named(package);
    roots.extend(named(&package.join("tests/fuzz")));
    roots.extend(["src/lib.rs", "src/main.rs"].map(|path| package.join(path)));
    roots
}

/// Those that a manifest names.
fn named(package: &Path) -> Vec<PathBuf> {
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap();
    let named = manifest
        .lines()
        .filter_map(|line| {
            let named = ["path = \"", "build = \""];
            let path = named.iter().find_map(|key| line.strip_prefix(key))?;
            path.strip_suffix('"')
        })
        .filter(|path| path.ends_with(".rs"));
    named.map(|path| package.join(path)).collect()
}

/// Takes in a file and every file that its modules are in.
fn follow(file: &Path, folder: &Path, found: &mut BTreeSet<PathBuf>) {
    found.insert(file.to_path_buf());
    let text = std::fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()));
    let tree = syn::parse_file(&text).unwrap();
    modules(&tree.items, file, folder, found);
}

fn modules(items: &[syn::Item], file: &Path, folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for item in items {
        let syn::Item::Mod(module) = item else {
            continue;
        };
        let below = folder.join(module.ident.to_string());
        if let Some((_, items)) = &module.content {
            modules(items, file, &below, found);
        } else if let Some(path) = path_of(&module.attrs) {
            // Relative to the folder of the file, whatever the module is called.
            let named = file.parent().unwrap().join(path);
            let folder = named.parent().unwrap().to_path_buf();
            follow(&named, &folder, found);
        } else if below.with_extension("rs").is_file() {
            follow(&below.with_extension("rs"), &below, found);
        } else {
            follow(&below.join("mod.rs"), &below, found);
        }
    }
}

/// What `#[path = "..."]` names.
fn path_of(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(path),
            ..
        }) = &pair.value
        else {
            return None;
        };
        pair.path.is_ident("path").then(|| path.value())
    })
}

#[test]
fn no_file_is_forgotten() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut built = BTreeSet::new();
    for root in roots(package) {
        let folder = root.parent().unwrap().to_path_buf();
        follow(&root, &folder, &mut built);
    }
    let mut files = Vec::new();
    sources(&package.join("src"), &mut files);
    sources(&package.join("tests"), &mut files);
    assert!(
        files.len() > 300,
        "only {} files were looked at",
        files.len()
    );
    let forgotten: Vec<_> = files.iter().filter(|file| !built.contains(*file)).collect();
    assert!(forgotten.is_empty(), "no `mod` names {forgotten:?}");
}
