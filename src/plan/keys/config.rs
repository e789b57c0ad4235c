//! The keys of `config.toml`.

use super::arms::ARMS;
use super::key::Need::{Default, Depends, Optional, Required};
use super::key::Shape::{
    AutoCount, AutoDuration, Duration, Environment, File, Flag, Moment, Names, Share, Size, Text,
    TimeOfDay, Url, WordList, Words, Zone,
};
use super::key::{Key, Part, Shape, Table, keys, nothing};
use super::plan::METRIC;
use crate::plan::model::{NotifyFormat, Weekday, Word};

/// The file.
pub(in crate::plan) const CONFIG: Table = Table {
    header: "`config.toml`",
    parts: &[Part::Keys(root::KEYS)],
    either: nothing,
};

keys! {
    /// `config.toml`.
    root {
        /// Why they were last changed; a change that protects less needs one.
        REASON "reason": Text, Optional, "\"agreed with the on-call engineer\"";
        /// How to reach Prometheus.
        PROMETHEUS_ "prometheus": Shape::Table(&PROMETHEUS), Optional, "[prometheus]";
        /// The label that tells the arms apart.
        ARMS_ "arms": Shape::Table(&ARMS), Optional, "[arms]";
        /// Budgets and block length.
        JUDGE_ "judge": Shape::Table(&JUDGE), Optional, "[judge]";
        /// Metrics that plans share: a guardrail names one with metric = "NAME".
        METRICS "metrics": Shape::Named(&METRIC), Optional, "[metrics.checkout-errors]";
        /// Named parts of the product.
        SURFACES "surfaces": Shape::Named(&SURFACE), Optional, "[surfaces.checkout]";
        /// Advances happen only inside; rollbacks always happen.
        WINDOWS "windows": Shape::Tables(&WINDOW, 0), Optional, "[[windows]]";
        /// Advances never happen inside; rollbacks always happen.
        FREEZES "freezes": Shape::Tables(&FREEZE, 0), Optional, "[[freezes]]";
        /// Whether transitions are committed and pushed.
        GIT_ "git": Shape::Table(&GIT), Optional, "[git]";
        /// Told of transitions only.
        NOTIFY_ "notify": Shape::Tables(&NOTIFY, 0), Optional, "[[notify]]";
    }
}

pub(in crate::plan) const PROMETHEUS: Table = Table {
    header: "`[prometheus]`",
    parts: &[Part::Keys(prometheus::KEYS)],
    either: nothing,
};

keys! {
    /// `[prometheus]`.
    prometheus {
        /// Base URL with any prefix, without credentials.
        URL "url": Url, Optional, "\"http://localhost:9090\"";
        /// Deadline of one request.
        TIMEOUT "timeout": Duration, Default("\"30s\""), "\"30s\"";
        /// The variable that holds the bearer token.
        BEARER_TOKEN_ENV "bearer_token_env": Environment, Optional, "\"PROM_TOKEN\"";
        /// File with the bearer token, relative to the directory.
        BEARER_TOKEN_FILE "bearer_token_file": File, Optional, "\"token\"";
        /// User and password.
        BASIC_ "basic": Shape::Table(&BASIC), Optional, "{ user = \"rollout\", password_env = \"PROM_PASSWORD\" }";
        /// Certificate authority to trust, relative to the directory.
        CA_FILE "ca_file": File, Optional, "\"ca.pem\"";
        /// Client certificate, relative to the directory.
        CERT_FILE "cert_file": File, Optional, "\"client.pem\"";
        /// Key of the client certificate, relative to the directory.
        KEY_FILE "key_file": File, Optional, "\"client.key\"";
        /// Extra headers, for tenancy. Secrets come from { env = "NAME" }.
        HEADERS "headers": Shape::Headers(&HEADER), Optional, "{ X-Scope-OrgID = \"team-a\" }";
        /// Closed blocks are kept in the user's cache directory and asked for once.
        CACHE "cache": Flag, Default("true"), "false";
    }
}

pub(in crate::plan) const BASIC: Table = Table {
    header: "`basic`",
    parts: &[Part::Keys(basic::KEYS)],
    either: nothing,
};

keys! {
    /// `basic = { .. }`.
    basic {
        /// The user's name.
        USER "user": Text, Required("write `basic = { user = \"rollout\", password_env = \"PROM_PASSWORD\" }`"), "\"rollout\"";
        /// The variable that holds the password.
        PASSWORD_ENV "password_env": Environment, Depends("write `basic = { user = \"rollout\", password_env = \"PROM_PASSWORD\" }`"), "\"PROM_PASSWORD\"";
        /// File with the password, relative to the directory.
        PASSWORD_FILE "password_file": File, Depends(""), "\"password\"";
    }
}

/// The value of a header that is found elsewhere.
pub(in crate::plan) const HEADER: Table = Table {
    header: "A header",
    parts: &[Part::Keys(header::KEYS)],
    either: nothing,
};

