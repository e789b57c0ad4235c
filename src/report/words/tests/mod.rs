//! Every fact has a sentence and a code of its own.

mod examples;
mod page;
mod reasons;
mod verdicts;
