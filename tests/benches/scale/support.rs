//! A real server of the tests, and what it knows.

#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../../integration/support/openmetrics.rs"]
pub(crate) mod openmetrics;
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../../integration/support/server.rs"]
pub(crate) mod server;
#[path = "../support/shop.rs"]
pub(crate) mod shop;
