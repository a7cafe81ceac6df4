//! Tasks: what is asked, once or repeating.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, MembershipId, OrganisationId, TaskId};
use kith_domain::{
    Disclosure, EndingKind, Ends, IfNobody, LeftOut, LocalTimes, Places, Repeat, TaskDraft,
    TaskKind, Timestamp,
};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, QuerySelect};
use uuid::Uuid;

use crate::convert::{date, date_text, small, time, time_text, word};
use crate::entity::task;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, Store, UnitOfWork};

/// What is asked, once or repeating. The note is sealed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The circle.
    pub circle: CircleId,
    /// What.
    pub kind: TaskKind,
    /// How many people.
    pub places: Places,
    /// First date and wall-clock time.
    pub first: LocalTimes,
    /// How often.
    pub repeat: Repeat,
    /// Days on which it does not come.
    pub left_out: LeftOut,
    /// Counts changes of its days and times: slots of an earlier count are promises that were kept
    /// as they were, or history.
    pub series: u32,
    /// What it discloses to whoever takes it, in the window.
    pub disclosure: Disclosure,
    /// What happens if nobody can.
    pub if_nobody: IfNobody,
    /// Ended tasks make no new slots.
    pub ended: bool,
    /// Slots exist up to this date.
    pub rolled_to: Option<Date>,
    /// Who asked.
    pub created_by: Option<MembershipId>,
}

impl Task {
    /// The last day on which it comes, where it has one.
    pub fn last_day(&self) -> Option<Date> {
        self.repeat.last_day(self.first.date())
    }
}

fn task_from(row: &task::Model) -> Result<Task, StoreError> {
    let id = row.id;
    let nonsense = || StoreError::Inconsistent { table: "task", id };
    let kind: TaskKind = word(&row.kind, "task", id)?;
    let places = u8::try_from(row.places).map_err(|_| nonsense())?;
    let minutes = u16::try_from(row.minutes).map_err(|_| nonsense())?;
    let start = time(&row.start_time, "task", id)?;
    let first = date(&row.first_date, "task", id)?;
    Ok(Task {
        id: TaskId::from_uuid(id),
        circle: CircleId::from_uuid(row.circle_id),
        kind,
        places: Places::new(places, kind).map_err(|_| nonsense())?,
        first: LocalTimes::new(first, start, minutes).map_err(|_| nonsense())?,
        repeat: Repeat::from_text(&row.repeat, first).map_err(|_| nonsense())?,
        left_out: row.left_out.parse().map_err(|_| nonsense())?,
        series: small(row.series, "task", id)?,
        disclosure: Disclosure {
            address: row.discloses_address,
            help: row.discloses_help,
            entry: row.discloses_entry,
        },
        if_nobody: word(&row.if_nobody, "task", id)?,
        ended: row.state != "active",
        rolled_to: row.rolled_to.as_deref().map(|text| date(text, "task", id)).transpose()?,
        created_by: row.created_by.map(MembershipId::from_uuid),
    })
}

/// What a draft says of a new task: whose it is is the caller's to add.
pub(crate) fn task_row(draft: &TaskDraft) -> task::ActiveModel {
    task::ActiveModel {
        kind: Set(draft.kind.as_str().to_owned()),
        places: Set(i32::from(draft.places.get())),
        first_date: Set(date_text(draft.first.date())),
        start_time: Set(time_text(draft.first.start())),
        minutes: Set(i32::from(draft.first.minutes())),
        repeat: Set(draft.repeat.to_text()),
        until_date: Set(draft.repeat.last_day(draft.first.date()).map(date_text)),
        left_out: Set(LeftOut::nothing().to_string()),
        series: Set(0),
        discloses_address: Set(draft.disclosure.address),
        discloses_help: Set(draft.disclosure.help),
        discloses_entry: Set(draft.disclosure.entry),
        if_nobody: Set(draft.if_nobody.as_str().to_owned()),
        state: Set("active".to_owned()),
        rolled_to: Set(None),
        revision: Set(0),
        ..Default::default()
    }
}

impl Store {
    /// Tasks of any organisation whose slots do not reach `horizon` yet; at most `limit`.
    pub async fn tasks_to_roll(
        &self,
        horizon: Date,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, TaskId)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            organisation_id: Uuid,
            id: Uuid,
        }
        let rows: Vec<Row> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, id FROM task WHERE state = 'active' AND repeat <> 'once' \
             AND (until_date IS NULL OR rolled_to IS NULL OR until_date > rolled_to) \
             AND COALESCE(rolled_to, '') < $1 ORDER BY COALESCE(rolled_to, '') LIMIT $2 + 0",
            vec![date_text(horizon).into(), i64::from(limit).into()],
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let organisation = OrganisationId::from_uuid(row.organisation_id);
                (organisation, TaskId::from_uuid(row.id))
            })
            .collect())
    }
}

impl Reader {
    /// One task.
    pub async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        task::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .map(|row| task_from(&row))
            .transpose()
    }
}

