//! What a guardrail tolerates and what follows: margin, limit, breach, missing data. A success
//! metric has none of the first three.

use std::ops::Range;

use super::fields::{Fields, Reader};
use super::sizes;
use crate::plan::keys::key::Key;
use crate::plan::keys::metric as metric_keys;
use crate::plan::keys::plan::guardrail as keys;
use crate::plan::model::{
    Guardrail, Kind, KindName, Mistake, MistakeCode, OnBreach, OnNoData, OnNoDataWord, Role, Word,
};
use crate::units::{Bound, Effect, Period};

/// How long evidence may be missing before `on_no_data = "rollback"` acts: longer than a restart
/// of Prometheus, shorter than anybody wants to be blind.
const NO_DATA_TIMEOUT: Period = Period::from_minutes(30);

pub(super) fn margin(
    reader: &mut Reader,
    fields: &Fields<'_>,
    base: Option<&Guardrail>,
    kind: Option<Kind>,
    role: Role,
    needed: bool,
) -> Option<Effect> {
    let written = sizes::effect(reader, fields, keys::MARGIN);
    match role {
        Role::Success => {
            if let Some(written) = written {
                success_has_no(reader, fields, keys::MARGIN, written.span);
            }
            None
        }
        Role::Guardrail => {
            if let (Some(kind), Some(written)) = (kind, &written) {
                sizes::fits(reader, kind, written, keys::MARGIN.name);
            }
            let margin = written
                .map(|at| at.value)
                .or(base.and_then(|base| base.margin));
            // A metric with a mistake of its own still says by its key whether it compares.
            let compares = kind.map_or_else(
                || {
                    let mut kinds = KindName::ALL.iter();
                    kinds.any(|k| k.compares_arms() && fields.has(metric_keys::kind(*k)))
                },
                Kind::compares_arms,
            );
            if margin.is_none() && compares && needed && !fields.has(keys::MARGIN) {
                reader.missing(fields, keys::MARGIN);
            }
            margin
        }
    }
}

pub(super) fn limit(
    reader: &mut Reader,
    fields: &Fields<'_>,
    base: Option<&Guardrail>,
    kind: Option<Kind>,
    role: Role,
) -> Option<Bound> {
    let written = sizes::bound(reader, fields, keys::LIMIT);
    match role {
        Role::Success => {
            if let Some(written) = written {
                success_has_no(reader, fields, keys::LIMIT, written.span);
            }
            None
        }
        Role::Guardrail => {
            if let (Some(kind), Some(written)) = (kind, &written) {
                sizes::limit_fits(reader, kind, written);
            }
            written
                .map(|at| at.value)
                .or(base.and_then(|base| base.limit))
        }
    }
}

pub(super) fn on_breach(
    reader: &mut Reader,
    fields: &Fields<'_>,
    base: Option<&Guardrail>,
    role: Role,
) -> OnBreach {
    let written = reader.word(fields, keys::ON_BREACH);
    match role {
        Role::Success => {
            if let Some(written) = written {
                success_has_no(reader, fields, keys::ON_BREACH, written.span);
            }
            OnBreach::Warn
        }
        Role::Guardrail => written
            .map(|at| at.value)
            .or(base.map(|base| base.on_breach))
            .unwrap_or(OnBreach::Rollback),
    }
}

/// A success metric asks whether things get better; what guards against harm is a guardrail.
fn success_has_no(reader: &mut Reader, fields: &Fields<'_>, key: &Key, span: Range<usize>) {
    let key = key.name;
    reader.note(
        Mistake::error(
            MistakeCode::SuccessGuardsNothing,
            span,
            format!("{} is a success metric, which has no `{key}`", fields.what),
        )
        .label("a success metric stops nothing")
        .cure(format!(
            "remove `{key}`, or remove `role = \"success\"` to guard against harm"
        )),
    );
}

pub(super) fn on_no_data(
    reader: &mut Reader,
    fields: &Fields<'_>,
    base: Option<&Guardrail>,
) -> OnNoData {
    let word = reader.word(fields, keys::ON_NO_DATA).map(|at| at.value);
    let timeout = reader.period(fields, keys::NO_DATA_TIMEOUT);
    let inherited = base.map(|base| base.on_no_data);
    let base_timeout = match inherited {
        Some(OnNoData::Rollback { after }) => Some(after),
        Some(OnNoData::Hold | OnNoData::Pause) | None => None,
    };
    let word = word.or(match inherited {
        Some(OnNoData::Hold) => Some(OnNoDataWord::Hold),
        Some(OnNoData::Pause) => Some(OnNoDataWord::Pause),
        Some(OnNoData::Rollback { .. }) => Some(OnNoDataWord::Rollback),
        None => None,
    });
    let stray = timeout.as_ref().map(|at| at.span.clone());
    let after = timeout
        .map(|at| at.value)
        .or(base_timeout)
        .unwrap_or(NO_DATA_TIMEOUT);
    let decided = match word.unwrap_or(OnNoDataWord::Hold) {
        OnNoDataWord::Rollback => return OnNoData::Rollback { after },
        OnNoDataWord::Hold => OnNoData::Hold,
        OnNoDataWord::Pause => OnNoData::Pause,
    };
    // A misspelt `on_no_data` has its own mistake already.
    if let Some(span) = stray.filter(|_| word.is_some() || !fields.has(keys::ON_NO_DATA)) {
        reader.note(
            Mistake::error(
                MistakeCode::StrayTimeout,
                span,
                format!("`no_data_timeout` of {} has no effect", fields.what),
            )
            .label("only `on_no_data = \"rollback\"` waits for it")
            .cure("write `on_no_data = \"rollback\"` as well, or remove `no_data_timeout`"),
        );
    }
    decided
}
