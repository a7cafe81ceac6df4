//! What the hospice was told on the telephone ends what would be mailed about it, as long as it counts.

use kith_domain::{ClaimState, Clock as _, HospiceWord, IfNobody};
use kith_tests::both;

use crate::gaps::{COORDINATOR, House, NOBODY};

impl House {
    async fn hospice_notes(&self, what: HospiceWord) {
        let (slot, now) = (&self.slot, self.world.clock.now());
        let amira = self.world.person(None).await;
        self.world.write(async |unit| unit.add_hospice_word(slot, amira, what, now).await).await;
    }
}

both! {
    async fn coordinators_are_not_told_of_what_one_of_them_has_noted(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
        house.hospice_notes(HospiceWord::Nobody).await;
        assert!(house.sent("2026-11-23T19:00:00Z").await.is_empty());
        assert!(house.sent("2026-11-24T09:00:00Z").await.is_empty());
    }

    async fn whoever_is_in_charge_is_told_on_the_day_before_that_nobody_has_taken_it(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.world.now_is("2026-11-22T17:00:00Z");
        house.hospice_notes(HospiceWord::Nobody).await;
        assert_eq!(house.sent("2026-11-23T18:00:00Z").await, [NOBODY]);
        assert!(house.sent("2026-11-23T19:00:00Z").await.is_empty());
    }

    async fn nobody_is_told_of_a_gap_for_which_somebody_comes(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.world.now_is("2026-11-23T17:00:00Z");
        house.hospice_notes(HospiceWord::Coming).await;
        assert!(house.sent("2026-11-23T18:00:00Z").await.is_empty());
        assert!(house.sent("2026-11-23T19:00:00Z").await.is_empty());
    }

    async fn what_is_taken_back_by_another_word_makes_it_a_gap_again(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.world.now_is("2026-11-23T17:00:00Z");
        house.hospice_notes(HospiceWord::Coming).await;
        assert!(house.sent("2026-11-23T18:00:00Z").await.is_empty());
        house.world.now_is("2026-11-23T18:30:00Z");
        // Whoever was to come rang back.
        house.hospice_notes(HospiceWord::Nobody).await;
        let mut sent = house.sent("2026-11-23T19:30:00Z").await;
        sent.extend(house.sent("2026-11-24T08:00:00Z").await);
        sent.extend(house.sent("2026-11-24T09:30:00Z").await);
        assert_eq!(sent, [NOBODY], "once, and those who know it are not told");
    }

    async fn a_promise_that_is_made_and_given_back_makes_it_a_gap_again(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.world.now_is("2026-11-23T17:00:00Z");
        house.hospice_notes(HospiceWord::Coming).await;
        assert!(house.sent("2026-11-23T18:00:00Z").await.is_empty());
        let claim = house.world.promise(&house.slot, &house.ann).await;
        assert_eq!(claim.state, ClaimState::Claimed);
        house.world.now_is("2026-11-23T18:30:00Z");
        house.give_back(&claim).await;
        let mut sent = house.sent("2026-11-23T19:00:00Z").await;
        sent.extend(house.sent("2026-11-24T08:00:00Z").await);
        sent.extend(house.sent("2026-11-24T09:30:00Z").await);
        assert!(sent.contains(&NOBODY.to_owned()), "{sent:?}");
        assert!(sent.contains(&COORDINATOR.to_owned()), "{sent:?}");
    }
}
