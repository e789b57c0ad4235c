//! `[[guardrails]]` of a plan and `[metrics.NAME]` of the shared settings: the same thing, of
//! which the first may lean on the second.

use super::arms::leaves_arms_open;
use super::fields::{At, Fields, Reader};
use super::words::{listed, nearest};
use super::written::Written;
use super::{metric, tolerance};
use crate::plan::keys::metric as metric_keys;
use crate::plan::keys::plan::{guardrail as keys, naming};
use crate::plan::model::{
    Arms, Config, Guardrail, JudgeSettings, KindName, Metric, Mistake, MistakeCode, Role, Word,
    definition,
};

/// One of `[[guardrails]]`.
pub(super) fn guardrail(
    reader: &mut Reader,
    fields: &mut Fields<'_>,
    config: &Config,
    arms: &Arms,
) -> Option<Written> {
    let shared = reader.text(fields, naming::METRIC);
    let name = match (reader.text(fields, naming::NAME), &shared) {
        (Some(name), _) => Some(name),
        (None, Some(shared)) => Some(shared.clone()),
        (None, None) => {
            if !fields.has(naming::NAME) && !fields.has(naming::METRIC) {
                reader.missing(fields, naming::NAME);
            }
            None
        }
    };
    let name = name.filter(|name| good_name(reader, name));
    if let Some(name) = &name {
        fields.what = format!("guardrail `{}`", name.value);
    }
    let base = shared.as_ref().and_then(|shared| {
        let base = config.metrics.get(shared.value);
        if base.is_none() {
            unknown_metric(reader, shared, config);
        }
        base
    });
    if let (Some(shared), Some(base)) = (&shared, base) {
        leaves_arms_open(reader, shared, &base.metric, arms);
    }
    let own = metric::metric(reader, fields, arms);
    if let (Some(shared), Some(own)) = (&shared, &own) {
        reader.note(
            Mistake::error(
                MistakeCode::TwoSources,
                own.span.clone(),
                format!("{} names a shared metric and measures its own", fields.what),
            )
            .label("its own metric")
            .related(shared.span.clone(), "the shared metric")
            .cure("remove one of the two"),
        );
    }
    if shared.is_none()
        && let Some(name) = &name
        && config.metrics.contains_key(name.value)
    {
        reader.note(
            Mistake::error(
                MistakeCode::ShadowedMetric,
                name.span.clone(),
                format!("config.toml has a metric `{}` of its own", name.value),
            )
            .label("the same name for another metric")
            .cure(format!(
                "write `metric = \"{}\"` to use it, or choose another name",
                name.value
            )),
        );
    }
    let blind = shared.is_some() && base.is_none();
    let place = name.as_ref().map(|name| name.span.clone());
    let on_breach = fields.get(keys::ON_BREACH).map(toml::Spanned::span);
    let guardrail = resolve(
        reader,
        fields,
        name.map(|name| name.value),
        own.map(|at| at.value),
        &Around {
            base,
            blind,
            in_plan: true,
            arms,
            judge: &config.judge,
        },
    )?;
    Some(Written {
        guardrail,
        span: place.unwrap_or_else(|| fields.span.clone()),
        shared: shared.map(|shared| shared.value.to_owned()),
        on_breach,
    })
}

/// One of `[metrics.NAME]`, whose margin each plan may set.
pub(super) fn shared_metric(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &At<&str>,
    arms: &Arms,
    judge: &JudgeSettings,
) -> Option<Guardrail> {
    let good = good_name(reader, name);
    let own = metric::metric(reader, fields, arms).map(|at| at.value);
    let around = Around {
        base: None,
        blind: false,
        in_plan: false,
        arms,
        judge,
    };
    let guardrail = resolve(reader, fields, Some(name.value), own, &around)?;
    good.then_some(guardrail)
}

/// What a guardrail is resolved against.
struct Around<'a> {
    base: Option<&'a Guardrail>,
    /// It names a shared metric that does not exist: what is missing may be there.
    blind: bool,
    /// A guardrail of a plan, whose margin is needed; a shared metric may leave it to the plans.
    in_plan: bool,
    arms: &'a Arms,
    judge: &'a JudgeSettings,
}

