//! What another mail was to say is said all the same when that one ends unsent.

use kith_app::TakeOutcome;
use kith_domain::ids::MailId;
use kith_domain::{ClaimState, Clock as _, MailReason, MemberRole};
use kith_mail::{DeliveryError, Reason};
use kith_store::Slot;
use kith_tests::world::link_parts;
use kith_tests::{Sink, both};
use tokio_util::sync::CancellationToken;

use crate::fewer::House;

impl House {
    /// Asks Ann for two o'clock on a day.
    async fn asked_for(&self, date: &str) -> Slot {
        let slot = self.world.slot(self.circle, date, "14:00", 1).await;
        self.world.ask(&slot, &self.ann).await;
        slot
    }

    /// One mail is taken up, and no more.
    async fn one_by_one(&self, sink: &std::sync::Arc<Sink>) {
        let delivery = kith_app::Delivery { batch: 1, ..self.world.delivery(sink) };
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    }

    async fn takes_off(&self, slot: &Slot) {
        let now = self.world.clock.now();
        self.world
            .write(async |unit| {
                unit.cancel_slot(slot.id).await?;
                unit.cancel_mail_about_slot(slot.id, MailReason::SlotCancelled, now).await
            })
            .await;
    }

    /// Ann is asked for Thursday first, which gives way to Tuesday, and that one is not tried yet.
    async fn gave_way(&self, sink: &std::sync::Arc<Sink>) -> Slot {
        self.asked_for("2026-11-26").await;
        self.world.now_is("2026-11-22T09:00:30Z");
        let first = self.asked_for("2026-11-24").await;
        self.world.now_is("2026-11-22T09:01:00Z");
        self.one_by_one(sink).await;
        let mails = self.world.mails().await;
        let ended: Vec<_> = mails.iter().map(|mail| (mail.ended(), mail.attempts)).collect();
        let expected = [("cancelled: superseded".to_owned(), 0), ("planned: -".to_owned(), 0)];
        assert_eq!(ended, expected);
        first
    }
}

