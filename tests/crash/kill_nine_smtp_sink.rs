//! The same with a mail server that others wrote: Postfix's `smtp-sink`, which writes each mail to
//! a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use kith_tests::Port;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{interval, sleep, timeout};

use crate::ending::drain;
use crate::house::House;
use crate::ledger::Copy;
use crate::oracle::problems;
use crate::process::{Process, complaints};
use crate::relay::drawn;

/// Kills.
const ROUNDS: u32 = 8;
/// Mails at once.
const CONNECTIONS: usize = 4;
/// Seconds after which the next process takes what the killed one held.
const LEASE: u32 = 3;
/// Where Debian has it: not on everybody's path.
const DEBIAN: &str = "/usr/sbin/smtp-sink";
/// The longest that a test waits for it to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What it writes above a mail: the envelope, and one header of its own.
const ABOVE: [&str; 6] = [
    "X-Client-Addr:",
    "X-Client-Proto:",
    "X-Helo-Args:",
    "X-Mail-Args:",
    "X-Rcpt-Args:",
    "Received:",
];

/// The mail server. Killed when it is dropped.
struct SmtpSink {
    port: Port,
    folder: TempDir,
    known: BTreeSet<PathBuf>,
    _process: Child,
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_no_mail_that_goes_to_smtp_sink() {
    let mut house = House::new().await;
    let mut sink = SmtpSink::open().await;
    let mut under_way = BTreeMap::new();
    let mut copies = Vec::new();
    for run in 1..=ROUNDS {
        house.give_back(copies.len()).await;
        house.ask(20).await;
        house.promise(&[0, 1]).await;
        house.promise_lightly(&[4]).await;
        let mut process = Process::start(&house, sink.port.number(), CONNECTIONS, LEASE).await;
        if run % 2 == 0 {
            process.ready().await;
            sleep(drawn(20..=400)).await;
        } else {
            sink.until_something_arrives().await;
        }
        let said = process.kill().await;
        assert_eq!(complaints(&said), Vec::<&String>::new());
        sink.settle().await;
        copies.extend(sink.arrived(run));
        house.check_what_is_on_the_disk().await;
        under_way.insert(run, house.in_state(&["sending"]).await);
    }
    house.give_back(copies.len()).await;
    let process = Process::start(&house, sink.port.number(), CONNECTIONS, LEASE).await;
    drain(&house).await;
    let (status, said) = process.terminate().await;
    assert!(status.success(), "{status}: {said:#?}");
    sink.settle().await;
    copies.extend(sink.arrived(ROUNDS + 1));
    assert!(copies.len() >= house.wanted().len());
    let evidence = house.evidence(copies, under_way, CONNECTIONS).await;
    assert_eq!(problems(&evidence), []);
}

impl SmtpSink {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = Port::keep();
        let mut command =
            Command::new(if Path::new(DEBIAN).exists() { DEBIAN } else { "smtp-sink" });
        if rustix::process::geteuid().is_root() {
            // It wants to be told which user it is then.
            command.args(["-u", "root"]);
        }
        let process = command
            .args(["-d", "%H%M%S.", &format!("127.0.0.1:{}", port.number()), "100"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("smtp-sink is installed (Debian: postfix)");
        let mut looks = interval(Duration::from_millis(20));
        let answers = async {
            while TcpStream::connect(("127.0.0.1", port.number())).await.is_err() {
                looks.tick().await;
            }
        };
        timeout(PATIENCE, answers).await.expect("smtp-sink answers");
        Self { port, folder, known: BTreeSet::new(), _process: process }
    }

    /// It serves its connections in turn from one thread: after two dialogues of our own, it has
    /// met the end of those that a dead client had.
    async fn settle(&self) {
        for _ in 0..2 {
            let stream = TcpStream::connect(("127.0.0.1", self.port.number())).await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            stream.get_mut().write_all(b"QUIT\r\n").await.unwrap();
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            assert!(line.starts_with("221"), "{line}");
        }
    }

    async fn until_something_arrives(&self) {
        let mut looks = interval(Duration::from_millis(5));
        let arrives = async {
            while self.files().len() == self.known.len() {
                looks.tick().await;
            }
        };
        timeout(PATIENCE, arrives).await.expect("a mail arrives");
    }

    fn files(&self) -> BTreeSet<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }

    /// The mails of `run`, which has just ended.
    fn arrived(&mut self, run: u32) -> Vec<Copy> {
        let files = self.files();
        let new: Vec<_> = files.difference(&self.known).cloned().collect();
        self.known = files;
        new.iter().filter_map(|file| mail(&std::fs::read_to_string(file).unwrap(), run)).collect()
    }
}

/// A mail as it was sent. `None` when its client died in the middle of it.
fn mail(written: &str, run: u32) -> Option<Copy> {
    let mut to = None;
    let mut lines = written.lines().peekable();
    while let Some(line) = lines.peek() {
        let above = ABOVE.iter().any(|name| line.starts_with(name)) || line.starts_with('\t');
        if !above {
            break;
        }
        if let Some(path) = line.strip_prefix("X-Rcpt-Args:") {
            to = Some(path.split(['<', '>']).nth(1)?.to_owned());
        }
        lines.next();
    }
    let mut bytes = String::new();
    for line in lines {
        bytes.push_str(line);
        bytes.push_str("\r\n");
    }
    let whole = bytes.trim_end().ends_with("--");
    whole.then(|| Copy { run, at: 0, to: to.expect("a recipient"), bytes: bytes.into_bytes() })
}
