//! What is drawn on stderr while something takes long, for whoever looks at a terminal: at once, since a
//! slow server may take half a minute for its first answer, and gone when it is over.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::units::one_line;

use super::context::Context;

/// How often the time is drawn anew.
const TICK: Duration = Duration::from_millis(250);

/// One time of asking, or of other work; cleared when it is dropped, also where it fails.
pub(crate) struct Asking {
    bar: ProgressBar,
}

impl Asking {
    /// Begins to draw, where anybody looks.
    pub(crate) fn start(context: &Context<'_>) -> Self {
        Self::at("asking Prometheus", context)
    }

    /// Begins to draw what is worked at, where anybody looks.
    pub(crate) fn at(what: &str, context: &Context<'_>) -> Self {
        if !context.ui.progress {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new_spinner();
        bar.set_message(one_line(what).into_owned());
        style(&bar, "{msg}, {elapsed}");
        bar.enable_steady_tick(TICK);
        Self { bar }
    }

    /// So many of so many queries are answered.
    pub(crate) fn answered(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        style(
            &self.bar,
            "asking Prometheus {bar:24} {pos}/{len}, {elapsed}",
        );
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
