//! The program itself, as its own process.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{interval, timeout};
use tokio_util::task::TaskTracker;

use crate::house::House;

/// Seconds that `kith` may take to stop: what `server.shutdown_seconds` is set to.
const SHUTDOWN_SECONDS: u64 = 20;
/// Seconds after which what a process held is another's: the program's own.
pub(crate) const LEASE: u32 = 45;
/// The longest that a test waits for the program to serve, or to stop that.
const PATIENCE: Duration = Duration::from_mins(1);

/// `kith serve`. Killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    serving: watch::Receiver<bool>,
    reading: TaskTracker,
}

impl Process {
    /// Starts it over the database of `house`, with a relay on this port that takes
    /// `connections` mails at once, and this lease in seconds.
    pub(crate) async fn start(house: &House, relay: u16, connections: usize, lease: u32) -> Self {
        let mut child = Command::new(kith_tests::program().await)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("KITH_SERVER__SHUTDOWN_SECONDS", SHUTDOWN_SECONDS.to_string())
            .env("KITH_DATABASE__URL", house.database_url())
            .env("KITH_KEYS__FILE", house.key_file())
            .env("KITH_MAIL__RELAY", "127.0.0.1")
            .env("KITH_MAIL__PORT", relay.to_string())
            .env("KITH_MAIL__TLS", "none-loopback-only")
            .env("KITH_MAIL__CONNECTIONS", connections.to_string())
            .env("KITH_REMINDERS__TICK_SECONDS", "1")
            .env("KITH_REMINDERS__LEASE_SECONDS", lease.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (served, serving) = watch::channel(false);
        let reading = TaskTracker::new();
        let kept = Arc::clone(&lines);
        reading.spawn(async move {
            let mut said = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = said.next_line().await {
                let is_up = line.contains(" serving ");
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                if is_up {
                    served.send_replace(true);
                }
            }
        });
        reading.close();
        Self { child, lines, serving, reading }
    }

    /// Returns when it serves.
    pub(crate) async fn ready(&mut self) {
        let serving = self.serving.wait_for(|serving| *serving);
        let served = timeout(PATIENCE, serving).await.expect("it serves within a minute").is_ok();
        assert!(served, "it ended instead of serving: {:#?}", self.said());
    }

    /// Where it serves, once it does.
    pub(crate) async fn address(&mut self) -> String {
        self.ready().await;
        let said = self.said();
        let line = said.iter().find(|line| line.contains(" serving ")).unwrap();
        let (_, address) = line.rsplit_once("address=").unwrap();
        address.trim().to_owned()
    }

    /// `kill -9`. Returns when the process is gone, with what it had said.
    pub(crate) async fn kill(mut self) -> Vec<String> {
        let already = self.child.try_wait().unwrap();
        assert_eq!(already, None, "it ended by itself: {:#?}", self.said());
        self.child.kill().await.unwrap();
        self.ended().await
    }

    /// `kill -TERM`. Returns when the process lets nobody in any more, and so has heard it.
    pub(crate) async fn begin_to_stop(&mut self) {
        let address = self.address().await;
        self.signal_to_stop();
        let mut looks = interval(Duration::from_millis(5));
        let heard = async {
            while TcpStream::connect(&address).await.is_ok() {
                looks.tick().await;
            }
        };
        timeout(PATIENCE, heard).await.expect("it hears that it is to stop");
    }

    /// `kill -TERM`. Returns when the process has ended, with what it had said.
    pub(crate) async fn terminate(self) -> (ExitStatus, Vec<String>) {
        self.signal_to_stop();
        self.stopped().await
    }

    fn signal_to_stop(&self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        kill_process(id.expect("it is alive"), Signal::TERM).unwrap();
    }

    /// Returns when the process, which was told to stop, has ended; with what it had said.
    pub(crate) async fn stopped(mut self) -> (ExitStatus, Vec<String>) {
        let grace = Duration::from_secs(SHUTDOWN_SECONDS);
        let status = timeout(grace, self.child.wait()).await.expect("it stops in time").unwrap();
        (status, self.ended().await)
    }

    async fn ended(self) -> Vec<String> {
        self.reading.wait().await;
        self.said()
    }

    fn said(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Lines that tell of something that must not happen, whenever a process is killed.
pub(crate) fn complaints(said: &[String]) -> Vec<&String> {
    said.iter().filter(|line| line.contains("ERROR") || line.contains("panicked")).collect()
}
