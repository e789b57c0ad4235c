//! What holds for every kind.

use std::collections::BTreeSet;

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

use super::files::{all_exposures, every_kind, percent};
use crate::plan::{Mistake, MistakeCode, Target, TargetKind, Word as _};
use crate::targets::{
    Shown, Standing, attainable, attainable_in, check, compare, places, shows, write,
};
use crate::units::Exposure;

fn shown(target: &Target, text: &str) -> Exposure {
    match shows(target, text).unwrap() {
        Shown::Exposure(exposure) => exposure,
        other @ (Shown::Off | Shown::Overruled(..) | Shown::Unclear(_)) => panic!("{other:?}"),
    }
}

/// The text without any digit, point and per cent sign, which is what may change of a target that is not
/// written as a whole.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_ascii_digit() && *c != '.')
        .collect()
}

#[test]
fn no_kind_is_forgotten() {
    let kinds: BTreeSet<TargetKind> = every_kind().iter().map(|(one, _)| one.kind()).collect();
    assert_eq!(kinds, TargetKind::ALL.iter().copied().collect());
}

#[test]
fn a_file_at_nobody_is_left_as_it_is() {
    for (target, text) in every_kind() {
        assert_eq!(shown(&target, text), Exposure::NONE, "{target:?}");
        assert_eq!(write(&target, text, Exposure::NONE).unwrap(), text);
        assert_eq!(
            compare(&target, text, Exposure::NONE).unwrap(),
            Standing::Same
        );
        // Rules for the staff are pointed out, and no mistake.
        let found = check(&target, text);
        let meant = |one: &Mistake| one.code == MistakeCode::TargetOverruled && !one.is_error();
        assert!(found.iter().all(meant), "{target:?} {found:?}");
    }
}

#[test]
fn every_kind_shows_what_was_written_and_stands_to_the_plan_as_it_should() {
    for (target, text) in every_kind() {
        let five = write(&target, text, percent(5.0)).unwrap();
        assert_eq!(shown(&target, &five), percent(5.0));
        for (exposure, standing) in [
            (5.0, Standing::Same),
            (1.0, Standing::More(percent(5.0))),
            (10.0, Standing::Less(percent(5.0))),
        ] {
            assert_eq!(
                compare(&target, &five, percent(exposure)).unwrap(),
                standing
            );
        }
        let all = write(&target, &five, Exposure::FULL).unwrap();
        assert_eq!(shown(&target, &all), Exposure::FULL);
        assert_eq!(
            shown(&target, &write(&target, &all, Exposure::NONE).unwrap()),
            Exposure::NONE
        );
    }
}

/// The text with a mark in place of each number of the plan, and everything else of it.
fn without_numbers(target: &Target, text: &str) -> String {
    let mut places = places(target, text);
    places.sort_by_key(|place| place.start);
    let mut out = text.to_owned();
    for place in places.into_iter().rev() {
        out.replace_range(place, "#");
    }
    out
}

#[test]
fn whatever_deals_users_their_arms_stays_untouched() {
    // Seeds, salts, keys, groups and hash policies: another one deals users anew.
    let dealing = [
        "\"seed\": \"checkout\"",
        "\"hashAttribute\": \"id\", \"hashVersion\": 2",
        "\"key\": \"checkout\"",
        "\"groupId\": \"checkout\"",
        "\"stickiness\": \"userId\"",
        "\"salt\": \"a1b2\"",
        "hash_policy: [{ header: { header_name: x-user-id } }]",
        "use_hash_policy: true",
        "split_clients \"checkout-$cookie_uid\" $checkout {",
        "\"bucketBy\"",
    ];
    let mut seen = BTreeSet::new();
    for (target, text) in every_kind() {
        // Somebody may have chosen more of it than the files of other tests have.
        let text = text
            .replace(
                "\"fractional\": [[",
                "\"fractional\": [{\"cat\": [\"bucketBy\", {\"var\": \"id\"}]}, [",
            )
            .replace(
                "  defaultRule:",
                "  bucketingKey: \"bucketBy\"\n  defaultRule:",
            );
        for exposure in [5.0, 50.0, 100.0, 1.0, 0.0] {
            let new = write(&target, &text, percent(exposure)).unwrap();
            if !target.is_whole_file() {
                assert_eq!(
                    without_numbers(&target, &new),
                    without_numbers(&target, &text)
                );
            }
            for one in dealing.iter().filter(|one| text.contains(**one)) {
                assert_eq!(new.matches(one).count(), text.matches(one).count(), "{new}");
                seen.insert(*one);
            }
        }
    }
    assert_eq!(seen.len(), dealing.len(), "{seen:?}");
}

