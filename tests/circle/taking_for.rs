//! Taking for Alan, who has no e-mail, what he said on the telephone: one date, every one, or those of
//! some weekdays until a day.

use jiff::civil::{Date, Weekday, date};
use kith_app::{Every, Failure, TakeOutcome, What};
use kith_domain::repeat::Weekdays;
use kith_domain::{RepeatInput, TaskInput};
use kith_store::{Membership, Slot, StandingPromise};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, once, receipt, shopping};

/// Shopping on Tuesdays and Thursdays from 3 March on.
struct Alans<'d> {
    house: House<'d>,
    alan: Membership,
    slots: Vec<Slot>,
}

impl<'d> Alans<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let repeat = RepeatInput {
            comes: "weekly",
            every: "1",
            on: Weekdays::of([Weekday::Tuesday, Weekday::Thursday]),
            ..RepeatInput::default()
        };
        let slots = house.task(TaskInput { repeat, ..shopping("2026-03-03") }, false).await;
        Self { house, alan, slots }
    }

    async fn take(&self, every: Every, on: Option<Weekdays>) -> Result<TakeOutcome, Failure> {
        let carer = self.house.visit(&self.house.carer, Sure::Trusted).await;
        let (slot, whom) = (self.slots[0].id, (Some(self.alan.id), every, on));
        self.house.app.take_for(&carer, self.house.circle, slot, whom, receipt()).await
    }

    /// The days that are his.
    async fn days(&self) -> Vec<Date> {
        let (alan, now) = (self.alan.id, self.house.now());
        let held = self.house.write(async |unit| unit.claims_of_place(alan, now, 500).await).await;
        held.into_iter().map(|(_, slot)| slot.date).collect()
    }

    async fn standing(&self) -> Vec<StandingPromise> {
        let task = self.slots[0].task;
        self.house.write(async |unit| unit.standing_promises_for(task).await).await
    }
}

both! {
    async fn one_date_is_one_date(database) {
        let alans = Alans::new(database).await;
        let carer = alans.house.visit(&alans.house.carer, Sure::Trusted).await;
        let whom = once(&alans.alan);
        let (slot, circle) = (alans.slots[0].id, alans.house.circle);
        let took = alans.house.app.take_for(&carer, circle, slot, whom, receipt()).await;
        assert_eq!(took.unwrap(), TakeOutcome::Yours);
        assert_eq!(alans.days().await, [date(2026, 3, 3)]);
        assert!(alans.standing().await.is_empty());
        // Without "each time" the weekdays say nothing.
        let whom = (Some(alans.alan.id), Every::No, Weekdays::of([Weekday::Thursday]));
        let (slot, app) = (alans.slots[2].id, &alans.house.app);
        app.take_for(&carer, circle, slot, whom, receipt()).await.unwrap();
        assert_eq!(alans.days().await, [date(2026, 3, 3), date(2026, 3, 10)]);
        assert!(alans.standing().await.is_empty());
    }

    async fn some_weekdays_are_theirs_and_no_other(database) {
        let alans = Alans::new(database).await;
        let on = Weekdays::of([Weekday::Tuesday]);
        assert_eq!(alans.take(Every::UntilISay, on).await.unwrap(), TakeOutcome::Yours);
        let days = alans.days().await;
        assert!(days.len() > 10 && days.iter().all(|day| day.weekday() == Weekday::Tuesday));
        let standing = alans.standing().await;
        assert_eq!((standing[0].on, standing[0].until), (on, None));
        alans.house.clock.advance(28 * 86_400);
        while alans.house.app.roll_slots().await.unwrap() > 0 {}
        let later = alans.days().await;
        assert!(later.last() > days.last(), "the weeks to come too");
        assert!(later.iter().all(|day| day.weekday() == Weekday::Tuesday), "{later:?}");
        let carer = alans.house.visit(&alans.house.carer, Sure::Trusted).await;
        let (circle, slot) = (alans.house.circle, alans.slots[0].id);
        let page = alans.house.app.slot_page(&carer, circle, slot).await.unwrap();
        assert_eq!(page.every_time[0].repeat.to_string(), "every Tuesday");
    }

    async fn until_a_day_is_until_that_day(database) {
        let alans = Alans::new(database).await;
        let until = date(2026, 3, 12);
        assert_eq!(alans.take(Every::Until(until), None).await.unwrap(), TakeOutcome::Yours);
        let days = [date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 10), until];
        assert_eq!(alans.days().await, days);
        assert_eq!(alans.standing().await[0].until, Some(until));
    }

    async fn a_day_before_and_a_weekday_on_which_it_never_comes_are_asked_again(database) {
        let alans = Alans::new(database).await;
        for (every, on, field) in [
            (Every::Until(date(2026, 3, 2)), None, "all_until"),
            (Every::UntilISay, Weekdays::of([Weekday::Sunday]), "on"),
        ] {
            let refused = alans.take(every, on).await;
            let Err(Failure::Invalid(problems)) = refused else { panic!("{refused:?}") };
            assert_eq!((problems[0].field, &problems[0].what), (field, &What::Choose));
        }
        assert!(alans.days().await.is_empty(), "and nothing is taken");
    }
}
