//! The link in every mail that stops all mails to its person but codes (RFC 8058): by one POST,
//! without signing in, and harmless to follow.

use kith_domain::MailKind;
use kith_domain::ids::MailId;
use kith_store::{Mail, Reader};
use kith_vault::token_hash;

use crate::outbox::links::stop_token;
use crate::visit::Visit;
use crate::{App, Failure};

/// What the page behind the link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopPage {
    /// Mails are stopped already.
    pub stopped: bool,
}

impl App {
    /// The page behind the link. Changes nothing.
    pub async fn stop_mail_page(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
    ) -> Result<StopPage, Failure> {
        self.check_stop_token(mail, token)?;
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let person = mail_of(&snapshot, mail).await?.subject.person.ok_or(Failure::NotHere)?;
        let stopped = snapshot.person(person).await?.mail_stopped;
        snapshot.end().await?;
        Ok(StopPage { stopped })
    }

    /// The POST: nothing but codes is sent to this person any more. Sending it twice is once.
    pub async fn stop_mail(&self, visit: &Visit, mail: MailId, token: &str) -> Result<(), Failure> {
        self.check_stop_token(mail, token)?;
        self.store
            .transact(visit.organisation.id, async |unit| {
                let mail = mail_of(unit, mail).await?;
                let person = mail.subject.person.ok_or(Failure::NotHere)?;
                Ok(unit.stop_mail(person).await?)
            })
            .await
    }

    fn check_stop_token(&self, mail: MailId, token: &str) -> Result<(), Failure> {
        let right = stop_token(&self.vault, mail);
        // Comparing hashes says nothing about how much of a guess was right.
        if token_hash(token) == token_hash(right.as_str()) { Ok(()) } else { Err(Failure::NotHere) }
    }
}

async fn mail_of(reader: &Reader, id: MailId) -> Result<Mail, Failure> {
    let mail = reader.mail(id).await?.ok_or(Failure::NotHere)?;
    if mail.kind == MailKind::SignInCode { Err(Failure::NotHere) } else { Ok(mail) }
}
