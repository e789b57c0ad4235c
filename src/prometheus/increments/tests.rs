//! What is kept between runs never changes an answer: a server in memory, whose samples arrive late, is
//! asked by runs that keep what they may and by runs that keep nothing.

mod entry;
mod keeping;
mod same;
mod server;

use std::cell::Cell;

use proptest::prelude::*;

use super::ask::{Answered, answer};
use super::bytes;
use super::window::Window;
use super::*;
use crate::plan::{Arms, Selector};
use crate::prometheus::Grid;
use crate::units::Period;
use same::assert_same;
use server::{Sample, Server};

const HOUR: i64 = 3_600;

/// When the stage begins: a multiple of every block.
const START: i64 = 1_700_006_400;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((mixed ^ (mixed >> 31)) % sides.unsigned_abs()).unwrap()
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.roll(to - from)
    }
}

/// How samples reach the server.
#[derive(Debug, Clone, Copy)]
enum Arrival {
    /// All of a while at once, at its end.
    Backlog,
    /// Each long after its time, the newer ones being there already.
    Hole,
}

/// The two series of one process: born, restarted, scraped with gaps, and delivered late. The second is
/// not there from a restart on until it counts.
fn history(dice: &mut Dice, scrape: i64) -> [Vec<Sample>; 2] {
    let born = dice.between(START - 30 * HOUR, START + 14 * HOUR);
    let life = dice.between(HOUR, 60 * HOUR);
    let mut value = if dice.roll(3) == 0 { 5_000.0 } else { 0.0 };
    let each = [0.25, 1.0, 3.0][usize::try_from(dice.roll(3)).unwrap()];
    let restarts = [0, 0, 400, 60][usize::try_from(dice.roll(4)).unwrap()];
    let mut samples = [Vec::new(), Vec::new()];
    let (mut failed, rarely) = (0.0, dice.between(2, 400));
    let mut at = born;
    let (mut silent_until, mut late_until, mut arrival) = (born, born, Arrival::Hole);
    let mut delay = 0;
    while at < (born + life).min(START + 20 * HOUR) {
        at += scrape + dice.roll(2);
        if restarts > 0 && dice.roll(restarts * 60 / scrape.min(60)) == 0 {
            (value, failed) = (0.0, 0.0);
        }
        if dice.roll(rarely) == 0 {
            failed += 1.0;
        }
        value += each * f64::from(i32::try_from(dice.roll(20)).unwrap());
        if at < silent_until {
            continue;
        }
        if dice.roll(700) == 0 {
            silent_until = at + dice.between(60, if at < late_until { HOUR / 2 } else { 3 * HOUR });
        }
        if at >= late_until && dice.roll(400) == 0 {
            (late_until, arrival) = match dice.roll(3) {
                0 => (at + dice.between(60, 6 * HOUR), Arrival::Backlog),
                _ => (at + dice.between(60, HOUR), Arrival::Hole),
            };
            delay = dice.between(60, 10_500);
        }
        let known = match arrival {
            _ if at >= late_until => at + dice.roll(45),
            Arrival::Backlog => late_until,
            Arrival::Hole => at + delay,
        };
        let sample = |value| Sample {
            at_ms: at * 1_000,
            value,
            known_ms: known * 1_000,
        };
        let is_number = dice.roll(900) > 0;
        samples[0].push(sample(if is_number { value } else { f64::NAN }));
        if failed > 0.0 {
            samples[1].push(sample(failed));
        }
    }
    // A backlog of a series that has ended arrives soon after its end: what is older than the three hours
    // and reaches nothing newer is not found.
    let soon_ms = (at + 600) * 1_000;
    for sample in samples.iter_mut().flatten() {
        sample.known_ms = sample.known_ms.min(soon_ms);
    }
    samples
}

