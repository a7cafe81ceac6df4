//! Tasks, slots, promises and askings.

use kith_domain::ids::{CircleId, TaskId};
use kith_domain::{
    Clock as _, Disclosure, IfNobody, MailKind, Places, Repeat, TaskDraft, TaskKind,
};
use kith_store::{Claim, MailSubject, NewMail, Slot, StoreError};

use super::{Member, World};
use crate::clock::{local_times, london};

impl World {
    /// A slot of one task on one day, by the clock on the wall in London.
    ///
    /// # Panics
    /// When it cannot be added.
    pub async fn slot(&self, circle: CircleId, date: &str, start: &str, places: u8) -> Slot {
        let kind = TaskKind::Shopping;
        let draft = TaskDraft {
            kind,
            first: local_times(date, start),
            repeat: Repeat::Once,
            places: Places::new(places, kind).expect("a number of places"),
            disclosure: Disclosure::NONE,
            if_nobody: IfNobody::TellMe,
            note: None,
        };
        self.slot_of(circle, &draft).await
    }

    /// The slot of a task that comes once.
    ///
    /// # Panics
    /// When it cannot be added.
    pub async fn slot_of(&self, circle: CircleId, draft: &TaskDraft) -> Slot {
        let task = self.task(circle, draft).await;
        let (starts, ends) = draft.first.instants(&london());
        let day = draft.first.date();
        self.write(async |unit| {
            let task = unit.task(task).await?.ok_or(StoreError::NotFound)?;
            let added = unit.add_slots(&task, &[(day, starts, ends)], day).await?;
            let id = *added.first().ok_or(StoreError::Conflict)?;
            unit.slot(id).await?.ok_or(StoreError::NotFound)
        })
        .await
    }

    /// A task without slots.
    ///
    /// # Panics
    /// When it cannot be added.
    pub async fn task(&self, circle: CircleId, draft: &TaskDraft) -> TaskId {
        let (id, now) = (TaskId::new(&*self.ids), self.clock.now());
        self.write(async |unit| unit.add_task(id, circle, draft, None, now).await).await;
        id
    }

    /// A member's promise to do a slot.
    ///
    /// # Panics
    /// When no place is left.
    pub async fn promise(&self, slot: &Slot, member: &Member) -> Claim {
        let now = self.clock.now();
        let claim = self
            .write(async |unit| {
                unit.take_place(slot, member.place.id, member.place.person, now).await
            })
            .await;
        claim.expect("a place is left")
    }

    /// Asks a member for a slot by mail, now and whatever the hour.
    ///
    /// # Panics
    /// When it cannot be written.
    pub async fn ask(&self, slot: &Slot, member: &Member) {
        let now = self.clock.now();
        let mail = NewMail {
            kind: MailKind::SomebodyNeeded,
            dedupe: format!("somebody_needed:{}:{}:0", slot.id, member.place.id),
            subject: MailSubject {
                person: Some(member.place.person),
                circle: Some(slot.circle),
                slot: Some(slot.id),
                ..MailSubject::default()
            },
            detail: "{}".to_owned(),
            due_at: now,
            useful_until: slot.starts.plus_minutes(-15),
        };
        self.write(async |unit| {
            unit.add_ask(slot, member.place.id, now).await?;
            unit.add_mail(&mail, now).await
        })
        .await;
    }
}
