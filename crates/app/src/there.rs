//! "I'll be there", said on the slot's own page.

use kith_domain::ids::{CircleId, SlotId};

use crate::App;
use crate::answering::Answering;
use crate::failure::Failure;
use crate::visit::{Receipt, Visit};

impl App {
    /// "I'll be there": those in charge see it on the rota. `false` when the promise is over, or
    /// somebody else is looked for.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot in the reader's circle.
    pub async fn confirm_promise(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<bool, Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "there").await?;
        if let Some(word) = done {
            return Ok(word == "there");
        }
        let Answering { permit, rows, .. } = answer;
        let (slot, now) = (&rows.slot, visit.now());
        let claim = rows.claim.as_ref().filter(|_| slot.ends > now);
        let Some(claim) = claim else { return Ok(false) };
        self.store
            .change(&permit, async |unit| {
                let confirmed = unit.confirm_claim(claim, slot).await?;
                let word = if confirmed { "there" } else { "over" };
                unit.keep_receipt(receipt.0, "there", word, now).await?;
                Ok(confirmed)
            })
            .await
    }
}