#[test]
fn what_a_kind_can_show_grows_with_the_exposure_and_never_exceeds_it() {
    for (target, _) in every_kind() {
        let mut before = Exposure::NONE;
        for exposure in all_exposures() {
            let Ok(shown) = attainable(&target, exposure) else {
                assert_eq!(before, Exposure::NONE, "{target:?} {exposure}");
                continue;
            };
            assert!(
                before <= shown && shown <= exposure,
                "{target:?} {exposure}"
            );
            before = shown;
        }
        assert_eq!(before, Exposure::FULL);
    }
}

fn a_file() -> impl Strategy<Value = (Target, &'static str)> {
    select(every_kind())
}

fn an_exposure() -> impl Strategy<Value = Exposure> {
    (0..=10_000_u16).prop_filter_map("too much", Exposure::from_hundredths)
}

proptest! {
    #[test]
    fn a_way_through_exposures_changes_numbers_only_and_ends_where_the_last_says(
        (target, text) in a_file(),
        exposures in proptest::collection::vec(an_exposure(), 1..6),
    ) {
        let mut now = text.to_owned();
        for exposure in exposures {
            let Ok(wanted) = attainable(&target, exposure) else {
                prop_assert!(write(&target, &now, exposure).is_err());
                continue;
            };
            let new = write(&target, &now, exposure).unwrap();
            prop_assert_eq!(shown(&target, &new), wanted);
            prop_assert_eq!(&write(&target, &new, exposure).unwrap(), &new);
            if !target.is_whole_file() {
                prop_assert_eq!(letters(&new), letters(text));
            }
            now = new;
        }
        let back = write(&target, &now, Exposure::NONE).unwrap();
        prop_assert_eq!(shown(&target, &back), Exposure::NONE);
    }

    #[test]
    fn line_ends_marks_and_other_alphabets_stay(
        (target, text) in a_file(),
        exposure in an_exposure(),
        marked in any::<bool>(),
        comment in Just("# \u{4e2d}\u{6587} \u{1f600}\n"),
    ) {
        let yaml = target.file.ends_with(".yaml") || target.file.ends_with(".yml");
        let mut odd = text.replace('\n', "\r\n");
        if yaml {
            odd.insert_str(0, comment);
        }
        if marked {
            odd.insert(0, '\u{feff}');
        }
        if target.is_whole_file() || attainable(&target, exposure).is_err() {
            return Ok(());
        }
        let new = write(&target, &odd, exposure).unwrap();
        prop_assert_eq!(letters(&new), letters(&odd));
        prop_assert_eq!(Some(shown(&target, &new)), attainable(&target, exposure).ok());
        prop_assert_eq!(new, {
            let plain = write(&target, text, exposure).unwrap();
            let mut new = plain.replace('\n', "\r\n");
            if yaml { new.insert_str(0, comment); }
            if marked { new.insert(0, '\u{feff}'); }
            new
        });
    }

    #[test]
    fn no_text_makes_it_panic((target, text) in a_file(), noise in ".{0,200}", at in any::<prop::sample::Index>(), exposure in an_exposure()) {
        let boundaries: Vec<usize> = (0..=text.len()).filter(|i| text.is_char_boundary(*i)).collect();
        let at = boundaries[at.index(boundaries.len())];
        for broken in [noise.clone(), text[..at].to_owned(), format!("{}{noise}{}", &text[..at], &text[at..])] {
            let _ = check(&target, &broken);
            if let Ok(new) = write(&target, &broken, exposure) {
                match shows(&target, &new) {
                    // The noise may switch a flag off.
                    Ok(Shown::Off) => {}
                    // It may hide the rule that stood before another one.
                    Ok(Shown::Exposure(shown) | Shown::Overruled(shown, _)) => {
                        prop_assert_eq!(Ok(shown), attainable_in(&target, &new, exposure));
                    }
                    other @ (Ok(Shown::Unclear(_)) | Err(_)) => panic!("{other:?}"),
                }
            }
        }
    }
}
