//! Whether two answers are the same, and where they are not.

use super::super::ask::Answered;
use super::super::counted::{Bound, ByBound};
use super::*;

/// Everything but what was sent. As text, since a missing number is no number.
fn said(answered: &Answered) -> String {
    let Counted {
        grid,
        arms,
        groups,
        names,
        instances,
        last_seen,
        shared,
        naming,
        liveliest,
        unknown,
        restarts,
        misplaced,
        fault,
        warnings,
        queries: _,
    } = &answered.counted;
    let mut last_seen = last_seen.clone();
    last_seen.iter_mut().for_each(|ends| ends.sort_unstable());
    let column = |name: String, (bound, values): &(_, Vec<f64>)| {
        let ends = grid.ends().zip(values);
        let lines = ends.map(move |(end, value)| format!("{:?} {value}\n", end - START));
        let lines: String = lines
            .map(|line| format!("{name} {bound:?} {line}"))
            .collect();
        lines
    };
    let mut text = format!(
        "{grid:?}\n{names:?}\n{instances:?}\n{last_seen:?}\n{unknown:?}\n{restarts:?}\n{fault:?} {warnings:?}\n{liveliest:?} {misplaced:?} {shared:?} {naming:?}\n"
    );
    for (place, columns) in arms.iter().chain(groups).enumerate() {
        let columns = columns.iter().map(|one| column(place.to_string(), one));
        text.extend(columns);
    }
    text
}

/// Everything but what was sent, so that it can be compared: a missing number equals itself.
fn numbers(counted: &Counted) -> impl PartialEq {
    let Counted {
        grid,
        arms,
        groups,
        names,
        instances,
        last_seen,
        shared,
        naming,
        liveliest,
        unknown,
        restarts,
        misplaced,
        fault,
        warnings,
        queries: _,
    } = counted;
    let mut last_seen = last_seen.clone();
    last_seen.iter_mut().for_each(|ends| ends.sort_unstable());
    let bits = |columns: &ByBound| -> Vec<(Option<u64>, Vec<u64>)> {
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
        columns
            .iter()
            .map(|(Bound(bound), values)| (bound.map(f64::to_bits), bits(values)))
            .collect()
    };
    let columns: Vec<_> = arms.iter().chain(groups).map(bits).collect();
    let sums: Vec<_> = instances
        .iter()
        .map(|(part, sums)| {
            let sums = sums.iter().map(|(name, sum)| (name.clone(), sum.to_bits()));
            (*part, sums.collect::<Vec<_>>())
        })
        .collect();
    let odd = (
        unknown.clone(),
        restarts.clone(),
        misplaced.clone(),
        fault.clone(),
        (shared.clone(), *naming, names.clone()),
    );
    (
        *grid,
        columns,
        sums,
        last_seen,
        liveliest.clone(),
        odd,
        warnings.clone(),
    )
}

pub(super) fn assert_same(cached: &Answered, uncached: &Answered, now: i64) {
    // As numbers first: texts of a day of blocks take longer than all the rest.
    if numbers(&cached.counted) == numbers(&uncached.counted) {
        return;
    }
    let (cached, uncached) = (said(cached), said(uncached));
    let mut lines = cached.lines().zip(uncached.lines());
    if let Some((one, other)) = lines.find(|(one, other)| one != other) {
        panic!("at {}: {one}, and without a cache {other}", now - START);
    }
    panic!(
        "at {}: one says more: {} and {}",
        now - START,
        cached.len(),
        uncached.len()
    );
}
