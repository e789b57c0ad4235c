//! A saved snapshot.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout::snapshot;

fuzz_target!(|text: &str| drop(snapshot::read(text)));
