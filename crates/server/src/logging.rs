//! Where log lines go and which. What they may hold is in `docs/logging.md`.

use anyhow::Context as _;
use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{Log, LogFormat};

/// Libraries whose lines may hold values of rows, addresses or whole requests: never logged,
/// whatever the filter says. Of the others only what goes wrong.
const NEVER: &[&str] = &["sqlx", "sea_orm", "sea_orm_migration", "lettre", "hyper", "rustls", "h2"];

/// Starts logging to standard error. Only the first call of a process counts.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).context("the log filter cannot be used")?;
    let quiet = filter_fn(|about| {
        let library = about.target().split("::").next().unwrap_or_default();
        let ours = library == "kith" || library.starts_with("kith_");
        ours || (*about.level() <= Level::WARN && !NEVER.contains(&library))
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(quiet))
        .with(filter)
        .try_init()
        .context("logging was started before")
}
