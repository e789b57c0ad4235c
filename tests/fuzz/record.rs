//! A record: what is read is written again byte for byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout::workspace::Record;

fuzz_target!(|text: &str| {
    if let Ok(record) = Record::read(text) {
        assert_eq!(record.to_text(), text);
    }
});
