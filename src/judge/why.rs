//! Why a guardrail has its verdict, as data. How it is said is `report::words`.

use crate::plan::{Kind, OnBreach};
use crate::units::{Bound, Effect, Instant, Period};

use super::{Clear, Issue, Leaning, Of, Scale, Sign, Strength, Undecided};

/// What was seen of the arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// One arm against the other.
    Compared {
        /// What that is of, where it needs saying.
        of: Option<Of>,
        /// The kind of metric.
        kind: Kind,
        /// The scale of the numbers.
        scale: Scale,
        /// `None` when there is none, such as a ratio over zero.
        estimate: Option<f64>,
        /// Lower end of the interval; `None` is unbounded.
        lower: Option<f64>,
        /// Upper end of the interval; `None` is unbounded.
        upper: Option<f64>,
    },
    /// The exposed arm alone, against its limit.
    Level {
        /// The kind of metric.
        kind: Kind,
        /// Its level; `None` where nobody was counted.
        value: Option<f64>,
        /// The limit.
        bound: Bound,
    },
    /// Nothing that could be compared.
    Nothing,
}

/// A proven breach: of what, by what, and how that compares with the numbers shown beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// What is broken.
    pub of: Leaning,
    /// This guardrail's own evidence is proof; else all of them together, it most of all.
    pub alone: bool,
    /// The block end at which it was proven first.
    pub at: Instant,
    /// What it rests on.
    pub basis: Basis,
}

/// What a proof rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The numbers of the stage that are shown beside it.
    Shown,
    /// Evidence of then: what came since is weaker.
    Earlier,
    /// Evidence carried from earlier stages decided.
    Carried,
    /// What set in within the stage; the numbers shown are of the whole stage.
    LateOnset,
    /// Counts at bucket bounds; the interval of the quantile is only as fine as the buckets.
    Buckets,
}

