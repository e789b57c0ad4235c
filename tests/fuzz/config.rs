//! The text of `config.toml`: it is read, or what is wrong with it is told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollout::plan::{parse_config, render_mistakes, salvaged_config};

fuzz_target!(|text: &str| {
    let parsed = parse_config(text);
    drop(salvaged_config(text));
    if parsed.value.is_none() {
        assert!(!parsed.mistakes.is_empty());
        let told = render_mistakes("config.toml", text, &parsed.mistakes, false, 100);
        assert!(!told.contains('\u{1b}'), "{told}");
    }
});
