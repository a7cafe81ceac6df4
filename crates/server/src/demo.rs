//! `kith demo`: a made-up hospice, time that can be moved forward, and mails that go nowhere.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::civil::Date;
use kith_app::{DEMO_NUMBER, Transport};
use kith_domain::{Clock as _, Timestamp, Zone};
use kith_mail::{Capture, CapturedMail};
use kith_vault::KeyFile;
use kith_web::{DemoDoors, KeptMail};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::cli::DemoArgs;
use crate::clock::{ShiftedClock, SystemClock};
use crate::config::{Config, Overrides};
use crate::data_lock::{DataLock, make_directory};
use crate::serve::{Service, listen, until_stopped};
use crate::{logging, parts, say};

/// Between two looks at what is due: nobody should wait for a mail to show up.
const TICK: std::time::Duration = std::time::Duration::from_secs(1);

/// Where the demonstration lives.
struct Folder {
    path: PathBuf,
    /// Removed at the end, when nobody named a folder.
    _temporary: Option<TempDir>,
}

/// Runs it until somebody stops it.
pub(crate) async fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let folder = Folder::open(args.data.as_deref())?;
    let _lock = DataLock::take(&folder.path.join("kith.db"))?;
    let listener = listen(args.listen).await?;
    let address = listener.local_addr().context("the port has no address")?;
    let config = configuration(&folder.path, address, args.relay.as_deref())?;
    logging::start(&config.log)?;
    let key = &config.keys.file;
    if !key.exists() {
        KeyFile::create(key).with_context(|| key.display().to_string())?;
    }
    let begins = match args.starts {
        None => morning(SystemClock.now())?,
        Some(date) => half_past_eight(date)?,
    };
    let clock = Arc::new(ShiftedClock::starting(begins));
    parts::migrate(&config, Arc::<ShiftedClock>::clone(&clock)).await?;
    let app = Arc::new(parts::app(&config, Arc::<ShiftedClock>::clone(&clock)).await?);
    app.seed_demo().await.context("the demonstration could not be made")?;
    app.seed_demo_circles(args.circles, config.server.base_url.host())
        .await
        .context("the further circles could not be made")?;

    let mails = Arc::new(Capture::open(&folder.path.join("mails"))?);
    let transport: Arc<dyn Transport> = match args.relay {
        None => Arc::<Capture>::clone(&mails),
        Some(_) => Arc::new(parts::relay(&config)?),
    };
    say::line(format_args!("Kith is open at {}/", config.server.base_url));
    say::line(format_args!("Everybody’s own number here is {DEMO_NUMBER}. Ctrl-C ends it."));
    let service = Service {
        app,
        bounces: None,
        listener,
        base_url: config.server.base_url.as_str().to_owned(),
        trusted_proxies: Vec::new(),
        delivery: parts::delivery(&config, transport)?,
        tick: TICK,
        demo: Some(Arc::new(Doors { mails, clock })),
        shutdown: config.server.shutdown,
    };
    until_stopped(service, CancellationToken::new()).await
}

impl Folder {
    fn open(named: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(path) = named {
            make_directory(path)?;
            return Ok(Self { path: path.to_owned(), _temporary: None });
        }
        let temporary = tempfile::Builder::new()
            .prefix("kith-demo-")
            .tempdir()
            .context("no temporary folder can be made; name one with --data")?;
        Ok(Self { path: temporary.path().to_owned(), _temporary: Some(temporary) })
    }
}

