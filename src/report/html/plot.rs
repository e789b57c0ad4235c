//! Plots as inline SVG: lines, bands, rules and marks over time. Knows numbers and labels, nothing of
//! rollouts. What is told apart by colour is told apart by its dashes and its name too.

use maud::{Markup, html};

use crate::units::Instant;

use super::super::words::page as words;
use super::axis::Axis;

/// Room around the drawing, in pixels, for one width of screen.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// When it is shown: a class of the style sheet.
    class: &'static str,
    width: f64,
    left: f64,
    right: f64,
    /// Instants along the bottom, at most.
    times: i64,
    /// Names of marks nearer than this would lie on each other.
    mark_gap: f64,
    /// Names stand at the right edge; else in a legend below.
    has_names: bool,
}

const WIDE: Frame = Frame {
    class: "wide",
    width: 880.0,
    left: 72.0,
    right: 165.0,
    times: 6,
    mark_gap: 48.0,
    has_names: true,
};

/// A telephone: drawn anew for its width, so that letters keep their size and the newest data is in
/// sight.
const NARROW: Frame = Frame {
    class: "narrow",
    width: 358.0,
    left: 60.0,
    right: 14.0,
    times: 3,
    mark_gap: 48.0,
    has_names: false,
};

const TOP: f64 = 24.0;
const BOTTOM: f64 = 26.0;
/// Names at the right edge closer than this would lie on each other.
const NAME_GAP: f64 = 14.0;
/// Between two strokes that hatch a gap.
const HATCH: f64 = 9.0;

/// A line with a class for its looks and a name at its right end. Gaps part it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) name: String,
    pub(super) pieces: Vec<Vec<(Instant, f64)>>,
}

/// A horizontal line across the plot, with a name at its right end.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) class: &'static str,
    pub(super) name: String,
    pub(super) at: f64,
}

/// One plot.
#[derive(Debug, Clone)]
pub(super) struct Plot {
    /// What it shows, for those who cannot see it.
    pub(super) label: String,
    pub(super) height: f64,
    pub(super) axis: Axis,
    /// Lowest and highest value shown; the rest is clipped.
    pub(super) values: (f64, f64),
    /// First and last instant.
    pub(super) time: (Instant, Instant),
    /// Values with their labels, on the left.
    pub(super) ticks: Vec<(f64, String)>,
    /// Bands: instant, lower and upper end. Pieces are parted by gaps.
    pub(super) bands: Vec<Vec<(Instant, f64, f64)>>,
    pub(super) lines: Vec<Line>,
    pub(super) rules: Vec<Rule>,
    /// Vertical lines with a name at the top.
    pub(super) marks: Vec<(Instant, String)>,
    /// Stretches without evidence: hatched.
    pub(super) gaps: Vec<(Instant, Instant)>,
    /// The present, where it is within the time shown.
    pub(super) now: Instant,
}

impl Plot {
    /// The SVG, for each width of screen, and the legend of the narrow one.
    pub(super) fn draw(&self) -> Markup {
        html! {
            div class="plot" {
                (self.draw_in(WIDE))
                (self.draw_in(NARROW))
                p class="legend narrow" {
                    @for line in &self.lines {
                        @if !line.name.is_empty() { (key(line.class, &line.name)) }
                    }
                    @for rule in &self.rules { (key(rule.class, &rule.name)) }
                    @if !self.gaps.is_empty() { span { "\u{2571}\u{2571} " (words::NO_EVIDENCE) } }
                }
            }
        }
    }

