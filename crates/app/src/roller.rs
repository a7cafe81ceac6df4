//! Rolling the weeks on: slots of repeating tasks exist twelve weeks ahead, with the promise of whoever
//! does the task each time; and what nobody answered in time is wiped.

use kith_domain::ids::{OrganisationId, TaskId};
use kith_domain::{CircleState, HORIZON_DAYS, Timestamp};
use kith_store::{StoreError, UnitOfWork};

use crate::standing_promise::give_all;
use crate::task::dated_slots;
use crate::{App, Failure};

/// Tasks, or organisations, that one look deals with at most; a task has at most 13 slots to add.
const AT_ONCE: u32 = 100;

impl App {
    /// Adds the slots that have come within twelve weeks. Any number of processes may do so at
    /// once: a date has one slot. Says how many tasks were rolled on; there may be more.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same tasks.
    pub async fn roll_slots(&self) -> Result<u32, Failure> {
        use jiff::ToSpan as _;
        let now = self.now();
        let horizon = utc(now).saturating_add(HORIZON_DAYS.days());
        let tasks = self.store.tasks_to_roll(horizon, AT_ONCE).await?;
        let mut rolled = 0;
        for (organisation, task) in tasks {
            match self.roll(organisation, task, now).await {
                Err(StoreError::Busy) => return Err(Failure::Busy),
                Err(error) => {
                    tracing::error!(%task, %error, "the slots of a task cannot be added");
                }
                Ok(()) => rolled += 1,
            }
        }
        Ok(rolled)
    }

    /// Wipes what people left who asked to join and whom nobody answered in time. Says how many
    /// there were.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same.
    pub async fn forget_unanswered(&self) -> Result<u64, Failure> {
        let now = self.now();
        let mut wiped = 0;
        for organisation in self.store.organisations_with_unanswered(now, AT_ONCE).await? {
            wiped += self
                .store
                .transact(organisation, async |unit| unit.forget_unanswered(now).await)
                .await?;
        }
        Ok(wiped)
    }

    async fn roll(
        &self,
        organisation: OrganisationId,
        task: TaskId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.transact(organisation, async |unit| roll(unit, task, now).await).await
    }
}

async fn roll(unit: &UnitOfWork, id: TaskId, now: Timestamp) -> Result<(), StoreError> {
    // Other days and times, or its end, may be under way: either that is seen here, or its change
    // sees these slots.
    let Some(task) = unit.hold_task(id).await?.filter(|task| !task.ended) else { return Ok(()) };
    let circle = unit.circle(task.circle).await?.ok_or(StoreError::NotFound)?;
    if circle.state == CircleState::Erased {
        return unit.end_task(&task, None).await;
    }
    // The later of the two days, so that the task has reached the horizon that it was found by.
    let today = circle.zone.date(now).max(utc(now));
    let (slots, rolled_to) = dated_slots(&task, &circle.zone, today);
    unit.add_slots(&task, &slots, rolled_to).await?;
    give_all(unit, &circle, &task, now).await
}

/// Calendar day in UTC: tasks of every zone are looked for at once.
fn utc(now: Timestamp) -> jiff::civil::Date {
    now.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date()
}
