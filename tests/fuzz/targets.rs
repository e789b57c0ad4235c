//! The file of a target: the first byte says of which kind. What is written shows what was to be written.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rollout::plan::{Target, salvaged_targets};
use rollout::targets;
use rollout::units::Exposure;

static KINDS: LazyLock<Vec<Target>> = LazyLock::new(|| {
    let kinds = [
        "flagd = { file = 'f', flag = 'checkout', variant = 'on' }",
        "json = { file = 'f', exposed = '/canary', rest = '/stable' }",
        "yaml = { file = 'f', exposed = '/spec/0', rest = '/spec/1' }",
        "httproute = { file = 'f', exposed = 'shop-canary', rest = 'shop' }",
        "haproxy = { file = 'f', key = 'checkout' }",
    ];
    let plan: String = kinds.map(|kind| format!("[[targets]]\n{kind}\n")).concat();
    salvaged_targets(&plan)
});

fuzz_target!(|bytes: &[u8]| {
    let [kind, text @ ..] = bytes else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let target = &KINDS[usize::from(*kind) % KINDS.len()];
    drop(targets::check(target, text));
    let to = Exposure::from_percent(12.5).expect("a percentage");
    if let Ok(written) = targets::write(target, text, to) {
        let again = targets::write(target, &written, to).expect("what was written can be written");
        assert_eq!(again, written, "writing twice is writing once");
    }
});
