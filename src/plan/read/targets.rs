//! `[[targets]]` of a plan: one kind each, the names that lead into its file, and whether two write the
//! same numbers. The files themselves are not looked at.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::{At, Fields, Reader};
use super::spanned;
use super::target_values::{file, hashable, is_token, is_variable, needed, owned, pointer};
use super::words::listed;
use crate::plan::keys::key::{Key, Table};
use crate::plan::keys::plan::{PLAN, root as plan};
use crate::plan::keys::target::{
    self as keys, flag, map_line, maybe_numbered, named, numbered, numbers, resource, split,
    split_clients, template,
};
use crate::plan::model::{
    FlagPlace, Mistake, MistakeCode, NumbersPlace, SplitClients, SplitPlace, Target, TargetKind,
    TargetPlace, Template, Word as _,
};

/// GrowthBook's second variation is the new one: the first is what the rule's users had before.
const SECOND: u32 = 1;

/// Percent.
const PERCENT: u32 = 100;

/// Reads all targets; those that have a mistake are left out.
pub(super) fn targets(reader: &mut Reader, file: &Fields<'_>) -> Vec<Target> {
    let Some(array) = reader.array(file, plan::TARGETS) else {
        return Vec::new();
    };
    let mut all: Vec<At<Target>> = Vec::new();
    for (index, value) in array.iter().enumerate() {
        let Some(target) = target(reader, value, index) else {
            continue;
        };
        let twin = all
            .iter()
            .find(|other| target.value.collides_with(&other.value));
        if let Some(twin) = twin {
            reader.note(
                Mistake::error(
                    MistakeCode::SharedTarget,
                    target.span.clone(),
                    "two targets write the same numbers",
                )
                .label("the same place again")
                .related(twin.span.clone(), "first here")
                .cure("remove one of the two"),
            );
        }
        all.push(target);
    }
    all.into_iter().map(|target| target.value).collect()
}

/// The targets of a plan that may have mistakes, for a rollback, which must reach users all the same:
/// those that can be read. A text that is no TOML has none.
#[must_use]
pub fn salvaged_targets(text: &str) -> Vec<Target> {
    // Most plans have none, and are not parsed once more for that.
    if !text.contains("targets") {
        return Vec::new();
    }
    let Ok(root) = spanned::table(text) else {
        return Vec::new();
    };
    salvaged_in(root.get_ref())
}

/// How many entries of `[[targets]]` cannot be read: what they name is not known, and is not lowered.
#[must_use]
pub fn lost_targets(text: &str) -> usize {
    let Ok(root) = spanned::table(text) else {
        return 0;
    };
    let entries = root.get_ref().get(plan::TARGETS.name);
    let many = match entries.map(Spanned::get_ref) {
        None => 0,
        Some(DeValue::Array(entries)) => entries.len(),
        Some(_) => 1,
    };
    many.saturating_sub(salvaged_in(root.get_ref()).len())
}

/// As [`salvaged_targets`], of a text that has been parsed.
fn salvaged_in(root: &DeTable<'_>) -> Vec<Target> {
    let mut reader = Reader::default();
    let fields = reader.open(root, 0..0, "the plan", &PLAN);
    targets(&mut reader, &fields)
}

/// One of `[[targets]]`, with the place of its kind.
fn target(reader: &mut Reader, value: &Spanned<DeValue<'_>>, index: usize) -> Option<At<Target>> {
    let what = format!("target {}", index + 1);
    let fields = reader.table(value, &what, "[[targets]]", &keys::TARGET)?;
    let mut written: Vec<(TargetKind, Range<usize>)> = TargetKind::ALL
        .iter()
        .filter_map(|kind| Some((*kind, fields.key_span(keys::kind(*kind))?)))
        .collect();
    written.sort_by_key(|(_, span)| span.start);
    match written.as_slice() {
        [] => {
            reader.note(
                Mistake::error(
                    MistakeCode::MissingKey,
                    fields.span.clone(),
                    format!("{what} does not say what reads it"),
                )
                .label(format!(
                    "one of {} is missing",
                    listed(&TargetKind::words())
                ))
                .cure(keys::kind(TargetKind::Flagd).cure()),
            );
            None
        }
        [(kind, span)] => {
            let target = one(reader, *kind, &fields)?;
            Some(At {
                value: target,
                span: span.clone(),
            })
        }
        [(first, place), (second, again), ..] => {
            let (first, second) = (first.key(), second.key());
            reader.note(
                Mistake::error(
                    MistakeCode::TwoKinds,
                    again.clone(),
                    format!("{what} is both `{first}` and `{second}`"),
                )
                .label("a second kind")
                .related(place.clone(), "the first kind")
                .cure("write two targets, each below `[[targets]]`"),
            );
            None
        }
    }
}

