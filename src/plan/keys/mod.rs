//! Every key of the files.

pub(super) mod names;
mod schema;
mod schema_config;

pub use schema::schema_plan;
pub use schema_config::schema_config;