fn server(dice: &mut Dice, scrape: i64) -> Server {
    let series = (0..6).flat_map(|pod: i64| {
        let arm = if pod % 2 == 0 { "control" } else { "treatment" };
        let le = ["0.5", "+Inf"][usize::try_from(pod / 2 % 2).unwrap()];
        let labels = |code: &str| {
            vec![
                ("variant", arm.to_owned()),
                ("pod", format!("pod-{pod}")),
                ("code", code.to_owned()),
                ("le", le.to_owned()),
            ]
        };
        let [all, failed] = history(dice, scrape);
        [(labels("200"), all), (labels("503"), failed)]
    });
    Server {
        series: series.collect(),
        now: START,
        points: Cell::new(0),
        warns: false,
    }
}

fn counter() -> Counter {
    Counter {
        selector: Selector::parse("x_total").unwrap().vector().clone(),
        arms: Arms::default(),
        by_bound: true,
        of_sum: None,
        restarts_of: None,
    }
}

fn blocks(from: i64, to: i64, block: Period) -> Grid {
    let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    Grid::new(at(from), at(to), block)
}

fn ask_now(server: &Server, request: &Request<'_>, kept: Option<&[u8]>) -> Answered {
    let lead = Window::of(request.grid.block().seconds()).lead();
    let kept = kept.and_then(|kept| bytes::read(kept, &request.grid.since_before(lead)));
    let asked = answer(server, request, kept, server.now);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(asked).unwrap()
}

/// Runs of a stage, now and then, with what the run before kept; a mean's count with its sum, too.
fn runs_agree(seed: u64, block: i64, scrape: i64) -> (usize, usize) {
    let mut dice = Dice(seed);
    let block = Period::from_seconds(u32::try_from(block).unwrap());
    let mut servers = [server(&mut dice, scrape), server(&mut dice, scrape)];
    // The samples of the sum are there when those of the count are.
    let counter = counter();
    let mut kept: [Option<Vec<u8>>; 2] = [None, None];
    let (mut warm, mut cold) = (0, 0);
    let mut now = START + dice.roll(2 * HOUR);
    let entered = START - dice.roll(3) * 5 * HOUR;
    while now < START + 18 * HOUR {
        let grid = blocks(entered - 8 * HOUR, now, block);
        let stage = blocks(entered, now, block);
        // Another plan, whose stage is younger, shares what is kept.
        let own = if dice.roll(5) == 0 { &stage } else { &grid };
        let past =
            (own.first() == grid.first()).then(|| blocks(entered - 8 * HOUR, entered, block));
        let mut unknown = [None, None];
        for (place, server) in servers.iter_mut().enumerate() {
            server.now = now;
            let (sums, _) = unknown.split_at(place);
            let of_sum: Option<&[Answered; 2]> = sums.first().and_then(Option::as_ref);
            let request = |which: usize| Request {
                counter: &counter,
                grid: own,
                past: past.as_ref(),
                sums: past.as_slice(),
                parts: past.as_slice(),
                unknown: of_sum.map(|both| both[which].counted.unknown()),
                restarts: of_sum.map(|both| both[which].counted.restarts()),
                naming: None,
                purpose: Purpose::Stage,
            };
            server.points.set(0);
            let cached = ask_now(server, &request(0), kept[place].as_deref());
            warm += server.points.replace(0);
            let uncached = ask_now(server, &request(1), None);
            cold += server.points.get();
            assert_same(&cached, &uncached, now);
            if cached.kept.is_some() {
                kept[place].clone_from(&cached.kept);
            }
            unknown[place] = Some([cached, uncached]);
        }
        now += dice.between(60, 40 * 60);
        if dice.roll(20) == 0 {
            now += 5 * HOUR;
        }
    }
    (warm, cold)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cached_and_uncached_runs_say_the_same(seed in any::<u64>()) {
        for (block, scrape) in [(60, 30), (300, 15), (3_600, 60)] {
            runs_agree(seed, block, scrape);
        }
    }
}

#[test]
fn a_run_asks_for_a_part_of_the_blocks() {
    let (warm, cold) = runs_agree(7, 300, 30);
    assert!(warm * 2 < cold, "{warm} of {cold}");
}
