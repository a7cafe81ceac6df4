//! A PostgreSQL cluster that lives as long as one run: made in a temporary folder, on a free
//! port of the loopback address, and removed at the end.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Signal, geteuid};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::process::{Child, Command};

use crate::process::{Runner, command, end};
use crate::say::say;

/// The user that Debian's package makes; `initdb` refuses to work as root.
const USER: &str = "postgres";

const MAKE_LIMIT: Duration = Duration::from_mins(2);
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running cluster. End it with [`Cluster::stop`]; one that is dropped is killed.
#[derive(Debug)]
pub(crate) struct Cluster {
    server: Child,
    port: u16,
    _kept: TcpSocket,
    folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and waits until it answers.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start; its log is printed then.
    pub(crate) async fn start(runner: &mut Runner) -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL is not installed (Debian: postgresql)")?;
        let folder = tempfile::Builder::new().prefix("kith-postgres-").tempdir()?;
        let owner = owner().await?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        // The server refuses a folder that others may read.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700))?;
        let data = folder.path().join("data");
        let make = [
            "--pgdata".as_ref(),
            data.as_os_str(),
            "--username=postgres".as_ref(),
            "--auth=trust".as_ref(),
            "--encoding=UTF8".as_ref(),
            "--locale=C".as_ref(),
            "--no-sync".as_ref(),
        ];
        let mut initdb = as_owner(folder.path(), owner, &programs.join("initdb"));
        initdb.args(make).stdout(std::process::Stdio::null());
        runner.run(initdb, MAKE_LIMIT).await?;

        let (kept, port) = kept_port()?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut server = as_owner(folder.path(), owner, &programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(folder.path()).arg("-p").arg(port.to_string());
        for setting in [
            "listen_addresses=127.0.0.1",
            // As in earnest: what was committed must survive a crash in these tests too.
            "fsync=on",
            "max_connections=300",
            "timezone=UTC",
        ] {
            server.arg("-c").arg(setting);
        }
        let server = server
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("PostgreSQL cannot be started")?;
        let mut cluster = Self { server, port, _kept: kept, folder };
        if let Err(error) = cluster.wait_until_it_answers(&programs).await {
            let log = cluster.folder.path().join("log");
            say(&std::fs::read_to_string(log).unwrap_or_default());
            cluster.stop().await?;
            return Err(error);
        }
        Ok(cluster)
    }

    /// Where it answers, with every right and no password.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server, cutting its connections, and removes the folder.
    ///
    /// # Errors
    /// When the server cannot be waited for, or the folder cannot be removed.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        end(&mut self.server, Signal::INT).await?;
        self.folder.close().context("the folder of PostgreSQL cannot be removed")
    }

    async fn wait_until_it_answers(&mut self, programs: &Path) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + START_LIMIT;
        loop {
            let mut ready = Command::new(programs.join("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if ready.status().await?.success() {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                bail!("PostgreSQL ended with {status}");
            }
            if tokio::time::Instant::now() > deadline {
                bail!("PostgreSQL did not answer within {} seconds", START_LIMIT.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The folder of `initdb` and `postgres`: of the newest version among Debian's, or on the path.
pub(crate) fn programs() -> Option<PathBuf> {
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).is_file())
    };
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    debian
        .map(|entry| entry.path().join("bin"))
        .filter(has_all)
        .max_by_key(version)
        .or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(has_all))
}

/// The user and group the server runs as, where that is not ourselves.
async fn owner() -> anyhow::Result<Option<(u32, u32)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let id = async |what: &str| -> anyhow::Result<u32> {
        let output = Command::new("id").args([what, USER]).output().await?;
        let number = String::from_utf8_lossy(&output.stdout);
        number.trim().parse().with_context(|| format!("there is no user `{USER}`"))
    };
    Ok(Some((id("-u").await?, id("-g").await?)))
}

/// A command that runs as the owner of the cluster.
fn as_owner(folder: &Path, owner: Option<(u32, u32)>, program: &Path) -> Command {
    let Some((user, group)) = owner else {
        let mut direct = command(folder, "setpriv", &["--pdeathsig=INT", "--"]);
        direct.arg(program);
        return direct;
    };
    let (user, group) = (format!("--reuid={user}"), format!("--regid={group}"));
    // Were this program killed, the kernel would stop the server.
    let options = [user.as_str(), group.as_str(), "--clear-groups", "--pdeathsig=INT", "--"];
    let mut other = command(folder, "setpriv", &options);
    other.arg(program).env("HOME", folder);
    other
}

/// A port, and what keeps it from others until the server listens on it and after: bound to it,
/// without listening. A server that reuses addresses may be bound to it as well.
fn kept_port() -> anyhow::Result<(TcpSocket, u16)> {
    let kept = TcpSocket::new_v4()?;
    kept.set_reuseaddr(true)?;
    kept.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let port = kept.local_addr()?.port();
    Ok((kept, port))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_cluster_answers_until_it_is_stopped_and_leaves_nothing() {
        let mut runner = Runner::new(Path::new(".")).unwrap();
        let cluster = Cluster::start(&mut runner).await.unwrap();
        let (port, folder) = (cluster.port, cluster.folder.path().to_owned());
        assert_eq!(cluster.url(), format!("postgres://postgres@127.0.0.1:{port}/postgres"));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        cluster.stop().await.unwrap();
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        assert!(!folder.exists());
    }
}
