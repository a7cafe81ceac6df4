//! The weeks roll on while a series is changed, or taken off: no date stays behind.

use std::sync::Arc;

use jiff::ToSpan as _;
use kith_app::{ChangeOutcome, TakeOff, TaskChange, Touching};
use kith_domain::RepeatInput;
use kith_domain::repeat::Weekdays;
use kith_store::{Slot, StoreError, UnitOfWork};
use kith_tests::both;
use tokio_util::task::TaskTracker;

use crate::house::{Sure, receipt, zone};
use crate::weekly::Weekly;

impl Weekly<'_> {
    /// One more week, as the roller adds it.
    async fn rolls_on(&self, unit: &UnitOfWork) -> Result<(), StoreError> {
        let task = unit.hold_task(self.slots[0].task).await?.ok_or(StoreError::NotFound)?;
        let last = self.slots.iter().map(|slot| slot.made_for).max().unwrap();
        let day = last.saturating_add(7.days());
        let (starts, ends) = task.first.on(day).instants(&zone());
        assert_eq!(unit.add_slots(&task, &[(day, starts, ends)], day).await?.len(), 1);
        Ok(())
    }

    async fn standing(&self) -> Vec<Slot> {
        self.house.slots(self.slots[0].task).await
    }
}

both! {
    async fn a_week_that_is_being_added_changes_with_the_others(database) {
        let weekly = Weekly::new(database).await;
        let visit = weekly.house.visit(&weekly.house.carer, Sure::Fresh).await;
        let (app, circle) = (Arc::clone(&weekly.house.app), weekly.house.circle);
        let id = weekly.slots[0].id;
        let saving = weekly.house.write(async |unit| {
            weekly.rolls_on(unit).await?;
            let saving = TaskTracker::new().spawn(async move {
                let on = Some(Weekdays::only(jiff::civil::Weekday::Wednesday));
                let repeat =
                    RepeatInput { comes: "weekly", every: "1", on, ..RepeatInput::default() };
                let change = TaskChange {
                    scope: "all",
                    date: "2026-03-04",
                    start: "14:00",
                    end: "15:00",
                    places: "1",
                    if_nobody: "tell_me",
                    repeat,
                    ..TaskChange::default()
                };
                app.change_task(&visit, circle, id, &change, receipt()).await
            });
            if database.is_postgres() {
                weekly.house.until_somebody_waits().await;
            }
            Ok(saving)
        }).await;
        let saved = saving.await.unwrap().unwrap();
        assert!(matches!(saved, ChangeOutcome::Done), "{saved:?}");
        let standing = weekly.standing().await;
        assert!(standing.len() > weekly.slots.len());
        for slot in standing {
            assert_eq!(zone().local(slot.starts).hour(), 14, "{}", slot.date);
        }
    }

    async fn a_week_that_is_being_added_is_taken_off_with_the_others(database) {
        let weekly = Weekly::new(database).await;
        let visit = weekly.house.visit(&weekly.house.carer, Sure::Fresh).await;
        let (app, circle) = (Arc::clone(&weekly.house.app), weekly.house.circle);
        let id = weekly.slots[0].id;
        let taking = weekly.house.write(async |unit| {
            weekly.rolls_on(unit).await?;
            let taking = TaskTracker::new().spawn(async move {
                let touching = Touching::default();
                app.take_off_rota(&visit, circle, id, TakeOff::All, touching, receipt()).await
            });
            if database.is_postgres() {
                weekly.house.until_somebody_waits().await;
            }
            Ok(taking)
        }).await;
        taking.await.unwrap().unwrap();
        assert_eq!(weekly.standing().await, []);
    }

    async fn no_week_is_added_to_what_is_being_ended(database) {
        let weekly = Weekly::new(database).await;
        let app = Arc::clone(&weekly.house.app);
        weekly.house.clock.advance(7 * 86_400);
        let rolling = weekly.house.write(async |unit| {
            let task = unit.task(weekly.slots[0].task).await?.ok_or(StoreError::NotFound)?;
            unit.end_task(&task, None).await?;
            let rolling = TaskTracker::new().spawn(async move { app.roll_slots().await });
            if database.is_postgres() {
                weekly.house.until_somebody_waits().await;
            }
            Ok(rolling)
        }).await;
        rolling.await.unwrap().unwrap();
        assert_eq!(weekly.standing().await.len(), weekly.slots.len());
    }
}
