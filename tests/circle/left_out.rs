//! Days that are left out, and dates that somebody had moved into them or out of them; and what cannot
//! be put back.

use jiff::civil::{Date, date};
use kith_app::{ChangeOutcome, Failure, PutBack, TakeOff, TaskChange, Touching};
use kith_domain::repeat::Weekdays;
use kith_domain::{RepeatInput, SlotState};
use kith_store::Slot;
use kith_tests::both;

use crate::house::{Sure, receipt, zone};
use crate::weekly::Weekly;

impl Weekly<'_> {
    /// Changes one slot, or with `scope` the others too.
    async fn change(&self, slot: usize, change: &TaskChange<'_>) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let on = Some(Weekdays::only(jiff::civil::Weekday::Wednesday));
        let repeat = RepeatInput { comes: "weekly", every: "1", on, ..change.repeat };
        let change = TaskChange { places: "1", if_nobody: "tell_me", repeat, ..*change };
        self.house.change(&visit, self.slots[slot].id, &change).await;
    }

    /// One slot is on another day, at the same time.
    async fn moved(&self, slot: usize, day: &str) {
        let change =
            TaskChange { date: day, start: "10:00", end: "11:00", ..TaskChange::default() };
        self.change(slot, &change).await;
    }

    async fn took_off(&self, slot: usize, which: TakeOff) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let (house, slot, none) = (&self.house, self.slots[slot].id, Touching::default());
        let off = house.app.take_off_rota(&visit, house.circle, slot, which, none, receipt());
        assert!(matches!(off.await.unwrap(), ChangeOutcome::Done));
    }

    async fn put_back(&self, from: &str, to: &str) -> Result<PutBack, Failure> {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let (house, slot) = (&self.house, self.slots[0].id);
        house.app.put_back(&visit, house.circle, slot, (from, to), receipt()).await
    }

    async fn left_out(&self) -> Vec<(Date, Date)> {
        self.house.stored(self.slots[0].task).await.left_out.iter().collect()
    }

    /// Days and hours of the slots that stand.
    async fn on(&self) -> Vec<(Date, i8)> {
        let slots = self.house.slots(self.slots[0].task).await;
        let line = |slot: &Slot| (slot.date, zone().local(slot.starts).hour());
        slots.iter().map(line).collect()
    }
}

const fn march(day: i8) -> Date {
    date(2026, 3, day)
}

