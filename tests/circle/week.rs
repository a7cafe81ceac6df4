//! Tasks on the rota, and the changes of them.

use jiff::civil::{date, time};
use jiff::{ToSpan as _, civil::Date};
use kith_app::{ChangeOutcome, Failure, TakeOff, TaskChange, Touching, Visit};
use kith_domain::ids::SlotId;
use kith_domain::{CategorySet, Disclosure, Preset, SlotState, TaskInput};
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

/// The change that leaves a task of [`shopping`] as it is.
fn same(date: &str) -> TaskChange<'_> {
    TaskChange { date, start: "10:00", end: "11:00", ..TaskChange::default() }
}

/// Takes slots off after it was seen whose promises that touches.
async fn take_off(house: &House<'_>, visit: &Visit, slot: SlotId, which: TakeOff) {
    let off = async |touching| {
        let off = house.app.take_off_rota(visit, house.circle, slot, which, touching, receipt());
        off.await.unwrap()
    };
    if let ChangeOutcome::Asks(asks) = off(Touching::default()).await {
        let done = off(Touching { promises: "change", seen: &asks.seen }).await;
        assert!(matches!(done, ChangeOutcome::Done));
    }
}

both! {
    async fn a_weekly_task_keeps_its_wall_clock_time_for_twelve_weeks(database) {
        let house = House::new(database).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        assert_eq!(slots.len(), 13, "the first day and twelve weeks after it");
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let mut day = date(2026, 3, 4);
        for slot in &slots {
            let week = house.app.rota_week(&visit, house.circle, Some(day)).await.unwrap();
            let shown: Vec<_> = week.days.iter().flat_map(|day| &day.morning).collect();
            assert_eq!(shown.len(), 1, "one a week, before noon");
            assert_eq!(shown[0].id, slot.id);
            assert_eq!(shown[0].local_start, day.at(10, 0, 0, 0));
            assert_eq!(shown[0].local_end.time(), time(11, 0, 0, 0));
            assert!(shown[0].needs_somebody && shown[0].may_take);
            day = day.saturating_add(7.days());
        }
        let utc = |index: usize| slots[index].starts.to_string();
        assert_eq!(utc(3), "2026-03-25T10:00:00Z", "before the clocks go forward");
        assert_eq!(utc(4), "2026-04-01T09:00:00Z", "after");
    }

    async fn the_week_page_ends_thirteen_weeks_away(database) {
        let house = House::new(database).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let week = async |monday: Date| house.app.rota_week(&visit, house.circle, Some(monday)).await;
        let last = week(date(2026, 6, 1)).await.unwrap();
        assert_eq!((last.monday, last.after), (date(2026, 6, 1), None));
        assert_eq!(last.before, Some(date(2026, 5, 25)));
        assert!(matches!(week(date(2026, 6, 8)).await, Err(Failure::NotHere)));
        assert!(matches!(week(date(2025, 11, 24)).await, Err(Failure::NotHere)));
    }

    async fn asking_asks_for_the_first_slot_and_not_for_all(database) {
        let house = House::new(database).await;
        let friend = house.friend("Tom", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), true).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let page = async |n: usize| {
            house.app.slot_page(&visit, house.circle, slots[n].id).await.unwrap().slot
        };
        assert_eq!((page(0).await.asked, page(0).await.waiting), (1, 1));
        assert_eq!(page(1).await.asked, 0);
        assert_eq!(house.mails(&friend).await, ["somebody_needed planned"]);
        assert!(house.mails(&house.carer).await.is_empty(), "whoever asks is not asked");
    }

    async fn a_form_that_is_sent_twice_is_one_task(database) {
        let house = House::new(database).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let form = receipt();
        let input = shopping("2026-03-04");
        let first = house.app.add_task(&visit, house.circle, &input, false, form).await.unwrap();
        let again = house.app.add_task(&visit, house.circle, &input, false, form).await.unwrap();
        assert_eq!(first, again);
        let week = house.app.rota_week(&visit, house.circle, Some(first.date)).await.unwrap();
        let shown: usize = week.days.iter().map(|day| day.morning.len()).sum();
        assert_eq!(shown, 1);
    }

    async fn what_is_wrong_is_said_at_once_and_nothing_is_written(database) {
        let house = House::new(database).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let input = TaskInput { kind: "", date: "2026-03-01", start: "ten", ..TaskInput::default() };
        let wrong = house.app.add_task(&visit, house.circle, &input, true, receipt()).await;
        let Err(Failure::Invalid(problems)) = wrong else { panic!("it is refused") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["kind", "date", "start"]);
        let week = house.app.rota_week(&visit, house.circle, None).await.unwrap();
        assert!(week.days.iter().all(|day| day.morning.is_empty()));
    }

    async fn a_promised_slot_moves_only_when_its_person_says_yes(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        let before = house.slot(slot).await;

        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let moved = TaskChange { start: "15:00", end: "16:00", ..same("2026-03-10") };
        let refused = house.app.change_task(&visit, house.circle, slot, &moved, receipt()).await;
        let Ok(ChangeOutcome::Asks(asks)) = refused else { panic!("it is asked first") };
        assert_eq!(asks.promises[0].names, [Some("Tom".to_owned())]);
        assert_eq!(house.slot(slot).await, before, "nothing has moved");
        assert!(house.mails(&tom).await.is_empty());

        let touching = Touching { promises: "change", seen: &asks.seen };
        let told = TaskChange { touching, ..moved };
        house.app.change_task(&visit, house.circle, slot, &told, receipt()).await.unwrap();
        let after = house.slot(slot).await;
        assert_eq!(after, before, "it stays until Tom says yes");
        assert_eq!(house.mails(&tom).await, ["move_asked planned"]);
        house.answer_move(&tom, slot, true).await;
        let after = house.slot(slot).await;
        assert_eq!(after.starts.to_string(), "2026-03-10T15:00:00Z");
        assert_eq!((after.taken, after.revision), (1, 1), "the promise stays");
        assert_eq!(house.mails(&tom).await, ["changed planned", "move_asked planned"]);
        let page = house.app.slot_page(&toms, house.circle, slot).await.unwrap();
        assert!(page.slot.own.is_some_and(kith_domain::ClaimState::is_live));
    }

    async fn other_changes_leave_the_promise_and_say_nothing(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let change = TaskChange { note: "Milk and tea", places: "2", ..same("2026-03-10") };
        house.app.change_task(&visit, house.circle, slot, &change, receipt()).await.unwrap();
        let page = house.app.slot_page(&toms, house.circle, slot).await.unwrap();
        assert_eq!(page.slot.note.as_deref(), Some("Milk and tea"));
        assert_eq!(page.note_by.as_deref(), Some("Ruth"));
        assert_eq!((page.slot.taken, page.slot.places), (1, 2));
        assert!(house.mails(&tom).await.is_empty());
        let page = house.app.task_form(&visit, house.circle, Some(slot)).await.unwrap();
        let changing = page.changing.unwrap();
        assert_eq!(changing.promised, [Some("Tom".to_owned())]);
        assert_eq!(changing.note.as_deref(), Some("Milk and tea"));
    }

    async fn cancelling_what_follows_tells_those_who_promised(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        for slot in &slots[1..3] {
            house.app.take_slot(&toms, house.circle, slot.id, receipt()).await.unwrap();
        }
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let off = async |slot: usize, which| {
            let slot = slots[slot].id;
            take_off(&house, &visit, slot, which).await;
        };
        off(2, TakeOff::Following).await;
        let rest = house.slots(slots[0].task).await;
        assert_eq!(rest.len(), 2, "what comes before stays");
        assert_eq!(house.slot(slots[2].id).await.state, SlotState::Cancelled);
        assert_eq!(house.slot(slots[2].id).await.taken, 0);
        assert_eq!(house.slot(slots[1].id).await.taken, 1);
        assert_eq!(house.mails(&tom).await, ["cancelled planned"]);
        off(1, TakeOff::This).await;
        assert_eq!(house.mails(&tom).await, ["cancelled planned", "cancelled planned"]);
        assert_eq!(house.slots(slots[0].task).await.len(), 1);
    }

    async fn a_task_tells_only_what_its_author_may_write_down(database) {
        let house = House::new(database).await;
        let sees = Preset::HowSheIs.categories();
        house.grant(&house.carer, sees).await;
        let telling = |address, entry| TaskInput {
            disclosure: Disclosure { address, help: false, entry },
            ..shopping("2026-03-10")
        };
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let add = async |input: TaskInput<'_>| {
            house.app.add_task(&visit, house.circle, &input, false, receipt()).await
        };
        assert!(matches!(add(telling(true, true)).await, Err(Failure::NotHere)));
        assert!(add(telling(true, false)).await.is_ok());
        let form = house.app.task_form(&visit, house.circle, None).await.unwrap();
        assert!(form.may_tell_address && !form.may_tell_entry);
        house.grant(&house.carer, CategorySet::EMPTY).await;
        let without = house.visit(&house.carer, Sure::Fresh).await;
        let refused = house.app.task_form(&without, house.circle, None).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "a carer without the rota's grant");
    }

    async fn nothing_is_asked_by_a_friend(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let visit = house.visit(&tom, Sure::Fresh).await;
        let input = shopping("2026-03-10");
        let added = house.app.add_task(&visit, house.circle, &input, false, receipt()).await;
        assert!(matches!(added, Err(Failure::NotHere)));
        let off = house.app.take_off_rota(&visit, house.circle, slot, TakeOff::All, Touching::default(), receipt()).await;
        assert!(matches!(off, Err(Failure::NotHere)));
        let asked = house.app.ask_circle(&visit, house.circle, slot, receipt()).await;
        assert!(matches!(asked, Err(Failure::NotHere)));
    }
}
