//! What is found of the past.

use crate::snapshot::{History, Unsplit};

/// What was found of one guardrail's past.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::prometheus) struct Found {
    /// The past itself.
    pub(in crate::prometheus) history: Option<History>,
    /// Why it is not there in groups.
    pub(in crate::prometheus) unsplit: Option<Unsplit>,
}

impl Found {
    /// What was counted, or why nothing was.
    pub(super) fn of(read: Result<History, Unsplit>) -> Self {
        match read {
            Ok(history) => Self {
                history: Some(history),
                unsplit: None,
            },
            Err(why) => Self {
                history: None,
                unsplit: Some(why),
            },
        }
    }
}
