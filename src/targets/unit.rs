//! What a number of a target means: in which unit it counts, how finely, and against which whole.
//!
//! Everything is whole numbers: an exposure is hundredths of a percent, a written number is digits and
//! decimals. Nothing is rounded up, so that no file exposes more users than its plan.

use crate::units::Exposure;

/// Hundredths of a percent in everybody.
const EVERYBODY: u64 = 10_000;

/// The sum of weights that shows every exposure exactly.
const FINE_SUM: u64 = EVERYBODY;

/// The largest sum of weights that is kept; larger ones are beyond what consumers take.
const LARGEST_SUM: u64 = 1_000_000;

/// In which unit a kind counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// What means everybody.
    pub(super) whole: Whole,
    /// Decimals that the kind takes.
    pub(super) decimals: u32,
    /// The number stands in quotes.
    pub(super) in_quotes: bool,
}

/// What a number is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// Of this number.
    Fixed(u32),
    /// Of the sum of both, whatever it is.
    Sum,
    /// Of the sum of both, by which a hash is divided: with another sum other users are exposed.
    HashedSum,
    /// A share of so many groups of users, counted from 0, of which the one that it names is exposed, too.
    Groups(u32),
}

impl Unit {
    /// Weights with any sum.
    pub(super) const WEIGHTS: Self = Self::new(Whole::Sum, 0);
    /// Weights with any sum, by which a hash is divided.
    pub(super) const HASHED_WEIGHTS: Self = Self::new(Whole::HashedSum, 0);
    /// Percent with two decimals.
    pub(super) const PERCENT: Self = Self::new(Whole::Fixed(100), 2);
    /// A share from 0 to 1.
    pub(super) const SHARE: Self = Self::new(Whole::Fixed(1), 4);
    /// A share from 0 to 1 for which a hash tells only 1,000 groups of users apart.
    pub(super) const COARSE_SHARE: Self = Self::new(Whole::Fixed(1), 3);
    /// A share from 0 to 1 of 10,000 groups of users, the last of which is exposed, too.
    pub(super) const GROUPS: Self = Self::new(Whole::Groups(10_000), 4);
    /// A share from 0 to 1 of 1,000 groups of users, the last of which is exposed, too.
    pub(super) const COARSE_GROUPS: Self = Self::new(Whole::Groups(1_000), 3);

    pub(super) const fn new(whole: Whole, decimals: u32) -> Self {
        Self {
            whole,
            decimals,
            in_quotes: false,
        }
    }

    /// The numbers for an exposure, of both arms, where the present ones are these; `None` where the
    /// smallest number that is not 0 would expose more.
    pub(super) fn numbers(
        self,
        exposure: Exposure,
        present: (Number, Option<Number>),
    ) -> Option<(Number, Number)> {
        let hundredths = u64::from(exposure.hundredths());
        if let Whole::Groups(groups) = self.whole {
            return self.last_of_groups(hundredths, groups);
        }
        let whole = match self.whole {
            Whole::Fixed(whole) => u64::from(whole),
            Whole::Sum => kept_sum(hundredths, present),
            // While nobody is exposed nobody can be lost: from then on the sum shows every exposure.
            Whole::HashedSum if hundredths > 0 && present.0.units == 0 => FINE_SUM,
            Whole::HashedSum => kept_sum(hundredths, present),
            Whole::Groups(_) => 1,
        };
        let parts = 10_u64.pow(self.decimals);
        let exposed = hundredths * whole * parts / EVERYBODY;
        if exposed == 0 && hundredths > 0 {
            return None;
        }
        let number = |units: u64| Number {
            units,
            decimals: self.decimals,
        };
        Some((number(exposed), number(whole * parts - exposed)))
    }

    /// The share that names the last group that is exposed.
    fn last_of_groups(self, hundredths: u64, groups: u32) -> Option<(Number, Number)> {
        let groups = u64::from(groups);
        let exposed = hundredths * groups / EVERYBODY;
        let (units, decimals) = match exposed {
            0 if hundredths > 0 => return None,
            0 => (0, self.decimals),
            // 0 is nobody: what lies between the first two groups names the first.
            1 => (5, self.decimals + 1),
            all if all == groups => (groups, self.decimals),
            some => (some - 1, self.decimals),
        };
        let number = |units| Number { units, decimals };
        let whole = 10_u64.pow(decimals);
        Some((number(units), number(whole - units)))
    }

