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
        unicode: is_unicode(variables),
        width,
        quiet: global.quiet,
        in_place: terminals.stdout && variables.text("TERM") != Some("dumb"),
        progress: shows_progress(terminals.stderr, global.quiet, global.verbose),
    }
}

/// Whether the locale has characters beyond ASCII, by the first variable that is set, as C libraries ask them.
fn is_unicode(variables: &Variables) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variables.get(name));
    let name = locale.map(|name| name.to_string_lossy().to_ascii_lowercase());
    name.is_some_and(|name| name.contains("utf-8") || name.contains("utf8"))
}

/// A bar is for a person who looks at a terminal; between lines of the log it would only be torn.
const fn shows_progress(stderr_is_terminal: bool, quiet: bool, verbose: u8) -> bool {
    stderr_is_terminal && !quiet && verbose == 0
}

#[cfg(test)]
mod tests {
    use super::{Variables, is_unicode, shows_progress};

    #[test]
    fn the_first_locale_that_is_set_says_which_characters_are_understood() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()));
            is_unicode(&pairs.collect::<Variables>())
        };
        assert!(of(&[("LANG", "en_US.UTF-8")]));
        assert!(of(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!of(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!of(&[]));
    }

    #[test]
    fn a_bar_needs_a_terminal_and_nobody_who_asked_for_quiet_or_for_a_log() {
        assert!(shows_progress(true, false, 0));
        assert!(!shows_progress(false, false, 0));
        assert!(!shows_progress(true, true, 0));
        assert!(!shows_progress(true, false, 1));
    }
}
