//! Windows and freezes: whether an advance is allowed at an instant, and when it next is. Knows
//! nothing of plans.
//!
//! A window is an interval on one day's wall clock. Where the clock is put forward, a time that
//! does not exist stands for the end of the gap; a window that lies in the gap altogether does not
//! open. Where it is put back, a window opens at the first occurrence of its opening and closes at
//! the last occurrence of its closing: whoever looks at the wall and sees a time inside the window
//! is right, and it opens once a day, never twice.

use chrono::{
    DateTime, Datelike as _, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _,
    Timelike as _, Utc,
};
use chrono_tz::Tz;

use crate::plan::{Calendar, Freeze, Window};
use crate::units::Instant;

/// How far ahead an opening is looked for. Windows are weekly, so two weeks hold at least one
/// opening even when a gap in the clock swallows this week's.
const DAYS_AHEAD: u64 = 15;

/// The longest gap looked for in a zone's clock. Zones that jumped over the date line lost a whole
/// day (Pacific/Apia, 2011-12-30).
const LONGEST_GAP_MINUTES: i64 = 26 * 60;

/// Whether the windows allow an advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// There are no windows: any time will do.
    Always,
    /// Inside a window.
    Open {
        /// When the last of the windows that are open now closes.
        closes: Instant,
    },
    /// Outside all of them.
    Closed {
        /// The next opening; `None` when no window ever opens.
        next: Option<NextOpening>,
    },
}

/// When a window opens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextOpening {
    /// The instant.
    pub at: Instant,
    /// The same on the wall clock of the window's zone, such as `Mon 09:30 Europe/Stockholm`.
    pub local: String,
}

/// Whether the windows of this calendar allow an advance now.
#[must_use]
pub fn opening(calendar: &Calendar, now: Instant) -> Opening {
    if calendar.windows.is_empty() {
        return Opening::Always;
    }
    let spans = calendar
        .windows
        .iter()
        .flat_map(|window| spans(window, now));
    let mut closes: Option<Instant> = None;
    let mut next: Option<(Instant, Tz)> = None;
    for (start, end, tz) in spans {
        if start <= now && now < end {
            closes = Some(closes.map_or(end, |known| known.max(end)));
        } else if now < start && next.is_none_or(|(known, _)| start < known) {
            next = Some((start, tz));
        }
    }
    match closes {
        Some(closes) => Opening::Open { closes },
        None => Opening::Closed {
            next: next.map(|(at, tz)| NextOpening {
                at,
                local: wall_clock(at, tz, now),
            }),
        },
    }
}

/// The freeze that holds now; of several the one that ends last.
#[must_use]
pub fn freeze(calendar: &Calendar, now: Instant) -> Option<&Freeze> {
    calendar
        .freezes
        .iter()
        .filter(|freeze| freeze.from.is_none_or(|from| from <= now) && now < freeze.until)
        .max_by_key(|freeze| freeze.until)
}

/// The window's openings from yesterday (it may have opened then and still be open) to the horizon.
fn spans(window: &Window, now: Instant) -> Vec<(Instant, Instant, Tz)> {
    let today = now.with_timezone(&window.tz).date_naive();
    let Some(yesterday) = today.checked_sub_days(Days::new(1)) else {
        return Vec::new();
    };
    (0..=DAYS_AHEAD)
        .filter_map(|ahead| yesterday.checked_add_days(Days::new(ahead)))
        .filter(|day| window.days.contains(&day.weekday()))
        .filter_map(|day| span_on(window, day))
        .map(|(start, end)| (start, end, window.tz))
        .collect()
}

/// The window that opens on this day; `None` when a gap in the clock leaves nothing of it.
fn span_on(window: &Window, day: NaiveDate) -> Option<(Instant, Instant)> {
    let closing_day = if window.to > window.from {
        day
    } else {
        day.checked_add_days(Days::new(1))?
    };
    let start = first_occurrence(window.tz, day.and_time(window.from))?;
    let end = last_occurrence(window.tz, closing_day.and_time(window.to))?;
    (start < end).then_some((start, end))
}

fn first_occurrence(tz: Tz, local: NaiveDateTime) -> Option<Instant> {
    match tz.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => gap_end(tz, local),
    }
}

fn last_occurrence(tz: Tz, local: NaiveDateTime) -> Option<Instant> {
    match tz.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => Some(at.to_utc()),
        LocalResult::None => gap_end(tz, local),
    }
}

/// The first instant after the gap that this wall-clock time falls into.
fn gap_end(tz: Tz, local: NaiveDateTime) -> Option<Instant> {
    // Every zone's clock changes on a whole minute in the years that plans live in, so that the
    // first minute that exists is the end of the gap.
    let minute = local - TimeDelta::seconds(i64::from(local.second()));
    (0..=LONGEST_GAP_MINUTES)
        .filter_map(|ahead| minute.checked_add_signed(TimeDelta::minutes(ahead)))
        .find_map(|candidate| tz.from_local_datetime(&candidate).earliest())
        .map(|at: DateTime<Tz>| at.with_timezone(&Utc))
}

/// `Mon 09:30 Europe/Stockholm`, with the date where the weekday alone could be mistaken.
fn wall_clock(at: Instant, tz: Tz, now: Instant) -> String {
    let local = at.with_timezone(&tz);
    if at - now < TimeDelta::days(6) {
        local.format("%a %H:%M").to_string() + " " + tz.name()
    } else {
        local.format("%a %-d %b %H:%M").to_string() + " " + tz.name()
    }
}
