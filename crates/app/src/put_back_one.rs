//! One slot that was taken off the rota and comes after all: what comes once, or one day of what comes
//! again.
//!
//! Whoever had promised it was told that there is no need to go, and may have something else by now: they
//! are asked, and it is nobody's until somebody says yes. Only what somebody does each time is theirs
//! again, as any date that is newly made.

use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, ClaimEnd, SlotState, occurrences};
use kith_policy::{Amend, Permit};
use kith_store::{Reader, Slot, StoreError, Task};

use crate::App;
use crate::asking::ask_one;
use crate::comes_back;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::own_date::comes_back_as_it_was;
use crate::rota::slot_of;
use crate::take_off::still_left_out;
use crate::visit::{Receipt, Visit};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutBackOne {
    /// The slot that stands now.
    pub slot: SlotId,
    /// Those who had promised it.
    pub had: WhoHadIt,
}

/// What those who had promised a slot know of its being on the rota again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhoHadIt {
    /// Nobody had promised it.
    Nobody,
    /// They do it each time: it is theirs again, and they are told.
    EachTime,
    /// They are asked.
    Asked,
    /// No e-mail reaches one of them: somebody rings.
    ToRing,
}

impl PutBackOne {
    fn to_word(self) -> String {
        let had = match self.had {
            WhoHadIt::Nobody => "nobody",
            WhoHadIt::EachTime => "each-time",
            WhoHadIt::Asked => "asked",
            WhoHadIt::ToRing => "to-ring",
        };
        format!("{} {had}", self.slot)
    }

    fn from_word(word: &str) -> Option<Self> {
        let (slot, had) = word.split_once(' ')?;
        let had = match had {
            "each-time" => WhoHadIt::EachTime,
            "asked" => WhoHadIt::Asked,
            "to-ring" => WhoHadIt::ToRing,
            _ => WhoHadIt::Nobody,
        };
        Some(Self { slot: slot.parse().ok()?, had })
    }
}

/// The task of a slot that was taken off, where the slot may be put back: it has not begun, the task
/// goes on, and nothing stands in its place.
pub(crate) async fn may_come_back(
    reader: &Reader,
    inside: &Inside<'_>,
    slot: &Slot,
) -> Result<Option<Task>, StoreError> {
    if slot.state != SlotState::Cancelled || slot.starts <= inside.now() {
        return Ok(None);
    }
    let Some(task) = reader.task(slot.task).await?.filter(|task| !task.ended) else {
        return Ok(None);
    };
    let day = slot.made_for;
    let free = if task.repeat.is_again() {
        let comes = !occurrences(task.first, task.repeat, day, day).is_empty();
        comes && task.left_out.contains(day)
    } else {
        reader.slots_of_task(task.id, inside.now()).await?.is_empty()
    };
    Ok(free.then_some(task))
}

impl App {
    /// Puts one slot back on the rota that was taken off: a new one stands in its place.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when it was not taken off, or has begun, or something stands in its place,
    /// and for whoever may not change the rota.
    pub async fn put_back_one(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<PutBackOne, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "put-back-one").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        snapshot.end();
        let permit: Permit<'_, Amend> = inside.permit(Category::Rota).await?;
        if let Some(done) = done.as_deref().and_then(PutBackOne::from_word) {
            return Ok(done);
        }
        let off = found.ok_or(Failure::NotHere)?;
        let (by, now) = (inside.session.person, visit.now());
        self.store
            .change(&permit, async |unit| {
                unit.hold_task(off.task).await?;
                let task = may_come_back(unit, &inside, &off).await?.ok_or(Failure::Changed)?;
                let again = task.repeat.is_again();
                let day = off.made_for;
                // At the time that its page says, to which it may have been moved alone.
                let (starts, ends) = (off.starts, off.ends);
                if again {
                    let mut left_out = still_left_out(unit, &task, &inside.circle, now).await?;
                    left_out.remove(day, day).map_err(|_| StoreError::Conflict)?;
                    unit.put_left_out(task.id, &left_out).await?;
                }
                unit.set_aside(&task, day).await?;
                let rolled_to = task.rolled_to.unwrap_or(day);
                let added = unit.add_slots(&task, &[(day, starts, ends)], rolled_to).await?;
                let new = added.first().ok_or(StoreError::Conflict)?;
                let made = unit.slot(*new).await?.ok_or(StoreError::NotFound)?;
                let date = inside.circle.zone.date(starts);
                if made.date != date {
                    // It had been moved to another day.
                    unit.move_slot(&made, date, starts, ends).await?;
                }
                comes_back_as_it_was(unit, &task, *new, now).await?;
                let circle = &inside.circle;
                let given = comes_back::give(unit, circle, (&task, &added), Some(by), now).await?;
                let made = unit.slot(*new).await?.ok_or(StoreError::NotFound)?;
                let mut had = if given > 0 { WhoHadIt::EachTime } else { WhoHadIt::Nobody };
                for claim in unit.claims_of(off.id).await? {
                    let gone = claim.ended_as != Some(ClaimEnd::TakenOff) || claim.person == by;
                    if gone || unit.live_claim(made.id, claim.membership).await?.is_some() {
                        continue;
                    }
                    // Who has left, or is away, is not asked, and nobody need ring them.
                    if !ask_one(unit, circle, &made, claim.membership, now).await? {
                        continue;
                    }
                    if unit.unreached(claim.person).await?.is_some() {
                        had = WhoHadIt::ToRing;
                    } else if had != WhoHadIt::ToRing {
                        had = WhoHadIt::Asked;
                    }
                }
                let back = PutBackOne { slot: made.id, had };
                unit.keep_receipt(receipt.0, "put-back-one", &back.to_word(), now).await?;
                Ok(back)
            })
            .await
    }
}
