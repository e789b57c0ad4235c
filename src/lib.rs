//! `rollout` moves a change from one percent of users to all of them, one decision at a time.
//!
//! Data flows one way, and every arrow is one module:
//!
//! ```text
//! plan text -> Plan -> queries -> Snapshot -> Verdicts -> Decision -> Revision -> applied -> Report
//!     plan::parse   prometheus       judge::judge   decide::decide  plan::revise  workspace   report
//! ```
//!
//! The pure layers import only what stands to their left:
//! `units <- plan <- snapshot <- judge <- power <- decide <- review <- report`, with `stats` for maths
//! that knows no domain and `simulate` for traffic that never was, which `report` renders. They never
//! touch a file, the network, the environment or a clock; `now` is an argument.
//! The effects are `prometheus` (HTTP to [`snapshot::Snapshot`]), `workspace` (files, locks, git),
//! `notify` (HTTP of webhooks), `session` over them (open, evaluate, record, replay) and `cli`
//! (commands, arguments, exit codes). Nothing imports `cli`, nothing but `cli` imports `session`, and
//! the others do not know each other. `tests/layers.rs` enforces all of this.

pub mod units;

pub mod plan;

pub mod snapshot;

pub mod stats;

pub mod judge;

pub mod power;

pub mod decide;

pub mod review;

pub mod report;

pub mod simulate;

pub mod prometheus;

pub mod workspace;

pub mod notify;

pub mod session;

pub mod cli;
