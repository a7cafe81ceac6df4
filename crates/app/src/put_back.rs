//! Days of a task that were left out, and come after all.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, occurrences};
use kith_policy::{Amend, Permit};
use kith_store::StoreError;

use crate::App;
use crate::failure::Failure;
use crate::task_change::ChangeRows;
use crate::visit::{Receipt, Visit};

impl App {
    /// Puts these days, which are both included, back on the rota: they need somebody, as whoever had
    /// promised one was told that there is no need to go. Returns the first day that comes again.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot does not stand, when these are no days, and for whoever may
    /// not change the rota.
    pub async fn put_back(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (from, to): (&str, &str),
        receipt: Receipt,
    ) -> Result<Date, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "put-back").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        snapshot.end().await?;
        let permit: Permit<'_, Amend> = inside.permit(Category::Rota).await?;
        if let Some(Ok(first)) = done.map(|done| done.parse()) {
            return Ok(first);
        }
        let rows = rows.ok_or(Failure::NotHere)?;
        let day = |text: &str| text.trim().parse::<Date>().map_err(|_| Failure::NotHere);
        let (from, to) = (day(from)?, day(to)?);
        let (zone, now) = (&inside.circle.zone, visit.now());
        self.store
            .change(&permit, async |unit| {
                let task = unit.hold_task(rows.task.id).await?.filter(|task| !task.ended);
                let task = task.ok_or(StoreError::NotFound)?;
                let was = task.left_out.clone();
                let mut left_out = was.clone();
                left_out.remove(from, to).map_err(|_| StoreError::Conflict)?;
                unit.put_left_out(task.id, &left_out).await?;
                // Later weeks are made as they come.
                let made_to = task.rolled_to.map_or(to, |rolled_to| rolled_to.min(to));
                // Of what begins far ahead there is more than twelve weeks.
                let from = from.max(zone.date(now)).max(task.first.date());
                let mut slots = Vec::new();
                for day in occurrences(task.first, task.repeat, from, made_to) {
                    let (starts, ends) = task.first.on(day).instants(zone);
                    if was.contains(day) && starts > now {
                        unit.set_aside(&task, day).await?;
                        slots.push((day, starts, ends));
                    }
                }
                let first = slots.first().map_or(from, |(day, ..)| *day);
                unit.add_slots(&task, &slots, task.rolled_to.unwrap_or(made_to)).await?;
                unit.keep_receipt(receipt.0, "put-back", &first.to_string(), now).await?;
                Ok(first)
            })
            .await
    }
}
