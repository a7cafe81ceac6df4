//! Mails as rows: each is held by one worker, and only the holder moves it on.

use std::collections::HashSet;
use std::sync::Arc;

use kith_domain::ids::{CircleId, MailId};
use kith_domain::{MailKind, MailReason, MailState, Timestamp};
use kith_store::{Mail, MailSubject, NewMail, StoreError};
use kith_tests::both;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::world::{World, random};

fn mail(world: &World, dedupe: &str, subject: MailSubject) -> NewMail {
    NewMail {
        kind: MailKind::Reminder,
        dedupe: dedupe.to_owned(),
        subject,
        detail: "{}".to_owned(),
        due_at: world.now(),
        useful_until: world.now().plus_days(1),
    }
}

async fn add(world: &World, new: &NewMail) -> bool {
    let now = world.now();
    world.write(async |unit| unit.add_mail(new, now).await).await
}

async fn claim(world: &World, worker: Uuid, limit: u32) -> Vec<MailId> {
    let lease = world.now().plus_minutes(5);
    let held = world.store.claim_due_mail(worker, world.now(), lease, limit).await.unwrap();
    held.into_iter().map(|(_, id)| id).collect()
}

/// Plans one mail and has a worker hold it.
async fn held(world: &World) -> (MailId, Uuid) {
    let worker = random();
    add(world, &mail(world, &random().to_string(), MailSubject::default())).await;
    (claim(world, worker, 1).await[0], worker)
}

async fn send(world: &World, id: MailId, worker: Uuid) -> bool {
    let (now, lease) = (world.now(), world.now().plus_minutes(5));
    world.write(async |unit| unit.begin_sending(id, worker, "{\"date\":1}", now, lease).await).await
}

async fn get(world: &World, id: MailId) -> Mail {
    world.read().await.mail(id).await.unwrap().unwrap()
}

