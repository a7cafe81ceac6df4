//! Taking a slot, and answering for it.

use kith_app::{
    CannotHow, CannotOutcome, CircleChange, DetailsForm, Failure, ItWas, TakeOutcome, WordsKind,
};
use kith_domain::{CircleState, ClaimState, Preset, RepeatInput, TaskInput};
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

both! {
    async fn one_of_two_wins_the_last_place(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        for slot in slots.iter().take(5) {
            let toms = house.visit(&tom, Sure::Trusted).await;
            let joans = house.visit(&joan, Sure::Trusted).await;
            let take = |visit| house.app.take_slot(visit, house.circle, slot.id, receipt());
            let (one, other) = tokio::join!(take(&toms), take(&joans));
            let mut outcomes = [one.unwrap(), other.unwrap()];
            outcomes.sort_by_key(|outcome| *outcome == TakeOutcome::Full);
            assert_eq!(outcomes, [TakeOutcome::Yours, TakeOutcome::Full]);
            assert_eq!(house.slot(slot.id).await.taken, 1);
        }
    }

    async fn a_yes_that_is_sent_twice_is_one_yes(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let input = TaskInput { places: "3", ..shopping("2026-03-10") };
        let slot = house.task(input, false).await[0].id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let form = receipt();
        for form in [form, form, receipt()] {
            let taken = house.app.take_slot(&visit, house.circle, slot, form).await.unwrap();
            assert_eq!(taken, TakeOutcome::Yours);
        }
        assert_eq!(house.slot(slot).await.taken, 1);
        let page = house.app.taken_page(&visit, house.circle, slot).await.unwrap();
        let due: Vec<_> = page.reminders.iter().map(ToString::to_string).collect();
        assert_eq!(due, ["2026-03-09T18:00:00Z", "2026-03-10T08:00:00Z"]);
        assert!(page.may_undo && page.address_opens.is_none());
        house.app.undo_take(&visit, house.circle, slot, receipt()).await.unwrap();
        assert_eq!(house.slot(slot).await.taken, 0);
    }

    async fn whoever_cannot_make_it_soon_stays_responsible(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-03"), false).await[0].id;
        house.clock.advance(2 * 3_600);
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        let give_back = CannotHow::GiveBack;
        let said =
            house.app.cannot_make_it(&toms, house.circle, slot, give_back, receipt()).await.unwrap();
        assert_eq!(said, CannotOutcome::CoverAsked, "it starts in less than a day");
        let page = house.app.slot_page(&toms, house.circle, slot).await.unwrap();
        assert_eq!(page.slot.own, Some(ClaimState::CoverWanted));
        let to_carer = house.mails(&house.carer).await;
        assert_eq!(to_carer, ["cover_wanted planned"], "one mail tells her, and asks");
        assert_eq!(house.mails(&joan).await, ["somebody_needed planned"]);

        let joans = house.visit(&joan, Sure::Trusted).await;
        let taken = house.app.take_slot(&joans, house.circle, slot, receipt()).await.unwrap();
        assert_eq!(taken, TakeOutcome::Yours);
        assert_eq!(house.slot(slot).await.taken, 1);
        let page = house.app.slot_page(&toms, house.circle, slot).await.unwrap();
        assert_eq!(page.slot.own, None, "Joan has it now");
        assert_eq!(page.slot.who[0].name.as_deref(), Some("Joan"));
        let kept = house.app.keep_after_all(&toms, house.circle, slot, receipt()).await;
        assert!(matches!(kept, Err(Failure::NotHere)));
    }

    async fn from_an_unknown_browser_nothing_is_final(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), true).await[0].id;
        let unknown = house.visit(&tom, Sure::SignedIn).await;
        house.app.take_slot(&unknown, house.circle, slot, receipt()).await.unwrap();
        let cannot = async |visit, form| {
            let how = CannotHow::GiveBack;
            house.app.cannot_make_it(visit, house.circle, slot, how, form).await.unwrap()
        };
        assert_eq!(cannot(&unknown, receipt()).await, CannotOutcome::CoverAsked);
        assert_eq!(house.slot(slot).await.taken, 1);
        let trusted = house.visit(&tom, Sure::Trusted).await;
        house.app.keep_after_all(&trusted, house.circle, slot, receipt()).await.unwrap();
        let form = receipt();
        assert_eq!(cannot(&trusted, form).await, CannotOutcome::GivenBack);
        assert_eq!(cannot(&trusted, form).await, CannotOutcome::GivenBack, "the same form");
        assert_eq!(house.slot(slot).await.taken, 0);
    }

    async fn done_comes_after_the_start_and_is_said_once(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", Preset::HowSheIs.categories()).await;
        let input = TaskInput { places: "2", ..shopping("2026-03-03") };
        let slot = house.task(input, false).await[0].id;
        for friend in [&tom, &joan] {
            let visit = house.visit(friend, Sure::Trusted).await;
            house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
            let early = house.app.say_how_it_was(&visit, house.circle, slot, ItWas::Done(""), receipt()).await;
            assert!(matches!(early, Err(Failure::NotHere)), "it has not begun");
        }
        house.clock.set(house.slot(slot).await.starts);
        for friend in [&tom, &joan] {
            let visit = house.visit(friend, Sure::Trusted).await;
            let form = receipt();
            for _ in 0..2 {
                house.app.say_how_it_was(&visit, house.circle, slot, ItWas::Done(""), form).await.unwrap();
            }
        }
        let hers = house.visit(&joan, Sure::Trusted).await;
        let words = "We did the crossword";
        house.app.add_kind_word(&hers, house.circle, words, receipt()).await.unwrap();
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        let news = house.app.news(&visit, house.circle, None).await.unwrap();
        let words: Vec<_> =
            news.words.iter().map(|w| (w.kind, w.text.as_str(), w.by.as_deref())).collect();
        assert_eq!(words, [(WordsKind::KindWord, "We did the crossword", Some("Joan"))]);
        let toms = house.visit(&tom, Sure::Fresh).await;
        let news = house.app.news(&toms, house.circle, None).await;
        assert!(matches!(news, Err(Failure::NotHere)), "just the rota");
        let page = house.app.slot_page(&toms, house.circle, slot).await.unwrap();
        assert_eq!(page.slot.own, Some(ClaimState::Done));
    }

    async fn of_what_needs_somebody_the_first_is_shown_and_all_is_counted(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let rota = async || {
            let visit = house.visit(&tom, Sure::Trusted).await;
            house.app.my_rota(&visit).await.unwrap().help_needed
        };
        let daily = RepeatInput { comes: "daily", ..RepeatInput::default() };
        house.task(TaskInput { repeat: daily, ..shopping("2026-03-03") }, false).await;
        let help = rota().await;
        assert_eq!((help.first.len(), help.count), (10, Some(13)), "of two weeks");
        assert_eq!(help.more_in, [(house.circle, "Heron".to_owned())]);
        assert!(help.paused.is_empty());
        for _ in 0..3 {
            house.task(TaskInput { repeat: daily, ..shopping("2026-03-03") }, false).await;
        }
        let help = rota().await;
        assert_eq!((help.first.len(), help.count), (10, None), "more than fifty");
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let pause = CircleChange::Pause;
        house.app.change_circle_state(&carer, house.circle, pause, receipt()).await.unwrap();
        let help = rota().await;
        assert_eq!((help.first.len(), help.count), (0, Some(0)));
        assert_eq!(help.paused, ["Heron"]);
    }

    async fn no_sorry_ends_the_asking(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), true).await[0].id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        assert!(house.app.slot_page(&visit, house.circle, slot).await.unwrap().may_say_no);
        assert_eq!(house.app.my_rota(&visit).await.unwrap().help_needed.first.len(), 1);
        house.app.no_sorry(&visit, house.circle, slot, receipt()).await.unwrap();
        assert!(house.app.my_rota(&visit).await.unwrap().help_needed.first.is_empty());
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.slot_page(&carer, house.circle, slot).await.unwrap();
        assert_eq!((page.slot.asked, page.slot.waiting), (1, 0));
        let asked = house.app.ask_circle(&carer, house.circle, slot, receipt()).await.unwrap().people;
        assert_eq!(asked, 0, "nobody is left to ask");
    }

    async fn a_paused_circle_asks_nothing_and_goes_on(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), true).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let change = async |visit, change| {
            house.app.change_circle_state(visit, house.circle, change, receipt()).await
        };
        assert_eq!(change(&carer, CircleChange::Pause).await.unwrap(), CircleState::Paused);
        assert_eq!(house.mails(&tom).await, ["somebody_needed cancelled"]);
        let visit = house.visit(&tom, Sure::Trusted).await;
        let taken = house.app.take_slot(&visit, house.circle, slots[0].id, receipt()).await;
        assert!(matches!(taken, Err(Failure::NotHere)));
        assert!(matches!(change(&carer, CircleChange::Freeze).await, Err(Failure::Changed)));

        let carer = house.visit(&house.carer, Sure::Fresh).await;
        assert_eq!(change(&carer, CircleChange::Resume).await.unwrap(), CircleState::Active);
        let slot = slots[0].id;
        assert_eq!(house.mails(&tom).await, ["somebody_needed planned"], "he is asked after all");
        assert_eq!(house.app.ask_circle(&carer, house.circle, slot, receipt()).await.unwrap().people, 0);
        house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
    }

    async fn a_frozen_circle_is_the_patients_alone(database) {
        let house = House::new(database).await;
        let patient = house.visit(&house.patient, Sure::Fresh).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        house.app.home(&carer, house.circle).await.unwrap();
        let freeze = CircleChange::Freeze;
        house.app.change_circle_state(&patient, house.circle, freeze, receipt()).await.unwrap();
        assert!(matches!(house.app.rota_week(&carer, house.circle, None).await, Err(Failure::NotHere)));
        assert!(house.app.home(&patient, house.circle).await.is_ok());
        let settings = house.app.circle_settings(&patient, house.circle).await.unwrap();
        assert_eq!(settings.may, [CircleChange::Unfreeze]);
    }

    async fn own_details_are_kept_without_their_address_being_changed(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let visit = house.visit(&tom, Sure::SignedIn).await;
        let form = DetailsForm { name: " ", phone: "12" };
        let wrong = house.app.save_details(&visit, form, receipt()).await;
        let Err(Failure::Invalid(problems)) = wrong else { panic!("it is refused") };
        assert_eq!(problems.len(), 2);
    }
}
