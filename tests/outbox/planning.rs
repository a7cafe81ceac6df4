//! Reminders are planned once, at the right wall-clock time, as the person chose.

use kith_domain::{CircleState, ClaimState, Clock as _, MailKind, MemberRole, Timestamp};
use kith_tests::clock::wall;
use kith_tests::mail_rows::MailRow;
use kith_tests::{Sink, World, both};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A Sunday. The slot is on the Tuesday.
const BEFORE: &str = "2026-11-22T09:00:00Z";

both! {
    async fn a_reminder_is_planned_once_under_two_planners(database) {
        let world = World::at(database, BEFORE).await;
        let circle = world.circle("Heron").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 9).await;
        for name in ["ann", "ben", "cat", "dan", "eve", "fay", "gus"] {
            let friend = world.member(circle, MemberRole::Friend, name).await;
            world.promise(&slot, &friend).await;
        }
        world.now_is("2026-11-23T10:00:00Z");
        let other = world.another_process(database).await;
        let (one, two) = tokio::join!(world.app.plan_reminders(), other.plan_reminders());
        assert!(one.unwrap() + two.unwrap() >= 7);
        let due: Vec<_> = world.mails().await.iter().map(|mail| mail.next_at).collect();
        let evening = wall("2026-11-23T18:00").as_second();
        let noon = wall("2026-11-24T12:00").as_second();
        assert_eq!(due, [[evening; 7], [noon; 7]].concat());
        assert_eq!(world.app.plan_reminders().await.unwrap(), 0, "nothing is left to plan");
    }

    async fn nothing_is_planned_long_before(database) {
        let world = World::at(database, BEFORE).await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-12-24", "14:00", 1).await;
        world.promise(&slot, &friend).await;
        assert_eq!(world.app.plan_reminders().await.unwrap(), 1, "it is looked at once");
        assert_eq!(world.app.plan_reminders().await.unwrap(), 0);
        assert_eq!(world.mails().await, []);
    }

    async fn what_nobody_planned_in_time_expires_where_people_see_it(database) {
        let world = World::at(database, BEFORE).await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-28", "14:00", 1).await;
        world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        assert_eq!(world.mails().await, [], "it is too early");
        // Nothing runs for a week.
        world.clock.advance(7 * 86_400);
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        world.app.deliver_due(&world.delivery(&sink), &CancellationToken::new()).await.unwrap();
        let ended: Vec<_> = world.mails().await.iter().map(MailRow::ended).collect();
        assert_eq!(ended, ["expired: too_late", "expired: too_late"]);
        assert_eq!(sink.handed(), []);
    }

    async fn a_move_to_very_soon_leaves_no_reminder_behind(database) {
        let world = World::at(database, BEFORE).await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-28", "14:00", 1).await;
        let claim = world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        world.now_is("2026-11-24T13:50:00Z");
        let (starts, now) = (wall("2026-11-24T14:00"), world.clock.now());
        world.write(async |unit| {
            let day = "2026-11-24".parse().unwrap();
            assert!(unit.move_slot(&slot, day, starts, starts.plus_hours(1)).await?);
            unit.plan_again(&claim, starts, now).await
        }).await;
        world.app.plan_reminders().await.unwrap();
        assert_eq!(world.mails().await, [], "they were due before it was moved");
    }

    async fn what_was_due_before_the_promise_is_left_out(database) {
        let world = World::at(database, "2026-11-24T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        let mail = world.only_mail(MailKind::Reminder).await;
        assert_eq!(mail.next_at, wall("2026-11-24T12:00").as_second());
    }

    async fn a_person_chooses_which_reminders(database) {
        let world = World::at(database, BEFORE).await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &friend).await;
        world.write(async |unit| {
            let mut person = unit.person(friend.place.person).await?;
            person.mail.reminders.hours_before = None;
            unit.put_person(&person).await
        }).await;
        world.now_is("2026-11-23T10:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let mail = world.only_mail(MailKind::Reminder).await;
        assert_eq!(mail.next_at, wall("2026-11-23T18:00").as_second());
    }

    async fn taking_again_after_dropping_is_reminded_of_again(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let claim = world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await
        }).await;
        world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        assert_eq!(world.mails().await.len(), 4);
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.now_is("2026-11-24T12:00:00Z");
        let report = world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!((report.sent, report.ended), (2, 2), "those of the first promise end");
        assert_eq!(sink.accepted().len(), 2);
    }

    async fn a_circle_that_is_resumed_reminds_again(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        let (active, paused) = (CircleState::Active, CircleState::Paused);
        let at = |text: &str| -> Timestamp { wall(text) };
        world.write(async |unit| {
            unit.put_circle_state(circle, active, paused, at("2026-11-23T10:00")).await
        }).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        world.now_is("2026-11-23T18:00:00Z");
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        let ended: Vec<_> = world.mails().await.iter().map(MailRow::ended).collect();
        assert_eq!(ended, ["cancelled: circle_not_active", "planned: -"]);
        world.now_is("2026-11-23T18:30:00Z");
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_circle_state(circle, paused, active, now).await?;
            unit.plan_circle_again(circle, now).await
        }).await;
        world.app.plan_reminders().await.unwrap();
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!(sink.accepted().len(), 1, "the evening's reminder comes after all");
        assert_eq!(world.mails().await.len(), 2);
    }

    async fn an_error_that_passes_costs_no_reminder(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 2).await;
        for name in ["ann", "ben"] {
            let friend = world.member(circle, MemberRole::Friend, name).await;
            world.promise(&slot, &friend).await;
        }
        // As a full disk does: every mail is refused, for no reason of the mail's.
        world.plant("ALTER TABLE outbox RENAME TO outbox_away").await;
        assert!(world.app.plan_reminders().await.is_err());
        world.plant("ALTER TABLE outbox_away RENAME TO outbox").await;
        assert_eq!(world.app.plan_reminders().await.unwrap(), 2, "both are still to be planned");
        assert_eq!(world.mails().await.len(), 4);
    }

    async fn a_promise_that_makes_no_sense_is_set_aside_where_people_see_it(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        for (start, name) in [("14:00", "ann"), ("16:00", "ben")] {
            let slot = world.slot(circle, "2026-11-24", start, 1).await;
            let friend = world.member(circle, MemberRole::Friend, name).await;
            world.promise(&slot, &friend).await;
        }
        let first = wall("2026-11-24T14:00").as_second();
        world.plant(&format!("UPDATE slot SET revision = -1 WHERE starts_at = {first}")).await;
        world.app.plan_reminders().await.unwrap();
        assert_eq!(world.app.plan_reminders().await.unwrap(), 0, "it is not met again");
        let mut ended: Vec<_> = world.mails().await.iter().map(MailRow::ended).collect();
        ended.sort();
        assert_eq!(ended, ["failed: cannot_be_written", "planned: -", "planned: -"]);
        let now = world.clock.now();
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        assert_eq!(snapshot.unsent_mail(circle, now.plus_days(-1), 9).await.unwrap().len(), 1);
    }

    async fn a_move_under_way_is_planned_for(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let claim = world.promise(&slot, &friend).await;
        let (starts, now) = (slot.starts.plus_hours(2), world.clock.now());
        let app = world.another_process(database).await;
        let planning = world.write(async |unit| {
            unit.move_slot(&slot, slot.date, starts, slot.ends.plus_hours(2)).await?;
            unit.plan_again(&claim, starts, now).await?;
            let planning = TaskTracker::new().spawn(async move { app.plan_reminders().await });
            if database.is_postgres() {
                world.wait_until_somebody_waits().await;
            }
            Ok(planning)
        }).await;
        planning.await.unwrap().unwrap();
        world.app.plan_reminders().await.unwrap();
        let due: Vec<_> = world.mails().await.iter().map(|mail| mail.next_at).collect();
        assert!(due.contains(&wall("2026-11-24T14:00").as_second()), "two hours before: {due:?}");
    }
}
