//! How a test shows what a change is told. Nothing is asserted here.

use crate::plan::render_mistakes;
use crate::plan::tests::support::{plan_of, value};
use crate::review::{BySettings, Revised, compare};

/// What a change of a plan is told, as it is shown.
pub(super) fn shown_change(before: &str, after: &str, state_backed: bool) -> String {
    let old = value(before, plan_of(before));
    let new = value(after, plan_of(after));
    let mistakes = compare(&Revised {
        before: Some(&old),
        after: &new,
        text: after,
        state_backed,
        by_settings: BySettings::No,
    });
    render_mistakes("checkout.toml", after, &mistakes, false, 100)
}
