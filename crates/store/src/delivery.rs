//! Delivering the outbox: workers hold mails by a lease, and only the holder moves one on.

use kith_domain::ids::{ClaimId, MailId, OrganisationId};
use kith_domain::{MailKind, MailReason, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::at;
use crate::error::StoreError;
use crate::outbox::MailSubject;
use crate::raw;
use crate::unit::{Store, UnitOfWork};

#[derive(Debug, FromQueryResult)]
struct Key {
    organisation_id: Uuid,
    id: Uuid,
}

#[derive(Debug, FromQueryResult)]
struct Due {
    organisation_id: Uuid,
    id: Uuid,
    next_at: i64,
}

impl Store {
    /// Takes up to `limit` due mails for `worker` until `lease_until`, oldest first.
    ///
    /// One conditional update: two workers never hold the same mail.
    pub async fn claim_due_mail(
        &self,
        worker: Uuid,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, MailId)>, StoreError> {
        let mut due: Vec<Due> = raw::all(
            &self.connections.write,
            // Each half stops after `limit` entries of the index, however much is due. Rows are
            // found by their keys: by state, SQLite would walk through everything planned.
            "UPDATE outbox SET state = 'claimed', lease_owner = $1, lease_until = $3 \
             WHERE (state || '') IN ('planned', 'retry') AND (organisation_id, id) IN ( \
               SELECT organisation_id, id FROM ( \
                 SELECT * FROM (SELECT organisation_id, id, next_at FROM outbox \
                   WHERE state = 'planned' AND next_at <= $2 ORDER BY next_at, id LIMIT $4 + 0) AS p \
                 UNION ALL \
                 SELECT * FROM (SELECT organisation_id, id, next_at FROM outbox \
                   WHERE state = 'retry' AND next_at <= $2 ORDER BY next_at, id LIMIT $4 + 0) AS r) \
               AS due ORDER BY next_at, id LIMIT $4 + 0) \
             RETURNING organisation_id, id, next_at",
            vec![
                worker.into(),
                now.as_second().into(),
                lease_until.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        // The rows come back in any order.
        due.sort_unstable_by_key(|mail| (mail.next_at, mail.id));
        Ok(due
            .into_iter()
            .map(|due| (OrganisationId::from_uuid(due.organisation_id), MailId::from_uuid(due.id)))
            .collect())
    }

    /// Gives mails of dead workers back: those whose lease ended before `now`, or all that are
    /// held when `everything` (an embedded database belongs to one process, which has just
    /// started). Says how many were being sent, and may be repeated.
    ///
    /// A mail that was only held keeps its place in the queue: processes that die one after the
    /// other would otherwise overtake it each time. One that was being sent goes behind those.
    pub async fn take_back_mail(
        &self,
        now: Timestamp,
        everything: bool,
    ) -> Result<u64, StoreError> {
        let values = || vec![now.as_second().into(), everything.into()];
        raw::execute(
            &self.connections.write,
            "UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'retry' ELSE 'planned' END, \
               lease_owner = NULL, lease_until = NULL \
             WHERE state = 'claimed' AND ($2 OR lease_until < $1)",
            values(),
        )
        .await?;
        raw::execute(
            &self.connections.write,
            "UPDATE outbox SET state = 'retry', reason = 'interrupted', lease_owner = NULL, \
               lease_until = NULL, next_at = $1 \
             WHERE state = 'sending' AND ($2 OR lease_until < $1)",
            values(),
        )
        .await
    }

    /// Ends what waits and is of no use any more, and lets go of what depends on it. Only for when
    /// nothing is taken, because the relay does not work: otherwise the worker finds it out.
    pub async fn expire_mail(&self, now: Timestamp) -> Result<u64, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            organisation_id: Uuid,
        }
        let over: Vec<Row> = raw::all(
            &self.connections.read,
            "SELECT DISTINCT organisation_id FROM outbox \
             WHERE state IN ('planned', 'retry') AND useful_until <= $1",
            vec![now.as_second().into()],
        )
        .await?;
        let mut expired = 0;
        for Row { organisation_id } in over {
            let organisation = OrganisationId::from_uuid(organisation_id);
            expired +=
                self.transact(organisation, async |unit| unit.expire_waiting(now).await).await?;
        }
        Ok(expired)
    }

    /// Live claims that the planner should look at now; at most `limit`.
    pub async fn claims_to_plan(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, ClaimId)>, StoreError> {
        let keys: Vec<Key> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, id FROM claim WHERE plan_at <= $1 ORDER BY plan_at, id LIMIT $2 + 0",
            vec![now.as_second().into(), i64::from(limit).into()],
        )
        .await?;
        Ok(keys
            .into_iter()
            .map(|key| (OrganisationId::from_uuid(key.organisation_id), ClaimId::from_uuid(key.id)))
            .collect())
    }

    /// The next instant at which a mail is to be tried or a claim to be planned, if any.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            next_at: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.connections.read,
            // One minimum a state: each is the first entry of its part of an index.
            "SELECT MIN(at) AS next_at FROM ( \
             SELECT MIN(next_at) AS at FROM outbox WHERE state = 'planned' \
             UNION ALL SELECT MIN(next_at) AS at FROM outbox WHERE state = 'retry' \
             UNION ALL SELECT MIN(next_at) AS at FROM outbox WHERE state = 'claimed' \
             UNION ALL SELECT MIN(next_at) AS at FROM outbox WHERE state = 'sending' \
             UNION ALL SELECT MIN(plan_at) AS at FROM claim) AS due",
            Vec::new(),
        )
        .await?;
        Ok(row.and_then(|row| row.next_at).map(at))
    }

    /// When the mail was due that waits longest for the relay, whatever the number of times it was
    /// tried since. One or two mails that a mail server put off by its reply are their recipients'
    /// affair and do not count; a third does. Neither does what waits for the morning.
    pub async fn oldest_mail_kept_waiting(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            due_at: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.connections.read,
            "SELECT MIN(due_at) AS due_at FROM ( \
             SELECT MIN(due_at) AS due_at FROM outbox WHERE state = 'retry' \
               AND reason <> 'night' AND reason NOT LIKE 'code %' \
             UNION ALL SELECT * FROM (SELECT due_at FROM outbox WHERE state = 'retry' \
               AND reason <> 'night' ORDER BY due_at LIMIT 1 OFFSET 2) AS third) AS waiting",
            Vec::new(),
        )
        .await?;
        Ok(row.and_then(|row| row.due_at).map(at))
    }

    /// What time it is by the clock of the database, by which other processes may judge a lease.
    /// `None` for the embedded one, which has this process's clock.
    pub async fn database_now(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            now: i64,
        }
        if self.is_embedded() {
            return Ok(None);
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT) AS now";
        let row: Option<Row> = raw::one(&self.connections.read, sql, Vec::new()).await?;
        Ok(row.map(|row| at(row.now)))
    }

    /// Says that this process works: silence is noticed by its absence.
    pub async fn heartbeat(&self, worker: Uuid, now: Timestamp) -> Result<(), StoreError> {
        raw::execute(
            &self.connections.write,
            "INSERT INTO worker (id, started_at, seen_at) VALUES ($1, $2, $2) \
             ON CONFLICT (id) DO UPDATE SET seen_at = $2",
            vec![worker.into(), now.as_second().into()],
        )
        .await?;
        raw::execute(
            &self.connections.write,
            "DELETE FROM worker WHERE seen_at < $1",
            vec![now.plus_days(-7).as_second().into()],
        )
        .await
        .map(|_| ())
    }

    /// When any process last worked.
    pub async fn last_heartbeat(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            seen_at: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.connections.read,
            "SELECT MAX(seen_at) AS seen_at FROM worker",
            Vec::new(),
        )
        .await?;
        Ok(row.and_then(|row| row.seen_at).map(at))
    }
}

