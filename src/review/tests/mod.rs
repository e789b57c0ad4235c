//! What changes of plans and settings are told, as it is shown.

mod arms;
mod course;
mod plans;
mod settings;
mod state;
mod support;
