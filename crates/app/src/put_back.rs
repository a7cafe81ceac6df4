//! Days of a task that were left out, and come after all.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, occurrences};
use kith_policy::{Amend, Permit};
use kith_store::StoreError;

use crate::App;
use crate::comes_back;
use crate::failure::Failure;
use crate::own_date::comes_back_as_it_was;
use crate::take_off::still_left_out;
use crate::task_change::ChangeRows;
use crate::visit::{Receipt, Visit};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutBack {
    /// The first day that comes again.
    pub first: Date,
    /// Whoever does it each time has some of these days again, and is told.
    pub each_time: bool,
}

impl PutBack {
    fn to_word(self) -> String {
        format!("{}{}", self.first, if self.each_time { EACH_TIME } else { "" })
    }

    fn from_word(word: &str) -> Option<Self> {
        let day = word.trim_end_matches(EACH_TIME);
        Some(Self { first: day.parse().ok()?, each_time: day != word })
    }
}

const EACH_TIME: &str = "+each";

impl App {
    /// Puts these days, which are both included, back on the rota. Whoever does the task each time has
    /// them again, and is told; but for that they need somebody, as whoever had promised one was told
    /// that there is no need to go.
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
    ) -> Result<PutBack, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "put-back").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        snapshot.end();
        let permit: Permit<'_, Amend> = inside.permit(Category::Rota).await?;
        if let Some(done) = done.as_deref().and_then(PutBack::from_word) {
            return Ok(done);
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
                let mut left_out = still_left_out(unit, &task, &inside.circle, now).await?;
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
                let rolled_to = task.rolled_to.unwrap_or(made_to);
                let added = unit.add_slots(&task, &slots, rolled_to).await?;
                for slot in &added {
                    comes_back_as_it_was(unit, &task, *slot, now).await?;
                }
                // One that had been moved to another day stands there, and is not added.
                let first = match added.first() {
                    Some(slot) => unit.slot(*slot).await?.map_or(from, |slot| slot.date),
                    None => from,
                };
                let by = Some(inside.session.person);
                let given =
                    comes_back::give(unit, &inside.circle, (&task, &added), by, now).await?;
                let put_back = PutBack { first, each_time: given > 0 };
                unit.keep_receipt(receipt.0, "put-back", &put_back.to_word(), now).await?;
                Ok(put_back)
            })
            .await
    }
}