keys! {
    /// The value of a header that is found elsewhere.
    header {
        /// The variable that holds the value.
        ENV "env": Environment, Required(""), "\"PROM_TENANT\"";
    }
}

pub(in crate::plan) const JUDGE: Table = Table {
    header: "`[judge]`",
    parts: &[Part::Keys(judge::KEYS)],
    either: nothing,
};

keys! {
    /// `[judge]`.
    judge {
        /// Chance of a false rollback over a whole rollout, however often it is looked at.
        ROLLBACK_ALPHA "rollback_alpha": Share, Default("0.05"), "0.05";
        /// Chance of leaving a stage although harm is beyond what it must rule out.
        ADVANCE_ALPHA "advance_alpha": Share, Default("0.05"), "0.05";
        /// Length of a block.
        BLOCK "block": AutoDuration, Default("\"auto\""), "\"5m\"";
        /// Blocks at the start of a stage that are not judged.
        WARMUP "warmup": AutoCount(0), Default("\"auto\""), "2";
        /// After them, for so long only gross harm counts, and what came later must confirm it; `auto` lasts
        /// until half an hour after the entry of a day's stage.
        GROSS_FOR "gross_for": AutoDuration, Default("\"auto\""), "\"20m\"";
        /// What gross harm is, as a ratio of the arms.
        GROSS "gross": Size, Default("\"3x\""), "\"3x\"";
        /// Ask, before the first user is exposed, whether there is data to judge by.
        PREFLIGHT "preflight": Flag, Default("true"), "true";
    }
}

/// One surface.
pub(in crate::plan) const SURFACE: Table = Table {
    header: "`[surfaces.NAME]`",
    parts: &[Part::Keys(surface::KEYS)],
    either: nothing,
};

keys! {
    /// `[surfaces.NAME]`.
    surface {
        /// Guardrails that every plan on this surface must have.
        GUARDRAILS "guardrails": Names, Optional, "[\"checkout-errors\"]";
        /// Two active plans on it confound each other.
        EXCLUSIVE "exclusive": Flag, Default("false"), "true";
    }
}

pub(in crate::plan) const WINDOW: Table = Table {
    header: "`[[windows]]`",
    parts: &[Part::Keys(window::KEYS)],
    either: nothing,
};

keys! {
    /// `[[windows]]`.
    window {
        /// Days on which it opens; every day when left out.
        DAYS "days": WordList(<Weekday as Word>::words), Optional, "[\"mon\", \"tue\", \"wed\", \"thu\"]";
        /// Opening, wall-clock time.
        FROM "from": TimeOfDay, Required(""), "\"09:30\"";
        /// Closing; before the opening it closes on the next day.
        TO "to": TimeOfDay, Required(""), "\"16:00\"";
        /// IANA time zone, such as Europe/Stockholm.
        TZ "tz": Zone, Required("write the time zone: `tz = \"Europe/Stockholm\"`, or `tz = \"UTC\"`"), "\"Europe/Stockholm\"";
    }
}

pub(in crate::plan) const FREEZE: Table = Table {
    header: "`[[freezes]]`",
    parts: &[Part::Keys(freeze::KEYS)],
    either: nothing,
};

keys! {
    /// `[[freezes]]`.
    freeze {
        /// Start; since ever when left out.
        FROM "from": Moment, Optional, "2026-12-20T00:00:00Z";
        /// End.
        UNTIL "until": Moment, Required("write when it ends: `until = 2027-01-04T00:00:00Z`"), "2026-12-20T00:00:00Z";
        /// Why, for those it stops.
        REASON "reason": Text, Required("write why, for those it stops: `reason = \"holiday freeze\"`"), "\"holiday freeze\"";
        /// Who to ask.
        OWNER "owner": Text, Optional, "\"sre\"";
    }
}

pub(in crate::plan) const GIT: Table = Table {
    header: "`[git]`",
    parts: &[Part::Keys(git::KEYS)],
    either: nothing,
};

keys! {
    /// `[git]`.
    git {
        /// Commit each transition.
        COMMIT "commit": Flag, Default("false"), "true";
        /// Push the commits.
        PUSH "push": Flag, Default("false"), "true";
    }
}

pub(in crate::plan) const NOTIFY: Table = Table {
    header: "`[[notify]]`",
    parts: &[Part::Keys(notify::KEYS)],
    either: nothing,
};

keys! {
    /// `[[notify]]`.
    notify {
        /// The variable that holds the address.
        URL_ENV "url_env": Environment, Required("put the address into an environment variable and write `url_env = \"ROLLOUT_SLACK_WEBHOOK\"`"), "\"ROLLOUT_SLACK_WEBHOOK\"";
        /// Body format.
        FORMAT "format": Words(<NotifyFormat as Word>::words), Default("\"slack\""), "\"slack\"";
    }
}
