//! Configuration: read once at start, checked whole, then plain values.
//!
//! From weak to strong: `config/default.toml` (compiled in), the person's own file, variables
//! `KITH_SECTION__KEY`, flags. A key that does not exist and a value that is not allowed are
//! refused with the key's full name and what is allowed. Passwords come from files that only
//! their owner can read, and are in no message and no log.

mod layers;
mod secret;
#[cfg(test)]
mod tests;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::uri::Authority;
use tracing_subscriber::EnvFilter;

pub use layers::{Overrides, environment};
pub use secret::{Secret, SecretError};
pub use values::{BaseUrl, DatabaseUrl, LogFormat, Mailbox, Network, RelayTls};

use layers::Layers;

/// Why a configuration was refused. The words name the key and what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The person's own file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not TOML.
    #[error("{origin} is not written as TOML: {problem}")]
    Syntax {
        /// The file.
        origin: String,
        /// What the reader stumbled over, with the line.
        problem: String,
    },
    /// A key that does not exist, often misspelt.
    #[error("{origin} sets `{key}`, which does not exist; {known}")]
    UnknownKey {
        /// As it was written.
        key: String,
        /// Where it was written.
        origin: String,
        /// The keys there are.
        known: String,
    },
    /// A value that is not allowed.
    #[error("`{key}` is {value} ({origin}); it must be {allowed}")]
    Value {
        /// The key, with its section.
        key: &'static str,
        /// What it was set to, or what can be shown of it.
        value: String,
        /// Where it was set.
        origin: String,
        /// What is allowed.
        allowed: String,
    },
    /// Two values that do not go together.
    #[error("`{key}` and `{other}` do not go together: {rule}")]
    Together {
        /// One key.
        key: &'static str,
        /// The other.
        other: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// A file with a secret cannot be used.
    #[error("`{key}` names {}: {source}", path.display())]
    Secret {
        /// The key that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SecretError,
    },
}

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listening and addresses.
    pub server: Server,
    /// Where the rows are.
    pub database: Database,
    /// Where the key is.
    pub keys: Keys,
    /// How mails leave.
    pub mail: Mail,
    /// How often and how patiently.
    pub reminders: Reminders,
    /// What is logged.
    pub log: Log,
}

/// `[server]`.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Where people reach this Kith.
    pub base_url: BaseUrl,
    /// Proxies that are believed about whom a request comes from.
    pub trusted_proxies: Vec<Network>,
    /// How long work under way may take to finish at the end; 1 to 300 seconds.
    pub shutdown: Duration,
}

/// `[database]`.
#[derive(Debug, Clone)]
pub struct Database {
    /// Which database.
    pub url: DatabaseUrl,
    /// Of the PostgreSQL user, where it needs one.
    pub password: Option<Secret>,
    /// The most connections at once, 1 to 200.
    pub connections: u32,
    /// Where it is written down what ended; beside an embedded database if nothing else is said.
    pub endings: Option<PathBuf>,
}

/// `[keys]`.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The key-encryption key's file. Whether it is there and private is for the vault to say.
    pub file: PathBuf,
}

/// `[mail]`.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Host name or address of the relay.
    pub relay: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: RelayTls,
    /// How to sign in to the relay, if at all.
    pub login: Option<Login>,
    /// Whom mails come from.
    pub from: Mailbox,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<Mailbox>,
    /// The most connections at once, 1 to 50.
    pub connections: u32,
}

/// How to sign in to the relay.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// `[reminders]`.
#[derive(Debug, Clone)]
pub struct Reminders {
    /// Between two looks at what is due; 1 to 30 seconds.
    pub tick: Duration,
    /// After which another process takes over; 2 to 59 seconds, with `tick` at most 60.
    pub lease: Duration,
    /// Who is told once a day that Kith is at work, if anybody.
    pub operator_email: Option<Mailbox>,
}

/// `[log]`.
#[derive(Debug, Clone)]
pub struct Log {
    /// Directives for [`EnvFilter`], which takes them.
    pub filter: String,
    /// For people or for programs.
    pub format: LogFormat,
}

impl Config {
    /// Reads and checks everything. `env` is usually [`environment`].
    pub fn load(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
        flags: Overrides,
    ) -> Result<Self, ConfigError> {
        let layers = Layers::read(file, env, flags)?;
        let config = Self {
            server: server(&layers)?,
            database: database(&layers)?,
            keys: Keys { file: layers.parse("keys.file", "the path of a file", path)? },
            mail: mail(&layers)?,
            reminders: reminders(&layers)?,
            log: log(&layers)?,
        };
        Ok(config)
    }
}

