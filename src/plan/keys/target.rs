//! The keys of `[[targets]]`: the kinds, and what each must be told.

use super::key::Need::{Default, Optional, Required};
use super::key::Shape::{Count, File, Pointer, Template, Text, Variant};
use super::key::{Key, Part, Table, keys, nothing};
use crate::plan::model::{TargetKind, Word as _};

/// One target.
pub(in crate::plan) const TARGET: Table = Table {
    header: "`[[targets]]`",
    parts: &[Part::Keys(kinds::KEYS)],
    either: || {
        TargetKind::words()
            .into_iter()
            .map(|kind| vec![kind])
            .collect()
    },
};

keys! {
    /// The kinds, exactly one a target.
    kinds {
        /// A flag of flagd (OpenFeature), split by `fractional`.
        FLAGD "flagd": Variant(&NAMED_VARIANT), Optional, "{ file = \"../flags/checkout.json\", flag = \"one-page-checkout\", variant = \"on\" }";
        /// A feature of GrowthBook: the coverage of a rule, or the weights of its two variations.
        GROWTHBOOK "growthbook": Variant(&MAYBE_NUMBERED_VARIANT), Optional, "{ file = \"../flags/features.json\", flag = \"one-page-checkout\" }";
        /// A feature of Unleash with the strategy flexibleRollout, in a bootstrap file. It counts whole percents.
        UNLEASH "unleash": Variant(&FLAG_ALONE), Optional, "{ file = \"../flags/unleash.json\", flag = \"one-page-checkout\" }";
        /// A flag of LaunchDarkly's file data source, split by a rollout in its fallthrough.
        LAUNCHDARKLY "launchdarkly": Variant(&NUMBERED_VARIANT), Optional, "{ file = \"../flags/launchdarkly.json\", flag = \"one-page-checkout\", variant = 0 }";
        /// A flag of GO Feature Flag, split by the percentage of its defaultRule.
        GOFEATUREFLAG "gofeatureflag": Variant(&NAMED_VARIANT), Optional, "{ file = \"../flags/flags.yaml\", flag = \"one-page-checkout\", variant = \"enabled\" }";
        /// A file with one split_clients of nginx, which rollout writes as a whole.
        NGINX "nginx": Variant(&SPLIT_CLIENTS), Optional, "{ file = \"../nginx/checkout.conf\", key = \"checkout-$cookie_uid\", variable = \"$checkout\" }";
        /// A map of HAProxy with one line, a key and hundredths of a percent, which rollout writes as a whole.
        HAPROXY "haproxy": Variant(&MAP_LINE), Optional, "{ file = \"../haproxy/checkout.map\", key = \"checkout\" }";
        /// Weighted clusters of Envoy, in every route that splits between the two.
        ENVOY "envoy": Variant(&SPLIT), Optional, "{ file = \"../envoy/routes.yaml\", exposed = \"checkout-v2\", rest = \"checkout-v1\" }";
        /// Weighted backends of a Gateway API HTTPRoute, in every rule that splits between the two.
        HTTPROUTE "httproute": Variant(&NAMED_SPLIT), Optional, "{ file = \"../deploy/route.yaml\", exposed = \"checkout-v2\", rest = \"checkout-v1\" }";
        /// Weighted destinations of an Istio VirtualService, by subset or host, in every route that splits between the two.
        VIRTUALSERVICE "virtualservice": Variant(&NAMED_SPLIT), Optional, "{ file = \"../deploy/checkout.yaml\", exposed = \"v2\", rest = \"v1\" }";
        /// Any numbers of a JSON file.
        JSON "json": Variant(&NUMBERS), Optional, "{ file = \"../flags/flags.json\", exposed = \"/checkout/percent\" }";
        /// Any numbers of a YAML file.
        YAML "yaml": Variant(&NUMBERS), Optional, "{ file = \"../deploy/values.yaml\", exposed = \"/canary/weight\", rest = \"/stable/weight\" }";
        /// A text file, which rollout writes as a whole.
        TEXT "text": Variant(&TEMPLATE), Optional, "{ file = \"../flags/checkout.txt\", template = \"checkout {exposed}\\n\" }";
    }
}

