//! What is said before a mail's content: command by command, or at once to a relay that takes
//! commands together (RFC 2920). Over a distance most of a mail's time is waiting for these answers.

use core::fmt::{self, Display, Formatter};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use super::{Attempt, Failure, Relay};

/// The extension's word in the answer to `EHLO` (RFC 2920 section 2).
const PIPELINING: &str = "PIPELINING";

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
    /// relay is greeted once more, which is allowed at any time (RFC 5321 section 4.1.4). `None` when
    /// the connection is of no use any more after that.
    pub(super) async fn takes_commands_together(
        &self,
        smtp: &mut AsyncSmtpConnection,
        hello: &ClientId,
    ) -> Option<bool> {
        match self.step(smtp.command(Ehlo::new(hello.clone()))).await {
            Ok(answer) => Some(answer.message().any(|line| line.eq_ignore_ascii_case(PIPELINING))),
            Err(Failure::Code(code, _)) if code != 421 => Some(false),
            Err(_) => None,
        }
    }

    /// Comes to where the relay waits for the content, one command after the other.
    pub(super) async fn open_by_steps(
        &self,
        smtp: &mut AsyncSmtpConnection,
        opening: Opening,
    ) -> Result<(), Attempt> {
        self.step(smtp.command(opening.mail)).await.map_err(Attempt::NotBegun)?;
        let recipient = self.step(smtp.command(opening.recipient)).await;
        recipient.map_err(|failure| Attempt::Begun(failure.of_recipient()))?;
        self.step(smtp.command(Data)).await.map(drop).map_err(Attempt::Begun)
    }

    /// The same with one wait instead of three. Each answer is read, also after a refusal: the next
    /// mail over this connection would otherwise take them for its own.
    pub(super) async fn open_at_once(
        &self,
        smtp: &mut AsyncSmtpConnection,
        opening: Opening,
    ) -> Result<(), Attempt> {
        // Whoever is refused here hangs up, and the other answers with it.
        self.step(smtp.command(opening)).await.map_err(Attempt::NotBegun)?;
        let recipient = self.step(smtp.read_response()).await.map_err(Failure::of_recipient);
        match recipient {
            Ok(_) | Err(Failure::Code(..)) => {}
            Err(broken) => return Err(Attempt::Begun(broken)),
        }
        let content = self.step(smtp.read_response()).await;
        if recipient.is_err() && content.is_ok() {
            // It waits for the content of a mail to nobody. A dot alone ends that (RFC 2920 section
            // 3.1), and is refused, which says nothing new.
            drop(self.step(smtp.command(Dot)).await);
        }
        recipient.and(content).map(drop).map_err(Attempt::Begun)
    }
}
