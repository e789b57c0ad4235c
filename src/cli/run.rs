//! From a [`World`] to an exit code: parse the arguments, hand them to the command, say what failed.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::decide::Exit;
use crate::session::{Context, Failure, Guarded, Ui, Variables};
use crate::units::{Instant, one_line};

use super::commands::{Arguments, dispatch};
use super::complete::complete;
use super::terminal::shape;
use super::world::{Terminals, World};

/// The binary's `main`, with the clock already read.
#[must_use]
pub fn main(now: Instant) -> ExitCode {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let terminals = Terminals {
        stdout: stdout.is_terminal(),
        stderr: stderr.is_terminal(),
        width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
    };
    // Neither stream is locked for the whole run: progress bars are drawn, and the log is written,
    // by other threads, which would wait for ever for a lock that is held here.
    let mut answer = io::BufWriter::new(stdout);
    let mut messages = stderr;
    let args: Vec<OsString> = std::env::args_os().collect();
    let variables = std::env::vars_os().collect::<Variables>();
    let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    if let Some(exit) = complete(&args, &variables, &directory) {
        return ExitCode::from(exit.code());
    }
    let exit = run(World {
        args,
        variables,
        directory,
        now,
        terminals,
        stdout: &mut answer,
        stderr: &mut messages,
    });
    ExitCode::from(exit.code())
}

/// The whole program as a function of its surroundings.
pub fn run(world: World<'_>) -> Exit {
    let World {
        args,
        variables,
        directory,
        now,
        terminals,
        stdout,
        stderr,
    } = world;
    let arguments = match Arguments::try_parse_from(&args) {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = as_shown(&args).unwrap_or(error);
            return usage(&error, terminals, &variables, stdout, stderr);
        }
    };
    let Arguments { global, command } = arguments;
    let form = global.format;
    logging(global.verbose, terminals.stderr);
    let shape = shape(&global, &variables, terminals);
    let ui = Ui::new(stdout, stderr, shape);
    let mut context = Context {
        global: global.global(),
        variables,
        directory,
        started: now,
        ui,
    };
    let writes = command.writes();
    let outcome = dispatch(command, form, &mut context);
    // What was already answered comes before what went wrong. No stream of the user's stops anything; what
    // became of the answer is asked at the end.
    let _ = context.ui.answer().flush();
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) => tell(&failure, &mut context.ui),
    };
    exit.worse(unanswered(writes, &mut context.ui))
}

/// Says on stderr what failed. Nobody is left to tell when this fails.
fn tell(failure: &Failure, ui: &mut Ui<'_>) -> Exit {
    let color = ui.color_messages;
    let _ = failure.render(ui.messages(), color);
    failure.exit
}

/// Says on stderr that the answer was not written, and after a command that may have changed something
/// the answer, too: what was done must be told somewhere.
fn unanswered(writes: bool, ui: &mut Ui<'_>) -> Exit {
    let Some((why, answer)) = ui.unanswered() else {
        return Exit::Go;
    };
    let failure = Failure::error(format!("the answer could not be written to stdout: {why}"));
    if !writes {
        return tell(&failure.help("make room where it goes, and ask again"), ui);
    }
    let failure = failure.help("what was done stays done, and is told here in its place");
    let exit = tell(&failure, ui);
    let _ = ui.messages().write_all(answer.as_bytes());
    exit
}

/// What is wrong with the arguments as they may be shown: they are quoted where they are wrong.
fn as_shown(args: &[OsString]) -> Option<clap::Error> {
    let shown = args.iter().map(|arg| {
        let text = arg.to_string_lossy();
        one_line(&text).into_owned()
    });
    Arguments::try_parse_from(shown).err()
}

/// Help and version are answers; anything else clap says is a usage error.
fn usage<'a>(
    error: &clap::Error,
    terminals: Terminals,
    variables: &Variables,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
) -> Exit {
    let (out, terminal, exit) = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => (stdout, terminals.stdout, Exit::Go),
        _ => (stderr, terminals.stderr, Exit::Invalid),
    };
    let rendered = error.render();
    let color = terminal && variables.get("NO_COLOR").is_none();
    let mut out = Guarded::new(out, color);
    let written = if color {
        write!(out, "{}", rendered.ansi())
    } else {
        write!(out, "{rendered}")
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if exit == Exit::Go && error.kind() != io::ErrorKind::BrokenPipe => Exit::Error,
        Ok(()) | Err(_) => exit,
    }
}

/// `-v` logs this crate, `-vv` everything below it too. A second call in one process (tests) keeps
/// the first.
fn logging(verbose: u8, color: bool) {
    let filter = match verbose {
        0 => return,
        1 => "rollout=debug",
        _ => "rollout=trace,reqwest=debug,hyper_util=debug",
    };
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(move || LogLine(Guarded::new(io::stderr(), color)))
        .with_ansi(color)
        .with_target(false)
        .without_time()
        .try_init();
}

/// The log's stream. Each event comes in one piece, so that a line break within it is not ours.
struct LogLine<W>(W);

impl<W: Write> Write for LogLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.trim_end_matches('\n').replace('\n', "\\u000a");
        // A log that nobody gets stops nothing, and whoever is told of it would end the process.
        let _ = writeln!(self.0, "{line}");
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
