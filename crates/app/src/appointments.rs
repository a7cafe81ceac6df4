//! Promises as they stand in people's calendars.

use kith_domain::ids::{PersonId, SlotId};
use kith_mail::{Appointment, Says};
use kith_store::{Circle, Claim, Slot};
use kith_vault::Vault;

/// A promise as an entry of its person's calendar: what a mail about it may say and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    slot: SlotId,
    /// Rises when the slot is moved, when the promise is made again, and when it ends.
    pub(crate) sequence: u32,
    cancelled: bool,
    says: Says,
}

impl Entry {
    /// The entry of a promise that stands.
    pub(crate) fn of(circle: &Circle, slot: &Slot, claim: &Claim) -> Self {
        let says = if circle.quiet_mail {
            Says::Day(circle.zone.date(slot.starts))
        } else {
            Says::Task { kind: slot.kind, starts: slot.starts, ends: slot.ends }
        };
        let changes = slot.revision.saturating_add(claim.generation);
        Self { slot: slot.id, sequence: changes.saturating_mul(2), cancelled: false, says }
    }

    /// The entry of a promise that has ended: it is taken out of the calendar.
    pub(crate) fn ended(circle: &Circle, slot: &Slot, claim: &Claim) -> Self {
        let stood = Self::of(circle, slot, claim);
        Self { sequence: stood.sequence.saturating_add(1), cancelled: true, ..stood }
    }

    /// The entry in the calendar of `person`. Its UID follows from slot and person, and tells
    /// neither.
    pub(crate) fn appointment(self, vault: &Vault, person: PersonId) -> Appointment {
        Appointment {
            uid: vault.message_id(self.slot.as_uuid(), &format!("calendar:{person}")),
            sequence: self.sequence,
            cancelled: self.cancelled,
            says: self.says,
        }
    }
}
