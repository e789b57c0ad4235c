//! Running sums from which the long-run variance of any fixed combination of series can be had at
//! once, since any start: Newey and West's estimator with Bartlett weights, without a second pass.
//!
//! The combination's coefficients may be chosen after the fact. That is what makes a look cheap:
//! a rate or a ratio that is re-estimated at every look changes coefficients, not sums.

/// The longest lag: four hours of five-minute blocks, the square root of eight days of them. What
/// is correlated for longer cannot be told from harm within a stage anyway.
const MAX_LAG: usize = 48;

/// Lags taken into account after so many blocks: the square root, as is usual for Bartlett weights.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of blocks, far below 2^52 and never negative"
)]
#[must_use]
pub(crate) fn bandwidth(blocks: f64) -> usize {
    (blocks.max(0.0).sqrt().floor() as usize).min(MAX_LAG)
}

/// Symmetrised products of `N` series at one lag.
type Products<const N: usize> = [[f64; N]; N];

/// Sums of products over lags 1..=L: plain, and weighted by the lag.
#[derive(Debug, Clone, Copy)]
struct Lagged<const N: usize> {
    plain: Products<N>,
    weighted: Products<N>,
}

impl<const N: usize> Lagged<N> {
    const ZERO: Self = Self {
        plain: [[0.0; N]; N],
        weighted: [[0.0; N]; N],
    };

    fn with(mut self, products: &Products<N>, lag: usize) -> Self {
        add(&mut self.plain, products, 1.0);
        add(&mut self.weighted, products, lag as f64);
        self
    }
}

/// Running sums of products of `N` series at all lags of interest.
#[derive(Debug, Clone)]
pub(crate) struct Moments<const N: usize> {
    recent: Vec<[f64; N]>,
    squares: Products<N>,
    /// Sums of products at lag `l`, at index `l`.
    at_lag: Vec<Products<N>>,
    /// Sums over lags up to `L`, at index `L`.
    up_to_lag: Vec<Lagged<N>>,
}

/// The sums at the moment some evidence started: what must be left out of it.
#[derive(Debug, Clone)]
pub(crate) struct MomentsStart<const N: usize> {
    blocks: usize,
    squares: Products<N>,
    /// Products that straddle the start, over lags up to `L`, at index `L`; filled in while the
    /// first blocks come.
    up_to_lag: Vec<Lagged<N>>,
}

impl<const N: usize> Default for Moments<N> {
    fn default() -> Self {
        Self {
            recent: Vec::new(),
            squares: [[0.0; N]; N],
            at_lag: vec![[[0.0; N]; N]; MAX_LAG + 1],
            up_to_lag: vec![Lagged::ZERO; MAX_LAG + 1],
        }
    }
}

impl<const N: usize> Moments<N> {
    /// Evidence that starts now.
    #[must_use]
    pub(crate) fn start(&self) -> MomentsStart<N> {
        MomentsStart {
            blocks: self.recent.len(),
            squares: self.squares,
            up_to_lag: vec![Lagged::ZERO],
        }
    }

    /// Takes in one block.
    pub(crate) fn push(&mut self, new: [f64; N]) {
        add(&mut self.squares, &product(&new, &new), 0.5);
        for (sums, old) in self.at_lag[1..].iter_mut().zip(self.recent.iter().rev()) {
            add(sums, &product(old, &new), 0.5);
        }
        self.recent.push(new);
        let mut sum = Lagged::ZERO;
        for lag in 1..=bandwidth(self.recent.len() as f64) {
            sum = sum.with(&self.at_lag[lag], lag);
            self.up_to_lag[lag] = sum;
        }
    }

    /// Must be called once for each start after each [`Moments::push`]: notes the products that
    /// straddle it.
    pub(crate) fn note(&self, start: &mut MomentsStart<N>) {
        let age = start.up_to_lag.len();
        if age <= MAX_LAG {
            let last = start.up_to_lag[age - 1];
            start.up_to_lag.push(last.with(&self.at_lag[age], age));
        }
    }

    /// `sum e^2 + 2 sum_l (1 - l / (L + 1)) sum_k e_k e_(k+l)` for `e = coefficients . series`,
    /// over the blocks since `start`, with `L` the square root of their number; and that `L`.
    #[must_use]
    pub(crate) fn long_run(
        &self,
        start: &MomentsStart<N>,
        coefficients: &[f64; N],
    ) -> (f64, usize) {
        let blocks = (self.recent.len() - start.blocks) as f64;
        let lags = bandwidth(blocks).min(start.up_to_lag.len() - 1);
        (self.long_run_over(start, coefficients, lags), lags)
    }

    /// [`Moments::long_run`] with `L` given, at most that of all blocks.
    pub(crate) fn long_run_over(
        &self,
        start: &MomentsStart<N>,
        coefficients: &[f64; N],
        lags: usize,
    ) -> f64 {
        let mut sum = 0.0;
        if lags == 0 {
            // Asked for at every look of every restart, and there is nothing lagged to add.
            for i in 0..N {
                for j in 0..N {
                    let entry = self.squares[i][j] - start.squares[i][j];
                    sum += coefficients[i] * coefficients[j] * entry;
                }
            }
            return sum;
        }
        let window = lags as f64 + 1.0;
        let (now, then) = (&self.up_to_lag[lags], &start.up_to_lag[lags]);
        for i in 0..N {
            for j in 0..N {
                let plain = now.plain[i][j] - then.plain[i][j];
                let weighted = now.weighted[i][j] - then.weighted[i][j];
                let entry =
                    self.squares[i][j] - start.squares[i][j] + 2.0 * (plain - weighted / window);
                sum += coefficients[i] * coefficients[j] * entry;
            }
        }
        sum
    }
}

/// `old_i new_j + new_i old_j`.
fn product<const N: usize>(old: &[f64; N], new: &[f64; N]) -> Products<N> {
    std::array::from_fn(|i| std::array::from_fn(|j| old[i] * new[j] + new[i] * old[j]))
}

fn add<const N: usize>(sums: &mut Products<N>, terms: &Products<N>, weight: f64) {
    for (sums, terms) in sums.iter_mut().zip(terms) {
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += weight * term;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_since_any_start_agree_with_a_second_pass() {
        let series: Vec<[f64; 2]> = (0..90_u32)
            .map(|i| [f64::from((i * 7919) % 13), f64::from((i * 104_729) % 17)])
            .collect();
        let c = [1.0, -0.7];
        for from in [0, 1, 24, 60] {
            let mut moments = Moments::default();
            let mut start = moments.start();
            for (i, x) in series.iter().enumerate() {
                if i == from {
                    start = moments.start();
                }
                moments.push(*x);
                if i < from {
                    continue;
                }
                moments.note(&mut start);
                let e: Vec<f64> = series[from..=i]
                    .iter()
                    .map(|x| c[0] * x[0] + c[1] * x[1])
                    .collect();
                let lags = bandwidth(e.len() as f64);
                let at = |lag: usize| -> f64 { e.iter().zip(&e[lag..]).map(|(a, b)| a * b).sum() };
                let expected = at(0)
                    + (1..=lags)
                        .map(|lag| 2.0 * (1.0 - lag as f64 / (lags as f64 + 1.0)) * at(lag))
                        .sum::<f64>();
                let (got, _) = moments.long_run(&start, &c);
                assert!(
                    (got - expected).abs() < 1e-9 * expected.abs().max(1.0),
                    "{from} {i}"
                );
            }
        }
    }
}
