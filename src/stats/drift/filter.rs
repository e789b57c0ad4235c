//! Kalman filters of one series under all parameters at once, and the sums from which the fit of any
//! contrast is had.

use super::parameter::Parameter;

/// The filters of a run of blocks that has one mean: the two arms and the constant 1 go through the same
/// gains, so that the sums of products of their whitened values give the fit of any contrast
/// `exposed - ratio * unexposed` with a mean.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    states: Vec<State>,
    /// Blocks taken in.
    pub(super) blocks: f64,
}

/// One parameter's filter.
#[derive(Debug, Clone, Copy)]
struct State {
    /// What is expected of the next block, of both arms and of the constant.
    ahead: [f64; 3],
    /// Variance of the correlated part as far as it is not known.
    unknown: f64,
    /// Whitened products: both arms, then with the constant.
    exposed: f64,
    both: f64,
    unexposed: f64,
    exposed_one: f64,
    unexposed_one: f64,
    one: f64,
    /// Sum of the logarithms of the whitened values' variances.
    logs: f64,
}

impl State {
    const NEW: Self = Self {
        ahead: [0.0; 3],
        unknown: 1.0,
        exposed: 0.0,
        both: 0.0,
        unexposed: 0.0,
        exposed_one: 0.0,
        unexposed_one: 0.0,
        one: 0.0,
        logs: 0.0,
    };
}

/// What the exposed and the unexposed level are multiplied by before they are added up.
pub type Contrast = [f64; 2];

/// A contrast's sums under one parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    /// Its mean by generalised least squares.
    pub(super) mean: f64,
    /// Information on that mean for a stationary variance of 1.
    pub(super) information: f64,
    /// Squared whitened residuals around the mean.
    pub(super) around_mean: f64,
    /// And around 0.
    pub(super) around_zero: f64,
    /// Sum of the logarithms of the whitened values' variances.
    pub(super) logs: f64,
}

impl Filter {
    pub(super) fn new(parameters: usize) -> Self {
        Self {
            states: vec![State::NEW; parameters],
            blocks: 0.0,
        }
    }

    /// Takes in a block: the exposed and the unexposed level.
    pub(super) fn push(&mut self, parameters: &[Parameter], levels: [f64; 2]) {
        self.blocks += 1.0;
        for (state, parameter) in self.states.iter_mut().zip(parameters) {
            let variance = state.unknown + parameter.white;
            let precision = 1.0 / variance;
            let gain = state.unknown * precision;
            let surprise = [
                levels[0] - state.ahead[0],
                levels[1] - state.ahead[1],
                1.0 - state.ahead[2],
            ];
            let [exposed, unexposed, one] = surprise;
            state.exposed += exposed * exposed * precision;
            state.both += exposed * unexposed * precision;
            state.unexposed += unexposed * unexposed * precision;
            state.exposed_one += exposed * one * precision;
            state.unexposed_one += unexposed * one * precision;
            state.one += one * one * precision;
            state.logs += variance.ln();
            for (ahead, surprise) in state.ahead.iter_mut().zip(surprise) {
                *ahead = parameter.carried * (*ahead + gain * surprise);
            }
            state.unknown -= gain * state.unknown;
            state.forget(parameter);
        }
    }

    /// Blocks that lack an arm: time goes on and nothing is learnt.
    pub(super) fn skip(&mut self, parameters: &[Parameter], blocks: u32) {
        for _ in 0..blocks.min(MOST_SKIPPED) {
            for (state, parameter) in self.states.iter_mut().zip(parameters) {
                for ahead in &mut state.ahead {
                    *ahead *= parameter.carried;
                }
                state.forget(parameter);
            }
        }
    }

    /// Information on the mean under this parameter.
    pub(super) fn information(&self, parameter: usize) -> f64 {
        self.states[parameter].one
    }

    /// The fit of a contrast of the arms under this parameter.
    pub(super) fn fit(&self, parameter: usize, contrast: Contrast) -> Fit {
        let s = &self.states[parameter];
        let [a, b] = contrast;
        let around_zero = a * a * s.exposed + 2.0 * a * b * s.both + b * b * s.unexposed;
        let with_one = a * s.exposed_one + b * s.unexposed_one;
        let mean = if s.one > 0.0 { with_one / s.one } else { 0.0 };
        Fit {
            mean,
            information: s.one,
            around_mean: (around_zero - mean * with_one).max(0.0),
            around_zero,
            logs: s.logs,
        }
    }
}

/// After so many blocks without a level nothing is remembered under any parameter.
const MOST_SKIPPED: u32 = 10_000;

impl State {
    fn forget(&mut self, parameter: &Parameter) {
        let kept = parameter.carried * parameter.carried;
        self.unknown = kept * self.unknown + (1.0 - kept);
    }
}

#[cfg(test)]
mod tests {
    use super::super::grid::parameters;
    use super::*;

    /// The series of the reference values: logarithms of wandering levels of both arms.
    fn series(k: u32) -> [f64; 2] {
        let wave = |factor: u32, modulus: u32, half: f64| {
            (f64::from((factor * k) % modulus) - half) / half
        };
        [
            (1.25 + 0.05 * wave(7_919, 13, 6.0)).ln(),
            (1.0 + 0.05 * wave(104_729, 17, 8.0)).ln(),
        ]
    }

    #[test]
    fn sums_agree_with_the_reference() {
        let parameters = parameters(300.0);
        let mut filter = Filter::new(parameters.len());
        for k in 0..72 {
            filter.push(&parameters, series(k));
        }
        let dof = 71.0;
        // An hour without white noise, eight hours with some, white noise alone.
        for (place, information, mean, variance, logs, likelihood) in [
            (
                13,
                3.956_622_523,
                0.228_568_148,
                Some(2.442_101_189e-2),
                Some(-133.049_432_070),
                197.624_074,
            ),
            (
                33,
                1.363_253_007,
                0.236_865_712,
                Some(4.889_131_128e-2),
                None,
                210.738_251,
            ),
            (0, 72.0, 0.224_345_690, None, Some(0.0), 224.734_339),
        ] {
            let fit = filter.fit(place, [1.0, -1.0]);
            let s2 = fit.around_mean / dof;
            let ll = -0.5 * (dof * s2.ln() + fit.logs + fit.information.ln());
            assert!(
                (fit.information - information).abs() < 1e-8,
                "{place} {fit:?}"
            );
            assert!((fit.mean - mean).abs() < 1e-9, "{place} {fit:?}");
            assert!((ll - likelihood).abs() < 1e-6, "{place} {ll}");
            if let Some(variance) = variance {
                assert!((s2 - variance).abs() < 1e-10, "{place} {s2}");
            }
            if let Some(logs) = logs {
                assert!((fit.logs - logs).abs() < 1e-8, "{place} {fit:?}");
            }
        }
        let eight = parameters[33];
        assert!((parameters[13].carried - 0.920_044_415).abs() < 1e-9);
        assert!((eight.white - 0.020_617_819).abs() < 1e-9);
    }

    #[test]
    fn a_gap_is_time_in_which_nothing_is_learnt() {
        let parameters = parameters(300.0);
        let (mut gapped, mut whole) = (Filter::new(49), Filter::new(49));
        for k in 0..40 {
            whole.push(&parameters, series(k));
            if (10..20).contains(&k) {
                gapped.skip(&parameters, 1);
            } else {
                gapped.push(&parameters, series(k));
            }
        }
        for place in 0..49 {
            assert!(gapped.information(place) < whole.information(place));
        }
        assert!((gapped.information(0) - 30.0).abs() < 1e-9);
    }
}
