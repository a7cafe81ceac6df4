//! Weeks roll on: slots exist twelve weeks ahead, at their wall-clock time, once each.

use kith_domain::{
    CircleState, Clock as _, Disclosure, Ends, IfNobody, Places, Repeat, TaskDraft, TaskKind,
};
use kith_tests::clock::{local_times, london};
use kith_tests::{World, both};

fn every_friday(until: Option<jiff::civil::Date>) -> TaskDraft {
    TaskDraft {
        kind: TaskKind::Visit,
        first: local_times("2026-03-06", "10:00"),
        repeat: Repeat::weekly_on(
            "2026-03-06".parse().unwrap(),
            until.map_or(Ends::Never, Ends::On),
        ),
        places: Places::ONE,
        disclosure: Disclosure::NONE,
        if_nobody: IfNobody::TellMe,
        note: None,
    }
}

both! {
    async fn slots_exist_twelve_weeks_ahead_and_once(database) {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let task = world.task(circle, &every_friday(None)).await;
        let other = world.another_process(database).await;
        let (one, two) = tokio::join!(world.app.roll_slots(), other.roll_slots());
        assert!(one.unwrap() + two.unwrap() >= 1);
        let slots = async || {
            let snapshot = world.store.snapshot(world.organisation).await.unwrap();
            let from = kith_domain::Timestamp::from_second(0);
            snapshot.slots_of_task(task, from).await.unwrap()
        };
        let first = slots().await;
        // From the sixth of March to the twenty-ninth of May.
        assert_eq!(first.len(), 13);
        let zone = london();
        assert!(first.iter().all(|slot| zone.local(slot.starts).hour() == 10), "ten stays ten");
        assert_eq!(world.app.roll_slots().await.unwrap(), 0);
        world.clock.advance(14 * 86_400);
        assert_eq!(world.app.roll_slots().await.unwrap(), 1);
        assert_eq!(slots().await.len(), 14);
    }

    async fn the_last_day_is_the_last(database) {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let until = "2026-03-20".parse().unwrap();
        let task = world.task(circle, &every_friday(Some(until))).await;
        assert_eq!(world.app.roll_slots().await.unwrap(), 1);
        assert_eq!(world.app.roll_slots().await.unwrap(), 0);
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let slots = snapshot.slots_of_task(task, world.clock.now()).await.unwrap();
        let days: Vec<_> = slots.iter().map(|slot| slot.date.to_string()).collect();
        assert_eq!(days, ["2026-03-06", "2026-03-13", "2026-03-20"]);
    }

    async fn a_task_that_makes_no_sense_holds_up_no_other(database) {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let mut tasks = Vec::new();
        for _ in 0..3 {
            tasks.push(world.task(circle, &every_friday(None)).await);
        }
        let id = tasks[1].as_uuid();
        let id = if database.is_postgres() { format!("'{id}'") } else { format!("X'{}'", id.simple()) };
        world.plant(&format!("UPDATE task SET series = -1 WHERE id = {id}")).await;
        assert_eq!(world.app.roll_slots().await.unwrap(), 2);
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        for task in [tasks[0], tasks[2]] {
            let slots = snapshot.slots_of_task(task, world.clock.now()).await.unwrap();
            assert_eq!(slots.len(), 13);
        }
    }

    async fn an_erased_circle_has_no_more_weeks(database) {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let task = world.task(circle, &every_friday(None)).await;
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Erased, now).await
        }).await;
        world.app.roll_slots().await.unwrap();
        assert_eq!(world.app.roll_slots().await.unwrap(), 0);
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        assert_eq!(snapshot.slots_of_task(task, now).await.unwrap(), []);
        assert!(snapshot.task(task).await.unwrap().unwrap().ended);
    }
}
