//! The parameters that are tried: white noise, and correlations of a quarter of an hour to 32 hours
//! with six amounts of white noise on top.

use super::filter::Filter;
use super::parameter::Parameter;

/// Correlation times in hours.
const HOURS: [f64; 8] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

/// White noise in units of what the correlated part changes by from one block to the next. In units of
/// its whole variance, a little white noise on a slow wander was taken for a fast one, and a quarter of
/// healthy rollouts were rolled back.
const WHITE: [f64; 6] = [0.0, 0.3, 1.0, 3.0, 10.0, 40.0];

/// Where blocks are short, faster correlations are tried too, down to about so many blocks.
const FEWEST_BLOCKS: f64 = 3.0;

/// The mixture is tightest after so many blocks, as that of [`crate::stats::PairedTest`] is.
const TIGHTEST: u32 = 72;

/// A parameter with its information at the block at which the mixture is tightest.
fn parameter(time: f64, carried: f64, white: f64) -> Parameter {
    let alone = [Parameter {
        time,
        carried,
        white,
        tightest: 1.0,
    }];
    let mut filter = Filter::new(1);
    for _ in 0..TIGHTEST {
        filter.push(&alone, [0.0, 0.0]);
    }
    Parameter {
        tightest: filter.information(0),
        ..alone[0]
    }
}

/// All of them, for blocks of this length in seconds: 49 for five minutes, more for shorter ones.
pub(super) fn parameters(block_seconds: f64) -> Vec<Parameter> {
    let block = block_seconds.max(1.0) / 3_600.0;
    let mut hours: Vec<f64> = Vec::new();
    let mut faster = HOURS[0] / 2.0;
    while faster >= FEWEST_BLOCKS * block {
        hours.insert(0, faster);
        faster /= 2.0;
    }
    hours.extend(HOURS);
    let mut all = vec![parameter(0.0, 0.0, 0.0)];
    for tau in hours {
        let carried = (-block / tau).exp();
        let innovation = 1.0 - carried * carried;
        let time = 3_600.0 * tau;
        all.extend(WHITE.map(|white| parameter(time, carried, white * innovation)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_have_49_parameters_and_shorter_blocks_more() {
        assert_eq!(parameters(300.0).len(), 49);
        assert_eq!(parameters(900.0).len(), 49);
        assert_eq!(parameters(60.0).len(), 49 + 2 * 6);
        assert!(parameters(15.0).iter().all(|p| p.tightest > 0.0));
    }
}
