//! Dated slots of tasks.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, SlotId, TaskId};
use kith_domain::{Disclosure, EndingKind, IfNobody, SlotState, TaskKind, Timestamp};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, Value, sea_query::OnConflict};
use uuid::Uuid;

use crate::convert::{at, date, date_text, small, word};
use crate::entity::slot;
use crate::error::StoreError;
use crate::gaps::look_at_gap;
use crate::raw;
use crate::tasks::Task;
use crate::unit::{Reader, UnitOfWork};

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
    /// The day of the task's pattern that it was made for, wherever it was moved to since.
    pub made_for: Date,
    /// Local date of its start.
    pub date: Date,
    /// When it starts.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// How many people are asked for.
    pub places: u32,
    /// How many this one date asks for, where that is not what its task says.
    pub own_places: Option<u32>,
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
    /// The same of this one date, where that is not what its task says.
    pub own_if_nobody: Option<IfNobody>,
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
    made_for: String,
    local_date: String,
    starts_at: i64,
    ends_at: i64,
    places: i32,
    own_places: Option<i32>,
    own_if_nobody: Option<String>,
    taken: i32,
    state: String,
    revision: i32,
    discloses_address: bool,
    discloses_help: bool,
    discloses_entry: bool,
    if_nobody: String,
}

impl SlotRow {
    pub(crate) fn slot(self) -> Result<Slot, StoreError> {
        let id = self.id;
        let own = self.own_if_nobody.as_deref().map(|text| word(text, "slot", id)).transpose()?;
        Ok(Slot {
            id: SlotId::from_uuid(id),
            circle: CircleId::from_uuid(self.circle_id),
            task: TaskId::from_uuid(self.task_id),
            kind: word(&self.kind, "slot", id)?,
            made_for: date(&self.made_for, "slot", id)?,
            date: date(&self.local_date, "slot", id)?,
            starts: at(self.starts_at),
            ends: at(self.ends_at),
            places: small(self.places, "slot", id)?,
            own_places: self.own_places.map(|own| small(own, "slot", id)).transpose()?,
            taken: small(self.taken, "slot", id)?,
            state: word(&self.state, "slot", id)?,
            revision: small(self.revision, "slot", id)?,
            disclosure: Disclosure {
                address: self.discloses_address,
                help: self.discloses_help,
                entry: self.discloses_entry,
            },
            if_nobody: own.map_or_else(|| word(&self.if_nobody, "slot", id), Ok)?,
            own_if_nobody: own,
        })
    }
}

macro_rules! slot_columns {
    () => {
        "s.id, s.circle_id, s.task_id, t.kind, s.made_for, s.local_date, s.starts_at, s.ends_at, \
         s.places, s.taken, s.state, s.revision, t.discloses_address, t.discloses_help, \
         t.discloses_entry, t.if_nobody, s.own_places, s.own_if_nobody"
    };
}

/// What a [`SlotRow`] holds, of a slot `s` and its task `t`.
pub(crate) const SLOT_COLUMNS: &str = slot_columns!();

/// The beginning of a statement that reads them.
pub(crate) const SLOT: &str = concat!(
    "SELECT ",
    slot_columns!(),
    " FROM slot s JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
     WHERE s.organisation_id = $1"
);

/// A new slot that nobody has taken: of what task it is is the caller's to add.
pub(crate) fn slot_row(date: Date, starts: Timestamp, ends: Timestamp) -> slot::ActiveModel {
    slot::ActiveModel {
        made_for: Set(date_text(date)),
        local_date: Set(date_text(date)),
        starts_at: Set(starts.as_second()),
        ends_at: Set(ends.as_second()),
        taken: Set(0),
        state: Set(SlotState::Open.as_str().to_owned()),
        revision: Set(0),
        tell_at: Set(Some(look_at_gap(starts).as_second())),
        ..Default::default()
    }
}

impl Reader {
    /// One slot.
    pub async fn slot(&self, id: SlotId) -> Result<Option<Slot>, StoreError> {
        let values = vec![self.organisation.into(), id.as_uuid().into()];
        let row: Option<SlotRow> =
            raw::one(&self.txn, &format!("{SLOT} AND s.id = $2"), values).await?;
        row.map(SlotRow::slot).transpose()
    }

    /// Those of these slots that exist, in no order.
    pub async fn slots(&self, ids: &[SlotId]) -> Result<Vec<Slot>, StoreError> {
        let sql = format!("{SLOT} AND s.id IN ({})", raw::marks(2, ids.len()));
        let values = self.and_all(ids.iter().map(|id| id.as_uuid()));
        let rows: Vec<SlotRow> = raw::all(&self.txn, &sql, values).await?;
        rows.into_iter().map(SlotRow::slot).collect()
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
    /// Adds the slots of these dates that the task's series does not have yet, and remembers how
    /// far they reach.
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
                series: Set(i32::try_from(task.series).unwrap_or(i32::MAX)),
                places: Set(i32::from(task.places.get())),
                ..slot_row(*date, *starts, *ends)
            })
            .on_conflict(
                OnConflict::columns([
                    slot::Column::OrganisationId,
                    slot::Column::TaskId,
                    slot::Column::Series,
                    slot::Column::MadeFor,
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
        if changed == 1 {
            self.has_ended(EndingKind::Slot, id.as_uuid(), None).await?;
        }
        Ok(changed == 1)
    }

    /// Moves a slot to another time of the same day or another day, the local date of which is
    /// `date`. `false` when it no longer stands as `slot` says: somebody else changed it first.
    pub async fn move_slot(
        &self,
        slot: &Slot,
        date: Date,
        starts: Timestamp,
        ends: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE slot SET starts_at = $3, ends_at = $4, local_date = $6, \
             revision = revision + 1, tell_at = $7 \
             WHERE organisation_id = $1 AND id = $2 AND state = 'open' AND revision = $5",
            vec![
                self.organisation.into(),
                slot.id.as_uuid().into(),
                starts.as_second().into(),
                ends.as_second().into(),
                i64::from(slot.revision).into(),
                date_text(date).into(),
                look_at_gap(starts).as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Takes a slot of an earlier series into that of `task`, for the day `made_for` of its
    /// pattern. When it is stays as it is.
    pub async fn keep_slot(
        &self,
        task: &Task,
        id: SlotId,
        made_for: Date,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE slot SET series = $3, made_for = $4 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                i64::from(task.series).into(),
                date_text(made_for).into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
