//! Changing what comes again: this one, this and all that follow, all, and days that are left out.

use jiff::civil::{Date, date};
use kith_app::{ChangeOutcome, Failure, TakeOff, TaskChange, Touching, Visit, What};
use kith_domain::ids::SlotId;
use kith_domain::repeat::Weekdays;
use kith_domain::{Clock as _, Disclosure, RepeatInput, SlotState, TaskInput};
use kith_store::Slot;
use kith_tests::both;

use crate::house::{House, Sure, comes, just_rota, receipt, shopping, weekly, zone};

const WEEKLY: RepeatInput<'static> = comes("weekly");

/// Every Wednesday from 4 March at 10, as the form shows it.
fn same(day: &str) -> TaskChange<'_> {
    let on = Some(Weekdays::only(jiff::civil::Weekday::Wednesday));
    let repeat = RepeatInput { on, ..WEEKLY };
    TaskChange { date: day, start: "10:00", end: "11:00", repeat, ..TaskChange::default() }
}

async fn change(
    house: &House<'_>,
    visit: &Visit,
    slot: SlotId,
    change: &TaskChange<'_>,
) -> ChangeOutcome {
    house.app.change_task(visit, house.circle, slot, change, receipt()).await.unwrap()
}

/// Local day and hour, and whether it is promised, of each open slot.
fn shown(slots: &[Slot]) -> Vec<(Date, i8, bool)> {
    let line = |slot: &Slot| {
        let local = zone().local(slot.starts);
        (local.date(), local.hour(), slot.taken > 0)
    };
    slots.iter().map(line).collect()
}

