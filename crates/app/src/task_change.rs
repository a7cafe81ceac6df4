//! Changing a task and taking it off the rota.
//!
//! A change never moves what somebody has promised to do without telling them, and never ends a
//! promise but with the slot itself.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, Disclosure, Ends, SlotState, TaskDraft, TaskInput, TaskProblem};
use kith_policy::{Amend, Disclose, Permit};
use kith_store::{Claim, Content, Slot, Snapshot, StoreError, Task};
use kith_vault::{Field, Sealed};

use crate::App;
use crate::failure::{Failure, What};
use crate::gate::Inside;
use crate::rota_change::{Told, cancel, move_slot};
use crate::task::{dated_slots, invalid};
use crate::visit::{Receipt, Visit};

/// A change of a task, as it was typed. The times are those of one slot; the rest is the task's.
#[derive(Clone, Copy, Default)]
pub struct TaskChange<'a> {
    /// Day of the slot, `2026-11-24`.
    pub date: &'a str,
    /// A word of `Within`; empty where `start` says the time.
    pub within: &'a str,
    /// Wall-clock start of the slot, `14:00`.
    pub start: &'a str,
    /// Wall-clock end of the slot, `15:30`; empty for the usual length.
    pub end: &'a str,
    /// Last day of a repeating task; empty to leave it as it is.
    pub until: &'a str,
    /// How many people.
    pub places: &'a str,
    /// Free text; empty takes the note away.
    pub note: &'a str,
    /// What it discloses to whoever takes it.
    pub disclosure: Disclosure,
    /// A word of `IfNobody`.
    pub if_nobody: &'a str,
    /// "Tell Tom": whoever promised is told by mail of a new time, or that it is off.
    pub tell: bool,
}

impl std::fmt::Debug for TaskChange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskChange")
    }
}

/// How much is taken off the rota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOff {
    /// This slot only.
    This,
    /// This slot and all that follow.
    Following,
    /// Every slot that has not begun.
    All,
}

impl App {
    /// Changes what a task says, and when this one slot is. Whoever promised the slot keeps it,
    /// and is told of a new time.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] with everything that is wrong; its field `tell` when somebody who
    /// promised would have to be told and that was not ticked.
    pub async fn change_task(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        change: &TaskChange<'_>,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "change-task").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        snapshot.end().await?;
        let permit = inside.permit::<Amend>(Category::Rota).await?;
        if done.is_some() {
            return Ok(());
        }
        let rows = rows.filter(|rows| rows.slot.ends > visit.now()).ok_or(Failure::NotHere)?;
        let now = visit.now();
        let zone = &inside.circle.zone;
        let draft = TaskDraft::parse(&rows.input(change), zone.date(now)).map_err(invalid)?;
        let (starts, ends) = draft.first.instants(zone);
        let moved = (starts, ends) != (rows.slot.starts, rows.slot.ends);
        let cut = rows.cut(change.until).map_err(|problem| invalid(vec![problem]))?;
        if moved && rows.others(&inside).next().is_some() && !change.tell {
            return Err(Failure::field("tell", What::Choose));
        }
        let telling = self.may_tell(&inside, rows.task.disclosure, draft.disclosure).await?;
        let note = self.note_change(&inside, &rows, &draft).await?;
        let author = inside.own_place()?.membership;
        let told = Told { circle: &inside.circle, by: inside.session.person, now };
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "change-task", "done", now).await?;
                unit.put_task_terms(rows.task.id, draft.places, draft.disclosure, draft.if_nobody)
                    .await?;
                for further in &telling {
                    unit.also(&permit, further).await?;
                }
                if let Some((sealed, further)) = note {
                    unit.also(&permit, &further).await?;
                    let subject = rows.task.id.as_uuid();
                    match sealed {
                        Some(sealed) => {
                            unit.put_content(circle, subject, Some(author), sealed, now).await?;
                        }
                        None => {
                            unit.erase_content(circle, Field::TaskNote, subject).await?;
                        }
                    }
                }
                if moved {
                    move_slot(unit, &told, &rows.slot, starts, ends).await?;
                }
                if let Some(until) = cut {
                    unit.end_task(&rows.task, Some(until)).await?;
                    let task = unit.task(rows.task.id).await?.ok_or(StoreError::NotFound)?;
                    let (slots, rolled_to) = dated_slots(&task, zone, zone.date(now));
                    unit.add_slots(&task, &slots, rolled_to).await?;
                    for slot in unit.slots_of_task(rows.task.id, now).await? {
                        if slot.date > until && slot.id != rows.slot.id {
                            cancel(unit, &told, &slot).await?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }

    /// Takes one slot off the rota, or all that follow too. Whoever promised one is told.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot does not stand, and for whoever may not change the rota.
    pub async fn take_off_rota(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        which: TakeOff,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "take-off-rota").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        snapshot.end().await?;
        let permit = inside.permit::<Amend>(Category::Rota).await?;
        if done.is_some() {
            return Ok(());
        }
        let rows = rows.ok_or(Failure::NotHere)?;
        let now = visit.now();
        let told = Told { circle: &inside.circle, by: inside.session.person, now };
        let task = &rows.task;
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "take-off-rota", "done", now).await?;
                if which == TakeOff::This {
                    cancel(unit, &told, &rows.slot).await?;
                    return Ok(());
                }
                for slot in unit.slots_of_task(task.id, now).await? {
                    if which == TakeOff::All || slot.date >= rows.slot.date {
                        cancel(unit, &told, &slot).await?;
                    }
                }
                let last = rows.slot.date.saturating_sub(1.day());
                let goes_on = which == TakeOff::Following && last >= rows.task.first.date();
                unit.end_task(task, goes_on.then_some(last)).await?;
                Ok(())
            })
            .await
    }

    /// What is to become of the note, when it changed and the reader may write one.
    async fn note_change<'v>(
        &self,
        inside: &Inside<'v>,
        rows: &ChangeRows,
        draft: &TaskDraft,
    ) -> Result<Option<(Option<Sealed>, Permit<'v, Amend>)>, Failure> {
        if !inside.may::<Amend>(Category::Task) {
            return Ok(None);
        }
        let key = inside.key()?;
        let before = match inside.permit_if_any::<Disclose>(Category::Task).await? {
            Some(permit) => inside.open(&permit, &key, rows.note.as_ref())?,
            None => None,
        };
        if before.as_deref() == draft.note.as_ref().map(kith_domain::Note::as_str) {
            return Ok(None);
        }
        let permit = inside.permit::<Amend>(Category::Task).await?;
        let sealed = match &draft.note {
            Some(note) => Some(inside.seal(&permit, &key, Field::TaskNote, note.as_str())?),
            None => None,
        };
        Ok(Some((sealed, permit)))
    }
}

