//! Every key of the files, declared once: name, type, meaning, example.
//!
//! In comes nothing; out go what the reader knows and says of types, the JSON Schema, and the reference
//! of all keys for people. How a value is read is not known here. Read `key.rs` first.

pub(super) mod arms;
pub(super) mod config;
pub(super) mod key;
pub(super) mod metric;
pub(super) mod plan;
mod reference;
mod schema;
pub(super) mod state;
pub(super) mod tables;
pub(super) mod target;

pub use reference::reference;
pub use schema::{schema_config, schema_plan};
pub use state::StateKey;