both! {
    async fn what_was_moved_into_the_days_is_known_by_the_day_it_was_made_for(database) {
        let weekly = Weekly::new(database).await;
        weekly.moved(1, "2026-03-17").await;
        weekly.took_off(0, TakeOff::days("2026-03-16", "2026-03-19").unwrap()).await;
        for slot in [1, 2] {
            let slot = weekly.house.slot(weekly.slots[slot].id).await;
            assert_eq!(slot.state, SlotState::Cancelled);
        }
        assert_eq!(weekly.left_out().await, [(march(11), march(11)), (march(16), march(19))]);
        // No change of the whole makes it anew.
        weekly.change(0, &TaskChange {
            scope: "all", date: "2026-03-04", start: "12:00", end: "13:00", ..TaskChange::default()
        }).await;
        assert_eq!(weekly.on().await[..2], [(march(4), 12), (march(25), 12)]);
        weekly.house.clock.advance(86_400);
        while weekly.house.app.roll_slots().await.unwrap() > 0 {}
        assert_eq!(weekly.on().await[..2], [(march(4), 12), (march(25), 12)]);
        // It is put back where the pattern has it, by itself.
        let back = weekly.put_back("2026-03-11", "2026-03-11").await.unwrap();
        assert_eq!(back.first, march(11));
        assert_eq!(weekly.on().await[..3], [(march(4), 12), (march(11), 12), (march(25), 12)]);
        assert_eq!(weekly.left_out().await, [(march(16), march(19))]);
    }

    async fn what_was_moved_out_of_the_days_stands(database) {
        let weekly = Weekly::new(database).await;
        weekly.moved(2, "2026-03-23").await;
        weekly.took_off(0, TakeOff::days("2026-03-16", "2026-03-19").unwrap()).await;
        let stands = [(march(4), 10), (march(11), 10), (march(23), 10), (march(25), 10)];
        assert_eq!(weekly.on().await[..4], stands);
        // Nor is it taken off, or moved into them, when the whole changes.
        let all = TaskChange {
            scope: "all", date: "2026-03-04", start: "10:00", end: "11:00", ..TaskChange::default()
        };
        let until = RepeatInput { until: "2026-04-30", ..RepeatInput::default() };
        weekly.change(0, &TaskChange { repeat: until, ..all }).await;
        assert_eq!(weekly.on().await[..4], stands);
        weekly.change(0, &TaskChange { start: "12:00", end: "13:00", repeat: until, ..all }).await;
        assert_eq!(weekly.on().await[..4],
            [(march(4), 12), (march(11), 12), (march(23), 10), (march(25), 12)]);
        assert_eq!(weekly.house.slot(weekly.slots[2].id).await.state, SlotState::Open);
        // The days come back without a second one.
        assert_eq!(weekly.put_back("2026-03-16", "2026-03-19").await.unwrap().first, march(16));
        assert_eq!(weekly.on().await.len(), 9);
        assert_eq!(weekly.on().await[2], (march(23), 10));
    }

    async fn what_was_moved_and_is_taken_off_by_itself_is_known_by_its_own_day(database) {
        let weekly = Weekly::new(database).await;
        weekly.moved(1, "2026-03-13").await;
        weekly.took_off(1, TakeOff::This).await;
        assert_eq!(weekly.left_out().await, [(march(11), march(11))]);
        assert_eq!(weekly.put_back("2026-03-11", "2026-03-11").await.unwrap().first, march(11));
        assert_eq!(weekly.on().await[1], (march(11), 10));
    }

    async fn nothing_is_put_back_of_a_task_that_has_ended(database) {
        let weekly = Weekly::new(database).await;
        weekly.took_off(2, TakeOff::This).await;
        weekly.house.clock.advance(2 * 86_400 + 2 * 3_600);
        weekly.took_off(1, TakeOff::All).await;
        let refused = weekly.put_back("2026-03-18", "2026-03-18").await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        assert_eq!(weekly.left_out().await, [(march(18), march(18))]);
        assert_eq!(weekly.on().await, [(march(4), 10)]);
    }

    async fn a_day_far_ahead_comes_when_its_week_comes(database) {
        let weekly = Weekly::new(database).await;
        let before = weekly.on().await;
        weekly.took_off(0, TakeOff::days("2026-06-20", "2026-07-20").unwrap()).await;
        let back = weekly.put_back("2026-07-01", "2026-07-03").await.unwrap();
        assert_eq!(back, PutBack { first: date(2026, 7, 1), each_time: false });
        assert_eq!(weekly.on().await, before, "the rota does not reach so far");
        let out = [(date(2026, 6, 20), date(2026, 6, 30)), (date(2026, 7, 4), date(2026, 7, 20))];
        assert_eq!(weekly.left_out().await, out);
        for _ in 0..20 {
            weekly.house.clock.advance(7 * 86_400);
            while weekly.house.app.roll_slots().await.unwrap() > 0 {}
        }
        let days: Vec<Date> = weekly.on().await.into_iter().map(|(day, _)| day).collect();
        let from = days.iter().position(|day| *day == date(2026, 6, 17)).unwrap();
        assert_eq!(days[from..from + 3],
            [date(2026, 6, 17), date(2026, 7, 1), date(2026, 7, 22)]);
    }

    async fn what_is_over_takes_no_room(database) {
        let weekly = Weekly::new(database).await;
        // As many stretches as there is room for, all of them over in a year.
        let mut full = kith_domain::repeat::LeftOut::nothing();
        let mut day = date(2026, 3, 12);
        for _ in 0..kith_domain::repeat::LeftOut::MOST {
            full.add(day, day).unwrap();
            day = day.saturating_add(jiff::Span::new().days(2));
        }
        let task = weekly.slots[0].task;
        weekly.house.write(async |unit| unit.put_left_out(task, &full).await).await;
        weekly.house.clock.advance(400 * 86_400);
        while weekly.house.app.roll_slots().await.unwrap() > 0 {}
        let slots = weekly.house.slots(task).await;
        let that = slots.iter().rfind(|slot| slot.state == SlotState::Open).unwrap().clone();
        let visit = weekly.house.visit(&weekly.house.carer, Sure::Fresh).await;
        let (house, which, none) = (&weekly.house, TakeOff::This, Touching::default());
        let off = house.app.take_off_rota(&visit, house.circle, that.id, which, none, receipt());
        assert!(matches!(off.await.unwrap(), ChangeOutcome::Done));
        assert_eq!(weekly.left_out().await, [(that.made_for, that.made_for)]);
    }

    async fn what_was_moved_out_of_days_that_are_over_stands(database) {
        let weekly = Weekly::new(database).await;
        weekly.moved(1, "2026-04-17").await;
        weekly.took_off(0, TakeOff::days("2026-03-09", "2026-03-12").unwrap()).await;
        weekly.house.clock.advance(21 * 86_400);
        while weekly.house.app.roll_slots().await.unwrap() > 0 {}
        weekly.took_off(6, TakeOff::This).await;
        assert_eq!(weekly.left_out().await[0], (march(9), march(12)), "it is needed still");
        assert!(weekly.on().await.contains(&(date(2026, 4, 17), 10)));
    }
}
