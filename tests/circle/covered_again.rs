//! Somebody takes over: the mails of whoever had it are called off, and those of whoever has it now are
//! planned.

use kith_app::{CannotHow, CannotOutcome, TakeOutcome};
use kith_domain::ids::SlotId;
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping};

async fn takes(house: &House<'_>, who: &Membership, slot: SlotId) {
    let visit = house.visit(who, Sure::Trusted).await;
    let taken = house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
    assert_eq!(taken, TakeOutcome::Yours);
}

/// How many of somebody's mails are so.
async fn mails(house: &House<'_>, who: &Membership, which: &str) -> usize {
    house.mails(who).await.iter().filter(|mail| *mail == which).count()
}

both! {
    async fn the_reminders_go_over_with_the_promise(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-03"), false).await[0].id;
        takes(&house, &tom, slot).await;
        house.app.plan_reminders().await.unwrap();
        assert_eq!(mails(&house, &tom, "reminder planned").await, 2);
        house.clock.advance(2 * 3_600);
        let visit = house.visit(&tom, Sure::Trusted).await;
        let how = CannotHow::GiveBack;
        let said = house.app.cannot_make_it(&visit, house.circle, slot, how, receipt()).await.unwrap();
        assert_eq!(said, CannotOutcome::CoverAsked);
        house.app.plan_reminders().await.unwrap();
        assert_eq!(mails(&house, &tom, "reminder planned").await, 2, "it is his until then");
        let carer = house.carer.clone();
        assert_eq!(mails(&house, &carer, "cover_wanted planned").await, 1);
        takes(&house, &joan, slot).await;
        for _ in 0..2 {
            house.app.plan_reminders().await.unwrap();
            let of = |mails: Vec<String>| {
                mails.into_iter().filter(|mail| !mail.starts_with("promised")).collect::<Vec<_>>()
            };
            assert_eq!(of(house.mails(&tom).await),
                ["cover_found planned", "reminder cancelled", "reminder cancelled"]);
            assert_eq!(of(house.mails(&joan).await),
                ["reminder planned", "reminder planned", "somebody_needed planned"]);
            assert_eq!(house.mails(&carer).await, ["cover_wanted cancelled"]);
        }
        // She has it: when the asking's turn comes, it asks for nothing.
        house.deliver().await;
        assert_eq!(mails(&house, &joan, "somebody_needed cancelled").await, 1);
    }
}
