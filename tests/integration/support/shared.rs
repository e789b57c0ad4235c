//! A server that several tests ask at the same time: it starts with the first, and ends with the last that
//! holds it. A value that lives as long as the program is never dropped, and would leave a process behind.

use std::sync::{Arc, Mutex, Weak};

use super::openmetrics::Metrics;
use super::server::Server;

/// Such a server.
pub(crate) struct Shared {
    metrics: fn() -> Metrics,
    server: Mutex<Weak<Server>>,
}

impl Shared {
    /// Nothing is started yet.
    pub(crate) const fn of(metrics: fn() -> Metrics) -> Self {
        Self {
            metrics,
            server: Mutex::new(Weak::new()),
        }
    }

    /// The server, for as long as it is held.
    pub(crate) fn get(&self) -> Arc<Server> {
        // A test that failed while it started the server is no reason for the others to fail.
        let mut shared = self
            .server
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Server::start((self.metrics)()));
        *shared = Arc::downgrade(&server);
        server
    }
}
