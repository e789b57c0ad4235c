//! Addresses of hosts by their names, for whoever speaks HTTP: what the HTTP client does by itself panics
//! where the machine has no room for another thread.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::thread;

use futures::channel::oneshot;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Asks the operating system, in a thread of its own a name: it may take long.
#[derive(Debug, Clone, Copy)]
pub struct Lookup;

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (tell, told) = oneshot::channel();
        let started = thread::Builder::new().spawn(move || {
            let found = (name.as_str(), 0).to_socket_addrs();
            // Nobody listens any more when it took too long.
            let _ = tell.send(found.map(|found| found.collect::<Vec<SocketAddr>>()));
        });
        Box::pin(async move {
            started.map_err(|error| {
                let why = format!("no thread can be started to look up the name: {error}");
                io::Error::new(error.kind(), why)
            })?;
            Ok(Box::new(told.await??.into_iter()) as Addrs)
        })
    }
}
