//! Mails that another one says: they end when it takes them in, and are planned again when it ends
//! unsent.

use kith_domain::ids::{CircleId, MailId, PersonId, SlotId};
use kith_domain::{MailKind, MailReason, Timestamp};
use sea_orm::{FromQueryResult, Value};

use crate::convert::at;
use crate::entity::outbox;
use crate::error::StoreError;
use crate::outbox::{Mail, from_row};
use crate::raw;
use crate::unit::Reader;
use crate::unit::UnitOfWork;

/// Mails that one takes in at most: a date for each day of twelve weeks, and some.
const MOST: u32 = 90;

impl Reader {
    /// The mails that this one says too, in the order of their due times.
    pub async fn taken_in_by(&self, mail: MailId) -> Result<Vec<Mail>, StoreError> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
        outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::TakenInBy.eq(mail.as_uuid()))
            .order_by_asc(outbox::Column::DueAt)
            .order_by_asc(outbox::Column::Id)
            .limit(u64::from(MOST))
            .all(&self.txn)
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// When somebody was last asked for a slot by mail: by one that has left, or leaves now.
    pub async fn last_asked(
        &self,
        slot: SlotId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.newest_asking(
            "AND (e.state IN ('sending', 'sent') OR (e.state IN ('planned', 'claimed') \
               AND e.attempts = 0 AND e.next_at <= $3))",
            vec![slot.as_uuid().into(), now.as_second().into()],
        )
        .await
    }

    /// Whether somebody's mail about this slot waits, and why: for as long as nobody is asked again.
    pub async fn asking_waits(&self, slot: SlotId, why: &str) -> Result<bool, StoreError> {
        let waits = self
            .newest_asking(
                "AND e.state = 'planned' AND e.reason = $3",
                vec![slot.as_uuid().into(), why.into()],
            )
            .await?;
        Ok(waits.is_some())
    }

    /// When this person was, by another mail than `but`.
    pub async fn last_asked_of(
        &self,
        slot: SlotId,
        person: PersonId,
        but: Option<MailId>,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.newest_asking(
            "AND e.state IN ('sending', 'sent') AND o.person_id = $3 AND e.id IS DISTINCT FROM $4",
            vec![slot.as_uuid().into(), person.as_uuid().into(), but.map(MailId::as_uuid).into()],
        )
        .await
    }

    async fn newest_asking(
        &self,
        which: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            asked: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            &format!(
                "SELECT MAX(CASE WHEN e.state = 'sent' THEN e.changed_at \
                   ELSE COALESCE(e.first_attempt_at, e.next_at) END) AS asked \
                 FROM outbox o JOIN outbox e ON e.organisation_id = o.organisation_id \
                   AND e.id = COALESCE(o.taken_in_by, o.id) \
                 WHERE o.organisation_id = $1 AND o.slot_id = $2 AND o.kind = 'somebody_needed' \
                   {which}"
            ),
            std::iter::once(Value::from(self.organisation)).chain(values).collect(),
        )
        .await?;
        Ok(row.and_then(|row| row.asked).map(at))
    }
}

impl UnitOfWork {
    /// Ends the other mails of this kind to a person about a circle, or about none, that are due by `due_by`, if
    /// given, and that nobody has begun to send: `mail`, which is sent now, says what they would
    /// say.
    pub async fn take_in_mails(
        &self,
        mail: MailId,
        (kind, due_by): (MailKind, Option<Timestamp>),
        person: PersonId,
        circle: Option<CircleId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'cancelled', reason = 'superseded', taken_in_by = $2, \
               lease_owner = NULL, lease_until = NULL, changed_at = $5 \
             WHERE organisation_id = $1 AND id IN ( \
               SELECT id FROM outbox WHERE organisation_id = $1 AND person_id = $3 \
               AND circle_id IS NOT DISTINCT FROM $4 AND id <> $2 AND kind = $6 AND due_at <= $7 \
               AND first_attempt_at IS NULL AND state IN ('planned', 'retry', 'claimed') \
               ORDER BY due_at, id LIMIT 90)",
            vec![
                self.organisation.into(),
                mail.as_uuid().into(),
                person.as_uuid().into(),
                circle.map(CircleId::as_uuid).into(),
                now.as_second().into(),
                kind.as_str().into(),
                due_by.map_or(i64::MAX, Timestamp::as_second).into(),
            ],
        )
        .await?;
        // What had given way to one of these is said by `mail` as well.
        raw::execute(
            &self.txn,
            "UPDATE outbox SET taken_in_by = $2 WHERE organisation_id = $1 AND taken_in_by IN ( \
               SELECT id FROM outbox WHERE organisation_id = $1 AND taken_in_by = $2)",
            vec![self.organisation.into(), mail.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }

    /// A mail that `by` took in, and does not say: it has ended by itself, for `reason`.
    pub async fn is_not_said(
        &self,
        mail: MailId,
        by: MailId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = $4, reason = $5, taken_in_by = NULL, changed_at = $6 \
             WHERE organisation_id = $1 AND id = $2 AND taken_in_by = $3 \
             AND state = 'cancelled' AND reason = 'superseded'",
            vec![
                self.organisation.into(),
                mail.as_uuid().into(),
                by.as_uuid().into(),
                reason.ends_in().as_str().into(),
                reason.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Lets `mail` be taken in by one of its kind to the same person that is due too, and whose slot
    /// starts before `starts`: that one is to be the first to read. `false` when there is none.
    pub async fn give_way(
        &self,
        mail: MailId,
        kind: MailKind,
        (person, circle): (PersonId, CircleId),
        starts: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE outbox SET taken_in_by = first.id FROM ( \
               SELECT o.id FROM outbox o JOIN slot s ON s.organisation_id = o.organisation_id \
                 AND s.id = o.slot_id \
               WHERE o.organisation_id = $1 AND o.person_id = $3 AND o.circle_id = $4 \
                 AND o.kind = $5 AND o.id <> $2 AND o.first_attempt_at IS NULL \
                 AND o.state IN ('planned', 'retry', 'claimed') AND o.next_at <= $7 \
                 AND s.state = 'open' AND s.starts_at < $6 \
               ORDER BY s.starts_at, o.id LIMIT 1) AS first \
             WHERE outbox.organisation_id = $1 AND outbox.id = $2",
            vec![
                self.organisation.into(),
                mail.as_uuid().into(),
                person.as_uuid().into(),
                circle.as_uuid().into(),
                kind.as_str().into(),
                starts.as_second().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Plans the mails again that `mail` had taken in, since it will not say what they say.
    pub(crate) async fn let_mails_go(
        &self,
        mail: MailId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'planned', reason = NULL, taken_in_by = NULL, \
               next_at = $3, changed_at = $3 WHERE organisation_id = $1 AND taken_in_by = $2 \
               AND state = 'cancelled' AND reason = 'superseded'",
            vec![self.organisation.into(), mail.as_uuid().into(), now.as_second().into()],
        )
        .await
        .map(|_| ())
    }
}
