//! The binary: reads the clock, the arguments, the environment and the streams once, and hands
//! them to [`rollout::cli`]. Everything else is there.

use std::process::ExitCode;

/// Plans are judged by threads that hand large answers on: the system's allocator loses a tenth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the clock is read"
    )]
    let now = chrono::Utc::now();
    rollout::cli::main(now)
}
