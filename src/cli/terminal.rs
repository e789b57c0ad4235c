//! How is written to the terminal that the program was started in: colours, width, progress.

use crate::session::{Shape, Variables};

use super::args::{Color, GlobalArgs};
use super::world::Terminals;

/// As the flags say, else the environment, else the terminal itself.
pub(super) fn shape(global: &GlobalArgs, variables: &Variables, terminals: Terminals) -> Shape {
    let color = |terminal: bool| match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            terminal
                && variables.get("NO_COLOR").is_none()
                && variables.text("TERM") != Some("dumb")
        }
    };
    let width = variables
        .text("COLUMNS")
        .and_then(|columns| columns.parse().ok())
        .or(terminals.width);
    Shape {
        color: color(terminals.stdout),
        color_messages: color(terminals.stderr),
        width,
        quiet: global.quiet,
        progress: shows_progress(terminals.stderr, global.quiet, global.verbose),
    }
}

/// A bar is for a person who looks at a terminal; between lines of the log it would only be torn.
const fn shows_progress(stderr_is_terminal: bool, quiet: bool, verbose: u8) -> bool {
    stderr_is_terminal && !quiet && verbose == 0
}

#[cfg(test)]
mod tests {
    use super::shows_progress;

    #[test]
    fn a_bar_needs_a_terminal_and_nobody_who_asked_for_quiet_or_for_a_log() {
        assert!(shows_progress(true, false, 0));
        assert!(!shows_progress(false, false, 0));
        assert!(!shows_progress(true, true, 0));
        assert!(!shows_progress(true, false, 1));
    }
}