both! {
    async fn what_is_promised_is_asked_about_before_a_series_moves(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slots[2].id, receipt()).await.unwrap();
        let visit = house.visit(&house.carer, Sure::Trusted).await;

        // From 11 March on Thursdays at 3pm.
        let later = TaskChange {
            scope: "following",
            date: "2026-03-12",
            start: "15:00",
            end: "16:00",
            ..same("2026-03-11")
        };
        let before = house.slots(slots[0].task).await;
        let ChangeOutcome::Asks(asks) = change(&house, &visit, slots[1].id, &later).await else {
            panic!("it is asked first")
        };
        assert_eq!(asks.promises.len(), 1);
        assert_eq!(asks.promises[0].was.0, date(2026, 3, 18).at(10, 0, 0, 0));
        assert_eq!(
            asks.promises[0].will_be.map(|then| then.0),
            Some(date(2026, 3, 19).at(15, 0, 0, 0))
        );
        assert_eq!(house.slots(slots[0].task).await, before, "nothing has moved");

        // Somebody else promises in between: it is asked again.
        let joan = house.friend("Joan", just_rota()).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        house.app.take_slot(&joans, house.circle, slots[3].id, receipt()).await.unwrap();
        let touching = Touching { promises: "change", seen: &asks.seen };
        let again = change(&house, &visit, slots[1].id, &TaskChange { touching, ..later }).await;
        let ChangeOutcome::Asks(asks) = again else { panic!("Joan's promise was not seen") };
        assert_eq!(asks.promises.len(), 2);

        let touching = Touching { promises: "change", seen: &asks.seen };
        let done = change(&house, &visit, slots[1].id, &TaskChange { touching, ..later }).await;
        assert!(matches!(done, ChangeOutcome::AskedThem));
        let after = house.slots(slots[0].task).await;
        let lines = shown(&after);
        assert_eq!(lines[0], (date(2026, 3, 4), 10, false), "what came before stays");
        assert_eq!(lines[1], (date(2026, 3, 12), 15, false));
        assert_eq!(lines[2], (date(2026, 3, 18), 10, true), "Tom's promise stays until he says yes");
        assert_eq!(lines[3], (date(2026, 3, 25), 10, true), "and Joan's");
        assert_eq!((after[2].id, after[3].id), (slots[2].id, slots[3].id));
        assert!(lines[4..].iter().all(|(day, hour, _)| {
            day.weekday() == jiff::civil::Weekday::Thursday && *hour == 15
        }), "{lines:?}");
        let weeks: std::collections::BTreeSet<i64> =
            after.iter().map(|slot| (slot.starts.as_second() + 3 * 86_400) / (7 * 86_400)).collect();
        assert_eq!(weeks.len(), after.len(), "no week is asked for twice");
        assert_eq!(house.mails(&tom).await, ["move_asked planned"]);
        house.answer_move(&tom, slots[2].id, true).await;
        let lines = shown(&house.slots(slots[0].task).await);
        assert_eq!(lines[2], (date(2026, 3, 19), 15, true), "his promise went with it");
        assert_eq!(lines[3], (date(2026, 3, 25), 10, true), "Joan has not answered");
        assert_eq!(house.mails(&tom).await, ["changed planned", "move_asked planned"]);
    }

    async fn what_is_kept_stays_and_its_day_is_not_asked_for_twice(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slots[2].id, receipt()).await.unwrap();
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let touching = Touching { promises: "keep", seen: "" };
        let later = TaskChange {
            scope: "all",
            start: "15:00",
            end: "16:00",
            touching,
            ..same("2026-03-11")
        };
        change(&house, &visit, slots[1].id, &later).await;
        let after = house.slots(slots[0].task).await;
        assert_eq!(after.len(), slots.len());
        for (slot, (day, hour, promised)) in after.iter().zip(shown(&after)) {
            assert_eq!(day.weekday(), jiff::civil::Weekday::Wednesday);
            assert_eq!((hour, promised), if slot.id == slots[2].id { (10, true) } else { (15, false) });
        }
        assert!(house.mails(&tom).await.is_empty());
        // The weeks that are made later have the new time, and none twice.
        house.clock.advance(14 * 86_400);
        house.app.roll_slots().await.unwrap();
        let rolled = house.slots(slots[0].task).await;
        let days: std::collections::BTreeSet<Date> = rolled.iter().map(|slot| slot.date).collect();
        assert_eq!(days.len(), rolled.len());
        assert!(rolled.len() > after.len());
        assert_eq!(zone().local(rolled.last().unwrap().starts).hour(), 15);
    }

    async fn another_repetition_is_never_for_one_slot_only(database) {
        let house = House::new(database).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let twice = RepeatInput { every: "2", ..same("2026-03-11").repeat };
        let fortnightly = TaskChange { repeat: twice, ..same("2026-03-11") };
        let refused =
            house.app.change_task(&visit, house.circle, slots[1].id, &fortnightly, receipt()).await;
        let Err(Failure::Invalid(problems)) = refused else { panic!("it is refused") };
        assert_eq!((problems[0].field, &problems[0].what), ("scope", &What::Choose));
        let all = TaskChange { scope: "following", ..fortnightly };
        change(&house, &visit, slots[1].id, &all).await;
        let days: Vec<Date> = house.slots(slots[0].task).await.iter().map(|s| s.date).collect();
        assert_eq!(days[..4], [
            date(2026, 3, 4),
            date(2026, 3, 11),
            date(2026, 3, 25),
            date(2026, 4, 8),
        ]);
        let until = RepeatInput { until: "2026-03-31", ..twice };
        let page = house.app.task_form(&visit, house.circle, Some(slots[1].id)).await.unwrap();
        assert_eq!(page.changing.unwrap().repeat.to_string(), "every second week on Wednesday");
        let cut = TaskChange { repeat: until, ..all };
        change(&house, &visit, slots[1].id, &cut).await;
        assert_eq!(house.slots(slots[0].task).await.len(), 3);
        // And on again: what was cut off comes back.
        change(&house, &visit, slots[1].id, &all).await;
        assert!(house.slots(slots[0].task).await.len() > 5);
    }

    async fn one_that_moved_by_itself_stays_until_its_day_has_another_time(database) {
        let house = House::new(database).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let moved = TaskChange { start: "16:00", end: "17:00", ..same("2026-03-12") };
        change(&house, &visit, slots[1].id, &moved).await;
        assert_eq!(house.slot(slots[1].id).await.date, date(2026, 3, 12));
        assert_eq!(house.slot(slots[1].id).await.made_for, date(2026, 3, 11));
        // Another end leaves it there.
        let repeat = RepeatInput { until: "2026-04-01", ..same("").repeat };
        let cut = TaskChange { scope: "all", repeat, ..same("2026-03-18") };
        change(&house, &visit, slots[2].id, &cut).await;
        let lines = shown(&house.slots(slots[0].task).await);
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[1], (date(2026, 3, 12), 16, false));
        // Another time of the whole does not.
        let later = TaskChange { start: "12:00", end: "13:00", ..cut };
        change(&house, &visit, slots[2].id, &later).await;
        let lines = shown(&house.slots(slots[0].task).await);
        assert_eq!(lines[1], (date(2026, 3, 11), 12, false));
    }

    async fn days_that_are_left_out_stay_out(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let daily = TaskInput {
            repeat: RepeatInput { comes: "daily", ..RepeatInput::default() },
            ..shopping("2026-03-04")
        };
        let slots = house.task(daily, false).await;
        assert_eq!(slots.len(), 85);
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slots[2].id, receipt()).await.unwrap();
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let holiday = TakeOff::days("2026-03-05", "2026-03-08").unwrap();
        let off = async |which, touching| {
            let slot = slots[0].id;
            let off = house.app.take_off_rota(&visit, house.circle, slot, which, touching, receipt());
            off.await.unwrap()
        };
        let ChangeOutcome::Asks(asks) = off(holiday, Touching::default()).await else {
            panic!("it is asked first")
        };
        assert_eq!(asks.promises[0].will_be, None);
        off(holiday, Touching { promises: "keep", seen: "" }).await;
        let days = async || -> Vec<Date> {
            house.slots(slots[0].task).await.iter().map(|slot| slot.date).collect()
        };
        assert_eq!(days().await[..3], [date(2026, 3, 4), date(2026, 3, 6), date(2026, 3, 9)]);
        assert!(house.mails(&tom).await.is_empty());
        off(holiday, Touching { promises: "change", seen: &asks.seen }).await;
        assert_eq!(days().await[..2], [date(2026, 3, 4), date(2026, 3, 9)]);
        assert_eq!(house.mails(&tom).await, ["cancelled planned"]);
        // A day far ahead, of which there is no slot yet.
        off(TakeOff::days("2026-06-01", "").unwrap(), Touching::default()).await;
        house.clock.advance(14 * 86_400);
        while house.app.roll_slots().await.unwrap() > 0 {}
        let days = days().await;
        assert!(!days.contains(&date(2026, 6, 1)) && days.contains(&date(2026, 6, 2)));
        assert!(!days.contains(&date(2026, 3, 6)), "it is not made again");
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let form = house.app.task_form(&visit, house.circle, Some(slots[20].id)).await.unwrap();
        assert_eq!(form.changing.unwrap().left_out, [(date(2026, 6, 1), date(2026, 6, 1))]);
        assert!(TakeOff::days("soon", "").is_err() && TakeOff::days("2026-06-02", "2026-06-01").is_err());
    }

    async fn one_that_is_skipped_does_not_come_back(database) {
        let house = House::new(database).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let none = Touching::default();
        house
            .app
            .take_off_rota(&visit, house.circle, slots[1].id, TakeOff::This, none, receipt())
            .await
            .unwrap();
        let later = TaskChange { scope: "all", start: "12:00", end: "13:00", ..same("2026-03-04") };
        change(&house, &visit, slots[0].id, &later).await;
        let days: Vec<Date> = house.slots(slots[0].task).await.iter().map(|s| s.date).collect();
        assert_eq!(days[..2], [date(2026, 3, 4), date(2026, 3, 18)]);
        assert_eq!(house.slot(slots[1].id).await.state, SlotState::Cancelled);
    }

    async fn a_number_of_times_is_counted_on_over_a_change(database) {
        let house = House::new(database).await;
        let five = RepeatInput { times: "5", ..WEEKLY };
        let slots = house.task(TaskInput { repeat: five, ..shopping("2026-03-04") }, false).await;
        assert_eq!(slots.len(), 5);
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let form = house.app.task_form(&visit, house.circle, Some(slots[2].id)).await.unwrap();
        assert_eq!(form.changing.unwrap().times_left.map(kith_domain::repeat::Times::get), Some(3));
        let repeat = RepeatInput { times: "3", ..same("").repeat };
        let later = TaskChange {
            scope: "following",
            repeat,
            start: "12:00",
            end: "13:00",
            ..same("2026-03-18")
        };
        change(&house, &visit, slots[2].id, &later).await;
        let hours: Vec<i8> = shown(&house.slots(slots[0].task).await).iter().map(|l| l.1).collect();
        assert_eq!(hours, [10, 10, 12, 12, 12]);
    }

    async fn a_week_is_copied_once_and_nobody_is_asked(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        house.task(weekly(shopping("2026-03-04")), false).await;
        let once = TaskInput {
            kind: "lift",
            note: "The grey door",
            disclosure: Disclosure { address: true, help: false, entry: false },
            ..shopping("2026-03-05")
        };
        house.task(once, false).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let form = receipt();
        let copy = async |form| {
            house.app.copy_week(&visit, house.circle, date(2026, 3, 4), form).await.unwrap()
        };
        let copied = copy(form).await;
        assert_eq!((copied.monday, copied.added), (date(2026, 3, 9), 1));
        assert_eq!(copy(form).await, copied, "sent twice");
        assert_eq!(copy(receipt()).await.added, 0, "it is there already");
        let week = house.app.rota_week(&visit, house.circle, Some(copied.monday)).await.unwrap();
        let shown: Vec<_> = week.days.iter().flat_map(|day| &day.morning).collect();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[1].local_start, date(2026, 3, 12).at(10, 0, 0, 0));
        assert_eq!(shown[1].note.as_deref(), Some("The grey door"));
        assert!(shown[1].disclosure.address && !shown[1].disclosure.entry);
        assert!(house.mails(&tom).await.is_empty());
        let toms = house.visit(&tom, Sure::Trusted).await;
        let refused = house.app.copy_week(&toms, house.circle, date(2026, 3, 4), receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)));
    }

    async fn a_night_in_which_the_clocks_change_is_copied_by_the_clock_on_the_wall(database) {
        let house = House::new(database).await;
        house.clock.advance(378 * 86_400);
        let night = TaskInput {
            kind: "evening",
            date: "2027-03-20",
            start: "22:00",
            end: "06:00",
            ..TaskInput::default()
        };
        house.task(night, false).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let mut monday = date(2027, 3, 15);
        for (day, hours) in [(date(2027, 3, 27), 7), (date(2027, 4, 3), 8)] {
            let copied =
                house.app.copy_week(&visit, house.circle, monday, receipt()).await.unwrap();
            assert_eq!(copied.added, 1);
            monday = copied.monday;
            let week = house.app.rota_week(&visit, house.circle, Some(monday)).await.unwrap();
            let slot = week.days.iter().flat_map(|day| &day.evening).next().unwrap();
            assert_eq!(slot.local_start, day.at(22, 0, 0, 0));
            assert_eq!(slot.local_end, day.tomorrow().unwrap().at(6, 0, 0, 0));
            assert_eq!(slot.ends.seconds_since(slot.starts), hours * 3_600);
        }
    }

    async fn what_has_ended_is_copied_and_what_was_taken_off_is_not(database) {
        let house = House::new(database).await;
        let twice = RepeatInput { times: "2", ..WEEKLY };
        let ended = TaskInput { repeat: twice, note: "The grey door", ..shopping("2026-03-04") };
        let ended = house.task(ended, false).await;
        let fortnight = RepeatInput { every: "2", ..WEEKLY };
        let visit_in = TaskInput { kind: "visit", repeat: fortnight, ..shopping("2026-03-12") };
        house.task(visit_in, false).await;
        let meal = TaskInput { kind: "meal", repeat: WEEKLY, ..shopping("2026-03-13") };
        let meals = house.task(meal, false).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let off = Touching::default();
        let next = meals[1].id;
        house.app.take_off_rota(&carer, house.circle, next, TakeOff::This, off, receipt()).await.unwrap();
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let copied =
            house.app.copy_week(&visit, house.circle, date(2026, 3, 9), receipt()).await.unwrap();
        assert_eq!((copied.monday, copied.added), (date(2026, 3, 16), 2), "not the meal");
        let week = house.app.rota_week(&visit, house.circle, Some(copied.monday)).await.unwrap();
        let shown: Vec<_> = week.days.iter().flat_map(|day| &day.morning).collect();
        let days: Vec<_> = shown.iter().map(|slot| slot.local_start.date()).collect();
        assert_eq!(days, [date(2026, 3, 18), date(2026, 3, 19)]);
        assert_eq!(shown[0].note.as_deref(), Some("The grey door"));
        assert!(shown.iter().all(|slot| slot.task != ended[0].task && slot.taken == 0));
        // In the week after, the fortnightly one comes by itself.
        let copied =
            house.app.copy_week(&visit, house.circle, copied.monday, receipt()).await.unwrap();
        assert_eq!(copied.added, 1);
        let far = date(2026, 3, 2).saturating_add(jiff::Span::new().weeks(12));
        let copied = house.app.copy_week(&visit, house.circle, far, receipt()).await.unwrap();
        assert_eq!(copied.added, 0, "what comes again is not there yet, and will be");
    }

    async fn weeks_roll_on_for_a_year_and_never_stop(database) {
        let house = House::new(database).await;
        let patterns = [
            ("daily", "3", ""),
            ("weekly", "1", ""),
            ("weekly", "5", ""),
            ("monthly", "1", "weekday"),
            ("monthly", "2", "last_day"),
        ];
        let mut tasks = Vec::new();
        for (comes, every, of_month) in patterns {
            let repeat = RepeatInput { comes, every, of_month, ..RepeatInput::default() };
            let slots = house.task(TaskInput { repeat, ..shopping("2026-03-10") }, false).await;
            tasks.push(slots[0].task);
        }
        // A tick a day; now and then the program stands still for weeks.
        let mut day = 0;
        while day < 366 {
            let step = if day % 90 == 60 { 20 } else { 3 };
            house.clock.advance(step * 86_400);
            day += step;
            while house.app.roll_slots().await.unwrap() > 0 {}
        }
        let horizon = zone().date(house.clock.now()).saturating_add(jiff::Span::new().days(84));
        for (task, pattern) in tasks.into_iter().zip(patterns) {
            let slots = house.slots(task).await;
            let made: Vec<Date> = slots.iter().map(|slot| slot.date).collect();
            let first = made[0];
            let stored = house.stored(task).await;
            let expected: Vec<Date> =
                stored.repeat.days_between(stored.first.date(), first, horizon).collect();
            assert_eq!(made, expected, "{pattern:?}");
            assert!(slots.iter().all(|slot| zone().local(slot.starts).hour() == 10));
        }
    }
}
