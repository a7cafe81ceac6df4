//! Nothing is sent after it stopped being wanted: everything is read again when a mail is marked.

use kith_domain::{
    CategorySet, CircleState, ClaimState, Clock as _, GrantBasis, MailKind, MemberRole,
    MembershipState,
};
use kith_store::{Claim, MailSubject, NewMail, Slot, StoreError, UnitOfWork};
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World, both, without_tokens};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::asked::Asked;

/// Two hours before the slot, when its second reminder is due.
const NOON: &str = "2026-11-24T12:00:00Z";

/// A friend who promised to do a slot, whose reminder is due now.
struct Promised {
    world: World,
    friend: Member,
    slot: Slot,
    claim: Claim,
}

impl Promised {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-24T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let claim = world.promise(&slot, &friend).await;
        world.app.plan_reminders().await.unwrap();
        world.now_is(NOON);
        Self { world, friend, slot, claim }
    }

    /// State and reason of the one reminder after a look at the outbox that sends nothing.
    async fn ends(&self) -> String {
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.handed(), [], "nothing is sent");
        self.world.only_mail(MailKind::Reminder).await.ended()
    }
}

impl Asked {
    /// How the asking ends that a worker takes up after `change` was made and before it is
    /// committed.
    async fn while_changing<T>(
        &self,
        database: &TestDatabase,
        change: impl AsyncFnOnce(&UnitOfWork) -> Result<T, StoreError>,
    ) -> String {
        let world = &self.world;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let app = world.another_process(database).await;
        let looking = world
            .write(async |unit| {
                change(unit).await?;
                let looking = TaskTracker::new().spawn(async move {
                    app.deliver_due(&delivery, &CancellationToken::new()).await
                });
                if database.is_postgres() {
                    world.wait_until_somebody_waits().await;
                }
                Ok(looking)
            })
            .await;
        looking.await.unwrap().unwrap();
        assert_eq!(sink.handed(), [], "what was acknowledged first counts");
        world.only_mail(MailKind::SomebodyNeeded).await.ended()
    }
}

