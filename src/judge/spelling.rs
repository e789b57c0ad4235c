//! Whether two values of a label are one word in two spellings. Errs on the side of two words: values
//! that differ in a digit are versions, hashes and dates, and never spellings of each other.

/// A word this long with one wrong letter is a typo; of shorter ones, one letter makes another word.
const LONG_ENOUGH: usize = 6;

/// The same but for case, blanks, `-` and `_`, or with one wrong letter in one long word.
pub(super) fn same_but_for_spelling(a: &str, b: &str) -> bool {
    let (a, b) = (parts(a), parts(b));
    if joined(&a) == joined(&b) && digits(&a) == digits(&b) {
        return true;
    }
    if a.len() != b.len() {
        return false;
    }
    let mut differing = a.iter().zip(&b).filter(|(a, b)| a != b);
    match (differing.next(), differing.next()) {
        (Some((a, b)), None) => is_typo(a, b),
        (None, _) | (Some(_), Some(_)) => false,
    }
}

/// One letter more, less, other or swapped, in words that begin alike and can be no hash.
fn is_typo(a: &str, b: &str) -> bool {
    let is_word = |text: &str| {
        text.chars().count() >= LONG_ENOUGH
            && text.chars().all(char::is_alphabetic)
            && !text.chars().all(|letter| letter.is_ascii_hexdigit())
    };
    is_word(a)
        && is_word(b)
        && a.chars().next() == b.chars().next()
        && strsim::osa_distance(a, b) == 1
}

/// Runs of digits and runs of everything else, in lower case and without what separates words.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut open = None;
    for letter in text.chars() {
        if letter.is_whitespace() || letter == '-' || letter == '_' {
            open = None;
            continue;
        }
        let kind = letter.is_numeric();
        match (parts.last_mut(), open == Some(kind)) {
            (Some(part), true) => part.extend(letter.to_lowercase()),
            (Some(_) | None, _) => parts.push(letter.to_lowercase().collect()),
        }
        open = Some(kind);
    }
    parts
}

fn joined(parts: &[String]) -> String {
    parts.concat()
}

fn digits(parts: &[String]) -> Vec<&String> {
    let is_number = |part: &&String| part.chars().all(char::is_numeric);
    parts.iter().filter(is_number).collect()
}

#[cfg(test)]
mod tests {
    use super::same_but_for_spelling;

    #[test]
    fn case_separators_and_one_wrong_letter_of_a_long_word_are_spellings() {
        for (a, b) in [
            ("treatment", "Treatment"),
            ("treatment", " treatment"),
            ("new-checkout", "new_checkout"),
            ("new-checkout", "NewCheckout"),
            ("treatment", "treatmnt"),
            ("treatment", "treatmetn"),
            ("treatment-2", "treatmemt-2"),
            ("V2", "v2"),
        ] {
            assert!(same_but_for_spelling(a, b), "{a} {b}");
            assert!(same_but_for_spelling(b, a), "{b} {a}");
        }
    }

    #[test]
    fn versions_hashes_dates_and_other_words_are_not() {
        for (a, b) in [
            ("v2024-11-20", "v2024-11-19"),
            ("2024-11-20", "2024-1-120"),
            ("v1-12", "v11-2"),
            ("1.12", "11.2"),
            ("1.2.3", "1.2.4"),
            ("v2", "v20"),
            ("9f86d081884c", "9f86d081884d"),
            ("deadbeef", "deadbeff"),
            ("release-a", "release-b"),
            ("blue", "glue"),
            ("green", "greed"),
            ("stable", "table"),
            ("control", "treatment"),
            ("treatment", "treatment2"),
            ("treatment1", "treatment2"),
            ("canary", "canary-eu"),
        ] {
            assert!(!same_but_for_spelling(a, b), "{a} {b}");
            assert!(!same_but_for_spelling(b, a), "{b} {a}");
        }
    }
}
