//! "I rang: somebody is coming", "they told me that nobody can come": what the coordinator was told of
//! a slot at which somebody has to be.
//!
//! She speaks for nobody: she knows no names, and whoever was on the telephone may not be who
//! promised it. So her word changes no promise. It says that there is nobody left to ring, until somebody
//! says yes or no to the slot or it is moved; whoever is in charge reads that the hospice noted it and
//! when, and is told, as somebody else may have been on the telephone.

use kith_domain::ids::{CircleId, PersonId, SlotId};
use kith_domain::{Category, HospiceWord, IfNobody, SlotState, Timestamp, reminder};
use kith_policy::{Amend, Permit};
use kith_store::{HospiceSaid, Reader, Slot};

use crate::promise::in_charge;
use crate::rota::slot_of;
use crate::told;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// What was noted of a slot, as a coordinator sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// What.
    pub what: HospiceWord,
    /// By the reader; else by a colleague.
    pub by_you: bool,
    /// When.
    pub at: Timestamp,
}

impl Noted {
    pub(super) fn of(said: &HospiceSaid, reader: PersonId) -> Self {
        Self { what: said.what, by_you: said.by == reader, at: said.at }
    }
}

/// Whether a slot is one that coordinators follow up, and that is not settled: somebody has to be
/// there, and nobody has said so. What was noted before can be corrected.
async fn may_be_noted(reader: &Reader, slot: &Slot, now: Timestamp) -> Result<bool, Failure> {
    let to_come = slot.state == SlotState::Open && slot.ends > now;
    if slot.if_nobody != IfNobody::Must || !slot.kind.needs_somebody() || !to_come {
        return Ok(false);
    }
    if reader.lacks_somebody(slot).await? || reader.hospice_word(slot.id).await?.is_some() {
        return Ok(true);
    }
    let told_before = now.plus_hours(-reminder::RING_AFTER_HOURS);
    let until = slot.starts.plus_seconds(1);
    let silent = reader.silent_promises(slot.starts, until, told_before).await?;
    Ok(silent.iter().any(|silent| silent.slot == slot.id))
}

impl App {
    /// Notes what the coordinator was told of a slot. Nobody's promise changes.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but coordinators, and for a slot that is not theirs to
    /// follow up; [`Failure::Changed`] for one that was settled in this moment.
    pub async fn note_hospice_word(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        what: HospiceWord,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "hospice-word").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        let may = match &found {
            Some(slot) => may_be_noted(&snapshot, slot, visit.now()).await?,
            None => false,
        };
        snapshot.end();
        let permit: Permit<'_, Amend> = inside.permit(Category::Oversight).await?;
        if done.is_some() {
            return Ok(());
        }
        let asks = inside.circle.state.asks_and_reminds();
        let slot = found.filter(|_| may && asks).ok_or(Failure::NotHere)?;
        let (person, now) = (inside.session.person, visit.now());
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "hospice-word", what.as_str(), now).await?;
                // Somebody may say yes in this moment.
                let slot = unit.hold_slot(slot.id).await?.ok_or(Failure::NotHere)?;
                if !may_be_noted(unit, &slot, now).await? {
                    return Err(Failure::Changed);
                }
                let noted = unit.add_hospice_word(&slot, person, what, now).await?.to_string();
                let about = told::About { circle: &inside.circle, slot: &slot, now };
                for person in in_charge(&unit.members(circle).await?) {
                    told::tell_of_hospice_word(unit, &about, person, what, &noted).await?;
                }
                Ok(())
            })
            .await
    }
}
