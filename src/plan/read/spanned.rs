//! The one place where text becomes a TOML table with places, so that a test can count how often the
//! same text is parsed.

use toml::Spanned;
use toml::de::{DeTable, Error};

/// The table, or the first syntax error.
pub(in crate::plan) fn table(text: &str) -> Result<Spanned<DeTable<'_>>, Error> {
    let (root, errors) = recovered(text);
    errors.into_iter().next().map_or(Ok(root), Err)
}

/// What could be understood, and every syntax error.
pub(in crate::plan) fn recovered(text: &str) -> (Spanned<DeTable<'_>>, Vec<Error>) {
    #[cfg(test)]
    count::add(text);
    DeTable::parse_recoverable(text)
}

/// What this thread parsed.
#[cfg(test)]
pub(crate) mod count {
    use std::cell::RefCell;

    thread_local! {
        static PARSED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn add(text: &str) {
        PARSED.with_borrow_mut(|parsed| parsed.push(text.to_owned()));
    }

    /// The texts parsed since this was last asked.
    pub(crate) fn take() -> Vec<String> {
        PARSED.take()
    }
}
