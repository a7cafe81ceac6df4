//! The use cases over a database of their own, with a clock that is moved by hand.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use kith_app::{App, DemoPerson, Settings, Visit};
use kith_domain::{Clock, Ids, Timestamp};
use kith_policy::PolicyEngine;
use kith_store::{DatabaseSettings, Store};
use kith_vault::{KeyFile, RandomIds, Vault};
use rusqlite::Connection;

/// Stands where it was set.
#[derive(Debug)]
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.as_second(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst))
    }
}

/// Everything but web and scheduler.
pub(crate) struct Workshop {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) file: PathBuf,
}

impl Workshop {
    /// Opens the database of a folder, and makes it where there is none.
    pub(crate) async fn open(folder: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let (file, key) = (folder.join("kith.db"), folder.join("kith.key"));
        let key = if key.exists() { KeyFile::read(&key) } else { KeyFile::create(&key) };
        let clock = Arc::new(SetClock(AtomicI64::new(now.as_second())));
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let settings = DatabaseSettings { url, connections: 8, endings: None };
        let ids: Arc<dyn Ids> = Arc::new(RandomIds);
        let own: Arc<dyn Clock> = Arc::<SetClock>::clone(&clock);
        let store = Store::open(&settings, Arc::clone(&ids), Arc::clone(&own)).await?;
        store.migrate().await?;
        #[expect(clippy::disallowed_methods, reason = "it is the one engine of this process")]
        let engine = PolicyEngine::load(Arc::new(store.decision_log())).await?;
        let settings =
            Settings { base_url: "http://localhost:8000".to_owned(), operator_email: None };
        let app = App::new(store, Vault::new(key?), engine, own, ids, settings);
        Ok(Self { app: Arc::new(app), clock, file })
    }

    /// The same database beside the store, with the same care for the disk.
    pub(crate) fn beside(&self) -> anyhow::Result<Connection> {
        let beside = Connection::open(&self.file).context("the database can be opened")?;
        beside.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; \
             PRAGMA cache_size = -8000; PRAGMA secure_delete = ON; PRAGMA temp_store = memory;",
        )?;
        Ok(beside)
    }

    /// Comes in through a door of the demonstration.
    pub(crate) async fn visit_of(&self, who: DemoPerson) -> anyhow::Result<Visit> {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let nobody = self.app.visit("localhost", None, None, here).await?;
        let new = self.app.demo_come_in(&nobody, who).await?;
        let device = new.device.as_ref().map(|secret| secret.as_str().to_owned());
        Ok(self.app.visit("localhost", Some(new.session.as_str()), device.as_deref(), here).await?)
    }
}