    /// The largest exposure that can be shown without exceeding this one; `None` where that would be
    /// nobody.
    pub(super) fn attainable(self, exposure: Exposure) -> Option<Exposure> {
        let parts = match self.whole {
            Whole::Fixed(whole) => u64::from(whole) * 10_u64.pow(self.decimals),
            Whole::Sum | Whole::HashedSum => FINE_SUM,
            Whole::Groups(groups) => u64::from(groups),
        };
        let hundredths = u64::from(exposure.hundredths());
        let shown = hundredths * parts / EVERYBODY;
        if shown == 0 && hundredths > 0 {
            return None;
        }
        exposure_of(u128::from(shown), u128::from(parts))
    }

    /// The fewest users that can be shown.
    pub(super) fn least(self) -> Exposure {
        (1..=10_000)
            .filter_map(Exposure::from_hundredths)
            .find(|exposure| self.attainable(*exposure).is_some())
            .unwrap_or(Exposure::FULL)
    }
}

/// The sum of weights that is there, where it shows the exposure exactly: so a person finds the scale
/// that they chose, and a consumer that takes a hash modulo the sum keeps its users.
fn kept_sum(hundredths: u64, present: (Number, Option<Number>)) -> u64 {
    let (exposed, Some(rest)) = present else {
        return FINE_SUM;
    };
    let sum = exposed.whole_units().zip(rest.whole_units());
    sum.map(|(exposed, rest)| exposed.saturating_add(rest))
        .filter(|sum| {
            (1..=LARGEST_SUM).contains(sum) && (hundredths * sum).is_multiple_of(EVERYBODY)
        })
        .unwrap_or(FINE_SUM)
}

/// The exposure that a part of a whole is: rounded down to hundredths, but never to nobody where
/// somebody is exposed. `None` where the part is larger than the whole, or there is no whole.
pub(super) fn exposure_of(part: u128, whole: u128) -> Option<Exposure> {
    if whole == 0 || part > whole {
        return None;
    }
    let hundredths = (part * u128::from(EVERYBODY) / whole).max(u128::from(part > 0));
    Exposure::from_hundredths(u16::try_from(hundredths).ok()?)
}

/// A number as it is written: digits with so many decimals, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// The digits without the point.
    pub(super) units: u64,
    /// How many of them are decimals.
    pub(super) decimals: u32,
}

impl Number {
    /// Reads digits, perhaps with a point and decimals; no sign, exponent, leading zero or separator,
    /// which formats read in different ways.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text
            .split_once('.')
            .map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if !digits(whole) || leading_zero || decimals.is_some_and(|text| !digits(text)) {
            return None;
        }
        // Zeros at the end say nothing, and may be many.
        let decimals = decimals.unwrap_or_default().trim_end_matches('0');
        // Nine digits on each side are far beyond what any exposure needs, and cannot overflow.
        if whole.len() > 9 || decimals.len() > 9 {
            return None;
        }
        Some(Self {
            units: format!("{whole}{decimals}").parse().ok()?,
            decimals: u32::try_from(decimals.len()).ok()?,
        })
    }

    /// As billionths, so that numbers with other decimals can be added and compared.
    pub(super) fn billionths(self) -> u128 {
        u128::from(self.units) * 10_u128.pow(9 - self.decimals.min(9))
    }

    /// Itself, where it has no decimals.
    pub(super) fn whole_units(self) -> Option<u64> {
        (self.decimals == 0).then_some(self.units)
    }
}