fn one(reader: &mut Reader, kind: TargetKind, target: &Fields<'_>) -> Option<Target> {
    let key = keys::kind(kind);
    let what = format!("`{}` of {}", key.name, target.what);
    let open = |reader: &mut Reader, table: &Table| {
        reader.table(target.get(key)?, &what, &key.written(), table)
    };
    let place = match kind {
        TargetKind::Flagd => {
            let fields = open(reader, &keys::NAMED_VARIANT)?;
            let place = named_variant(reader, &fields).map(TargetPlace::Flagd);
            (file(reader, &fields), place)
        }
        TargetKind::Gofeatureflag => {
            let fields = open(reader, &keys::NAMED_VARIANT)?;
            let place = named_variant(reader, &fields).map(TargetPlace::Gofeatureflag);
            (file(reader, &fields), place)
        }
        TargetKind::Launchdarkly => {
            let fields = open(reader, &keys::NUMBERED_VARIANT)?;
            if !fields.has(numbered::VARIANT) {
                reader.missing(&fields, numbered::VARIANT);
            }
            let variant = reader.count(&fields, numbered::VARIANT).map(|at| at.value);
            let place = at_position(reader, &fields, variant).map(TargetPlace::Launchdarkly);
            (file(reader, &fields), place)
        }
        TargetKind::Growthbook => {
            let fields = open(reader, &keys::MAYBE_NUMBERED_VARIANT)?;
            let variant = count_or(reader, &fields, maybe_numbered::VARIANT, SECOND);
            let place = at_position(reader, &fields, variant).map(TargetPlace::Growthbook);
            (file(reader, &fields), place)
        }
        TargetKind::Unleash => {
            let fields = open(reader, &keys::FLAG_ALONE)?;
            let flag = needed(reader, &fields, flag::FLAG).map(|text| owned(&text));
            (file(reader, &fields), flag.map(TargetPlace::Unleash))
        }
        TargetKind::Envoy => {
            let fields = open(reader, &keys::SPLIT)?;
            let split = split_of(reader, &fields, None);
            (file(reader, &fields), split.map(TargetPlace::Envoy))
        }
        TargetKind::Httproute => {
            let fields = open(reader, &keys::NAMED_SPLIT)?;
            let split = named_split(reader, &fields);
            (file(reader, &fields), split.map(TargetPlace::Httproute))
        }
        TargetKind::Virtualservice => {
            let fields = open(reader, &keys::NAMED_SPLIT)?;
            let split = named_split(reader, &fields);
            let place = split.map(TargetPlace::Virtualservice);
            (file(reader, &fields), place)
        }
        TargetKind::Json => {
            let fields = open(reader, &keys::NUMBERS)?;
            let numbers = numbers_of(reader, &fields);
            (file(reader, &fields), numbers.map(TargetPlace::Json))
        }
        TargetKind::Yaml => {
            let fields = open(reader, &keys::NUMBERS)?;
            let numbers = numbers_of(reader, &fields);
            (file(reader, &fields), numbers.map(TargetPlace::Yaml))
        }
        TargetKind::Nginx => {
            let fields = open(reader, &keys::SPLIT_CLIENTS)?;
            let split = split_clients_of(reader, &fields);
            (file(reader, &fields), split.map(TargetPlace::Nginx))
        }
        TargetKind::Haproxy => {
            let fields = open(reader, &keys::MAP_LINE)?;
            let key = needed(reader, &fields, map_line::KEY)
                .filter(|key| is_token(reader, key, map_line::KEY))
                .map(|text| owned(&text));
            (file(reader, &fields), key.map(TargetPlace::Haproxy))
        }
        TargetKind::Text => {
            let fields = open(reader, &keys::TEMPLATE)?;
            let text = needed(reader, &fields, template::TEMPLATE);
            let template = text.and_then(|text| match Template::parse(text.value) {
                Ok(template) => Some(TargetPlace::Text(template)),
                Err(error) => {
                    reader.bad(MistakeCode::BadTemplate, text.span, error);
                    None
                }
            });
            (file(reader, &fields), template)
        }
    };
    let (file, place) = place;
    Some(Target {
        file: file?,
        place: place?,
    })
}