/// What a file would say, for a demonstration in `folder`.
fn configuration(
    folder: &Path,
    address: SocketAddr,
    relay: Option<&str>,
) -> anyhow::Result<Config> {
    let path = |name: &str| Some(folder.join(name).display().to_string());
    let (host, port) = match relay {
        None => (None, None),
        Some(relay) => {
            let Some((host, port)) = relay.rsplit_once(':') else {
                bail!("--relay must be a host and a port, such as 127.0.0.1:1025");
            };
            (Some(host.to_owned()), Some(port.to_owned()))
        }
    };
    let flags = Overrides::default()
        .with("--listen", "server.listen", Some(address.to_string()))
        .with("--listen", "server.base_url", Some(format!("http://localhost:{}", address.port())))
        .with("--data", "database.url", path("kith.db").map(|path| format!("sqlite:{path}")))
        .with("--data", "keys.file", path("kith.key"))
        .with("--relay", "mail.relay", host)
        .with("--relay", "mail.port", port)
        .with("kith demo", "mail.from", Some("Kith <kith@fernhill.example>".to_owned()))
        .with("kith demo", "log.filter", Some("warn".to_owned()));
    Ok(Config::load(None, std::iter::empty(), flags)?)
}

/// Now, when it is a morning; else the next half past eight, so that there is a day to look at.
fn morning(now: Timestamp) -> anyhow::Result<Timestamp> {
    let zone = Zone::parse("Europe/London")?;
    let local = zone.local(now);
    if (8..12).contains(&local.hour()) {
        return Ok(now);
    }
    let today = local.date();
    let date = if local.hour() < 8 { today } else { today.tomorrow().context("the last day")? };
    half_past_eight(date)
}

/// Half past eight on a day, where the demonstration's hospice is.
fn half_past_eight(date: Date) -> anyhow::Result<Timestamp> {
    Ok(Zone::parse("Europe/London")?.instant(date.at(8, 30, 0, 0)))
}

/// What only the demonstration can do.
struct Doors {
    mails: Arc<Capture>,
    clock: Arc<ShiftedClock>,
}

impl DemoDoors for Doors {
    fn mails(&self, skip: usize, limit: usize) -> Vec<KeptMail> {
        let mails = self.mails.list(None, skip.saturating_add(limit)).unwrap_or_else(|error| {
            tracing::error!(%error, "the mails of the demonstration cannot be read");
            Vec::new()
        });
        mails.into_iter().skip(skip).map(kept).collect()
    }

    fn mail(&self, id: &str) -> Option<KeptMail> {
        let number = id.parse().ok()?;
        self.mails.get(number).ok().flatten().map(kept)
    }

    fn move_to(&self, at: Timestamp) {
        self.clock.move_to(at);
    }
}

fn kept(mail: CapturedMail) -> KeptMail {
    let at =
        jiff::fmt::rfc2822::parse(&mail.date).map(|date| Timestamp::from_jiff(date.timestamp()));
    KeptMail {
        id: mail.number.to_string(),
        to: mail.to,
        subject: mail.subject,
        at: at.unwrap_or(Timestamp::from_second(0)),
        text: mail.text,
        html: mail.html,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_in_the_morning() {
        let zone = Zone::parse("Europe/London").unwrap();
        let at = |text: &str| zone.instant(text.parse().unwrap());
        let opens = |text: &str| zone.local(morning(at(text)).unwrap()).to_string();
        assert_eq!(opens("2026-11-23T09:15:00"), "2026-11-23T09:15:00");
        assert_eq!(opens("2026-11-23T06:00:00"), "2026-11-23T08:30:00");
        assert_eq!(opens("2026-11-23T12:00:00"), "2026-11-24T08:30:00");
        assert_eq!(opens("2026-11-23T23:59:00"), "2026-11-24T08:30:00");
    }

    #[test]
    fn a_relay_is_a_host_and_a_port() {
        let folder = Path::new("demo");
        let address = "127.0.0.1:9000".parse().unwrap();
        let config = configuration(folder, address, Some("127.0.0.1:1025")).unwrap();
        assert_eq!((config.mail.relay.as_str(), config.mail.port), ("127.0.0.1", 1025));
        assert_eq!(config.server.base_url.as_str(), "http://localhost:9000");
        assert!(configuration(folder, address, Some("nowhere")).is_err());
    }
}
