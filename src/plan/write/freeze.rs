//! Freezes in the text of `config.toml`: one is added, those in force are ended, and every other
//! byte stays. Proven by parsing the result, as for a plan's state.

use toml::de::DeValue;

use crate::units::{Instant, is_control};

use crate::plan::model::{Config, Freeze};
use crate::plan::read::{parse_config, spanned};

use super::state::quoted;

/// Why the settings do not take a freeze.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// The result would not say what was meant; the text was not touched.
    #[error("the freezes of config.toml cannot be changed by a command")]
    NotProven,
}

/// The settings with one more freeze, at the end of the text.
///
/// # Errors
/// When the text cannot take it, as with freezes written inline.
pub fn add_freeze(text: &str, freeze: &Freeze) -> Result<String, FreezeError> {
    let Freeze {
        from,
        until,
        reason,
        owner,
    } = freeze;
    let line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = text.to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push_str(line);
    }
    if !new.is_empty() {
        new.push_str(line);
    }
    let mut rows = vec!["[[freezes]]".to_owned()];
    if let Some(from) = from {
        rows.push(format!("from = {}", written(*from)));
    }
    rows.push(format!("until = {}", written(*until)));
    rows.push(format!("reason = {}", quoted(reason)));
    if let Some(owner) = owner {
        rows.push(format!("owner = {}", quoted(owner)));
    }
    for row in rows {
        new.push_str(&row);
        new.push_str(line);
    }
    proven(text, &new, |config| {
        config.calendar.freezes.push(freeze.clone());
    })
}

/// The settings with every freeze that is in force ended now, and a remark behind each new end;
/// `None` when there is none. Freezes yet to come stay.
///
/// # Errors
/// When the text cannot be changed so.
pub fn end_freezes(text: &str, now: Instant, remark: &str) -> Result<Option<String>, FreezeError> {
    let root = spanned::table(text).map_err(|_| FreezeError::NotProven)?;
    let Some(DeValue::Array(freezes)) = root.get_ref().get("freezes").map(|v| v.get_ref()) else {
        return Ok(None);
    };
    let config = parse_config(text).value.ok_or(FreezeError::NotProven)?;
    let in_force =
        |freeze: &Freeze| freeze.from.is_none_or(|from| from <= now) && now < freeze.until;
    let mut new = text.to_owned();
    let mut any = false;
    // From the last to the first, so that earlier places stay where they are.
    for (item, freeze) in freezes.iter().zip(&config.calendar.freezes).rev() {
        if !in_force(freeze) {
            continue;
        }
        let DeValue::Table(table) = item.get_ref() else {
            return Err(FreezeError::NotProven);
        };
        let until = table.get("until").ok_or(FreezeError::NotProven)?;
        let rest = new[until.span().end..].trim_start_matches([' ', '\t']);
        // Within an inline table a comment would swallow what follows.
        let ends_line = rest.is_empty() || rest.starts_with(['#', '\r', '\n']);
        let remark = if ends_line {
            comment(remark)
        } else {
            String::new()
        };
        new.replace_range(until.span(), &format!("{}{remark}", written(now)));
        any = true;
    }
    if !any {
        return Ok(None);
    }
    proven(text, &new, |config| {
        for freeze in &mut config.calendar.freezes {
            if in_force(freeze) {
                freeze.until = now;
            }
        }
    })
    .map(Some)
}

/// The new text, if it says what the old one does but for this change.
fn proven(old: &str, new: &str, change: impl FnOnce(&mut Config)) -> Result<String, FreezeError> {
    let mut expected = parse_config(old).value.ok_or(FreezeError::NotProven)?;
    change(&mut expected);
    match parse_config(new).value {
        Some(config) if config == expected => Ok(new.to_owned()),
        Some(_) | None => Err(FreezeError::NotProven),
    }
}

fn written(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A remark as the rest of a line.
fn comment(remark: &str) -> String {
    let visible = |c: char| if is_control(c) { ' ' } else { c };
    let line: String = remark.chars().map(visible).collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    format!(" # {}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const TEXT: &str = "# ours\n[[freezes]]\nfrom = 2026-12-20T00:00:00Z\nuntil = 2027-01-04T00:00:00Z # back\nreason = \"holidays\"\n";

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn freeze() -> Freeze {
        Freeze {
            from: Some(at("2026-11-22T12:00:00Z")),
            until: at("2026-11-23T12:00:00Z"),
            reason: "the \"big\" sale\nand more".into(),
            owner: Some("ann".into()),
        }
    }

    #[test]
    fn a_freeze_is_added_and_nothing_else_changes() {
        for text in [
            TEXT.to_owned(),
            TEXT.replace('\n', "\r\n"),
            String::new(),
            TEXT.trim_end().to_owned(),
        ] {
            let new = add_freeze(&text, &freeze()).unwrap();
            assert!(new.starts_with(&text), "{new}");
            assert_eq!(new.contains('\r'), text.contains('\r'));
        }
    }

    #[test]
    fn only_freezes_in_force_are_ended() {
        let both = add_freeze(TEXT, &freeze()).unwrap();
        let now = at("2026-11-22T18:00:00Z");
        let ended = end_freezes(&both, now, "ended by ann: sold\nout")
            .unwrap()
            .unwrap();
        assert!(
            ended.contains("until = 2026-11-22T18:00:00Z # ended by ann: sold out\n"),
            "{ended}"
        );
        assert!(
            ended.contains("until = 2027-01-04T00:00:00Z # back"),
            "{ended}"
        );
        assert_eq!(
            end_freezes(&ended, now + TimeDelta::seconds(1), "x").unwrap(),
            None
        );
    }

    #[test]
    fn freezes_written_inline_are_left_to_their_owner() {
        let inline = "freezes = [{ until = 2027-01-04T00:00:00Z, reason = \"x\" }]\n";
        assert_eq!(add_freeze(inline, &freeze()), Err(FreezeError::NotProven));
        let now = at("2026-12-24T18:00:00Z");
        assert_eq!(
            end_freezes(inline, now, "x").unwrap().unwrap(),
            "freezes = [{ until = 2026-12-24T18:00:00Z, reason = \"x\" }]\n"
        );
    }
}
