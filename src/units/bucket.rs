//! Which users an application exposes that reads the plan itself: one rule for all languages, as
//! `rollout help bucketing` tells it. Flags and routers have rules of their own, which are not known here.

use sha2::{Digest as _, Sha256};

use super::Exposure;

/// The bucket of a user, 0 to 9,999: a hundredth of a percent of all users each.
///
/// Only whether it lies below the exposure decides, so that who is exposed at 5 % is exposed at 25 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket(u16);

impl Bucket {
    /// As many as an exposure has hundredths of a percent.
    pub const COUNT: u16 = Exposure::FULL.hundredths();

    /// The bucket of a user among those of a salt: the first four bytes of SHA-256 of `SALT:USER`, read as
    /// an unsigned number with its highest byte first, modulo [`Self::COUNT`]. Four bytes, because every language has
    /// 32 bits; some buckets are larger than others by one in 400,000 for it.
    #[must_use]
    pub fn of(salt: &str, user: &str) -> Self {
        let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(format!("{salt}:{user}")));
        let bucket = u32::from_be_bytes([a, b, c, d]) % u32::from(Self::COUNT);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a remainder of 10,000 is below it"
        )]
        let bucket = bucket as u16;
        Self(bucket)
    }

    /// The bucket's number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether the users of this bucket are exposed.
    #[must_use]
    pub const fn is_exposed(self, exposure: Exposure) -> bool {
        self.0 < exposure.hundredths()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What applications test their own code with.
    const VECTORS: &str = include_str!("../../examples/plan-reader/vectors.tsv");

    #[test]
    fn the_vectors_of_the_example_agree() {
        let mut vectors = 0;
        for line in VECTORS.lines().skip(1) {
            let [salt, user, bucket] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns: {line}");
            };
            let expected: u16 = bucket.parse().unwrap();
            assert_eq!(Bucket::of(salt, user).number(), expected, "{line}");
            vectors += 1;
        }
        assert!(vectors >= 10, "{vectors} vectors");
    }

    #[test]
    fn the_share_is_the_exposure_and_nobody_is_lost_while_it_grows() {
        const USERS: u32 = 100_000;
        let buckets: Vec<Bucket> = (0..USERS)
            .map(|user| Bucket::of("gift-cards", &format!("user-{user}")))
            .collect();
        let mut before = vec![false; buckets.len()];
        for percent in [0.0, 0.5, 1.0, 5.0, 10.0, 25.0, 50.0, 99.5, 100.0] {
            let exposure = Exposure::from_percent(percent).unwrap();
            let now: Vec<bool> = buckets.iter().map(|b| b.is_exposed(exposure)).collect();
            assert!(before.iter().zip(&now).all(|(before, now)| *now || !before));
            let share = now.iter().filter(|exposed| **exposed).count() as f64 / f64::from(USERS);
            let p = exposure.share();
            let sigma = (p * (1.0 - p) / f64::from(USERS)).sqrt();
            assert!((share - p).abs() <= 4.0 * sigma, "{share} at {percent} %");
            before = now;
        }
    }

    #[test]
    fn plans_expose_different_users_first() {
        let five = Exposure::from_percent(5.0).unwrap();
        let exposed = |salt: &str, user: &str| Bucket::of(salt, user).is_exposed(five);
        let users: Vec<String> = (0..100_000).map(|user| format!("user-{user}")).collect();
        let both = users
            .iter()
            .filter(|user| exposed("gift-cards", user) && exposed("search", user))
            .count();
        // A twentieth of a twentieth: 250, give or take 63.
        assert!((187..=313).contains(&both), "{both}");
    }
}
