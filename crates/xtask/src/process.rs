//! Child processes that end: each has a limit of time, and none outlives an interrupted run.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};

use crate::say::say;

/// How long a process that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(15);

/// The run was interrupted by the person or by the machine.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Runs commands at the root of the project until one of them fails or the run is interrupted.
#[derive(Debug)]
pub(crate) struct Runner {
    root: PathBuf,
    // Registered once, so that a signal between two commands is not lost.
    interrupt: Signals,
    terminate: Signals,
    hang_up: Signals,
}

impl Runner {
    /// # Errors
    /// When signals cannot be listened to.
    pub(crate) fn new(root: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            root: root.to_owned(),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The root of the project.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A command to be run at the root.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        command(&self.root, program, arguments)
    }

    /// Returns when somebody presses Ctrl-C, or the machine asks this program to end.
    pub(crate) async fn interrupted(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    /// Runs a command to its end, its output going where ours goes.
    ///
    /// # Errors
    /// When it cannot start, fails, takes longer than `limit`, or the run is [`Interrupted`].
    pub(crate) async fn run(&mut self, command: Command, limit: Duration) -> anyhow::Result<()> {
        self.finish(command, limit, None).await
    }

    /// Runs a command to its end, passing its output on, and gives the lines that `keep` wants,
    /// also when it fails as [`Runner::run`] does.
    pub(crate) async fn run_keeping(
        &mut self,
        mut command: Command,
        limit: Duration,
        keep: fn(&str) -> bool,
    ) -> (Vec<String>, anyhow::Result<()>) {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut kept = Vec::new();
        let result = self.finish(command, limit, Some(Kept { keep, lines: &mut kept })).await;
        (kept, result)
    }

    async fn finish(
        &mut self,
        mut command: Command,
        limit: Duration,
        output: Option<Kept<'_>>,
    ) -> anyhow::Result<()> {
        let name = name(&command);
        // A group of its own, so that everything the command started can be ended with it.
        command.process_group(0).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        drop(command);
        let work = async {
            if let Some(Kept { keep, lines }) = output {
                let (out, err) = (child.stdout.take(), child.stderr.take());
                let (out, err) = tokio::join!(pass_on(out, keep), pass_on(err, keep));
                lines.extend(out.into_iter().chain(err));
            }
            child.wait().await
        };
        let ended = tokio::select! {
            status = work => Ok(status?),
            () = tokio::time::sleep(limit) => Err(None),
            () = self.interrupted() => Err(Some(Interrupted)),
        };
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => bail!("{name} ended with {status}"),
            Err(why) => {
                end(&mut child, Signal::TERM).await?;
                match why {
                    Some(interrupted) => Err(interrupted.into()),
                    None => bail!("{name} took longer than {} minutes", limit.as_secs() / 60),
                }
            }
        }
    }
}

/// A command to be run in a folder, with nothing to read.
///
/// It does not see the variables that `cargo run` sets for this program: build scripts that watch
/// them would run again whenever a task is started in another way.
pub(crate) fn command(root: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"];
        if ours.iter().any(|start| name.starts_with(start)) || name == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Lines of a command's output that somebody wants to have.
struct Kept<'l> {
    keep: fn(&str) -> bool,
    lines: &'l mut Vec<String>,
}

/// Copies the lines of one stream to our output.
async fn pass_on(stream: Option<impl AsyncRead + Unpin>, keep: fn(&str) -> bool) -> Vec<String> {
    let mut kept = Vec::new();
    let Some(stream) = stream else { return kept };
    let mut lines = BufReader::new(stream).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line).into_owned();
        say(&line);
        if keep(&line) {
            kept.push(line);
        }
    }
    kept
}

/// Ends a child and what it started: politely first, surely in the end.
///
/// # Errors
/// When the child cannot be waited for.
pub(crate) async fn end(child: &mut Child, politely: Signal) -> anyhow::Result<ExitStatus> {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let Some(group) = group else { return Ok(child.wait().await?) };
    // Signals fail only when the whole group is gone already.
    let _ = kill_process_group(group, politely);
    if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
        return Ok(status?);
    }
    let _ = kill_process_group(group, Signal::KILL);
    Ok(child.wait().await?)
}

/// The command as one would type it.
fn name(command: &Command) -> String {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn runner() -> Runner {
        Runner::new(Path::new(".")).unwrap()
    }

    #[tokio::test]
    async fn what_a_command_prints_is_kept_where_wanted_even_when_it_fails() {
        let mut runner = runner();
        let print = runner.command("sh", &["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let (kept, result) = runner.run_keeping(print, LONG, |line| line.contains('o')).await;
        assert_eq!(kept, ["one", "two"]);
        let said = result.unwrap_err().to_string();
        assert!(said.contains("exit status: 3"), "{said}");
    }

    #[tokio::test]
    async fn a_command_over_its_limit_is_ended_with_all_that_it_started() {
        let mut runner = runner();
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut wait = runner.command("sh", &["-c", "sleep 600 & sleep 600 & wait"]);
        wait.stdout(writer);
        let said = runner.run(wait, Duration::from_millis(50)).await.unwrap_err().to_string();
        assert!(said.contains("took longer"), "{said}");
        // The pipe ends only when nobody holds its other side any more.
        assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 0);
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let mut runner = runner();
        let said = runner.run(runner.command("no-such-program", &["-x"]), LONG).await;
        assert!(said.unwrap_err().to_string().contains("no-such-program -x"));
    }

    #[test]
    fn variables_of_cargo_run_are_not_passed_on() {
        let command = command(Path::new("."), "true", &[]);
        let removed = |name: &str| {
            command.as_std().get_envs().any(|(key, value)| key == name && value.is_none())
        };
        // Tests are started by cargo, so the variables are set here as well.
        assert!(removed("CARGO_PKG_NAME"));
        assert!(!removed("PATH"));
    }
}
