//! Crates with one thing wrong, planted: what the layer rule finds in them, and what it lets be.

use std::path::Path;

use super::graph::{self, Graph};
use super::{breaches, circles};

/// The graph of a crate of these files.
fn planted(files: &[(&str, &str)]) -> Graph {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(&folder.path().join(name), text);
    }
    graph::read(folder.path())
}

#[expect(
    clippy::disallowed_methods,
    reason = "half a file is no harm in a folder of one test"
)]
fn write(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// `plan` with two files, of which the first has this to say and the second that.
fn two(first: &str, second: &str) -> Graph {
    planted(&[
        ("lib.rs", "mod units; mod plan;"),
        ("units.rs", "pub struct Period;"),
        (
            "plan/mod.rs",
            "mod a; mod b; pub use a::A; pub use b::{B, b};",
        ),
        ("plan/a.rs", first),
        ("plan/b.rs", second),
    ])
}

const B: &str = "use super::A; pub struct B(A); pub fn b() {} pub enum Size { Small }";

#[track_caller]
fn is_a_circle(graph: &Graph, path: &str) {
    assert_eq!(graph.lost, [""; 0]);
    assert_eq!(
        circles(graph),
        [
            "2 files in a circle:".to_owned(),
            format!("  src/plan/a.rs needs src/plan/b.rs: {path}"),
            "  src/plan/b.rs needs src/plan/a.rs: super::A".to_owned(),
        ]
    );
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    for (first, path) in [
        ("use super::b::B; pub struct A(B);", "super::b::B"),
        ("use super::B; pub struct A(B);", "super::B"),
        (
            "use crate::plan::{B as C}; pub struct A(C);",
            "crate::plan::B",
        ),
        ("pub struct A(crate::plan::B);", "crate::plan::B"),
        ("use crate::plan; pub struct A(plan::B);", "plan::B"),
        ("use super::*; pub struct A(B);", "B"),
        ("use super::b::*; pub struct A(B);", "B"),
        // A module and a function of one name.
        ("use super::b; pub struct A; fn f() { b() }", "super::b"),
        (
            "pub struct A; fn f() { use super::b::Size::*; }",
            "super::b::Size",
        ),
        (
            "pub struct A; fn f() { super::b::Size::Small; }",
            "super::b::Size::Small",
        ),
        ("pub struct A; fn f() { vec![super::b()]; }", "super::b"),
        (
            "pub struct A; fn f() { g!(x.y(crate::plan::b::<u8>())) }",
            "crate::plan::b",
        ),
        ("#[given(by = super::b)] pub struct A;", "super::b"),
        (
            "pub struct A; mod inner { use super::super::B; }",
            "super::super::B",
        ),
        (
            "pub struct A; #[cfg(any(test, unix))] use super::B;",
            "super::B",
        ),
    ] {
        is_a_circle(&two(first, B), path);
    }
}

#[test]
fn a_need_in_one_direction_is_no_circle() {
    for first in [
        "pub struct A;",
        "use crate::units::Period; pub struct A(Period);",
        // A field, and a crate, of the same name.
        "use super::*; pub struct A; fn f() { g!(x.b, ::b::B) }",
        "pub struct A; #[cfg(test)] mod tests { use super::super::B; }",
        "pub struct A; #[cfg(all(test, unix))] use super::B;",
        "pub struct A; impl A { #[cfg(test)] fn f() { super::b() } }",
        "pub(in crate::plan) struct A; // super::B",
    ] {
        let graph = two(first, "use super::A; pub struct B(A); pub fn b() {}");
        assert_eq!(graph.lost, [""; 0]);
        assert_eq!(circles(&graph), [""; 0], "{first}");
    }
}

#[test]
fn a_name_that_a_macro_makes_is_found_where_it_is_made() {
    let graph = two(
        "use super::b::{Made, part}; pub struct A(Made); fn f() { part::ONE; }",
        "use super::A; words! { pub enum Made { A } } keys! { part { ONE } } pub struct B; fn b() {}",
    );
    is_a_circle(&graph, "super::b::Made");
    let graph = two(
        "use crate::plan; pub struct A; fn f() { plan::b::part::ONE; }",
        "use super::A; keys! { part { ONE } } pub struct B; fn b() {}",
    );
    is_a_circle(&graph, "plan::b::part::ONE");
}

#[test]
fn globs_that_lead_to_each_other_come_to_an_end() {
    let graph = two(
        "use std::fmt::*; use super::b::*; pub struct A; fn f(_: Nowhere) {}",
        "use std::io::*; use super::a::*; pub struct B; fn b() {}",
    );
    assert_eq!(graph.lost, [""; 0]);
    assert_eq!(circles(&graph), [""; 0]);
}

#[test]
fn a_forbidden_import_is_found_however_it_is_written() {
    for (import, path) in [
        ("use crate::plan::Plan;", "crate::plan::Plan"),
        ("use super::super::plan::Plan;", "super::super::plan::Plan"),
        ("use super::super::plan;", "super::super::plan"),
        ("use crate::plan::*;", "crate::plan"),
        (
            "use crate::{self as all}; fn f(_: all::plan::Plan) {}",
            "all::plan::Plan",
        ),
        ("fn f() { g!(crate::plan::Plan) }", "crate::plan::Plan"),
    ] {
        let graph = planted(&[
            ("lib.rs", "mod units; mod plan;"),
            ("units/mod.rs", "mod period;"),
            ("units/period.rs", import),
            ("plan.rs", "use crate::units; pub struct Plan;"),
        ]);
        assert_eq!(graph.lost, [""; 0]);
        assert_eq!(
            breaches(&graph),
            [format!("src/units/period.rs: `units` needs `plan`: {path}")]
        );
    }
}

#[test]
fn nothing_but_cli_needs_session_and_nothing_needs_cli() {
    let graph = planted(&[
        ("lib.rs", "mod cli; mod notify; mod session; mod workspace;"),
        ("cli.rs", "use crate::session::Session; pub struct Args;"),
        ("notify.rs", "use crate::workspace::Lock;"),
        (
            "session.rs",
            "use crate::{cli::Args, workspace::Lock}; pub struct Session;",
        ),
        (
            "workspace.rs",
            "use crate::session::Session; pub struct Lock;",
        ),
    ]);
    assert_eq!(
        breaches(&graph),
        [
            "src/notify.rs: `notify` needs `workspace`: crate::workspace::Lock",
            "src/session.rs: `session` needs `cli`: crate::cli::Args",
            "src/workspace.rs: `workspace` needs `session`: crate::session::Session",
        ]
    );
}

#[test]
fn a_path_that_leads_nowhere_is_told() {
    for (first, path) in [
        ("use super::b::Gone; pub struct A;", "super::b::Gone"),
        (
            "use super::b; pub struct A; fn f() { b::gone() }",
            "b::gone",
        ),
        ("pub struct A; fn f() { g!(crate::gone) }", "crate::gone"),
    ] {
        assert_eq!(two(first, B).lost, [format!("src/plan/a.rs: {path}")]);
    }
}
