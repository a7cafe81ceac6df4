//! Tasks and their dated slots.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, MembershipId, SlotId, TaskId};
use kith_domain::{
    Disclosure, IfNobody, LocalTimes, Places, Repeat, SlotState, TaskDraft, TaskKind, Timestamp,
};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, Value, sea_query::OnConflict};
use uuid::Uuid;

use crate::convert::{at, date, date_text, small, time, time_text, word};
use crate::entity::{slot, task};
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

/// One dated occurrence, with what its task says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its id.
    pub id: SlotId,
    /// The circle.
    pub circle: CircleId,
    /// The task.
    pub task: TaskId,
    /// What.
    pub kind: TaskKind,
    /// Local date of its start.
    pub date: Date,
    /// When it starts.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// How many people are asked for.
    pub places: u32,
    /// How many promised.
    pub taken: u32,
    /// Open or cancelled.
    pub state: SlotState,
    /// Counts changes of time.
    pub revision: u32,
    /// What it discloses in the window.
    pub disclosure: Disclosure,
    /// What happens if nobody can.
    pub if_nobody: IfNobody,
}

impl Slot {
    /// Whether somebody more is needed.
    pub fn needs_somebody(&self) -> bool {
        self.state == SlotState::Open && self.taken < self.places
    }
}

#[derive(Debug, FromQueryResult)]
pub(crate) struct SlotRow {
    id: Uuid,
    circle_id: Uuid,
    task_id: Uuid,
    kind: String,
    local_date: String,
    starts_at: i64,
    ends_at: i64,
    places: i32,
    taken: i32,
    state: String,
    revision: i32,
    discloses_address: bool,
    discloses_entry: bool,
    if_nobody: String,
}

impl SlotRow {
    pub(crate) fn slot(self) -> Result<Slot, StoreError> {
        let id = self.id;
        Ok(Slot {
            id: SlotId::from_uuid(id),
            circle: CircleId::from_uuid(self.circle_id),
            task: TaskId::from_uuid(self.task_id),
            kind: word(&self.kind, "slot", id)?,
            date: date(&self.local_date, "slot", id)?,
            starts: at(self.starts_at),
            ends: at(self.ends_at),
            places: small(self.places, "slot", id)?,
            taken: small(self.taken, "slot", id)?,
            state: word(&self.state, "slot", id)?,
            revision: small(self.revision, "slot", id)?,
            disclosure: Disclosure { address: self.discloses_address, entry: self.discloses_entry },
            if_nobody: word(&self.if_nobody, "slot", id)?,
        })
    }
}

pub(crate) const SLOT: &str = "SELECT s.id, s.circle_id, s.task_id, t.kind, s.local_date, \
     s.starts_at, s.ends_at, s.places, s.taken, s.state, s.revision, t.discloses_address, \
     t.discloses_entry, t.if_nobody FROM slot s \
     JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
     WHERE s.organisation_id = $1";

fn task_from(row: task::Model) -> Result<Task, StoreError> {
    let id = row.id;
    let nonsense = || StoreError::Inconsistent { table: "task", id };
    let until = row.until_date.as_deref().map(|text| date(text, "task", id)).transpose()?;
    let kind: TaskKind = word(&row.kind, "task", id)?;
    let places = u8::try_from(row.places).map_err(|_| nonsense())?;
    let minutes = u16::try_from(row.minutes).map_err(|_| nonsense())?;
    let start = time(&row.start_time, "task", id)?;
    Ok(Task {
        id: TaskId::from_uuid(id),
        circle: CircleId::from_uuid(row.circle_id),
        kind,
        places: Places::new(places, kind).map_err(|_| nonsense())?,
        first: LocalTimes::new(date(&row.first_date, "task", id)?, start, minutes)
            .map_err(|_| nonsense())?,
        repeat: Repeat::from_parts(&row.repeat, until).map_err(|_| nonsense())?,
        disclosure: Disclosure { address: row.discloses_address, entry: row.discloses_entry },
        if_nobody: word(&row.if_nobody, "task", id)?,
        ended: row.state != "active",
        rolled_to: row.rolled_to.as_deref().map(|text| date(text, "task", id)).transpose()?,
        created_by: row.created_by.map(MembershipId::from_uuid),
    })
}

impl Store {
    /// Tasks of any organisation whose slots do not reach `horizon` yet; at most `limit`.
    pub async fn tasks_to_roll(
        &self,
        horizon: Date,
        limit: u32,
    ) -> Result<Vec<(kith_domain::ids::OrganisationId, TaskId)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            organisation_id: Uuid,
            id: Uuid,
        }
        let rows: Vec<Row> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, id FROM task WHERE state = 'active' AND repeat <> 'once' \
             AND (rolled_to IS NULL OR rolled_to < $1) \
             AND (until_date IS NULL OR rolled_to IS NULL OR until_date > rolled_to) \
             ORDER BY rolled_to LIMIT $2",
            vec![date_text(horizon).into(), i64::from(limit).into()],
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let organisation = kith_domain::ids::OrganisationId::from_uuid(row.organisation_id);
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
            .map(task_from)
            .transpose()
    }

    /// One slot.
    pub async fn slot(&self, id: SlotId) -> Result<Option<Slot>, StoreError> {
        let values = vec![self.organisation.into(), id.as_uuid().into()];
        let row: Option<SlotRow> =
            raw::one(&self.txn, &format!("{SLOT} AND s.id = $2"), values).await?;
        row.map(SlotRow::slot).transpose()
    }

    /// Slots of a circle that start in `[from, to)` and stand, in order; at most 500.
    pub async fn slots_between(
        &self,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Slot>, StoreError> {
        self.slots_where(
            "AND s.circle_id = $2 AND s.starts_at >= $3 AND s.starts_at < $4 AND s.state = 'open' \
             ORDER BY s.starts_at, s.id LIMIT 500",
            [circle.as_uuid().into(), from.as_second().into(), to.as_second().into()],
        )
        .await
    }

    /// Slots of a task that start at or after `from` and stand, in order; at most 500.
    pub async fn slots_of_task(
        &self,
        task: TaskId,
        from: Timestamp,
    ) -> Result<Vec<Slot>, StoreError> {
        self.slots_where(
            "AND s.task_id = $2 AND s.starts_at >= $3 AND s.state = 'open' \
             ORDER BY s.starts_at, s.id LIMIT 500",
            [task.as_uuid().into(), from.as_second().into()],
        )
        .await
    }

    async fn slots_where<const N: usize>(
        &self,
        which: &str,
        values: [Value; N],
    ) -> Result<Vec<Slot>, StoreError> {
        let values = std::iter::once(Value::from(self.organisation)).chain(values).collect();
        let rows: Vec<SlotRow> = raw::all(&self.txn, &format!("{SLOT} {which}"), values).await?;
        rows.into_iter().map(SlotRow::slot).collect()
    }
}

