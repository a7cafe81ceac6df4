//! Whoever is asked for a slot is asked once, and is asked while it is open.

use kith_app::{CannotHow, Delivery};
use kith_domain::ids::SlotId;
use kith_domain::{EmailAddress, Ids as _};
use kith_store::Membership;
use kith_tests::{Sink, TestDatabase, both};
use kith_vault::RandomIds;
use tokio_util::sync::CancellationToken;

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
        let delivery = Delivery {
            transport: Sink::open(),
            worker: RandomIds.next(),
            from: EmailAddress::parse("kith@kith.example").unwrap(),
            reply_to: None,
            connections: 1,
            batch: 50,
            lease_seconds: 45,
            compare_clocks: false,
        };
        house.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(house.mails(&joan).await, ["somebody_needed cancelled"], "it is covered");
        house.clock.advance(60);
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.undo_take(&toms, house.circle, slot, receipt()).await.unwrap();
        assert_eq!(house.mails(&joan).await, ["somebody_needed planned"], "it is not");
    }
}
