//! An SMTP relay, over a few connections that are kept.
//!
//! lettre speaks the protocol; opening sockets and keeping them is done here, because lettre does
//! not set `TCP_NODELAY` and then waits 44 ms a message for the peer's delayed acknowledgement, and
//! because its pool does not bound the connections in use. Nothing of the dialogue is logged.

mod before_tls;
mod failure;
mod opening;

use core::fmt;
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

use self::before_tls::BeforeTls;
use self::failure::{Attempt, DONE, Failure, answering, before_any_mail, within};
use self::opening::Opening;
use crate::relay_config::{RelayConfig, RelayConfigError, Security};
use crate::tls::{Trust, is_tls_error};
use crate::transport::{Accepted, DeliveryError, Reason, Transport};

/// How long a relay is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For one command and its whole answer.
    pub command: Duration,
    /// For what is said before a mail's content, with the connection that it may need.
    pub attempt: Duration,
    /// For a mail's content and its answer. A relay that is not waited for sends the mail all the
    /// same, and it is tried again: a copy each time (RFC 5321 section 4.5.3.2.6 asks for ten
    /// minutes).
    pub content: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            attempt: Duration::from_mins(2),
            content: Duration::from_mins(10),
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
    /// Since when commands go one by one: it hung up when it was asked whether it takes them together,
    /// or went astray when they came so.
    one_by_one: Mutex<Option<Instant>>,
}

struct Connection {
    smtp: AsyncSmtpConnection,
    /// The relay takes commands together (RFC 2920).
    together: bool,
    mails: u32,
    since: Instant,
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
            one_by_one: Mutex::default(),
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

    /// Says goodbye on the connections that are idle, for as long as one command may take. Call it when
    /// nothing is delivered any more.
    pub async fn close(&self) {
        let goodbyes = async {
            while let Some(mut connection) = self.take_idle() {
                // Whether the relay answers makes no difference to anybody.
                drop(self.step(connection.smtp.quit()).await);
            }
        };
        drop(timeout(self.limits.command, goodbyes).await);
    }

    /// A connection on which the relay waits for the content of a mail.
    async fn open(&self, to: &Address, bytes: &[u8]) -> Result<Connection, DeliveryError> {
        if let Some(kept) = self.take_idle() {
            match self.name(kept, to, bytes).await {
                // Closed meanwhile, or the relay has had enough of it: nothing about this mail.
                Err(Attempt::NotBegun(failure)) if !matches!(failure, Failure::TimedOut) => {}
                opened => return Ok(opened?),
            }
        }
        Ok(self.name(self.connect().await?, to, bytes).await?)
    }

    /// Names sender and recipient.
    async fn name(
        &self,
        mut connection: Connection,
        to: &Address,
        bytes: &[u8],
    ) -> Result<Connection, Attempt> {
        let mut parameters = Vec::new();
        let ascii = AsRef::<str>::as_ref(to).is_ascii();
        if !ascii {
            if !connection.smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
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
        let opened = self.open_mail(&mut connection, opening).await;
        match opened {
            Ok(()) => Ok(connection),
            Err(Attempt::Begun(failure)) => {
                self.keep_after_reset(connection, failure).await;
                Err(Attempt::Begun(failure))
            }
            Err(attempt) => Err(attempt),
        }
    }

    /// The content of a mail, over a connection that is kept if it is still good.
    async fn transfer(
        &self,
        mut connection: Connection,
        bytes: &[u8],
    ) -> Result<Accepted, DeliveryError> {
        let answer = within(self.limits.content, connection.smtp.message(bytes)).await;
        match answering(&DONE, answer) {
            Ok(code) => {
                self.keep(connection);
                Ok(Accepted { code })
            }
            Err(failure) => {
                self.keep_after_reset(connection, failure).await;
                Err(Attempt::Begun(failure).into())
            }
        }
    }

    /// A connection over which mails can be handed over.
    async fn connect(&self) -> Result<Connection, DeliveryError> {
        let hello = ClientId::Domain(self.config.hello.clone());
        let mut smtp = self.greet(&hello).await?;
        let mut together = false;
        if !self.is_one_by_one() {
            match self.takes_commands_together(&mut smtp, &hello).await {
                Some(answer) => together = answer,
                None => smtp = self.greet(&hello).await?,
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
            (Some(_), Security::StartTls) => Box::new(BeforeTls::new(stream)),
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
        if refused && answering(&DONE, self.step(connection.smtp.command(Rset)).await).is_ok() {
            self.keep(connection);
        }
    }

    /// One command and its answer, within the time for one.
    async fn step<T>(
        &self,
        command: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Failure> {
        within(self.limits.command, command).await
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
        let opened = timeout(self.limits.attempt, self.open(&to, bytes)).await;
        self.transfer(opened.unwrap_or(Err(DeliveryError::Retry(Reason::TimedOut)))?, bytes).await
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
