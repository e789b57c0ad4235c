//! Where plans stand: a line each, as a table for people and as JSON. In come plans and decisions on them; out
//! go rows, and text of them. When and how often they are shown is not known here. Read `row.rs` first.

mod attention;
mod changes;
mod json;
mod markdown;
mod nearest;
mod row;
mod table;

pub use attention::Attention;
pub(super) use attention::{is_about_evidence, needs_person};
pub use changes::{Change, changes};
pub use json::{Document, document};
pub use markdown::markdown;
pub use nearest::{Nearest, Side};
pub use row::{Row, broken, decided, row, unreadable};
pub use table::{lines, render, summary};