both! {
    async fn what_an_asking_took_in_is_asked_when_that_one_comes_too_late(database) {
        let house = House::new(database).await;
        house.asked_for("2026-11-23").await;
        house.asked_for("2026-11-30").await;
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut), DeliveryError::RelayDown(Reason::Code(535))]);
        house.deliver(&sink).await;
        let tried = sink.handed().remove(0).read().text;
        assert!(tried.contains("Monday 23") && tried.contains("Monday 30"), "{tried}");
        house.world.now_is("2026-11-22T09:10:00Z");
        house.deliver(&sink).await;
        assert!(house.world.app.relay_pause().is_some());
        house.world.now_is("2026-11-23T13:50:00Z");
        house.deliver(&sink).await;
        house.deliver(&sink).await;
        let accepted = sink.accepted();
        assert_eq!(accepted.len(), 1, "the first is of no use any more");
        let text = accepted[0].read().text;
        assert!(text.contains("Monday 30") && !text.contains("Monday 23"), "{text}");
    }

    async fn what_gave_way_is_asked_when_the_first_was_never_tried(database) {
        let house = House::new(database).await;
        let first = house.gave_way(&Sink::open()).await;
        house.takes_off(&first).await;
        let sent = house.sent("2026-11-22T09:02:00Z").await;
        assert_eq!(sent.len(), 1);
        let text = sent[0].read().text;
        assert!(text.contains("Thursday") && !text.contains("Tuesday"), "{text}");
    }

    async fn what_gave_way_is_said_by_whoever_takes_the_first_in(database) {
        let house = House::new(database).await;
        house.gave_way(&Sink::open()).await;
        // The first waits, and one for a day before it falls due meanwhile.
        house.world.plant("UPDATE outbox SET next_at = next_at + 600 WHERE state = 'planned'").await;
        house.asked_for("2026-11-23").await;
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        house.deliver(&sink).await;
        let text = sink.handed().remove(0).read().text;
        for day in ["Monday", "Tuesday", "Thursday"] {
            assert!(text.contains(day), "{day} in {text}");
        }
        // It ends in turn, and both are asked.
        let mails = house.world.mails().await;
        let tried = mails.iter().find(|mail| mail.attempts == 1).expect("one was tried");
        let tried = MailId::from_uuid(tried.id);
        let tried = house.world.write(async |unit| unit.mail(tried).await).await.unwrap();
        let monday = tried.subject.slot.unwrap();
        let monday = house.world.write(async |unit| unit.slot(monday).await).await.unwrap();
        house.takes_off(&monday).await;
        let sent = house.sent("2026-11-22T09:20:00Z").await;
        assert_eq!(sent.len(), 1);
        let text = sent[0].read().text;
        assert!(text.contains("Tuesday") && text.contains("Thursday"), "{text}");
    }

    async fn what_was_covered_for_a_moment_is_asked_for_the_next_day(database) {
        let house = House::new(database).await;
        let world = &house.world;
        world.now_is("2026-11-22T08:55:00Z");
        house.asked_for("2026-11-24").await;
        let second = house.asked_for("2026-11-26").await;
        let ben = world.member(house.circle, MemberRole::Friend, "ben").await;
        let claim = world.promise(&second, &ben).await;
        let sent = house.sent("2026-11-22T09:00:00Z").await;
        assert_eq!(sent.len(), 1);
        assert!(!sent[0].read().text.contains("Thursday"), "Ben has it");
        world.now_is("2026-11-22T09:03:00Z");
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await?;
            unit.plan_askings_again(second.id, claim.claimed_at, now).await
        }).await;
        assert_eq!(house.sent("2026-11-22T09:10:00Z").await, [], "one a day");
        let sent = house.sent("2026-11-23T08:00:00Z").await;
        let to_ann: Vec<_> = sent.iter().filter(|mail| mail.to.starts_with("ann")).collect();
        assert_eq!(to_ann.len(), 1);
        assert!(to_ann[0].read().text.contains("Thursday"));
    }

    async fn whoever_is_asked_to_cover_can_say_yes_behind_the_one_link(database) {
        let house = House::new(database).await;
        let world = &house.world;
        house.asked_for("2026-11-24").await;
        let second = house.asked_for("2026-11-26").await;
        let ben = world.member(house.circle, MemberRole::Friend, "ben").await;
        let claim = world.promise(&second, &ben).await;
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_quiet_mail(house.circle, true).await?;
            unit.put_claim_state(&claim, ClaimState::CoverWanted, now).await
        }).await;
        let sent = house.sent("2026-11-22T09:01:00Z").await;
        let to_ann = sent.iter().find(|mail| mail.to.starts_with("ann")).unwrap();
        let (mail, token) = link_parts(&to_ann.link());
        let visit = world.stranger().await;
        let page = world.app.slot_by_link(&visit, mail, &token).await.unwrap();
        assert_eq!(page.also.len(), 1, "{page:?}");
        let (other, other_token) = link_parts(&page.also[0].path);
        let receipt = world.app.new_receipt();
        let taken = world.app.take_by_link(&visit, other, &other_token, receipt).await.unwrap();
        assert_eq!(taken, TakeOutcome::Yours);
        let page = world.app.slot_by_link(&visit, mail, &token).await.unwrap();
        assert_eq!(page.also, [], "it is hers now");
    }

    async fn what_has_its_turn_another_day_keeps_it(database) {
        let house = House::new(database).await;
        house.asked_for("2026-11-24").await;
        house.asked_for("2026-11-30").await;
        let later = "UPDATE outbox SET due_at = due_at + 172800, next_at = next_at + 172800 \
                     WHERE slot_id IN (SELECT id FROM slot WHERE local_date = '2026-11-30')";
        house.world.plant(later).await;
        let sent = house.sent("2026-11-22T09:00:00Z").await;
        assert_eq!(sent.len(), 1);
        assert!(!sent[0].read().text.contains("Monday 30"));
        assert_eq!(house.sent("2026-11-23T12:00:00Z").await, []);
        assert_eq!(house.sent("2026-11-24T09:00:00Z").await.len(), 1);
    }
}
