//! Waiting for a place of a slot that is full.
//!
//! Who waits is asked first when a place is free again. It becomes theirs when they say yes then:
//! nobody is promised to anything without knowing it.

use kith_domain::Category;
use kith_domain::ids::{CircleId, SlotId};
use kith_policy::Take;

use crate::App;
use crate::failure::Failure;
use crate::taking::OwnSlot;
use crate::visit::{Receipt, Visit};

impl App {
    /// Goes on the waiting list of a slot, or leaves it.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not help with it.
    pub async fn wait_for_slot(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        wait: bool,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "wait").await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        snapshot.end();
        let permit = inside.permit::<Take>(Category::Slot).await?;
        if done.is_some() {
            return Ok(());
        }
        let place = inside.own_place()?.membership;
        let rows = rows.filter(|rows| rows.may_help(&inside)).ok_or(Failure::NotHere)?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "wait", "done", now).await?;
                if wait && rows.claim.is_none() && rows.slot.starts > now {
                    unit.wait_for(&rows.slot, place, now).await?;
                } else {
                    unit.stop_waiting(slot, place).await?;
                }
                Ok(())
            })
            .await
    }
}
