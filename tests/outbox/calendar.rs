//! What the mails about a promise do to its person's calendar.

use kith_app::TakeOutcome;
use kith_domain::ids::{CircleId, MailId};
use kith_domain::{ClaimState, Clock as _, MailChoice, MailKind, MailReason, MemberRole};
use kith_mail::{DeliveryError, Reason};
use kith_store::{MailSubject, NewMail, Slot};
use kith_tests::world::{Member, link_parts};
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Ann wants everything; a slot on Tuesday at two is free.
struct House {
    world: World,
    circle: CircleId,
    ann: Member,
    slot: Slot,
}

impl House {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-22T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let house = Self { world, circle, ann, slot };
        house.choose(MailChoice::ORDINARY).await;
        house
    }

    async fn choose(&self, choice: MailChoice) {
        let ann = self.ann.place.person;
        self.world.write(async |unit| unit.put_mail_choice(ann, choice).await).await;
    }

    /// Calendar parts of the mails that are due at `now`.
    async fn parts(&self, now: &str) -> Vec<String> {
        self.world.now_is(now);
        self.world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        sink.accepted().iter().map(|mail| mail.read().calendar.unwrap_or_default()).collect()
    }

    /// A mail about the slot to Ann.
    async fn mail(&self, kind: MailKind, dedupe: &str, detail: &str) {
        let now = self.world.clock.now();
        let mail = NewMail {
            kind,
            dedupe: dedupe.to_owned(),
            subject: MailSubject {
                person: Some(self.ann.place.person),
                circle: Some(self.circle),
                slot: Some(self.slot.id),
                ..MailSubject::default()
            },
            detail: detail.to_owned(),
            due_at: now,
            useful_until: self.slot.ends,
        };
        assert!(self.world.write(async |unit| unit.add_mail(&mail, now).await).await);
    }
}

/// The value of a line.
fn value<'a>(part: &'a str, name: &str) -> &'a str {
    let found = part.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("{name} in {part:?}"))
}