impl UnitOfWork {
    /// Marks a held mail as being sent, with what was composed and where it goes. `false` when
    /// `worker` no longer holds it: then nothing may be sent.
    pub async fn begin_sending(
        &self,
        id: MailId,
        worker: Uuid,
        frozen: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1, \
                   first_attempt_at = COALESCE(first_attempt_at, $4), \
                   frozen = COALESCE(frozen, $5), lease_until = $6, changed_at = $4, \
                   email_index = (SELECT p.email_index FROM person p \
                     WHERE p.organisation_id = $1 AND p.id = outbox.person_id) \
                 WHERE organisation_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'claimed'",
                id,
                worker,
                [now.as_second().into(), frozen.into(), lease_until.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Holds what a mail depends on as it is now until this transaction ends: a change of it that is
    /// acknowledged before the mail is marked has been read here, and any other waits.
    ///
    /// Locks in the order in which changes take them. Of two mails that may say what the other
    /// says the second waits here for the first: held together by both, neither could take the other in. On SQLite
    /// this transaction is the only writer.
    pub async fn hold_for_mail(
        &self,
        kind: MailKind,
        subject: &MailSubject,
    ) -> Result<(), StoreError> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

        use crate::entity::{circle, claim, membership, person, slot};
        if self.is_alone() {
            return Ok(());
        }
        let organisation = self.organisation;
        if let Some(id) = subject.person {
            let key = (organisation, id.as_uuid());
            let person = person::Entity::find_by_id(key);
            let alone = kind.says_several();
            let held = if alone { person.lock_exclusive() } else { person.lock_shared() };
            held.one(&self.txn).await?;
        }
        if let Some(id) = subject.circle {
            let key = (organisation, id.as_uuid());
            circle::Entity::find_by_id(key).lock_shared().one(&self.txn).await?;
        }
        if let (Some(circle), Some(person)) = (subject.circle, subject.person) {
            membership::Entity::find()
                .filter(membership::Column::OrganisationId.eq(organisation))
                .filter(membership::Column::CircleId.eq(circle.as_uuid()))
                .filter(membership::Column::PersonId.eq(person.as_uuid()))
                .lock_shared()
                .one(&self.txn)
                .await?;
        }
        if let Some(id) = subject.slot {
            let key = (organisation, id.as_uuid());
            slot::Entity::find_by_id(key).lock_shared().one(&self.txn).await?;
        }
        if let Some(id) = subject.claim {
            let key = (organisation, id.as_uuid());
            claim::Entity::find_by_id(key).lock_shared().one(&self.txn).await?;
        }
        Ok(())
    }

    /// Keeps a mail that is being sent for longer. `false` when `worker` no longer holds it: then
    /// the attempt must end.
    pub async fn renew_lease(
        &self,
        id: MailId,
        worker: Uuid,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET lease_until = $4 WHERE organisation_id = $1 AND id = $2 \
                 AND lease_owner = $3 AND state = 'sending'",
                id,
                worker,
                [lease_until.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// The relay took it.
    pub async fn mail_sent(
        &self,
        id: MailId,
        worker: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = 'sent', reason = NULL, frozen = NULL, \
                   lease_owner = NULL, lease_until = NULL, changed_at = $4 \
                 WHERE organisation_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'sending'",
                id,
                worker,
                [now.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// It waits until `next_at`; `reason` is a short word for people who look after the service.
    pub async fn mail_waits(
        &self,
        id: MailId,
        worker: Uuid,
        reason: &str,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'retry' ELSE 'planned' END, \
                   reason = $4, next_at = $5, lease_owner = NULL, lease_until = NULL, \
                   changed_at = $6 WHERE organisation_id = $1 AND id = $2 AND lease_owner = $3 \
                   AND state IN ('claimed', 'sending')",
                id,
                worker,
                [reason.into(), next_at.as_second().into(), now.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// It ends unsent, for a reason that a person can see. What it would have said for others they
    /// say themselves.
    pub async fn mail_ends(
        &self,
        id: MailId,
        worker: Uuid,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = $4, reason = $5, frozen = NULL, lease_owner = NULL, \
                   lease_until = NULL, changed_at = $6 WHERE organisation_id = $1 AND id = $2 \
                   AND lease_owner = $3 AND state IN ('claimed', 'sending')",
                id,
                worker,
                [reason.ends_in().as_str().into(), reason.as_str().into(), now.as_second().into()],
            )
            .await?;
        if changed == 1 {
            self.let_mails_go(id, now).await?;
        }
        Ok(changed == 1)
    }

    async fn change_mail<const N: usize>(
        &self,
        sql: &str,
        id: MailId,
        worker: Uuid,
        values: [Value; N],
    ) -> Result<u64, StoreError> {
        let first: [Value; 3] = [self.organisation.into(), id.as_uuid().into(), worker.into()];
        raw::execute(&self.txn, sql, first.into_iter().chain(values).collect()).await
    }
}