/// The key of a kind.
pub(in crate::plan) const fn kind(kind: TargetKind) -> &'static Key {
    match kind {
        TargetKind::Flagd => kinds::FLAGD,
        TargetKind::Growthbook => kinds::GROWTHBOOK,
        TargetKind::Unleash => kinds::UNLEASH,
        TargetKind::Launchdarkly => kinds::LAUNCHDARKLY,
        TargetKind::Gofeatureflag => kinds::GOFEATUREFLAG,
        TargetKind::Nginx => kinds::NGINX,
        TargetKind::Haproxy => kinds::HAPROXY,
        TargetKind::Envoy => kinds::ENVOY,
        TargetKind::Httproute => kinds::HTTPROUTE,
        TargetKind::Virtualservice => kinds::VIRTUALSERVICE,
        TargetKind::Json => kinds::JSON,
        TargetKind::Yaml => kinds::YAML,
        TargetKind::Text => kinds::TEXT,
    }
}

/// A flag, with nothing to say about variants.
pub(in crate::plan) const FLAG_ALONE: Table = Table {
    header: "A flag",
    parts: &[Part::Keys(at::KEYS), Part::Keys(flag::KEYS)],
    either: nothing,
};

/// A flag whose variants have names.
pub(in crate::plan) const NAMED_VARIANT: Table = Table {
    header: "A flag and a variant's name",
    parts: &[
        Part::Keys(at::KEYS),
        Part::Keys(flag::KEYS),
        Part::Keys(named::KEYS),
    ],
    either: nothing,
};

/// A flag whose variants have positions.
pub(in crate::plan) const NUMBERED_VARIANT: Table = Table {
    header: "A flag and a variant's position",
    parts: &[
        Part::Keys(at::KEYS),
        Part::Keys(flag::KEYS),
        Part::Keys(numbered::KEYS),
    ],
    either: nothing,
};

/// A flag that may have variants with positions.
pub(in crate::plan) const MAYBE_NUMBERED_VARIANT: Table = Table {
    header: "A flag and perhaps a variant's position",
    parts: &[
        Part::Keys(at::KEYS),
        Part::Keys(flag::KEYS),
        Part::Keys(maybe_numbered::KEYS),
    ],
    either: nothing,
};

/// Two names between which users are split.
pub(in crate::plan) const SPLIT: Table = Table {
    header: "Two names",
    parts: &[Part::Keys(at::KEYS), Part::Keys(split::KEYS)],
    either: nothing,
};

/// Two names between which users are split, in a resource with a name.
pub(in crate::plan) const NAMED_SPLIT: Table = Table {
    header: "Two names in a resource",
    parts: &[
        Part::Keys(at::KEYS),
        Part::Keys(split::KEYS),
        Part::Keys(resource::KEYS),
    ],
    either: nothing,
};

/// Numbers that pointers lead to.
pub(in crate::plan) const NUMBERS: Table = Table {
    header: "Numbers",
    parts: &[Part::Keys(at::KEYS), Part::Keys(numbers::KEYS)],
    either: nothing,
};

/// `split_clients` of nginx.
pub(in crate::plan) const SPLIT_CLIENTS: Table = Table {
    header: "`split_clients`",
    parts: &[Part::Keys(at::KEYS), Part::Keys(split_clients::KEYS)],
    either: nothing,
};

/// One line of a map.
pub(in crate::plan) const MAP_LINE: Table = Table {
    header: "A line of a map",
    parts: &[Part::Keys(at::KEYS), Part::Keys(map_line::KEYS)],
    either: nothing,
};