/// A whole number, or what holds without it.
fn count_or(reader: &mut Reader, fields: &Fields<'_>, key: &Key, default: u32) -> Option<u32> {
    if fields.has(key) {
        reader.count(fields, key).map(|at| at.value)
    } else {
        Some(default)
    }
}

fn named_variant(reader: &mut Reader, fields: &Fields<'_>) -> Option<FlagPlace> {
    let flag = needed(reader, fields, flag::FLAG).map(|text| owned(&text));
    let variant = needed(reader, fields, named::VARIANT).map(|text| owned(&text));
    Some(FlagPlace {
        flag: flag?,
        variant: variant?,
    })
}

fn at_position(
    reader: &mut Reader,
    fields: &Fields<'_>,
    position: Option<u32>,
) -> Option<FlagPlace> {
    let flag = needed(reader, fields, flag::FLAG).map(|text| owned(&text));
    Some(FlagPlace {
        flag: flag?,
        variant: position?.to_string(),
    })
}

fn named_split(reader: &mut Reader, fields: &Fields<'_>) -> Option<SplitPlace> {
    let name = reader.text(fields, resource::NAME).map(|text| owned(&text));
    split_of(reader, fields, name)
}

fn split_of(reader: &mut Reader, fields: &Fields<'_>, name: Option<String>) -> Option<SplitPlace> {
    let exposed = needed(reader, fields, split::EXPOSED);
    let rest = needed(reader, fields, split::REST);
    let (exposed, rest) = (exposed?, rest?);
    differ(reader, &exposed, &rest)?;
    Some(SplitPlace {
        name,
        exposed: owned(&exposed),
        rest: owned(&rest),
    })
}

/// Two names that must not be one.
fn differ(reader: &mut Reader, exposed: &At<&str>, rest: &At<&str>) -> Option<()> {
    if exposed.value != rest.value {
        return Some(());
    }
    reader.note(
        Mistake::error(
            MistakeCode::SameArms,
            rest.span.clone(),
            "exposed users and the others get the same",
        )
        .label("cannot be told apart")
        .related(exposed.span.clone(), "what exposed users get")
        .cure("write what users get who do not see the change"),
    );
    None
}

fn numbers_of(reader: &mut Reader, fields: &Fields<'_>) -> Option<NumbersPlace> {
    let exposed = needed(reader, fields, numbers::EXPOSED);
    let exposed = exposed.and_then(|text| Some((pointer(reader, &text)?, text)));
    let rest = match fields.has(numbers::REST) {
        false => Some(None),
        true => needed(reader, fields, numbers::REST)
            .and_then(|text| Some(Some((pointer(reader, &text)?, text)))),
    };
    let scale = count_or(reader, fields, numbers::SCALE, PERCENT);
    let ((exposed, place), rest) = (exposed?, rest?);
    if let Some((_, of_rest)) = &rest {
        differ(reader, &place, of_rest)?;
    }
    Some(NumbersPlace {
        exposed,
        rest: rest.map(|(pointer, _)| pointer),
        scale: scale?,
    })
}

fn split_clients_of(reader: &mut Reader, fields: &Fields<'_>) -> Option<SplitClients> {
    let key = needed(reader, fields, split_clients::KEY).filter(|key| hashable(reader, key));
    let variable = needed(reader, fields, split_clients::VARIABLE)
        .filter(|variable| is_variable(reader, variable));
    let value = |reader: &mut Reader, key: &Key, default: &'static str| {
        if !fields.has(key) {
            let span = fields.span.clone();
            return Some(At {
                value: default,
                span,
            });
        }
        let text = reader.text(fields, key)?;
        is_token(reader, &text, key).then_some(text)
    };
    let exposed = value(reader, split_clients::EXPOSED, "treatment");
    let rest = value(reader, split_clients::REST, "control");
    let (exposed, rest) = (exposed?, rest?);
    differ(reader, &exposed, &rest)?;
    Some(SplitClients {
        key: owned(&key?),
        variable: owned(&variable?),
        exposed: owned(&exposed),
        rest: owned(&rest),
    })
}
