//! Postfix's own `smtp-sink` and `smtp-source`, which measure mail servers. Neither is a daemon.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(20);

/// Where Debian has it: not on everybody's path.
fn program(name: &str) -> PathBuf {
    let debian = Path::new("/usr/sbin").join(name);
    if debian.exists() { debian } else { PathBuf::from(name) }
}

/// A mail server that takes everything and keeps nothing. Ended when dropped.
pub(crate) struct Sink {
    _process: Child,
    pub(crate) port: u16,
}

impl Sink {
    pub(crate) async fn start(connections: usize) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let mut command = Command::new(program("smtp-sink"));
        if rustix::process::geteuid().is_root() {
            // It wants to be told which user it is then.
            command.args(["-u", "nobody"]);
        }
        let process = command
            .arg(format!("127.0.0.1:{port}"))
            .arg(connections.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("smtp-sink is needed (Debian: postfix, which need not run)")?;
        let answers = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, answers).await.context("smtp-sink does not answer")?;
        Ok(Self { _process: process, port })
    }
}

/// How long `smtp-source` takes for so many mails of so many bytes over connections that it keeps.
pub(crate) async fn source(
    port: u16,
    connections: usize,
    mails: usize,
    length: usize,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let ended = Command::new(program("smtp-source"))
        .args(["-d", "-s", &connections.to_string(), "-m", &mails.to_string()])
        .args(["-l", &length.to_string(), "-f", "kith@kith.example", "-t", "ann@mail.example"])
        .arg(format!("127.0.0.1:{port}"))
        .stdin(Stdio::null())
        .status()
        .await
        .context("smtp-source is needed (Debian: postfix, which need not run)")?;
    ensure!(ended.success(), "smtp-source: {ended}");
    Ok(began.elapsed())
}