/// A text of one's own.
pub(in crate::plan) const TEMPLATE: Table = Table {
    header: "A template",
    parts: &[Part::Keys(at::KEYS), Part::Keys(template::KEYS)],
    either: nothing,
};

keys! {
    /// What every target has.
    at {
        /// The file, relative to the plan, within the work tree of git.
        FILE "file": File, Required("write the path from the plan to the file: `file = \"../flags/checkout.json\"`"), "\"../flags/checkout.json\"";
    }
}

keys! {
    /// A flag.
    flag {
        /// The flag's name in the file.
        FLAG "flag": Text, Required("write the name of the flag in the file: `flag = \"one-page-checkout\"`"), "\"one-page-checkout\"";
    }
}

keys! {
    /// A variant with a name.
    named {
        /// The variant that exposed users get, as the file names it.
        VARIANT "variant": Text, Required("write the variant that exposed users get: `variant = \"on\"`"), "\"on\"";
    }
}

keys! {
    /// A variant with a position.
    numbered {
        /// The position, from 0, of the variation that exposed users get.
        VARIANT "variant": Count(0), Required("write the position of the variation that exposed users get, counted from 0: `variant = 0`"), "0";
    }
}

keys! {
    /// A variant with a position, where there are several.
    maybe_numbered {
        /// Of a rule with variations: the position, from 0, of the one that exposed users get.
        VARIANT "variant": Count(0), Default("1"), "1";
    }
}

keys! {
    /// Two names.
    split {
        /// Where exposed users go, as the file names it.
        EXPOSED "exposed": Text, Required("write where exposed users go, as the file names it: `exposed = \"checkout-v2\"`"), "\"checkout-v2\"";
        /// Where the others go, as the file names it.
        REST "rest": Text, Required("write where the others go, as the file names it: `rest = \"checkout-v1\"`"), "\"checkout-v1\"";
    }
}

keys! {
    /// A resource with a name.
    resource {
        /// The resource's metadata.name, where the file has several of the kind.
        NAME "name": Text, Optional, "\"checkout\"";
    }
}

keys! {
    /// Numbers that pointers lead to.
    numbers {
        /// JSON pointer to the number of exposed users.
        EXPOSED "exposed": Pointer, Required("write a JSON pointer to the number: `exposed = \"/canary/weight\"`"), "\"/canary/weight\"";
        /// JSON pointer to the number of the others, where there is one: both change together.
        REST "rest": Pointer, Optional, "\"/stable/weight\"";
        /// The number that means everybody: 100 for percent, 1 for a share.
        SCALE "scale": Count(1), Default("100"), "1";
    }
}

keys! {
    /// `split_clients` of nginx.
    split_clients {
        /// What is hashed: text with variables of nginx. A text of its own in it keeps the users of two plans apart.
        KEY "key": Text, Required("write what tells users apart: `key = \"checkout-$cookie_uid\"`"), "\"checkout-$cookie_uid\"";
        /// The variable of nginx that is set.
        VARIABLE "variable": Text, Required("write the variable that is set: `variable = \"$checkout\"`"), "\"$checkout\"";
        /// Its value for exposed users.
        EXPOSED "exposed": Text, Default("\"treatment\""), "\"treatment\"";
        /// Its value for the others.
        REST "rest": Text, Default("\"control\""), "\"control\"";
    }
}

keys! {
    /// A line of a map.
    map_line {
        /// The key of the line.
        KEY "key": Text, Required("write the key that the configuration looks up: `key = \"checkout\"`"), "\"checkout\"";
    }
}

keys! {
    /// A text of one's own.
    template {
        /// The text, filled in with {exposed} and {rest} (percent), {exposed_hundredths} and {rest_hundredths} (of a percent), {exposed_share} and {rest_share} (0 to 1).
        TEMPLATE "template": Template, Required("write the text with `{exposed}` where the percentage stands: `template = \"checkout {exposed}\\n\"`"), "\"checkout {exposed}\\n\"";
    }
}