/// The rows that a change of a task rests on.
pub(crate) struct ChangeRows {
    pub(crate) slot: Slot,
    pub(crate) task: Task,
    pub(crate) claims: Vec<Claim>,
    pub(crate) note: Option<Content>,
}

impl ChangeRows {
    /// None when the slot is not one of the circle, or was cancelled.
    pub(crate) async fn read(
        snapshot: &Snapshot,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<Option<Self>, StoreError> {
        let Some(slot) = snapshot.slot(slot).await? else { return Ok(None) };
        if slot.circle != circle || slot.state != SlotState::Open {
            return Ok(None);
        }
        let Some(task) = snapshot.task(slot.task).await? else { return Ok(None) };
        let claims = snapshot.claims_of(slot.id).await?;
        let note = snapshot.content(circle, Field::TaskNote, task.id.as_uuid()).await?;
        Ok(Some(Self { slot, task, claims, note }))
    }

    /// Promises of others that stand.
    pub(crate) fn others(&self, inside: &Inside<'_>) -> impl Iterator<Item = &Claim> {
        let me = inside.session.person;
        self.claims.iter().filter(move |claim| claim.state.is_live() && claim.person != me)
    }

    /// The slot as it would be typed anew: kind and repetition stay what they are.
    fn input<'a>(&self, change: &TaskChange<'a>) -> TaskInput<'a> {
        TaskInput {
            kind: self.task.kind.as_str(),
            date: change.date,
            within: change.within,
            start: change.start,
            end: change.end,
            places: change.places,
            note: change.note,
            disclosure: change.disclosure,
            if_nobody: change.if_nobody,
            ..TaskInput::default()
        }
    }

    /// The last day of the task, when a new one was said.
    fn cut(&self, until: &str) -> Result<Option<Date>, TaskProblem> {
        if until.trim().is_empty() || !self.task.repeat.is_again() {
            return Ok(None);
        }
        let until: Date = until.trim().parse().map_err(|_| TaskProblem::Until)?;
        Ok(Some(until).filter(|until| self.task.repeat.ends() != Ends::On(*until)))
    }
}
