//! The real servers of the tests, for benches that ask them.

#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../integration/support/openmetrics.rs"]
pub(crate) mod openmetrics;
#[path = "../integration/support/plans.rs"]
pub(crate) mod plans;
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../integration/support/server.rs"]
pub(crate) mod server;
pub(crate) mod shop;
#[path = "../integration/support/victoria.rs"]
pub(crate) mod victoria;
