//! HTTP of notifications: a body and a URL come in, whether it was taken goes out. What is said, to
//! whom and when is not known here. Read `webhook.rs` first.

mod webhook;

pub use webhook::post;
