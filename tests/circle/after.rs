//! At the door and after: late, a word for whoever comes next, a worry told in confidence, and
//! whether somebody came.

use kith_app::{Failure, ItWas, Late, WordsKind};
use kith_domain::ids::SlotId;
use kith_domain::{Category, CircleState, ClaimState, MailKind, Preset, TaskInput};
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping};

async fn promised(house: &House<'_>, who: &Membership, date: &str) -> SlotId {
    let slot = house.task(shopping(date), false).await[0].id;
    let visit = house.visit(who, Sure::Trusted).await;
    house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
    slot
}

both! {
    async fn whoever_is_late_tells_the_carer_in_one_tap(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = promised(&house, &tom, "2026-03-03").await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let late = async |visit| {
            house.app.running_late(visit, house.circle, slot, receipt()).await.unwrap()
        };
        assert_eq!(late(&visit).await, Late::NotNow, "a day before nobody is late");
        house.clock.set(house.slot(slot).await.starts.plus_minutes(-20));
        let visit = house.visit(&tom, Sure::SignedIn).await;
        for _ in 0..2 {
            assert_eq!(late(&visit).await, Late::Told, "a code by mail is enough");
        }
        assert_eq!(house.mails(&house.carer).await, ["told planned"]);
        let joan = house.friend("Joan", just_rota()).await;
        let hers = house.visit(&joan, Sure::Trusted).await;
        let refused = house.app.running_late(&hers, house.circle, slot, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)));
    }

    async fn what_is_left_to_say_reaches_whoever_comes_next(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let first = promised(&house, &tom, "2026-03-03").await;
        let next = promised(&house, &joan, "2026-03-04").await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let texts = ("01632 960 044", "No nuts");
        house.app.write_door(&carer, house.circle, texts, receipt()).await.unwrap();
        let toms = house.visit(&tom, Sure::Trusted).await;
        let leave = async |visit, slot| {
            house.app.leave_word(visit, house.circle, slot, "The door sticks", receipt()).await
        };
        assert!(matches!(leave(&toms, first).await, Err(Failure::NotHere)), "not before");
        house.clock.set(house.slot(first).await.starts.plus_minutes(5));
        let toms = house.visit(&tom, Sure::Trusted).await;
        leave(&toms, first).await.unwrap();
        let door = async |visit: &kith_app::Visit, slot| {
            house.app.slot_more(visit, house.circle, slot).await.unwrap().door
        };
        assert_eq!(door(&toms, first).await.phone.as_deref(), Some("01632 960 044"));
        let hers = house.visit(&joan, Sure::Trusted).await;
        let shown = door(&hers, next).await;
        assert_eq!(shown.food.as_deref(), Some("No nuts"));
        let left = shown.hand_over.unwrap();
        assert_eq!((left.text.as_str(), left.by.as_deref()), ("The door sticks", Some("Tom")));
        assert_eq!(door(&hers, first).await.hand_over, None, "it is not hers");
        let other = promised(&house, &joan, "2026-03-10").await;
        assert_eq!(door(&hers, other).await.hand_over, None, "its window is not open");
        // Whoever is in charge reads it at the slot where it was left, and on the home page.
        for member in [&house.carer, &house.patient] {
            let visit = house.visit(member, Sure::Trusted).await;
            let left = door(&visit, first).await.hand_over.unwrap();
            assert_eq!((left.text.as_str(), left.by.as_deref()), ("The door sticks", Some("Tom")));
            assert_eq!(door(&visit, next).await.hand_over, None, "it was not left there");
            let home = house.app.home(&visit, house.circle).await.unwrap();
            assert_eq!(home.left_to_say.unwrap().text, "The door sticks");
        }
        for visit in [&toms, &hers] {
            let home = house.app.home(visit, house.circle).await.unwrap();
            assert_eq!(home.left_to_say, None, "for whoever is in charge alone");
        }
        let unnamed = house.carer_without(Category::Task).await;
        let visit = house.visit(&unnamed, Sure::Trusted).await;
        assert_eq!(house.app.home(&visit, house.circle).await.unwrap().left_to_say, None);
        assert_eq!(door(&visit, first).await.hand_over, None, "a carer's grant decides too");
        // What was left a week ago is of no use any more.
        house.clock.advance(7 * 86_400);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        assert_eq!(house.app.home(&carer, house.circle).await.unwrap().left_to_say, None);
        let form = house.app.door_form(&hers, house.circle).await;
        assert!(matches!(form, Err(Failure::NotHere)), "friends do not write it");
    }

    async fn whoever_was_there_long_ago_does_not_write_over_the_newest_word(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let first = promised(&house, &tom, "2026-03-03").await;
        let next = promised(&house, &joan, "2026-03-04").await;
        let leave = async |who: &Membership, slot, words: &str| {
            let visit = house.visit(who, Sure::Trusted).await;
            house.app.leave_word(&visit, house.circle, slot, words, receipt()).await
        };
        house.clock.set(house.slot(first).await.starts.plus_minutes(5));
        leave(&tom, first, "She slept").await.unwrap();
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.say_how_it_was(&toms, house.circle, first, ItWas::Done(""), receipt()).await.unwrap();
        leave(&tom, first, "She slept well").await.unwrap();
        house.clock.set(house.slot(next).await.starts.plus_minutes(5));
        leave(&joan, next, "She is up").await.unwrap();
        let late = leave(&tom, first, "She slept badly").await;
        assert!(matches!(late, Err(Failure::NotHere)), "{late:?}");
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let home = house.app.home(&carer, house.circle).await.unwrap();
        assert_eq!(home.left_to_say.unwrap().text, "She is up");
    }

    async fn a_word_may_be_left_for_a_week_unless_somebody_left_one_since(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = promised(&house, &tom, "2026-03-03").await;
        house.clock.set(house.slot(slot).await.ends.plus_days(2));
        let toms = house.visit(&tom, Sure::Trusted).await;
        let leave = async |visit: &kith_app::Visit| {
            house.app.leave_word(visit, house.circle, slot, "Bring bread", receipt()).await
        };
        leave(&toms).await.unwrap();
        let door = house.app.slot_more(&toms, house.circle, slot).await.unwrap().door;
        assert_eq!((door.hand_over, door.phone), (None, None), "what was told is closed");
        assert!(door.may_hand_over, "to put it right");
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let home = house.app.home(&carer, house.circle).await.unwrap();
        assert_eq!(home.left_to_say.unwrap().text, "Bring bread");
        house.clock.advance(5 * 86_400);
        let toms = house.visit(&tom, Sure::Trusted).await;
        assert!(matches!(leave(&toms).await, Err(Failure::NotHere)), "a week is over");
    }

    async fn for_a_week_one_says_how_it_was_and_may_correct_it(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let slot = promised(&house, &tom, "2026-03-03").await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        assert!(house.app.my_rota(&toms).await.unwrap().lately.is_empty(), "it is still to come");
        let more = house.app.slot_more(&toms, house.circle, slot).await.unwrap();
        assert_eq!(more.how_it_was, None);
        house.clock.set(house.slot(slot).await.starts);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let refused =
            house.app.say_how_it_was(&toms, house.circle, slot, ItWas::Not, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "there is time for others to come");
        house.clock.set(house.slot(slot).await.ends.plus_hours(3));
        let toms = house.visit(&tom, Sure::Trusted).await;
        let known = async || {
            let rota = house.app.my_rota(&toms).await.unwrap();
            assert!(rota.next.is_none());
            rota.lately.iter().map(|row| (row.slot, row.state, row.may_say)).collect::<Vec<_>>()
        };
        assert_eq!(known().await, [(slot, ClaimState::Claimed, true)]);
        let page = house.app.slot_page(&toms, house.circle, slot).await.unwrap();
        assert!(matches!(page.address, kith_app::Opening::Now(None)), "by the grant alone");
        let say = async |it_was, form| {
            house.app.say_how_it_was(&toms, house.circle, slot, it_was, form).await
        };
        let long = "a".repeat(5000);
        let wrong = say(ItWas::Done(&long), receipt()).await;
        assert!(matches!(wrong, Err(Failure::Invalid(_))));
        assert_eq!(known().await[0].1, ClaimState::Claimed, "nothing is said by halves");
        say(ItWas::Not, receipt()).await.unwrap();
        assert_eq!(known().await, [(slot, ClaimState::Missed, true)]);
        let form = receipt();
        for _ in 0..2 {
            say(ItWas::Done("She sang"), form).await.unwrap();
        }
        assert_eq!(known().await, [(slot, ClaimState::Done, true)]);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let news = house.app.news(&carer, house.circle, None).await.unwrap();
        let words: Vec<_> = news.words.iter().map(|w| (w.kind, w.text.as_str())).collect();
        assert_eq!(words, [(WordsKind::KindWord, "She sang")], "once");
        assert!(house.mails(&house.carer).await.is_empty(), "nobody is mailed");
        // Others have nothing to say of it, and in a week it is over.
        let joan = house.friend("Joan", just_rota()).await;
        let hers = house.visit(&joan, Sure::Trusted).await;
        let refused =
            house.app.say_how_it_was(&hers, house.circle, slot, ItWas::Not, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)));
        house.clock.advance(7 * 86_400);
        let toms = house.visit(&tom, Sure::Trusted).await;
        assert!(house.app.my_rota(&toms).await.unwrap().lately.is_empty());
        let late =
            house.app.say_how_it_was(&toms, house.circle, slot, ItWas::Not, receipt()).await;
        assert!(matches!(late, Err(Failure::NotHere)));
        house.recorded().await;
    }

    async fn whoever_may_not_write_kind_words_says_only_that_it_is_done(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = promised(&house, &tom, "2026-03-03").await;
        house.clock.set(house.slot(slot).await.ends);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let more = house.app.slot_more(&toms, house.circle, slot).await.unwrap();
        assert!(!more.how_it_was.unwrap().may_add);
        let say = async |words| {
            let done = ItWas::Done(words);
            house.app.say_how_it_was(&toms, house.circle, slot, done, receipt()).await
        };
        assert!(matches!(say("She sang").await, Err(Failure::NotHere)));
        let signed_in = house.visit(&tom, Sure::SignedIn).await;
        let done = ItWas::Done("");
        house.app.say_how_it_was(&signed_in, house.circle, slot, done, receipt()).await.unwrap();
        let rota = house.app.my_rota(&signed_in).await.unwrap();
        assert_eq!(rota.lately[0].state, ClaimState::Done);
    }

    async fn a_worry_is_for_the_coordinators_and_nobody_in_the_circle(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let amira = house.coordinator().await;
        let visit = house.visit(&tom, Sure::SignedIn).await;
        let raise = async |visit, worry, form| {
            house.app.raise_concern(visit, house.circle, (worry, "after 5pm"), form).await
        };
        assert!(matches!(raise(&visit, " ", receipt()).await, Err(Failure::Invalid(_))));
        let form = receipt();
        for _ in 0..2 {
            raise(&visit, "She seemed frightened", form).await.unwrap();
        }
        for member in [&house.patient, &house.carer, &tom] {
            let visit = house.visit(member, Sure::Fresh).await;
            assert!(matches!(house.app.concerns(&visit).await, Err(Failure::NotHere)));
        }
        assert!(house.mails(&house.carer).await.is_empty());
        let staff = house.staff_visit(amira, Sure::Fresh).await;
        let inbox = house.app.concerns(&staff).await.unwrap();
        assert_eq!(inbox.rows.len(), 1);
        assert_eq!(inbox.rows[0].nature_name, "Heron");
        let id = inbox.rows[0].id;
        let opened = house.app.concern(&staff, id).await.unwrap();
        assert_eq!(opened.note, "She seemed frightened");
        assert_eq!(opened.callback.as_deref(), Some("after 5pm"));
        let lying_open = house.staff_visit(amira, Sure::Trusted).await;
        let shut = house.app.concern(&lying_open, id).await;
        assert!(matches!(shut, Err(Failure::StepUp { .. })));
        house.app.settle_concern(&staff, id).await.unwrap();
        assert!(house.app.concerns(&staff).await.unwrap().rows[0].settled);
    }

    async fn a_worry_is_told_whatever_state_the_circle_is_in(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let now = house.now();
        let mut state = CircleState::Active;
        for next in [CircleState::Frozen, CircleState::Active, CircleState::Ending] {
            let circle = house.circle;
            house.write(async |unit| unit.put_circle_state(circle, state, next, now).await).await;
            state = next;
            let visit = house.visit(&tom, Sure::SignedIn).await;
            let about = house.app.worry_form(&visit, house.circle).await.unwrap();
            assert_eq!((about.nature_name.as_str(), about.patient), ("Heron", None));
            let told = ("She is cold", "");
            house.app.raise_concern(&visit, house.circle, told, receipt()).await.unwrap();
        }
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let active = CircleState::Active;
        let circle = house.circle;
        house.write(async |unit| unit.put_circle_state(circle, state, active, now).await).await;
        house.app.remove(&carer, house.circle, joan.id, false, receipt()).await.unwrap();
        let hers = house.visit(&joan, Sure::Fresh).await;
        let refused = house.app.worry_form(&hers, house.circle).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
    }

    async fn coordinators_are_mailed_of_worries_once_an_hour(database) {
        let house = House::new(database).await;
        let (amira, ben) = (house.coordinator().await, house.coordinator().await);
        let tom = house.friend("Tom", just_rota()).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let worry = async || {
            let told = ("She was cold and alone.", "");
            house.app.raise_concern(&visit, house.circle, told, receipt()).await.unwrap();
        };
        let newest = async |person| {
            let found = house.write(async |unit| {
                unit.newest_mail(person, MailKind::Concern).await
            }).await;
            found.unwrap().due_at
        };
        let first = house.now();
        worry().await;
        worry().await;
        for coordinator in [amira, ben] {
            assert_eq!(house.mails_of(coordinator).await, ["concern planned"], "one says of both");
            assert_eq!(newest(coordinator).await, first);
        }
        for member in [&tom, &house.carer, &house.patient] {
            assert!(house.mails(member).await.is_empty(), "nobody in the circle");
        }
        house.deliver().await;
        for _ in 0..2 {
            house.clock.advance(600);
            worry().await;
        }
        for coordinator in [amira, ben] {
            assert_eq!(newest(coordinator).await, first.plus_hours(1), "not sooner");
            assert_eq!(house.mails_of(coordinator).await, ["concern failed", "concern planned"]);
        }
        let staff = house.staff_visit(amira, Sure::Fresh).await;
        assert_eq!(house.app.concerns(&staff).await.unwrap().rows.len(), 4);
    }

    async fn what_was_said_of_a_visit_can_be_corrected(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let input = TaskInput { places: "2", ..shopping("2026-03-03") };
        let slot = house.task(input, false).await[0].id;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let early = house.app.how_it_went(&carer, house.circle, slot).await;
        assert!(matches!(early, Err(Failure::NotHere)), "it has not begun");
        house.clock.set(house.slot(slot).await.ends.plus_minutes(30));
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let claim = house.app.how_it_went(&carer, house.circle, slot).await.unwrap().promises[0].claim;
        let state = async || {
            let view = house.app.how_it_went(&carer, house.circle, slot).await.unwrap();
            view.promises[0].state
        };
        let say = async |visit, done| {
            let said = (claim, done);
            house.app.say_how_it_went(visit, house.circle, slot, said, receipt()).await
        };
        say(&carer, false).await.unwrap();
        assert_eq!(state().await, ClaimState::Missed);
        say(&carer, true).await.unwrap();
        assert_eq!(state().await, ClaimState::Done);
        let toms = house.visit(&tom, Sure::Trusted).await;
        assert!(matches!(say(&toms, false).await, Err(Failure::NotHere)), "for the carer to say");
        assert!(house.mails(&tom).await.is_empty(), "nobody is written to about it");
    }
}