fn resolve(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: Option<&str>,
    own: Option<Metric>,
    around: &Around<'_>,
) -> Option<Guardrail> {
    let Around {
        base,
        blind,
        in_plan,
        arms,
        judge,
    } = *around;
    let category = reader.word(fields, keys::CATEGORY).map(|at| at.value);
    let category = category.or(base.map(|base| base.category));
    if category.is_none() && !fields.has(keys::CATEGORY) && !blind {
        reader.missing(fields, keys::CATEGORY);
    }
    let written_metric = KindName::ALL
        .iter()
        .any(|kind| fields.has(metric_keys::kind(*kind)));
    let metric = own.or_else(|| base.map(|base| base.metric.clone()));
    if metric.is_none() && !written_metric && !blind {
        reader.note(
            Mistake::error(
                MistakeCode::MissingMetric,
                fields.span.clone(),
                format!("{} measures nothing", fields.what),
            )
            .label("no metric")
            .cure(if in_plan {
                "write what to measure, such as `ratio = { events = '...', total = '...' }`, or `metric = \"...\"` to use one of config.toml"
            } else {
                "write what to measure, such as `ratio = { events = '...', total = '...' }`"
            }),
        );
    }
    let role = match reader.word(fields, keys::ROLE) {
        Some(role) => role.value,
        None => base.map_or(Role::Guardrail, |base| base.role),
    };
    let kind = metric.as_ref().map(|metric| metric.kind);
    let margin = tolerance::margin(reader, fields, base, kind, role, in_plan && !blind);
    let limit = tolerance::limit(reader, fields, base, kind, role);
    let on_breach = tolerance::on_breach(reader, fields, base, role);
    let on_no_data = tolerance::on_no_data(reader, fields, base);
    let metric = metric?;
    let unit = metric::unit_beyond_name(&metric);
    let definition = definition(role, &metric, unit, margin, limit, arms, judge);
    // A shared metric's sizes stay as written until a plan takes them over.
    let (margin, limit) = if in_plan {
        (
            margin.map(|margin| metric.kind.in_seconds(margin)),
            limit.map(|limit| metric.kind.limit_in_seconds(limit)),
        )
    } else {
        (margin, limit)
    };
    Some(Guardrail {
        name: name?.to_owned(),
        category: category?,
        role,
        metric,
        margin,
        limit,
        on_breach,
        on_no_data,
        definition,
    })
}

/// Names are keys of `[state]`, words in reports and parts of commands.
fn good_name(reader: &mut Reader, name: &At<&str>) -> bool {
    let good = name
        .value
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && name.value.starts_with(char::is_alphanumeric);
    if !good {
        let better: String = name
            .value
            .trim()
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || matches!(c, '_' | '.') {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let better = better.trim_matches(|c: char| !c.is_alphanumeric());
        let better = if better.is_empty() {
            "checkout-errors"
        } else {
            better
        };
        reader.note(
            Mistake::error(
                MistakeCode::BadName,
                name.span.clone(),
                format!("`{}` is not a name", name.value.escape_debug()),
            )
            .label("letters, digits, `-`, `_` and `.` only")
            .cure(format!("write `{better}`")),
        );
    }
    good
}

fn unknown_metric(reader: &mut Reader, shared: &At<&str>, config: &Config) {
    let names: Vec<&str> = config.metrics.keys().map(String::as_str).collect();
    let cure = match nearest(shared.value, names.iter().copied()) {
        Some(near) => format!("write `metric = \"{near}\"`"),
        None if names.is_empty() => format!(
            "add `[metrics.{}]` to config.toml, or measure it here, such as `ratio = {{ events = '...', total = '...' }}`",
            shared.value
        ),
        None => format!("config.toml has {}", listed(&names)),
    };
    reader.note(
        Mistake::error(
            MistakeCode::UnknownMetric,
            shared.span.clone(),
            format!("config.toml has no metric `{}`", shared.value),
        )
        .label("unknown metric")
        .cure(cure),
    );
}
