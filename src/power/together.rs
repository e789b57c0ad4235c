//! How long a stage takes that all its guardrails must pass: longer than the slowest of them alone, since
//! each waits for the unluckiest.

use crate::plan::{Guardrail, OnBreach, Plan, Role, Stage};
use crate::units::{Effect, Exposure, Period};

use super::cost::period;
use super::entered::entered;
use super::path::{NEVER, Path, chance};
use super::question::{path, to_leave};
use super::{Asked, Together, Traffic};

/// A guardrail that holds the stage until it has ruled this out.
struct Part<'a> {
    guardrail: &'a Guardrail,
    path: Path,
    asked: Effect,
}

/// Foresees it; `None` where fewer than two hold the stage.
pub(super) fn together(
    plan: &Plan,
    stage: &Stage,
    number: u32,
    traffic: &Traffic,
) -> Option<Together> {
    let parts = parts(plan, stage, number, traffic);
    let guardrails = u32::try_from(parts.len())
        .ok()
        .filter(|several| *several > 1)?;
    let last = parts
        .iter()
        .min_by(|a, b| a.first().total_cmp(&b.first()))?;
    let half = Exposure::from_percent(50.0).ok()?;
    let at_half = || {
        let halved = Stage {
            exposure: half,
            ..stage.clone()
        };
        after(&self::parts(plan, &halved, number, traffic))
    };
    Some(Together {
        guardrails,
        last: last.guardrail.name.clone(),
        after: after(&parts),
        affordable: last.path.affordable(stage.min_duration, guardrails),
        at_half: (stage.exposure > half).then(at_half).flatten(),
    })
}

fn parts<'a>(plan: &'a Plan, stage: &Stage, number: u32, traffic: &Traffic) -> Vec<Part<'a>> {
    let at = entered(plan, number, stage.exposure, &[]);
    let holds = |guardrail: &&Guardrail| match (guardrail.role, guardrail.on_breach) {
        (Role::Guardrail, OnBreach::Rollback | OnBreach::Pause) => true,
        (Role::Guardrail, OnBreach::Warn) | (Role::Success, _) => false,
    };
    let part = |guardrail: &'a Guardrail| {
        let (path, tolerated) = path(&at, stage, guardrail, traffic).ok()?;
        match to_leave(stage, guardrail, tolerated)? {
            Asked::Harm(asked) => Some(Part {
                guardrail,
                path,
                asked,
            }),
            Asked::Limit(_) => None,
        }
    };
    plan.guardrails
        .iter()
        .filter(holds)
        .filter_map(part)
        .collect()
}

/// When all have passed more likely than not.
fn after(parts: &[Part<'_>]) -> Option<Period> {
    let mut looks: Vec<_> = parts
        .iter()
        .map(|part| part.path.looks(part.asked))
        .collect::<Option<_>>()?;
    loop {
        let (mut all, mut now) = (1.0, 0.0);
        for looks in &mut looks {
            let (age, better) = looks.next()?;
            now = age;
            all *= better.map_or(0.0, chance);
        }
        if now > NEVER {
            return None;
        }
        if all >= 0.5 {
            return Some(period(now));
        }
    }
}

impl Part<'_> {
    /// What it has to spare at the first look.
    fn first(&self) -> f64 {
        let first = self
            .path
            .looks(self.asked)
            .and_then(|mut looks| looks.next());
        first
            .and_then(|(_, better)| better)
            .unwrap_or(f64::NEG_INFINITY)
    }
}
