//! How a dialogue with a relay fails, and what that means for the mail.

use std::error::Error as _;
use std::ops::RangeInclusive;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use crate::reply::About;
use crate::tls::is_tls_error;
use crate::transport::{DeliveryError, Reason};

/// What is asked for was done (RFC 5321 section 4.2.1).
pub(super) const DONE: RangeInclusive<u16> = 200..=299;
/// The content may come (RFC 5321 section 3.3: after no other answer).
pub(super) const GO_ON: RangeInclusive<u16> = 354..=354;

/// Why one step of a dialogue failed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    Code(u16, About),
    TimedOut,
    /// No connection any more, no SMTP, or an answer to something else than what was asked.
    Broken,
    Tls,
    Unsupported,
}

/// How far a mail came before it failed.
#[derive(Debug)]
pub(super) enum Attempt {
    /// The sender was not accepted, or the connection was dead: nothing about this mail.
    NotBegun(Failure),
    /// It is about this recipient or this content.
    Begun(Failure),
    /// The same, and nobody knows what the next answer on this connection belongs to.
    Astray(Failure),
    /// Refused by ourselves, for what the relay cannot do.
    Refused(u16),
}

/// One command and its answer, within the time for one.
pub(super) async fn within<T>(
    limit: Duration,
    command: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    match timeout(limit, command).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(match error.status() {
            Some(code) => {
                let text = error.source().map(ToString::to_string).unwrap_or_default();
                Failure::Code(u16::from(code), About::read(&text))
            }
            None if is_tls_error(&error) => Failure::Tls,
            None if error.is_client() => Failure::Unsupported,
            None if error.is_timeout() => Failure::TimedOut,
            None => Failure::Broken,
        }),
        Err(_) => Err(Failure::TimedOut),
    }
}

/// The reply code, if it answers what was asked. Another positive one belongs to something else: to
/// go on would be to take each answer for that of the command before.
pub(super) fn answering(
    expected: &RangeInclusive<u16>,
    answer: Result<Response, Failure>,
) -> Result<u16, Failure> {
    let code = u16::from(answer?.code());
    if expected.contains(&code) { Ok(code) } else { Err(Failure::Broken) }
}

impl From<Attempt> for DeliveryError {
    fn from(attempt: Attempt) -> Self {
        match attempt {
            Attempt::NotBegun(failure) => before_any_mail(failure),
            Attempt::Begun(Failure::Code(code, about))
            | Attempt::Astray(Failure::Code(code, about))
                if code >= 500 =>
            {
                Self::Refused { code, address: about == About::Address }
            }
            Attempt::Begun(failure) | Attempt::Astray(failure) => Self::Retry(failure.reason()),
            Attempt::Refused(code) => Self::Refused { code, address: true },
        }
    }
}

impl Failure {
    pub(super) const fn of_recipient(self) -> Self {
        match self {
            Self::Code(code, about) => Self::Code(code, about.of_recipient(code)),
            other => other,
        }
    }

    pub(super) const fn is_code(self) -> bool {
        matches!(self, Self::Code(..))
    }

    const fn reason(self) -> Reason {
        match self {
            Self::Code(code, _) => Reason::Code(code),
            Self::TimedOut => Reason::TimedOut,
            Self::Broken => Reason::Broken,
            Self::Tls => Reason::Tls,
            Self::Unsupported => Reason::NoLogin,
        }
    }
}

/// A failure that has nothing to do with any one mail: for good when the relay says so, or when
/// it cannot be trusted.
pub(super) fn before_any_mail(failure: Failure) -> DeliveryError {
    let reason = failure.reason();
    match failure {
        Failure::Code(code, _) if code >= 500 => DeliveryError::RelayDown(reason),
        Failure::Tls | Failure::Unsupported => DeliveryError::RelayDown(reason),
        _ => DeliveryError::Retry(reason),
    }
}
