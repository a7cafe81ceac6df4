//! An SMTP relay, over a few connections that are kept.
//!
//! lettre speaks the protocol; opening sockets and keeping them is done here, because lettre does
//! not set `TCP_NODELAY` and then waits 44 ms a message for the peer's delayed acknowledgement, and
//! because its pool does not bound the connections in use. Nothing of the dialogue is logged.

mod opening;

use core::fmt;
use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kith_domain::EmailAddress;
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use self::opening::Opening;
use crate::relay_config::{RelayConfig, RelayConfigError, Security};
use crate::reply::About;
use crate::tls::{Trust, is_tls_error};
use crate::transport::{Accepted, DeliveryError, Reason, Transport};

/// How long a relay is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For one command and its whole answer.
    pub command: Duration,
    /// For one mail, with the connection that it may need.
    pub attempt: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            attempt: Duration::from_mins(2),
        }
    }
}

/// Relays close what is idle for some minutes; a connection is not kept that long.
const IDLE: Duration = Duration::from_mins(1);
/// Mails over one connection, after which a fresh one spreads the load among a relay's hosts.
const MAILS_A_CONNECTION: u32 = 100;

/// A relay and the connections to it.
pub struct Relay {
    config: RelayConfig,
    sender: Address,
    trust: Option<Trust>,
    slots: Semaphore,
    idle: Mutex<Vec<Connection>>,
    limits: Limits,
    /// It hung up when it was asked whether it takes commands together: it is not asked again.
    dislikes_questions: AtomicBool,
}

struct Connection {
    smtp: AsyncSmtpConnection,
    /// The relay takes commands together (RFC 2920).
    together: bool,
    mails: u32,
    since: Instant,
}

/// Why one step of a dialogue failed.
#[derive(Clone, Copy)]
enum Failure {
    Code(u16, About),
    TimedOut,
    Broken,
    Tls,
    Unsupported,
}

impl Relay {
    /// Connections at once, when nothing else is configured.
    pub const DEFAULT_CONNECTIONS: usize = 4;

    /// Checks a configuration. Connects only when the first mail is delivered.
    pub fn new(config: RelayConfig) -> Result<Self, RelayConfigError> {
        let trust = config.check()?;
        Ok(Self {
            sender: config.sender.as_str().parse().map_err(|_| RelayConfigError::Sender)?,
            trust,
            slots: Semaphore::new(config.connections),
            idle: Mutex::new(Vec::with_capacity(config.connections)),
            config,
            limits: Limits::default(),
            dislikes_questions: AtomicBool::new(false),
        })
    }

    /// The same relay, waited for as long as this.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Connects, secures the connection, signs in and says goodbye: whether mails could be handed
    /// over now.
    pub async fn check(&self) -> Result<(), DeliveryError> {
        let retry = || DeliveryError::Retry(Reason::TimedOut);
        let mut connection =
            timeout(self.limits.attempt, self.connect()).await.map_err(|_| retry())??;
        // It greeted us and let us in; how it takes leave says nothing more.
        drop(self.step(connection.smtp.quit()).await);
        Ok(())
    }

    /// Says goodbye on the connections that are idle. Call it when nothing is delivered any more.
    pub async fn close(&self) {
        let idle = core::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for mut connection in idle {
            // Whether the relay answers makes no difference to anybody.
            drop(self.step(connection.smtp.quit()).await);
        }
    }

    async fn attempt(&self, to: &Address, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        if let Some(kept) = self.take_idle() {
            match self.send(kept, to, bytes).await {
                // The relay closed it meanwhile, before anything was said about this mail.
                Err(Attempt::NotBegun(Failure::Broken | Failure::Code(421, _))) => {}
                Ok(accepted) => return Ok(accepted),
                Err(attempt) => return Err(attempt.into()),
            }
        }
        Ok(self.send(self.connect().await?, to, bytes).await?)
    }

