//! Prometheus: plans to queries, queries to answers, answers to a [`crate::snapshot::Snapshot`].
//!
//! In come plans and an instant; out come snapshots. [`queries`] is pure; [`Client`] is the only place of
//! the crate that speaks HTTP to a metrics server; [`collect_each`] joins them, a few plans at a time. A
//! server that answers oddly is an issue of the snapshot, and a server that does not answer at all is a
//! [`CollectError`]. What the numbers mean is not known here. Read `query.rs` first, then `collect.rs`.

mod absence;
mod answer;
mod asking;
mod backoff;
mod cache;
mod client;
mod collect;
mod counters;
mod credentials;
mod doctor;
mod endpoint;
mod entries;
mod error;
mod falls;
mod fold;
mod gate;
mod gather;
mod grid;
mod headers;
mod increments;
mod inspect;
mod lost;
mod native;
mod need;
mod past;
mod pieces;
mod preflight;
mod query;
mod read;
mod reply;
mod request;
mod selector;
mod stream;
mod streamed;
mod tls;
mod together;

pub use answer::{Answer, Labels, NativeBucket, NativePoint, Point, Returned};
pub use asking::PLANS_AT_ONCE;
pub use cache::{Holdings, holdings};
pub use client::Client;
pub use collect::{collect, collect_each};
pub use doctor::examine;
pub use error::{ClientError, CollectError, QueryError};
pub use grid::{Grid, block_of};
pub use inspect::{Inspection, inspect};
pub use past::{SlotRequest, ask_histories, ask_slots, lacks_history};
pub use preflight::look_ahead;
pub use query::queries;
#[doc(hidden)]
pub use reply::read_answer;
pub use request::EvidenceRequest;
