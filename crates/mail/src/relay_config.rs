//! Which relay, and how: checked before the first mail.

use core::fmt;
use std::net::IpAddr;

use kith_domain::EmailAddress;

use crate::tls::Trust;

/// Most connections that can be configured.
const MOST_CONNECTIONS: usize = 64;

/// How the way to the relay is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, usually port 465.
    ImplicitTls,
    /// `STARTTLS`, usually port 587. Without it nothing is sent.
    StartTls,
    /// None: only for a relay on this machine, and only if the configuration says so.
    PlainLoopback,
}

/// Name and password at the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    user: String,
    password: String,
}

impl Login {
    /// The password comes from a file, never from an argument.
    pub const fn new(user: String, password: String) -> Self {
        Self { user, password }
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// Which relay, and how.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// Host name, which its certificate must have.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS, or none on this machine.
    pub security: Security,
    /// Name for `EHLO`: this service's public host name, never the machine's own.
    pub hello: String,
    /// Envelope sender, to which bounces go.
    pub sender: EmailAddress,
    /// Name and password, if the relay wants them.
    pub login: Option<Login>,
    /// Certificate of one more authority, in PEM, for a private relay.
    pub authority: Option<Vec<u8>>,
    /// Connections at once, 1 to 64. [`Relay::DEFAULT_CONNECTIONS`](crate::Relay::DEFAULT_CONNECTIONS) is a good start.
    pub connections: usize,
}

/// What is wrong with a configuration. The words say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayConfigError {
    /// Plain SMTP to another machine.
    #[error(
        "mail may go without tls only to a relay on this machine (127.0.0.1, ::1 or localhost)"
    )]
    NotLoopback,
    /// A password would travel in the clear.
    #[error("a password for the relay needs tls")]
    LoginWithoutTls,
    /// A name that `EHLO` cannot carry.
    #[error("the name for ehlo must be a host name")]
    Hello,
    /// 0, or too many.
    #[error("connections to the relay must be 1 to 64")]
    Connections,
    /// The sender cannot be written in SMTP.
    #[error("the sender's address cannot be used with smtp")]
    Sender,
    /// The PEM file or the host name is not what TLS needs.
    #[error("the relay's host name or the extra authority's certificate cannot be used for tls")]
    Tls,
}

impl RelayConfig {
    /// What TLS trusts, or `None` where there is none.
    pub(crate) fn check(&self) -> Result<Option<Trust>, RelayConfigError> {
        if !(1..=MOST_CONNECTIONS).contains(&self.connections) {
            return Err(RelayConfigError::Connections);
        }
        let host_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if self.hello.is_empty() || !self.hello.bytes().all(host_name) {
            return Err(RelayConfigError::Hello);
        }
        if self.security != Security::PlainLoopback {
            let trust = Trust::new(&self.host, self.authority.as_deref());
            return trust.map(Some).map_err(|_| RelayConfigError::Tls);
        }
        if !is_loopback_name(&self.host) {
            return Err(RelayConfigError::NotLoopback);
        }
        if self.login.is_some() {
            return Err(RelayConfigError::LoginWithoutTls);
        }
        Ok(None)
    }
}

fn is_loopback_name(host: &str) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
