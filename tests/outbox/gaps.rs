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
use tokio_util::task::TaskTracker;

/// Nobody has taken Tuesday at two; Ruth is the carer, Ann a friend.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) circle: CircleId,
    pub(crate) ann: Member,
    pub(crate) slot: Slot,
}

impl House {
    pub(crate) async fn new(database: &TestDatabase, if_nobody: IfNobody) -> Self {
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
    pub(crate) async fn sent(&self, now: &str) -> Vec<String> {
        self.world.now_is(now);
        self.world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        let look = async || {
            self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap().taken
        };
        // One that gave way to another that was not sent after all leaves with the next look.
        while look().await > 0 {}
        let said = |text: &str| text.lines().nth(2).unwrap_or_default().to_owned();
        let line = |to: &str, text: &str| format!("{to}: {}", said(text));
        sink.accepted().iter().map(|mail| line(&mail.to, &mail.read().text)).collect()
    }

    /// Amira is a coordinator.
    pub(crate) async fn coordinator(&self) {
        let amira = self.world.person(Some("amira@hospice.example")).await;
        let now = self.world.clock.now();
        self.world.write(async |unit| unit.add_staff(amira, "coordinator", now).await).await;
    }

    /// Another visit of an hour on the same day.
    pub(crate) async fn another(&self, hour: u8, if_nobody: IfNobody) -> Slot {
        let draft = TaskDraft {
            kind: TaskKind::Visit,
            first: local_times("2026-11-24", &format!("{hour:02}:00")),
            repeat: Repeat::Once,
            places: Places::new(1, TaskKind::Visit).unwrap(),
            disclosure: Disclosure::NONE,
            if_nobody,
            note: None,
        };
        self.world.slot_of(self.circle, &draft).await
    }

    pub(crate) async fn give_back(&self, claim: &Claim) {
        let now = self.world.clock.now();
        let dropped = ClaimState::Dropped;
        self.world.write(async |unit| unit.put_claim_state(claim, dropped, now).await).await;
    }
}

pub(crate) const NOBODY: &str = "ruth@mail.example: Nobody yet for Tuesday 24 November at 2pm";

pub(crate) const COORDINATOR: &str =
    "amira@hospice.example: Somebody has to come, and nobody has said yes";

both! {
    async fn of_what_must_not_be_missed_the_coordinators_are_told_after_the_carer(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
        assert!(house.sent("2026-11-23T18:59:59Z").await.is_empty(), "the carer has an hour");
        assert_eq!(house.sent("2026-11-23T19:00:00Z").await, [COORDINATOR]);
        assert!(house.sent("2026-11-24T09:00:00Z").await.is_empty(), "once");
    }

    async fn coordinators_are_not_told_of_what_may_be_missed_or_is_taken(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        house.coordinator().await;
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
        assert!(house.sent("2026-11-23T19:00:00Z").await.is_empty());
        let must = house.another(12, IfNobody::Must).await;
        house.sent("2026-11-23T19:05:00Z").await;
        house.world.promise(&must, &house.ann).await;
        let sent = house.sent("2026-11-24T08:00:00Z").await;
        assert!(!sent.contains(&COORDINATOR.to_owned()), "{sent:?}");
    }

    async fn one_mail_says_what_is_due_and_the_next_comes_an_hour_later(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.another(11, IfNobody::Must).await;
        house.sent("2026-11-23T18:00:00Z").await;
        house.world.now_is("2026-11-23T19:00:00Z");
        let sink = Sink::open();
        let delivery = house.world.delivery(&sink);
        house.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let sent = sink.accepted();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].link(), "https://kith.example/h");
        let said = "  Tuesday 24 November, 11am to noon: A visit, Heron circle\n  \
                    Tuesday 24 November, 2pm to 3pm: A visit, Heron circle\n";
        let mail = sent[0].read();
        assert!(mail.text.contains(said), "{}", mail.text);
        for part in [&mail.text, &mail.html] {
            for word in ["ruth", "Somebody@", "mail.example"] {
                assert!(!part.contains(word), "{word}: {part}");
            }
        }
        // Put on the rota half an hour later, for that very morning, and then another.
        house.another(9, IfNobody::Must).await;
        let told = async |now: &str| {
            let sent = house.sent(now).await;
            sent.iter().filter(|line| line.starts_with("amira")).count()
        };
        let morning = ["2026-11-23T19:30:00Z", "2026-11-24T08:00:00Z", "2026-11-24T08:15:00Z"];
        for (now, mails) in morning.into_iter().zip([0, 0, 1]) {
            assert_eq!(told(now).await, mails, "{now}: in sending hours, after the carer");
        }
        house.another(10, IfNobody::Must).await;
        let hour = ["2026-11-24T08:16:00Z", "2026-11-24T09:02:00Z", "2026-11-24T09:15:00Z"];
        for (now, mails) in hour.into_iter().zip([0, 0, 1]) {
            assert_eq!(told(now).await, mails, "{now}: not within the hour");
        }
    }

    async fn of_a_quiet_circle_a_coordinator_is_told_the_day(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.world.plant("UPDATE circle SET quiet_mail = TRUE").await;
        house.sent("2026-11-23T18:00:00Z").await;
        house.world.now_is("2026-11-23T19:00:00Z");
        let sink = Sink::open();
        let delivery = house.world.delivery(&sink);
        house.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mail = sink.accepted()[0].read();
        assert!(mail.text.contains("\n  Tuesday 24 November: something\n"), "{}", mail.text);
        assert!(!mail.text.contains("Heron") && !mail.html.contains("Heron"));
    }

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
        assert_eq!(sent, ["ann@mail.example: Your task on Tuesday 24 November at 2pm"]);
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

    async fn what_is_given_back_while_it_is_looked_at_is_told(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        let world = &house.world;
        let claim = world.promise(&house.slot, &house.ann).await;
        assert!(!house.sent("2026-11-23T18:00:00Z").await.contains(&NOBODY.to_owned()));
        let now = world.clock.now();
        world.plant(&format!("UPDATE slot SET tell_at = {}", now.as_second())).await;
        let app = world.another_process(database).await;
        let looking = world.write(async |unit| {
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await?;
            let looking = TaskTracker::new().spawn(async move { app.plan_reminders().await });
            if database.is_postgres() {
                world.wait_until_somebody_waits().await;
            }
            Ok(looking)
        }).await;
        looking.await.unwrap().unwrap();
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
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
        assert_eq!(told, ["ruth@mail.example: Nobody yet for Thursday 26 November at 2pm"]);
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
