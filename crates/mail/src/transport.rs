//! Handing a mail over, and what can come of it.

use core::fmt;

use async_trait::async_trait;
use kith_domain::EmailAddress;

/// Somebody who takes mails: a relay, or a folder in the demo.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Hands `bytes` over for one recipient, and returns once they were accepted.
    ///
    /// Dropping the future ends the attempt; whether the mail was accepted is then not known.
    async fn deliver(&self, to: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError>;
}

/// The mail was accepted, and is somebody else's to keep now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Reply code of the relay, 2xx.
    pub code: u16,
}

/// Why a mail was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Trying again later may help: the network, a 4xx reply, a full disk.
    #[error("not delivered yet: {0}")]
    Retry(Reason),
    /// The relay will never take this mail: a 5xx reply to recipient or content. It was not
    /// delivered, and a person has to know.
    #[error("refused for good: code {code}")]
    Refused {
        /// Reply code of the relay, 5xx.
        code: u16,
        /// The reply is about the recipient's address: nothing that is sent there arrives.
        address: bool,
    },
    /// The relay takes no mail of ours at all: a 5xx reply before any recipient, or no TLS. Pause
    /// instead of spending every mail's attempts, and tell an operator.
    #[error("the relay does not work: {0}")]
    RelayDown(Reason),
}

/// A short word or number. Never the relay's own text, which may repeat an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Reply code of the relay.
    Code(u16),
    /// No connection.
    Connect,
    /// No answer in time.
    TimedOut,
    /// The connection broke, or the answer was not SMTP.
    Broken,
    /// The relay's certificate was not accepted, or TLS failed otherwise.
    Tls,
    /// The relay does not offer STARTTLS.
    NoTls,
    /// The relay offers no way of signing in that we know.
    NoLogin,
    /// The folder could not be written to.
    Disk,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(code) => return write!(f, "code {code}"),
            Self::Connect => "no connection",
            Self::TimedOut => "no answer in time",
            Self::Broken => "connection broke",
            Self::Tls => "tls failed",
            Self::NoTls => "no starttls",
            Self::NoLogin => "no known way to sign in",
            Self::Disk => "folder not writable",
        })
    }
}
