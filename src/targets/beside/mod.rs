//! Other places of a file that give users the change, beside the numbers that the plan moves. A row of the
//! table of presets names the function that knows them for its kind.
//!
//! In comes a file's documents with the numbers in it ([`Scene`]); out come the places ([`Beside`]), each
//! with whom it exposes. What gives the change to everybody makes the numbers mean nothing: nothing is raised
//! while it is there. What gives it to those whom a rule selects may be meant, and is pointed out: no rollback
//! takes it from them. What the plan says is not known here. Read `place.rs` first.

mod flagd;
mod gofeatureflag;
mod growthbook;
mod launchdarkly;
mod place;
mod routes;
mod same;
mod unleash;

pub(super) use flagd::flagd;
pub(super) use gofeatureflag::gofeatureflag;
pub(super) use growthbook::growthbook;
pub(super) use launchdarkly::launchdarkly;
pub(super) use place::{Beside, Reach, Scene};
pub(super) use routes::{envoy, httproute, virtualservice};
pub(super) use unleash::unleash;
