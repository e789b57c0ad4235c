//! Links to what people have open beside the page: the query in Prometheus, the commit at its host.
//! Only `http` and `https` are ever linked, whatever a record says.

use crate::units::Instant;

/// The page of Prometheus that draws a query over a time; `None` where the source is no address.
pub(super) fn graph(source: &str, query: &str, time: (Instant, Instant)) -> Option<String> {
    let base = address(source)?;
    let range = (time.1 - time.0).num_seconds().max(60);
    let end = time.1.format("%Y-%m-%d %H:%M:%S").to_string();
    Some(format!(
        "{base}/graph?g0.expr={}&g0.tab=0&g0.range_input={range}s&g0.end_input={}",
        encoded(query),
        encoded(&end)
    ))
}

/// An address that a browser opens, without a name and password before its host.
fn address(source: &str) -> Option<&str> {
    let rest = source
        .strip_prefix("https://")
        .or_else(|| source.strip_prefix("http://"))?;
    let host = rest.split('/').next().unwrap_or_default();
    let is_plain = !host.is_empty() && !host.contains('@');
    is_plain.then(|| source.trim_end_matches('/'))
}

/// Where a remote's commits are looked at, from the address that git has of it: `git@host:owner/name.git`
/// gives `https://host/owner/name/commit/`. `None` where it is no host's, such as a folder.
#[must_use]
pub fn commits(remote: &str) -> Option<String> {
    let remote = remote.trim();
    let rest = ["https://", "http://", "ssh://"]
        .iter()
        .find_map(|scheme| remote.strip_prefix(scheme));
    let (host, path) = match rest {
        Some(rest) => rest.split_once('/')?,
        None => remote
            .split_once(':')
            .filter(|(host, _)| host.contains('@'))?,
    };
    // Neither a person's name nor a password belongs on a page; the port is that of git.
    let host = host.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_name = |text: &str, more: &[char]| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    (is_name(host, &['.', '-']) && is_name(path, &['.', '-', '_', '/', '~']))
        .then(|| format!("https://{host}/{path}/commit/"))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_remote_becomes_that_of_its_commits() {
        let expected = Some("https://git.example.org/team/shop/commit/".to_owned());
        for remote in [
            "git@git.example.org:team/shop.git",
            "https://git.example.org/team/shop.git",
            "https://ann:secret@git.example.org/team/shop",
            "ssh://git@git.example.org:2222/team/shop.git\n",
        ] {
            assert_eq!(commits(remote), expected, "{remote}");
        }
        for remote in [
            "/srv/git/shop.git",
            "../shop",
            "javascript:alert(1)",
            "git@h:a b",
            "",
        ] {
            assert_eq!(commits(remote), None, "{remote}");
        }
    }

    #[test]
    fn only_addresses_are_linked_and_queries_stay_queries() {
        let at = crate::decide::fixture::at;
        let time = (at("2026-11-22T12:00:00Z"), at("2026-11-22T13:00:00Z"));
        let link = graph("http://prometheus:9090/", "x{a=\"&b\"}", time);
        let link = link.unwrap();
        assert!(link.starts_with("http://prometheus:9090/graph?g0.expr=x%7Ba%3D%22%26b%22%7D&"));
        assert!(link.contains("range_input=3600s"));
        for source in ["javascript:alert(1)", "a file", "http://ann:secret@host"] {
            assert_eq!(graph(source, "x", time), None, "{source}");
        }
    }
}
