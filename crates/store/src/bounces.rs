//! Mails that came back, and addresses at which nothing arrives.

use kith_domain::Timestamp;
use kith_domain::ids::{MailId, PersonId};
use sea_orm::EntityTrait;

use crate::entity::person;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

impl Reader {
    /// Whether mails to this person came back, and none has arrived since as far as we know.
    pub async fn mail_bounces(&self, id: PersonId) -> Result<bool, StoreError> {
        let row = person::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(row.mail_bounced_at.is_some())
    }
}

impl UnitOfWork {
    /// A mail that was sent came back: it has failed, where people see it, and nothing more is
    /// sent to its person. `false` when it was not sent, or came back before.
    pub async fn mail_came_back(
        &self,
        mail: MailId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'failed', reason = 'bounced', changed_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND state = 'sent'",
            vec![self.organisation.into(), mail.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        if changed == 1 {
            self.put_bounced(person, Some(now)).await?;
        }
        Ok(changed == 1)
    }

    /// A mail arrived: its person has just used what stood in it.
    pub async fn mail_arrived(&self, person: PersonId) -> Result<(), StoreError> {
        self.put_bounced(person, None).await
    }

    async fn put_bounced(&self, person: PersonId, at: Option<Timestamp>) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE person SET mail_bounced_at = $3 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                at.map(Timestamp::as_second).into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
