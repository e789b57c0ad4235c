//! `rollout status --watch`: looks at the plans again and again until nothing moves by itself any more. On a
//! terminal the picture is drawn anew in place, elsewhere what has changed is added. While Prometheus does
//! not answer the latest picture stays, and it is said how old it is.

use std::io::{self, Write as _};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use chrono::TimeDelta;

use crate::decide::Exit;
use crate::plan::Status;
use crate::report::json::print;
use crate::report::numbers::{counted, time_of_day};
use crate::report::status::{self, Change, Row, changes, summary};
use crate::report::wrapped::wrap;
use crate::session::{Context, Failure, Format};
use crate::units::{Instant, Period, one_line};

use super::look::Look;

/// So often the clock is drawn.
const TICK: Duration = Duration::from_secs(1);

/// So many of the latest changes are shown above the table.
const CHANGES: usize = 3;

/// What was seen so far.
struct Watch {
    rows: Vec<Row>,
    /// When Prometheus, or the directory, was last heard without a failure.
    answered: Option<Instant>,
    /// Why it was not heard this time.
    away: Option<Failure>,
    /// When, and what; the latest first.
    changes: Vec<(Instant, Change)>,
    /// Plans that were rolled back while they were watched.
    fallen: bool,
    looked: Instant,
    /// How many looks there were.
    looks: usize,
    /// The look before was not answered either.
    was_away: bool,
}

/// Watches until every plan is settled, `timeout` is over or nobody reads any more.
///
/// # Errors
/// When the first look fails, or what is seen cannot be written.
pub(super) fn watch(
    asked: &[String],
    every: Period,
    timeout: Option<Period>,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let clock = Stopwatch::now();
    let started = context.now();
    let now = || started + TimeDelta::from_std(clock.elapsed()).unwrap_or_default();
    let in_place = context.ui.in_place && context.global.format == Format::Text;
    let seconds = |period: Period| Duration::from_secs(u64::from(period.seconds().max(1)));
    let every = seconds(every);
    let timeout = timeout.map(seconds);
    let mut seen: Option<Watch> = None;
    loop {
        let looked = Stopwatch::now();
        let at = now();
        let look = match (&seen, context.ui.place()) {
            (Some(_), Some(place)) if in_place => {
                // A bar within the picture would be torn.
                context.ui.progress = false;
                let style = context.output_style().styles();
                let line = || {
                    let (bold, dim) = (style.title, style.dim);
                    format!(
                        "{bold}{}{bold:#}  {dim}asks Prometheus for {}{dim:#}",
                        now().format("%H:%M:%S UTC"),
                        Period::between(at, now()).rough()
                    )
                };
                ticking(place, &line, || Look::take(asked, at, context))
            }
            _ => Look::take(asked, at, context),
        };
        let fresh = match &mut seen {
            None => {
                seen = Some(Watch::begun(look?, at));
                0
            }
            Some(watch) => watch.saw(look, at),
        };
        let Some(watch) = &mut seen else {
            continue;
        };
        if in_place {
            watch.draw(now(), fresh, context)?;
        } else {
            watch.append(fresh, context)?;
        }
        context.ui.answer().flush()?;
        if !context.ui.is_read() {
            return Ok(Exit::Go);
        }
        let is_over = |clock: &Stopwatch| timeout.is_some_and(|most| clock.elapsed() >= most);
        if watch.is_settled() || is_over(&clock) {
            return watch.end(context);
        }
        while looked.elapsed() < every && !is_over(&clock) {
            let rest = every.saturating_sub(looked.elapsed());
            let rest = timeout.map_or(rest, |most| rest.min(most.saturating_sub(clock.elapsed())));
            thread::sleep(if in_place { rest.min(TICK) } else { rest });
            if in_place {
                watch.draw(now(), fresh, context)?;
                context.ui.answer().flush()?;
            }
        }
    }
}

