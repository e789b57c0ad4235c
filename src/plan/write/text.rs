//! A plan's text, parsed once for everything that is done with it on the way to a new state: where it
//! stands, what is declared, and the same text with another state.

use toml::Spanned;
use toml::de::{DeTable, Error};

use crate::units::{Digest, Instant};

use super::revise::{ReviseError, overrule_in, revise_in, syntax};
use crate::plan::model::State;
use crate::plan::read::section::{declared_digest_in, declared_part_in};
use crate::plan::read::spanned;
use crate::plan::read::state::{salvaged_in, standing_in};

/// A text that may be a plan.
#[derive(Debug)]
pub struct PlanText<'t> {
    text: &'t str,
    root: Spanned<DeTable<'t>>,
    error: Option<Error>,
}

impl<'t> PlanText<'t> {
    /// Parses; a text with syntax errors has a declared part and nothing else.
    #[must_use]
    pub fn parse(text: &'t str) -> Self {
        let (root, errors) = spanned::recovered(text);
        Self {
            text,
            root,
            error: errors.into_iter().next(),
        }
    }

    /// As [`crate::plan::standing_of`].
    #[must_use]
    pub fn standing(&self) -> Option<Option<State>> {
        standing_in(self.text, self.whole().ok()?)
    }

    /// As [`crate::plan::salvaged_state`].
    #[must_use]
    pub fn salvaged(&self, at: Instant) -> Option<State> {
        salvaged_in(self.text, self.whole().ok()?, at)
    }

    /// As [`crate::plan::declared_part`].
    #[must_use]
    pub fn declared_part(&self) -> &'t str {
        declared_part_in(self.text, self.root.get_ref())
    }

    /// As [`crate::plan::declared_digest`].
    #[must_use]
    pub fn declared_digest(&self) -> Digest {
        declared_digest_in(self.text, self.root.get_ref())
    }

    /// As [`crate::plan::revise`].
    ///
    /// # Errors
    /// As [`crate::plan::revise`].
    pub fn revise(&self, state: &State) -> Result<String, ReviseError> {
        revise_in(self.text, self.whole()?, state)
    }

    /// As [`crate::plan::overrule`].
    ///
    /// # Errors
    /// As [`crate::plan::overrule`].
    pub fn overrule(&self, state: &State) -> Result<String, ReviseError> {
        overrule_in(self.text, self.whole()?, state)
    }

    fn whole(&self) -> Result<&DeTable<'t>, ReviseError> {
        match &self.error {
            None => Ok(self.root.get_ref()),
            Some(error) => Err(syntax(error)),
        }
    }
}
