//! Whoever is in charge is told on the day before of what nobody has taken, once, and only where
//! the task asks for that.

use kith_domain::ids::CircleId;
use kith_domain::{
    CircleState, ClaimState, Clock as _, Disclosure, IfNobody, MemberRole, Places, Repeat,
    TaskDraft, TaskKind,
};
use kith_store::{Claim, Slot};
use kith_tests::clock::local_times;
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Nobody has taken Tuesday at two; Ruth is the carer, Ann a friend.
struct House {
    world: World,
    circle: CircleId,
    ann: Member,
    slot: Slot,
}

impl House {
    async fn new(database: &TestDatabase, if_nobody: IfNobody) -> Self {
        let world = World::at(database, "2026-11-20T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        world.member(circle, MemberRole::Carer, "ruth").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let draft = TaskDraft {
            kind: TaskKind::Visit,
            first: local_times("2026-11-24", "14:00"),
            repeat: Repeat::Once,
            places: Places::new(1, TaskKind::Visit).unwrap(),
            disclosure: Disclosure::NONE,
            if_nobody,
            note: None,
        };
        let slot = world.slot_of(circle, &draft).await;
        Self { world, circle, ann, slot }
    }

    /// To whom mails leave at `now`, with the first line of each.
    async fn sent(&self, now: &str) -> Vec<String> {
        self.world.now_is(now);
        self.world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let said = |text: &str| text.lines().nth(2).unwrap_or_default().to_owned();
        let line = |to: &str, text: &str| format!("{to}: {}", said(text));
        sink.accepted().iter().map(|mail| line(&mail.to, &mail.read().text)).collect()
    }

    async fn give_back(&self, claim: &Claim) {
        let now = self.world.clock.now();
        let dropped = ClaimState::Dropped;
        self.world.write(async |unit| unit.put_claim_state(claim, dropped, now).await).await;
    }
}

const NOBODY: &str = "ruth@mail.example: Nobody yet for Tuesday at 2pm";

both! {
    async fn the_carer_is_told_at_six_on_the_day_before_and_once(database) {
        let house = House::new(database, IfNobody::Must).await;
        assert!(house.sent("2026-11-23T17:59:59Z").await.is_empty());
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
        assert!(house.sent("2026-11-24T09:00:00Z").await.is_empty());
    }

    async fn nobody_is_told_where_it_is_fine(database) {
        let house = House::new(database, IfNobody::Fine).await;
        assert!(house.sent("2026-11-23T18:00:00Z").await.is_empty());
    }

    async fn nobody_is_told_where_somebody_comes(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        house.world.promise(&house.slot, &house.ann).await;
        house.sent("2026-11-20T10:00:00Z").await;
        let sent = house.sent("2026-11-23T18:00:00Z").await;
        assert_eq!(sent, ["ann@mail.example: Your task on Tuesday at 2pm"]);
    }

    async fn what_was_told_is_not_told_again_when_somebody_tried(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        house.sent("2026-11-23T18:00:00Z").await;
        house.world.now_is("2026-11-24T08:30:00Z");
        let claim = house.world.promise(&house.slot, &house.ann).await;
        house.give_back(&claim).await;
        assert!(!house.sent("2026-11-24T12:00:00Z").await.contains(&NOBODY.to_owned()));
    }

    async fn what_is_given_back_late_is_told_when_the_others_had_time(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        let claim = house.world.promise(&house.slot, &house.ann).await;
        house.sent("2026-11-23T18:00:00Z").await;
        house.world.now_is("2026-11-24T10:00:00Z");
        house.give_back(&claim).await;
        assert!(house.sent("2026-11-24T10:00:00Z").await.is_empty(), "a quarter of the time left");
        assert_eq!(house.sent("2026-11-24T11:00:00Z").await, [NOBODY]);
    }

    async fn what_is_taken_before_the_mail_leaves_is_not_told(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        house.world.now_is("2026-11-23T18:00:00Z");
        house.world.app.plan_reminders().await.unwrap();
        house.world.promise(&house.slot, &house.ann).await;
        assert!(!house.sent("2026-11-23T18:00:00Z").await.contains(&NOBODY.to_owned()));
    }

    async fn what_is_moved_is_told_for_its_new_day(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
        let slot = &house.slot;
        let (starts, ends) = (slot.starts.plus_days(2), slot.ends.plus_days(2));
        let date = "2026-11-26".parse().unwrap();
        house.world.write(async |unit| unit.move_slot(slot, date, starts, ends).await).await;
        assert!(house.sent("2026-11-25T17:59:59Z").await.is_empty());
        let told = house.sent("2026-11-25T18:00:00Z").await;
        assert_eq!(told, ["ruth@mail.example: Nobody yet for Thursday at 2pm"]);
    }

    async fn a_circle_that_is_paused_is_told_of_when_it_goes_on(database) {
        let house = House::new(database, IfNobody::Must).await;
        let put = async |from, to| {
            let now = house.world.clock.now();
            let circle = house.circle;
            house.world.write(async |unit| unit.put_circle_state(circle, from, to, now).await).await;
        };
        put(CircleState::Active, CircleState::Paused).await;
        assert!(house.sent("2026-11-23T18:00:00Z").await.is_empty());
        put(CircleState::Paused, CircleState::Active).await;
        house.sent("2026-11-24T08:00:00Z").await;
        assert_eq!(house.sent("2026-11-24T09:30:00Z").await, [NOBODY]);
    }
}
