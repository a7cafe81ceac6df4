//! "This one only": what one date says and asks for by itself; days that come after all; and a rule
//! from another calendar.

use jiff::civil::date;
use kith_app::{Changing, Failure, TakeOff, TaskChange, Touching, What};
use kith_domain::ids::SlotId;
use kith_domain::{Category, Disclosure, IfNobody, Preset, RepeatInput, SlotState, TaskInput};
use kith_store::Slot;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

/// Shopping every Wednesday, with a note.
async fn series(house: &House<'_>) -> Vec<Slot> {
    let input = TaskInput { note: "Ring twice", ..shopping("2026-03-04") };
    house.task(weekly(input), false).await
}

/// The form as it shows a slot.
async fn form(house: &House<'_>, slot: SlotId) -> Changing {
    let visit = house.visit(&house.carer, Sure::Trusted).await;
    house.app.task_form(&visit, house.circle, Some(slot)).await.unwrap().changing.unwrap()
}

/// Changes a slot as its form shows it, but for what `change` says anew.
async fn change(
    house: &House<'_>,
    slot: SlotId,
    anew: impl for<'a> FnOnce(TaskChange<'a>) -> TaskChange<'a>,
) {
    let shown = form(house, slot).await;
    let visit = house.visit(&house.carer, Sure::Fresh).await;
    let (day, places) = (shown.local_start.date().to_string(), shown.places.get().to_string());
    let note = shown.note.clone().unwrap_or_default();
    let as_shown = TaskChange {
        scope: "this",
        date: &day,
        start: "10:00",
        end: "11:00",
        places: &places,
        note: &note,
        if_nobody: shown.if_nobody.as_str(),
        disclosure: shown.disclosure,
        ..TaskChange::default()
    };
    house.change(&visit, slot, &anew(as_shown)).await;
}

async fn note_of(house: &House<'_>, slot: SlotId) -> Option<String> {
    let tom = house.visit(&house.carer, Sure::Trusted).await;
    let page = house.app.slot_page(&tom, house.circle, slot).await.unwrap();
    page.slot.note
}

