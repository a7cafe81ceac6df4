//! A mail that did not arrive is seen by somebody who can ring.

use kith_app::Unsent;
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// What a member sees of mails that did not arrive.
async fn seen(house: &House<'_>, by: &Membership) -> Vec<Unsent> {
    let visit = house.visit(by, Sure::Trusted).await;
    house.app.home(&visit, house.circle).await.unwrap().unsent
}

both! {
    async fn those_in_charge_see_who_did_not_hear(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", just_rota()).await;
        house.task(shopping("2026-03-04"), true).await;
        assert_eq!(seen(&house, &house.carer).await, []);
        house.deliver().await;
        assert_eq!(house.mails(&joan).await, ["somebody_needed failed"]);
        let missed = Unsent { name: Some("Joan".to_owned()), is_you: false, mails: 1, too_late: 0, comes_back: false };
        for in_charge in [&house.carer, &house.patient] {
            assert!(seen(&house, in_charge).await.contains(&missed));
        }
        assert_eq!(seen(&house, &joan).await, [], "nobody else is told who can be reached");
        house.clock.advance(8 * 24 * 3_600);
        assert_eq!(seen(&house, &house.carer).await, []);
    }

    async fn what_would_have_come_too_late_is_not_said_to_be_lost(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slots = house.task(shopping("2026-03-03"), false).await;
        house.clock.advance(24 * 3_600 + 46 * 60);
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        house.app.ask_circle(&visit, house.circle, slots[0].id, receipt()).await.unwrap();
        house.deliver().await;
        assert_eq!(house.mails(&joan).await, ["somebody_needed expired"]);
        let late = Unsent {
            name: Some("Joan".to_owned()),
            is_you: false,
            mails: 0,
            too_late: 1,
            comes_back: false,
        };
        assert_eq!(seen(&house, &house.carer).await, [late]);
    }
}
