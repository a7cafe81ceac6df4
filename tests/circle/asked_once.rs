//! Whoever is asked for a slot is asked once, and is asked while it is open.

use kith_app::{CannotHow, TaskChange};
use kith_domain::ids::SlotId;
use kith_domain::{MailKind, MailReason, TaskInput, reminder};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// Tom and Joan are asked for a slot of the next week, `hours` after nine.
async fn asked(database: &TestDatabase, hours: i64) -> (House<'_>, Membership, Membership, SlotId) {
    let house = House::new(database).await;
    let tom = house.friend("Tom", just_rota()).await;
    let joan = house.friend("Joan", just_rota()).await;
    house.clock.advance(hours * 3_600);
    let slot = house.task(shopping("2026-03-10"), true).await[0].id;
    assert_eq!(house.mails(&joan).await, ["somebody_needed planned"]);
    let toms = house.visit(&tom, Sure::Trusted).await;
    house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
    (house, tom, joan, slot)
}

both! {
    async fn who_was_asked_in_the_evening_is_asked_once_in_the_morning(database) {
        let (house, tom, joan, slot) = asked(database, 12).await;
        house.clock.advance(1_800);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let how = CannotHow::GiveBack;
        house.app.cannot_make_it(&toms, house.circle, slot, how, receipt()).await.unwrap();
        let mails = house.mails(&joan).await;
        assert_eq!(mails, ["somebody_needed cancelled", "somebody_needed planned"]);
    }

    async fn a_yes_that_is_taken_back_has_asked_nobody_less(database) {
        let (house, tom, joan, slot) = asked(database, 0).await;
        house.deliver().await;
        assert_eq!(house.mails(&joan).await, ["somebody_needed cancelled"], "it is covered");
        house.clock.advance(60);
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.undo_take(&toms, house.circle, slot, receipt()).await.unwrap();
        assert_eq!(house.mails(&joan).await, ["somebody_needed planned"], "it is not");
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        house.deliver().await;
        assert_eq!(house.mails(&joan).await, ["somebody_needed cancelled"], "it is again");
    }

    async fn whoever_is_back_in_the_circle_is_asked(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), true).await[0].id;
        let (person, circle, now) = (joan.person, joan.circle, house.now());
        let reason = MailReason::MembershipEnded;
        house.write(async |unit| unit.cancel_mail_for(person, circle, reason, now).await).await;
        assert_eq!(house.mails(&joan).await, ["somebody_needed cancelled"]);
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        house.app.ask_circle(&visit, circle, slot, receipt()).await.unwrap();
        assert_eq!(house.mails(&joan).await, ["somebody_needed planned"]);
    }

    async fn who_is_asked_for_what_has_moved_is_asked_for_the_new_time(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let derek = house.friend("Derek", just_rota()).await;
        let slot = house.task(TaskInput { places: "2", ..shopping("2026-03-10") }, false).await[0].id;
        for who in [&tom, &joan] {
            let visit = house.visit(who, Sure::Trusted).await;
            house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
        }
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let change = TaskChange {
            date: "2026-03-12",
            start: "14:00",
            end: "15:00",
            places: "2",
            if_nobody: "tell_me",
            ..TaskChange::default()
        };
        house.change(&carer, slot, &change).await;
        house.answer_move(&tom, slot, true).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        let how = CannotHow::GiveBack;
        house.app.cannot_make_it(&joans, house.circle, slot, how, receipt()).await.unwrap();
        let starts = house.slot(slot).await.starts;
        assert_eq!(starts.to_string(), "2026-03-12T14:00:00Z");
        let kind = MailKind::SomebodyNeeded;
        let asked = house.write(async |unit| unit.newest_mail(derek.person, kind).await).await;
        assert_eq!(asked.unwrap().useful_until, reminder::useful_until(starts));
    }
}
