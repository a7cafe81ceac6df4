//! `kith doctor`: of each part, "fine" or what to do.

use std::sync::Arc;

use crate::clock::SystemClock;
use crate::config::{Config, ConfigError};
use crate::{endings, parts, say};

/// Looks at everything that serving needs. True when all is fine.
pub(crate) async fn run(config: Result<Config, ConfigError>) -> bool {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            report("configuration", Err(anyhow::Error::new(error)));
            return false;
        }
    };
    let mut fine = report("configuration", Ok(config.server.base_url.to_string()));
    fine &= report("policy", policy().await);
    fine &= report("key", key(&config));
    fine &= report("database", database(&config).await);
    fine &= report("endings", endings::look(&config.database).await);
    fine &= report("mail relay", relay(&config).await);
    match &config.reminders.operator_email {
        Some(to) => _ = report("daily mail", Ok(format!("at 7am to {}", to.address()))),
        None => say::line(format_args!(
            "{:<14} none     nobody hears when Kith stops; see `reminders.operator_email`",
            "daily mail"
        )),
    }
    if fine {
        say::line("\nAll is fine: `kith serve` can start.");
    }
    fine
}

/// One line; true when it is fine.
fn report(what: &str, found: anyhow::Result<String>) -> bool {
    match found {
        Ok(detail) => {
            say::line(format_args!("{what:<14} fine     {detail}"));
            true
        }
        Err(error) => {
            say::line(format_args!("{what:<14} NOT FINE {}", say::chain(&error)));
            false
        }
    }
}

async fn policy() -> anyhow::Result<String> {
    kith_policy::report::check_report().await?;
    Ok("all invariants hold".to_owned())
}

fn key(config: &Config) -> anyhow::Result<String> {
    parts::vault(&config.keys.file)?;
    Ok(format!("{}; keep a copy apart from the backups", config.keys.file.display()))
}

async fn database(config: &Config) -> anyhow::Result<String> {
    let app = parts::app(config, Arc::new(SystemClock)).await?;
    let health = app.health().await;
    anyhow::ensure!(health.database, "it does not answer");
    anyhow::ensure!(
        app.clocks_agree().await?,
        "its clock is {} seconds from this machine's; set both by a time server",
        app.health().await.clocks_apart
    );
    if let Some(last) = app.restoration().await?.filter(|last| last.resumed_at.is_none()) {
        anyhow::bail!(
            "an older copy was put in place at {}, and mails are held; when all is as it should be, run \
             `kith resume`",
            last.restored_at
        );
    }
    app.check_keys().await.map_err(|error| {
        anyhow::anyhow!("the key file does not belong to this database: {error}")
    })?;
    match app.organisations().await?.len() {
        0 => anyhow::bail!(
            "it is up to date, but there is no organisation; run `kith organisation add`"
        ),
        1 => Ok("up to date, 1 organisation".to_owned()),
        several => Ok(format!("up to date, {several} organisations")),
    }
}

async fn relay(config: &Config) -> anyhow::Result<String> {
    let mail = &config.mail;
    parts::relay(config)?.check().await.map_err(|error| {
        anyhow::anyhow!("{}:{} does not take our mails: {error}; see [mail]", mail.relay, mail.port)
    })?;
    Ok(format!("{}:{} answers", mail.relay, mail.port))
}
