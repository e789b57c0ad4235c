//! `rollout` moves a change from one percent of users to all of them, one decision at a time.
//!
//! Each kind of data has one module that makes it, and data flows one way:
//!
//! | data | what it is | made by |
//! | --- | --- | --- |
//! | text of a plan | what a person declared, and the `[state]` | the directory, read by `workspace` |
//! | [`plan::Plan`] | the same, valid | `plan` |
//! | [`snapshot::Snapshot`] | everything that was measured for one evaluation | `prometheus`, or a record |
//! | [`judge::Judgement`] | a verdict for each guardrail, with its numbers | `judge` |
//! | [`decide::Decision`] | what is done, why, and the state it leads to | `decide` |
//! | new text of the plan | the old one with another `[state]` | `plan`, written by `workspace` |
//! | [`workspace::Record`] | all of the above for one transition, to be checked later | `session`, written by `workspace` |
//! | new text of a target | the old one with other numbers | `targets` |
//! | [`report::PlanReport`] | all of the above, to be shown | `session`, rendered by `report` |
//!
//! The pure layers import only what stands to their left:
//! `units <- plan <- snapshot <- judge <- power <- decide <- review <- report`, with `stats` for maths
//! that knows no domain and `simulate` for invented traffic, which `report` renders. They never
//! touch a file, the network, the environment or a clock; `now` is an argument.
//! `files` reads files within bounds, for whoever reads one, and `lookup` finds hosts for whoever speaks HTTP.
//! The effects are `prometheus` (HTTP to [`snapshot::Snapshot`]), `workspace` (files, locks, git), `targets`
//! (a plan's exposure in the files that flags and routers read),
//! `notify` (HTTP of webhooks), `session` over them (open, evaluate, record, replay) and `cli`
//! (commands, arguments, exit codes). Nothing imports `cli`, nothing but `cli` imports `session`, and
//! the others do not know each other. `tests/layers.rs` enforces all of this.
//!
//! The page of each module says what comes in, what goes out, what it must not know, and which file to
//! read first. [`judge::judge`] and [`decide::decide`] are the heart of it.

pub mod units;

pub mod files;

pub mod lookup;

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

pub mod targets;

pub mod notify;

pub mod session;

pub mod cli;
