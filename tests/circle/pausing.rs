//! What whoever is in charge is to be told is told when a circle that was paused goes on.

use kith_app::CircleChange;
use kith_domain::{TaskInput, Timestamp};
use kith_store::{MailSubject, NewMail};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, receipt, shopping};

/// Wednesday's shopping is put on the rota at `now`, and nobody has taken it.
struct Gap<'d> {
    house: House<'d>,
}

impl<'d> Gap<'d> {
    async fn new(database: &'d TestDatabase, now: &str) -> Self {
        let gap = Self { house: House::new(database).await };
        gap.now_is(now);
        gap.house.task(TaskInput { if_nobody: "tell_me", ..shopping("2026-03-04") }, false).await;
        gap
    }

    fn now_is(&self, now: &str) {
        self.house.clock.set(Timestamp::from_jiff(now.parse().unwrap()));
    }

    async fn becomes(&self, now: &str, change: CircleChange) {
        self.now_is(now);
        let (house, circle) = (&self.house, self.house.circle);
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        house.app.change_circle_state(&visit, circle, change, receipt()).await.unwrap();
    }

    async fn told(&self, now: &str) -> Vec<String> {
        self.now_is(now);
        self.house.app.plan_reminders().await.unwrap();
        self.house.mails(&self.house.carer).await
    }
}

both! {
    async fn what_waited_for_the_morning_waits_on_after_a_short_pause(database) {
        let gap = Gap::new(database, "2026-03-03T21:00:00Z").await;
        assert_eq!(gap.told("2026-03-03T21:00:00Z").await, ["nobody_yet planned"]);
        let (carer, circle, now) = (gap.house.carer.person, gap.house.circle, gap.house.now());
        let asks = NewMail {
            kind: kith_domain::MailKind::AsksToJoin,
            dedupe: "asks to join".to_owned(),
            subject: MailSubject {
                person: Some(carer),
                circle: Some(circle),
                ..MailSubject::default()
            },
            detail: "{}".to_owned(),
            due_at: now.plus_hours(11),
            useful_until: now.plus_days(7),
        };
        gap.house.write(async |unit| unit.add_mail(&asks, now).await).await;
        gap.becomes("2026-03-03T21:30:00Z", CircleChange::Pause).await;
        let told = gap.told("2026-03-03T21:35:00Z").await;
        assert_eq!(told, ["asks_to_join cancelled", "nobody_yet cancelled"]);
        gap.becomes("2026-03-03T21:40:00Z", CircleChange::Resume).await;
        let told = gap.told("2026-03-03T21:40:00Z").await;
        assert_eq!(told, ["asks_to_join planned", "nobody_yet planned"]);
    }

    async fn what_was_looked_at_in_a_pause_is_looked_at_when_it_ends(database) {
        let gap = Gap::new(database, "2026-03-02T12:00:00Z").await;
        gap.becomes("2026-03-03T17:00:00Z", CircleChange::Pause).await;
        assert!(gap.told("2026-03-03T18:00:00Z").await.is_empty());
        gap.becomes("2026-03-03T18:20:00Z", CircleChange::Resume).await;
        assert_eq!(gap.told("2026-03-03T18:20:00Z").await, ["nobody_yet planned"]);
    }
}
