//! The two doors: a file's text in, a value or its mistakes out.

use super::document::document;
use super::{plan, settings};
use crate::plan::{Config, Parsed, Plan};

/// Reads `config.toml`.
#[must_use]
pub fn parse_config(text: &str) -> Parsed<Config> {
    document(text, |reader, root| {
        settings::config(reader, root.get_ref())
    })
}

/// Reads a plan against the shared settings; `name` is the file's stem.
#[must_use]
pub fn parse_plan(name: &str, text: &str, config: &Config) -> Parsed<Plan> {
    document(text, |reader, root| {
        plan::plan(reader, name, text, root.get_ref(), config)
    })
}
