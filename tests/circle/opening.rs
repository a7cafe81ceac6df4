//! What opens to whom, and when.

use kith_app::{EntryState, Failure, Opening, PrivatePart, TaskChange, What};
use kith_domain::ids::CircleId;
use kith_domain::{Category, CategorySet, Disclosure, Preset, TaskInput, Tier};
use kith_tests::both;
use kith_vault::RandomIds;

use crate::house::{ADDRESS, ENTRY, House, Sure, just_rota, receipt, shopping};

both! {
    async fn the_address_opens_exactly_a_day_before_and_closes_two_hours_after(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let telling = TaskInput {
            disclosure: Disclosure { address: true, help: false, entry: true },
            ..shopping("2026-03-10")
        };
        let slot = house.task(telling, false).await[0].clone();
        let (opens, closes) = (slot.starts.plus_hours(-24), slot.ends.plus_hours(2));
        let visit = house.visit(&tom, Sure::Trusted).await;
        let page = house.app.slot_page(&visit, house.circle, slot.id).await.unwrap();
        assert_eq!(page.address, Opening::AfterTaking(opens));
        house.app.take_slot(&visit, house.circle, slot.id, receipt()).await.unwrap();
        let page = house.app.slot_page(&visit, house.circle, slot.id).await.unwrap();
        assert_eq!((page.address, page.entry), (Opening::From(opens), Opening::From(opens)));

        for (at, open) in [
            (opens.plus_seconds(-1), false),
            (opens, true),
            (closes.plus_seconds(-1), true),
            (closes, false),
        ] {
            house.clock.set(at);
            let visit = house.visit(&tom, Sure::Fresh).await;
            let address = house.app.address_for_slot(&visit, house.circle, slot.id).await;
            let entry = house.app.reveal_entry(&visit, house.circle).await;
            let page = house.app.slot_page(&visit, house.circle, slot.id).await.unwrap();
            if open {
                let address = address.unwrap();
                assert_eq!(address.address.as_deref(), Some(ADDRESS));
                assert_eq!(address.until, Some(closes));
                let entry = entry.unwrap();
                assert_eq!(entry.entry.map(|entry| entry.text).as_deref(), Some(ENTRY));
                assert_eq!(entry.until, Some(closes));
                assert_eq!(page.address, Opening::Now(Some(closes)));
            } else {
                assert!(matches!(address, Err(Failure::NotHere)), "closed at {at}");
                assert!(matches!(entry, Err(Failure::NotHere)), "closed at {at}");
                assert!(!matches!(page.address, Opening::Now(_)), "closed at {at}");
            }
        }
    }

    async fn who_to_call_opens_in_the_window_of_a_task_that_says_so(database) {
        let house = House::new(database).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let number = ("01632 960 044", "");
        house.app.write_door(&carer, house.circle, number, receipt()).await.unwrap();
        let sees = CategorySet::of(&[Category::Identity, Category::Rota, Category::Task]);
        let tom = house.friend("Tom", sees).await;
        let disclosure = Disclosure { help: true, ..Disclosure::NONE };
        let told = TaskInput { disclosure, ..shopping("2026-03-10") };
        let told = house.task(told, false).await[0].clone();
        let plain = house.task(shopping("2026-03-05"), false).await[0].clone();
        let visit = house.visit(&tom, Sure::Trusted).await;
        for slot in [&told, &plain] {
            house.app.take_slot(&visit, house.circle, slot.id, receipt()).await.unwrap();
        }
        let (opens, closes) = (told.starts.plus_hours(-24), told.ends.plus_hours(2));
        let page = house.app.slot_page(&visit, house.circle, told.id).await.unwrap();
        assert_eq!(page.help, Opening::From(opens));
        for (slot, at, open) in [
            (&plain, plain.starts, false),
            (&told, opens.plus_seconds(-1), false),
            (&told, opens, true),
            (&told, closes.plus_seconds(-1), true),
            (&told, closes, false),
        ] {
            house.clock.set(at);
            let visit = house.visit(&tom, Sure::Trusted).await;
            let more = house.app.slot_more(&visit, house.circle, slot.id).await.unwrap();
            assert_eq!(more.door.phone.is_some(), open, "{at}");
            let who = house.app.who_to_call(&visit, house.circle).await;
            assert_eq!(who.is_ok(), open, "{at}");
        }
    }

    async fn the_way_in_asks_for_the_own_number_first(database) {
        let house = House::new(database).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let refused = house.app.reveal_entry(&visit, house.circle).await;
        let fresh = Failure::StepUp { circle: Some(house.circle), tier: Tier::Fresh };
        assert_eq!(format!("{:?}", refused.err()), format!("{:?}", Some(fresh)));
    }

    async fn somebody_elses_window_is_not_ones_own(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let disclosure = Disclosure { address: true, help: false, entry: false };
        let told = house.task(TaskInput { disclosure, ..shopping("2026-03-03") }, false).await[0].id;
        let plain = house.task(shopping("2026-03-03"), false).await[0].id;
        let toms = house.visit(&tom, Sure::Trusted).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, told, receipt()).await.unwrap();
        house.app.take_slot(&joans, house.circle, plain, receipt()).await.unwrap();
        house.clock.advance(4 * 3_600);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        let address = async |visit, slot| {
            house.app.address_for_slot(visit, house.circle, slot).await
        };
        assert!(address(&toms, told).await.is_ok());
        assert!(matches!(address(&toms, plain).await, Err(Failure::NotHere)), "not its task");
        assert!(matches!(address(&joans, told).await, Err(Failure::NotHere)));
        assert!(matches!(address(&joans, plain).await, Err(Failure::NotHere)));
    }

    async fn a_refusal_is_what_a_missing_circle_says(database) {
        let house = House::new(database).await;
        let friend = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let inner = house.friend("Joan", Preset::PrivatePage.categories()).await;
        let missing = CircleId::new(&RandomIds);
        let fresh = house.visit(&friend, Sure::Fresh).await;
        let said = |result: Result<(), Failure>| format!("{:?}", result.err());
        let refused = said(house.app.private_page(&fresh, house.circle).await.map(drop));
        let nowhere = said(house.app.private_page(&fresh, missing).await.map(drop));
        assert_eq!(refused, nowhere);
        assert_eq!(refused, "Some(NotHere)");

        // Before the own number, those who may and those who may not are told the same.
        let trusted = house.visit(&friend, Sure::Trusted).await;
        let inners = house.visit(&inner, Sure::Trusted).await;
        let may_not = said(house.app.private_page(&trusted, house.circle).await.map(drop));
        let may = said(house.app.private_page(&inners, house.circle).await.map(drop));
        assert_eq!(may_not, may);
        assert!(may.contains("StepUp"));
    }

    async fn the_private_page_shows_what_was_written_and_who_can_see_it(database) {
        let house = House::new(database).await;
        house.friend("Joan", Preset::PrivatePage.categories()).await;
        let tom = house.friend("Tom", just_rota()).await;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let save = async |part, text: &str| {
            house.app.save_private(&visit, house.circle, &[(part, text)], receipt()).await
        };
        save(PrivatePart::Matters, "Radio on in the morning").await.unwrap();
        save(PrivatePart::Help, "Dr Patel, 01632 960 200").await.unwrap();
        save(PrivatePart::Entry, "").await.unwrap();
        // One part that is too long, and nothing is saved of the others.
        let long = "x".repeat(4_001);
        let both = [(PrivatePart::Comfort, "No tea"), (PrivatePart::Matters, long.as_str())];
        let saved = house.app.save_private(&visit, house.circle, &both, receipt()).await;
        let Err(Failure::Invalid(problems)) = saved else { panic!("{saved:?}") };
        assert_eq!(problems.iter().map(|wrong| wrong.field).collect::<Vec<_>>(), ["matters"]);
        let page = house.app.private_page(&visit, house.circle).await.unwrap();
        let matters = page.matters.unwrap();
        assert_eq!(matters.text, "Radio on in the morning");
        assert_eq!(matters.by.as_deref(), Some("Ruth"));
        assert_eq!(page.comfort.unwrap().text, "Tea with honey");
        assert_eq!(page.entry, EntryState::Nothing, "an empty text takes it away");
        let mut sees: Vec<_> =
            page.who_sees.unwrap().into_iter().map(|who| (who.name.unwrap(), who.entry)).collect();
        sees.sort();
        let expected = [("Joan", false), ("Margaret", true), ("Ruth", true)];
        assert_eq!(sees, expected.map(|(name, entry)| (name.to_owned(), entry)));
        assert_eq!(page.may_change.len(), 5);

        let toms = house.visit(&tom, Sure::Trusted).await;
        let help = house.app.who_to_call(&toms, house.circle).await.unwrap();
        assert_eq!(help.help.unwrap().text, "Dr Patel, 01632 960 200");
        let changed = [(PrivatePart::Help, "x")];
        let saved = house.app.save_private(&toms, house.circle, &changed, receipt()).await;
        assert!(matches!(saved, Err(Failure::NotHere)));
    }

    async fn signed_in_a_slot_is_its_nature_name_kind_and_time(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let noted = TaskInput { note: "Ring twice", ..shopping("2026-03-10") };
        let slot = house.task(noted, true).await[0].id;
        let signed_in = house.visit(&tom, Sure::SignedIn).await;
        house.app.take_slot(&signed_in, house.circle, slot, receipt()).await.unwrap();
        let next = house.app.my_rota(&signed_in).await.unwrap().next.unwrap();
        assert_eq!((next.patient, next.note), (None, None));
        assert_eq!(next.slot.nature_name, "Heron");
        let page = house.app.slot_page(&signed_in, house.circle, slot).await.unwrap();
        assert_eq!((page.about.patient, page.slot.note), (None, None));
        assert!(page.slot.who.iter().all(|taker| taker.name.is_none()));
        let places = house.app.my_places(&signed_in).await.unwrap();
        assert_eq!(places.circles.len(), 1);
        assert!(places.circles[0].patient.is_none() && !places.circles[0].trusted);
        let week = house.app.rota_week(&signed_in, house.circle, None).await;
        assert!(matches!(week, Err(Failure::StepUp { tier: Tier::Trusted, .. })));

        let trusted = house.visit(&tom, Sure::Trusted).await;
        let next = house.app.my_rota(&trusted).await.unwrap().next.unwrap();
        assert_eq!(next.patient.as_deref(), Some("Margaret"));
        assert_eq!(next.note.as_deref(), Some("Ring twice"));
        let places = house.app.my_places(&trusted).await.unwrap();
        assert_eq!(places.circles[0].patient.as_deref(), Some("Margaret"));
    }

    async fn a_member_without_the_rota_sees_only_what_was_asked(database) {
        let house = House::new(database).await;
        let slots = house.task(shopping("2026-03-10"), false).await;
        let tom = house.friend("Tom", just_rota().without(Category::Rota)).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let page = house.app.slot_page(&visit, house.circle, slots[0].id).await;
        assert!(matches!(page, Err(Failure::NotHere)));
        let taken = house.app.take_slot(&visit, house.circle, slots[0].id, receipt()).await;
        assert!(matches!(taken, Err(Failure::NotHere)));
        let home = house.app.home(&visit, house.circle).await.unwrap();
        assert!(home.slots.is_empty() && home.around.is_none());
    }

    async fn what_was_taken_back_is_not_won_back_through_a_task(database) {
        let house = House::new(database).await;
        let telling = TaskInput {
            disclosure: Disclosure { address: true, help: false, entry: true },
            ..shopping("2026-03-03")
        };
        let slot = house.task(telling, false).await[0].clone();
        house.grant(&house.carer, Preset::HowSheIs.with_entry(false)).await;
        let ruth = house.visit(&house.carer, Sure::Fresh).await;
        // She may not move it to a time that suits her, nor ask more people, as it is.
        let change = TaskChange {
            date: "2026-03-02",
            start: "12:00",
            end: "13:00",
            places: "1",
            disclosure: Disclosure { address: true, help: false, entry: true },
            if_nobody: "tell_me",
            ..TaskChange::default()
        };
        let more = TaskChange {
            date: "2026-03-03",
            start: "10:00",
            end: "11:00",
            places: "2",
            ..change
        };
        for (change, field) in [(change, "start"), (more, "places")] {
            let changed = house.app.change_task(&ruth, house.circle, slot.id, &change, receipt());
            let Err(Failure::Invalid(problems)) = changed.await else { panic!("it was changed") };
            assert_eq!((problems[0].field, &problems[0].what), (field, &What::TellsTooMuch));
        }
        // What it tells less may be changed as ever.
        let less = TaskChange { disclosure: Disclosure { address: true, help: false, entry: false }, ..more };
        house.app.change_task(&ruth, house.circle, slot.id, &less, receipt()).await.unwrap();
        // And taking one that tells it opens nothing of it.
        let margaret = house.visit(&house.patient, Sure::Fresh).await;
        let telling = TaskInput {
            disclosure: Disclosure { address: true, help: false, entry: true },
            ..shopping("2026-03-03")
        };
        let added = house.app.add_task(&margaret, house.circle, &telling, false, receipt()).await;
        let slot = house.slots(added.unwrap().task).await[0].id;
        house.app.take_slot(&ruth, house.circle, slot, receipt()).await.unwrap();
        house.clock.advance(2 * 3600);
        let ruth = house.visit(&house.carer, Sure::Fresh).await;
        let page = house.app.slot_page(&ruth, house.circle, slot).await.unwrap();
        assert_eq!((page.address, page.entry), (Opening::Now(None), Opening::No));
        let entry = house.app.reveal_entry(&ruth, house.circle).await;
        assert!(matches!(entry, Err(Failure::NotHere)));
    }
}
