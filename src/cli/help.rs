//! `rollout help`: help on commands, and pages on topics that belong to no command.

use crate::decide::Exit;
use crate::session::{Context, Failure};

/// The page on statistics.
const STATISTICS: &str = include_str!("help/statistics.txt");

/// Print help on a command or a topic: statistics
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A command, or `statistics`
    topic: Option<String>,
}

pub(super) fn run(
    args: &Args,
    mut root: clap::Command,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    root.build();
    let color = context.ui.color;
    let page = match args.topic.as_deref() {
        None => root.render_long_help(),
        Some("statistics") => {
            context.ui.answer().write_all(STATISTICS.as_bytes())?;
            return Ok(Exit::Go);
        }
        Some(name) => root
            .find_subcommand_mut(name)
            .map(clap::Command::render_long_help)
            .ok_or_else(|| {
                Failure::invalid(format!("there is no command or topic `{name}`"))
                    .help("`rollout --help` lists the commands; the topic is `statistics`")
            })?,
    };
    if color {
        write!(context.ui.answer(), "{}", page.ansi())?;
    } else {
        write!(context.ui.answer(), "{page}")?;
    }
    Ok(Exit::Go)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_fits_a_terminal_and_names_every_way_to_be_misled() {
        let wide = STATISTICS.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None);
        for part in [
            "Drift",
            "choose to be exposed",
            "change groups",
            "Interference",
            "Retries",
            "What is new",
            "Small margins",
            "Bursts",
            "not the probability of harm",
            "at its highest",
        ] {
            assert!(STATISTICS.contains(part), "no `{part}`");
        }
    }
}
