//! Transitions in real git repositories.

mod commit;
mod hanging;
mod killed;
mod lasting;
mod past;
mod push;
mod races;
mod refusals;
mod revision;
mod settings;
mod spared;
mod tree;
