//! The entry of `[[targets]]` that `init` writes, with names to be adapted.

use crate::plan::model::TargetKind;

/// One target of a kind, in this file, for a plan of this name.
#[must_use]
pub fn template_target(kind: TargetKind, file: &str, name: &str) -> String {
    let flag = format!("flag = \"{name}\"");
    let split = format!("exposed = \"{name}-v2\", rest = \"{name}-v1\"");
    let place = match kind {
        TargetKind::Flagd => format!("{flag}, variant = \"on\""),
        TargetKind::Growthbook | TargetKind::Unleash => flag,
        TargetKind::Launchdarkly => format!("{flag}, variant = 0"),
        TargetKind::Gofeatureflag => format!("{flag}, variant = \"enabled\""),
        TargetKind::Nginx => format!("key = \"{name}-$cookie_uid\", variable = \"$variant\""),
        TargetKind::Haproxy => format!("key = \"{name}\""),
        TargetKind::Envoy | TargetKind::Httproute | TargetKind::Virtualservice => split,
        TargetKind::Json | TargetKind::Yaml => "exposed = \"/exposed\", rest = \"/rest\"".into(),
        TargetKind::Text => format!("template = \"{name} {{exposed}}\\n\""),
    };
    format!(
        "\n# How users get the exposure: `rollout help targets`. Adapt the names to those in the file.\n\
         [[targets]]\n{} = {{ file = {file:?}, {place} }}\n",
        kind.key()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Word as _, salvaged_targets};

    #[test]
    fn the_entry_of_every_kind_is_one() {
        for kind in TargetKind::ALL {
            let text = template_target(*kind, "../flags/shop.json", "checkout");
            let targets = salvaged_targets(&text);
            assert_eq!(targets.len(), 1, "{text}");
            assert_eq!(targets[0].kind(), *kind);
        }
    }
}