/// Does what may take long, while the first line of the picture is drawn anew once a tick. `place` is so many
/// lines above the cursor. Nothing else may be written to the terminal meanwhile.
fn ticking<T>(place: usize, line: &(dyn Fn() -> String + Sync), done: impl FnOnce() -> T) -> T {
    let (ended, ends) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let clock = move || {
            while ends.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                let mut terminal = io::stdout();
                // Whoever reads no more is found out by the next picture.
                let _ = write!(terminal, "\x1b[{place}A\r\x1b[2K{}\r\x1b[{place}B", line());
                let _ = terminal.flush();
            }
        };
        // A clock that cannot be started stands, and nothing else.
        drop(thread::Builder::new().spawn_scoped(scope, clock));
        let done = done();
        drop(ended);
        done
    })
}

impl Watch {
    fn begun(look: Look, at: Instant) -> Self {
        let Look { rows, away } = look;
        Self {
            rows,
            answered: away.is_none().then_some(at),
            away,
            changes: Vec::new(),
            fallen: false,
            looked: at,
            looks: 1,
            was_away: false,
        }
    }

    /// Takes in a look; how many changes it brought.
    fn saw(&mut self, look: Result<Look, Failure>, at: Instant) -> usize {
        self.looked = at;
        self.looks += 1;
        self.was_away = self.away.is_some();
        let Look { mut rows, away } = match look {
            Ok(look) => look,
            // The directory cannot be read just now: the picture stays.
            Err(failure) => {
                self.away = Some(failure);
                return 0;
            }
        };
        if away.is_some() {
            // What was measured last stays beside a plan that stands where it stood.
            for row in rows.iter_mut().filter(|row| row.exit.is_none()) {
                let was = self.rows.iter().find(|was| was.plan == row.plan);
                if let Some(was) = was.filter(|was| was.stands_as(row)) {
                    *row = was.clone();
                }
            }
        } else {
            self.answered = Some(at);
        }
        self.away = away;
        let new = changes(&self.rows, &rows);
        let count = new.len();
        let was_moving = |plan: &str| {
            let was = self.rows.iter().find(|was| was.plan == plan);
            was.is_some_and(|was| was.status != Some(Status::RolledBack))
        };
        self.fallen |= rows
            .iter()
            .any(|row| row.status == Some(Status::RolledBack) && was_moving(&row.plan));
        let new = new.into_iter().map(|change| (at, change));
        self.changes.splice(0..0, new);
        self.rows = rows;
        count
    }

    /// Nothing moves by itself any more. A plan with mistakes does not either: a person mends its file.
    fn is_settled(&self) -> bool {
        self.rows.iter().all(is_settled)
    }

    fn draw(&self, now: Instant, fresh: usize, context: &mut Context<'_>) -> Result<(), Failure> {
        let height = context.ui.fit();
        let output = context.output_style();
        let styles = output.styles();
        let (dim, doubt, bold) = (styles.dim, styles.doubt, styles.title);
        let mut lines = vec![match (&self.away, self.answered) {
            (None, _) => format!(
                "{bold}{}{bold:#}  {dim}looked {} ago{dim:#}",
                now.format("%H:%M:%S UTC"),
                Period::between(self.looked, now).rough()
            ),
            (Some(_), Some(answered)) => format!(
                "{bold}{}{bold:#}  {doubt}no answer since {}: what was measured is of then{doubt:#}",
                now.format("%H:%M:%S UTC"),
                time_of_day(answered)
            ),
            (Some(_), None) => format!(
                "{bold}{}{bold:#}  {doubt}no answer yet: this is without it{doubt:#}",
                now.format("%H:%M:%S UTC")
            ),
        }];
        if let Some(failure) = &self.away {
            let text = wrap(&said(failure), output.width.saturating_sub(2));
            lines.extend(
                text.iter()
                    .take(2)
                    .map(|line| format!("  {doubt}{line}{doubt:#}")),
            );
        }
        let changed: Vec<&str> = self.changes[..fresh.min(self.changes.len())]
            .iter()
            .map(|(_, change)| change.plan.as_str())
            .collect();
        for (index, (at, change)) in self.changes.iter().take(CHANGES).enumerate() {
            let style = if index < fresh { bold } else { dim };
            lines.push(format!("  {style}{}{style:#}", told(*at, change)));
        }
        let told: Vec<Row> = self
            .rows
            .iter()
            .filter(|row| {
                !context.ui.quiet || row.is_told() || changed.contains(&row.plan.as_str())
            })
            .cloned()
            .collect();
        if told.is_empty() {
            lines.push(summary(&self.rows));
        } else {
            lines.push(String::new());
            lines.extend(status::lines(&told, &changed, output));
        }
        // The newest and what needs somebody is on top; what has no room below it is left out and said to be.
        if lines.len() > height {
            let hidden = lines.len() + 1 - height;
            lines.truncate(height.saturating_sub(1));
            lines.push(format!("{dim}{hidden} more lines: `rollout status`{dim:#}"));
        }
        Ok(context.ui.draw(&lines)?)
    }

