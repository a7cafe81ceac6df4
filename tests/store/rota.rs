//! Tasks and their slots.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use kith_domain::ids::TaskId;
use kith_domain::{ClaimState, Disclosure, Ends, IfNobody, Places, SlotState, TaskKind, Timestamp};
use kith_store::Task;
use kith_tests::{TestDatabase, both};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use crate::world::{World, random, zone};

/// Ten o'clock on each Tuesday from 3 March on.
fn tuesdays(count: i32) -> Vec<(Date, Timestamp, Timestamp)> {
    (0..count)
        .map(|week| {
            let day = date(2026, 3, 3) + (7 * week).days();
            let starts = zone().instant(day.at(10, 0, 0, 0));
            (day, starts, starts.plus_hours(1))
        })
        .collect()
}

async fn to_roll(world: &World, horizon: Date) -> Vec<TaskId> {
    let found = world.store.tasks_to_roll(horizon, 100).await.unwrap();
    found.into_iter().map(|(_, task)| task).collect()
}

async fn sql(database: &TestDatabase, text: &str) {
    database.connect().await.execute_unprepared(text).await.unwrap();
}

async fn read_task(world: &World, task: &Task) -> Task {
    world.read().await.task(task.id).await.unwrap().unwrap()
}

both! {
    async fn slots_that_are_there_are_not_made_again(database) {
        let world = World::new(database).await;
        let task = world.task(world.circle().await).await;
        let horizon = date(2026, 5, 25);
        assert_eq!(to_roll(&world, horizon).await, [task.id]);
        let roll = async |count, to| {
            let slots = tuesdays(count);
            world.write(async |unit| unit.add_slots(&task, &slots, to).await).await.len()
        };
        assert_eq!(roll(4, date(2026, 3, 25)).await, 4);
        assert_eq!(roll(4, date(2026, 3, 25)).await, 0);
        assert_eq!(to_roll(&world, horizon).await, [task.id]);
        assert_eq!(roll(12, horizon).await, 8);
        assert_eq!(to_roll(&world, horizon).await, []);
        assert_eq!(to_roll(&world, horizon.tomorrow().unwrap()).await, [task.id]);
        // How far the slots reach never goes back.
        assert_eq!(roll(1, date(2026, 3, 4)).await, 0);
        assert_eq!(read_task(&world, &task).await.rolled_to, Some(horizon));
        let slots = world.read().await.slots_of_task(task.id, world.now()).await.unwrap();
        assert_eq!(slots.len(), 12);
        assert!(slots.is_sorted_by_key(|slot| slot.starts));
        // Ten o'clock stays ten o'clock over the change of the clocks on 29 March.
        let hours = slots.iter().map(|slot| zone().local(slot.starts).hour());
        assert!(hours.into_iter().all(|hour| hour == 10));
    }

    async fn two_workers_that_roll_at_once_make_each_slot_once(database) {
        let world = World::new(database).await;
        let task = world.task(world.circle().await).await;
        let mut workers = JoinSet::new();
        for _ in 0..6 {
            let (store, organisation, task) =
                (world.store.clone(), world.organisation, task.clone());
            workers.spawn(async move {
                store.transact(organisation, async |unit| {
                    unit.add_slots(&task, &tuesdays(12), date(2026, 5, 25)).await
                }).await.unwrap().len()
            });
        }
        assert_eq!(workers.join_all().await.iter().sum::<usize>(), 12);
    }

    async fn an_ended_task_is_rolled_no_more(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (ended, until, once) =
            (world.task(circle).await, world.task(circle).await, world.task(circle).await);
        let last = date(2026, 3, 10);
        sql(database, &format!("UPDATE task SET repeat = 'once' WHERE id = {}", literal(database, once.id))).await;
        world.write(async |unit| {
            unit.end_task(&ended, None).await?;
            unit.end_task(&until, Some(last)).await
        }).await;
        assert!(read_task(&world, &ended).await.ended);
        let read = read_task(&world, &until).await;
        assert_eq!((read.ended, read.repeat.ends()), (false, Ends::On(last)));
        let horizon = date(2026, 5, 25);
        assert_eq!(to_roll(&world, horizon).await, [until.id]);
        world.write(async |unit| unit.add_slots(&until, &tuesdays(2), last).await).await;
        assert_eq!(to_roll(&world, horizon).await, []);
    }

    async fn the_week_holds_what_starts_in_it_and_stands(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (task, other) = (world.task(circle).await, world.task(world.circle().await).await);
        for task in [&task, &other] {
            world.write(async |unit| {
                unit.add_slots(task, &tuesdays(4), date(2026, 3, 31)).await
            }).await;
        }
        let week = tuesdays(4);
        let between = async |from: Timestamp, to: Timestamp| {
            world.read().await.slots_between(circle, from, to).await.unwrap()
        };
        assert_eq!(between(week[0].1, week[2].1).await.len(), 2);
        assert_eq!(between(week[0].1.plus_seconds(1), week[2].1.plus_seconds(1)).await.len(), 2);
        let first = &between(week[0].1, week[1].1).await[0];
        assert_eq!((first.date, first.task, first.kind), (week[0].0, task.id, TaskKind::Shopping));
        assert_eq!((first.places, first.taken, first.state), (1, 0, SlotState::Open));
        assert!(first.needs_somebody());
        let cancel = async || world.write(async |unit| unit.cancel_slot(first.id).await).await;
        assert!(cancel().await);
        assert!(!cancel().await);
        assert_eq!(between(week[0].1, week[2].1).await.len(), 1);
        assert_eq!(world.get_slot(first.id).await.revision, 1);
    }

    async fn a_moved_slot_counts_its_changes(database) {
        let world = World::new(database).await;
        let slot = world.open_slot(world.circle().await).await;
        let (starts, ends) = (slot.starts.plus_hours(3), slot.ends.plus_hours(4));
        let moved = async || world.write(async |unit| unit.move_slot(&slot, slot.date, starts, ends).await).await;
        assert!(moved().await);
        let read = world.get_slot(slot.id).await;
        assert_eq!((read.starts, read.ends, read.revision), (starts, ends, 1));
        assert!(!moved().await, "whoever saw the old times changes nothing");
        let again = (starts.plus_hours(1), ends.plus_hours(1));
        assert!(world.write(async |unit| unit.move_slot(&read, read.date, again.0, again.1).await).await);
        assert_eq!(world.get_slot(slot.id).await.revision, 2);
        world.write(async |unit| unit.cancel_slot(slot.id).await).await;
        assert!(!moved().await);
    }

    async fn a_slot_is_counted_on_the_day_on_which_it_is_now(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let slot = world.open_slot(circle).await;
        let (from, to) = (slot.starts.plus_days(-7), slot.starts.plus_days(7));
        let days = async || {
            let cover = world.read().await.cover_by_day(from, to, Some(circle)).await.unwrap();
            cover.iter().map(|day| (day.date, day.tasks, day.gaps)).collect::<Vec<_>>()
        };
        assert_eq!(days().await, [(slot.date, 1, 1)]);
        let (starts, ends) = (slot.starts.plus_days(1), slot.ends.plus_days(1));
        world.write(async |unit| unit.move_slot(&slot, slot.date, starts, ends).await).await;
        assert_eq!(days().await, [(slot.date.tomorrow().unwrap(), 1, 1)]);
    }

    async fn fewer_places_never_push_out_who_promised(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let task = world.task_like(circle, Disclosure::NONE, 3).await;
        let starts = world.now().plus_days(1);
        let slot = world.slot(&task, starts, starts.plus_hours(1)).await;
        for _ in 0..2 {
            let (member, now) = (world.friend(circle).await, world.now());
            world.write(async |unit| unit.take_place(&slot, member.id, member.person, now).await).await;
        }
        let places = |count| Places::new(count, TaskKind::Shopping).unwrap();
        let terms = Disclosure { address: true, help: false, entry: false };
        let put = async |count| {
            world.write(async |unit| {
                unit.put_task_terms(task.id, places(count), terms, IfNobody::Must, world.now()).await
            }).await;
            world.get_slot(slot.id).await
        };
        let read = put(1).await;
        assert_eq!((read.places, read.taken), (2, 2));
        assert_eq!((read.disclosure, read.if_nobody), (terms, IfNobody::Must));
        assert_eq!(put(4).await.places, 4);
        assert_eq!(put(1).await.places, 2);
        let claim = world.read().await.claims_of(slot.id).await.unwrap().remove(0);
        let now = world.now();
        world.write(async |unit| unit.put_claim_state(&claim, ClaimState::Dropped, now).await).await;
        let read = world.get_slot(slot.id).await;
        assert_eq!((read.places, read.taken), (1, 1), "nobody is looked for in that place");
        world.clock.set(slot.ends);
        assert_eq!(put(4).await.places, 1, "what is over stays as it was");
        let read = read_task(&world, &task).await;
        assert_eq!((read.places, read.disclosure), (places(4), terms));
    }

    async fn what_is_not_there_is_none(database) {
        let world = World::new(database).await;
        let snapshot = world.read().await;
        assert_eq!(snapshot.task(TaskId::from_uuid(random())).await.unwrap(), None);
        let slot = kith_domain::ids::SlotId::from_uuid(random());
        assert_eq!(snapshot.slot(slot).await.unwrap(), None);
    }
}

/// An id as the database writes it in a statement.
fn literal(database: &TestDatabase, id: TaskId) -> String {
    let uuid = id.as_uuid();
    if database.is_postgres() { format!("'{uuid}'") } else { format!("x'{}'", uuid.simple()) }
}
