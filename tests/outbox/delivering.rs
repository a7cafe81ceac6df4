//! Each mail leaves once, and the same bytes each time; a relay that is down costs no mail.

use std::collections::BTreeSet;
use std::sync::Arc;

use kith_domain::ids::MailId;
use kith_domain::{Clock as _, Ids as _, MailKind, MemberRole};
use kith_mail::{DeliveryError, Reason};
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World, both};
use kith_vault::RandomIds;
use tokio_util::sync::CancellationToken;

/// A morning on which friends are asked for a slot.
async fn asked(database: &TestDatabase, friends: usize) -> (World, Vec<Member>) {
    let world = World::at(database, "2026-11-23T09:00:00Z").await;
    let circle = world.circle("Heron").await;
    let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
    let mut members = Vec::new();
    for number in 0..friends {
        let friend = world.member(circle, MemberRole::Friend, &format!("friend{number}")).await;
        world.ask(&slot, &friend).await;
        members.push(friend);
    }
    (world, members)
}

both! {
    async fn two_workers_hand_over_one_mail_once(database) {
        let (world, friends) = asked(database, 24).await;
        let other = world.another_process(database).await;
        let sink = Sink::open();
        let (mine, theirs) = (world.delivery(&sink), world.delivery(&sink));
        let stop = CancellationToken::new();
        let (one, two) = tokio::join!(
            world.app.deliver_due(&mine, &stop),
            other.deliver_due(&theirs, &stop)
        );
        assert_eq!(one.unwrap().sent + two.unwrap().sent, 24);
        let to: BTreeSet<_> = sink.handed().into_iter().map(|mail| mail.to).collect();
        let known: BTreeSet<_> = friends.into_iter().map(|friend| friend.address).collect();
        assert_eq!((sink.handed().len(), to), (24, known));
    }

    async fn a_retry_sends_the_same_bytes(database) {
        let (world, _) = asked(database, 1).await;
        let sink = Sink::open();
        let broken = DeliveryError::Retry(Reason::Broken);
        sink.answer([broken, DeliveryError::Retry(Reason::Code(451)), broken]);
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        for attempt in 1..=4 {
            let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
            assert_eq!(report.taken, 1, "attempt {attempt}");
            let mail = world.only_mail(MailKind::SomebodyNeeded).await;
            assert_eq!(mail.attempts, attempt);
            // Not before its time.
            assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().taken, 0);
            world.clock.advance(360);
        }
        let handed = sink.handed();
        assert_eq!(handed.len(), 4);
        assert!(handed.iter().all(|mail| mail.bytes == handed[0].bytes));
        assert_eq!(handed[0].header("Date"), "Mon, 23 Nov 2026 09:00:00 +0000");
        assert_eq!(world.only_mail(MailKind::SomebodyNeeded).await.ended(), "sent: -");
    }

    async fn a_mail_of_a_moved_slot_is_another_mail(database) {
        let (world, _) = asked(database, 1).await;
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::Broken)]);
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let id = MailId::from_uuid(world.only_mail(MailKind::SomebodyNeeded).await.id);
        let slot = snapshot.mail(id).await.unwrap().unwrap().subject.slot.unwrap();
        let slot = snapshot.slot(slot).await.unwrap().unwrap();
        snapshot.end();
        world.write(async |unit| {
            unit.move_slot(&slot, slot.date, slot.starts.plus_hours(1), slot.ends.plus_hours(1)).await
        }).await;
        world.clock.advance(360);
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        let handed = sink.handed();
        assert!(handed[1].read().text.contains("3pm to 4pm"), "it says how it is now");
        assert_ne!(handed[0].header("Message-ID"), handed[1].header("Message-ID"));
    }

    async fn a_refused_recipient_fails_where_people_see_it(database) {
        let (world, _) = asked(database, 1).await;
        let sink = Sink::open();
        sink.answer([DeliveryError::Refused { code: 550, address: true }]);
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mail = world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!(mail.ended(), "failed: refused_by_server");
        assert_eq!(world.app.relay_pause(), None, "the relay works");
    }

    async fn a_relay_that_takes_nothing_pauses_all_mail(database) {
        let (world, _) = asked(database, 12).await;
        let sink = Sink::open();
        let down = DeliveryError::RelayDown(Reason::Code(535));
        sink.answer([down; 5]);
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!((report.sent, report.ended, report.waiting), (0, 0, 12));
        assert!(report.paused);
        let begun = sink.handed().len();
        assert!((1..=4).contains(&begun), "at most one a connection: {begun}");
        let pause = world.app.relay_pause().unwrap();
        assert_eq!((pause.failures, pause.reason.as_str()), (1, "code 535"));
        let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!((report.taken, report.paused), (0, true));
        for _ in begun..5 {
            // One mail at a time finds out that nothing has changed.
            let until = world.app.relay_pause().unwrap().until;
            world.clock.set(until);
            let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
            assert_eq!((report.taken, report.waiting), (1, 1));
        }
        let until = world.app.relay_pause().unwrap().until;
        world.clock.set(until);
        assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().sent, 1);
        assert_eq!(world.app.relay_pause(), None);
        world.clock.advance(3_600);
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!(sink.accepted().len(), 12);
        assert!(world.mails().await.iter().all(|mail| mail.ended() == "sent: -"));
    }

    async fn a_mail_of_a_dead_process_goes_out_when_its_lease_ends(database) {
        let (world, _) = asked(database, 2).await;
        let dead = RandomIds.next();
        let now = world.clock.now();
        let held = world.store.claim_due_mail(dead, now, now.plus_seconds(45), 50).await.unwrap();
        assert_eq!(held.len(), 2);
        let (_, first) = held[0];
        world.write(async |unit| {
            unit.begin_sending(first, dead, "{}", now, now.plus_seconds(45)).await
        }).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        world.clock.advance(45);
        assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().taken, 0);
        world.clock.advance(1);
        assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().sent, 2);
        let again = world.mails().await.into_iter().filter(|mail| mail.attempts == 2).count();
        assert_eq!(again, 1, "the one that may have left");
        // What the dead process says afterwards changes nothing.
        let said = world.write(async |unit| unit.mail_sent(first, dead, now).await).await;
        assert!(!said);
    }

    async fn an_embedded_database_is_taken_over_at_start(database) {
        let (world, _) = asked(database, 2).await;
        let dead = RandomIds.next();
        let now = world.clock.now();
        let held = world.store.claim_due_mail(dead, now, now.plus_seconds(45), 50).await.unwrap();
        let (_, first) = held[0];
        world.write(async |unit| {
            unit.begin_sending(first, dead, "{}", now, now.plus_seconds(45)).await
        }).await;
        let interrupted = world.app.take_back_at_start().await.unwrap();
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let report = world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        if database.is_postgres() {
            // Another process may be alive: its lease decides.
            assert_eq!((interrupted, report.sent), (0, 0));
        } else {
            assert_eq!((interrupted, report.sent), (1, 2));
        }
    }

    async fn a_worker_that_is_stopped_finishes_and_gives_the_rest_back(database) {
        let (world, _) = asked(database, 12).await;
        let sink = Sink::closed();
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        let app = Arc::clone(&world.app);
        let looking = {
            let (delivery, stop) = (delivery.clone(), stop.clone());
            tokio_util::task::TaskTracker::new()
                .spawn(async move { app.deliver_due(&delivery, &stop).await })
        };
        sink.let_in(1);
        sink.wait_for(1).await;
        stop.cancel();
        sink.let_in(100);
        let report = looking.await.unwrap().unwrap();
        assert_eq!((report.taken, report.sent + report.waiting, report.left), (12, 12, 0));
        assert!(report.sent <= 5, "what was under way: {}", report.sent);
        let mails = world.mails().await;
        assert!(mails.iter().all(|mail| mail.state == "sent" || mail.state == "planned"));
        // Another process goes on at once.
        let other = world.another_process(database).await;
        let theirs = world.delivery(&sink);
        other.deliver_due(&theirs, &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.accepted().len(), 12);
    }
}
