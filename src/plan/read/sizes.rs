//! Margins, limits and what stages rule out: read, and held against the kind of metric they are
//! for.

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::words::number_of;
use crate::plan::keys::key::Key;
use crate::plan::model::{Kind, Mistake, MistakeCode};
use crate::units::{Bound, BoundUnit, Effect, Exposure, Worse};

/// A size of harm under a key.
pub(super) fn effect(reader: &mut Reader, fields: &Fields<'_>, key: &Key) -> Option<At<Effect>> {
    effect_of(reader, fields.get(key)?, key.name)
}

/// A size of harm.
pub(super) fn effect_of(
    reader: &mut Reader,
    value: &Spanned<DeValue<'_>>,
    key: &str,
) -> Option<At<Effect>> {
    let span = value.span();
    let read = match (value.get_ref().as_str(), number_of(value.get_ref())) {
        (Some(text), _) => Effect::parse(text),
        (None, Some(number)) => Effect::absolute(number),
        (None, None) => {
            reader.wrong_type(
                value,
                &format!("`{key}`"),
                "a size of harm",
                &format!("{key} = \"10%\""),
            );
            return None;
        }
    };
    match read {
        Ok(value) => Some(At { value, span }),
        Err(error) => {
            reader.bad(MistakeCode::BadSize, span, error);
            None
        }
    }
}

/// A percentage above zero.
pub(super) fn percent(reader: &mut Reader, fields: &Fields<'_>, key: &Key) -> Option<At<Exposure>> {
    let At { value, span } = reader.number(fields, key)?;
    match Exposure::from_percent(value) {
        Ok(exposure) if exposure == Exposure::NONE => {
            reader.note(
                Mistake::error(
                    MistakeCode::ExposureOutOfRange,
                    span,
                    format!("`{}` of {} exposes nobody", key.name, fields.what),
                )
                .label("must be above 0")
                .cure(format!(
                    "write at least `{} = 0.01`; a plan without `[state]` exposes nobody yet",
                    key.name
                )),
            );
            None
        }
        Ok(exposure) => Some(At {
            value: exposure,
            span,
        }),
        Err(error) => {
            reader.bad(MistakeCode::ExposureOutOfRange, span, error);
            None
        }
    }
}

/// An absolute bound under a key.
pub(super) fn bound(reader: &mut Reader, fields: &Fields<'_>, key: &Key) -> Option<At<Bound>> {
    let value = fields.get(key)?;
    let span = value.span();
    let read = match (value.get_ref().as_str(), number_of(value.get_ref())) {
        (Some(text), _) => Bound::parse(text),
        (None, Some(number)) => Bound::plain(number),
        (None, None) => {
            reader.wrong_value(value, key);
            return None;
        }
    };
    match read {
        Ok(value) => Some(At { value, span }),
        Err(error) => {
            reader.bad(MistakeCode::BadBound, span, error);
            None
        }
    }
}

/// Refuses a size of harm that means nothing for this kind. True when it fits.
pub(super) fn fits(reader: &mut Reader, kind: Kind, effect: &At<Effect>, key: &str) -> bool {
    let (problem, cure) = match (kind, effect.value) {
        (Kind::Point { .. }, _) => (
            "a `point` compares nothing, so no harm can be sized".to_owned(),
            format!("remove it; `max` or `min` is all a `point` has ({key})"),
        ),
        (Kind::Ratio { .. }, Effect::Absolute(number)) => (
            format!("a plain number is ambiguous for a share: {number}"),
            format!("write percentage points `\"{number}pp\"`, or a relative size `\"10%\"`"),
        ),
        (Kind::Ratio { .. }, Effect::Points(share)) if share >= 1.0 => (
            format!("a share cannot move by {}", effect.value),
            "write fewer percentage points, such as `\"0.2pp\"`".to_owned(),
        ),
        (
            Kind::Rate { .. } | Kind::Latency { .. } | Kind::Mean { .. } | Kind::Gauge { .. },
            Effect::Points(_),
        ) => (
            format!("percentage points have no meaning for a `{}`", kind.key()),
            "write a relative size `\"10%\"`, or a plain number in the metric's own unit"
                .to_owned(),
        ),
        (_, Effect::Relative(share)) if kind.worse() == Worse::Lower && share >= 1.0 => (
            format!("a fall of {} is a fall to nothing", effect.value),
            "write less than 100 %, such as `\"10%\"`".to_owned(),
        ),
        (
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. },
            Effect::Relative(_) | Effect::Ratio(_) | Effect::Points(_) | Effect::Absolute(_),
        ) => return true,
    };
    reader
        .note(Mistake::error(MistakeCode::SizeDoesNotFit, effect.span.clone(), problem).cure(cure));
    false
}

/// Refuses a limit that means nothing for this kind. True when it fits.
pub(super) fn limit_fits(reader: &mut Reader, kind: Kind, limit: &At<Bound>) -> bool {
    let Bound { value, unit } = limit.value;
    let (problem, cure) = match (kind, unit) {
        (Kind::Point { .. }, _) => (
            "a `point` has no `limit`".to_owned(),
            "remove it; `max` or `min` within `point` is the limit".to_owned(),
        ),
        (Kind::Ratio { .. }, BoundUnit::Time) => (
            "a share is not a time".to_owned(),
            "write a share, such as `limit = \"1%\"`".to_owned(),
        ),
        (Kind::Ratio { .. }, BoundUnit::Percent | BoundUnit::Plain)
            if !(value > 0.0 && value < 1.0) =>
        {
            (
                format!("a share of {} is not between 0 and 100 %", limit.value),
                "write a share, such as `limit = \"1%\"`".to_owned(),
            )
        }
        (Kind::Latency { .. }, BoundUnit::Percent) => (
            "a latency is not a share".to_owned(),
            "write a time, such as `limit = \"500ms\"`".to_owned(),
        ),
        (Kind::Latency { .. }, BoundUnit::Plain) if value <= 0.0 => (
            format!("a latency of {value} cannot be a limit"),
            "write a time, such as `limit = \"500ms\"`".to_owned(),
        ),
        (Kind::Rate { .. }, BoundUnit::Percent | BoundUnit::Time) => (
            "a rate is neither a share nor a time".to_owned(),
            "write a plain number of events per unit, such as `limit = 0.5`".to_owned(),
        ),
        (
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. },
            BoundUnit::Percent | BoundUnit::Time | BoundUnit::Plain,
        ) => return true,
    };
    reader
        .note(Mistake::error(MistakeCode::LimitDoesNotFit, limit.span.clone(), problem).cure(cure));
    false
}
