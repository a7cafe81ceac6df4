//! Two change the same at once: whoever comes second is told that it changed, nothing of theirs is
//! written, and the same form may be sent again.
//!
//! On PostgreSQL the second has read how it was and waits. On SQLite it may come before or after, so
//! there only what is left of it counts.

use std::sync::Arc;

use kith_app::{ChangeOutcome, Failure, TaskChange};
use kith_domain::repeat::Weekdays;
use kith_domain::{ClaimState, RepeatInput, TaskInput};
use kith_tests::both;
use tokio_util::task::TaskTracker;

use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

/// Every Wednesday at two, by two people, with another note.
fn at_two() -> TaskChange<'static> {
    let on = Some(Weekdays::only(jiff::civil::Weekday::Wednesday));
    TaskChange {
        scope: "all",
        date: "2026-03-04",
        start: "14:00",
        end: "15:00",
        places: "2",
        note: "Bring the cake",
        if_nobody: "must",
        repeat: RepeatInput { comes: "weekly", every: "1", on, ..RepeatInput::default() },
        ..TaskChange::default()
    }
}

both! {
    async fn of_two_changes_of_a_series_the_second_is_told(database) {
        let house = House::new(database).await;
        let input = TaskInput { note: "Ring twice", ..weekly(shopping("2026-03-04")) };
        let slots = house.task(input, false).await;
        let (task, id) = (slots[0].task, slots[0].id);
        let (app, circle, form) = (Arc::clone(&house.app), house.circle, receipt());
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let saving = house.write(async |unit| {
            let was = unit.task(task).await?.unwrap();
            unit.put_task_days(&was, was.first, was.repeat).await?;
            let saving = TaskTracker::new().spawn(async move {
                app.change_task(&visit, circle, id, &at_two(), form).await
            });
            if database.is_postgres() {
                house.until_somebody_waits().await;
            }
            Ok(saving)
        }).await;
        let came = saving.await.unwrap();
        if database.is_postgres() {
            assert!(matches!(came, Err(Failure::Changed)), "{came:?}");
        }
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        if came.is_err() {
            let page = house.app.slot_page(&visit, circle, id).await.unwrap();
            assert_eq!(page.slot.note.as_deref(), Some("Ring twice"));
            assert_eq!(house.stored(task).await.places.get(), 1);
            for (is, was) in house.slots(task).await.iter().zip(&slots) {
                assert_eq!((is.starts, is.places, is.if_nobody), (was.starts, 1, was.if_nobody));
            }
            let again = house.app.change_task(&visit, circle, id, &at_two(), form).await.unwrap();
            assert!(matches!(again, ChangeOutcome::Done), "{again:?}");
        }
        let page = house.app.slot_page(&visit, circle, id).await.unwrap();
        assert_eq!(page.slot.note.as_deref(), Some("Bring the cake"));
        assert_eq!(house.slot(id).await.places, 2);
    }

    async fn of_two_who_copy_a_week_the_second_finds_what_is_there(database) {
        let house = House::new(database).await;
        for day in ["2026-03-04", "2026-03-05"] {
            house.task(shopping(day), false).await;
        }
        let (circle, monday) = (house.circle, jiff::civil::date(2026, 3, 2));
        let mut visits = Vec::new();
        for _ in 0..2 {
            visits.push(house.visit(&house.carer, Sure::Fresh).await);
        }
        let copying = house.write(async |unit| {
            unit.hold_circle(circle).await?;
            let copying: Vec<_> = visits.into_iter().map(|visit| {
                let app = Arc::clone(&house.app);
                TaskTracker::new().spawn(async move {
                    app.copy_week(&visit, circle, monday, receipt()).await
                })
            }).collect();
            if database.is_postgres() {
                house.until_somebody_waits().await;
            }
            // Both have read what is there by then.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            Ok(copying)
        }).await;
        let mut added = Vec::new();
        for copied in copying {
            added.push(copied.await.unwrap().unwrap().added);
        }
        added.sort_unstable();
        assert_eq!(added, [0, 2]);
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let next = Some(jiff::civil::date(2026, 3, 9));
        let week = house.app.rota_week(&visit, circle, next).await.unwrap();
        assert_eq!(week.days.iter().map(|day| day.morning.len()).sum::<usize>(), 2);
    }

    async fn of_two_who_say_how_it_went_the_second_is_told(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-03"), false).await.remove(0);
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot.id, receipt()).await.unwrap();
        house.clock.set(slot.ends);
        let claim = house.write(async |unit| unit.live_claim(slot.id, tom.id).await).await.unwrap();
        let (app, circle, form) = (Arc::clone(&house.app), house.circle, receipt());
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let (id, now) = (slot.id, house.now());
        let says = (claim.id, false);
        let saying = house.write(async |unit| {
            assert!(unit.put_claim_state(&claim, ClaimState::Done, now).await?);
            let saying = TaskTracker::new().spawn(async move {
                app.say_how_it_went(&visit, circle, id, says, form).await
            });
            if database.is_postgres() {
                house.until_somebody_waits().await;
            }
            Ok(saying)
        }).await;
        let came = saying.await.unwrap();
        let state = async || house.write(async |unit| unit.claim(claim.id).await).await.unwrap().state;
        if database.is_postgres() {
            assert!(matches!(came, Err(Failure::Changed)), "{came:?}");
        }
        if came.is_err() {
            assert_eq!(state().await, ClaimState::Done);
            // It can be corrected, by the same form.
            let visit = house.visit(&house.carer, Sure::Fresh).await;
            house.app.say_how_it_went(&visit, circle, id, says, form).await.unwrap();
        }
        assert_ne!(state().await, ClaimState::Done);
    }
}
