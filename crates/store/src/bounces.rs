//! Addresses that nobody proved, and those at which nothing arrives: a lasting mark, by what it was
//! learnt, and what ends it.
//!
//! The mark is on an address, and so on everybody of the organisation who reads mail there.

use kith_domain::ids::{CircleId, MailId, MembershipId, PersonId};
use kith_domain::{ComesBack, LearntBy, Timestamp, Unreached};
use sea_orm::{EntityTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::{at, word};
use crate::entity::person;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// What is known of somebody's address beside what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressMarks {
    /// Mail to it comes back, since when, and by what we know.
    pub comes_back: Option<ComesBack>,
    /// Nobody has shown yet that this person reads mail there.
    pub unproved: bool,
}

pub(crate) fn marks(row: &person::Model) -> Result<AddressMarks, StoreError> {
    let comes_back = |since| -> Result<_, StoreError> {
        let by = row.mail_bounced_by.as_deref().unwrap_or_default();
        Ok(ComesBack { since: at(since), by: word::<LearntBy>(by, "person", row.id)? })
    };
    let comes_back = row.mail_bounced_at.map(comes_back).transpose()?;
    Ok(AddressMarks { comes_back, unproved: row.email_unproved })
}

impl Reader {
    /// Whether mail to this person comes back, since when, and by what we know.
    pub async fn mail_comes_back(&self, id: PersonId) -> Result<Option<ComesBack>, StoreError> {
        let row = person::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(marks(&row)?.comes_back)
    }

    /// Whether nobody has shown yet that this person reads mail at their address.
    pub async fn address_is_unproved(&self, id: PersonId) -> Result<bool, StoreError> {
        let key = (self.organisation, id.as_uuid());
        let row = person::Entity::find_by_id(key).one(&self.txn).await?;
        Ok(row.ok_or(StoreError::NotFound)?.email_unproved)
    }

    /// Why no e-mail reaches a person; `None` when it does, as far as we know.
    pub async fn unreached(&self, id: PersonId) -> Result<Option<Unreached>, StoreError> {
        let key = (self.organisation, id.as_uuid());
        let row = person::Entity::find_by_id(key).one(&self.txn).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(if row.email.is_none() {
            Some(Unreached::NoAddress)
        } else if row.email_unproved {
            Some(Unreached::NotProved)
        } else if row.mail_stopped {
            Some(Unreached::Stopped)
        } else {
            row.mail_bounced_at.map(|_| Unreached::ComesBack)
        })
    }

