//! When advances are allowed: `[[windows]]` and `[[freezes]]`.

use chrono::{NaiveTime, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::words::nearest;
use crate::plan::keys::config::{FREEZE, WINDOW, freeze, root as config, window};
use crate::plan::keys::key::Key;
use crate::plan::model::{Calendar, Freeze, Mistake, MistakeCode, Window, Word};

/// Reads both lists.
pub(super) fn calendar(reader: &mut Reader, settings: &Fields<'_>) -> Calendar {
    let mut calendar = Calendar::default();
    if let Some(array) = reader.array(settings, config::WINDOWS) {
        for (index, value) in array.iter().enumerate() {
            let what = format!("window {}", index + 1);
            if let Some(fields) = reader.table(value, &what, "[[windows]]", &WINDOW) {
                calendar.windows.extend(one_window(reader, &fields));
            }
        }
    }
    if let Some(array) = reader.array(settings, config::FREEZES) {
        for (index, value) in array.iter().enumerate() {
            let what = format!("freeze {}", index + 1);
            if let Some(fields) = reader.table(value, &what, "[[freezes]]", &FREEZE) {
                calendar.freezes.extend(one_freeze(reader, &fields));
            }
        }
    }
    calendar
}

fn one_window(reader: &mut Reader, fields: &Fields<'_>) -> Option<Window> {
    let days = days(reader, fields);
    let from = time(reader, fields, window::FROM);
    let to = time(reader, fields, window::TO);
    if let (Some(from), Some(to)) = (&from, &to)
        && from.value == to.value
    {
        reader.note(
            Mistake::error(
                MistakeCode::EmptyWindow,
                to.span.clone(),
                format!("{} closes when it opens", fields.what),
            )
            .related(from.span.clone(), "it opens here")
            .cure("write a later `to`; before `from` it closes on the next day"),
        );
    }
    let tz = zone(reader, fields);
    Some(Window {
        days: days?,
        from: from?.value,
        to: to?.value,
        tz: tz?,
    })
}

/// Every day when the window does not say.
fn days(reader: &mut Reader, fields: &Fields<'_>) -> Option<Vec<Weekday>> {
    if !fields.has(window::DAYS) {
        return Some(Weekday::ALL.to_vec());
    }
    let example = window::DAYS.written();
    let array = reader.array(fields, window::DAYS)?;
    let mut days = Vec::new();
    let mut complete = true;
    for value in array.iter() {
        let Some(written) = reader.text_of(value, window::DAYS.name, &example) else {
            complete = false;
            continue;
        };
        let known = Weekday::from_word(written.value);
        match known {
            Some(day) if days.contains(&day) => reader.note(
                Mistake::error(
                    MistakeCode::DuplicateName,
                    written.span,
                    format!("`{}` is there twice", written.value),
                )
                .cure("remove one"),
            ),
            Some(day) => days.push(day),
            None => {
                complete = false;
                let lower = written.value.trim().to_lowercase();
                let near = Weekday::words()
                    .into_iter()
                    .find(|name| lower.starts_with(name));
                reader.note(
                    Mistake::error(
                        MistakeCode::UnknownWord,
                        written.span,
                        format!("`{}` is not a day", written.value.escape_debug()),
                    )
                    .label("expected mon, tue, wed, thu, fri, sat or sun")
                    .cure(match near {
                        Some(near) => format!("write `\"{near}\"`"),
                        None => format!("write `{example}`"),
                    }),
                );
            }
        }
    }
    if array.is_empty() {
        reader.note(
            Mistake::error(
                MistakeCode::EmptyWindow,
                fields
                    .get(window::DAYS)
                    .map(toml::Spanned::span)
                    .unwrap_or_default(),
                format!("{} never opens", fields.what),
            )
            .cure(format!("write `{example}`")),
        );
    }
    complete.then_some(days)
}

fn time(reader: &mut Reader, fields: &Fields<'_>, key: &Key) -> Option<At<NaiveTime>> {
    let Some(value) = fields.get(key) else {
        reader.missing(fields, key);
        return None;
    };
    let written = match value.get_ref() {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => {
            reader.wrong_value(value, key);
            return None;
        }
    };
    let parsed = ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(&written, format).ok());
    if parsed.is_none() {
        let cure = if written.starts_with("24:") {
            "write `\"00:00\"`: a window that ends before it begins closes on the next day"
                .to_owned()
        } else {
            format!("write `{}`, with hours from 00 to 23", key.written())
        };
        reader.note(
            Mistake::error(
                MistakeCode::BadTime,
                value.span(),
                format!("`{}` is not a time of day", written.escape_debug()),
            )
            .cure(cure),
        );
    }
    parsed.map(|value_of_day| At {
        value: value_of_day,
        span: value.span(),
    })
}

fn zone(reader: &mut Reader, fields: &Fields<'_>) -> Option<Tz> {
    if !fields.has(window::TZ) {
        reader.missing(fields, window::TZ);
        return None;
    }
    let written = reader.text(fields, window::TZ)?;
    if let Ok(zone) = written.value.parse::<Tz>() {
        return Some(zone);
    }
    let cure = match nearest(written.value, TZ_VARIANTS.iter().map(|zone| zone.name())) {
        Some(near) => format!("write `tz = \"{near}\"`"),
        None => "write an IANA name such as `tz = \"Europe/Stockholm\"`, or `tz = \"UTC\"`; an offset does not know summer time".into(),
    };
    reader.note(
        Mistake::error(
            MistakeCode::UnknownZone,
            written.span,
            format!("`{}` is not a time zone", written.value.escape_debug()),
        )
        .label("not an IANA name")
        .cure(cure),
    );
    None
}

fn one_freeze(reader: &mut Reader, fields: &Fields<'_>) -> Option<Freeze> {
    let from = reader.instant(fields, freeze::FROM);
    let until = reader.instant(fields, freeze::UNTIL);
    if !fields.has(freeze::UNTIL) {
        reader.missing(fields, freeze::UNTIL);
    }
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value <= from.value
    {
        reader.note(
            Mistake::error(
                MistakeCode::EmptyFreeze,
                until.span.clone(),
                format!("{} ends before it begins", fields.what),
            )
            .related(from.span.clone(), "it begins here")
            .cure("write a later `until`"),
        );
    }
    let reason = reader.text(fields, freeze::REASON);
    if !fields.has(freeze::REASON) {
        reader.missing(fields, freeze::REASON);
    }
    let owner = reader.text(fields, freeze::OWNER);
    let from_good = from.is_some() || !fields.has(freeze::FROM);
    let read = Freeze {
        from: from.map(|at| at.value),
        until: until?.value,
        reason: reason?.value.to_owned(),
        owner: owner.map(|at| at.value.to_owned()),
    };
    from_good.then_some(read)
}