impl UnitOfWork {
    /// Puts a task on the rota. Its slots come from [`Self::add_slots`].
    pub async fn add_task(
        &self,
        id: TaskId,
        circle: CircleId,
        draft: &TaskDraft,
        created_by: Option<MembershipId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        task::Entity::insert(task::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(id.as_uuid()),
            circle_id: Set(circle.as_uuid()),
            kind: Set(draft.kind.as_str().to_owned()),
            places: Set(i32::from(draft.places.get())),
            first_date: Set(date_text(draft.first.date())),
            start_time: Set(time_text(draft.first.start())),
            minutes: Set(i32::from(draft.first.minutes())),
            repeat: Set(draft.repeat.as_str().to_owned()),
            until_date: Set(draft.repeat.until().map(date_text)),
            discloses_address: Set(draft.disclosure.address),
            discloses_entry: Set(draft.disclosure.entry),
            if_nobody: Set(draft.if_nobody.as_str().to_owned()),
            state: Set("active".to_owned()),
            rolled_to: Set(None),
            created_by: Set(created_by.map(MembershipId::as_uuid)),
            created_at: Set(now.as_second()),
            revision: Set(0),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }

    /// Changes what a task says about itself, but not its dates.
    pub async fn put_task_terms(
        &self,
        id: TaskId,
        places: Places,
        disclosure: Disclosure,
        if_nobody: IfNobody,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE task SET places = $3, discloses_address = $4, discloses_entry = $5, \
             if_nobody = $6, revision = revision + 1 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                i32::from(places.get()).into(),
                disclosure.address.into(),
                disclosure.entry.into(),
                if_nobody.as_str().into(),
            ],
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE slot SET places = CASE WHEN taken > $3 THEN taken ELSE $3 END \
             WHERE organisation_id = $1 AND task_id = $2 AND state = 'open'",
            vec![self.organisation.into(), id.as_uuid().into(), i32::from(places.get()).into()],
        )
        .await
        .map(|_| ())
    }

    /// A task makes no more slots after `until`; `None` ends it now.
    pub async fn end_task(&self, id: TaskId, until: Option<Date>) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE task SET state = CASE WHEN $3 THEN 'ended' ELSE state END, until_date = $4, \
             revision = revision + 1 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                until.is_none().into(),
                until.map(date_text).into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Adds the slots of these dates that do not exist yet, and remembers how far they reach.
    /// Returns the ids of those that are new.
    pub async fn add_slots(
        &self,
        task: &Task,
        slots: &[(Date, Timestamp, Timestamp)],
        rolled_to: Date,
    ) -> Result<Vec<SlotId>, StoreError> {
        let mut added = Vec::new();
        for (date, starts, ends) in slots {
            let id = SlotId::new(&*self.ids);
            let inserted = slot::Entity::insert(slot::ActiveModel {
                organisation_id: Set(self.organisation),
                id: Set(id.as_uuid()),
                circle_id: Set(task.circle.as_uuid()),
                task_id: Set(task.id.as_uuid()),
                local_date: Set(date_text(*date)),
                starts_at: Set(starts.as_second()),
                ends_at: Set(ends.as_second()),
                places: Set(i32::from(task.places.get())),
                taken: Set(0),
                state: Set(SlotState::Open.as_str().to_owned()),
                revision: Set(0),
            })
            .on_conflict(
                OnConflict::columns([
                    slot::Column::OrganisationId,
                    slot::Column::TaskId,
                    slot::Column::LocalDate,
                ])
                .do_nothing()
                .to_owned(),
            )
            .exec_without_returning(&self.txn)
            .await?;
            if inserted == 1 {
                added.push(id);
            }
        }
        raw::execute(
            &self.txn,
            "UPDATE task SET rolled_to = $3 WHERE organisation_id = $1 AND id = $2 \
             AND (rolled_to IS NULL OR rolled_to < $3)",
            vec![self.organisation.into(), task.id.as_uuid().into(), date_text(rolled_to).into()],
        )
        .await?;
        Ok(added)
    }

    /// Cancels a slot. `false` when it was not open.
    pub async fn cancel_slot(&self, id: SlotId) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE slot SET state = 'cancelled', revision = revision + 1 \
             WHERE organisation_id = $1 AND id = $2 AND state = 'open'",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Moves a slot to another time of the same day or another day.
    pub async fn move_slot(
        &self,
        id: SlotId,
        starts: Timestamp,
        ends: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE slot SET starts_at = $3, ends_at = $4, revision = revision + 1 \
             WHERE organisation_id = $1 AND id = $2 AND state = 'open'",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                starts.as_second().into(),
                ends.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }
}
