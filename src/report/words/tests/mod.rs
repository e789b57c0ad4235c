//! Every fact has a sentence and a code of its own.

mod evidence;
mod examples;
mod page;
mod reasons;
mod verdicts;
