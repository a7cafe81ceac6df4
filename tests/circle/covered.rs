//! Cover that somebody in charge asked for on behalf of Alan, who has no e-mail, is found: she hears of
//! it, as somebody has to tell him.

use kith_domain::{Category, SaidFor, TaskInput};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, once, receipt, shopping};
use kith_app::{CannotHow, SaidOutcome, TakeOutcome};
use kith_domain::ids::SlotId;

/// Alan has Wednesday's shopping, and Ruth has said for him that he would like somebody to take over.
struct Wanted<'d> {
    house: House<'d>,
    alan: Membership,
    joan: Membership,
    slot: SlotId,
}

impl<'d> Wanted<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let task = TaskInput { if_nobody: "must", ..shopping("2026-03-10") };
        let slot = house.task(task, false).await.remove(0).id;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let took = house.app.take_for(&carer, house.circle, slot, once(&alan), receipt()).await;
        assert_eq!(took.unwrap(), TakeOutcome::Yours);
        Self { house, alan, joan, slot }
    }

    async fn cover_is_wanted(&self) {
        let carer = self.house.visit(&self.house.carer, Sure::Trusted).await;
        let (whose, what) = ((self.slot, self.alan.id), SaidFor::Cover);
        let came = self.house.app.say_for(&carer, self.house.circle, whose, what, receipt()).await;
        assert_eq!(came.unwrap(), SaidOutcome::CoverAsked);
    }

    async fn takes(&self, who: &Membership) {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let took = self.house.app.take_slot(&visit, self.house.circle, self.slot, receipt()).await;
        assert_eq!(took.unwrap(), TakeOutcome::Yours);
    }

    /// Mails of this kind to somebody.
    async fn told(&self, who: &Membership) -> usize {
        let mails = self.house.mails(who).await;
        mails.iter().filter(|mail| *mail == "told planned").count()
    }
}

both! {
    async fn whoever_asked_for_him_is_told_and_so_is_whoever_else_is_in_charge(database) {
        let wanted = Wanted::new(database).await;
        let house = &wanted.house;
        let sam = house.carer_without(Category::Care).await;
        wanted.cover_is_wanted().await;
        assert_eq!(wanted.told(&house.carer).await, 0);
        // The other carer was told that cover is wanted, and hears once how it ended.
        house.mail_was_sent(&sam, "cover_wanted").await;
        wanted.takes(&wanted.joan).await;
        assert_eq!((wanted.told(&house.carer).await, wanted.told(&sam).await), (1, 1));
        assert_eq!(wanted.told(&wanted.joan).await, 0, "friends are told nothing");
        assert_eq!(wanted.told(&house.patient).await, 0, "there is a carer");
    }

    async fn whoever_takes_it_over_herself_knows_it(database) {
        let wanted = Wanted::new(database).await;
        wanted.cover_is_wanted().await;
        wanted.takes(&wanted.house.carer).await;
        assert_eq!(wanted.told(&wanted.house.carer).await, 0);
    }

    async fn whoever_reads_our_mails_is_told_so_and_nobody_is_to_ring(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-03"), false).await.remove(0).id;
        let (toms, joans) =
            (house.visit(&tom, Sure::Trusted).await, house.visit(&joan, Sure::Trusted).await);
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        let how = CannotHow::AskForCover;
        house.app.cannot_make_it(&toms, house.circle, slot, how, receipt()).await.unwrap();
        house.app.take_slot(&joans, house.circle, slot, receipt()).await.unwrap();
        let told = house.mails(&tom).await;
        assert!(told.contains(&"cover_found planned".to_owned()), "{told:?}");
        assert_eq!(house.mails(&house.carer).await, ["cover_wanted cancelled"]);
    }

    async fn he_can_make_it_after_all_is_no_news_to_whoever_says_so(database) {
        let wanted = Wanted::new(database).await;
        let house = &wanted.house;
        wanted.cover_is_wanted().await;
        house.clock.advance(1);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let (whose, what) = ((wanted.slot, wanted.alan.id), SaidFor::Keep);
        house.app.say_for(&carer, house.circle, whose, what, receipt()).await.unwrap();
        assert_eq!(wanted.told(&house.carer).await, 0);
    }
}
