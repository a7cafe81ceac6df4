//! The link in every mail that stops all mails to its person but codes (RFC 8058): by one POST,
//! without signing in, and harmless to follow.

use kith_domain::MailKind;
use kith_domain::ids::MailId;
use kith_store::{Mail, Reader};

use crate::outbox::links::{is_token, settings_token, stop_token};
use crate::visit::Visit;
use crate::{App, Failure};

/// What the page behind the link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopPage {
    /// Mails are stopped already.
    pub stopped: bool,
    /// Where the same mail's link to fewer mails leads.
    pub settings: String,
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
        let stopped = snapshot.person(person).await?.mail.stopped;
        snapshot.end();
        Ok(self.stop_page(mail, stopped))
    }

    /// The POST: nothing but codes is sent to this person any more. Sending it twice is once.
    pub async fn stop_mail(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
    ) -> Result<StopPage, Failure> {
        self.check_stop_token(mail, token)?;
        self.store
            .transact(visit.organisation.id, async |unit| {
                let person = mail_of(unit, mail).await?.subject.person.ok_or(Failure::NotHere)?;
                unit.stop_mail(person).await?;
                Ok(self.stop_page(mail, true))
            })
            .await
    }

    fn stop_page(&self, mail: MailId, stopped: bool) -> StopPage {
        let token = settings_token(&self.vault, mail);
        StopPage { stopped, settings: format!("/e-mails/{mail}/{}", token.as_str()) }
    }

    fn check_stop_token(&self, mail: MailId, token: &str) -> Result<(), Failure> {
        let right = stop_token(&self.vault, mail);
        if is_token(token, &right) { Ok(()) } else { Err(Failure::NotHere) }
    }
}

async fn mail_of(reader: &Reader, id: MailId) -> Result<Mail, Failure> {
    let mail = reader.mail(id).await?.ok_or(Failure::NotHere)?;
    if mail.kind == MailKind::SignInCode { Err(Failure::NotHere) } else { Ok(mail) }
}
