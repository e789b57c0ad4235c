//! Writing commands whose system calls and git children fail, one at a time: no file is torn, no transition
//! is lost, what is said is true, and the next run without a fault finishes the work.
//!
//! Every run of the tests tries some of the faults; `ROLLOUT_TEST_FAULTS=100` tries so many of each command,
//! and `all` each of them, with `--nocapture` for the table.

#![expect(
    clippy::print_stdout,
    reason = "the long form tells by a table what was tried"
)]

mod calls;
mod children;
mod model;
mod mutated;
mod scene;

use std::collections::BTreeMap;

use scene::Staged;

/// How many faults of a scene are tried where not all are.
const FEW: usize = 5;

/// Those of a list of faults that are tried: all, or a few that are spread over it.
fn chosen<T>(mut all: Vec<T>) -> Vec<T> {
    #[expect(clippy::disallowed_methods, reason = "how one asks for the long form")]
    let asked = std::env::var("ROLLOUT_TEST_FAULTS");
    let few = match asked.as_deref() {
        Ok("all") => usize::MAX,
        Ok(number) => number.parse().unwrap(),
        Err(_) => FEW,
    };
    if all.len() <= few {
        return all;
    }
    let step = all.len() / few;
    let mut place = 0;
    all.retain(|_| {
        place += 1;
        // Off the first calls, which are those of the loader.
        place % step == step / 2
    });
    all
}

/// What was tried, and what was wrong about it.
#[derive(Default)]
struct Tally {
    /// Faults by scene.
    tried: BTreeMap<String, usize>,
    /// Of these, how many the command did not survive.
    failed: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Takes in what a fault did to a scene.
    fn add(&mut self, staged: &Staged, fault: &str, output: &crate::support::Output) {
        let name = staged.scene.line.to_owned();
        *self.tried.entry(name.clone()).or_default() += 1;
        *self.failed.entry(name).or_default() += usize::from(output.code != staged.code);
        let wrong = staged.wrong(output);
        if !wrong.is_empty() {
            let Staged { scene, .. } = staged;
            self.wrong.push(format!(
                "{} with {fault}: {}\n{output}",
                scene.line,
                wrong.join("; ")
            ));
        }
    }

    fn tell(&self, what: &str) {
        println!("| command | {what} | it failed |\n| --- | --- | --- |");
        for (name, tried) in &self.tried {
            println!("| {name} | {tried} | {} |", self.failed[name]);
        }
        let count = self.wrong.len();
        assert!(
            self.wrong.is_empty(),
            "{count} wrong:\n{}",
            self.wrong.join("\n\n")
        );
    }
}
