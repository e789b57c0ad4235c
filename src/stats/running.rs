//! How many late starts of evidence go on at a time, and which of them ends for a new one.
//!
//! Every look asks each start that goes on. With a start every other hour a stage of days would become
//! slower to judge with every day, so a fixed number goes on, spread over time as an exponential histogram
//! is: many that have begun lately, and the older the fewer. Evidence that ends is what it was then: a
//! stopped e-process is one. Harm that goes on is in every later start, too, so that all that is lost is
//! some of what weak harm has added up since it began.

/// So many go on: a day of starts every other hour.
pub(super) const MOST: usize = 12;

/// Which of the starts before these blocks, the oldest first, ends at this block so that there is room for
/// another: the one whose neighbours are nearest to each other on the scale of their age's logarithm. The
/// start of the stage, which never ends, is the oldest one's neighbour.
pub(super) fn to_end(begun: &[usize], now: usize) -> Option<usize> {
    if begun.len() < MOST {
        return None;
    }
    let age = |place: usize| (now - begun[place]) as f64;
    let older = |place: usize| place.checked_sub(1).map_or(now as f64, age);
    let ratio = |place: &usize| older(*place) / age(place + 1);
    (0..begun.len().saturating_sub(1))
        .filter(|place| age(place + 1) > 0.0)
        .min_by(|one, other| ratio(one).total_cmp(&ratio(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_keeps_all_and_a_week_many_of_the_last_hours_and_few_of_the_first_days() {
        let mut going: Vec<usize> = Vec::new();
        for block in (24..2_016).step_by(24) {
            if let Some(place) = to_end(&going, block) {
                going.remove(place);
            }
            going.push(block);
            if block <= 288 {
                assert_eq!(going.len(), block / 24);
            }
        }
        let ages: Vec<usize> = going.iter().map(|begun| 2_016 - begun).collect();
        assert_eq!(ages.len(), MOST);
        assert_eq!(ages[MOST - 3..], [72, 48, 24]);
        assert!(ages[0] > 1_000, "{ages:?}");
        let steps = ages.windows(2).map(|pair| pair[0] as f64 / pair[1] as f64);
        assert!(steps.into_iter().all(|step| step <= 2.0), "{ages:?}");
    }
}
