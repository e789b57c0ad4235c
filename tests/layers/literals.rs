//! A word is read once. Where a text is matched with words, or compared with one, a closed set of things
//! stands as a text: it is an enum everywhere but where it is read.
//!
//! What is found: a `match` (also `matches!` and `if let`) with a string literal in a pattern, and `==` or
//! `!=` with a string literal of a word. Code under `#[cfg(test)]` is left out.

use std::collections::BTreeMap;

use proc_macro2::TokenTree;
use syn::visit::{self, Visit};

use super::{CRATE, src, syntax};

/// The files that read text, each with what it reads.
const READERS: [(&str, &str); 18] = [
    ("cli/answer.rs", "the outcomes that `--ok` names"),
    (
        "cli/complete.rs",
        "the names of arguments, of which the parser has no other",
    ),
    (
        "cli/new.rs",
        "a plan's name, which may not be that of the shared settings",
    ),
    (
        "plan/read/connection.rs",
        "schemes of addresses and names of headers",
    ),
    ("plan/read/document.rs", "what the parser of TOML says"),
    ("plan/read/stages.rs", "the words of `rule_out`"),
    (
        "plan/read/state.rs",
        "the keys of the inline tables of `[state]`",
    ),
    (
        "plan/read/state_values.rs",
        "who decided, as `[state]` says it",
    ),
    (
        "prometheus/answer.rs",
        "the status in an answer of Prometheus",
    ),
    (
        "prometheus/endpoint.rs",
        "the scheme and the host of an address",
    ),
    ("workspace/directory.rs", "names of files"),
    ("workspace/git/carry.rs", "what git answers"),
    (
        "workspace/git/repository.rs",
        "what git answers, and names of revisions",
    ),
    ("workspace/git/revision.rs", "names of files"),
    ("workspace/owed.rs", "names of files"),
    ("targets/beside/flagd.rs", "the operations of flagd's rules"),
    (
        "targets/beside/routes.rs",
        "the keys and the words of routers' files",
    ),
    (
        "targets/beside/unleash.rs",
        "the names of Unleash's strategies",
    ),
];

/// Words that single out one of a set without an end, wherever they stand.
const OPEN: [(&str, &str); 4] = [
    ("__name__", "a label of series"),
    ("le", "a label of series"),
    ("replica", "a label of series"),
    ("json", "the ending of a file's name"),
];

/// The places of a file where a text is compared with words.
#[derive(Default)]
struct Words {
    found: Vec<String>,
}

/// A literal that says which of a few things is meant: punctuation and line ends do not.
fn is_word(literal: &syn::Lit) -> bool {
    matches!(literal, syn::Lit::Str(text) if text.value().chars().any(char::is_alphabetic))
}

impl Words {
    fn take(&mut self, literal: &syn::Lit) {
        if let syn::Lit::Str(text) = literal
            && is_word(literal)
            && OPEN.iter().all(|(open, _)| *open != text.value())
        {
            self.found.push(text.value());
        }
    }
}

impl<'ast> Visit<'ast> for Words {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        if let syn::Pat::Lit(literal) = pattern {
            self.take(&literal.lit);
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_expr_binary(&mut self, comparison: &'ast syn::ExprBinary) {
        if matches!(comparison.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            for side in [&comparison.left, &comparison.right] {
                if let syn::Expr::Lit(literal) = &**side {
                    self.take(&literal.lit);
                }
            }
        }
        visit::visit_expr_binary(self, comparison);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // `matches!(expression, pattern)`: every text behind the first comma is of the pattern.
        if call.path.is_ident("matches") {
            let tokens = call.tokens.clone().into_iter();
            let pattern = tokens.skip_while(
                |token| !matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','),
            );
            self.take_tokens(pattern);
        }
        visit::visit_macro(self, call);
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !syntax::only_for_tests(syntax::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !syntax::only_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }
}

impl Words {
    fn take_tokens(&mut self, tokens: impl IntoIterator<Item = TokenTree>) {
        for token in tokens {
            match token {
                TokenTree::Literal(literal) => self.take(&syn::Lit::new(literal)),
                TokenTree::Group(group) => self.take_tokens(group.stream()),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words = Words::default();
    words.visit_file(&syn::parse_file(text).unwrap());
    words.found
}

#[test]
fn words_are_matched_only_where_text_is_read() {
    let readers: BTreeMap<&str, &str> = READERS.into_iter().collect();
    let mut wrong = Vec::new();
    let mut idle = readers.clone();
    for file in CRATE.needs.keys() {
        let shown = file.to_str().unwrap();
        let found = words(&std::fs::read_to_string(src().join(file)).unwrap());
        if found.is_empty() {
            continue;
        }
        if readers.contains_key(shown) {
            idle.remove(shown);
        } else {
            wrong.push(format!("src/{shown}: {found:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "a text stands for one of a few things; make it an enum, or name the file among those that \
         read text:\n{}",
        wrong.join("\n")
    );
    assert!(idle.is_empty(), "these read no words any more: {idle:?}");
}

#[test]
fn a_matched_word_is_found_however_it_is_written() {
    for text in [
        "fn f(a: &str) { match a { \"pause\" => {} _ => {} } }",
        "fn f(a: &str) { match a { \"pause\" | \"resume\" if true => {} _ => {} } }",
        "fn f(a: Option<&str>) { if let Some(\"pause\") = a {} }",
        "fn f(a: Option<&str>) { let Some(\"pause\") = a else { return }; }",
        "fn f(a: &str) -> bool { matches!(a, \"pause\" | \"resume\") }",
        "fn f(a: &str) -> bool { a == \"pause\" }",
        "fn f(a: &str) -> bool { \"pause\" != a }",
    ] {
        assert!(words(text).contains(&"pause".to_owned()), "{text}");
    }
    for text in [
        "fn f(a: &str) -> bool { a == \"\" || a != \"/\" }",
        "fn f(a: &str) { match a { \"\\r\\n\" => {} _ => {} } }",
        "fn f(a: Kind) -> &'static str { match a { Kind::A => \"pause\" } }",
        "#[cfg(test)] mod tests { fn f(a: &str) -> bool { a == \"pause\" } }",
    ] {
        assert_eq!(words(text), [""; 0], "{text}");
    }
}
