//! Scenarios over whole files: what parses, and how each mistake is shown.

mod example;
mod support;