/// Why a guardrail has its verdict; one variant for each way the judge can come out.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// A plain threshold: too many bad blocks in a row.
    ThresholdExceeded,
    /// A plain threshold: good for as many blocks as a breach would need.
    ThresholdKept,
    /// A plain threshold: bad blocks, not enough of them in a row.
    ThresholdExceededFor {
        /// So many.
        blocks: u32,
    },
    /// A plain threshold: too few blocks to say.
    ThresholdTooEarly,
    /// The first judged block has not closed.
    TooEarly {
        /// It closes then.
        closes: Instant,
        /// So long after it, where the server tells of its newest points late.
        known_after: Option<Period>,
    },
    /// It would have passed by what was seen, and the newest blocks were not.
    Behind {
        /// For so long nothing was measured.
        ago: Period,
    },
    /// There is no usable evidence; at least one issue says why.
    NoData(Vec<Issue>),
    /// A breach is proven.
    Breach {
        /// What was seen.
        seen: Seen,
        /// The margin, where there is one.
        margin: Option<Effect>,
        /// How it was proven.
        proof: Proof,
    },
    /// Beyond the limit, but so is the unexposed arm.
    Ambient {
        /// What was seen.
        seen: Seen,
    },
    /// The evidence leans to a breach, without proof.
    Leaning {
        /// What was seen.
        seen: Seen,
        /// Of what.
        of: Leaning,
        /// What tells of it.
        by: Sign,
        /// The margin, where there is one.
        margin: Option<Effect>,
        /// The evidence of the whole rollout.
        harm: Strength,
        /// What earlier stages left counts against proof of harm.
        weighed_down: bool,
        /// The margin and the limit share this evidence: each counts half.
        is_shared: bool,
        /// What a breach would do.
        on_breach: OnBreach,
    },
    /// Harm of the size the stage names is ruled out.
    RuledOut {
        /// What was seen.
        seen: Seen,
        /// That size.
        effect: Effect,
    },
    /// No breach is proven, and the stage asks for no more.
    NoBreach {
        /// What was seen.
        seen: Seen,
    },
    /// A success metric is proven better.
    Better {
        /// What was seen.
        seen: Seen,
    },
    /// The absence of events means nothing while so few are expected.
    TooFewEvents {
        /// What was seen.
        seen: Seen,
        /// Expected time left at the present rate.
        expected: Option<Period>,
    },
    /// A mean or a level is judged only once there are so many blocks.
    TooFewBlocks {
        /// What was seen.
        seen: Seen,
        /// Blocks so far in which both arms have something.
        blocks: u32,
        /// So many are needed.
        needed: u32,
        /// Expected time until there are, at the present rate.
        expected: Option<Period>,
    },
    /// Harm is not ruled out yet.
    NotRuledOut {
        /// What was seen.
        seen: Seen,
        /// Its size, where the stage names one.
        effect: Option<Effect>,
        /// How far from it.
        clear: Clear,
        /// Expected time left at the present rate.
        expected: Option<Period>,
    },
    /// Events come in such bursts that the stage cannot show harm.
    TooBursty {
        /// What was seen.
        seen: Seen,
        /// How much more they vary than independent ones.
        dispersion: f64,
        /// Length of a block.
        block: Period,
    },
    /// A success metric is not proven better yet.
    NotBetter {
        /// What was seen.
        seen: Seen,
        /// How far from it.
        clear: Clear,
    },
    /// Too little traffic yet to choose bucket bounds to compare at.
    NoBoundsYet,
    /// The limit is all there is, and is proven to be kept.
    LimitKept {
        /// What was seen.
        seen: Seen,
    },
    /// The limit is all there is; no breach is proven, and the stage asks for no more.
    LimitUnbroken {
        /// What was seen.
        seen: Seen,
    },
    /// The limit is all there is, and is not proven to be kept yet.
    LimitOpen {
        /// What was seen.
        seen: Seen,
        /// The evidence.
        clear: Strength,
        /// Where the buckets cannot decide.
        undecided: Option<Undecided>,
    },
    /// Everybody is exposed.
    NobodyUnexposed,
}

impl Why {
    /// The word by which programs and records know it; it stays when the sentence is reworded. Of
    /// missing data it is the word of the first issue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ThresholdExceeded => "threshold-exceeded",
            Self::ThresholdKept => "threshold-kept",
            Self::ThresholdExceededFor { .. } => "threshold-exceeded-for",
            Self::ThresholdTooEarly => "threshold-too-early",
            Self::Behind { .. } => "behind",
            Self::TooEarly { .. } => "too-early",
            Self::NoData(issues) => issues.first().map_or("no-data", Issue::code),
            Self::Breach { proof, .. } => match proof.basis {
                Basis::Shown => "breach",
                Basis::Earlier => "breach-earlier",
                Basis::Carried => "breach-carried",
                Basis::LateOnset => "breach-late-onset",
                Basis::Buckets => "breach-at-buckets",
            },
            Self::Ambient { .. } => "ambient",
            Self::Leaning { of, .. } => match of {
                Leaning::Margin => "leaning-margin",
                Leaning::Limit => "leaning-limit",
            },
            Self::RuledOut { .. } => "ruled-out",
            Self::NoBreach { .. } => "no-breach",
            Self::Better { .. } => "better",
            Self::TooFewEvents { .. } => "too-few-events",
            Self::TooFewBlocks { .. } => "too-few-blocks",
            Self::NotRuledOut { .. } => "not-ruled-out",
            Self::TooBursty { .. } => "too-bursty",
            Self::NotBetter { .. } => "not-better",
            Self::NoBoundsYet => "no-bounds-yet",
            Self::LimitKept { .. } => "limit-kept",
            Self::LimitUnbroken { .. } => "limit-unbroken",
            Self::LimitOpen { .. } => "limit-open",
            Self::NobodyUnexposed => "nobody-unexposed",
        }
    }
}
