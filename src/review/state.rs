//! A state that was changed by hand.

use chrono::SecondsFormat;

use super::places::Places;
use crate::plan::{Mistake, MistakeCode, Plan, State, StateKey, Status};

/// A key of the state with its old value.
type Changed = (StateKey, String);

/// True for a mistake that evidence in the change would have excused.
#[must_use]
pub fn excused_by_evidence(mistake: &Mistake) -> bool {
    [
        MistakeCode::StateByHand,
        MistakeCode::StateRemoved,
        MistakeCode::LatchLifted,
        MistakeCode::SkippedStage,
        MistakeCode::ExposureRaised,
        MistakeCode::ApprovalByHand,
        MistakeCode::StateEdited,
    ]
    .contains(&mistake.code)
}

/// The mistake of a state that differs from the one before and that no evidence backs.
pub(super) fn by_hand(before: Option<&Plan>, after: &Plan, places: &Places<'_>) -> Option<Mistake> {
    let name = &after.name;
    let old = before.and_then(|plan| plan.state.as_ref());
    match (old, &after.state) {
        (None, None) => None,
        (None, Some(new)) => Some(
            Mistake::error(
                MistakeCode::StateByHand,
                places.state(StateKey::Exposure),
                format!("the change exposes {} of users by hand", new.exposure),
            )
            .label("no evidence stands behind this")
            .cure(format!(
                "remove `[state]`; `rollout advance {name}` enters stage 1 and records why"
            )),
        ),
        (Some(old), None) => Some(
            Mistake::error(
                MistakeCode::StateRemoved,
                places.end(),
                format!(
                    "the change removes `[state]`, which said {} in stage {} at {}",
                    old.status.key(),
                    old.stage,
                    old.exposure
                ),
            )
            .label("`[state]` was here")
            .cure(format!(
                "put it back; `rollout rollback {name}` takes the change from all users"
            )),
        ),
        (Some(old), Some(new)) => edited(old, new, name, places),
    }
}

fn edited(old: &State, new: &State, name: &str, places: &Places<'_>) -> Option<Mistake> {
    let changed = changed(old, new);
    let (first, _) = changed.first()?;
    let restore = "restore `[state]` as it was";
    let (code, key, message, cure) = if old.status == Status::RolledBack && old.status != new.status
    {
        (
            MistakeCode::LatchLifted,
            StateKey::Status,
            format!("the change lifts the rollback of `{name}` by hand"),
            format!("{restore}; `rollout retry {name} --reason ...` starts again and records why"),
        )
    } else if new.stage > old.stage + 1 {
        (
            MistakeCode::SkippedStage,
            StateKey::Stage,
            format!(
                "the change skips from stage {} to stage {}",
                old.stage, new.stage
            ),
            format!("{restore}; `rollout advance {name}` takes one stage at a time, on evidence"),
        )
    } else if new.exposure > old.exposure {
        (
            MistakeCode::ExposureRaised,
            StateKey::Exposure,
            format!(
                "the change raises the exposure to {} without evidence",
                new.exposure
            ),
            format!(
                "{restore}; `rollout advance {name}` raises it on evidence, and commits the evidence with it"
            ),
        )
    } else if old.approval != new.approval {
        (
            MistakeCode::ApprovalByHand,
            StateKey::Approval,
            "the change writes or removes an approval by hand".to_owned(),
            format!("{restore}; `rollout approve {name}` records who and when"),
        )
    } else {
        (
            MistakeCode::StateEdited,
            *first,
            "the change edits `[state]` by hand".to_owned(),
            format!(
                "{restore}; commands such as `rollout pause {name}` and `rollout rollback {name}` change it and record why"
            ),
        )
    };
    let was = |key: StateKey| {
        changed
            .iter()
            .find(|(other, _)| *other == key)
            .map_or_else(String::new, |(_, old)| format!("was {old}"))
    };
    let mut mistake = Mistake::error(code, places.state(key), message)
        .label(was(key))
        .cure(cure);
    for (other, old) in changed.iter().filter(|(other, _)| *other != key) {
        mistake = mistake.related(places.state(*other), format!("`{}` was {old}", other.key()));
    }
    Some(mistake)
}

/// Every key whose value changed, with the old value, in the order of `State`.
fn changed(old: &State, new: &State) -> Vec<Changed> {
    let State {
        status,
        stage,
        exposure,
        entered_at,
        declared,
        evidence,
        definitions,
        restarts,
        judge,
        carried,
        dispersion,
        pause,
        approval,
        rollback,
        ramp,
    } = old;
    let there = |is: bool| if is { "there" } else { "not there" }.to_owned();
    let all = [
        (
            StateKey::Status,
            *status != new.status,
            status.key().to_owned(),
        ),
        (StateKey::Stage, *stage != new.stage, stage.to_string()),
        (
            StateKey::Exposure,
            *exposure != new.exposure,
            exposure.percent().to_string(),
        ),
        (
            StateKey::EnteredAt,
            *entered_at != new.entered_at,
            entered_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        ),
        (
            StateKey::Declared,
            *declared != new.declared,
            declared.short().to_owned(),
        ),
        (
            StateKey::Evidence,
            *evidence != new.evidence,
            evidence.clone().unwrap_or_else(|| there(false)),
        ),
        (StateKey::Judge, *judge != new.judge, judge.to_string()),
        (
            StateKey::Carried,
            *carried != new.carried,
            "another".to_owned(),
        ),
        (
            StateKey::Dispersion,
            *dispersion != new.dispersion,
            "another".to_owned(),
        ),
        (
            StateKey::Definitions,
            *definitions != new.definitions,
            "another".to_owned(),
        ),
        (
            StateKey::Restarts,
            *restarts != new.restarts,
            "another".to_owned(),
        ),
        (StateKey::Pause, *pause != new.pause, there(pause.is_some())),
        (
            StateKey::Approval,
            *approval != new.approval,
            there(approval.is_some()),
        ),
        (
            StateKey::Rollback,
            *rollback != new.rollback,
            there(rollback.is_some()),
        ),
        (
            StateKey::Ramp,
            *ramp != new.ramp,
            ramp.map_or_else(
                || there(false),
                |climb| format!("after {} moves", climb.moves),
            ),
        ),
    ];
    all.into_iter()
        .filter(|(_, differs, _)| *differs)
        .map(|(key, _, old)| (key, old))
        .collect()
}
