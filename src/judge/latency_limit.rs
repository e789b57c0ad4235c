//! An absolute limit on a quantile, against one arm's own buckets. At a
//! boundary the share of slower requests is held against `1 - quantile`; between two boundaries a breach
//! must be proven at the upper one, a pass at the lower one.

use crate::plan::Kind;
use crate::stats::OneArmBlock;
use crate::units::Bound;

use super::buckets::{Latency, OwnBuckets};
use super::counts::{self, Limited};
use super::evidence::LimitEvidence;

use super::{Issue, Undecided};

/// An absolute limit on the quantile: at most `1 - quantile` of the requests may be slower. Decided
/// at the exposed arm's own boundaries: a breach at the first one not below the limit, a pass at the
/// last one not above it. Beyond the last boundary nothing is known but that few requests may be
/// there, which keeps the limit; where too many are, it can be neither kept nor broken.
pub(super) fn against_limit(
    exposed: &OwnBuckets<'_>,
    ambient: Option<&OwnBuckets<'_>>,
    Latency {
        quantile,
        compared,
        unit,
        ..
    }: Latency,
    limit: Bound,
    block_seconds: i64,
) -> LimitEvidence {
    let upper = exposed.first_from(limit.value);
    let lower = exposed.last_up_to(limit.value);
    // Without a boundary below the limit a pass would need that no request is slow: count all.
    let within = match lower {
        Some(_) => (exposed.beyond)(lower),
        None => (exposed.beyond)(None)
            .into_iter()
            .map(|b| OneArmBlock {
                events: b.total,
                ..b
            })
            .collect(),
    };
    let ambient = ambient.map(|arm| (arm.beyond)(arm.first_from(limit.value)));
    let mut evidence = counts::against_limit(
        &Limited {
            beyond: &(exposed.beyond)(upper),
            within: &within,
            ambient: ambient.as_deref(),
        },
        1.0 - quantile,
        Kind::Latency {
            quantile,
            compare: compared,
            unit,
        },
        block_seconds,
    );
    let bound = |place: Option<usize>| place.map(|place| exposed.bounds[place]);
    if upper != lower {
        evidence.undecided = Some(Undecided {
            lower: bound(lower),
            upper: bound(upper),
        });
    }
    if upper.is_none() {
        let (slower, all) = within
            .iter()
            .fold((0.0, 0.0), |sum, b| (sum.0 + b.events, sum.1 + b.total));
        if slower > (1.0 - quantile) * all {
            evidence.undecidable = Some(Issue::LimitBeyondBounds {
                quantile,
                limit: limit.value,
                last: bound(lower).unwrap_or(0.0),
                beyond: slower / all,
            });
        }
    }
    evidence
}
