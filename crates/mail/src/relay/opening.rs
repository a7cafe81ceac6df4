//! What is said before a mail's content: command by command, or at once to a relay that takes
//! commands together (RFC 2920). Over a distance most of a mail's time is waiting for these answers.

use core::fmt::{self, Display, Formatter};
use std::sync::PoisonError;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::Instant;

use super::failure::{Attempt, DONE, Failure, GO_ON, answering};
use super::{Connection, Relay};

/// The extension's word in the answer to `EHLO` (RFC 2920 section 2).
const PIPELINING: &str = "PIPELINING";
/// How long a relay that took commands together badly is given them one by one.
const ONE_BY_ONE: Duration = Duration::from_hours(24);

/// Sender and recipient of one mail.
pub(super) struct Opening {
    pub(super) mail: Mail,
    pub(super) recipient: Rcpt,
}

/// All of it in one piece. lettre ends each command's line.
impl Display for Opening {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{Data}", self.mail, self.recipient)
    }
}

/// The end of a content that has not begun.
struct Dot;

impl Display for Dot {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(".\r\n")
    }
}

impl Relay {
    /// Whether the relay takes commands together. lettre does not keep that of its greeting, so the
    /// relay is greeted once more, as it must allow (RFC 5321 section 4.1.4). `None` when the
    /// connection is of no use any more after that.
    pub(super) async fn takes_commands_together(
        &self,
        smtp: &mut AsyncSmtpConnection,
        hello: &ClientId,
    ) -> Option<bool> {
        match self.step(smtp.command(Ehlo::new(hello.clone()))).await {
            Ok(answer) => Some(answer.message().any(|line| line.eq_ignore_ascii_case(PIPELINING))),
            Err(failure) => {
                self.goes_one_by_one();
                matches!(failure, Failure::Code(code, _) if code != 421).then_some(false)
            }
        }
    }

    /// Whether it was found lately that commands go better one by one, whatever the relay offers.
    pub(super) fn is_one_by_one(&self) -> bool {
        let since = *self.one_by_one.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < ONE_BY_ONE)
    }

    fn goes_one_by_one(&self) {
        let now = Some(Instant::now());
        *self.one_by_one.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Comes to where the relay waits for the content.
    pub(super) async fn open_mail(
        &self,
        connection: &mut Connection,
        opening: Opening,
    ) -> Result<(), Attempt> {
        if !connection.together || self.is_one_by_one() {
            return self.open_by_steps(&mut connection.smtp, opening).await;
        }
        let opened = self.open_at_once(&mut connection.smtp, opening).await;
        let astray = match &opened {
            // That a kept connection is dead by now says nothing.
            Err(Attempt::NotBegun(failure)) => connection.mails == 0 && !failure.is_code(),
            Err(Attempt::Begun(failure)) => !failure.is_code(),
            Err(Attempt::Astray(_)) => true,
            Ok(()) | Err(Attempt::Refused(_)) => false,
        };
        if astray {
            self.goes_one_by_one();
        }
        opened
    }

    async fn open_by_steps(
        &self,
        smtp: &mut AsyncSmtpConnection,
        opening: Opening,
    ) -> Result<(), Attempt> {
        let sender = answering(&DONE, self.step(smtp.command(opening.mail)).await);
        sender.map_err(Attempt::NotBegun)?;
        let recipient = answering(&DONE, self.step(smtp.command(opening.recipient)).await);
        recipient.map_err(|failure| Attempt::Begun(failure.of_recipient()))?;
        let content = answering(&GO_ON, self.step(smtp.command(Data)).await);
        content.map(drop).map_err(Attempt::Begun)
    }

    /// The same with one wait instead of three. When the sender is refused the connection is given up,
    /// and the other answers with it; after anything else each answer is read, as the next mail would
    /// otherwise take them for its own.
    async fn open_at_once(
        &self,
        smtp: &mut AsyncSmtpConnection,
        opening: Opening,
    ) -> Result<(), Attempt> {
        let sender = answering(&DONE, self.step(smtp.command(opening)).await);
        sender.map_err(Attempt::NotBegun)?;
        let recipient = answering(&DONE, self.step(smtp.read_response()).await);
        let recipient = recipient.map_err(Failure::of_recipient);
        if let Err(failure) = in_step(recipient) {
            return Err(Attempt::Astray(failure));
        }
        let content = answering(&GO_ON, self.step(smtp.read_response()).await);
        match (recipient, content) {
            (Ok(_), content) => match in_step(content) {
                Ok(content) => content.map(drop).map_err(Attempt::Begun),
                Err(failure) => Err(Attempt::Astray(failure)),
            },
            (Err(refused), Err(content)) if content.is_code() => Err(Attempt::Begun(refused)),
            (Err(refused), Err(_)) => Err(Attempt::Astray(refused)),
            // It waits for the content of a mail to nobody: a dot alone ends that (RFC 2920 section
            // 3.1), and what is said of it says nothing new.
            (Err(refused), Ok(_)) => match self.step(smtp.command(Dot)).await {
                Ok(_) | Err(Failure::Code(..)) => Err(Attempt::Begun(refused)),
                Err(_) => Err(Attempt::Astray(refused)),
            },
        }
    }
}

/// An answer that belongs to its command, be it a refusal. A relay that loses commands, or wants them
/// apart, answers with another one's, with nothing, or that it does not follow (RFC 5321 section 4.2.2:
/// 500, 502, 503): that says nothing about the mail.
fn in_step(answer: Result<u16, Failure>) -> Result<Result<u16, Failure>, Failure> {
    match answer {
        Err(Failure::Code(500 | 502 | 503, _)) => Err(Failure::Broken),
        Ok(_) | Err(Failure::Code(..)) => Ok(answer),
        Err(failure) => Err(failure),
    }
}
