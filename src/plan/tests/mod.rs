//! Scenarios over whole files: what parses, and how each mistake is shown.

mod arms;
mod config_mistakes;
mod connection_mistakes;
mod directories;
mod example;
mod guardrail_metrics;
mod guardrail_mistakes;
mod keys;
mod kinds;
mod metric_mistakes;
mod plan_mistakes;
mod robust;
mod schemas;
mod stage_mistakes;
pub(crate) mod support;
mod targets;
mod templates;
mod whole_files;
