//! The two doors: a file's text in, a value or its mistakes out.

use super::document::document;
use super::fields::Reader;
use super::{plan, settings, spanned};
use crate::plan::model::{Config, Parsed, Plan};

/// Reads `config.toml`.
#[must_use]
pub fn parse_config(text: &str) -> Parsed<Config> {
    document(text, |reader, root| settings::read(reader, root.get_ref()))
}

/// Reads a plan against the shared settings; `name` is the file's stem.
#[must_use]
pub fn parse_plan(name: &str, text: &str, config: &Config) -> Parsed<Plan> {
    document(text, |reader, root| {
        plan::read(reader, name, text, root.get_ref(), config)
    })
}

/// What can be read of a `config.toml` with mistakes by a command that must not be stopped by them:
/// what is done with git, and who is told. Everything else is as if nothing were written.
#[must_use]
pub fn salvaged_config(text: &str) -> Config {
    let (root, _) = spanned::recovered(text);
    settings::salvaged(&mut Reader::default(), root.get_ref())
}
