//! What one date of a task asks for, where that is not what its task says; and a date that was left
//! out and comes after all.

use jiff::civil::Date;
use kith_domain::ids::SlotId;
use kith_domain::{IfNobody, Places, Timestamp};

use crate::convert::date_text;
use crate::error::StoreError;
use crate::raw;
use crate::tasks::Task;
use crate::unit::UnitOfWork;

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
