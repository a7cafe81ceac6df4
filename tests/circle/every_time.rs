//! "Every Tuesday until Christmas": the later weeks become theirs as they come on the rota, and a
//! stand-in for one date has promised that date alone. A virtual year, on both databases.

use jiff::civil::{Date, date};
use kith_app::{
    CannotHow, ChangeOutcome, CircleChange, Every, EveryTime, Failure, MoveOutcome, SettleMove,
    TakeOutcome, TaskChange, Touching,
};
use kith_domain::ids::{SlotId, TaskId};
use kith_domain::{RepeatInput, TaskInput};
use kith_store::{Membership, Slot};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

const DAY: i64 = 86_400;

/// Shopping comes every Wednesday; Tom may do it every time.
struct Weekly<'d> {
    house: House<'d>,
    tom: Membership,
    joan: Membership,
    task: TaskId,
    first: SlotId,
    places: &'static str,
}

impl<'d> Weekly<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        Self::of_places(database, "1").await
    }

    async fn of_places(database: &'d TestDatabase, places: &'static str) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let input = weekly(TaskInput { places, ..shopping("2026-03-04") });
        let slot = house.task(input, false).await.remove(0);
        Self { house, tom, joan, task: slot.task, first: slot.id, places }
    }

    async fn takes_every(&self, who: &Membership, every: Every) {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let Self { house, first, .. } = self;
        let took =
            house.app.take_dates(&visit, house.circle, *first, (&[], every, None), receipt());
        assert!(took.await.unwrap().every);
    }

    /// So many days go by, and the weeks roll on each day.
    async fn days_go_by(&self, days: u32) {
        for _ in 0..days.div_ceil(7) {
            self.house.clock.advance(7 * DAY);
            while self.house.app.roll_slots().await.unwrap() > 0 {}
        }
    }

    async fn upcoming(&self) -> Vec<Slot> {
        let now = self.house.now();
        let mut slots = self.house.slots(self.task).await;
        slots.retain(|slot| slot.starts > now);
        slots
    }

    /// Days of slots that somebody holds a live promise of.
    async fn days_of(&self, who: &Membership) -> Vec<Date> {
        let now = self.house.now();
        let id = who.id;
        let held = self.house.write(async |unit| unit.claims_of_place(id, now, 500).await).await;
        held.into_iter().map(|(_, slot)| slot.date).collect()
    }

    async fn free(&self) -> Vec<Date> {
        let slots = self.upcoming().await;
        slots.iter().filter(|slot| slot.needs_somebody()).map(|slot| slot.date).collect()
    }

    async fn take(&self, who: &Membership, slot: SlotId) -> TakeOutcome {
        let visit = self.house.visit(who, Sure::Trusted).await;
        self.house.app.take_slot(&visit, self.house.circle, slot, receipt()).await.unwrap()
    }

    async fn give_back(&self, who: &Membership, slot: SlotId) {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let (circle, how) = (self.house.circle, CannotHow::GiveBack);
        self.house.app.cannot_make_it(&visit, circle, slot, how, receipt()).await.unwrap();
    }

    async fn stop(&self, last: &str, hand_back: bool) -> Result<usize, Failure> {
        let visit = self.house.visit(&self.tom, Sure::Trusted).await;
        let next = self.upcoming().await[0].id;
        let how = (last, hand_back);
        self.house.app.stop_every(&visit, self.house.circle, (next, None), how, receipt()).await
    }

    async fn shown_to(&self, who: &Membership) -> Vec<EveryTime> {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let next = self.upcoming().await[0].id;
        let page = self.house.app.slot_page(&visit, self.house.circle, next).await.unwrap();
        page.every_time
    }

    async fn circle_becomes(&self, change: CircleChange) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let (circle, form) = (self.house.circle, receipt());
        self.house.app.change_circle_state(&visit, circle, change, form).await.unwrap();
    }

    /// The carer puts the whole series on Thursdays at 2pm, or only at 2pm.
    async fn moves(&self, day: &str, promises: &str) -> ChangeOutcome {
        self.moves_to(day, ("14:00", "15:00"), promises).await
    }

    async fn moves_to(
        &self,
        day: &str,
        (start, end): (&str, &str),
        promises: &str,
    ) -> ChangeOutcome {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let next = &self.upcoming().await[0];
        let on = kith_domain::repeat::Weekdays::only(jiff::civil::Weekday::Wednesday);
        let repeat =
            RepeatInput { comes: "weekly", every: "1", on: Some(on), ..RepeatInput::default() };
        let change = TaskChange {
            scope: "all",
            date: day,
            start,
            end,
            places: self.places,
            if_nobody: "tell_me",
            repeat,
            ..TaskChange::default()
        };
        let (app, circle) = (&self.house.app, self.house.circle);
        let first = app.change_task(&visit, circle, next.id, &change, receipt()).await.unwrap();
        let ChangeOutcome::Asks(asks) = first else { return first };
        let touching = Touching { promises, seen: &asks.seen };
        let change = TaskChange { touching, ..change };
        app.change_task(&visit, circle, next.id, &change, receipt()).await.unwrap()
    }
}