impl UnitOfWork {
    /// Keeps others from changing a task and adding slots to it until this transaction ends, and waits
    /// for those who are at it: then as it is. Before any of its slots is held. On SQLite this
    /// transaction is the only writer.
    pub async fn hold_task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        task::Entity::find_by_id((self.organisation, id.as_uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(&self.txn)
            .await?;
        self.task(id).await
    }

    /// Puts a task on the rota. Its slots come from [`Self::add_slots`].
    pub async fn add_task(
        &self,
        id: TaskId,
        circle: CircleId,
        draft: &TaskDraft,
        created_by: Option<MembershipId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = task::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(id.as_uuid()),
            circle_id: Set(circle.as_uuid()),
            created_by: Set(created_by.map(MembershipId::as_uuid)),
            created_at: Set(now.as_second()),
            ..task_row(draft)
        };
        task::Entity::insert(row).exec_without_returning(&self.txn).await?;
        Ok(())
    }

    /// Changes what a task says about itself, but not its dates. Slots that are over keep the places
    /// that they had, and those with places of their own keep these.
    pub async fn put_task_terms(
        &self,
        id: TaskId,
        places: Places,
        disclosure: Disclosure,
        if_nobody: IfNobody,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_told(id, EndingKind::TellsAddress, disclosure.address).await?;
        self.put_told(id, EndingKind::TellsHelp, disclosure.help).await?;
        self.put_told(id, EndingKind::TellsEntry, disclosure.entry).await?;
        raw::execute(
            &self.txn,
            "UPDATE task SET places = $3, if_nobody = $4, revision = revision + 1 \
             WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                i32::from(places.get()).into(),
                if_nobody.as_str().into(),
            ],
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE slot SET places = CASE WHEN own_places IS NOT NULL THEN places \
               WHEN taken > $3 THEN taken ELSE $3 END, tell_at = $4 \
             WHERE organisation_id = $1 AND task_id = $2 AND state = 'open' AND ends_at > $4",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                i32::from(places.get()).into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Whether a task tells the address ([`EndingKind::TellsAddress`]), whom to call
    /// ([`EndingKind::TellsHelp`]) or how to come in ([`EndingKind::TellsEntry`]). `false` when it
    /// was so already, or there is no such task.
    pub async fn put_told(
        &self,
        id: TaskId,
        what: EndingKind,
        told: bool,
    ) -> Result<bool, StoreError> {
        let column = match what {
            EndingKind::TellsAddress => "discloses_address",
            EndingKind::TellsHelp => "discloses_help",
            EndingKind::TellsEntry => "discloses_entry",
            _ => return Ok(false),
        };
        let sql = format!(
            "UPDATE task SET {column} = $3 WHERE organisation_id = $1 AND id = $2 \
             AND {column} <> $3"
        );
        let values = vec![self.organisation.into(), id.as_uuid().into(), told.into()];
        let changed = raw::execute(&self.txn, &sql, values).await?;
        if changed == 1 {
            self.has_ended(what, id.as_uuid(), Some(EndingKind::switch(told))).await?;
        }
        Ok(changed == 1)
    }

    /// Gives a task other days and times from now on: the next [`Self::add_slots`] makes slots of a
    /// new series. Returns the task as it is then. One that ends on a day that the rota had reached
    /// has ended as by [`Self::end_task`]; one that had an end and goes further goes on.
    pub async fn put_task_days(
        &self,
        task: &Task,
        first: LocalTimes,
        repeat: Repeat,
    ) -> Result<Task, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE task SET first_date = $3, start_time = $4, minutes = $5, repeat = $6, \
             until_date = $7, series = series + 1, rolled_to = NULL, state = 'active', \
             revision = revision + 1 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                task.id.as_uuid().into(),
                date_text(first.date()).into(),
                time_text(first.start()).into(),
                i32::from(first.minutes()).into(),
                repeat.to_text().into(),
                repeat.last_day(first.date()).map(date_text).into(),
            ],
        )
        .await?;
        let (had, has) = (task.last_day(), repeat.last_day(first.date()));
        let comes_again = task.repeat.is_again() || repeat.is_again();
        if comes_again && has.is_some() && has <= task.rolled_to {
            self.task_goes_on(task.id, false).await?;
        } else if comes_again && (task.ended || had.is_some()) {
            self.task_goes_on(task.id, true).await?;
        }
        self.task(task.id).await?.ok_or(StoreError::NotFound)
    }

    /// The days on which a task does not come. Slots that exist stay.
    pub async fn put_left_out(&self, id: TaskId, left_out: &LeftOut) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE task SET left_out = $3, revision = revision + 1 \
             WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into(), left_out.to_string().into()],
        )
        .await
        .map(|_| ())
    }

    /// A task makes no more slots after `until`, a day that the rota has reached; `None` ends it now.
    pub async fn end_task(&self, task: &Task, until: Option<Date>) -> Result<(), StoreError> {
        let repeat = until.map_or(task.repeat, |until| task.repeat.ending(Ends::On(until)));
        raw::execute(
            &self.txn,
            "UPDATE task SET state = CASE WHEN $3 THEN 'ended' ELSE state END, repeat = $4, \
             until_date = $5, revision = revision + 1 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                task.id.as_uuid().into(),
                until.is_none().into(),
                repeat.to_text().into(),
                repeat.last_day(task.first.date()).map(date_text).into(),
            ],
        )
        .await?;
        self.task_goes_on(task.id, false).await
    }

    /// For the file of endings, which knows no days: whether more is to come than is on the rota.
    async fn task_goes_on(&self, id: TaskId, goes_on: bool) -> Result<(), StoreError> {
        let word = EndingKind::switch(goes_on);
        self.has_ended(EndingKind::Task, id.as_uuid(), Some(word)).await
    }
}
