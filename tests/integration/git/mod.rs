//! Transitions in real git repositories.

mod commit;
mod killed;
mod push;
mod refusals;
mod revision;
mod settings;
mod tree;
