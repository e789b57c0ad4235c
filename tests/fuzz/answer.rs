//! An answer of Prometheus, as a whole and as it streams in pieces: the first byte says how large they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout::prometheus::read_answer;

fuzz_target!(|bytes: &[u8]| {
    let [size, body @ ..] = bytes else {
        return;
    };
    for status in [200, 400, 503] {
        let (answer, whole) = read_answer(status, body, body.len());
        let (_, pieces) = read_answer(status, body, usize::from(*size));
        // What is no answer is refused, whatever was found in it.
        if answer.is_ok() {
            assert_eq!(whole, pieces, "the series found depend on how the bytes are split");
        }
    }
});
