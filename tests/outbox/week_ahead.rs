//! On Sunday evening, for whoever chose it: what they promised for the week, in every circle.

use kith_domain::ids::CircleId;
use kith_domain::{CircleState, ClaimState, Clock as _, MailChoice, MailKind, MemberRole};
use kith_tests::mail_rows::MailRow;
use kith_tests::world::Member;
use kith_tests::{HandedOver, Sink, TestDatabase, World, both, without_tokens};
use tokio_util::sync::CancellationToken;

/// Ann, who wants it, on a Thursday.
struct House {
    world: World,
    circle: CircleId,
    ann: Member,
}

const SUNDAY: &str = "2026-11-22T18:00:00Z";

impl House {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-19T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let house = Self { world, circle, ann };
        house.choose(true).await;
        house
    }

    async fn choose(&self, week_ahead: bool) {
        let reminders = kith_domain::ReminderChoice::NONE;
        let ordinary = MailChoice::ORDINARY;
        let choice = MailChoice { week_ahead, reminders, confirmed: false, ..ordinary };
        let (ann, now) = (self.ann.place.person, self.world.clock.now());
        self.world
            .write(async |unit| {
                unit.put_mail_choice(ann, choice).await?;
                unit.plan_person_again(ann, now).await
            })
            .await;
    }

    /// The mails that leave at `now`.
    async fn sent(&self, now: &str) -> Vec<HandedOver> {
        self.world.app.plan_reminders().await.unwrap();
        self.world.now_is(now);
        self.world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        sink.accepted()
    }

    async fn weeks(&self) -> Vec<MailRow> {
        let mut mails = self.world.mails().await;
        mails.retain(|mail| mail.kind == MailKind::WeekAhead.as_str());
        mails
    }
}

both! {
    async fn the_promises_of_the_week_are_one_mail(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let owl = world.circle("Owl").await;
        let mut also = house.ann.clone();
        also.place = world.join(owl, house.ann.place.person).await;
        world.write(async |unit| unit.put_quiet_mail(owl, true).await).await;
        for (circle, member, day) in [
            (house.circle, &house.ann, "2026-11-21"),
            (house.circle, &house.ann, "2026-11-23"),
            (house.circle, &house.ann, "2026-11-29"),
            (house.circle, &house.ann, "2026-11-30"),
            (owl, &also, "2026-11-26"),
        ] {
            let slot = world.slot(circle, day, "14:00", 1).await;
            world.promise(&slot, member).await;
        }
        assert_eq!(house.sent("2026-11-22T17:59:59Z").await, []);
        let sent = house.sent(SUNDAY).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].header("Subject"), "Your week");
        let text = sent[0].read().text;
        for words in [
            "Your week from Monday 23 November",
            "Monday 23 November, 2pm to 3pm: Shopping, Heron circle",
            "Thursday 26 November: something",
            "Sunday 29 November, 2pm to 3pm",
        ] {
            assert!(text.contains(words), "{words} in {text}");
        }
        let text = without_tokens(&text);
        for words in ["21 November", "30 November", "Owl"] {
            assert!(!text.contains(words), "{words} in {text}");
        }
        let rota = sent[0].link();
        assert!(rota.ends_with("/me/rota"), "{rota}");
        assert_eq!(house.sent("2026-11-29T18:00:00Z").await.len(), 1, "and the next week");
        assert_eq!(house.weeks().await.len(), 2);
    }

    async fn what_is_promised_on_sunday_night_or_later_is_not_told_of_again(database) {
        let house = House::new(database).await;
        house.world.now_is("2026-11-22T18:30:00Z");
        let slot = house.world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        house.world.promise(&slot, &house.ann).await;
        assert_eq!(house.sent("2026-11-23T08:00:00Z").await, []);
        assert_eq!(house.weeks().await, []);
    }

    async fn nothing_is_sent_when_nothing_remains(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let slot = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        let claim = world.promise(&slot, &house.ann).await;
        world.app.plan_reminders().await.unwrap();
        let now = world.clock.now();
        world.write(async |unit| unit.put_claim_state(&claim, ClaimState::Dropped, now).await).await;
        assert_eq!(house.sent(SUNDAY).await, []);
        assert_eq!(house.weeks().await[0].ended(), "cancelled: claim_dropped");
    }

    async fn nothing_is_said_of_a_circle_that_ended(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let slot = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &house.ann).await;
        world.app.plan_reminders().await.unwrap();
        let (circle, now) = (house.circle, world.clock.now());
        world.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Ending, now).await
        }).await;
        assert_eq!(house.sent(SUNDAY).await, []);
    }

    async fn whoever_chose_otherwise_gets_none_and_may_choose_again(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let slot = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &house.ann).await;
        world.app.plan_reminders().await.unwrap();
        house.choose(false).await;
        assert_eq!(house.sent(SUNDAY).await, []);
        assert_eq!(house.weeks().await[0].ended(), "cancelled: consent_withdrawn");
        house.choose(true).await;
        assert_eq!(house.sent("2026-11-22T18:10:00Z").await.len(), 1);
        assert_eq!(house.weeks().await[0].ended(), "sent: -");
    }

    async fn an_evening_that_was_missed_waits_for_monday_and_no_longer(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let slot = world.slot(house.circle, "2026-11-25", "14:00", 1).await;
        world.promise(&slot, &house.ann).await;
        assert_eq!(house.sent("2026-11-22T21:00:00Z").await, [], "it is night");
        assert_eq!(house.weeks().await[0].ended(), "planned: night");
        assert_eq!(house.sent("2026-11-24T08:00:00Z").await, []);
        assert_eq!(house.weeks().await[0].ended(), "expired: too_late");
    }
}
