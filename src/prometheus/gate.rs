//! Giving up together when nobody is there.

use std::cell::{Cell, RefCell};

use super::{Client, QueryError};

/// Closes when the server turns out not to be there, so that nobody waits for every query of every
/// plan to find out by itself.
#[derive(Default)]
pub(super) struct Gate {
    pub(super) served: Cell<bool>,
    error: RefCell<Option<QueryError>>,
}

impl Gate {
    /// Asks, unless it is known that nobody is there.
    pub(super) async fn through<T>(
        &self,
        client: &Client,
        asking: impl Future<Output = Result<T, QueryError>>,
    ) -> Result<T, QueryError> {
        if let Some(error) = self.closed() {
            return Err(error);
        }
        let result = asking.await;
        self.note(&result);
        // One plan's slow queries say nothing about another plan's. Whoever has no time for a constant
        // either has none for anybody.
        if matches!(result, Err(QueryError::Deadline { .. })) && !self.served.get() {
            let constant = client.constant().await;
            self.note(&constant);
            if let Err(error @ QueryError::Deadline { .. }) = constant {
                self.close(&error);
            }
        }
        result
    }

    fn closed(&self) -> Option<QueryError> {
        if self.served.get() {
            return None;
        }
        self.error.borrow().clone()
    }

    fn close(&self, error: &QueryError) {
        self.error.borrow_mut().get_or_insert_with(|| error.clone());
    }

    fn note<T>(&self, result: &Result<T, QueryError>) {
        match result {
            Ok(_) => self.served.set(true),
            Err(QueryError::Rejected { .. } | QueryError::TooLarge { .. }) => self.served.set(true),
            // A slow or failing query says nothing about the next one.
            Err(
                QueryError::Deadline { .. } | QueryError::Broken { .. } | QueryError::Busy { .. },
            ) => {}
            Err(
                error @ (QueryError::Unreachable { .. }
                | QueryError::Refused { .. }
                | QueryError::Redirected { .. }
                | QueryError::NeedsTls { .. }
                | QueryError::NotAnApi { .. }),
            ) => self.close(error),
        }
    }
}