    /// Members of a circle, invited or in, whom no e-mail reaches, and why; at most 500. The patient
    /// without an address is none of them: others speak with her.
    pub async fn unreached_members(
        &self,
        circle: CircleId,
    ) -> Result<Vec<(MembershipId, Unreached)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            why: String,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT m.id, CASE WHEN p.email IS NULL THEN 'no_address' \
               WHEN p.email_unproved THEN 'not_proved' WHEN p.mail_stopped THEN 'stopped' \
               ELSE 'comes_back' END AS why \
             FROM membership m JOIN person p \
               ON p.organisation_id = m.organisation_id AND p.id = m.person_id \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state <> 'left' \
               AND ((p.email IS NULL AND m.role <> 'patient') OR p.email_unproved \
                 OR p.mail_stopped OR p.mail_bounced_at IS NOT NULL) ORDER BY m.id LIMIT 500",
            vec![self.organisation.into(), circle.as_uuid().into()],
        )
        .await?;
        rows.into_iter()
            .map(|row| {
                let why = word::<Unreached>(&row.why, "person", row.id)?;
                Ok((MembershipId::from_uuid(row.id), why))
            })
            .collect()
    }

    /// Circles to whose lead carer mail comes back; at most 500.
    pub async fn circles_whose_lead_mail_comes_back(&self) -> Result<Vec<CircleId>, StoreError> {
        let found = self
            .ids(
                "SELECT DISTINCT m.circle_id AS id FROM person p JOIN membership m \
                   ON m.organisation_id = p.organisation_id AND m.person_id = p.id \
                 WHERE p.organisation_id = $1 AND p.mail_bounced_at IS NOT NULL \
                   AND m.state = 'active' AND m.lead ORDER BY m.circle_id LIMIT 500",
                vec![self.organisation.into()],
            )
            .await?;
        Ok(found.into_iter().map(CircleId::from_uuid).collect())
    }

    /// The organisation's staff to whom mail comes back; at most 100.
    pub async fn staff_whose_mail_comes_back(&self) -> Result<Vec<PersonId>, StoreError> {
        let found = self
            .ids(
                "SELECT p.id FROM staff s JOIN person p \
                   ON p.organisation_id = s.organisation_id AND p.id = s.person_id \
                 WHERE s.organisation_id = $1 AND s.ended_at IS NULL \
                   AND p.mail_bounced_at IS NOT NULL ORDER BY p.id LIMIT 100",
                vec![self.organisation.into()],
            )
            .await?;
        Ok(found.into_iter().map(PersonId::from_uuid).collect())
    }

    async fn ids(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Uuid>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let rows: Vec<Row> = raw::all(&self.txn, sql, values).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

impl UnitOfWork {
    /// A mail that was sent came back, as a report says: it has failed, where people see it, and
    /// the address that it went to is marked, whoever reads there by now. `false` when it was not
    /// sent, or came back before.
    pub async fn mail_came_back(&self, mail: MailId, now: Timestamp) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'failed', reason = 'bounced', changed_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND state = 'sent'",
            vec![self.organisation.into(), mail.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        if changed == 1 {
            let went_to = "SELECT o.email_index FROM outbox o \
                           WHERE o.organisation_id = $1 AND o.id = $4";
            self.mark(went_to, LearntBy::Report, now, [mail.as_uuid().into()]).await?;
        }
        Ok(changed == 1)
    }

    /// The mail server said that there is no such mailbox as `address`, the sealed bytes of the
    /// person's address. Marks nothing when the person has another address by now.
    pub async fn address_refused(
        &self,
        person: PersonId,
        address: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let at = "SELECT p.email_index FROM person p \
                  WHERE p.organisation_id = $1 AND p.id = $4 AND p.email = $5";
        let whose = [person.as_uuid().into(), address.to_vec().into()];
        self.mark(at, LearntBy::Reply, now, whose).await
    }

    /// The person typed the address, and nobody has seen or used it: nothing but codes goes there
    /// until it is proved.
    pub async fn address_unproved(&self, id: PersonId) -> Result<(), StoreError> {
        self.put_unproved(id, true).await
    }

    /// A code that was sent to the person's address was used.
    pub async fn address_proved(&self, id: PersonId) -> Result<(), StoreError> {
        self.put_unproved(id, false).await
    }

    async fn put_unproved(&self, id: PersonId, unproved: bool) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE person SET email_unproved = $3 WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into(), unproved.into()],
        )
        .await
        .map(|_| ())
    }

    /// A mail arrived, or the person says that it would: nothing is known against the address.
    pub async fn mail_arrives(&self, person: PersonId) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE person SET mail_bounced_at = NULL, mail_bounced_by = NULL \
             WHERE organisation_id = $1 AND mail_bounced_at IS NOT NULL AND (id = $2 \
               OR email_index = (SELECT p.email_index FROM person p \
                 WHERE p.organisation_id = $1 AND p.id = $2))",
            vec![self.organisation.into(), person.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }

    /// Somebody pressed a button behind the link of a mail, so that it arrived: the address is good
    /// if the mail was sent after it had been marked.
    pub async fn mail_was_answered(&self, mail: MailId) -> Result<(), StoreError> {
        let Some(mail) = self.mail(mail).await? else { return Ok(()) };
        let (Some(person), Some(sent)) = (mail.subject.person, mail.first_attempt_at) else {
            return Ok(());
        };
        match self.mail_comes_back(person).await? {
            Some(mark) if mark.since < sent => self.mail_arrives(person).await,
            _ => Ok(()),
        }
    }

    /// Tries a mail again that ended because the server refused it, when it turned out that the
    /// server refuses everything; what that said of its address is forgotten. Nobody has read any of
    /// it: it is as if it had never been tried, and says what is still to be said then. `false` when
    /// it did not end so.
    pub async fn refusal_was_the_relays(
        &self,
        id: MailId,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = || vec![self.organisation.into(), id.as_uuid().into()];
        let changed = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'retry', reason = 'relay_down', next_at = $3, \
               first_attempt_at = NULL, changed_at = $4 \
             WHERE organisation_id = $1 AND id = $2 AND state = 'failed' AND reason = 'refused_by_server'",
            key().into_iter().chain([next_at.as_second().into(), now.as_second().into()]).collect(),
        )
        .await?;
        if changed == 1 {
            raw::execute(
                &self.txn,
                "UPDATE person SET mail_bounced_at = NULL, mail_bounced_by = NULL \
                 WHERE organisation_id = $1 AND mail_bounced_by = 'reply' \
                   AND (email_index IN (SELECT p.email_index FROM outbox o JOIN person p \
                     ON p.organisation_id = o.organisation_id AND p.id = o.person_id \
                     WHERE o.organisation_id = $1 AND o.id = $2) \
                   OR email_index IN (SELECT s.email_index FROM outbox o JOIN sign_in s \
                     ON s.organisation_id = o.organisation_id AND s.id = o.sign_in_id \
                     WHERE o.organisation_id = $1 AND o.id = $2))",
                key(),
            )
            .await?;
        }
        Ok(changed == 1)
    }

    async fn mark<const N: usize>(
        &self,
        address: &str,
        by: LearntBy,
        now: Timestamp,
        whose: [Value; N],
    ) -> Result<(), StoreError> {
        let first: [Value; 3] =
            [self.organisation.into(), now.as_second().into(), by.as_str().into()];
        // The first mark stays: since then nothing has arrived.
        raw::execute(
            &self.txn,
            &format!(
                "UPDATE person SET mail_bounced_at = $2, mail_bounced_by = $3 \
                 WHERE organisation_id = $1 AND mail_bounced_at IS NULL \
                   AND email_index = ({address})"
            ),
            first.into_iter().chain(whose).collect(),
        )
        .await
        .map(|_| ())
    }
}
