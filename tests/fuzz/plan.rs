//! The text of a plan: it is read, or what is wrong with it is told; its state can be written.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rollout::plan::{
    Config, parse_config, parse_plan, render_mistakes, revise, salvaged_targets,
};

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let metrics = "[metrics.errors]\ncategory = \"reliability\"\nratio = { events = 'errors_total', total = 'requests_total' }\n";
    parse_config(metrics).value.expect("these settings are valid")
});

fuzz_target!(|text: &str| {
    let parsed = parse_plan("checkout", text, &CONFIG);
    drop(salvaged_targets(text));
    let Some(plan) = parsed.value else {
        assert!(!parsed.mistakes.is_empty());
        let told = render_mistakes("checkout.toml", text, &parsed.mistakes, false, 100);
        assert!(!told.contains('\u{1b}'), "{told}");
        return;
    };
    let Some(state) = &plan.state else {
        return;
    };
    // What a transition writes is the plan with another state, and is read again.
    if let Ok(revised) = revise(text, state) {
        let again = parse_plan("checkout", &revised, &CONFIG);
        let again = again.value.expect("a plan that was written is valid");
        assert_eq!(again.state.as_ref(), Some(state));
        assert_eq!(again.stages(), plan.stages());
    }
});
