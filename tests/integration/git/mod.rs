//! Transitions in real git repositories.

mod commit;
mod hanging;
mod killed;
mod push;
mod refusals;
mod revision;
mod settings;
mod spared;
mod tree;
