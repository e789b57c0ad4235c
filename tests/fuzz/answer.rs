//! An answer of Prometheus, as a whole and as it streams in pieces: the first byte says how large they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout::prometheus::read_answer;

fuzz_target!(|bytes: &[u8]| {
    let [size, body @ ..] = bytes else {
        return;
    };
    // A series whose end is not seen in a piece stays in the rest, so the numbers may differ.
    for status in [200, 400, 503] {
        drop(read_answer(status, body, body.len()));
        drop(read_answer(status, body, usize::from(*size)));
    }
});
