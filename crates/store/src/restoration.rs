//! After a copy was put in place: what was handed out is dead, what was due may have been sent
//! already, and nothing is sent before a person says so.

use kith_domain::ids::{EnrolmentId, GrantId, OrganisationId};
use kith_domain::{MailReason, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::{at, at_option};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, Store, UnitOfWork};

/// A copy that was put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// When it was put in place.
    pub restored_at: Timestamp,
    /// When a person said that mails may leave again.
    pub resumed_at: Option<Timestamp>,
}

/// What a restoration put an end to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandedOut {
    /// Signed-in visits.
    pub sessions: u64,
    /// Codes, invitations, words, links to share and calendars.
    pub ways_in: u64,
    /// Mails that were due, and may have been sent by the database that is gone.
    pub mails: u64,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    restored: i64,
    resumed: Option<i64>,
}

const NEWEST: &str = "SELECT restored_at AS restored, resumed_at AS resumed FROM restoration \
     ORDER BY restored_at DESC, id LIMIT 1";

impl Store {
    /// The last copy that was put in place, if one ever was.
    pub async fn restoration(&self) -> Result<Option<Restoration>, StoreError> {
        let row: Option<Row> = raw::one(&self.connections.read, NEWEST, Vec::new()).await?;
        Ok(row.map(|row| Restoration {
            restored_at: at(row.restored),
            resumed_at: at_option(row.resumed),
        }))
    }

    /// A person says that mails may leave again. `false` when nothing was held.
    pub async fn resume(&self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE restoration SET resumed_at = $1 WHERE resumed_at IS NULL";
        let values = vec![now.as_second().into()];
        Ok(raw::execute(&self.connections.write, sql, values).await? > 0)
    }

    /// Runs `work` in one write transaction over all organisations; it turns from one to the next by
    /// [`UnitOfWork::turn_to`].
    pub async fn transact_everywhere<T, E: From<StoreError>>(
        &self,
        work: impl AsyncFnOnce(&mut UnitOfWork) -> Result<T, E>,
    ) -> Result<T, E> {
        let nowhere = OrganisationId::from_uuid(Uuid::nil());
        let mut unit = self.unit(nowhere, self.begin_writing().await?);
        let done = work(&mut unit).await;
        self.end(unit, done).await
    }
}

impl Reader {
    /// When the last copy was put in place. Links of mails from before are dead.
    pub async fn restored_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let row: Option<Row> = raw::one(&self.txn, NEWEST, Vec::new()).await?;
        Ok(row.map(|row| at(row.restored)))
    }
}

impl UnitOfWork {
    /// From here on this unit works in another organisation.
    pub fn turn_to(&mut self, organisation: OrganisationId) {
        self.reader.organisation = organisation.as_uuid();
    }

    /// Ends what was handed out in every organisation, and every mail that was due; from now on
    /// mails are held.
    pub async fn begin_after_restore(&self, now: Timestamp) -> Result<HandedOut, StoreError> {
        let second = || vec![now.as_second().into()];
        let end = async |table: &str, which: &str| {
            let sql = format!("UPDATE {table} SET ended_at = $1 WHERE ended_at IS NULL{which}");
            raw::execute(&self.txn, &sql, second()).await
        };
        let sessions = end("session", "").await?;
        let mut ways_in = 0;
        for (table, which) in
            [("sign_in", " AND used_at IS NULL"), ("welcome", ""), ("share_link", ""), ("feed", "")]
        {
            ways_in += end(table, which).await?;
        }
        let sql = "DELETE FROM address_change WHERE used_at IS NULL";
        ways_in += raw::execute(&self.txn, sql, Vec::new()).await?;
        // Who asks to join asks again: she may have been told no.
        let sql = "UPDATE join_request SET expires_at = $1 WHERE answered_at IS NULL \
                   AND expires_at > $1";
        ways_in += raw::execute(&self.txn, sql, second()).await?;
        let mails = self.end_due_mails(now).await?;
        raw::execute(
            &self.txn,
            "INSERT INTO restoration (id, restored_at) VALUES ($1, $2)",
            vec![self.ids.next().into(), now.as_second().into()],
        )
        .await?;
        Ok(HandedOut { sessions, ways_in, mails })
    }

    /// Ends every mail that was due, and what it would have said for others.
    async fn end_due_mails(&self, now: Timestamp) -> Result<u64, StoreError> {
        let reason = MailReason::Restored;
        let values = || -> Vec<Value> {
            vec![now.as_second().into(), reason.ends_in().as_str().into(), reason.as_str().into()]
        };
        let due = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = $2, reason = $3, frozen = NULL, lease_owner = NULL, \
               lease_until = NULL, changed_at = $1 \
             WHERE state IN ('planned', 'retry', 'claimed', 'sending') AND due_at <= $1",
            values(),
        )
        .await?;
        // Where it is shown what did not go out, these count for themselves.
        let taken_in = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = $2, reason = $3, taken_in_by = NULL, changed_at = $1 \
             WHERE state = 'cancelled' AND reason = 'superseded' AND EXISTS ( \
               SELECT 1 FROM outbox o WHERE o.organisation_id = outbox.organisation_id \
               AND o.id = outbox.taken_in_by AND o.state = $2 AND o.reason = $3)",
            values(),
        )
        .await?;
        Ok(due + taken_in)
    }

    /// Ends the trust in a device by its id, and in no other: what was trusted after it lives on.
    /// `false` when it had ended or is not there.
    pub async fn end_one_enrolment(
        &self,
        id: EnrolmentId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE enrolment SET ended_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND ended_at IS NULL",
            vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Ends one grant by its id. `false` when it had ended or is not there.
    pub async fn withdraw_grant(&self, id: GrantId, now: Timestamp) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE disclosure_grant SET withdrawn_at = $3 WHERE organisation_id = $1 \
             AND id = $2 AND withdrawn_at IS NULL",
            vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Destroys one version of a text by its id. `false` when it is not there.
    pub async fn erase_version(&self, id: Uuid) -> Result<bool, StoreError> {
        let sql = "DELETE FROM content WHERE organisation_id = $1 AND id = $2";
        let values = vec![self.organisation.into(), id.into()];
        Ok(raw::execute(&self.txn, sql, values).await? == 1)
    }
}
