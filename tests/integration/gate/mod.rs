//! The merge gate through the built binary, in real repositories.

mod pull_request;
mod refusals;
mod trusted;
