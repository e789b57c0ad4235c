//! Verdicts and the intervals beside them, in many simulated stages: what a verdict excludes the
//! interval excludes, or the sentence says what else decided.

use crate::plan::{Column, Schedule};
use crate::units::Period;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Poisson};
use rand_pcg::Pcg64;

use super::fixture::{arm, errors, judged, plan, series};
use super::{Clear, Finding, Verdict};

/// A count that comes in clumps of about this size.
fn clumped(mean: f64, clump: f64, random: &mut Pcg64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    let clumps: f64 = Poisson::new(mean / clump).unwrap().sample(random);
    if clump <= 1.0 || clumps <= 0.0 {
        return clumps;
    }
    Poisson::new(clumps * clump).unwrap().sample(random)
}

/// A stage of `blocks` blocks in which harm of this factor sets in after a part of it and may end.
fn stage(random: &mut Pcg64) -> Finding {
    let blocks = random.random_range(6..60_usize);
    let (share, rate) = (
        random.random_range(0.01..0.6),
        random.random_range(0.5..60.0),
    );
    let clump = [1.0, 1.0, 3.0, 8.0][random.random_range(0..4_usize)];
    let harm = [0.6, 1.0, 1.1, 1.5, 2.0, 3.0, 6.0][random.random_range(0..7_usize)];
    let onset = [0, 0, blocks / 3, blocks / 2][random.random_range(0..4_usize)];
    let end = [blocks, blocks, 2 * blocks / 3][random.random_range(0..3_usize)];
    let mut counted = |share: f64, exposed: bool| {
        let events = (0..blocks).map(|k| {
            let harmed = exposed && (onset..end).contains(&k);
            let factor = if harmed { harm } else { 1.0 };
            Some(clumped(rate * share * factor, clump, random))
        });
        let events = events.collect();
        arm(&[
            (Column::Events, events),
            (Column::Total, vec![Some(100.0 * rate * share); blocks]),
        ])
    };
    let (exposed, unexposed) = (counted(share, true), counted(1.0 - share, false));
    let length = i64::try_from(blocks).unwrap();
    // Of half of them a pass is told by looks, of half by evidence.
    let mut plan = plan(vec![errors()]);
    if let Schedule::Stages(stages) = &mut plan.course {
        stages[0].min_duration =
            Period::from_hours([1, 2, 24, 24][random.random_range(0..4_usize)]);
    }
    let mut judgement = judged(&plan, vec![series(exposed, unexposed, length)], length);
    judgement.findings.remove(0)
}

#[test]
fn what_a_verdict_excludes_the_interval_excludes_or_the_sentence_says_why() {
    let mut random = Pcg64::seed_from_u64(20_261_126);
    let (mut passes, mut breaches, mut explained) = (0, 0, 0);
    for _ in 0..3_000 {
        let found = stage(&mut random);
        let Some(measure) = &found.measure else {
            continue;
        };
        match found.verdict {
            Verdict::Pass => {
                passes += 1;
                assert!(measure.estimate.is_some(), "{}", found.why);
                assert!(
                    measure.upper.unwrap() <= measure.rule_out.unwrap(),
                    "{}",
                    found.why
                );
            }
            Verdict::Breach => {
                breaches += 1;
                if found.why.code() != "breach" {
                    explained += 1;
                } else {
                    assert!(
                        measure.lower.unwrap() > measure.margin.unwrap(),
                        "{}",
                        found.why
                    );
                }
            }
            Verdict::Inconclusive => {
                // What falls short does not look like enough.
                let why = found.why.to_string();
                let numbers = why.split("evidence ").nth(1);
                let numbers = numbers.and_then(|rest| rest.split(')').next());
                let by_look = matches!(found.clear, Some(Clear::Look(_)));
                if by_look && found.why.code() == "not-ruled-out" {
                    let open = measure
                        .upper
                        .is_none_or(|upper| upper >= measure.rule_out.unwrap());
                    assert!(open, "{why}");
                }
                if let Some((have, need)) = numbers.and_then(|text| text.split_once(" of ")) {
                    assert_ne!(have, need, "{}", found.why);
                }
            }
            Verdict::NoData(_) | Verdict::NotApplicable => {}
        }
    }
    assert!(
        passes > 200 && breaches > 200 && explained > 10,
        "{passes} {breaches} {explained}"
    );
}
