//! Putting the program together from its configuration.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use kith_app::{App, Delivery, Settings, Transport};
use kith_domain::{Clock, EmailAddress, Ids};
use kith_mail::{Login, Relay, RelayConfig, Security};
use kith_policy::PolicyEngine;
use kith_store::{DatabaseSettings, Store};
use kith_vault::{KeyFile, RandomIds, Vault};

use crate::config::{Config, Database, DatabaseUrl, Mail, RelayTls};
use crate::data_lock::make_database;

/// Mails taken from the outbox at a time.
const MAILS_AT_ONCE: u32 = 50;

/// The use cases over an open database.
pub(crate) async fn app(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<App> {
    let vault = vault(&config.keys.file)?;
    let store = store(&config.database, Arc::clone(&clock)).await?;
    let pending = store.pending_migrations().await.context("the database cannot be read")?;
    if pending > 0 {
        bail!("the database is {pending} changes behind this program; run `kith migrate` first");
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the one engine of the service, over the one decision log of its database"
    )]
    let engine = PolicyEngine::load(Arc::new(store.decision_log()))
        .await
        .context("the policy does not hold, so nothing is served")?;
    let operator = config.reminders.operator_email.as_ref();
    let settings = Settings {
        base_url: config.server.base_url.as_str().to_owned(),
        operator_email: operator
            .map(|to| address("reminders.operator_email", to.address()))
            .transpose()?,
    };
    Ok(App::new(store, vault, engine, clock, ids(), settings))
}

pub(crate) fn ids() -> Arc<dyn Ids> {
    Arc::new(RandomIds)
}

/// The vault with the key of a file.
pub(crate) fn vault(file: &Path) -> anyhow::Result<Vault> {
    let key =
        KeyFile::read(file).with_context(|| format!("`keys.file` names {}", file.display()))?;
    Ok(Vault::new(key))
}

/// Connects to the database.
pub(crate) async fn store(database: &Database, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    if let DatabaseUrl::Sqlite(path) = &database.url
        && !path.exists()
    {
        bail!("there is no database at {}; run `kith migrate` first", path.display());
    }
    let settings = DatabaseSettings {
        url: database.url.to_connect(database.password.as_ref()).expose().to_owned(),
        connections: database.connections.max(2),
        endings: database.endings.clone(),
    };
    Store::open(&settings, ids(), clock)
        .await
        .context("the database cannot be reached; see `database.url` and `database.password_file`")
}

/// Brings the schema up to date, and makes an embedded database that is not there. Says how many
/// changes it made.
pub(crate) async fn migrate(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<usize> {
    if let DatabaseUrl::Sqlite(path) = &config.database.url {
        make_database(path)?;
    }
    let store = store(&config.database, clock).await?;
    let pending = store.pending_migrations().await.context("the database cannot be read")?;
    store.migrate().await.context("the database could not be brought up to date")?;
    Ok(pending)
}

/// The relay that takes our mails. Connects only when the first mail leaves.
pub(crate) fn relay(config: &Config) -> anyhow::Result<Relay> {
    let Mail { relay, port, tls, login, connections, .. } = &config.mail;
    let login =
        login.as_ref().map(|login| Login::new(login.user.clone(), login.password.expose().into()));
    let settings = RelayConfig {
        host: relay.clone(),
        port: *port,
        security: match tls {
            RelayTls::StartTls => Security::StartTls,
            RelayTls::Implicit => Security::ImplicitTls,
            RelayTls::NoneLoopbackOnly => Security::PlainLoopback,
        },
        hello: hello(config.server.base_url.host()),
        sender: address("mail.from", config.mail.from.address())?,
        login,
        authority: None,
        connections: usize::try_from(*connections).unwrap_or(Relay::DEFAULT_CONNECTIONS),
    };
    Relay::new(settings).context("the relay cannot be used as configured; see [mail]")
}

/// How this process delivers mail through `transport`.
pub(crate) fn delivery(config: &Config, transport: Arc<dyn Transport>) -> anyhow::Result<Delivery> {
    let mail = &config.mail;
    let reply_to = mail.reply_to.as_ref();
    Ok(Delivery {
        transport,
        worker: ids().next(),
        from: address("mail.from", mail.from.address())?,
        reply_to: reply_to.map(|to| address("mail.reply_to", to.address())).transpose()?,
        connections: usize::try_from(mail.connections).unwrap_or(Relay::DEFAULT_CONNECTIONS),
        batch: MAILS_AT_ONCE,
        lease_seconds: u32::try_from(config.reminders.lease.as_secs()).unwrap_or(u32::MAX),
        compare_clocks: true,
    })
}

/// An address of the configuration as mails need it.
pub(crate) fn address(key: &str, address: &str) -> anyhow::Result<EmailAddress> {
    // The shape of "kith@localhost" is fine on this machine; mails carry a whole domain.
    EmailAddress::parse(address)
        .or_else(|_| EmailAddress::parse(&format!("{address}.localdomain")))
        .with_context(|| format!("`{key}` is no address that mails can carry"))
}

/// The name for EHLO (RFC 5321 section 4.1.1.1): the public host, never this machine's own.
fn hello(host: &str) -> String {
    let bare = host.trim_matches(['[', ']']);
    if bare.contains(':') { "localhost".to_owned() } else { bare.to_owned() }
}
