//! When somebody cannot make it: asking ring by ring, swapping by name, waiting for a place, and
//! taking several dates.

use jiff::civil::date;
use kith_app::{
    CannotHow, CannotOutcome, Every, Failure, SwapAnswer, SwapOutcome, TakeOutcome, TaskChange,
    Waiting,
};
use kith_domain::ids::SlotId;
use kith_domain::{ClaimState, Preset, RepeatInput, TaskInput};
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

async fn take(house: &House<'_>, who: &Membership, slot: SlotId) -> TakeOutcome {
    let visit = house.visit(who, Sure::Trusted).await;
    house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap()
}

async fn give_back(house: &House<'_>, who: &Membership, slot: SlotId) -> CannotOutcome {
    let visit = house.visit(who, Sure::Trusted).await;
    let how = CannotHow::GiveBack;
    house.app.cannot_make_it(&visit, house.circle, slot, how, receipt()).await.unwrap()
}

async fn own(house: &House<'_>, who: &Membership, slot: SlotId) -> Option<ClaimState> {
    let visit = house.visit(who, Sure::Trusted).await;
    house.app.slot_page(&visit, house.circle, slot).await.unwrap().slot.own
}

both! {
    async fn the_inner_circle_is_asked_before_the_others(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let close = house.friend("Joan", Preset::PrivatePage.categories()).await;
        let other = house.friend("Derek", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        take(&house, &tom, slot).await;
        assert_eq!(give_back(&house, &tom, slot).await, CannotOutcome::GivenBack);
        let asked = async |who: &Membership| {
            let due = house.mail_due(who).await;
            due.map(|due| due.seconds_since(house.now()))
        };
        // Ten minutes in which it can be taken back; then those closest; then everybody.
        assert_eq!(asked(&close).await, Some(600));
        let others = asked(&other).await.unwrap();
        assert!(others >= 20 * 3_600, "{others}");
        assert_eq!(asked(&tom).await, None);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.slot_page(&carer, house.circle, slot).await.unwrap();
        assert_eq!(page.slot.asked, 0, "nobody was asked yet");
        let more = house.app.slot_more(&carer, house.circle, slot).await.unwrap();
        assert!(more.next_ring.is_some(), "the carer sees that more people are asked later");
        let friend = house.visit(&other, Sure::Trusted).await;
        let more = house.app.slot_more(&friend, house.circle, slot).await.unwrap();
        assert_eq!(more.next_ring, None, "friends do not see the rings");
        // The carer does not want to wait.
        house.app.ask_circle(&carer, house.circle, slot, receipt()).await.unwrap();
        assert_eq!(asked(&other).await, Some(0));
    }

    async fn what_was_given_back_can_be_taken_again_for_ten_minutes(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        take(&house, &tom, slot).await;
        give_back(&house, &tom, slot).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let more = house.app.slot_more(&visit, house.circle, slot).await.unwrap();
        assert!(more.may_take_back);
        house.clock.advance(601);
        let visit = house.visit(&tom, Sure::Trusted).await;
        let more = house.app.slot_more(&visit, house.circle, slot).await.unwrap();
        assert!(!more.may_take_back);
        assert_eq!(take(&house, &tom, slot).await, TakeOutcome::Yours, "it is still free");
    }

    async fn who_is_asked_by_name_sees_it_before_all_that_needs_somebody(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        // More than one list counts, all of it sooner.
        let many = TaskInput {
            repeat: RepeatInput { comes: "daily", ..RepeatInput::default() },
            ..shopping("2026-03-03")
        };
        for kind in ["visit", "meal", "shopping", "call", "lift"] {
            house.task(TaskInput { kind, ..many }, false).await;
        }
        let toms = house.task(shopping("2026-03-27"), false).await[0].id;
        let joans = house.task(shopping("2026-03-28"), false).await[0].id;
        take(&house, &tom, toms).await;
        take(&house, &joan, joans).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let with = (Some(joan.id), Some(joans));
        house.app.offer_swap(&visit, house.circle, toms, with, receipt()).await.unwrap();
        let hers = house.visit(&joan, Sure::Trusted).await;
        let help = house.app.my_rota(&hers).await.unwrap().help_needed;
        assert_eq!(help.count, None, "more than fifty");
        let by_name: Vec<_> = help.first.iter().filter(|slot| slot.by_name).collect();
        assert_eq!(by_name.iter().map(|slot| slot.slot).collect::<Vec<_>>(), [toms]);
        assert!(help.first.is_sorted_by_key(|slot| slot.starts));
    }

    async fn a_swap_moves_both_or_nothing(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let toms = house.task(shopping("2026-03-10"), false).await[0].id;
        let joans = house.task(shopping("2026-03-12"), false).await[0].id;
        take(&house, &tom, toms).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let choices = house.app.swap_choices(&visit, house.circle, toms).await.unwrap();
        assert!(choices.people.is_empty(), "Joan is not on the rota: Tom knows nothing of her");
        take(&house, &joan, joans).await;
        let choices = house.app.swap_choices(&visit, house.circle, toms).await.unwrap();
        assert_eq!(choices.people.len(), 1);
        assert_eq!(choices.people[0].name, "Joan");
        let with = (Some(joan.id), Some(joans));
        house.app.offer_swap(&visit, house.circle, toms, with, receipt()).await.unwrap();
        assert_eq!(own(&house, &tom, toms).await, Some(ClaimState::Claimed), "it stays Tom's");
        assert_eq!(house.mails(&joan).await, ["told planned"]);

        // Whoever only reads Joan's mailbox does not give her promise away.
        let elsewhere = house.visit(&joan, Sure::SignedIn).await;
        let yes = SwapAnswer::Yes;
        let refused = house.app.answer_swap(&elsewhere, house.circle, toms, yes, receipt()).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        assert_eq!(own(&house, &joan, joans).await, Some(ClaimState::Claimed));
        assert_eq!(own(&house, &tom, toms).await, Some(ClaimState::Claimed));

        let hers = house.visit(&joan, Sure::Trusted).await;
        let more = house.app.slot_more(&hers, house.circle, toms).await.unwrap();
        assert_eq!(more.offered.unwrap().with.as_deref(), Some("Tom"));
        let rota = house.app.my_rota(&hers).await.unwrap();
        assert!(rota.help_needed.first.iter().any(|slot| slot.slot == toms && slot.by_name));
        let form = receipt();
        for _ in 0..2 {
            let yes = SwapAnswer::Yes;
            let said = house.app.answer_swap(&hers, house.circle, toms, yes, form).await.unwrap();
            assert_eq!(said, SwapOutcome::Swapped);
        }
        assert_eq!(own(&house, &joan, toms).await, Some(ClaimState::Claimed));
        assert_eq!(own(&house, &tom, joans).await, Some(ClaimState::Claimed));
        assert_eq!(own(&house, &tom, toms).await, None);
        assert_eq!(own(&house, &joan, joans).await, None);
        assert_eq!(house.slot(toms).await.taken, 1);
        assert_eq!(house.slot(joans).await.taken, 1);
    }

    async fn what_is_asked_for_nothing_in_return_may_be_taken_from_anywhere(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let toms = house.task(shopping("2026-03-10"), false).await[0].id;
        take(&house, &tom, toms).await;
        let visit = house.visit(&tom, Sure::SignedIn).await;
        let choices = house.app.swap_choices(&visit, house.circle, toms).await.unwrap();
        assert!(choices.people.is_empty(), "from an unknown browser nobody is named");
        let visit = house.visit(&tom, Sure::Trusted).await;
        let with = (Some(joan.id), None);
        house.app.offer_swap(&visit, house.circle, toms, with, receipt()).await.unwrap();
        let elsewhere = house.visit(&joan, Sure::SignedIn).await;
        let yes = SwapAnswer::Yes;
        let said = house.app.answer_swap(&elsewhere, house.circle, toms, yes, receipt()).await;
        assert_eq!(said.unwrap(), SwapOutcome::Swapped, "she takes it on, and gives nothing away");
        assert_eq!(own(&house, &joan, toms).await, Some(ClaimState::Claimed));
    }

    async fn a_swap_that_came_too_late_changes_nothing(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let toms = house.task(shopping("2026-03-10"), false).await[0].id;
        let joans = house.task(shopping("2026-03-12"), false).await[0].id;
        take(&house, &tom, toms).await;
        take(&house, &joan, joans).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let with = (Some(joan.id), Some(joans));
        house.app.offer_swap(&visit, house.circle, toms, with, receipt()).await.unwrap();
        give_back(&house, &joan, joans).await;
        let hers = house.visit(&joan, Sure::Trusted).await;
        let yes = house.app.answer_swap(&hers, house.circle, toms, SwapAnswer::Yes, receipt()).await;
        assert!(matches!(yes, Err(Failure::NotHere)), "the offer ended with what it asked for");
        assert_eq!(own(&house, &tom, toms).await, Some(ClaimState::Claimed));

        let with = (Some(joan.id), None);
        house.app.offer_swap(&visit, house.circle, toms, with, receipt()).await.unwrap();
        let no = house.app.answer_swap(&hers, house.circle, toms, SwapAnswer::No, receipt()).await;
        assert_eq!(no.unwrap(), SwapOutcome::Declined);
        let told = house.mails(&tom).await;
        assert!(told.contains(&"told planned".to_owned()), "Tom hears that it stays his");
        let again = house.app.offer_swap(&visit, house.circle, toms, with, receipt()).await;
        assert!(matches!(again, Err(Failure::Invalid(_))), "no is an answer");
    }

    async fn whoever_waits_is_asked_first_and_has_to_say_yes(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let close = house.friend("Joan", Preset::PrivatePage.categories()).await;
        let waits = house.friend("Derek", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        take(&house, &tom, slot).await;
        let visit = house.visit(&waits, Sure::Trusted).await;
        let more = async |visit| house.app.slot_more(visit, house.circle, slot).await.unwrap();
        assert_eq!(more(&visit).await.waiting, Waiting::MayWait);
        house.app.wait_for_slot(&visit, house.circle, slot, true, receipt()).await.unwrap();
        assert_eq!(more(&visit).await.waiting, Waiting::Waits(0));
        give_back(&house, &tom, slot).await;
        assert_eq!(more(&visit).await.waiting, Waiting::Free);
        assert_eq!(house.slot(slot).await.taken, 0, "nobody is promised to anything unknowingly");
        let (first, then) = (house.mail_due(&waits).await, house.mail_due(&close).await);
        assert!(first.unwrap() < then.unwrap());
        assert_eq!(take(&house, &waits, slot).await, TakeOutcome::Yours);
        assert_eq!(more(&visit).await.waiting, Waiting::No);
    }

    async fn whoever_waits_is_asked_when_there_are_more_places(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let derek = house.friend("Derek", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        take(&house, &tom, slot).await;
        for waits in [&joan, &derek] {
            let visit = house.visit(waits, Sure::Trusted).await;
            house.app.wait_for_slot(&visit, house.circle, slot, true, receipt()).await.unwrap();
        }
        let other = house.friend("Priya", just_rota()).await;
        let visit = house.visit(&derek, Sure::Trusted).await;
        let more = async || house.app.slot_more(&visit, house.circle, slot).await.unwrap().waiting;
        assert_eq!(more().await, Waiting::Waits(1), "one other waits");
        let ruth = house.visit(&house.carer, Sure::Trusted).await;
        let change = TaskChange {
            date: "2026-03-10",
            start: "10:00",
            end: "11:00",
            places: "2",
            if_nobody: "tell_me",
            ..TaskChange::default()
        };
        house.change(&ruth, slot, &change).await;
        for waits in [&joan, &derek] {
            assert_eq!(house.mails(waits).await, ["somebody_needed planned"]);
        }
        assert_eq!(house.mails(&other).await, [""; 0], "the others are not asked again");
        assert_eq!(more().await, Waiting::Free);
    }

    async fn for_what_is_cancelled_nobody_waits(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].clone();
        house.write(async |unit| unit.cancel_slot(slot.id).await).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let more = house.app.slot_more(&visit, house.circle, slot.id).await.unwrap();
        assert_eq!(more.waiting, Waiting::No);
    }

    async fn a_promise_that_must_not_be_missed_any_more_is_asked_about(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-03"), false).await[0].id;
        take(&house, &tom, slot).await;
        house.app.plan_reminders().await.unwrap();
        let planned = async |kind: &str| {
            let mails = house.mails(&tom).await;
            mails.iter().filter(|mail| mail.starts_with(kind)).count()
        };
        assert_eq!(planned("please_confirm").await, 0);
        let ruth = house.visit(&house.carer, Sure::Trusted).await;
        let change = TaskChange {
            date: "2026-03-03",
            start: "10:00",
            end: "11:00",
            places: "1",
            if_nobody: "must",
            ..TaskChange::default()
        };
        house.change(&ruth, slot, &change).await;
        house.app.plan_reminders().await.unwrap();
        assert_eq!(planned("please_confirm").await, 1);
        assert!(house.mails(&house.carer).await.contains(&"no_word planned".to_owned()));
    }

    async fn several_dates_are_promises_of_their_own(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-10")), false).await;
        let other = house.task(TaskInput { start: "10:30", ..shopping("2026-03-17") }, false).await;
        take(&house, &tom, other[0].id).await;
        take(&house, &joan, slots[2].id).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let form = house.app.dates_form(&visit, house.circle, slots[0].id).await.unwrap();
        let clashes: Vec<bool> = form.dates.iter().take(3).map(|date| date.clash).collect();
        assert_eq!(clashes, [false, true, false], "his own promise on 17 March");
        assert!(!form.dates.iter().any(|date| date.slot == slots[2].id), "Joan has that one");

        let until = (&[][..], Every::Until(date(2026, 4, 7)), None);
        let sent = receipt();
        for _ in 0..2 {
            let slot = slots[0].id;
            let taken = house.app.take_dates(&visit, house.circle, slot, until, sent).await.unwrap();
            assert_eq!((taken.yours, taken.gone, taken.every), (4, 0, true));
        }
        assert_eq!(own(&house, &tom, slots[4].id).await, Some(ClaimState::Claimed));
        assert_eq!(own(&house, &tom, slots[5].id).await, None, "not beyond the day");
        assert_eq!(own(&house, &tom, slots[2].id).await, None);

        // A stand-in for one date has that date and no other.
        give_back(&house, &tom, slots[3].id).await;
        take(&house, &joan, slots[3].id).await;
        assert_eq!(own(&house, &joan, slots[4].id).await, None);
        assert_eq!(own(&house, &tom, slots[4].id).await, Some(ClaimState::Claimed));
        let nothing = (&[][..], Every::No, None);
        let none = house.app.take_dates(&visit, house.circle, slots[0].id, nothing, receipt()).await;
        assert!(matches!(none, Err(Failure::Invalid(_))));
    }

    async fn whoever_asked_for_cover_hears_that_it_was_found(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-03"), false).await[0].id;
        take(&house, &tom, slot).await;
        house.clock.advance(2 * 3_600);
        assert_eq!(give_back(&house, &tom, slot).await, CannotOutcome::CoverAsked);
        let hers = house.visit(&joan, Sure::Trusted).await;
        let rota = house.app.my_rota(&hers).await.unwrap();
        assert_eq!(rota.help_needed.first.len(), 1, "cover that is wanted is help that is needed");
        assert_eq!(take(&house, &joan, slot).await, TakeOutcome::Yours);
        assert_eq!(house.mails(&tom).await, ["cover_found planned"]);
    }
}
