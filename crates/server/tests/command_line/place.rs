//! A folder in which the program is run, and the program while it runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A folder to work in, with the defaults of the configuration.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
        command.args(arguments).current_dir(self.path()).env_remove("RUST_BACKTRACE");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that must work prints.
    pub(crate) fn works(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let problem = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {problem}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command that must not work says.
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} worked");
        String::from_utf8(output.stderr).unwrap()
    }

    pub(crate) fn set_up(&self) {
        self.works(&["keys", "new"]);
        self.works(&["migrate"]);
        let name = ["--name", "Fernhill Hospice", "--phone", "01632 960 123"];
        self.works(&[&["organisation", "add"][..], &name].concat());
    }
}

/// A program that runs until it is stopped.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The first line of `output` that holds `word`.
    pub(crate) fn line(output: impl std::io::Read, word: &str) -> String {
        let mut lines = BufReader::new(output).lines();
        lines.find_map(|line| line.ok().filter(|line| line.contains(word))).unwrap()
    }

    /// Asks it to stop, and says whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        self.0.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only what a failed test left running is still there.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The answer to a request without a body.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
