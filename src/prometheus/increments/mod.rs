//! Exact increments of counters from one value a series and block.
//!
//! In come a counter, the arms and the ends of blocks; out come what each arm counted in each block, and the
//! same for groups of instances. What the counts are used for is not known here. Read `query.rs` first, then
//! `ask.rs` and `follow.rs`; this page is the rule that they follow.
//!
//! `increase()` extrapolates to the edges of its window and loses the first value of a series born inside
//! it; an expression that does neither decodes every sample five times. So the server is asked for one
//! number a series and block, and the increments are made of them here. With `B` the block, `L` the
//! longer of an hour and `B`, `M` the longer of a day and four `B`, and `S` the selector of both arms:
//!
//! ```text
//! Q1  last_over_time(S[B-1ms])     range query at the block ends from L before the first on
//! Q2  last_over_time(S'[B-1ms])    over the day before that: only of series first seen in the stage
//! Q3  S''[R-1ms]                   the samples after a restart: only of processes that began anew
//! ```
//!
//! `S'` and `S''` are limited to what tells those series apart; what comes besides is left out by its
//! labels. `B-1ms`, because windows are closed on both sides up to Prometheus 2 and open on the left from
//! 3 on: like this both hold the samples after the block's start up to its end. The increment of a series
//! in the block that ends at `T`:
//!
//! - It has a value at `T`. `prev` is its value at the last block end in `(T-B-L, T-B]`. The difference to
//!   `prev`; after a fall the value itself, what was counted since. Without `prev`: nothing where the
//!   series was seen in `(T-B-M, T-B]`, since its old count is no news; else it was born, and all counts.
//! - It has none, but there is one at a block end in `(T-5m, T)`, and it is less long ago than two of its
//!   last 9 values lay apart: zero, for scrapes rarer than blocks. A service that dies is not a quiet one.
//! - In the blocks from a restart on, for 12 blocks but an hour at least and a day at most, every sample is
//!   compared with the one before it: a process that restarts every two minutes loses nothing.
//!
//! # Restarts
//!
//! A container that is restarted in place keeps its labels, and a counter that is made with its first event
//! is not there until the next: 1, nothing, 1 are two events. One series alone does not tell. A process is
//! all labels of its target together (`process`); it began anew where any of its series fell, also a
//! series of another counter of it that was asked before, such as `total` before `events`: its successes
//! are there from the first scrape on. What follows, for a series and a restart of its process (`marks`):
//!
//! - It was away at the first scrape after the restart, and is there again later: it counts from nothing,
//!   however long it was away.
//! - It was there, and is no lower than before: it counts from nothing where it holds no more than the
//!   highest counter that fell holds there. Else it went on: the labels name several processes. Another
//!   bucket of the same histogram that fell there is proof in any case.
//! - By block ends alone: it was away throughout the block of the restart; or it was last seen in that
//!   block and was away in the next, in which its process was there.
//!
//! Where its process began anew in a block whose samples are refused, and the series did not fall, the
//! counter cannot be used, and that is said. A restart before the lead is not known; nor is one whose
//! process counts past its old value within each of all blocks for an hour. Counts between the last scrape
//! and the death are never seen by anybody.
//!
//! A sample that is NaN is a missing sample. Of a mean's count, so is one whose sum is NaN. All of this
//! looks backwards only. Integer counters give integers. Bounds of buckets that are equal as numbers are
//! one, so that `le="1"` goes on in `le="1.0"`.
//!
//! Measured over 24 h at a scrape of 15 s this costs the server 1.0 to 1.3 times what `increase()` does,
//! and up to 1.9 on VictoriaMetrics. Over 200 random histories with births, deaths, restarts, crash loops
//! and outages no block differs from the rule applied to the raw samples, on Prometheus 2.42 and 3.5 and
//! on VictoriaMetrics; 0.0008 % of the increments are lost in 5-minute blocks, 0.06 % in blocks of an hour.

mod ask;
mod by_bound;
mod bytes;
mod counted;
mod follow;
mod instance;
mod kept;
mod liveliest;
mod marks;
mod process;
mod query;
mod restarts;
mod samples;
mod series;
mod source;
mod store;
mod sums;
mod window;

#[cfg(test)]
mod tests;

pub(super) use ask::{Purpose, Request, ask};
pub(super) use counted::{Counted, GROUPS};
pub(super) use follow::is_about_the_query;
pub(super) use instance::group;
pub(super) use process::{job_of, process_of};
pub(super) use query::{Counter, at_ends};
pub(super) use store::MOST_VALUES;
