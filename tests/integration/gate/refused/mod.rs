//! Every refusal of the merge gate as `validate --base` shows it, in a real repository.

mod all;
mod course;
mod deleted;
mod guardrails;
mod records;
mod settings;
mod state;
mod targets;
mod world;
