//! The keys of a plan.

use super::arms::ARMS_OF_PLAN;
use super::key::Need::{Default, Depends, Optional, Required};
use super::key::Shape::{
    After, AutoDuration, Bound, Duration, Exposure, Flag, Name, Positive, RuleOut, Selector, Size,
    State, Text, Words,
};
use super::key::{Key, Part, Shape, Table, keys, nothing};
use super::target::TARGET;
use crate::plan::model::{Category, Curve, KindName, OnBreach, OnNoDataWord, PaceWord, Role, Word};

/// The file.
pub(in crate::plan) const PLAN: Table = Table {
    header: "A plan",
    parts: &[Part::Keys(root::KEYS)],
    either: || vec![vec!["stages"], vec!["ramp"]],
};

keys! {
    /// A plan.
    root {
        /// What is being rolled out.
        DESCRIPTION "description": Text, Optional, "\"One-page checkout\"";
        /// What is still to be adapted: nobody is exposed, and nobody more, until this line is removed.
        DRAFT "draft": Text, Optional, "\"adapt the metrics' names\"";
        /// Who to ask.
        OWNER "owner": Text, Optional, "\"payments\"";
        /// The part of the product it touches, from config.toml.
        SURFACE "surface": Text, Optional, "\"checkout\"";
        /// Plans that must have come so far first, such as "payments-v2 >= 50".
        AFTER "after": After, Optional, "[\"payments-v2 >= 50\"]";
        /// Why the declared part was last changed; a risky change of a running plan needs one.
        REASON "reason": Text, Optional, "\"agreed with the on-call engineer\"";
        /// Success metrics must pass to advance.
        REQUIRE_SUCCESS "require_success": Flag, Default("false"), "true";
        /// Target exposures, each with its own gate. Either stages or a ramp.
        STAGES "stages": Shape::Tables(&STAGE, 1), Depends("write at least one stage:\n[[stages]]\nexposure = 1\nmin_duration = \"24h\""), "[[stages]]";
        /// Exposure that grows continuously. Either stages or a ramp.
        RAMP_ "ramp": Shape::Table(&RAMP), Optional, "[ramp]";
        /// What must not get worse.
        GUARDRAILS "guardrails": Shape::Tables(&GUARDRAIL, 1), Required("write at least one:\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = { events = '...', total = '...' }"), "[[guardrails]]";
        /// What tells the arms of this plan apart; without it, as in config.toml.
        ARMS_ "arms": Shape::Table(&ARMS_OF_PLAN), Optional, "[arms]";
        /// Files that carry the exposure to users: flags, routes.
        TARGETS "targets": Shape::Tables(&TARGET, 0), Optional, "[[targets]]";
        /// Is 1 % really 1 %? The sample ratio check on unique users.
        ASSIGNMENT_ "assignment": Shape::Table(&ASSIGNMENT), Optional, "[assignment]";
        /// Written by rollout. Change it with commands, not by hand.
        STATE "state": State, Optional, "[state]";
    }
}

/// One stage.
pub(in crate::plan) const STAGE: Table = Table {
    header: "`[[stages]]`",
    parts: &[Part::Keys(stage::KEYS)],
    either: nothing,
};

keys! {
    /// `[[stages]]`.
    stage {
        /// Percent of users who see the change.
        EXPOSURE "exposure": Exposure, Required("write the percentage of users who see the change: `exposure = 5`"), "5";
        /// The stage is not left before this.
        MIN_DURATION "min_duration": Duration, Default("\"0s\""), "\"24h\"";
        /// After this without an answer a person decides.
        MAX_DURATION "max_duration": Duration, Optional, "\"5d\"";
        /// Harm that must be ruled out to leave the stage: "margin", "nothing", a size such as "2x", or
        /// sizes by guardrail.
        RULE_OUT "rule_out": RuleOut, Default("\"margin\""), "\"2x\"";
        /// A person approves leaving the stage.
        APPROVAL "approval": Flag, Default("false"), "true";
    }
}

/// The ramp.
pub(in crate::plan) const RAMP: Table = Table {
    header: "`[ramp]`",
    parts: &[Part::Keys(ramp::KEYS)],
    either: nothing,
};

