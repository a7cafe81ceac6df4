//! "Every Tuesday until Christmas" of a task that comes on Tuesdays and Thursdays.

use jiff::civil::{Date, Weekday, date};
use kith_app::{Every, Failure, TaskChange};
use kith_domain::repeat::Weekdays;
use kith_domain::{RepeatInput, TaskInput};
use kith_store::{Membership, Slot};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping};

fn days(days: &[Weekday]) -> Option<Weekdays> {
    Weekdays::of(days.iter().copied())
}

fn on(days: Option<Weekdays>) -> RepeatInput<'static> {
    RepeatInput { comes: "weekly", every: "1", on: days, ..RepeatInput::default() }
}

/// Tom has promised the Tuesdays of what comes on Tuesdays and Thursdays.
struct Tuesdays<'d> {
    house: House<'d>,
    tom: Membership,
    slots: Vec<Slot>,
}

impl<'d> Tuesdays<'d> {
    async fn new(database: &'d TestDatabase, every: Every) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let both = days(&[Weekday::Tuesday, Weekday::Thursday]);
        let input = TaskInput { repeat: on(both), ..shopping("2026-03-03") };
        let slots = house.task(input, false).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let form = house.app.dates_form(&visit, house.circle, slots[0].id).await.unwrap();
        assert_eq!((form.weekdays, form.promised), (both, None));
        let what = (&[][..], every, days(&[Weekday::Tuesday]));
        let took = house.app.take_dates(&visit, house.circle, slots[0].id, what, receipt()).await;
        assert!(took.unwrap().every);
        Self { house, tom, slots }
    }

    async fn weeks_go_by(&self, weeks: u32) {
        for _ in 0..weeks {
            self.house.clock.advance(7 * 86_400);
            while self.house.app.roll_slots().await.unwrap() > 0 {}
        }
    }

    async fn held(&self) -> Vec<(Slot, Date)> {
        let (id, now) = (self.tom.id, self.house.now());
        let held = self.house.write(async |unit| unit.claims_of_place(id, now, 500).await).await;
        held.into_iter().map(|(_, slot)| (slot.clone(), slot.date)).collect()
    }

    async fn all_on(&self, day: Weekday) -> usize {
        let held = self.held().await;
        assert!(held.iter().all(|(_, date)| date.weekday() == day), "{held:?}");
        held.len()
    }

    async fn says(&self) -> Vec<String> {
        let visit = self.house.visit(&self.house.carer, Sure::Trusted).await;
        let task = self.slots[0].task;
        let next = self.house.slots(task).await.into_iter().find(|s| s.starts > self.house.now());
        let next = next.unwrap().id;
        let page = self.house.app.slot_page(&visit, self.house.circle, next).await.unwrap();
        page.every_time.iter().map(|every| every.repeat.to_string()).collect()
    }

    /// Other weekdays for all of them, as the carer says.
    async fn comes_on(&self, date: &str, repeat: RepeatInput<'_>) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let change = TaskChange {
            scope: "all",
            date,
            start: "10:00",
            end: "11:00",
            places: "1",
            if_nobody: "tell_me",
            repeat,
            ..TaskChange::default()
        };
        self.house.change(&visit, self.slots[0].id, &change).await;
    }
}