fn server(layers: &Layers) -> Result<Server, ConfigError> {
    let networks = "addresses or networks, such as \"127.0.0.1\" or \"10.1.0.0/16\"";
    Ok(Server {
        listen: layers.parse(
            "server.listen",
            "an address and a port, such as \"127.0.0.1:8000\"",
            |text| text.parse().ok(),
        )?,
        base_url: layers.parse(
            "server.base_url",
            "an address such as \"https://circles.hospice.example\", without a path; http only for \
             this machine",
            BaseUrl::parse,
        )?,
        trusted_proxies: layers.list("server.trusted_proxies", networks, Network::parse)?,
        shutdown: layers.seconds("server.shutdown_seconds", 1, 300)?,
    })
}

fn database(layers: &Layers) -> Result<Database, ConfigError> {
    // A password that somebody wrote into the address must not be shown.
    let url = layers.parse_unseen(
        "database.url",
        "\"sqlite:PATH\" or \"postgres://USER@HOST/NAME\", with the password in \
         `database.password_file`",
        DatabaseUrl::parse,
    )?;
    let password = layers.secret("database.password_file")?;
    if password.is_some() && matches!(url, DatabaseUrl::Sqlite(_)) {
        return Err(ConfigError::Together {
            key: "database.password_file",
            other: "database.url",
            rule: "a SQLite file has no password; what is confidential in it is sealed",
        });
    }
    let endings = layers.optional("database.endings_file", "the path of a file", path)?;
    let endings = endings.or_else(|| match &url {
        DatabaseUrl::Sqlite(file) => Some(with_suffix(file, ".endings")),
        DatabaseUrl::Postgres { .. } => None,
    });
    let connections = layers.number("database.connections", 1, 200)?;
    Ok(Database { url, password, connections, endings })
}

fn mail(layers: &Layers) -> Result<Mail, ConfigError> {
    let relay = layers.parse("mail.relay", "a host name or an address, without a port", host)?;
    let port = layers.number("mail.port", 1, u16::MAX)?;
    let tls = layers.parse(
        "mail.tls",
        "\"starttls\", \"implicit\" or \"none-loopback-only\"",
        RelayTls::parse,
    )?;
    if tls == RelayTls::NoneLoopbackOnly && !values::is_loopback(&relay) {
        return Err(ConfigError::Together {
            key: "mail.tls",
            other: "mail.relay",
            rule: "mails leave this machine only with \"starttls\" or \"implicit\"",
        });
    }
    let user = layers.optional("mail.user", "a name", |text| Some(text.to_owned()))?;
    let login = match (user, layers.secret("mail.password_file")?) {
        (Some(user), Some(password)) => Some(Login { user, password }),
        (None, None) => None,
        _ => {
            return Err(ConfigError::Together {
                key: "mail.user",
                other: "mail.password_file",
                rule: "set both, or neither",
            });
        }
    };
    let mailbox = "an address, or \"Name <address>\"";
    Ok(Mail {
        relay,
        port,
        tls,
        login,
        from: layers.parse("mail.from", mailbox, Mailbox::parse)?,
        reply_to: layers.optional("mail.reply_to", mailbox, Mailbox::parse)?,
        connections: layers.number("mail.connections", 1, 50)?,
    })
}

fn reminders(layers: &Layers) -> Result<Reminders, ConfigError> {
    let tick = layers.seconds("reminders.tick_seconds", 1, 30)?;
    let lease = layers.seconds("reminders.lease_seconds", 2, 59)?;
    if tick + lease > Duration::from_mins(1) {
        return Err(ConfigError::Together {
            key: "reminders.tick_seconds",
            other: "reminders.lease_seconds",
            rule: "together they may be 60 at most, so that a minute after a process died its \
                   mails go out",
        });
    }
    let operator_email = layers.optional(
        "reminders.operator_email",
        "an address, or \"Name <address>\"",
        Mailbox::parse,
    )?;
    Ok(Reminders { tick, lease, operator_email })
}

fn log(layers: &Layers) -> Result<Log, ConfigError> {
    Ok(Log {
        filter: layers.parse(
            "log.filter",
            "\"error\", \"warn\", \"info\", \"debug\" or \"trace\", or directives such as \
             \"info,kith_app=debug\"",
            |text| {
                EnvFilter::builder().parse(text).ok()?;
                (!text.trim().is_empty()).then(|| text.to_owned())
            },
        )?,
        format: layers.parse("log.format", "\"text\" or \"json\"", LogFormat::parse)?,
    })
}

/// The path with something added to its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

fn host(text: &str) -> Option<String> {
    let address = text.parse::<std::net::IpAddr>().is_ok();
    let name = text.parse::<Authority>().is_ok_and(|authority| authority.host() == text);
    (address || name).then(|| text.to_owned())
}
