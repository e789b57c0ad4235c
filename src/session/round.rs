//! Deciding again where somebody else's push came first.

use std::thread;

use crate::decide::Exit;
use crate::workspace::git::backoff;

use super::context::Context;
use super::failure::Failure;

/// Lost races after which a person should look: with waits of up to eight seconds between them,
/// this is most of a minute of somebody else always being faster.
const MOST_TRIES: u32 = 8;

/// What became of one try to decide, write and push.
pub(crate) enum Round {
    /// It is over, and this is the exit code.
    Done(Exit),
    /// Somebody else was faster with their push. These plans' transitions wait here on top of theirs;
    /// what else was decided has to be decided again.
    Lost(Vec<String>),
}

impl Round {
    /// With an exit code that it is worth at least.
    pub(crate) fn worse(self, least: Exit) -> Self {
        match self {
            Self::Done(exit) => Self::Done(exit.worse(least)),
            lost @ Self::Lost(_) => lost,
        }
    }
}

/// Repeats what lost a race for the branch, on what is there then: nobody should have to say twice
/// that users must be spared.
///
/// # Errors
/// As the repeated function, and when somebody else is always faster.
pub(crate) fn until_published(
    context: &mut Context<'_>,
    mut once: impl FnMut(&mut Context<'_>) -> Result<Round, Failure>,
) -> Result<Exit, Failure> {
    let mut kept = Vec::new();
    for attempt in 1..=MOST_TRIES {
        match once(context)? {
            Round::Done(exit) => return Ok(exit),
            Round::Lost(waiting) => kept = waiting,
        }
        context
            .ui
            .note("somebody else pushed first; deciding again on what is there now")?;
        let random = u64::from(context.started.timestamp_subsec_nanos())
            .wrapping_add(u64::from(std::process::id()).wrapping_mul(7_919));
        thread::sleep(backoff(attempt, random));
    }
    Err(outrun(&kept))
}

/// Somebody else was faster every time, and this is what is here now.
fn outrun(kept: &[String]) -> Failure {
    let here = if kept.is_empty() {
        "what was decided is written neither there nor here".to_owned()
    } else {
        format!(
            "written and committed here, but not pushed: {}; what else was decided is not written",
            kept.join(", ")
        )
    };
    Failure::error(format!(
        "somebody else pushed first {MOST_TRIES} times; {here}"
    ))
    .help("run again; if it stays so, look who else pushes to this branch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_up_says_what_is_kept_here() {
        let kept = outrun(&["checkout".to_owned(), "search".to_owned()]).message;
        assert_eq!(
            kept,
            "somebody else pushed first 8 times; written and committed here, but not pushed: checkout, search; what else was decided is not written"
        );
        let nothing = outrun(&[]).message;
        assert!(
            nothing.ends_with("is written neither there nor here"),
            "{nothing}"
        );
    }
}