    /// One mail over one connection, which is kept if it is still good.
    async fn send(
        &self,
        mut connection: Connection,
        to: &Address,
        bytes: &[u8],
    ) -> Result<Accepted, Attempt> {
        let smtp = &mut connection.smtp;
        let mut parameters = Vec::new();
        let ascii = AsRef::<str>::as_ref(to).is_ascii();
        if !ascii {
            if !smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
                self.keep(connection);
                // RFC 6531 section 3.5: the mailbox name is not allowed.
                return Err(Attempt::Refused(553));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let opening = Opening {
            mail: Mail::new(Some(self.sender.clone()), parameters),
            recipient: Rcpt::new(to.clone(), Vec::new()),
        };
        let content = if connection.together {
            self.open_at_once(smtp, opening).await
        } else {
            self.open_by_steps(smtp, opening).await
        };
        let taken = match content {
            Ok(()) => self.step(smtp.message(bytes)).await.map_err(Attempt::Begun),
            Err(attempt) => Err(attempt),
        };
        match taken {
            Ok(response) => {
                self.keep(connection);
                Ok(Accepted { code: u16::from(response.code()) })
            }
            Err(Attempt::Begun(failure)) => {
                self.keep_after_reset(connection, failure).await;
                Err(Attempt::Begun(failure))
            }
            Err(attempt) => Err(attempt),
        }
    }

    /// A connection over which mails can be handed over.
    async fn connect(&self) -> Result<Connection, DeliveryError> {
        let hello = ClientId::Domain(self.config.hello.clone());
        let mut smtp = self.greet(&hello).await?;
        let mut together = false;
        if !self.dislikes_questions.load(Ordering::Relaxed) {
            if let Some(answer) = self.takes_commands_together(&mut smtp, &hello).await {
                together = answer;
            } else {
                self.dislikes_questions.store(true, Ordering::Relaxed);
                smtp = self.greet(&hello).await?;
            }
        }
        if let Some(login) = &self.config.login {
            let credentials =
                Credentials::new(login.user().to_owned(), login.password().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            self.step(smtp.auth(&mechanisms, &credentials)).await.map_err(before_any_mail)?;
        }
        Ok(Connection { smtp, together, mails: 0, since: Instant::now() })
    }

    /// Connects, and secures the connection.
    async fn greet(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, DeliveryError> {
        let address = (self.config.host.trim_matches(['[', ']']), self.config.port);
        let stream = match timeout(self.limits.connect, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) => return Err(DeliveryError::Retry(Reason::Connect)),
            Err(_) => return Err(DeliveryError::Retry(Reason::TimedOut)),
        };
        let peer = stream.peer_addr().map_err(|_| DeliveryError::Retry(Reason::Connect))?;
        if self.config.security == Security::PlainLoopback && !peer.ip().is_loopback() {
            return Err(DeliveryError::RelayDown(Reason::NoTls));
        }
        stream.set_nodelay(true).map_err(|_| DeliveryError::Retry(Reason::Connect))?;
        let stream: Box<dyn AsyncTokioStream> = match (&self.trust, self.config.security) {
            (Some(trust), Security::ImplicitTls) => {
                match timeout(self.limits.command, trust.wrap(stream)).await {
                    Ok(Ok(stream)) => Box::new(stream),
                    Ok(Err(error)) if is_tls_error(&error) => {
                        return Err(DeliveryError::RelayDown(Reason::Tls));
                    }
                    Ok(Err(_)) => return Err(DeliveryError::Retry(Reason::Broken)),
                    Err(_) => return Err(DeliveryError::Retry(Reason::TimedOut)),
                }
            }
            _ => Box::new(stream),
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, hello);
        let mut smtp = self.step(greeting).await.map_err(before_any_mail)?;
        if let (Some(trust), Security::StartTls) = (&self.trust, self.config.security) {
            if !smtp.can_starttls() {
                return Err(DeliveryError::RelayDown(Reason::NoTls));
            }
            let upgraded = self.step(smtp.starttls(trust.starttls.clone(), hello)).await;
            upgraded.map_err(before_any_mail)?;
        }
        Ok(smtp)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.since.elapsed() < IDLE);
        idle.pop()
    }

    fn keep(&self, mut connection: Connection) {
        connection.mails += 1;
        connection.since = Instant::now();
        if connection.mails < MAILS_A_CONNECTION && !connection.smtp.has_broken() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }

    /// After a refusal the relay forgets the mail, and the connection is as good as before; after
    /// anything else nobody knows, and it is closed.
    async fn keep_after_reset(&self, mut connection: Connection, failure: Failure) {
        let refused = matches!(failure, Failure::Code(code, _) if code != 421);
        if refused && self.step(connection.smtp.command(Rset)).await.is_ok() {
            self.keep(connection);
        }
    }

    /// One command and its answer, within the time for one.
    async fn step<T>(
        &self,
        command: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Failure> {
        match timeout(self.limits.command, command).await {
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
}

#[async_trait]
impl Transport for Relay {
    async fn deliver(&self, to: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        // RFC 5321 section 4.2.2: 553, mailbox name not allowed.
        let refused = |_| DeliveryError::Refused { code: 553, address: true };
        let to: Address = to.as_str().parse().map_err(refused)?;
        let Ok(_slot) = self.slots.acquire().await else {
            return Err(DeliveryError::Retry(Reason::Connect));
        };
        timeout(self.limits.attempt, self.attempt(&to, bytes))
            .await
            .unwrap_or(Err(DeliveryError::Retry(Reason::TimedOut)))
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("host", &self.config.host)
            .field("port", &self.config.port)
            .field("security", &self.config.security)
            .finish_non_exhaustive()
    }
}

/// How far a mail came before it failed.
enum Attempt {
    /// The sender was not accepted, or the connection was dead: nothing about this mail.
    NotBegun(Failure),
    /// It is about this recipient or this content.
    Begun(Failure),
    /// Refused by ourselves, for what the relay cannot do.
    Refused(u16),
}

impl From<Attempt> for DeliveryError {
    fn from(attempt: Attempt) -> Self {
        match attempt {
            Attempt::NotBegun(failure) => before_any_mail(failure),
            Attempt::Begun(Failure::Code(code, about)) if code >= 500 => {
                Self::Refused { code, address: about == About::Address }
            }
            Attempt::Begun(failure) => Self::Retry(failure.reason()),
            Attempt::Refused(code) => Self::Refused { code, address: true },
        }
    }
}

impl Failure {
    const fn of_recipient(self) -> Self {
        match self {
            Self::Code(code, about) => Self::Code(code, about.of_recipient(code)),
            other => other,
        }
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
fn before_any_mail(failure: Failure) -> DeliveryError {
    let reason = failure.reason();
    match failure {
        Failure::Code(code, _) if code >= 500 => DeliveryError::RelayDown(reason),
        Failure::Tls | Failure::Unsupported => DeliveryError::RelayDown(reason),
        _ => DeliveryError::Retry(reason),
    }
}