both! {
    async fn one_date_has_a_note_of_its_own(database) {
        let house = House::new(database).await;
        let slots = series(&house).await;
        let (first, second) = (slots[0].id, slots[1].id);
        change(&house, second, |change| TaskChange { note: "Bring the cake", ..change }).await;
        assert_eq!(note_of(&house, second).await.as_deref(), Some("Bring the cake"));
        assert_eq!(note_of(&house, first).await.as_deref(), Some("Ring twice"));
        assert_eq!((form(&house, second).await.own, form(&house, first).await.own), (true, false));
        // The week, and whoever takes it, read the same.
        let tom = house.friend("Tom", just_rota()).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        let week = house.app.rota_week(&toms, house.circle, Some(date(2026, 3, 9))).await.unwrap();
        let notes: Vec<_> = week.days.iter().flat_map(|day| &day.morning).map(|s| &s.note).collect();
        assert_eq!(notes, [&Some("Bring the cake".to_owned())]);
        house.app.take_slot(&toms, house.circle, second, receipt()).await.unwrap();
        let next = house.app.my_rota(&toms).await.unwrap().next.unwrap();
        assert_eq!(next.note.as_deref(), Some("Bring the cake"));
        // What the others say changes for them alone.
        change(&house, first, |change| {
            TaskChange { scope: "all", note: "Ring once", ..change }
        }).await;
        assert_eq!(note_of(&house, second).await.as_deref(), Some("Bring the cake"));
        assert_eq!(note_of(&house, slots[2].id).await.as_deref(), Some("Ring once"));
        // Nothing is meant for the others by a form that shows what is this date's own.
        change(&house, second, |change| TaskChange { scope: "all", ..change }).await;
        assert_eq!(note_of(&house, slots[2].id).await.as_deref(), Some("Ring once"));
        // On one date the note does not hold.
        change(&house, slots[2].id, |change| TaskChange { note: "", ..change }).await;
        assert_eq!(note_of(&house, slots[2].id).await, None);
        assert_eq!(note_of(&house, first).await.as_deref(), Some("Ring once"));
        let week = house.app.rota_week(&toms, house.circle, Some(date(2026, 3, 16))).await.unwrap();
        assert!(week.days.iter().flat_map(|day| &day.morning).all(|slot| slot.note.is_none()));
        // The same as the others again.
        change(&house, second, |change| TaskChange { note: "Ring once", ..change }).await;
        assert!(!form(&house, second).await.own);
        // Meant for all of them it is everybody's, this date's too.
        change(&house, slots[2].id, |change| {
            TaskChange { scope: "all", note: "Key is out", ..change }
        }).await;
        for slot in &slots[..4] {
            assert_eq!(note_of(&house, slot.id).await.as_deref(), Some("Key is out"));
        }
    }

    async fn whoever_may_not_read_tasks_reads_no_date_of_them(database) {
        let house = House::new(database).await;
        let slots = series(&house).await;
        change(&house, slots[0].id, |change| TaskChange { note: "Bring cake", ..change }).await;
        let see = Preset::JustRota.categories().without(Category::Task);
        let tom = house.friend("Tom", see).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        let page = house.app.slot_page(&toms, house.circle, slots[0].id).await.unwrap();
        assert_eq!(page.slot.note, None);
        let week = house.app.rota_week(&toms, house.circle, Some(date(2026, 3, 2))).await.unwrap();
        assert!(week.days.iter().flat_map(|day| &day.morning).all(|slot| slot.note.is_none()));
    }

    async fn one_date_has_places_and_an_if_nobody_of_its_own(database) {
        let house = House::new(database).await;
        let slots = series(&house).await;
        let (tom, joan) = (house.friend("Tom", just_rota()).await, house.friend("Joan", just_rota()).await);
        let second = slots[1].id;
        change(&house, second, |change| {
            TaskChange { places: "2", if_nobody: "must", ..change }
        }).await;
        let of = async |slot| {
            let slot = house.slot(slot).await;
            (slot.places, slot.if_nobody)
        };
        assert_eq!(of(second).await, (2, IfNobody::Must));
        assert_eq!(of(slots[0].id).await, (1, IfNobody::TellMe));
        for who in [&tom, &joan] {
            let visit = house.visit(who, Sure::Trusted).await;
            house.app.take_slot(&visit, house.circle, second, receipt()).await.unwrap();
        }
        // It asks for "I'll be there", and gives no place up when somebody gives theirs back.
        let toms = house.visit(&tom, Sure::Trusted).await;
        let page = house.app.slot_page(&toms, house.circle, second).await.unwrap();
        assert!(page.may_confirm);
        let how = kith_app::CannotHow::GiveBack;
        house.app.cannot_make_it(&toms, house.circle, second, how, receipt()).await.unwrap();
        assert_eq!((house.slot(second).await.places, house.slot(second).await.taken), (2, 1));
        // The others become three, and this one keeps its own.
        change(&house, slots[0].id, |change| TaskChange { scope: "all", places: "3", ..change }).await;
        assert_eq!(of(slots[2].id).await, (3, IfNobody::TellMe));
        assert_eq!(of(second).await, (2, IfNobody::Must));
        // Nobody who promised is taken off.
        change(&house, second, |change| TaskChange { places: "1", ..change }).await;
        assert_eq!(house.slot(second).await.taken, 1);
        change(&house, second, |change| {
            TaskChange { scope: "all", places: "4", if_nobody: "fine", ..change }
        }).await;
        assert_eq!(of(second).await, (4, IfNobody::Fine));
        assert_eq!(of(slots[3].id).await, (4, IfNobody::Fine));
        assert!(!form(&house, second).await.own);
    }

    async fn more_places_on_one_date_are_told_to_whoever_waits_for_it(database) {
        let house = House::new(database).await;
        let slots = series(&house).await;
        let (tom, joan) = (house.friend("Tom", just_rota()).await, house.friend("Joan", just_rota()).await);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        for slot in [slots[1].id, slots[2].id] {
            house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
            house.app.wait_for_slot(&joans, house.circle, slot, true, receipt()).await.unwrap();
        }
        // A note of its own, and what follows when nobody can, are no more places.
        change(&house, slots[1].id, |change| {
            TaskChange { note: "Bring the cake", if_nobody: "fine", ..change }
        }).await;
        assert!(house.mails(&joan).await.is_empty());
        change(&house, slots[1].id, |change| TaskChange { places: "2", ..change }).await;
        assert_eq!(house.mails(&joan).await, ["somebody_needed planned"], "for this one alone");
        change(&house, slots[1].id, |change| TaskChange { places: "1", ..change }).await;
        assert_eq!(house.mails(&joan).await.len(), 1);
    }

    async fn what_a_task_tells_is_told_to_no_more_people_by_whoever_may_not_tell_it(database) {
        let house = House::new(database).await;
        let tells = Disclosure { entry: true, ..Disclosure::NONE };
        let input = TaskInput { note: "Ring twice", disclosure: tells, ..shopping("2026-03-04") };
        let slots = house.task(weekly(input), false).await;
        let sam = house.carer_without(Category::Entry).await;
        let visit = house.visit(&sam, Sure::Fresh).await;
        let send = async |places, note| {
            let change = TaskChange {
                scope: "this",
                date: "2026-03-11",
                start: "10:00",
                end: "11:00",
                places,
                note,
                if_nobody: "tell_me",
                disclosure: tells,
                ..TaskChange::default()
            };
            house.app.change_task(&visit, house.circle, slots[1].id, &change, receipt()).await
        };
        let Err(Failure::Invalid(problems)) = send("2", "Bring the cake").await else {
            panic!("one more would be told how to come in")
        };
        assert_eq!((problems[0].field, &problems[0].what), ("places", &What::TellsTooMuch));
        assert_eq!(note_of(&house, slots[1].id).await.as_deref(), Some("Ring twice"));
        send("1", "Bring the cake").await.unwrap();
        assert_eq!(note_of(&house, slots[1].id).await.as_deref(), Some("Bring the cake"));
        // As many as it has by itself are no more; as many as the others have may be.
        change(&house, slots[1].id, |change| TaskChange { places: "2", ..change }).await;
        send("2", "Bring the cake").await.unwrap();
        send("1", "Bring the cake").await.unwrap();
        assert!(matches!(send("2", "Bring the cake").await, Err(Failure::Invalid(_))));
        assert_eq!(house.slot(slots[1].id).await.places, 1);
    }

    async fn a_day_that_was_left_out_comes_after_all(database) {
        let house = House::new(database).await;
        let slots = series(&house).await;
        let tom = house.friend("Tom", just_rota()).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slots[2].id, receipt()).await.unwrap();
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let off = async |slot| {
            let send = async |touching| {
                let which = TakeOff::This;
                house.app.take_off_rota(&carer, house.circle, slot, which, touching, receipt()).await
            };
            if let kith_app::ChangeOutcome::Asks(asks) = send(Touching::default()).await.unwrap() {
                send(Touching { promises: "change", seen: &asks.seen }).await.unwrap();
            }
        };
        let day = slots[2].date.to_string();
        for _ in 0..2 {
            let there = house.slots(slots[0].task).await;
            let that = there.iter().find(|slot| slot.date == slots[2].date).unwrap().id;
            off(that).await;
            assert_eq!(house.slot(that).await.state, SlotState::Cancelled);
            let shown = form(&house, slots[0].id).await;
            assert_eq!(shown.left_out, [(slots[2].date, slots[2].date)]);
            let form_sent = receipt();
            for _ in 0..2 {
                let days = (day.as_str(), day.as_str());
                let back = house.app.put_back(&carer, house.circle, slots[0].id, days, form_sent);
                let back = back.await.unwrap();
                assert_eq!((back.first, back.each_time), (slots[2].date, false));
            }
            assert!(form(&house, slots[0].id).await.left_out.is_empty());
            let there = house.slots(slots[0].task).await;
            let anew: Vec<_> = there.iter().filter(|slot| slot.date == slots[2].date).collect();
            assert_eq!(anew.len(), 1);
            assert_eq!((anew[0].taken, anew[0].starts), (0, slots[2].starts));
            assert_ne!(anew[0].id, that, "what was taken off stays off");
        }
        while house.app.roll_slots().await.unwrap() > 0 {}
        assert_eq!(house.slots(slots[0].task).await.len(), slots.len());
        let wrong = house.app.put_back(&carer, house.circle, slots[0].id, ("", ""), receipt()).await;
        assert!(matches!(wrong, Err(Failure::NotHere)));
        let refused =
            house.app.put_back(&toms, house.circle, slots[0].id, (&day, &day), receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)));
    }

    async fn a_date_that_is_put_back_has_its_own_note_and_terms_again(database) {
        let house = House::new(database).await;
        let slots = series(&house).await;
        let that = slots[2].id;
        change(&house, that, |change| TaskChange {
            note: "Bring the cake",
            places: "2",
            if_nobody: "must",
            ..change
        }).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let day = slots[2].date.to_string();
        let mut that = that;
        for alone in [false, true, true] {
            let (which, none) = (TakeOff::This, Touching::default());
            let off = house.app.take_off_rota(&carer, house.circle, that, which, none, receipt());
            off.await.unwrap();
            if alone {
                house.app.put_back_one(&carer, house.circle, that, receipt()).await.unwrap();
            } else {
                let days = (day.as_str(), day.as_str());
                let back = house.app.put_back(&carer, house.circle, slots[0].id, days, receipt());
                back.await.unwrap();
            }
            let there = house.slots(slots[0].task).await;
            let anew = there.iter().find(|slot| slot.date == slots[2].date).unwrap();
            assert_ne!(anew.id, that);
            assert_eq!((anew.places, anew.if_nobody), (2, IfNobody::Must));
            assert_eq!(note_of(&house, anew.id).await.as_deref(), Some("Bring the cake"));
            that = anew.id;
        }
        assert_eq!(note_of(&house, slots[1].id).await.as_deref(), Some("Ring twice"));
        assert_eq!(house.slot(slots[1].id).await.places, 1);
    }

    async fn a_rule_of_another_calendar_makes_the_same_days(database) {
        let house = House::new(database).await;
        let of = async |rule: &str| {
            let repeat = RepeatInput { comes: "once", rule, ..RepeatInput::default() };
            let input = TaskInput { repeat, ..shopping("2026-03-03") };
            let visit = house.visit(&house.carer, Sure::Fresh).await;
            let added = house.app.add_task(&visit, house.circle, &input, false, receipt()).await?;
            let slots = house.slots(added.task).await;
            Ok::<_, Failure>(slots.iter().map(|slot| slot.date).collect::<Vec<_>>())
        };
        // The week of the start counts: what is in it comes first, and then every second week.
        let days = of("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=3").await.unwrap();
        assert_eq!(days, [date(2026, 3, 16), date(2026, 3, 30), date(2026, 4, 13)]);
        // An end with a time is read by the clock of the circle.
        let days = of("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260317T100000Z").await.unwrap();
        assert_eq!(days, [date(2026, 3, 3), date(2026, 3, 10), date(2026, 3, 17)]);
        for wrong in ["FREQ=DAILY;BYHOUR=9", "every Tuesday", "FREQ=WEEKLY;UNTIL=20260101"] {
            let Err(Failure::Invalid(problems)) = of(wrong).await else { panic!("{wrong}") };
            assert_eq!(problems.iter().map(|p| p.field).collect::<Vec<_>>(), ["rule"], "{wrong}");
        }
        // And for what is on the rota already, but never for one date alone.
        let slots = series(&house).await;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let repeat = RepeatInput {
            comes: "weekly",
            rule: "FREQ=WEEKLY;BYDAY=WE;COUNT=2",
            ..RepeatInput::default()
        };
        let change = TaskChange {
            scope: "this",
            date: "2026-03-04",
            start: "10:00",
            end: "11:00",
            note: "Ring twice",
            places: "1",
            if_nobody: "tell_me",
            repeat,
            ..TaskChange::default()
        };
        let send = async |change: &TaskChange<'_>| {
            house.app.change_task(&visit, house.circle, slots[0].id, change, receipt()).await
        };
        assert!(matches!(send(&change).await, Err(Failure::Invalid(_))));
        send(&TaskChange { scope: "all", ..change }).await.unwrap();
        let stored = house.stored(slots[0].task).await;
        assert_eq!(stored.repeat.to_string(), "every Wednesday, twice");
    }
}
