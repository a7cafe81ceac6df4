//! What one date of a task says and asks for by itself: its note, how many people, and what follows
//! when nobody can.
//!
//! The note of one date is the same content as that of its task, with the slot as its subject. One
//! that is empty says that nothing of the task's note holds on that date.

use kith_domain::ids::SlotId;
use kith_domain::{Category, IfNobody, Places, TaskDraft, TaskKind, Timestamp};
use kith_policy::{Amend, Disclose, Permit};
use kith_store::{Content, Slot, StoreError, Task, UnitOfWork};
use kith_vault::{Field, Sealed};
use uuid::Uuid;

use crate::App;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::task_change::ChangeRows;

/// How many people, and what follows when nobody can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) places: Places,
    pub(crate) if_nobody: IfNobody,
}

/// What a slot asks for: its own terms, or those of its task.
pub(crate) fn terms_of(slot: &Slot, task: &Task) -> Terms {
    Terms {
        places: own_places(slot, task.kind).unwrap_or(task.places),
        if_nobody: slot.own_if_nobody.unwrap_or(task.if_nobody),
    }
}

fn own_places(slot: &Slot, kind: TaskKind) -> Option<Places> {
    slot.own_places
        .and_then(|own| u8::try_from(own).ok())
        .and_then(|own| Places::new(own, kind).ok())
}

/// What becomes of the terms of a task and of one of its slots.
pub(crate) struct NewTerms {
    /// Those of the task.
    pub(crate) task: Terms,
    /// Those of the slot, where they are not the task's.
    own: (Option<Places>, Option<IfNobody>),
    /// More people are asked for than were.
    pub(crate) more: bool,
}

impl NewTerms {
    /// As typed, for this date only or for all of them. What was left as the form showed it stays:
    /// what one date has of its own is not meant for the others.
    pub(crate) fn of(rows: &ChangeRows, draft: &TaskDraft, this_only: bool) -> Self {
        let (slot, task) = (&rows.slot, &rows.task);
        let shown = terms_of(slot, task);
        let more = draft.places > shown.places;
        let was = Terms { places: task.places, if_nobody: task.if_nobody };
        let own = (own_places(slot, task.kind), slot.own_if_nobody);
        if this_only {
            let own = (
                Some(draft.places).filter(|places| *places != task.places),
                Some(draft.if_nobody).filter(|if_nobody| *if_nobody != task.if_nobody),
            );
            return Self { task: was, own, more };
        }
        let mut anew = Self { task: was, own, more };
        if draft.places != shown.places {
            (anew.task.places, anew.own.0) = (draft.places, None);
        }
        if draft.if_nobody != shown.if_nobody {
            (anew.task.if_nobody, anew.own.1) = (draft.if_nobody, None);
        }
        // The other dates may have had fewer than this one.
        anew.more = more || anew.task.places > task.places;
        anew
    }

    /// Writes them.
    pub(crate) async fn put(
        &self,
        unit: &UnitOfWork,
        rows: &ChangeRows,
        draft: &TaskDraft,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (slot, task) = (&rows.slot, &rows.task);
        let Terms { places, if_nobody } = self.task;
        unit.put_task_terms(task.id, places, draft.disclosure, if_nobody, now).await?;
        if self.own != (own_places(slot, task.kind), slot.own_if_nobody) {
            let anew = Task { places, ..task.clone() };
            unit.put_own_terms(slot.id, &anew, self.own, now).await?;
        }
        if if_nobody != task.if_nobody || self.own.1 != slot.own_if_nobody {
            // Whether silence about a promise is told.
            unit.plan_task_again(task.id, now).await?;
        }
        Ok(())
    }
}

/// A date that was taken off comes after all: with the terms and the note of its own that it had. That
/// it had none of its own is as it was as well.
pub(crate) async fn comes_back_as_it_was(
    unit: &UnitOfWork,
    task: &Task,
    anew: SlotId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(slot) = unit.slot(anew).await? else { return Ok(()) };
    let Some(before) = unit.taken_off(task.id, slot.made_for).await?.pop() else { return Ok(()) };
    let Some(before) = unit.slot(before).await? else { return Ok(()) };
    let own = (own_places(&before, task.kind), before.own_if_nobody);
    if own != (None, None) {
        unit.put_own_terms(anew, task, own, now).await?;
    }
    let (from, to) = (before.id.as_uuid(), anew.as_uuid());
    unit.move_content(slot.circle, Field::TaskNote, from, to).await
}

/// What is to become of the note of a task, or of one of its dates.
pub(crate) struct NewNote<'v> {
    pub(crate) permit: Permit<'v, Amend>,
    /// The task or the slot, and its note; none for no note of its own.
    put: (Uuid, Option<Sealed>),
    /// The note that the date has of its own goes: that of its task holds.
    own_goes: Option<Uuid>,
}

impl NewNote<'_> {
    /// Writes it.
    pub(crate) async fn put(
        self,
        unit: &UnitOfWork,
        rows: &ChangeRows,
        author: kith_domain::ids::MembershipId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let circle = rows.slot.circle;
        let (subject, sealed) = self.put;
        match sealed {
            Some(sealed) => {
                unit.put_content(circle, subject, Some(author), sealed, now).await?;
            }
            None => {
                unit.erase_content(circle, Field::TaskNote, subject).await?;
            }
        }
        if let Some(own) = self.own_goes {
            unit.erase_content(circle, Field::TaskNote, own).await?;
        }
        Ok(())
    }
}

impl App {
    /// What is to become of the note, when it changed and the reader may write one: of this date, or
    /// of the task.
    pub(crate) async fn new_note<'v>(
        &self,
        inside: &Inside<'v>,
        rows: &ChangeRows,
        draft: &TaskDraft,
        this_only: bool,
    ) -> Result<Option<NewNote<'v>>, Failure> {
        if !inside.may::<Amend>(Category::Task) {
            return Ok(None);
        }
        let key = inside.key()?;
        let (slot, task) = (rows.slot.id.as_uuid(), rows.task.id.as_uuid());
        let (of_task, shown) = match inside.permit_if_any::<Disclose>(Category::Task).await? {
            Some(permit) => {
                let open = |note: Option<&Content>| inside.open(&permit, &key, note);
                (
                    open(rows.task_note.as_ref())?,
                    open(rows.note.as_ref())?.filter(|note| is_said(note)),
                )
            }
            None => (None, None),
        };
        let typed = draft.note.as_ref().map(kith_domain::Note::as_str);
        if shown.as_deref() == typed {
            return Ok(None);
        }
        let permit = inside.permit::<Amend>(Category::Task).await?;
        let seal = |text: &str| inside.seal(&permit, &key, Field::TaskNote, text);
        let put = match (this_only, typed) {
            (true, typed) if of_task.as_deref() == typed => (slot, None),
            // Nothing of what the task says holds on this date.
            (true, typed) => (slot, Some(seal(typed.unwrap_or_default())?)),
            (false, typed) => (task, typed.map(seal).transpose()?),
        };
        Ok(Some(NewNote { permit, put, own_goes: (!this_only).then_some(slot) }))
    }
}

/// A note that is empty is there to say that there is none.
pub(crate) const fn is_said(note: &str) -> bool {
    !note.is_empty()
}
