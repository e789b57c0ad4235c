//! The way of a release through a target's file, and what must hold of the answers on it.

use rollout::plan::{Target, salvaged_targets};
use rollout::targets::{Shown, attainable, shows, write};
use rollout::units::Exposure;

/// A release to everybody, and back.
const PERCENTS: [f64; 12] = [
    0.0, 0.5, 1.0, 5.0, 10.0, 25.0, 50.0, 99.5, 100.0, 50.0, 5.0, 0.0,
];

/// How far a share may be from what the plan says, in standard deviations: four are passed by chance
/// once in 16,000 times, and every run asks about the same users.
const SIGMA: f64 = 4.0;

/// A file at a step of the way.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// What the kind can show of what the plan says.
    pub(crate) exposure: Exposure,
    /// The text of the file.
    pub(crate) text: String,
}

/// The target that a plan declares with this line.
pub(crate) fn target(line: &str) -> Target {
    let mut targets = salvaged_targets(&format!("[[targets]]\n{line}\n"));
    assert_eq!(targets.len(), 1, "{line}");
    targets.remove(0)
}

/// The texts on the way. What the kind cannot show is refused and left out; of what is not written as a
/// whole nothing but numbers changes.
pub(crate) fn steps(target: &Target, first: &str) -> Vec<Step> {
    let mut text = first.to_owned();
    let mut steps = Vec::new();
    for percent in PERCENTS {
        let wanted = Exposure::from_percent(percent).unwrap();
        let Ok(exposure) = attainable(target, wanted) else {
            assert!(write(target, &text, wanted).is_err());
            continue;
        };
        text = write(target, &text, wanted).unwrap();
        assert_eq!(shows(target, &text).unwrap(), Shown::Exposure(exposure));
        if !target.is_whole_file() {
            assert_eq!(without_numbers(&text), without_numbers(first));
        }
        steps.push(Step {
            exposure,
            text: text.clone(),
        });
    }
    steps
}

fn without_numbers(text: &str) -> String {
    let number = |c: &char| c.is_ascii_digit() || *c == '.';
    text.chars().filter(|c| !number(c)).collect()
}

/// What must hold of who was exposed at each step; one answer a user.
pub(crate) fn holds(reader: &str, steps: &[Step], answers: &[Vec<bool>]) {
    assert_eq!(steps.len(), answers.len(), "{reader}");
    for (step, answer) in steps.iter().zip(answers) {
        share(reader, step.exposure, answer);
    }
    for (index, pair) in answers.windows(2).enumerate() {
        let (before, after) = (steps[index].exposure, steps[index + 1].exposure);
        let (fewer, more) = if before <= after {
            (&pair[0], &pair[1])
        } else {
            (&pair[1], &pair[0])
        };
        let lost = fewer
            .iter()
            .zip(more)
            .filter(|(few, many)| **few && !**many);
        assert_eq!(
            lost.count(),
            0,
            "{reader}: users of {before} and {after} are not the same"
        );
    }
    for (index, step) in steps.iter().enumerate() {
        let earlier = steps[..index]
            .iter()
            .position(|one| one.exposure == step.exposure);
        if let Some(earlier) = earlier {
            assert!(
                answers[earlier] == answers[index],
                "{reader}: other users at {} than before",
                step.exposure
            );
        }
    }
}

fn share(reader: &str, exposure: Exposure, answer: &[bool]) {
    let exposed = answer.iter().filter(|exposed| **exposed).count();
    if exposure == Exposure::NONE || exposure == Exposure::FULL {
        let all = if exposure == Exposure::NONE {
            0
        } else {
            answer.len()
        };
        assert_eq!(exposed, all, "{reader} at {exposure}");
        return;
    }
    let (exposed, users) = (
        f64::from(u32::try_from(exposed).unwrap()),
        f64::from(u32::try_from(answer.len()).unwrap()),
    );
    let expected = exposure.share();
    let seen = exposed / users;
    let deviation = (expected * (1.0 - expected) / users).sqrt();
    assert!(
        (seen - expected).abs() <= SIGMA * deviation,
        "{reader} exposes {:.3} % at {exposure}: {:.1} standard deviations",
        seen * 100.0,
        (seen - expected) / deviation
    );
}
