//! Values that are right once they exist.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use axum::http::Uri;

use super::Secret;

/// Where people reach this Kith: scheme, host and port as a browser writes them in `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    host: String,
}

impl BaseUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !text.contains('#');
        let host = authority.host().to_lowercase();
        // An `@` makes people believe that they are elsewhere.
        if !bare || authority.as_str().contains('@') || host.is_empty() {
            return None;
        }
        let default_port = match scheme {
            "https" => 443,
            "http" if is_loopback(&host) => 80,
            _ => return None,
        };
        let port = match authority.port() {
            None => None,
            Some(port) => Some(port.as_str().parse::<u16>().ok().filter(|port| *port != 0)?),
        };
        let origin = match port.filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Some(Self { origin, host })
    }

    /// Without a slash at the end, so that a path can follow.
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The host alone, in small letters; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether cookies can be bound to TLS.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A server, without its password.
    Postgres {
        /// The user's name, as it stands in an address.
        user: String,
        /// Host, port, name and parameters.
        rest: String,
    },
}

impl DatabaseUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // In memory it would be gone at the next start, and it locks unlike a file.
            let usable = !path.is_empty() && !path.contains('?') && path != ":memory:";
            return usable.then(|| Self::Sqlite(Path::new(path).to_owned()));
        }
        let rest = text.strip_prefix("postgres://").or(text.strip_prefix("postgresql://"))?;
        let (server, _) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = server.split_once('/')?;
        let (user, host) = authority.rsplit_once('@')?;
        let plain = |part: &str| !part.is_empty() && !part.contains([':', '@', '/', '#', ' ']);
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        if !plain(user) || !plain(name) || host.is_empty() || rest.contains("password=") {
            return None;
        }
        let rest = rest.split_once('@')?.1.to_owned();
        Some(Self::Postgres { user: user.to_owned(), rest })
    }

    /// The address that the database library takes. It holds the password: never log it.
    pub fn to_connect(&self, password: Option<&Secret>) -> Secret {
        Secret::new(match (self, password) {
            (Self::Sqlite(path), _) => format!("sqlite://{}", path.display()),
            (Self::Postgres { user, rest }, None) => format!("postgres://{user}@{rest}"),
            (Self::Postgres { user, rest }, Some(password)) => {
                format!("postgres://{user}:{}@{rest}", percent_encoded(password.expose()))
            }
        })
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// One address, or all that share its first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            // Everybody is not a proxy.
            Some(prefix) => prefix.parse().ok().filter(|prefix| (1..=bits).contains(prefix))?,
        };
        Some(Self { address, prefix })
    }

    /// Address and prefix length.
    pub fn parts(&self) -> (IpAddr, u8) {
        (self.address, u8::try_from(self.prefix).unwrap_or(u8::MAX))
    }

    /// Whether an address is in it. IPv4 written as IPv6 (`::ffff:…`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let different = own.to_bits() ^ other.to_bits();
                different.leading_zeros() >= self.prefix.min(32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let different = own.to_bits() ^ other.to_bits();
                different.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

/// How the connection to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayTls {
    /// TLS begins after a greeting in clear; without it nothing is sent (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// No TLS; only for a relay on this machine.
    NoneLoopbackOnly,
}

impl RelayTls {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "starttls" => Some(Self::StartTls),
            "implicit" => Some(Self::Implicit),
            "none-loopback-only" => Some(Self::NoneLoopbackOnly),
            _ => None,
        }
    }
}

/// A name, if there is one, and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    name: Option<String>,
    address: String,
}

impl Mailbox {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, address) = match text.trim().strip_suffix('>').and_then(|t| t.split_once('<')) {
            Some((name, address)) => (Some(name.trim()), address),
            None => (None, text.trim()),
        };
        let (local, domain) = address.split_once('@')?;
        let forbidden = |c: char| c.is_control() || "<>()[]\\,;:\"@".contains(c);
        let atom = |part: &str| {
            !part.is_empty() && part.is_ascii() && !part.contains(|c| forbidden(c) || c == ' ')
        };
        let name = name.filter(|name| !name.is_empty());
        let named = name.is_none_or(|name| name.len() <= 100 && !name.contains(forbidden));
        // RFC 5321, 4.5.3.1: 254 octets are the longest address a path can hold.
        let right = named && atom(local) && atom(domain) && address.len() <= 254;
        right.then(|| Self { name: name.map(str::to_owned), address: address.to_owned() })
    }

    /// What to call the sender.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address alone.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs, an object a line.
    Json,
}

impl LogFormat {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Whether a host is this machine, whatever the resolver says.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = host == "localhost" || host.ends_with(".localhost");
    name || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}
