//! Reminders are planned once, at the right wall-clock time, as the person chose.

use kith_domain::{CircleState, ClaimState, Clock as _, MailKind, MemberRole, Timestamp};
use kith_tests::mail_rows::MailRow;
use kith_tests::world::wall;
use kith_tests::{Sink, World, both};
use tokio_util::sync::CancellationToken;

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
        assert_eq!(world.app.plan_reminders().await.unwrap(), 0);
        assert_eq!(world.mails().await, []);
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
            person.remind_two_hours = false;
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
}
