//! A small SMTP server (RFC 5321) that takes its time, or holds its answers until told, so that a kill
//! meets mails on their way, and that writes every mail down before it says that it has it.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kith_vault::random_index;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ledger::{Copy, Ledger, copies};

/// The longest that a test waits for the relay to come to some state.
const PATIENCE: Duration = Duration::from_mins(1);

/// Milliseconds that each mail takes, drawn anew.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// Between the end of its bytes and the ledger.
    pub(crate) before: RangeInclusive<usize>,
    /// Between the ledger and the answer: a client that dies here sends it again.
    pub(crate) after: RangeInclusive<usize>,
}

/// What goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// Connections that are open.
    pub(crate) open: usize,
    /// Mails whose answer is held until [`Relay::let_go`].
    pub(crate) held: usize,
    /// Mails whose recipient was named, ever.
    pub(crate) begun: usize,
    /// Mails in the ledger.
    pub(crate) accepted: usize,
}

/// The relay.
#[derive(Debug)]
pub(crate) struct Relay {
    port: u16,
    shared: Arc<Shared>,
    stop: CancellationToken,
    _folder: TempDir,
}

#[derive(Debug)]
struct Shared {
    run: AtomicU32,
    pace: Pace,
    opened: Instant,
    ledger: Mutex<Ledger>,
    offered: Mutex<Vec<String>>,
    traffic: watch::Sender<Traffic>,
    /// The mail in the ledger from which on answers are held.
    holds: watch::Sender<Option<usize>>,
}

impl Relay {
    pub(crate) async fn open(pace: Pace) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            run: AtomicU32::new(0),
            pace,
            opened: Instant::now(),
            ledger: Mutex::new(Ledger::create(folder.path().join("ledger"))),
            offered: Mutex::new(Vec::new()),
            traffic: watch::Sender::new(Traffic::default()),
            holds: watch::Sender::new(None),
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, Arc::clone(&shared), stop.clone(), tasks.clone()));
        Self { port, shared, stop, _folder: folder }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Another run of the program begins. Says its number.
    pub(crate) fn next_run(&self) -> u32 {
        self.shared.run.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// From now on mails are taken and not answered, but for the next `but`: they stay on their way.
    pub(crate) fn hold(&self, but: usize) {
        self.shared.holds.send_replace(Some(self.traffic().accepted + but));
    }

    /// Answers what is held, and whatever comes.
    pub(crate) fn let_go(&self) {
        self.shared.holds.send_replace(None);
    }

    pub(crate) fn traffic(&self) -> Traffic {
        *self.shared.traffic.borrow()
    }

    pub(crate) async fn until(&self, there: impl FnMut(&Traffic) -> bool) {
        let mut traffic = self.shared.traffic.subscribe();
        let come = traffic.wait_for(there);
        drop(timeout(PATIENCE, come).await.expect("the mails come").expect("the relay is open"));
    }

    /// Returns when everything that a dead client sent has been dealt with: connections are
    /// accepted in their order, so that after one of our own only the open ones are left.
    pub(crate) async fn settle(&self) {
        let mut probe = BufReader::new(TcpStream::connect(("127.0.0.1", self.port)).await.unwrap());
        let mut greeting = String::new();
        probe.read_line(&mut greeting).await.unwrap();
        assert!(greeting.starts_with("220 "), "{greeting}");
        drop(probe);
        self.until(|traffic| traffic.open == 0).await;
    }

    /// Every copy that was accepted, in the order of arrival.
    pub(crate) fn copies(&self) -> Vec<Copy> {
        copies(locked(&self.shared.ledger).path())
    }

    /// Every recipient that a mail was offered for, accepted or not, in the order of arrival.
    pub(crate) fn offered(&self) -> Vec<String> {
        locked(&self.shared.offered).clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap()
    }
}

async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let (stream, _) = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted.unwrap(),
        };
        shared.traffic.send_modify(|traffic| traffic.open += 1);
        let run = shared.run.load(Ordering::SeqCst);
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tasks.spawn(async move {
            stream.set_nodelay(true).unwrap();
            let mut dialogue = Dialogue { stream: BufReader::new(stream), run, shared };
            // A client that dies in the middle of a dialogue is what this relay is for.
            tokio::select! {
                () = stop.cancelled() => {}
                ended = dialogue.hold() => drop(ended),
            }
            dialogue.shared.traffic.send_modify(|traffic| traffic.open -= 1);
        });
    }
}

struct Dialogue {
    stream: BufReader<TcpStream>,
    run: u32,
    shared: Arc<Shared>,
}

impl Dialogue {
    async fn hold(&mut self) -> std::io::Result<()> {
        self.say("220 relay.example ESMTP").await?;
        let mut to = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.say("250-relay.example\r\n250 8BITMIME").await?,
                "MAIL" => {
                    // A process that lives on takes its connections from one run into the next.
                    self.run = self.shared.run.load(Ordering::SeqCst);
                    self.say("250 ok").await?;
                }
                "RCPT" => {
                    let address = line.split(['<', '>']).nth(1);
                    address.expect("a path in angle brackets").clone_into(&mut to);
                    locked(&self.shared.offered).push(to.clone());
                    self.shared.traffic.send_modify(|traffic| traffic.begun += 1);
                    self.say("250 ok").await?;
                }
                "DATA" => {
                    self.say("354 go on").await?;
                    let Some(bytes) = self.content().await? else { return Ok(()) };
                    self.accept(&to, bytes).await?;
                }
                "QUIT" => return self.say("221 goodbye").await,
                "RSET" | "NOOP" => self.say("250 ok").await?,
                _ => self.say("500 unknown").await?,
            }
        }
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
    }

    /// The mail up to the dot on a line of its own. `None` when the client died before.
    async fn content(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            if line == b".\r\n" {
                return Ok(Some(bytes));
            }
            // RFC 5321 section 4.5.2: a dot at the start of a line was doubled.
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn accept(&mut self, to: &str, bytes: Vec<u8>) -> std::io::Result<()> {
        let Pace { before, after } = self.shared.pace.clone();
        sleep(drawn(before)).await;
        let copy = Copy { run: self.run, at: self.shared.now(), to: to.to_owned(), bytes };
        locked(&self.shared.ledger).append(&copy);
        let mut number = 0;
        self.shared.traffic.send_modify(|traffic| {
            traffic.accepted += 1;
            number = traffic.accepted;
        });
        sleep(drawn(after)).await;
        self.let_go(number).await;
        self.say("250 accepted").await
    }

    /// Returns when this mail may be answered.
    async fn let_go(&self, number: usize) {
        let may = |holds: &Option<usize>| holds.is_none_or(|from| number <= from);
        let mut holds = self.shared.holds.subscribe();
        if may(&holds.borrow_and_update()) {
            return;
        }
        self.shared.traffic.send_modify(|traffic| traffic.held += 1);
        drop(holds.wait_for(may).await);
        self.shared.traffic.send_modify(|traffic| traffic.held -= 1);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many milliseconds, drawn evenly.
pub(crate) fn drawn(from: RangeInclusive<usize>) -> Duration {
    let drawn = from.start() + random_index(from.end() - from.start() + 1);
    Duration::from_millis(u64::try_from(drawn).unwrap())
}
