//! A closed set is an enum, not a text: what the public items of the core take and hold. Texts may
//! hold what people write, never which of a few things is meant.

use std::path::Path;

use syn::visit::{self, Visit};

use super::{PURE, sources};

/// The layers around the core that hold what it says.
const AROUND: [&str; 6] = [
    "simulate",
    "prometheus",
    "workspace",
    "targets",
    "notify",
    "session",
];

/// Names of fields and arguments that say which of a few things is meant.
const CLOSED: [&str; 25] = [
    "action",
    "actor",
    "arm",
    "category",
    "code",
    "column",
    "curve",
    "decision",
    "direction",
    "exit",
    "gate",
    "kind",
    "level",
    "mode",
    "on_breach",
    "on_no_data",
    "pace",
    "role",
    "scale",
    "severity",
    "state",
    "status",
    "verb",
    "verdict",
    "worse",
];

#[derive(Default)]
struct Signatures {
    /// Names with a text as their type.
    texts: Vec<String>,
}

impl Signatures {
    fn take(&mut self, name: &str, ty: &syn::Type) {
        let mut found = Texts(false);
        found.visit_type(ty);
        if found.0 {
            self.texts.push(name.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Signatures {
    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.take(&name.to_string(), &field.ty);
        }
        visit::visit_field(self, field);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        for input in &signature.inputs {
            if let syn::FnArg::Typed(argument) = input
                && let syn::Pat::Ident(name) = &*argument.pat
            {
                self.take(&name.ident.to_string(), &argument.ty);
            }
        }
        visit::visit_signature(self, signature);
    }
}

/// Whether a type is a text, or holds one.
struct Texts(bool);

impl<'ast> Visit<'ast> for Texts {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        self.0 |= segment.ident == "String" || segment.ident == "str";
        visit::visit_path_segment(self, segment);
    }
}

fn closed(text: &str) -> Vec<String> {
    let mut signatures = Signatures::default();
    signatures.visit_file(&syn::parse_file(text).unwrap());
    let mut texts = signatures.texts;
    texts.retain(|name| CLOSED.contains(&name.as_str()));
    texts
}

#[test]
fn the_core_holds_no_text_for_one_of_a_few_things() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // A report is text, and what is made to be written is what it is made for.
    let core = PURE
        .iter()
        .filter(|layer| **layer != "report")
        .chain(&AROUND);
    let mut wrong = Vec::new();
    for layer in core {
        let mut files = Vec::new();
        sources(&src.join(layer), &mut files);
        for file in files {
            let shown = file.strip_prefix(&src).unwrap().display().to_string();
            // What stands in a file or on the wire, and what a server says, is text until it is read.
            if [
                "plan/read",
                "plan/keys",
                "snapshot/wire",
                "prometheus/answer",
                "prometheus/error",
                "tests",
            ]
            .iter()
            .any(|part| shown.contains(part))
            {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            wrong.extend(
                closed(&text)
                    .into_iter()
                    .map(|name| format!("{shown}: {name}")),
            );
        }
    }
    assert!(wrong.is_empty(), "texts for closed sets: {wrong:#?}");
}

#[test]
fn a_text_for_a_closed_set_is_found() {
    let found = closed(
        "pub struct A { pub status: Option<String>, pub name: String } fn f(kind: &'static str) {}",
    );
    assert_eq!(found, ["status", "kind"]);
}