    fn append(&self, fresh: usize, context: &mut Context<'_>) -> Result<(), Failure> {
        if context.global.format == Format::Json {
            return Ok(print(&status::document(&self.rows), context.ui.answer())?);
        }
        let quiet = context.ui.quiet;
        let output = context.output_style();
        let out = context.ui.answer();
        if self.looks == 1 {
            let told: Vec<Row> = self
                .rows
                .iter()
                .filter(|row| !quiet || row.is_told())
                .cloned()
                .collect();
            if !told.is_empty() {
                status::render(&told, &output, out)?;
            }
        }
        for (at, change) in self.changes[..fresh].iter().rev() {
            writeln!(out, "{}", told(*at, change))?;
        }
        let at = time_of_day(self.looked);
        match &self.away {
            Some(_) if quiet && self.was_away => {}
            Some(failure) => writeln!(out, "{at}  no answer: {}", said(failure))?,
            None if fresh == 0 && self.looks > 1 && !quiet => {
                writeln!(out, "{at}  {}", summary(&self.rows))?
            }
            None => {}
        }
        Ok(())
    }

    /// The last words and the exit code.
    fn end(&self, context: &mut Context<'_>) -> Result<Exit, Failure> {
        let open = self.rows.iter().filter(|row| !is_settled(row)).count();
        if context.global.format != Format::Json && !context.ui.quiet {
            let plans = counted(self.rows.len(), "plan");
            let text = match open {
                0 => format!("nothing moves any more: {}", summary(&self.rows)),
                open => format!("time is over: {open} of {plans} not settled"),
            };
            writeln!(context.ui.answer(), "{text}")?;
        }
        let of = |row: &Row| match row.status {
            None => Exit::Invalid,
            Some(Status::Complete) => Exit::Go,
            Some(Status::RolledBack) => Exit::Hold,
            Some(Status::Pending | Status::Progressing | Status::Paused) => {
                row.exit.unwrap_or(Exit::Hold).worse(Exit::Hold)
            }
        };
        let plans = self.rows.iter().map(of).fold(Exit::Go, Exit::worse);
        let fallen = if self.fallen {
            Exit::Rollback
        } else {
            Exit::Go
        };
        let away = self.away.as_ref().map_or(Exit::Go, |_| Exit::Error);
        Ok(plans.worse(fallen).worse(away))
    }
}

fn is_settled(row: &Row) -> bool {
    match row.status {
        Some(Status::Complete | Status::RolledBack) | None => true,
        Some(Status::Pending | Status::Progressing | Status::Paused) => false,
    }
}

/// `14:10:05 UTC  checkout: 10 % -> 50 %, stage 3 of 4`.
fn told(at: Instant, change: &Change) -> String {
    let Change { plan, what } = change;
    let at = at.format("%H:%M:%S UTC");
    format!("{at}  {}: {}", one_line(plan), one_line(what))
}

/// A failure in one line.
fn said(failure: &Failure) -> String {
    let Failure {
        message, causes, ..
    } = failure;
    let text: Vec<&str> = std::iter::once(message.as_str())
        .chain(causes.iter().map(String::as_str))
        .collect();
    one_line(&text.join(": ")).into_owned()
}