keys! {
    /// `[ramp]`.
    ramp {
        /// First exposure.
        FROM "from": Exposure, Required("write the first exposure: `from = 1`"), "5";
        /// Last exposure.
        TO "to": Exposure, Required("write the last exposure: `to = 100`"), "5";
        /// From first to last when nothing holds it.
        OVER "over": Duration, Required("write how long it takes: `over = \"7d\"`"), "\"7d\"";
        /// Equal factors or equal steps in equal times.
        CURVE "curve": Words(<Curve as Word>::words), Default("\"geometric\""), "\"geometric\"";
        /// Never more often than this; "auto" is as soon as there is evidence enough.
        EVERY "every": AutoDuration, Default("\"1h\""), "\"1h\"";
        /// By the clock, or by the evidence.
        PACE "pace": Words(<PaceWord as Word>::words), Default("\"fixed\""), "\"fixed\"";
        /// With pace = "adaptive": excess bad events tolerated over the whole rollout.
        RISK_BUDGET "risk_budget": Positive, Depends("write how many excess bad events you tolerate: `risk_budget = 500`"), "500";
    }
}

/// One guardrail.
pub(in crate::plan) const GUARDRAIL: Table = Table {
    header: "`[[guardrails]]`",
    parts: &[
        Part::Keys(naming::KEYS),
        Part::Keys(guardrail::KEYS),
        Part::Kinds,
    ],
    either: || {
        let kinds = KindName::words().into_iter();
        kinds
            .map(|kind| vec![kind, "name", "category"])
            .chain([vec!["metric"]])
            .collect()
    },
};

/// A metric of the shared settings: a guardrail that has its name from the table and refers to no
/// other.
pub(in crate::plan) const METRIC: Table = Table {
    header: "`[metrics.NAME]`",
    parts: &[Part::Keys(guardrail::KEYS), Part::Kinds],
    either: || {
        KindName::words()
            .into_iter()
            .map(|kind| vec![kind, "category"])
            .collect()
    },
};

keys! {
    /// What only a guardrail of a plan has.
    naming {
        /// Its name, unique in the plan.
        NAME "name": Name, Depends("write `name = \"checkout-latency\"`, or `metric = \"...\"` to use a metric of config.toml"), "\"checkout-errors\"";
        /// A metric of config.toml.
        METRIC "metric": Text, Depends(""), "\"checkout-errors\"";
    }
}

keys! {
    /// What guardrails and shared metrics have.
    guardrail {
        /// What it guards.
        CATEGORY "category": Words(<Category as Word>::words), Depends("write `category = \"reliability\"`, `\"experience\"` or `\"business\"`"), "\"reliability\"";
        /// Must not get worse, or should get better.
        ROLE "role": Words(<Role as Word>::words), Default("\"guardrail\""), "\"success\"";
        /// Tolerated harm: "10%" relative, "2x" a factor, "0.2pp" points of a share, a plain number otherwise.
        MARGIN "margin": Size, Depends("write the harm you tolerate: `margin = \"10%\"`. Two arms are never exactly equal, so there is no default"), "\"10%\"";
        /// Absolute bound on the exposed arm alone: "1%", "500ms", a plain number.
        LIMIT "limit": Bound, Optional, "\"1%\"";
        /// What a proven breach does.
        ON_BREACH "on_breach": Words(<OnBreach as Word>::words), Default("\"rollback\""), "\"pause\"";
        /// What missing evidence does.
        ON_NO_DATA "on_no_data": Words(<OnNoDataWord as Word>::words), Default("\"hold\""), "\"pause\"";
        /// With on_no_data = "rollback": how long evidence may be missing.
        NO_DATA_TIMEOUT "no_data_timeout": Duration, Default("\"30m\""), "\"30m\"";
    }
}

/// The sample ratio check.
pub(in crate::plan) const ASSIGNMENT: Table = Table {
    header: "`[assignment]`",
    parts: &[Part::Keys(assignment::KEYS)],
    either: nothing,
};

keys! {
    /// `[assignment]`.
    assignment {
        /// Counter of users at their first exposure: a selector without the arms' label.
        USERS "users": Selector, Required("write the counter of users at their first exposure: `users = 'assignments_total{flag=\"checkout\"}'`"), "'assignments_total{flag=\"checkout\"}'";
    }
}
