//! A mail that did not arrive is seen by somebody who can ring.

use kith_app::{ChangeOutcome, TakeOff, Touching, Unsent};
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, once, receipt, shopping};

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

    async fn of_somebody_without_an_address_no_mail_is_lost(database) {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        house.app.take_for(&carer, house.circle, slot, once(&alan), receipt()).await.unwrap();
        let (which, mut touching) = (TakeOff::This, Touching::default());
        let asks = house.app.take_off_rota(&carer, house.circle, slot, which, touching, receipt());
        let ChangeOutcome::Asks(touched) = asks.await.unwrap() else { panic!("it is his") };
        touching = Touching { promises: "change", seen: &touched.seen };
        let off = house.app.take_off_rota(&carer, house.circle, slot, which, touching, receipt());
        off.await.unwrap();
        house.deliver().await;
        let his = house.mails(&alan).await;
        assert!(his.contains(&"cancelled failed".to_owned()), "{his:?}");
        assert_eq!(seen(&house, &house.carer).await, [], "it is said beside his name that he is rung");
        let since = house.now().plus_days(-1);
        let counted = house.write(async |unit| unit.unsent_mails(since).await).await;
        assert_eq!(counted, [], "and the hospice has nothing to see to");
    }
}
