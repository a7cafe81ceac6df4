//! What somebody does each time, where one date goes its own way: it moves alone, it is the only one
//! that is theirs, or it was promised by itself.

use jiff::civil::{Date, Weekday};
use kith_app::{CannotHow, Every, EveryTime, MoveOutcome, TaskChange};
use kith_domain::repeat::Weekdays;
use kith_domain::{RepeatInput, TaskInput};
use kith_store::{Membership, Slot};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, comes, just_rota, receipt, shopping, zone};

/// A task that comes again; Tom does it each time, or on these weekdays.
struct Again<'d> {
    house: House<'d>,
    tom: Membership,
    slots: Vec<Slot>,
}

impl<'d> Again<'d> {
    async fn new(database: &'d TestDatabase, task: TaskInput<'_>, on: Option<Weekdays>) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slots = house.task(task, false).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let what = (&[][..], Every::UntilISay, on);
        let took = house.app.take_dates(&visit, house.circle, slots[0].id, what, receipt()).await;
        assert!(took.unwrap().every);
        Self { house, tom, slots }
    }

    async fn change(&self, slot: &Slot, change: &TaskChange<'_>) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let change = TaskChange { places: "1", if_nobody: "tell_me", ..*change };
        self.house.change(&visit, slot.id, &change).await;
    }

    async fn shown(&self) -> Vec<EveryTime> {
        let visit = self.house.visit(&self.tom, Sure::Trusted).await;
        let next = self.upcoming().await.remove(0).id;
        self.house.app.slot_page(&visit, self.house.circle, next).await.unwrap().every_time
    }

    async fn upcoming(&self) -> Vec<Slot> {
        let now = self.house.now();
        let mut slots = self.house.slots(self.slots[0].task).await;
        slots.retain(|slot| slot.starts > now);
        slots
    }

    async fn weeks_go_by(&self, weeks: u32) {
        for _ in 0..weeks {
            self.house.clock.advance(7 * 86_400);
            while self.house.app.roll_slots().await.unwrap() > 0 {}
        }
    }

    async fn theirs(&self) -> Vec<Date> {
        let (id, now) = (self.tom.id, self.house.now());
        let held = self.house.write(async |unit| unit.claims_of_place(id, now, 500).await).await;
        held.into_iter().map(|(_, slot)| slot.date).collect()
    }
}

fn on(days: &[Weekday]) -> Option<Weekdays> {
    Weekdays::of(days.iter().copied())
}

both! {
    async fn a_date_that_moves_alone_leaves_the_others_theirs(database) {
        let again = Again::new(
            database, TaskInput { repeat: comes("weekly"), ..shopping("2026-03-04") }, None,
        ).await;
        let one = again.slots[1].clone();
        again.change(&one, &TaskChange {
            scope: "this", date: "2026-03-12", start: "15:00", end: "16:00", ..TaskChange::default()
        }).await;
        assert_eq!(again.house.slot(one.id).await.starts, one.starts, "he is asked first");
        assert!(!again.shown().await[0].is_asked, "about this one alone");
        let came = again.house.answer_move(&again.tom, one.id, true).await;
        assert_eq!(came, MoveOutcome::Moved);
        assert_eq!(zone().local(again.house.slot(one.id).await.starts).hour(), 15);
        assert!(!again.shown().await[0].is_asked);
        for (is, was) in again.upcoming().await.iter().zip(&again.slots) {
            assert_eq!(is.taken, 1);
            assert_eq!(is.starts == was.starts, is.id != one.id);
        }
        again.weeks_go_by(4).await;
        let upcoming = again.upcoming().await;
        assert!(upcoming.iter().all(|slot| slot.taken == 1), "and each that comes");
        assert_eq!(again.theirs().await.len(), upcoming.len());
    }

    async fn a_yes_to_the_only_date_is_a_yes_to_the_new_times(database) {
        let again = Again::new(
            database, TaskInput { repeat: comes("monthly"), ..shopping("2026-03-10") }, None,
        ).await;
        let (house, circle) = (&again.house, again.house.circle);
        let visit = house.visit(&again.tom, Sure::Trusted).await;
        let how = CannotHow::GiveBack;
        for slot in &again.slots[1..] {
            house.app.cannot_make_it(&visit, circle, slot.id, how, receipt()).await.unwrap();
        }
        let back: Vec<Date> = again.slots[1..].iter().map(|slot| slot.date).collect();
        assert!(!back.is_empty());
        let only = again.slots[0].clone();
        again.change(&only, &TaskChange {
            scope: "all", date: "2026-03-10", start: "14:00", end: "15:00", ..TaskChange::default()
        }).await;
        assert!(again.shown().await[0].is_asked);
        let came = house.answer_move(&again.tom, only.id, true).await;
        assert_eq!(came, MoveOutcome::Moved);
        assert!(!again.shown().await[0].is_asked);
        again.weeks_go_by(10).await;
        let later: Vec<Slot> = again
            .upcoming().await.into_iter().filter(|slot| !back.contains(&slot.date)).collect();
        assert!(!later.is_empty());
        assert!(later.iter().all(|slot| slot.taken == 1), "he promised those too");
        let his = again.theirs().await;
        assert!(his.iter().all(|day| !back.contains(day)), "what he gave back stays free");
    }

    async fn whoever_stops_the_tuesdays_keeps_the_thursday(database) {
        let both = on(&[Weekday::Tuesday, Weekday::Thursday]);
        let repeat = RepeatInput { on: both, ..comes("weekly") };
        let tuesdays = on(&[Weekday::Tuesday]);
        let again =
            Again::new(database, TaskInput { repeat, ..shopping("2026-03-03") }, tuesdays).await;
        let (house, circle) = (&again.house, again.house.circle);
        let visit = house.visit(&again.tom, Sure::Trusted).await;
        let thursday = again.slots[3].clone();
        assert_eq!(thursday.date.weekday(), Weekday::Thursday);
        house.app.take_slot(&visit, circle, thursday.id, receipt()).await.unwrap();
        let slot = again.slots[0].id;
        let form = house.app.stop_every_form(&visit, circle, slot, None).await.unwrap();
        assert_eq!(form.dates.len(), again.theirs().await.len() - 1);
        assert!(form.dates.iter().all(|day| day.weekday() == Weekday::Tuesday));
        let how = ("2026-03-03", true);
        let back = house.app.stop_every(&visit, circle, (slot, None), how, receipt()).await.unwrap();
        assert_eq!(back, form.dates.len() - 1, "but the one that comes first");
        assert_eq!(again.theirs().await, [again.slots[0].date, thursday.date]);
    }
}