both! {
    async fn only_the_tuesdays_become_theirs_as_the_weeks_come(database) {
        let tuesdays = Tuesdays::new(database, Every::Until(date(2026, 12, 25))).await;
        let Tuesdays { house, tom, slots } = &tuesdays;
        assert_eq!(tuesdays.all_on(Weekday::Tuesday).await, slots.len().div_ceil(2));
        assert_eq!(tuesdays.says().await, ["every Tuesday, until 25 December 2026"]);
        tuesdays.weeks_go_by(20).await;
        assert!(tuesdays.all_on(Weekday::Tuesday).await >= 12);
        let free = house.slots(slots[0].task).await;
        let free = free.iter().filter(|slot| slot.starts > house.now() && slot.needs_somebody());
        assert!(free.clone().count() >= 12);
        assert!(free.clone().all(|slot| slot.date.weekday() == Weekday::Thursday));
        let visit = house.visit(tom, Sure::Trusted).await;
        let rota = house.app.my_rota(&visit).await.unwrap();
        assert_eq!(rota.every[0].repeat.to_string(), "every Tuesday, until 25 December 2026");
        tuesdays.weeks_go_by(22).await;
        assert_eq!(tuesdays.held().await.last().unwrap().1, date(2026, 12, 22));
    }

    async fn a_further_promise_takes_the_place_of_the_first(database) {
        let tuesdays = Tuesdays::new(database, Every::UntilISay).await;
        let Tuesdays { house, tom, slots } = &tuesdays;
        let visit = house.visit(tom, Sure::Trusted).await;
        let form = house.app.dates_form(&visit, house.circle, slots[1].id).await.unwrap();
        assert_eq!(form.promised.unwrap().0.to_string(), "every Tuesday");
        let take = async |on| {
            let what = (&[][..], Every::UntilISay, on);
            house.app.take_dates(&visit, house.circle, slots[1].id, what, receipt()).await
        };
        let none = take(days(&[Weekday::Monday])).await;
        assert!(matches!(none, Err(Failure::Invalid(_))), "it comes on no Monday");
        assert_eq!(tuesdays.says().await, ["every Tuesday"], "which changes nothing");
        take(days(&[Weekday::Tuesday, Weekday::Thursday])).await.unwrap();
        assert_eq!(tuesdays.says().await, ["every Tuesday and Thursday"]);
        tuesdays.weeks_go_by(14).await;
        let held = tuesdays.held().await;
        assert!(held.len() >= 24, "{held:?}");
    }

    async fn other_weekdays_are_theirs_when_they_say_yes(database) {
        let tuesdays = Tuesdays::new(database, Every::UntilISay).await;
        let Tuesdays { house, tom, slots } = &tuesdays;
        // Thursdays become Fridays: that is not theirs, and nobody asks them.
        tuesdays.comes_on("2026-03-03", on(days(&[Weekday::Tuesday, Weekday::Friday]))).await;
        assert_eq!(tuesdays.says().await, ["every Tuesday"]);
        assert!(house.mails(tom).await.iter().all(|mail| !mail.starts_with("asked_instead")));
        tuesdays.weeks_go_by(2).await;
        assert!(tuesdays.all_on(Weekday::Tuesday).await >= 12);
        // Tuesdays become Wednesdays: they are asked, and say yes.
        let next = tuesdays.held().await[0].0.clone();
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let (wednesday, repeat) =
            (next.date.tomorrow().unwrap(), on(days(&[Weekday::Wednesday, Weekday::Friday])));
        let change = TaskChange {
            scope: "all",
            date: &wednesday.to_string(),
            start: "10:00",
            end: "11:00",
            places: "1",
            if_nobody: "tell_me",
            repeat,
            ..TaskChange::default()
        };
        house.change(&visit, next.id, &change).await;
        assert!(tuesdays.all_on(Weekday::Tuesday).await >= 12, "they stay until somebody says yes");
        for (slot, _) in tuesdays.held().await {
            house.answer_move(tom, slot.id, true).await;
        }
        assert!(tuesdays.all_on(Weekday::Wednesday).await >= 12);
        assert_eq!(tuesdays.says().await, ["every Wednesday"]);
        tuesdays.weeks_go_by(13).await;
        assert!(tuesdays.all_on(Weekday::Wednesday).await >= 11);
        // Only one day is left of the two: nobody can say whether that is theirs.
        let next = tuesdays.held().await[0].0.clone();
        let day = next.date.to_string();
        let repeat = on(days(&[Weekday::Monday]));
        let change = TaskChange { date: &day, repeat, ..change };
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        house.change(&visit, next.id, &change).await;
        assert!(tuesdays.says().await.is_empty());
        assert!(slots.len() > 20);
    }
}
