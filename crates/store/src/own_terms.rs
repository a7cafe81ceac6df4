//! What one date of a task asks for, where that is not what its task says; and a date that was left
//! out and comes after all.

use jiff::civil::Date;
use kith_domain::ids::{ClaimId, SlotId, TaskId};
use kith_domain::{IfNobody, Places, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::date_text;
use crate::error::StoreError;
use crate::raw;
use crate::tasks::Task;
use crate::unit::{Reader, UnitOfWork};

#[derive(Debug, FromQueryResult)]
struct Found {
    id: Uuid,
}

impl Reader {
    /// The slots of this day of a task's pattern that were taken off the rota, the last one last; at
    /// most 50.
    pub async fn taken_off(&self, task: TaskId, made_for: Date) -> Result<Vec<SlotId>, StoreError> {
        self.slot_ids(
            "SELECT s.id FROM slot s WHERE s.organisation_id = $1 AND s.task_id = $2 \
             AND s.made_for = $3 AND s.state = 'cancelled' \
             ORDER BY CASE WHEN s.series < 0 THEN 1 ELSE 0 END, ABS(s.series) LIMIT 50",
            [task.as_uuid().into(), date_text(made_for).into()],
        )
        .await
    }

    /// The slots of a task that start after `from`, on days of its pattern that had been taken off
    /// the rota; in order, at most 500.
    pub async fn put_back_of(
        &self,
        task: TaskId,
        from: Timestamp,
    ) -> Result<Vec<SlotId>, StoreError> {
        self.slot_ids(
            "SELECT s.id FROM slot s WHERE s.organisation_id = $1 AND s.task_id = $2 \
             AND s.starts_at > $3 AND s.state = 'open' AND EXISTS (SELECT 1 FROM slot o \
               WHERE o.organisation_id = $1 AND o.task_id = $2 AND o.made_for = s.made_for \
               AND o.state = 'cancelled') \
             ORDER BY s.starts_at, s.id LIMIT 500",
            [task.as_uuid().into(), from.as_second().into()],
        )
        .await
    }

    async fn slot_ids<const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<Vec<SlotId>, StoreError> {
        let values = std::iter::once(Value::from(self.organisation)).chain(values).collect();
        let found: Vec<Found> = raw::all(&self.txn, sql, values).await?;
        Ok(found.into_iter().map(|found| SlotId::from_uuid(found.id)).collect())
    }

    /// Whether cover was ever asked for a promise.
    pub async fn wanted_cover(&self, claim: ClaimId) -> Result<bool, StoreError> {
        let found: Option<Found> = raw::one(
            &self.txn,
            "SELECT o.id FROM outbox o WHERE o.organisation_id = $1 AND o.claim_id = $2 \
             AND o.kind = 'cover_wanted' LIMIT 1",
            vec![self.organisation.into(), claim.as_uuid().into()],
        )
        .await?;
        Ok(found.is_some())
    }
}

impl UnitOfWork {
    /// How many people one date of a task asks for, and what follows when nobody can; none for what
    /// the task says. Never fewer places than were promised.
    pub async fn put_own_terms(
        &self,
        slot: SlotId,
        task: &Task,
        (places, if_nobody): (Option<Places>, Option<IfNobody>),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE slot SET own_places = $3, own_if_nobody = $4, tell_at = $6, \
             places = CASE WHEN taken > $5 THEN taken ELSE $5 END \
             WHERE organisation_id = $1 AND id = $2 AND state = 'open'",
            vec![
                self.organisation.into(),
                slot.as_uuid().into(),
                places.map(|places| i32::from(places.get())).into(),
                if_nobody.map(|if_nobody| if_nobody.as_str().to_owned()).into(),
                i32::from(places.unwrap_or(task.places).get()).into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Makes room for a slot of a day that had been taken off the rota: what was there stays as
    /// history, in no series. It is not opened again, as whoever promised it was told that it is
    /// off, and a copy put back has to know that it is.
    pub async fn set_aside(&self, task: &Task, made_for: Date) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE slot SET series = -1 - (SELECT COUNT(*) FROM slot o \
               WHERE o.organisation_id = $1 AND o.task_id = $2 AND o.made_for = $4 \
               AND o.series < 0) \
             WHERE organisation_id = $1 AND task_id = $2 AND series = $3 AND made_for = $4 \
               AND state = 'cancelled'",
            vec![
                self.organisation.into(),
                task.id.as_uuid().into(),
                i32::try_from(task.series).unwrap_or(i32::MAX).into(),
                date_text(made_for).into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
