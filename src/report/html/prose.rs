//! Sentences as they are written for a terminal, in HTML.

use maud::{Markup, html};

/// The sentence, with what stands between backticks as code. A backtick without a partner stays.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (place, part) in parts.into_iter().enumerate() {
            @if place.is_multiple_of(2) { (part) } @else { code { (part) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn only_pairs_of_backticks_are_code() {
        let drawn = |text: &str| prose(text).into_string();
        assert_eq!(drawn("a `b <c>` d"), "a <code>b &lt;c&gt;</code> d");
        assert_eq!(drawn("a ` d"), "a ` d");
        assert_eq!(drawn(""), "");
    }
}
