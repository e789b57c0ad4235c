//! Many independent jobs on all cores, with a bar for whoever looks at a terminal.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::session::{Context, Failure};

/// Runs every job on all cores. The order in which they end does not matter: each has its own seed.
pub(super) fn on_all_cores<J: Copy + Send + Sync, R: Send>(
    jobs: &[J],
    context: &Context<'_>,
    run: impl Fn(J) -> R + Sync,
) -> Result<Vec<(J, R)>, Failure> {
    let target = if context.ui.progress {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    with_bar(jobs, &bar(jobs.len(), target), run)
}

fn with_bar<J: Copy + Send + Sync, R: Send>(
    jobs: &[J],
    bar: &ProgressBar,
    run: impl Fn(J) -> R + Sync,
) -> Result<Vec<(J, R)>, Failure> {
    // Drawn before the first job is done.
    bar.tick();
    let next = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut done = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*job, run(*job)));
            bar.inc(1);
        }
        done
    };
    let parts: Vec<thread::Result<Vec<(J, R)>>> = thread::scope(|scope| {
        // Where there is no room for a thread, the others do its work.
        let workers =
            (1..cores).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
        let workers: Vec<_> = workers.collect();
        let own = catch_unwind(AssertUnwindSafe(work));
        let others = workers.into_iter().map(thread::ScopedJoinHandle::join);
        std::iter::once(own).chain(others).collect()
    });
    bar.finish_and_clear();
    let mut done = Vec::with_capacity(jobs.len());
    for part in parts {
        match part {
            Ok(runs) => done.extend(runs),
            Err(_) => {
                return Err(Failure::error("a simulation stopped in the middle")
                    .help("this is a bug; the lines above say where"));
            }
        }
    }
    Ok(done)
}

/// How many of the jobs are done, and how long the others will take.
fn bar(jobs: usize, target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(jobs as u64), target);
    // Nothing is known of the time left before the first is done, which may take a while.
    let left = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = match state.pos() {
            0 => write!(out, "{:#} so far", HumanDuration(state.elapsed())),
            _ => write!(out, "{:#} left", HumanDuration(state.eta())),
        };
    };
    if let Ok(style) = ProgressStyle::with_template("simulating {bar:24} {pos}/{len}, {left}") {
        bar.set_style(style.with_key("left", left));
    }
    bar
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was drawn.
    #[derive(Debug, Default, Clone)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn put(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn text(&self) -> String {
            self.0.lock().unwrap().clone()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.put(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.put(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            self.put("<cleared>")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn target(screen: &Screen) -> ProgressDrawTarget {
        // Far more often than people can see, so that no state is skipped.
        ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), 255)
    }

    #[test]
    fn the_bar_says_how_many_are_done_and_how_long_it_takes() {
        let screen = Screen::default();
        let bar = bar(8, target(&screen));
        bar.inc(3);
        bar.force_draw();
        let text = screen.text();
        assert!(
            text.contains("simulating ") && text.contains(" 3/8, ") && text.contains(" left"),
            "{text:?}"
        );
    }

    #[test]
    fn every_job_is_done_once_and_the_bar_is_gone_after_it() {
        let screen = Screen::default();
        let jobs: Vec<u32> = (0..100).collect();
        let bar = bar(jobs.len(), target(&screen));
        let mut done = with_bar(&jobs, &bar, |job| job * 2).unwrap();
        done.sort_unstable();
        let expected: Vec<(u32, u32)> = jobs.iter().map(|job| (*job, job * 2)).collect();
        assert_eq!(done, expected);
        assert!(bar.is_finished());
        assert!(screen.text().ends_with("<cleared>"), "{:?}", screen.text());
    }
}