    fn draw_in(&self, frame: Frame) -> Markup {
        let Self {
            label,
            height,
            axis: _,
            values: _,
            time,
            ticks,
            bands,
            lines,
            rules,
            marks,
            gaps,
            now,
        } = self;
        let right = frame.width - frame.right;
        let floor = height - BOTTOM;
        let is_present = (time.0..=time.1).contains(now);
        html! {
            svg class=(frame.class) viewBox=(format!("0 0 {} {height}", frame.width)) role="img" aria-label=(label) {
                @for (value, name) in ticks {
                    @let y = self.y(*value);
                    line class="grid" x1=(frame.left) x2=(right) y1=(px(y)) y2=(px(y)) {}
                    text x=(frame.left - 8.0) y=(px(y + 4.0)) text-anchor="end" { (name) }
                }
                @for (at, name) in self.times(frame.times) {
                    @let x = self.x(at, frame);
                    line class="grid" x1=(px(x)) x2=(px(x)) y1=(floor) y2=(floor + 4.0) {}
                    text x=(px(x)) y=(height - 8.0) text-anchor=(anchor(x, frame)) { (name) }
                }
                @for (from, until) in gaps {
                    path class="gap" d=(hatch(self.x(*from, frame), self.x(*until, frame), floor)) {}
                }
                @for (x, name) in self.marks_in(frame, marks) {
                    line class="mark" x1=(px(x)) x2=(px(x)) y1=(TOP) y2=(floor) {}
                    @if let Some(name) = name {
                        text x=(px(x)) y=(TOP - 8.0) text-anchor=(anchor(x, frame)) { (name) }
                    }
                }
                @if is_present {
                    @let x = self.x(*now, frame);
                    line class="now" x1=(px(x)) x2=(px(x)) y1=(TOP - 4.0) y2=(floor) {}
                    text class="now-name" x=(px(x)) y=(TOP - 8.0) text-anchor="end" { "now" }
                }
                @for band in bands {
                    path class="band" d=(self.area(band, frame)) {}
                }
                @for Rule { class, name: _, at } in rules {
                    @let y = px(self.y(*at));
                    line class=(class) x1=(frame.left) x2=(right) y1=(y) y2=(y) {}
                }
                @for Line { class, name: _, pieces } in lines {
                    @for piece in pieces {
                        path class=(class) d=(self.path(piece, frame)) {}
                        // A line of one point has no length.
                        @if let [(at, value)] = piece.as_slice() {
                            circle class=(format!("{class}-dot")) cx=(px(self.x(*at, frame))) cy=(px(self.y(*value))) r="3" {}
                        }
                    }
                }
                @if frame.has_names {
                    @for (class, name, y) in self.names() {
                        text class=(format!("{class}-name")) x=(right + 6.0) y=(px(y + 4.0)) { (name) }
                    }
                }
            }
        }
    }