both! {
    async fn a_reminder_that_is_wanted_is_sent(database) {
        let promised = Promised::new(database).await;
        let sink = Sink::open();
        let delivery = promised.world.delivery(&sink);
        let stop = CancellationToken::new();
        let report = promised.world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!((report.taken, report.sent), (1, 1));
        let mails = sink.accepted();
        assert_eq!(mails[0].to, "ann@mail.example");
        assert_eq!(mails[0].header("Subject"), "You have something on Tuesday 24 November");
        let text = mails[0].read().text;
        for words in ["Tuesday 24 November", "2pm to 3pm", "Shopping", "Heron circle"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert_eq!(promised.world.only_mail(MailKind::Reminder).await.ended(), "sent: -");
        let report = promised.world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!(report.taken, 0, "once");
    }

    async fn a_quiet_circle_says_the_day_alone(database) {
        let promised = Promised::new(database).await;
        promised.world.write(async |unit| unit.put_quiet_mail(promised.slot.circle, true).await).await;
        let sink = Sink::open();
        let delivery = promised.world.delivery(&sink);
        promised.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mail = sink.accepted().remove(0).read();
        for part in [&mail.text, &mail.html] {
            let part = without_tokens(part);
            assert!(part.contains("Tuesday"));
            for words in ["2pm", "Shopping", "Heron"] {
                assert!(!part.contains(words), "{words} in {part}");
            }
        }
    }

    async fn not_after_the_promise_was_given_back(database) {
        let promised = Promised::new(database).await;
        let now = promised.world.clock.now();
        promised.world.write(async |unit| {
            unit.put_claim_state(&promised.claim, ClaimState::Dropped, now).await
        }).await;
        assert_eq!(promised.ends().await, "cancelled: claim_dropped");
    }

    async fn not_after_the_person_was_taken_out(database) {
        let promised = Promised::new(database).await;
        let now = promised.world.clock.now();
        let (id, active) = (promised.friend.place.id, MembershipState::Active);
        promised.world.write(async |unit| {
            unit.put_membership_state(id, active, MembershipState::Left, now).await
        }).await;
        assert_eq!(promised.ends().await, "cancelled: membership_ended");
    }

    async fn not_after_the_person_stopped_mails(database) {
        let promised = Promised::new(database).await;
        promised.world.write(async |unit| {
            let mut person = unit.person(promised.friend.place.person).await?;
            person.mail.stopped = true;
            unit.put_person(&person).await
        }).await;
        assert_eq!(promised.ends().await, "cancelled: consent_withdrawn");
    }

    async fn a_change_under_way_is_waited_for(database) {
        let promised = Promised::new(database).await;
        let world = &promised.world;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let app = world.another_process(database).await;
        let looking = world
            .write(async |unit| {
                let mut person = unit.person(promised.friend.place.person).await?;
                person.mail.stopped = true;
                unit.put_person(&person).await?;
                let looking = TaskTracker::new().spawn(async move {
                    app.deliver_due(&delivery, &CancellationToken::new()).await
                });
                if database.is_postgres() {
                    // The worker has read everything but what is locked here.
                    world.wait_until_somebody_waits().await;
                }
                Ok(looking)
            })
            .await;
        assert_eq!(looking.await.unwrap().unwrap().ended, 1);
        assert_eq!(sink.handed(), [], "what was acknowledged first counts");
    }

    async fn not_after_this_reminder_was_switched_off(database) {
        let promised = Promised::new(database).await;
        promised.world.write(async |unit| {
            let mut person = unit.person(promised.friend.place.person).await?;
            person.mail.reminders.hours_before = None;
            unit.put_person(&person).await
        }).await;
        assert_eq!(promised.ends().await, "cancelled: consent_withdrawn");
    }

    async fn not_when_the_circle_is_not_active(database) {
        let promised = Promised::new(database).await;
        let now = promised.world.clock.now();
        promised.world.write(async |unit| {
            let circle = promised.slot.circle;
            unit.put_circle_state(circle, CircleState::Active, CircleState::Ending, now).await
        }).await;
        assert_eq!(promised.ends().await, "cancelled: circle_not_active");
    }

    async fn a_paused_circle_still_says_that_there_is_no_need_to_go(database) {
        let promised = Promised::new(database).await;
        let (world, slot) = (&promised.world, &promised.slot);
        let now = world.clock.now();
        let mail = NewMail {
            kind: MailKind::Cancelled,
            dedupe: "cancelled".to_owned(),
            subject: MailSubject {
                person: Some(promised.friend.place.person),
                circle: Some(slot.circle),
                slot: Some(slot.id),
                ..MailSubject::default()
            },
            detail: "{}".to_owned(),
            due_at: now,
            useful_until: slot.ends,
        };
        world.write(async |unit| {
            let (active, paused) = (CircleState::Active, CircleState::Paused);
            unit.put_circle_state(slot.circle, active, paused, now).await?;
            unit.cancel_slot(slot.id).await?;
            unit.add_mail(&mail, now).await
        }).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!((report.sent, report.ended), (1, 1), "that, and no reminder");
        assert!(sink.accepted()[0].read().text.to_lowercase().contains("no need to go"));
    }

    async fn not_after_the_slot_was_cancelled(database) {
        let promised = Promised::new(database).await;
        promised.world.write(async |unit| unit.cancel_slot(promised.slot.id).await).await;
        assert_eq!(promised.ends().await, "cancelled: slot_cancelled");
    }

    async fn not_for_the_time_before_a_move(database) {
        let promised = Promised::new(database).await;
        let slot = &promised.slot;
        let later = (slot.starts.plus_hours(3), slot.ends.plus_hours(3));
        promised.world.write(async |unit| unit.move_slot(slot, slot.date, later.0, later.1).await).await;
        assert_eq!(promised.ends().await, "cancelled: superseded");
    }

    async fn not_when_it_would_come_too_late(database) {
        let promised = Promised::new(database).await;
        promised.world.now_is("2026-11-24T13:45:00Z");
        assert_eq!(promised.ends().await, "expired: too_late");
        let now = promised.world.clock.now();
        let snapshot = promised.world.store.snapshot(promised.world.organisation).await.unwrap();
        let seen = snapshot.unsent_mail(promised.slot.circle, now.plus_days(-1), 9).await.unwrap();
        assert_eq!(seen.len(), 1, "people can see it");
    }

    async fn somebody_is_asked_until_it_is_covered(database) {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let ben = world.member(circle, MemberRole::Friend, "ben").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &ann).await;
        world.promise(&slot, &ben).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mail = world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!(mail.ended(), "cancelled: slot_covered");
        assert_eq!(sink.handed(), []);
    }

    async fn nobody_is_asked_who_may_no_longer_see_the_rota(database) {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &ann).await;
        let now = world.clock.now();
        world.write(async |unit| {
            let none = CategorySet::EMPTY;
            unit.put_grants(&ann.place, none, GrantBasis::OwnConsent, None, now).await
        }).await;
        let delivery = world.delivery(&Sink::open());
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mail = world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!(mail.ended(), "cancelled: consent_withdrawn");
    }

    async fn nights_are_quiet(database) {
        let world = World::at(database, "2026-11-23T21:30:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &ann).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!((report.waiting, report.sent), (1, 0));
        let mail = world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!((mail.ended(), mail.attempts), ("planned: night".to_owned(), 0));
        world.now_is("2026-11-24T07:59:59Z");
        assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().taken, 0);
        world.now_is("2026-11-24T08:00:00Z");
        assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().sent, 1);
        assert_eq!(sink.accepted()[0].header("Subject"), "Can you help on Tuesday 24 November?");
    }

    async fn a_slot_that_is_cancelled_meanwhile_asks_nobody(database) {
        let asked = Asked::at(database, "2026-11-24T09:00:00Z").await;
        let slot = asked.slot.id;
        let ended = asked.while_changing(database, async |unit| unit.cancel_slot(slot).await).await;
        assert_eq!(ended, "cancelled: slot_cancelled");
    }

    async fn a_grant_that_is_withdrawn_meanwhile_asks_nobody(database) {
        let asked = Asked::at(database, "2026-11-24T09:00:00Z").await;
        let (place, now) = (asked.ann.place.clone(), asked.world.clock.now());
        let ended = asked.while_changing(database, async |unit| {
            let none = CategorySet::EMPTY;
            unit.put_grants(&place, none, GrantBasis::OwnConsent, None, now).await
        }).await;
        assert_eq!(ended, "cancelled: consent_withdrawn");
    }

    async fn who_does_not_know_of_an_earlier_time_is_told_until_the_old_one_ends(database) {
        let promised = Promised::new(database).await;
        let (world, slot) = (&promised.world, &promised.slot);
        let now = world.clock.now();
        let mail = NewMail {
            kind: MailKind::Changed,
            dedupe: "changed".to_owned(),
            subject: MailSubject {
                person: Some(promised.friend.place.person),
                circle: Some(slot.circle),
                slot: Some(slot.id),
                claim: Some(promised.claim.id),
                ..MailSubject::default()
            },
            detail: format!(
                r#"{{"old_starts":{},"old_ends":{}}}"#,
                slot.starts.as_second(),
                slot.ends.as_second()
            ),
            due_at: now,
            useful_until: slot.ends,
        };
        world.write(async |unit| {
            unit.move_slot(slot, slot.date, slot.starts.plus_hours(-3), slot.ends.plus_hours(-3)).await?;
            unit.add_mail(&mail, now).await
        }).await;
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(world.only_mail(MailKind::Changed).await.ended(), "sent: -");
        let text = sink.accepted()[0].read().text;
        assert!(text.contains("11am to noon") && text.contains("2pm to 3pm"), "{text}");
    }
}
