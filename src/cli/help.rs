//! `rollout help`: help on commands, and pages on topics that belong to no command.

use crate::decide::Exit;
use crate::session::{Context, Failure};

/// Topics with their pages.
const TOPICS: [(&str, &str); 8] = [
    ("statistics", include_str!("help/statistics.txt")),
    ("exit-codes", include_str!("help/exit-codes.txt")),
    ("ramps", include_str!("help/ramps.txt")),
    ("cron", include_str!("help/cron.txt")),
    ("ci", include_str!("help/ci.txt")),
    ("instrumenting", include_str!("help/instrumenting.txt")),
    ("bucketing", include_str!("help/bucketing.txt")),
    ("targets", include_str!("help/targets.txt")),
];

/// Print help on a command or a topic: statistics, exit-codes, ramps, cron, ci, instrumenting, bucketing, targets
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A command, or a topic
    topic: Option<String>,
}

pub(super) fn run(
    args: &Args,
    mut root: clap::Command,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    root.build();
    let color = context.ui.color;
    let topic = |name: &str| TOPICS.iter().find(|(topic, _)| *topic == name);
    if let Some((_, page)) = args.topic.as_deref().and_then(topic) {
        context.ui.answer().write_all(page.as_bytes())?;
        return Ok(Exit::Go);
    }
    let page = match args.topic.as_deref() {
        None => root.render_long_help(),
        Some(name) => root
            .find_subcommand_mut(name)
            .map(clap::Command::render_long_help)
            .ok_or_else(|| {
                let topics = TOPICS.map(|(topic, _)| topic).join(", ");
                Failure::invalid(format!("there is no command or topic `{name}`")).help(format!(
                    "`rollout --help` lists the commands; the topics are {topics}"
                ))
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
    use crate::units::Bucket;

    fn page(topic: &str) -> &'static str {
        let found = TOPICS.iter().find(|(name, _)| *name == topic);
        found.expect("a topic").1
    }

    #[test]
    fn the_pages_fit_a_terminal() {
        for (topic, page) in TOPICS {
            let wide = page.lines().find(|line| line.chars().count() > 80);
            assert_eq!(wide, None, "{topic}");
        }
    }

    #[test]
    fn the_page_of_exit_codes_has_each_with_its_name() {
        let exits = [
            Exit::Go,
            Exit::Error,
            Exit::Invalid,
            Exit::Hold,
            Exit::NoGo,
            Exit::Rollback,
            Exit::Inconclusive,
        ];
        for exit in exits {
            let line = format!("  {}  {} ", exit.code(), exit.name());
            assert!(page("exit-codes").contains(&line), "no `{line}`");
        }
    }

    #[test]
    fn the_page_of_bucketing_shows_vectors_that_hold() {
        let (_, table) = page("bucketing").split_once("    salt ").expect("a table");
        let table = table.lines().skip(1).filter_map(|line| {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [salt, user, bucket] => Some((salt, user, bucket.parse().ok()?)),
                _ => None,
            }
        });
        let vectors: Vec<(&str, &str, u16)> = table.collect();
        assert!(vectors.len() >= 5, "{vectors:?}");
        for (salt, user, bucket) in vectors {
            assert_eq!(Bucket::of(salt, user).number(), bucket, "{salt}:{user}");
        }
    }

    #[test]
    fn the_page_of_statistics_names_every_way_to_be_misled() {
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
            assert!(page("statistics").contains(part), "no `{part}`");
        }
    }
}
