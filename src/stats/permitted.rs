//! The end of an interval beyond which a pass excludes: every value that a score does not rule out by the
//! bound of its look (Jennison and Turnbull's repeated confidence bounds, 1989).

use super::apart::{Apart, on_average};
use super::interval::{REACH, STEP, edge};
use super::{Condensed, PairedTest, Score};

impl Condensed {
    /// The largest ratio (or difference) of rates, or the smallest one, that a score does not rule out
    /// which needs so many standard errors, at this dispersion and of arms that differ so much for good;
    /// `None` is unbounded.
    #[must_use]
    pub fn end(
        &self,
        relative: bool,
        upwards: bool,
        needed: f64,
        (dispersion, apart): (f64, Apart),
    ) -> Option<f64> {
        let factors = apart.factors();
        let z = |ratio: f64| {
            let score = self.score(ratio);
            if upwards {
                score.below(dispersion).map(|scored| scored.z)
            } else {
                score.z(dispersion)
            }
        };
        let excluded = |ratio: f64| {
            if factors.is_empty() {
                return z(ratio).is_some_and(|z| z >= needed);
            }
            // Seen from the other arm, whose excess is a ratio's inverse.
            let at = |(factor, chance): &(f64, f64)| {
                let ratio = if upwards {
                    ratio * factor
                } else {
                    ratio / factor
                };
                Some((z(ratio)?, *chance))
            };
            let mut seen = factors.iter().filter_map(at).peekable();
            seen.peek().is_some() && on_average(seen) >= needed
        };
        let step = if upwards { STEP } else { -STEP };
        if relative {
            if self.events <= 0.0 || self.bins.is_empty() {
                return None;
            }
            let found = edge(self.centre().ln(), step, REACH, |x| excluded(x.exp()));
            return match found {
                None if !upwards => Some(0.0),
                found => found.map(f64::exp),
            };
        }
        let centre = self.estimate_difference?;
        let base = self.unexposed_rate.filter(|base| *base > 0.0)?;
        let ratio = |difference: f64| (1.0 + difference / base).max(0.0);
        let far = 1_000.0 * self.scale;
        edge(centre, step * self.scale, far, |x| excluded(ratio(x)))
    }

    /// The score against this ratio of rates.
    fn score(&self, ratio: f64) -> Score {
        let split = self.bins.iter().map(|(share, events, _)| {
            let theta = ratio * share / (ratio * share + 1.0 - share);
            (*events, theta)
        });
        Score::of_split(split, self.exposed_events)
    }
}

impl PairedTest {
    /// The largest ratio (or difference) of means, or the smallest one, that a score does not rule out
    /// which needs so many standard errors; `None` is unbounded.
    #[must_use]
    pub fn end(&self, relative: bool, upwards: bool, needed: f64) -> Option<f64> {
        let (exposed, unexposed) = self.means().filter(|_| self.enough())?;
        let scale = exposed.abs().max(unexposed.abs());
        if scale <= 0.0 || (relative && unexposed <= 0.0) {
            return None;
        }
        let sign = if upwards { -1.0 } else { 1.0 };
        let excluded = |x: f64| {
            let (ratio, offset) = if relative { (x, 0.0) } else { (1.0, x) };
            self.z(ratio, offset, sign).is_some_and(|z| z >= needed)
        };
        let (centre, step) = if relative {
            (exposed / unexposed, STEP)
        } else {
            (exposed - unexposed, STEP * scale)
        };
        edge(centre, -sign * step, 1_000.0 * step, excluded)
    }
}
