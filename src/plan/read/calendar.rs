//! When advances are allowed: `[[windows]]` and `[[freezes]]`.

use chrono::{NaiveTime, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::words::nearest;
use crate::plan::keys::names as keys;
use crate::plan::model::{Calendar, Freeze, Mistake, Window};

const DAYS: &[(&str, Weekday)] = &[
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// Reads both lists.
pub(super) fn calendar(reader: &mut Reader, config: &Fields<'_>) -> Calendar {
    let mut calendar = Calendar::default();
    if let Some(array) = reader.array(config, "windows", "[[windows]]") {
        for (index, value) in array.iter().enumerate() {
            let what = format!("window {}", index + 1);
            if let Some(fields) = reader.table(value, &what, "[[windows]]", keys::WINDOW) {
                calendar.windows.extend(window(reader, &fields));
            }
        }
    }
    if let Some(array) = reader.array(config, "freezes", "[[freezes]]") {
        for (index, value) in array.iter().enumerate() {
            let what = format!("freeze {}", index + 1);
            if let Some(fields) = reader.table(value, &what, "[[freezes]]", keys::FREEZE) {
                calendar.freezes.extend(freeze(reader, &fields));
            }
        }
    }
    calendar
}

fn window(reader: &mut Reader, fields: &Fields<'_>) -> Option<Window> {
    let days = days(reader, fields);
    let from = time(reader, fields, "from", "09:30");
    let to = time(reader, fields, "to", "16:00");
    if let (Some(from), Some(to)) = (&from, &to)
        && from.value == to.value
    {
        reader.note(
            Mistake::error(
                "empty-window",
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
    const EXAMPLE: &str = "days = [\"mon\", \"tue\", \"wed\", \"thu\"]";
    if !fields.has("days") {
        return Some(DAYS.iter().map(|(_, day)| *day).collect());
    }
    let array = reader.array(fields, "days", EXAMPLE)?;
    let mut days = Vec::new();
    let mut complete = true;
    for value in array.iter() {
        let Some(written) = reader.text_of(value, "days", EXAMPLE) else {
            complete = false;
            continue;
        };
        let known = DAYS.iter().find(|(name, _)| *name == written.value);
        match known {
            Some((_, day)) if days.contains(day) => reader.note(
                Mistake::error(
                    "duplicate-name",
                    written.span,
                    format!("`{}` is there twice", written.value),
                )
                .cure("remove one"),
            ),
            Some((_, day)) => days.push(*day),
            None => {
                complete = false;
                let lower = written.value.trim().to_lowercase();
                let near = DAYS
                    .iter()
                    .map(|(name, _)| *name)
                    .find(|name| lower.starts_with(name));
                reader.note(
                    Mistake::error(
                        "unknown-word",
                        written.span,
                        format!("`{}` is not a day", written.value.escape_debug()),
                    )
                    .label("expected mon, tue, wed, thu, fri, sat or sun")
                    .cure(match near {
                        Some(near) => format!("write `\"{near}\"`"),
                        None => format!("write `{EXAMPLE}`"),
                    }),
                );
            }
        }
    }
    if array.is_empty() {
        reader.note(
            Mistake::error(
                "empty-window",
                fields
                    .get("days")
                    .map(toml::Spanned::span)
                    .unwrap_or_default(),
                format!("{} never opens", fields.what),
            )
            .cure(format!("write `{EXAMPLE}`")),
        );
    }
    complete.then_some(days)
}

fn time(
    reader: &mut Reader,
    fields: &Fields<'_>,
    key: &str,
    example: &str,
) -> Option<At<NaiveTime>> {
    let Some(value) = fields.get(key) else {
        reader.missing(fields, key, format!("write `{key} = \"{example}\"`"));
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
            reader.wrong_type(
                value,
                &format!("`{key}`"),
                "a time of day in quotes",
                &format!("{key} = \"{example}\""),
            );
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
            format!("write `{key} = \"{example}\"`, with hours from 00 to 23")
        };
        reader.note(
            Mistake::error(
                "bad-time",
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
    if !fields.has("tz") {
        reader.missing(
            fields,
            "tz",
            "write the time zone: `tz = \"Europe/Stockholm\"`, or `tz = \"UTC\"`",
        );
        return None;
    }
    let written = reader.text(fields, "tz", "\"Europe/Stockholm\"")?;
    if let Ok(zone) = written.value.parse::<Tz>() {
        return Some(zone);
    }
    let cure = match nearest(written.value, TZ_VARIANTS.iter().map(|zone| zone.name())) {
        Some(near) => format!("write `tz = \"{near}\"`"),
        None => "write an IANA name such as `tz = \"Europe/Stockholm\"`, or `tz = \"UTC\"`; an offset does not know summer time".into(),
    };
    reader.note(
        Mistake::error(
            "unknown-zone",
            written.span,
            format!("`{}` is not a time zone", written.value.escape_debug()),
        )
        .label("not an IANA name")
        .cure(cure),
    );
    None
}

fn freeze(reader: &mut Reader, fields: &Fields<'_>) -> Option<Freeze> {
    let from = reader.instant(fields, "from");
    let until = reader.instant(fields, "until");
    if !fields.has("until") {
        reader.missing(
            fields,
            "until",
            "write when it ends: `until = 2027-01-04T00:00:00Z`",
        );
    }
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value <= from.value
    {
        reader.note(
            Mistake::error(
                "empty-freeze",
                until.span.clone(),
                format!("{} ends before it begins", fields.what),
            )
            .related(from.span.clone(), "it begins here")
            .cure("write a later `until`"),
        );
    }
    let reason = reader.text(fields, "reason", "\"holiday freeze\"");
    if !fields.has("reason") {
        reader.missing(
            fields,
            "reason",
            "write why, for those it stops: `reason = \"holiday freeze\"`",
        );
    }
    let owner = reader.text(fields, "owner", "\"sre\"");
    let from_good = from.is_some() || !fields.has("from");
    let read = Freeze {
        from: from.map(|at| at.value),
        until: until?.value,
        reason: reason?.value.to_owned(),
        owner: owner.map(|at| at.value.to_owned()),
    };
    from_good.then_some(read)
}
