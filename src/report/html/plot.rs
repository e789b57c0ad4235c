//! Plots as inline SVG: lines, bands, rules and marks over time. Knows numbers and labels, nothing of
//! rollouts. What is told apart by colour is told apart by its dashes and its name too.

use maud::{Markup, html};

use crate::units::Instant;

const WIDTH: f64 = 880.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 165.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 26.0;
/// Names at the right edge closer than this would lie on each other.
const NAME_GAP: f64 = 14.0;

/// How heights are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Equal distances for equal differences.
    Linear,
    /// Equal distances for equal factors; for ratios.
    Log,
    /// Equal distances for equal differences of square roots: one percent and a hundred both show.
    Root,
}

impl Axis {
    fn bend(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            // A ratio of zero lies below every axis; its place is clipped to the edge anyway.
            Self::Log => value.max(1e-9).ln(),
            Self::Root => value.max(0.0).sqrt(),
        }
    }
}

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
}

impl Plot {
    /// The SVG.
    pub(super) fn draw(&self) -> Markup {
        let Self {
            label,
            height,
            axis: _,
            values: _,
            time: _,
            ticks,
            bands,
            lines,
            rules,
            marks,
        } = self;
        let right = WIDTH - RIGHT;
        let floor = height - BOTTOM;
        html! {
            div class="scroll" { svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
                title { (label) }
                @for (value, name) in ticks {
                    @let y = self.y(*value);
                    line class="grid" x1=(LEFT) x2=(right) y1=(px(y)) y2=(px(y)) {}
                    text x=(LEFT - 8.0) y=(px(y + 4.0)) text-anchor="end" { (name) }
                }
                @for (at, name) in self.times() {
                    @let x = self.x(at);
                    line class="grid" x1=(px(x)) x2=(px(x)) y1=(floor) y2=(floor + 4.0) {}
                    text x=(px(x)) y=(height - 8.0) text-anchor="middle" { (name) }
                }
                @for (at, name) in marks {
                    @let x = self.x(*at);
                    line class="mark" x1=(px(x)) x2=(px(x)) y1=(TOP) y2=(floor) {}
                    text x=(px(x)) y=(TOP - 8.0) text-anchor="middle" { (name) }
                }
                @for band in bands {
                    path class="band" d=(self.area(band)) {}
                }
                @for Rule { class, name: _, at } in rules {
                    @let y = px(self.y(*at));
                    line class=(class) x1=(LEFT) x2=(right) y1=(y) y2=(y) {}
                }
                @for Line { class, name: _, pieces } in lines {
                    @for piece in pieces {
                        path class=(class) d=(self.path(piece)) {}
                    }
                }
                @for (class, name, y) in self.names() {
                    text class=(format!("{class}-name")) x=(right + 6.0) y=(px(y + 4.0)) { (name) }
                }
            } }
        }
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

    fn x(&self, at: Instant) -> f64 {
        let (first, last) = self.time;
        let span = seconds(last - first).max(1.0);
        let share = (seconds(at - first) / span).clamp(0.0, 1.0);
        LEFT + share * (WIDTH - RIGHT - LEFT)
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

    fn path(&self, points: &[(Instant, f64)]) -> String {
        let mut path = String::new();
        for (index, (at, value)) in points.iter().enumerate() {
            let pen = if index == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{pen}{} {}", px(self.x(*at)), px(self.y(*value))));
        }
        path
    }

    fn area(&self, band: &[(Instant, f64, f64)]) -> String {
        let upper: Vec<_> = band.iter().map(|(at, _, upper)| (*at, *upper)).collect();
        let lower: Vec<_> = band
            .iter()
            .rev()
            .map(|(at, lower, _)| (*at, *lower))
            .collect();
        let there = self.path(&upper);
        let back = self.path(&lower).replacen('M', "L", 1);
        format!("{there}{back}Z")
    }

    /// Round instants along the bottom, at most seven.
    fn times(&self) -> Vec<(Instant, String)> {
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
            .find(|step| (last - first) / step <= 6)
            .unwrap_or(8_766 * HOUR);
        let format = if step >= 24 * HOUR {
            "%-d %b"
        } else {
            "%-d %b %H:%M"
        };
        let start = first.div_euclid(step) * step;
        (0..8)
            .map(|index| start + index * step)
            .filter(|second| (first..=last).contains(second))
            .filter_map(|second| Instant::from_timestamp(second, 0))
            .map(|at| (at, at.format(format).to_string()))
            .collect()
    }
}

/// A tenth of a pixel is finer than anyone sees.
fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn seconds(span: chrono::TimeDelta) -> f64 {
    span.as_seconds_f64()
}
