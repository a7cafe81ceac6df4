//! A slot gets another time, and whoever promised it hears of it once and rightly.

use kith_app::{CannotHow, CircleChange, Failure, MoveOutcome, TaskChange, What};
use kith_domain::Timestamp;
use kith_domain::ids::SlotId;
use kith_store::Membership;
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// Tom promised to do the shopping on Wednesday at 10.
struct Promised<'d> {
    house: House<'d>,
    tom: Membership,
    slot: SlotId,
}

impl<'d> Promised<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-04"), false).await[0].id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
        Self { house, tom, slot }
    }

    /// The carer gives the slot another time of its day, and Tom says yes to it.
    async fn moved(&self, start: &str, end: &str) {
        self.asked(start, end).await;
        let came = self.house.answer_move(&self.tom, self.slot, true).await;
        assert_eq!(came, MoveOutcome::Moved);
    }

    /// The carer asks for another time of its day.
    async fn asked(&self, start: &str, end: &str) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let change = TaskChange {
            date: "2026-03-04",
            start,
            end,
            places: "1",
            if_nobody: "tell_me",
            ..TaskChange::default()
        };
        let Self { house, slot, .. } = self;
        house.change(&visit, *slot, &change).await;
    }

    /// What is still to be said of changes to Tom: the times that he knows.
    async fn known(&self) -> Vec<String> {
        self.house.details(&self.tom, "changed").await
    }
}

/// The detail of a mail that gives old times of 4 March.
fn before(starts: &str, ends: &str) -> String {
    let at = |text: &str| -> i64 {
        let instant = format!("2026-03-04T{text}:00Z").parse().unwrap();
        Timestamp::from_jiff(instant).as_second()
    };
    format!(r#"{{"old_starts":{},"old_ends":{}}}"#, at(starts), at(ends))
}

both! {
    async fn cover_that_is_wanted_is_still_asked_for_after_a_move(database) {
        let Promised { house, tom, slot } = Promised::new(database).await;
        house.clock.advance(28 * 3_600);
        let visit = house.visit(&tom, Sure::Trusted).await;
        let how = CannotHow::GiveBack;
        house.app.cannot_make_it(&visit, house.circle, slot, how, receipt()).await.unwrap();
        assert_eq!(house.mails(&house.carer).await, ["cover_wanted planned"]);
        let promised = Promised { house, tom, slot };
        promised.moved("11:00", "12:00").await;
        let to_carer = promised.house.mails(&promised.house.carer).await;
        assert_eq!(
            to_carer,
            ["cover_wanted planned", "told planned"],
            "it says the new time when it leaves, and that Tom agreed"
        );
    }

    async fn a_mail_about_a_change_says_what_its_reader_knows(database) {
        let promised = Promised::new(database).await;
        // In the evening, so that nothing leaves before the morning.
        promised.house.clock.advance(12 * 3_600);
        promised.moved("14:00", "15:00").await;
        assert_eq!(promised.known().await, [before("10:00", "11:00")]);
        promised.moved("16:00", "17:00").await;
        assert_eq!(promised.known().await, [before("10:00", "11:00")], "2pm was never told");
        promised.moved("10:00", "11:00").await;
        assert_eq!(promised.known().await, Vec::<String>::new(), "there is nothing to tell");
    }

    async fn nothing_is_moved_to_a_time_that_is_over(database) {
        let Promised { house, tom: _, slot } = Promised::new(database).await;
        house.clock.advance(48 * 3_600);
        let before = house.slot(slot).await;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let change = TaskChange {
            date: "2026-03-04",
            start: "08:00",
            end: "09:30",
            places: "1",
            if_nobody: "tell_me",
            ..TaskChange::default()
        };
        let refused = house.app.change_task(&visit, house.circle, slot, &change, receipt()).await;
        let Err(Failure::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!((problems[0].field, &problems[0].what), ("start", &What::TimePast));
        assert_eq!(house.slot(slot).await, before);
    }

    async fn cover_that_was_wanted_before_a_pause_is_wanted_after_it(database) {
        let Promised { house, tom, slot } = Promised::new(database).await;
        house.clock.advance(28 * 3_600);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let how = CannotHow::GiveBack;
        house.app.cannot_make_it(&toms, house.circle, slot, how, receipt()).await.unwrap();
        for (change, mails) in [
            (CircleChange::Pause, "cover_wanted cancelled"),
            (CircleChange::Resume, "cover_wanted planned"),
        ] {
            let visit = house.visit(&house.carer, Sure::Fresh).await;
            let form = receipt();
            house.app.change_circle_state(&visit, house.circle, change, form).await.unwrap();
            assert_eq!(house.mails(&house.carer).await, [mails]);
        }
    }
}
