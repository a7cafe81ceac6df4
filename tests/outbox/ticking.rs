//! The ticks: a code goes out at once, what is due goes out by itself, and the end is clean.

use std::sync::Arc;
use std::time::Duration;

use kith_domain::MemberRole;
use kith_scheduler::{Scheduler, SchedulerError};
use kith_tests::{Sink, TestDatabase, World, both};

/// Longer than any of these tests: nothing here waits for a tick.
const NO_TICK: Duration = Duration::from_secs(30);
const END: Duration = Duration::from_secs(20);

/// Ann is asked to come to a circle; nothing has been sent.
async fn asked_ann(database: &TestDatabase) -> World {
    let world = World::at(database, "2026-11-23T10:00:00Z").await;
    let circle = world.circle("Heron").await;
    let friend = world.member(circle, MemberRole::Friend, "ann").await;
    let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
    world.ask(&slot, &friend).await;
    world
}

both! {
    async fn a_code_goes_out_without_a_tick(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        world.person(Some("ann@mail.example")).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let scheduler = Scheduler::start(Arc::clone(&world.app), delivery, NO_TICK).await.unwrap();
        let visit = world.stranger().await;
        world.app.ask_code(&visit, "ann@mail.example", false).await.unwrap();
        sink.wait_for(1).await;
        assert!(scheduler.stop(END).await, "it ended in time");
    }

    async fn what_is_due_is_planned_and_sent(database) {
        let world = World::at(database, "2026-11-23T19:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &friend).await;
        world.now_is("2026-11-24T12:00:00Z");
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let scheduler = Scheduler::start(Arc::clone(&world.app), delivery, NO_TICK).await.unwrap();
        sink.wait_for(1).await;
        assert!(scheduler.stop(END).await);
        assert!(world.store.last_heartbeat().await.unwrap().is_some());
        assert_eq!(sink.accepted().len(), 1);
    }

    async fn a_tick_finds_what_nobody_rang_for(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let tick = Duration::from_secs(1);
        let scheduler = Scheduler::start(Arc::clone(&world.app), delivery, tick).await.unwrap();
        world.ask(&slot, &friend).await;
        sink.wait_for(1).await;
        assert!(scheduler.stop(END).await);
    }

    async fn the_end_waits_for_what_is_under_way(database) {
        let world = asked_ann(database).await;
        let sink = Sink::closed();
        let delivery = world.delivery(&sink);
        let scheduler = Scheduler::start(Arc::clone(&world.app), delivery, NO_TICK).await.unwrap();
        sink.wait_until_held(1).await;
        let ending = tokio_util::task::TaskTracker::new().spawn(scheduler.stop(END));
        sink.let_in(1);
        assert!(ending.await.unwrap(), "it ended in time");
        assert_eq!(world.mails().await[0].state, "sent");
    }

    async fn what_takes_longer_than_the_end_may_take_is_cut_off(database) {
        let world = asked_ann(database).await;
        let sink = Sink::closed();
        let delivery = world.delivery(&sink);
        let scheduler = Scheduler::start(Arc::clone(&world.app), delivery, NO_TICK).await.unwrap();
        sink.wait_until_held(1).await;
        assert!(!scheduler.stop(Duration::from_millis(1)).await, "the relay has not answered");
        assert_eq!(world.mails().await[0].state, "sending", "its lease brings it back");
        sink.let_in(1);
        sink.wait_for(1).await;
    }

    async fn ticks_have_limits(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        for seconds in [0, 31] {
            let delivery = world.delivery(&Sink::open());
            let tick = Duration::from_secs(seconds);
            let started = Scheduler::start(Arc::clone(&world.app), delivery, tick).await;
            assert!(matches!(started, Err(SchedulerError::Tick)));
        }
    }
}
