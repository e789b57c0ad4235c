//! The values of an arm as PromQL has them.

/// A label with the value that it should have. Facts mark a regular expression with `~`, as
/// `plan::ArmValue` is displayed.
pub(super) fn matcher(label: &str, wanted: &str) -> String {
    match wanted.strip_prefix('~') {
        Some(pattern) => format!("{label}=~\"{pattern}\""),
        None => format!("{label}=\"{wanted}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::matcher;

    #[test]
    fn a_regular_expression_is_marked_as_one() {
        assert_eq!(matcher("v", "on"), "v=\"on\"");
        assert_eq!(matcher("v", "~7f.*"), "v=~\"7f.*\"");
    }
}