/// The shortest decimal text: no exponent, no zeros at the end.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = 10_u64.pow(self.decimals);
        let (whole, rest) = (self.units / parts, self.units % parts);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let width = self.decimals as usize;
        let decimals = format!("{rest:0width$}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn exposure(percent: f64) -> Exposure {
        Exposure::from_percent(percent).unwrap()
    }

    #[test]
    fn numbers_read_back() {
        for text in ["0", "5", "0.5", "99.99", "10000", "0.0001"] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("5.10").to_string(), "5.1");
        for bad in [
            "",
            "-5",
            "+5",
            "5.",
            ".5",
            "1e2",
            "010",
            "1_000",
            "5 ",
            "٥",
            "1234567890",
        ] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_unit_rounds_up_and_none_shows_nobody_by_accident() {
        let whole_percent = Unit::new(Whole::Fixed(100), 0);
        assert_eq!(
            whole_percent.attainable(exposure(99.5)),
            Some(exposure(99.0))
        );
        assert_eq!(whole_percent.attainable(exposure(0.5)), None);
        assert_eq!(
            whole_percent.attainable(Exposure::NONE),
            Some(Exposure::NONE)
        );
        assert_eq!(whole_percent.least(), exposure(1.0));
        for unit in [
            Unit::WEIGHTS,
            Unit::PERCENT,
            Unit::SHARE,
            Unit::GROUPS,
            Unit::new(Whole::Fixed(100_000), 0),
        ] {
            assert_eq!(unit.least(), Exposure::HUNDREDTH);
            for hundredths in 0..=10_000 {
                let exposure = Exposure::from_hundredths(hundredths).unwrap();
                assert_eq!(unit.attainable(exposure), Some(exposure));
            }
        }
    }

    #[test]
    fn a_share_of_groups_names_the_last_one_that_is_exposed() {
        let present = (number("0"), None);
        let at = |unit: Unit, percent| {
            let numbers = unit.numbers(exposure(percent), present);
            numbers.map(|(exposed, _)| exposed.to_string())
        };
        for (percent, fine, coarse) in [
            (0.0, "0", Some("0")),
            (0.01, "0.00005", None),
            (0.02, "0.0001", None),
            (0.1, "0.0009", Some("0.0005")),
            (1.0, "0.0099", Some("0.009")),
            (1.25, "0.0124", Some("0.011")),
            (50.0, "0.4999", Some("0.499")),
            (99.99, "0.9998", Some("0.998")),
            (100.0, "1", Some("1")),
        ] {
            assert_eq!(at(Unit::GROUPS, percent).as_deref(), Some(fine));
            assert_eq!(at(Unit::COARSE_GROUPS, percent).as_deref(), coarse);
        }
        assert_eq!(Unit::COARSE_GROUPS.least(), exposure(0.1));
    }

    #[test]
    fn the_sum_of_weights_is_kept_where_it_shows_the_exposure() {
        let at = |percent, exposed, rest| {
            let present = (number(exposed), Some(number(rest)));
            let (exposed, rest) = Unit::WEIGHTS.numbers(exposure(percent), present).unwrap();
            (exposed.to_string(), rest.to_string())
        };
        assert_eq!(at(5.0, "0", "100"), ("5".into(), "95".into()));
        assert_eq!(at(0.5, "0", "100"), ("50".into(), "9950".into()));
        assert_eq!(at(5.0, "50", "9950"), ("500".into(), "9500".into()));
        assert_eq!(at(5.0, "0", "0"), ("500".into(), "9500".into()));
        // Fractions are no weights, whatever they add up to.
        assert_eq!(at(5.0, "0.5", "0.5"), ("500".into(), "9500".into()));
        assert_eq!(at(100.0, "1", "2"), ("3".into(), "0".into()));
    }

    #[test]
    fn the_sum_that_a_hash_is_divided_by_is_chosen_while_nobody_is_exposed() {
        let at = |percent, exposed, rest| {
            let present = (number(exposed), Some(number(rest)));
            let numbers = Unit::HASHED_WEIGHTS.numbers(exposure(percent), present);
            let (exposed, rest) = numbers.unwrap();
            (exposed.to_string(), rest.to_string())
        };
        assert_eq!(at(0.0, "0", "100"), ("0".into(), "100".into()));
        assert_eq!(at(5.0, "0", "100"), ("500".into(), "9500".into()));
        assert_eq!(at(10.0, "5", "95"), ("10".into(), "90".into()));
        assert_eq!(at(0.0, "5", "95"), ("0".into(), "100".into()));
    }

    #[test]
    fn somebody_is_never_nobody() {
        assert_eq!(exposure_of(1, 1_000_000), Some(Exposure::HUNDREDTH));
        assert_eq!(exposure_of(0, 7), Some(Exposure::NONE));
        assert_eq!(exposure_of(7, 7), Some(Exposure::FULL));
        assert_eq!(
            exposure_of(999_999, 1_000_000),
            Exposure::from_hundredths(9_999)
        );
        assert_eq!(exposure_of(2, 1), None);
        assert_eq!(exposure_of(0, 0), None);
    }
}