both! {
    async fn every_week_of_a_year_is_theirs(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        for _ in 0..13 {
            assert!(weekly.free().await.is_empty());
            let days = weekly.days_of(&weekly.tom).await;
            assert!(days.len() >= 12, "{days:?}");
            weekly.days_go_by(28).await;
        }
        let visit = weekly.house.visit(&weekly.tom, Sure::Trusted).await;
        let rota = weekly.house.app.my_rota(&visit).await.unwrap();
        assert_eq!(rota.every.len(), 1);
        assert_eq!(rota.every[0].repeat.to_string(), "every Wednesday");
        // He is not thanked for every one of them.
        weekly.house.app.plan_reminders().await.unwrap();
        let thanks = weekly.house.mails(&weekly.tom).await;
        let thanks = thanks.iter().filter(|mail| mail.starts_with("promised")).count();
        assert!(thanks <= 13, "{thanks}");
    }

    async fn until_christmas_is_until_christmas(database) {
        let weekly = Weekly::new(database).await;
        let christmas = date(2026, 12, 25);
        weekly.takes_every(&weekly.tom, Every::Until(christmas)).await;
        let carer = weekly.house.carer.clone();
        let shown = weekly.shown_to(&carer).await;
        assert_eq!(shown[0].name.as_deref(), Some("Tom"));
        assert_eq!(shown[0].repeat.to_string(), "every Wednesday, until 25 December 2026");
        assert!(weekly.shown_to(&weekly.tom).await[0].is_you);
        assert!(weekly.shown_to(&weekly.joan).await.is_empty(), "that is not hers to know");
        weekly.days_go_by(7 * 35).await;
        let days = weekly.days_of(&weekly.tom).await;
        assert_eq!(days.last(), Some(&date(2026, 12, 23)));
        assert_eq!(weekly.free().await.first(), Some(&date(2026, 12, 30)));
        weekly.days_go_by(7 * 10).await;
        assert!(weekly.days_of(&weekly.tom).await.is_empty());
        assert!(weekly.shown_to(&carer).await.is_empty());
    }

    async fn two_processes_give_each_week_once(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        for _ in 0..5 {
            weekly.house.clock.advance(7 * DAY);
            let app = &weekly.house.app;
            let (one, other) = tokio::join!(app.roll_slots(), app.roll_slots());
            assert!(one.is_ok() && other.is_ok());
        }
        while weekly.house.app.roll_slots().await.unwrap() > 0 {}
        assert!(weekly.upcoming().await.iter().all(|slot| slot.taken == 1));
        let days = weekly.days_of(&weekly.tom).await;
        let once: std::collections::BTreeSet<&Date> = days.iter().collect();
        assert_eq!(once.len(), days.len());
    }

    async fn never_more_than_there_are_places(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        weekly.house.clock.advance(60);
        weekly.takes_every(&weekly.joan, Every::UntilISay).await;
        weekly.days_go_by(70).await;
        assert!(weekly.upcoming().await.iter().all(|slot| (slot.taken, slot.places) == (1, 1)));
        assert!(weekly.days_of(&weekly.joan).await.is_empty(), "Tom said so first");
    }

    async fn a_stand_in_has_one_date_and_no_other(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let slots = weekly.upcoming().await;
        weekly.give_back(&weekly.tom, slots[3].id).await;
        weekly.take(&weekly.joan, slots[3].id).await;
        weekly.days_go_by(56).await;
        assert!(weekly.days_of(&weekly.joan).await.is_empty(), "hers is over");
        assert!(weekly.free().await.is_empty());
        let tom = weekly.days_of(&weekly.tom).await;
        assert_eq!(tom.len(), weekly.upcoming().await.len());
        // One that is given back and stays free is not given again.
        let next = weekly.upcoming().await.remove(2);
        weekly.give_back(&weekly.tom, next.id).await;
        weekly.days_go_by(7).await;
        assert_eq!(weekly.free().await, [next.date]);
    }

    async fn what_falls_into_an_absence_is_not_theirs(database) {
        let weekly = Weekly::new(database).await;
        let visit = weekly.house.visit(&weekly.tom, Sure::Trusted).await;
        let away = ("2026-06-01", "2026-06-14");
        weekly.house.app.go_away(&visit, away, false, receipt()).await.unwrap();
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        weekly.days_go_by(42).await;
        assert_eq!(weekly.free().await, [date(2026, 6, 3), date(2026, 6, 10)]);
        assert!(weekly.days_of(&weekly.tom).await.contains(&date(2026, 6, 17)));
    }

    async fn a_circle_that_rests_gives_nothing_and_catches_up(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        weekly.circle_becomes(CircleChange::Pause).await;
        weekly.days_go_by(28).await;
        assert_eq!(weekly.free().await.len(), 3, "the weeks come, and nobody is promised");
        weekly.circle_becomes(CircleChange::Resume).await;
        assert!(weekly.free().await.is_empty());
        weekly.days_go_by(14).await;
        assert!(weekly.free().await.is_empty());
    }

    async fn it_ends_with_the_membership(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let visit = weekly.house.visit(&weekly.tom, Sure::Trusted).await;
        weekly.house.app.leave_circle(&visit, weekly.house.circle, receipt()).await.unwrap();
        weekly.days_go_by(28).await;
        assert!(weekly.days_of(&weekly.tom).await.is_empty());
        assert_eq!(weekly.free().await.len(), weekly.upcoming().await.len());
        let carer = weekly.house.carer.clone();
        assert!(weekly.shown_to(&carer).await.is_empty());
    }

    async fn whoever_may_not_see_the_rota_any_more_gets_no_more_of_it(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let had = weekly.days_of(&weekly.tom).await.len();
        weekly.house.grant(&weekly.tom, kith_domain::CategorySet::EMPTY).await;
        weekly.days_go_by(14).await;
        assert_eq!(weekly.days_of(&weekly.tom).await.len(), had - 2);
    }

    async fn it_stops_after_a_day_and_keeps_or_hands_back(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let slots = weekly.upcoming().await.len();
        let wrong = weekly.stop("2026-02-01", true).await;
        assert!(matches!(wrong, Err(Failure::Invalid(_))), "{wrong:?}");
        assert_eq!(weekly.stop("2026-05-01", false).await.unwrap(), 0);
        assert_eq!(weekly.days_of(&weekly.tom).await.len(), slots, "he keeps what is his");
        weekly.days_go_by(21).await;
        assert_eq!(weekly.free().await.len(), 2, "and gets nothing new");
        let handed_back = weekly.stop("2026-04-01", true).await.unwrap();
        let days = weekly.days_of(&weekly.tom).await;
        assert_eq!(days.last(), Some(&date(2026, 4, 1)));
        assert!(handed_back >= 7, "{handed_back}");
        assert_eq!(weekly.free().await.first(), Some(&date(2026, 4, 8)));
    }

    async fn nothing_is_final_where_it_is_not_sure_who_says_it(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let visit = weekly.house.visit(&weekly.tom, Sure::SignedIn).await;
        let (circle, how) = (weekly.house.circle, ("2026-03-05", true));
        let refused = weekly.house.app.stop_every(&visit, circle, (weekly.first, None), how, receipt()).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        let joans = weekly.house.visit(&weekly.joan, Sure::Trusted).await;
        let not_hers = weekly.house.app.stop_every(&joans, circle, (weekly.first, None), how, receipt()).await;
        assert!(matches!(not_hers, Err(Failure::NotHere)), "{not_hers:?}");
    }

    async fn other_times_are_theirs_only_when_they_say_yes_to_all_of_them(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let mine = weekly.upcoming().await;
        assert!(matches!(weekly.moves("2026-03-04", "change").await, ChangeOutcome::AskedThem));
        assert!(weekly.shown_to(&weekly.tom).await[0].is_asked);
        // A week that comes meanwhile is at a time to which he did not say yes.
        weekly.days_go_by(14).await;
        let newest = weekly.upcoming().await.pop().unwrap();
        assert!(newest.needs_somebody());
        let left = weekly.upcoming().await;
        for slot in left.iter().filter(|slot| slot.taken == 1) {
            let came = weekly.house.answer_move(&weekly.tom, slot.id, true).await;
            assert_eq!(came, MoveOutcome::Moved);
        }
        let after = weekly.upcoming().await;
        assert!(after.iter().all(|slot| slot.taken == 1), "now the new time is his as well");
        assert!(after.iter().all(|slot| {
            crate::house::zone().local(slot.starts).hour() == 14
        }));
        assert!(!weekly.shown_to(&weekly.tom).await[0].is_asked);
        weekly.days_go_by(14).await;
        assert!(weekly.free().await.is_empty());
        assert!(mine.len() >= 12);
    }

    async fn other_times_that_are_taken_back_leave_it_as_it_was(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        weekly.moves("2026-03-04", "change").await;
        weekly.moves_to("2026-03-04", ("10:00", "11:00"), "change").await;
        assert!(!weekly.shown_to(&weekly.tom).await[0].is_asked);
        weekly.days_go_by(28).await;
        assert!(weekly.free().await.is_empty());
        let ten = |slot: &Slot| crate::house::zone().local(slot.starts).hour() == 10;
        assert!(weekly.upcoming().await.iter().all(ten));
    }

    async fn a_yes_stands_when_whoever_said_no_is_freed(database) {
        let weekly = Weekly::of_places(database, "2").await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        weekly.takes_every(&weekly.joan, Every::UntilISay).await;
        weekly.moves("2026-03-04", "change").await;
        let (house, circle) = (&weekly.house, weekly.house.circle);
        for slot in weekly.upcoming().await {
            house.answer_move(&weekly.tom, slot.id, true).await;
            house.answer_move(&weekly.joan, slot.id, false).await;
            let visit = house.visit(&house.carer, Sure::Fresh).await;
            let page = house.app.slot_page(&visit, circle, slot.id).await.unwrap();
            let how = (page.slot.instead.unwrap().id, SettleMove::FreeAndMove);
            let came = house.app.settle_move(&visit, circle, slot.id, how, receipt()).await;
            assert_eq!(came.unwrap(), MoveOutcome::Moved);
        }
        weekly.days_go_by(14).await;
        let dates: Vec<Date> = weekly.upcoming().await.iter().map(|slot| slot.date).collect();
        assert_eq!(weekly.days_of(&weekly.tom).await, dates);
    }

    async fn a_no_to_other_times_ends_it_and_says_so(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        weekly.moves("2026-03-04", "change").await;
        weekly.days_go_by(28).await;
        weekly.days_go_by(70).await;
        assert!(weekly.shown_to(&weekly.house.carer.clone()).await.is_empty());
        assert!(weekly.house.mails(&weekly.tom).await.contains(&"told planned".to_owned()));
        assert!(!weekly.free().await.is_empty());
    }

    async fn what_is_left_as_promised_ends_it_for_later_weeks(database) {
        let weekly = Weekly::new(database).await;
        weekly.takes_every(&weekly.tom, Every::UntilISay).await;
        let had = weekly.days_of(&weekly.tom).await;
        weekly.moves("2026-03-04", "keep").await;
        assert_eq!(weekly.days_of(&weekly.tom).await, had, "what he promised stays");
        assert_eq!(weekly.house.mails(&weekly.tom).await, ["told planned"]);
        weekly.days_go_by(14).await;
        assert!(!weekly.free().await.is_empty(), "nothing new is added");
    }

    async fn the_carers_own_goes_with_the_change(database) {
        let weekly = Weekly::new(database).await;
        let carer = weekly.house.carer.clone();
        weekly.takes_every(&carer, Every::UntilISay).await;
        assert!(matches!(weekly.moves("2026-03-04", "").await, ChangeOutcome::Done));
        weekly.days_go_by(28).await;
        assert!(weekly.free().await.is_empty());
        assert!(weekly.shown_to(&carer).await[0].is_you);
    }

    async fn only_what_comes_again_can_be_promised_each_time(database) {
        let weekly = Weekly::new(database).await;
        let once = weekly.house.task(TaskInput { places: "2", ..shopping("2026-03-12") }, false).await;
        let visit = weekly.house.visit(&weekly.tom, Sure::Trusted).await;
        let (circle, every) = (weekly.house.circle, (&[][..], Every::UntilISay, None));
        let took = weekly.house.app.take_dates(&visit, circle, once[0].id, every, receipt()).await;
        let took = took.unwrap();
        assert_eq!((took.yours, took.every), (1, false));
    }
}
