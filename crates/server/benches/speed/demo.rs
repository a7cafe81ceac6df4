//! `kith demo` as a process of its own, as people run it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::http::{Answer, Connection, get};

/// Hundredths of a second of work in one sample that still count as none.
const IDLE: u64 = 4;
/// How long it is watched at a time.
const SAMPLE: Duration = Duration::from_secs(2);

/// A running demonstration.
pub(crate) struct Demo {
    process: Child,
    pub(crate) port: u16,
}

impl Demo {
    /// Starts it on a folder, and makes circles where there are fewer.
    pub(crate) async fn start(folder: &Path, circles: u32) -> anyhow::Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kith"))
            .args(["demo", "--listen", "127.0.0.1:0", "--circles", &circles.to_string(), "--data"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the program cannot be started")?;
        let said = process.stdout.take().context("it says nothing")?;
        let mut lines = BufReader::new(said).lines();
        while let Some(line) = lines.next_line().await? {
            let Some((_, port)) = line.trim_end_matches('/').rsplit_once("localhost:") else {
                continue;
            };
            return Ok(Self { process, port: port.parse()? });
        }
        bail!("`kith demo` ended before it was open")
    }

    /// Ends it as an operator would.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.id()?;
        let process = Pid::from_raw(id).context("a process without an id")?;
        kill_process(process, Signal::TERM)?;
        self.process.wait().await?;
        Ok(())
    }

    /// Returns once it does next to nothing: at most [`IDLE`] of work in one [`SAMPLE`] of time. It
    /// ticks every few seconds, so that less would never be seen.
    pub(crate) async fn until_idle(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut before = self.ticks()?;
        loop {
            sleep(SAMPLE).await;
            let now = self.ticks()?;
            if now.saturating_sub(before) <= IDLE {
                return Ok(());
            }
            if began.elapsed() > Duration::from_mins(4) {
                bail!("`kith demo` is never idle");
            }
            before = now;
        }
    }

    /// Resident memory in bytes (`VmRSS`, proc(5)).
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next());
        let kibibytes: u64 = kibibytes.context("no VmRSS")?.parse()?;
        Ok(kibibytes * 1024)
    }

    /// Hundredths of a second that it has worked (`utime` and `stime`, proc(5)).
    fn ticks(&self) -> anyhow::Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
        let mut fields = after.split(' ').skip(11);
        let mut next = || fields.next().and_then(|field| field.parse::<u64>().ok());
        next().zip(next()).map(|(user, system)| user + system).context("no times in stat")
    }

    fn id(&self) -> anyhow::Result<i32> {
        Ok(self.process.id().context("it has ended")?.try_into()?)
    }

    /// Comes in through a door, and returns the cookies.
    pub(crate) async fn come_in(&self, who: &str) -> anyhow::Result<String> {
        let form = format!("who={who}&receipt=8f14e45f-ceea-467f-9c1d-2f3a4b5c6d7e");
        let request = format!(
            "POST /demo/be HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let answer = Connection::open(self.port).await?.ask(request.as_bytes()).await?;
        let cookies: Vec<&str> = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .filter_map(|(_, value)| value.split(';').next())
            .collect();
        if cookies.is_empty() {
            bail!("{who} cannot come in: {} {}", answer.status, answer.text());
        }
        Ok(cookies.join("; "))
    }

    /// A page, which must be there.
    pub(crate) async fn page(&self, path: &str, cookies: &str) -> anyhow::Result<Answer> {
        let answer = Connection::open(self.port).await?.ask(&get(path, cookies)).await?;
        if answer.status != 200 {
            bail!("{path} answers {}", answer.status);
        }
        Ok(answer)
    }
}