    /// Where marks stand, the names only of those that have room, the latest first served: `now` has
    /// the place at the right.
    fn marks_in<'m>(
        &self,
        frame: Frame,
        marks: &'m [(Instant, String)],
    ) -> Vec<(f64, Option<&'m str>)> {
        let mut taken = if (self.time.0..=self.time.1).contains(&self.now) {
            self.x(self.now, frame)
        } else {
            f64::INFINITY
        };
        let mut placed: Vec<(f64, Option<&str>)> = Vec::new();
        for (at, name) in marks.iter().rev() {
            let x = self.x(*at, frame);
            let fits = taken - x >= frame.mark_gap;
            if fits {
                taken = x;
            }
            // Lines a pixel apart are one.
            if placed
                .last()
                .is_none_or(|(last, _)| (last - x).abs() >= 1.5)
                || fits
            {
                placed.push((x, fits.then_some(name.as_str())));
            }
        }
        placed
    }

    /// The names at the right edge, moved apart where they would lie on each other.
    fn names(&self) -> Vec<(&'static str, &str, f64)> {
        let lines = self.lines.iter().filter_map(|line| {
            let (_, last) = line.pieces.last()?.last()?;
            Some((line.class, line.name.as_str(), self.y(*last)))
        });
        let rules = self
            .rules
            .iter()
            .map(|rule| (rule.class, rule.name.as_str(), self.y(rule.at)));
        let mut names: Vec<_> = lines
            .chain(rules)
            .filter(|(_, name, _)| !name.is_empty())
            .collect();
        names.sort_by(|a, b| a.2.total_cmp(&b.2));
        let mut above = f64::NEG_INFINITY;
        for (_, _, y) in &mut names {
            *y = y.max(above + NAME_GAP);
            above = *y;
        }
        // Those pushed over the bottom move up again, from the last on.
        let mut below = self.height - BOTTOM + 4.0 + NAME_GAP;
        for (_, _, y) in names.iter_mut().rev() {
            *y = y.min(below - NAME_GAP);
            below = *y;
        }
        names
    }

    fn x(&self, at: Instant, frame: Frame) -> f64 {
        let (first, last) = self.time;
        let span = seconds(last - first).max(1.0);
        let share = (seconds(at - first) / span).clamp(0.0, 1.0);
        frame.left + share * (frame.width - frame.right - frame.left)
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = (self.axis.bend(self.values.0), self.axis.bend(self.values.1));
        let share = (self.axis.bend(value) - low) / (high - low).max(f64::MIN_POSITIVE);
        let share = if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        };
        (self.height - BOTTOM) - share * (self.height - BOTTOM - TOP)
    }

    fn path(&self, points: &[(Instant, f64)], frame: Frame) -> String {
        let mut path = String::new();
        for (index, (at, value)) in points.iter().enumerate() {
            let pen = if index == 0 { 'M' } else { 'L' };
            path.push_str(&format!(
                "{pen}{} {}",
                px(self.x(*at, frame)),
                px(self.y(*value))
            ));
        }
        path
    }

    fn area(&self, band: &[(Instant, f64, f64)], frame: Frame) -> String {
        let upper: Vec<_> = band.iter().map(|(at, _, upper)| (*at, *upper)).collect();
        let lower: Vec<_> = band
            .iter()
            .rev()
            .map(|(at, lower, _)| (*at, *lower))
            .collect();
        let there = self.path(&upper, frame);
        let back = self.path(&lower, frame).replacen('M', "L", 1);
        format!("{there}{back}Z")
    }

    /// Round instants along the bottom, at most one more than `most`.
    fn times(&self, most: i64) -> Vec<(Instant, String)> {
        const HOUR: i64 = 3_600;
        const STEPS: [i64; 15] = [
            60,
            300,
            900,
            1_800,
            HOUR,
            3 * HOUR,
            6 * HOUR,
            12 * HOUR,
            24 * HOUR,
            48 * HOUR,
            96 * HOUR,
            168 * HOUR,
            336 * HOUR,
            672 * HOUR,
            2_016 * HOUR,
        ];
        let (first, last) = (self.time.0.timestamp(), self.time.1.timestamp());
        let step = STEPS
            .into_iter()
            .find(|step| (last - first) / step <= most)
            .unwrap_or(8_766 * HOUR);
        let start = first.div_euclid(step) * step;
        (0..8)
            .map(|index| start + index * step)
            .filter(|second| (first..=last).contains(second))
            .filter_map(|second| Instant::from_timestamp(second, 0))
            .enumerate()
            .map(|(index, at)| {
                // The day is said once, and again where another one begins.
                let is_new_day = index == 0 || at.timestamp() % (24 * HOUR) == 0;
                let format = match (step >= 24 * HOUR, is_new_day) {
                    (true, _) => "%-d %b",
                    (false, true) => "%-d %b %H:%M",
                    (false, false) => "%H:%M",
                };
                (at, at.format(format).to_string())
            })
            .collect()
    }
}

/// A name in the legend with a piece of its line.
fn key(class: &str, name: &str) -> Markup {
    html! {
        span {
            svg class="key" viewBox="0 0 24 8" aria-hidden="true" { line class=(class) x1="0" x2="24" y1="4" y2="4" {} }
            " " (name)
        }
    }
}

/// Texts near an edge grow inwards.
fn anchor(x: f64, frame: Frame) -> &'static str {
    const ROOM: f64 = 40.0;
    if x > frame.width - ROOM {
        "end"
    } else if x < frame.left.min(ROOM) {
        "start"
    } else {
        "middle"
    }
}

/// Slanted strokes between two places, from the top of the plot to its floor.
fn hatch(from: f64, until: f64, floor: f64) -> String {
    let height = floor - TOP;
    let mut path = String::new();
    let mut foot = from - height;
    while foot < until {
        let (left, right) = (foot.max(from), (foot + height).min(until));
        if left < right {
            let y = |x: f64| floor - (x - foot);
            path.push_str(&format!(
                "M{} {}L{} {}",
                px(left),
                px(y(left)),
                px(right),
                px(y(right))
            ));
        }
        foot += HATCH;
    }
    path
}

/// A tenth of a pixel is finer than anyone sees.
fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn seconds(span: chrono::TimeDelta) -> f64 {
    span.as_seconds_f64()
}