both! {
    async fn a_promise_keeps_its_uid_and_its_changes_rise(database) {
        let house = House::new(database).await;
        let (world, slot) = (&house.world, &house.slot);
        let claim = world.promise(slot, &house.ann).await;
        let promised = house.parts("2026-11-22T09:10:00Z").await.remove(0);
        let reminded = house.parts("2026-11-23T18:00:00Z").await.remove(0);
        let later = (slot.starts.plus_hours(3), slot.ends.plus_hours(3));
        world.write(async |unit| unit.move_slot(slot, slot.date, later.0, later.1).await).await;
        let old = format!(
            r#"{{"old_starts":{},"old_ends":{}}}"#,
            slot.starts.as_second(),
            slot.ends.as_second()
        );
        house.mail(MailKind::Changed, "changed", &old).await;
        let changed = house.parts("2026-11-23T18:01:00Z").await.remove(0);
        let now = world.clock.now();
        world.write(async |unit| {
            unit.cancel_slot(slot.id).await?;
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await?;
            unit.cancel_mail_about_claim(claim.id, MailReason::ClaimDropped, now).await
        }).await;
        house.mail(MailKind::Cancelled, "cancelled", "{}").await;
        let cancelled = house.parts("2026-11-23T18:02:00Z").await.remove(0);
        let all = [&promised, &reminded, &changed, &cancelled];
        assert!(all.iter().all(|part| value(part, "UID") == value(&promised, "UID")));
        let sequences: Vec<u32> =
            all.iter().map(|part| value(part, "SEQUENCE").parse().unwrap()).collect();
        assert_eq!(sequences, [0, 0, 2, 5]);
        let methods: Vec<_> = all.iter().map(|part| value(part, "METHOD")).collect();
        assert_eq!(methods, ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]);
        let starts: Vec<_> = all.iter().map(|part| value(part, "DTSTART")).collect();
        let (two, five) = ("20261124T140000Z", "20261124T170000Z");
        assert_eq!(starts, [two, two, five, five]);
    }

    async fn another_person_has_another_uid(database) {
        let house = House::new(database).await;
        let slot = house.world.slot(house.circle, "2026-11-24", "16:00", 2).await;
        let ben = house.world.member(house.circle, MemberRole::Friend, "ben").await;
        for member in [&house.ann, &ben] {
            house.world.promise(&slot, member).await;
        }
        let parts = house.parts("2026-11-23T18:00:00Z").await;
        let uids: std::collections::BTreeSet<_> =
            parts.iter().map(|part| value(part, "UID").to_owned()).collect();
        assert_eq!((parts.len(), uids.len()), (2, 2));
    }

    async fn dates_that_are_taken_together_are_confirmed_once(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let mut claims = Vec::new();
        for date in ["2026-11-26", "2026-11-25", "2026-11-27"] {
            let slot = world.slot(house.circle, date, "14:00", 1).await;
            claims.push(world.promise(&slot, &house.ann).await);
        }
        // Given back before it was confirmed, and so not said.
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_claim_state(&claims[2], ClaimState::Dropped, now).await
        }).await;
        // What is taken later has its own time to be undone.
        world.now_is("2026-11-22T09:05:00Z");
        world.promise(&house.slot, &house.ann).await;
        let parts = house.parts("2026-11-22T09:10:00Z").await;
        let [part] = parts.as_slice() else { panic!("one mail: {parts:?}") };
        assert_eq!(value(part, "METHOD"), "PUBLISH");
        assert_eq!(part.matches("BEGIN:VEVENT").count(), 2);
        for starts in ["DTSTART:20261125T140000Z", "DTSTART:20261126T140000Z"] {
            assert!(part.contains(starts), "{starts} in {part}");
        }
        assert!(!part.contains("ATTENDEE"), "RFC 5546, section 3.2.1: {part}");
        assert_eq!(house.parts("2026-11-22T09:15:00Z").await.len(), 1);
    }

    async fn a_first_date_that_is_given_back_takes_no_other_with_it(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let second = world.slot(house.circle, "2026-11-25", "14:00", 1).await;
        let claims =
            [world.promise(&house.slot, &house.ann).await, world.promise(&second, &house.ann).await];
        world.now_is("2026-11-22T09:10:00Z");
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let tried = world.mails().await.into_iter().find(|mail| mail.attempts == 1);
        let tried = MailId::from_uuid(tried.expect("one was tried").id);
        let now = world.clock.now();
        let subject = world.write(async |unit| unit.mail(tried).await).await.unwrap().subject;
        let given_back = claims.iter().find(|claim| Some(claim.id) == subject.claim).unwrap();
        world.write(async |unit| {
            unit.put_claim_state(given_back, ClaimState::Dropped, now).await?;
            unit.cancel_mail_about_claim(given_back.id, MailReason::ClaimDropped, now).await
        }).await;
        let parts = house.parts("2026-11-22T09:30:00Z").await;
        let [part] = parts.as_slice() else { panic!("one mail: {parts:?}") };
        assert_eq!(value(part, "METHOD"), "REQUEST", "of the other date alone");
    }

    async fn a_promise_that_is_made_again_replaces_the_one_before(database) {
        let house = House::new(database).await;
        let claim = house.world.promise(&house.slot, &house.ann).await;
        let first = house.parts("2026-11-22T09:10:00Z").await.remove(0);
        let now = house.world.clock.now();
        house.world.write(async |unit| {
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await
        }).await;
        house.world.promise(&house.slot, &house.ann).await;
        let second = house.parts("2026-11-22T09:20:00Z").await.remove(0);
        assert_eq!(value(&first, "UID"), value(&second, "UID"));
        assert_eq!((value(&first, "SEQUENCE"), value(&second, "SEQUENCE")), ("0", "2"));
    }

    async fn what_is_undone_at_once_is_never_confirmed(database) {
        let house = House::new(database).await;
        let claim = house.world.promise(&house.slot, &house.ann).await;
        assert_eq!(house.parts("2026-11-22T09:09:59Z").await, Vec::<String>::new());
        let now = house.world.clock.now();
        house.world.write(async |unit| {
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await
        }).await;
        assert_eq!(house.parts("2026-11-22T09:10:00Z").await, Vec::<String>::new());
        let mail = house.world.only_mail(MailKind::Promised).await;
        assert_eq!(mail.ended(), "cancelled: claim_dropped");
    }

    async fn taking_by_the_link_of_a_mail_is_confirmed(database) {
        let house = House::new(database).await;
        let world = &house.world;
        world.ask(&house.slot, &house.ann).await;
        let sink = Sink::open();
        world.app.deliver_due(&world.delivery(&sink), &CancellationToken::new()).await.unwrap();
        let mail = sink.accepted().remove(0);
        assert_eq!(mail.read().calendar, None, "nothing was promised yet");
        let (id, token) = link_parts(&mail.link());
        let (visit, receipt) = (world.stranger().await, world.app.new_receipt());
        let taken = world.app.take_by_link(&visit, id, &token, receipt).await.unwrap();
        assert_eq!(taken, TakeOutcome::Yours);
        assert_eq!(house.parts("2026-11-22T09:10:00Z").await.len(), 1);
    }

    async fn a_retry_is_the_same_bytes(database) {
        let house = House::new(database).await;
        let world = &house.world;
        world.promise(&house.slot, &house.ann).await;
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        sink.answer((0..4).map(|_| DeliveryError::Retry(Reason::TimedOut)));
        let (delivery, stop) = (world.delivery(&sink), CancellationToken::new());
        for minute in ["10", "20", "30", "40", "55"] {
            world.now_is(&format!("2026-11-22T09:{minute}:00Z"));
            world.app.deliver_due(&delivery, &stop).await.unwrap();
        }
        let handed = sink.handed();
        assert_eq!(handed.len(), 5);
        assert!(handed.iter().all(|mail| mail.bytes == handed[0].bytes));
        assert!(handed[0].read().calendar.is_some());
    }

    async fn a_quiet_circle_puts_down_the_day_alone(database) {
        let house = House::new(database).await;
        let circle = house.circle;
        house.world.write(async |unit| unit.put_quiet_mail(circle, true).await).await;
        house.world.promise(&house.slot, &house.ann).await;
        for now in ["2026-11-22T09:10:00Z", "2026-11-23T18:00:00Z"] {
            let part = house.parts(now).await.remove(0);
            assert!(part.contains("DTSTART;VALUE=DATE:20261124\r\n"), "{part}");
            for words in ["T14", "Shopping", "Heron"] {
                assert!(!part.contains(words), "{words} in {part}");
            }
        }
    }

    async fn whoever_wants_no_entry_gets_none(database) {
        let house = House::new(database).await;
        house.choose(MailChoice { calendar: false, ..MailChoice::ORDINARY }).await;
        house.world.promise(&house.slot, &house.ann).await;
        assert_eq!(house.parts("2026-11-22T09:10:00Z").await, [""]);
        house.choose(MailChoice { confirmed: false, ..MailChoice::ORDINARY }).await;
        let other = house.world.slot(house.circle, "2026-11-26", "14:00", 1).await;
        house.world.promise(&other, &house.ann).await;
        assert_eq!(house.parts("2026-11-22T09:20:00Z").await, Vec::<String>::new());
    }
}
