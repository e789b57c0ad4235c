//! Numbers, keywords and instants as JSON has them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use crate::units::Instant;

/// One of a closed set, as the domain's types give it and as records hold it.
pub(super) type Keyword = Cow<'static, str>;

/// JSON has no infinity: what is unbounded is null.
pub(super) fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

pub(super) fn rfc3339(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A count: without a fraction where it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct Count(f64);

impl Count {
    pub(super) fn of(count: f64) -> Option<Self> {
        finite(count).map(Self)
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// From here on not every whole number is a float.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let Self(count) = *self;
        if count.fract() == 0.0 && count.abs() < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            serializer.serialize_i64(count as i64)
        } else {
            serializer.serialize_f64(count)
        }
    }
}