both! {
    async fn a_mail_is_planned_once(database) {
        let world = World::new(database).await;
        let subject = MailSubject { person: Some(world.person().await), ..MailSubject::default() };
        assert!(add(&world, &mail(&world, "reminder:1", subject)).await);
        assert!(!add(&world, &mail(&world, "reminder:1", subject)).await);
        let neighbour = world.neighbour("oak.example").await;
        assert!(add(&neighbour, &mail(&neighbour, "reminder:1", MailSubject::default())).await);
        let id = claim(&world, random(), 10).await;
        assert_eq!(id.len(), 2);
        let found = world.read().await.mail(id[0]).await.unwrap();
        let read = match found {
            Some(read) => read,
            None => get(&world, id[1]).await,
        };
        assert_eq!((read.kind, read.subject, read.attempts), (MailKind::Reminder, subject, 0));
    }

    async fn two_workers_never_hold_the_same_mail(database) {
        let world = World::new(database).await;
        for n in 0..200 {
            add(&world, &mail(&world, &format!("reminder:{n}"), MailSubject::default())).await;
        }
        let mut workers = JoinSet::new();
        for _ in 0..4 {
            // A store of its own, as another process would have.
            let store = database.open(Arc::clone(&world.clock)).await;
            let (worker, now) = (random(), world.now());
            workers.spawn(async move {
                let (mut held, mut empty) = (Vec::new(), 0);
                while empty < 3 {
                    let lease = now.plus_minutes(5);
                    // Whoever finds the others in the way looks again at the next tick.
                    let some = match store.claim_due_mail(worker, now, lease, 7).await {
                        Err(StoreError::Busy) => continue,
                        some => some.unwrap(),
                    };
                    empty = if some.is_empty() { empty + 1 } else { 0 };
                    held.extend(some.into_iter().map(|(_, id)| id));
                }
                held
            });
        }
        let held: Vec<MailId> = workers.join_all().await.into_iter().flatten().collect();
        assert_eq!(held.len(), 200);
        assert_eq!(held.iter().collect::<HashSet<_>>().len(), 200);
        assert!(claim(&world, random(), 10).await.is_empty());
    }

    async fn only_what_is_due_is_held_oldest_first(database) {
        let world = World::new(database).await;
        for (n, later) in [(0, 60), (1, 0), (2, -60)] {
            let mut new = mail(&world, &n.to_string(), MailSubject::default());
            new.due_at = world.now().plus_seconds(later);
            add(&world, &new).await;
        }
        assert_eq!(world.store.next_due().await.unwrap(), Some(world.now().plus_seconds(-60)));
        let first = claim(&world, random(), 1).await;
        assert_eq!(get(&world, first[0]).await.due_at, world.now().plus_seconds(-60));
        assert_eq!(claim(&world, random(), 10).await.len(), 1);
        world.clock.advance(60);
        assert_eq!(claim(&world, random(), 10).await.len(), 1);
    }

    async fn mails_that_were_only_held_keep_their_place(database) {
        let world = World::new(database).await;
        for n in 0..20 {
            let mut new = mail(&world, &n.to_string(), MailSubject::default());
            new.due_at = world.now().plus_seconds(-n);
            add(&world, &new).await;
        }
        let first = claim(&world, random(), 20).await;
        let mut due = Vec::new();
        for id in &first {
            due.push(get(&world, *id).await.due_at);
        }
        assert!(due.is_sorted(), "oldest first: {due:?}");
        world.clock.advance(60);
        world.store.take_back_mail(world.now(), true).await.unwrap();
        let mut new = mail(&world, "new", MailSubject::default());
        new.due_at = world.now();
        add(&world, &new).await;
        assert_eq!(claim(&world, random(), 20).await, first, "the new one comes after them");
    }

    async fn only_the_holder_moves_a_mail_on(database) {
        let world = World::new(database).await;
        let (id, worker) = held(&world).await;
        let (other, now) = (random(), world.now());
        assert!(!send(&world, id, other).await);
        assert!(!world.write(async |unit| unit.mail_sent(id, worker, now).await).await);
        assert!(send(&world, id, worker).await);
        assert!(!send(&world, id, worker).await);
        let sending = get(&world, id).await;
        assert_eq!((sending.state, sending.attempts), (MailState::Sending, 1));
        assert_eq!((sending.first_attempt_at, sending.frozen.as_deref()), (Some(now), Some("{\"date\":1}")));
        for stranger in [other, random()] {
            assert!(!world.write(async |unit| unit.mail_sent(id, stranger, now).await).await);
            let waits = async |unit: &kith_store::UnitOfWork| {
                unit.mail_waits(id, stranger, "slow", now, now).await
            };
            assert!(!world.write(waits).await);
        }
        assert!(world.write(async |unit| unit.mail_sent(id, worker, now).await).await);
        let sent = get(&world, id).await;
        assert_eq!((sent.state, sent.frozen, sent.reason), (MailState::Sent, None, None));
        assert!(!world.write(async |unit| unit.mail_ends(id, worker, MailReason::TooLate, now).await).await);
    }

    async fn what_is_tried_again_keeps_what_was_composed_first(database) {
        let world = World::new(database).await;
        let (id, worker) = held(&world).await;
        assert!(send(&world, id, worker).await);
        let (now, next) = (world.now(), world.now().plus_minutes(1));
        assert!(world.write(async |unit| unit.mail_waits(id, worker, "busy", next, now).await).await);
        let waits = get(&world, id).await;
        assert_eq!((waits.state, waits.reason.as_deref()), (MailState::Retry, Some("busy")));
        assert!(claim(&world, worker, 1).await.is_empty());
        world.clock.advance(60);
        assert_eq!(claim(&world, worker, 1).await, [id]);
        let (later, lease) = (world.now(), world.now().plus_minutes(5));
        assert!(world.write(async |unit| unit.begin_sending(id, worker, "other", later, lease).await).await);
        let again = get(&world, id).await;
        assert_eq!((again.attempts, again.first_attempt_at), (2, Some(now)));
        assert_eq!(again.frozen.as_deref(), Some("{\"date\":1}"));
        assert!(world.write(async |unit| {
            unit.mail_ends(id, worker, MailReason::RefusedByServer, later).await
        }).await);
        assert_eq!(get(&world, id).await.state, MailReason::RefusedByServer.ends_in());
    }

    async fn a_mail_that_was_never_begun_waits_as_planned(database) {
        let world = World::new(database).await;
        let (id, worker) = held(&world).await;
        let now = world.now();
        assert!(world.write(async |unit| unit.mail_waits(id, worker, "night", now, now).await).await);
        assert_eq!(get(&world, id).await.state, MailState::Planned);
    }

    async fn mails_of_dead_workers_are_taken_back_when_their_lease_ends(database) {
        let world = World::new(database).await;
        let (claimed, dead) = held(&world).await;
        let (sending, dead_too) = held(&world).await;
        assert!(send(&world, sending, dead_too).await);
        let end = world.now().plus_minutes(5);
        assert_eq!(world.store.take_back_mail(end, false).await.unwrap(), 0);
        assert_eq!(get(&world, claimed).await.state, MailState::Claimed);
        let after = end.plus_seconds(1);
        assert_eq!(world.store.take_back_mail(after, false).await.unwrap(), 1);
        assert_eq!(get(&world, claimed).await.state, MailState::Planned);
        let read = get(&world, sending).await;
        assert_eq!((read.state, read.reason.as_deref()), (MailState::Retry, Some("interrupted")));
        // The worker was only slow: it holds them no longer.
        assert!(!send(&world, claimed, dead).await);
        assert!(!world.write(async |unit| unit.mail_sent(sending, dead_too, after).await).await);
        world.clock.set(after);
        assert_eq!(claim(&world, random(), 10).await.len(), 2);
    }

    async fn an_embedded_database_takes_everything_back_at_start(database) {
        let world = World::new(database).await;
        let (claimed, _) = held(&world).await;
        let (sending, worker) = held(&world).await;
        send(&world, sending, worker).await;
        assert_eq!(world.store.take_back_mail(world.now(), true).await.unwrap(), 1);
        assert_eq!(get(&world, claimed).await.state, MailState::Planned);
        assert_eq!(get(&world, sending).await.state, MailState::Retry);
        assert_eq!(claim(&world, random(), 10).await.len(), 2);
    }

    async fn cancelling_reaches_what_waits_and_never_what_is_being_sent(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let (person, circle) = (member.person, member.circle);
        let subject = MailSubject {
            person: Some(person), circle: Some(circle), ..MailSubject::default()
        };
        for n in 0..3 {
            add(&world, &mail(&world, &n.to_string(), subject)).await;
        }
        let worker = random();
        let ids = claim(&world, worker, 2).await;
        assert!(send(&world, ids[0], worker).await);
        let others = MailSubject { person: Some(world.person().await), ..subject };
        add(&world, &mail(&world, "other", others)).await;
        let (reason, now) = (MailReason::MembershipEnded, world.now());
        let cancelled = world
            .write(async |unit| unit.cancel_mail_for(person, circle, reason, now).await)
            .await;
        assert_eq!(cancelled, 2);
        assert_eq!(get(&world, ids[0]).await.state, MailState::Sending);
        assert_eq!(get(&world, ids[1]).await.state, MailState::Cancelled);
        assert_eq!(get(&world, ids[1]).await.reason.as_deref(), Some(reason.as_str()));
        // Held a moment ago, cancelled since: it is not sent.
        assert!(!send(&world, ids[1], worker).await);
        let rest = world
            .write(async |unit| unit.cancel_mail_of_circle(circle, reason, now).await)
            .await;
        assert_eq!(rest, 1);
    }

    async fn cancelling_is_by_promise_and_by_slot(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let slot = world.open_slot(member.circle).await;
        let now = world.now();
        let promise = world
            .write(async |unit| unit.take_place(&slot, member.id, member.person, now).await)
            .await
            .unwrap();
        let about_slot = MailSubject { slot: Some(slot.id), ..MailSubject::default() };
        let about_claim = MailSubject { claim: Some(promise.id), ..about_slot };
        add(&world, &mail(&world, "claim", about_claim)).await;
        add(&world, &mail(&world, "slot", about_slot)).await;
        let changed = NewMail { kind: MailKind::Changed, ..mail(&world, "changed", about_slot) };
        add(&world, &changed).await;
        let dropped = MailReason::ClaimDropped;
        assert_eq!(world.write(async |unit| {
            unit.cancel_mail_about_claim(promise.id, dropped, now).await
        }).await, 1);
        let gone = MailReason::SlotCancelled;
        assert_eq!(world.write(async |unit| {
            unit.cancel_mail_about_slot(slot.id, gone, now).await
        }).await, 1);
        // "It has changed" is still said.
        assert_eq!(claim(&world, random(), 10).await.len(), 1);
    }

    async fn what_ended_unsent_is_seen_by_a_person(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let subject = |circle: CircleId| MailSubject { circle: Some(circle), ..MailSubject::default() };
        add(&world, &mail(&world, "here", subject(circle))).await;
        let elsewhere = subject(world.circle().await);
        add(&world, &mail(&world, "elsewhere", elsewhere)).await;
        let worker = random();
        let (reason, now) = (MailReason::TooLate, world.now());
        for id in claim(&world, worker, 10).await {
            assert!(world.write(async |unit| unit.mail_ends(id, worker, reason, now).await).await);
        }
        let unsent = async |since: Timestamp| {
            world.read().await.unsent_mail(circle, since, 10).await.unwrap()
        };
        let found = unsent(now).await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].state, found[0].reason.as_deref()), (reason.ends_in(), Some(reason.as_str())));
        assert!(unsent(now.plus_seconds(1)).await.is_empty());
    }

    async fn a_worker_that_works_is_seen(database) {
        let world = World::new(database).await;
        assert_eq!(world.store.last_heartbeat().await.unwrap(), None);
        let (worker, now) = (random(), world.now());
        for at in [now, now.plus_seconds(5)] {
            world.store.heartbeat(worker, at).await.unwrap();
        }
        assert_eq!(world.store.last_heartbeat().await.unwrap(), Some(now.plus_seconds(5)));
    }
}
