//! The merge gate, its examples and the notices through the built binary, in real repositories.

mod examples;
mod hostile;
mod notices;
pub(crate) mod pull_request;
mod records;
mod refusals;
mod refused;
mod trusted;
