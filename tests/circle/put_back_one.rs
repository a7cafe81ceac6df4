//! One slot that was taken off the rota is put back from its own page: whoever had it is asked.

use jiff::civil::Weekday;
use kith_app::{ChangeOutcome, Failure, PutBackOne, Receipt, TakeOff, Touching, WhoHadIt};
use kith_domain::ids::SlotId;
use kith_domain::repeat::Weekdays;
use kith_domain::{RepeatInput, TaskInput};
use kith_store::{Membership, Slot};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, once, receipt, shopping};

/// Shopping on one day, which Tom has promised.
struct Once<'d> {
    house: House<'d>,
    tom: Membership,
    slot: SlotId,
}

impl<'d> Once<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
        Self { house, tom, slot }
    }
}

/// Takes a slot off, or it and what follows, whoever has promised it.
async fn off(house: &House<'_>, slot: SlotId, which: TakeOff) {
    let carer = house.visit(&house.carer, Sure::Fresh).await;
    let mut touching = Touching::default();
    let mut seen = String::new();
    for _ in 0..2 {
        let (app, form) = (&house.app, receipt());
        let came = app.take_off_rota(&carer, house.circle, slot, which, touching, form).await;
        if let ChangeOutcome::Asks(touched) = came.unwrap() {
            seen = touched.seen;
            touching = Touching { promises: "change", seen: &seen };
        } else {
            return;
        }
    }
    panic!("it is on still: {seen}");
}

async fn back(house: &House<'_>, slot: SlotId, form: Receipt) -> Result<PutBackOne, Failure> {
    let carer = house.visit(&house.carer, Sure::Trusted).await;
    house.app.put_back_one(&carer, house.circle, slot, form).await
}

/// Whether the page of a slot offers it.
async fn offered(house: &House<'_>, slot: SlotId, by: &Membership) -> bool {
    let visit = house.visit(by, Sure::Trusted).await;
    house.app.slot_page(&visit, house.circle, slot).await.unwrap().may_put_back
}

/// Tuesdays and Thursdays from 3 March on.
async fn weekly(house: &House<'_>) -> Vec<Slot> {
    let on = Weekdays::of([Weekday::Tuesday, Weekday::Thursday]);
    let repeat = RepeatInput { comes: "weekly", every: "1", on, ..RepeatInput::default() };
    house.task(TaskInput { repeat, ..shopping("2026-03-03") }, false).await
}

both! {
    async fn whoever_had_it_is_asked_and_has_not_got_it(database) {
        let Once { house, tom, slot } = Once::new(database).await;
        assert!(!offered(&house, slot, &house.carer).await, "it is on");
        off(&house, slot, TakeOff::This).await;
        assert!(offered(&house, slot, &house.carer).await);
        assert!(!offered(&house, slot, &tom).await, "the rota is not his to change");
        let toms = house.visit(&tom, Sure::Trusted).await;
        let his = house.app.put_back_one(&toms, house.circle, slot, receipt()).await;
        assert!(matches!(his, Err(Failure::NotHere)), "{his:?}");
        let form = receipt();
        let first = back(&house, slot, form).await.unwrap();
        assert_eq!(first.had, WhoHadIt::Asked);
        assert_eq!(back(&house, slot, form).await.unwrap(), first, "sent twice it is once");
        let again = back(&house, slot, receipt()).await;
        assert!(matches!(again, Err(Failure::Changed)), "there is one of it: {again:?}");
        assert!(!offered(&house, slot, &house.carer).await);
        let (was, is) = (house.slot(slot).await, house.slot(first.slot).await);
        assert_eq!((is.starts, is.ends, is.date, is.taken), (was.starts, was.ends, was.date, 0));
        assert!(house.mails(&tom).await.contains(&"somebody_needed planned".to_owned()));
        // And off again.
        off(&house, first.slot, TakeOff::This).await;
        assert_eq!(back(&house, first.slot, receipt()).await.unwrap().had, WhoHadIt::Nobody);
    }

    async fn it_comes_back_on_the_day_to_which_it_had_been_moved(database) {
        let Once { house, slot, .. } = Once::new(database).await;
        let toms = house.slot(slot).await;
        house.write(async |unit| {
            let (starts, ends) = (toms.starts.plus_days(2), toms.ends.plus_days(2));
            unit.move_slot(&toms, jiff::civil::date(2026, 3, 12), starts, ends).await
        }).await;
        off(&house, slot, TakeOff::This).await;
        let made = house.slot(back(&house, slot, receipt()).await.unwrap().slot).await;
        assert_eq!((made.starts, made.date), (toms.starts.plus_days(2), jiff::civil::date(2026, 3, 12)));
    }

    async fn one_day_of_a_series_comes_back_at_the_time_to_which_it_had_been_moved(database) {
        let house = House::new(database).await;
        let slots = weekly(&house).await;
        let (starts, ends) = (slots[1].starts.plus_hours(29), slots[1].ends.plus_hours(29));
        house.write(async |unit| {
            unit.move_slot(&slots[1], jiff::civil::date(2026, 3, 6), starts, ends).await
        }).await;
        off(&house, slots[1].id, TakeOff::This).await;
        let made = house.slot(back(&house, slots[1].id, receipt()).await.unwrap().slot).await;
        assert_eq!((made.starts, made.ends), (starts, ends));
        assert_eq!((made.date, made.made_for), (jiff::civil::date(2026, 3, 6), slots[1].made_for));
    }

    async fn who_has_left_is_neither_asked_nor_rung(database) {
        let Once { house, tom, slot } = Once::new(database).await;
        off(&house, slot, TakeOff::This).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        house.app.remove(&carer, house.circle, tom.id, false, receipt()).await.unwrap();
        assert_eq!(back(&house, slot, receipt()).await.unwrap().had, WhoHadIt::Nobody);
    }

    async fn whom_no_mail_reaches_is_rung(database) {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        house.app.take_for(&carer, house.circle, slot, once(&alan), receipt()).await.unwrap();
        off(&house, slot, TakeOff::This).await;
        assert_eq!(back(&house, slot, receipt()).await.unwrap().had, WhoHadIt::ToRing);
    }

    async fn of_what_comes_again_one_day_comes_back_while_it_goes_on(database) {
        let house = House::new(database).await;
        let slots = weekly(&house).await;
        let days = TakeOff::days("2026-03-05", "2026-03-12").unwrap();
        off(&house, slots[0].id, days).await;
        let task = slots[0].task;
        let out = async || {
            let left = house.stored(task).await.left_out;
            left.iter().map(|(from, to)| (from.day(), to.day())).collect::<Vec<_>>()
        };
        let made = back(&house, slots[2].id, receipt()).await.unwrap();
        assert_eq!(made.had, WhoHadIt::Nobody);
        assert_eq!(house.slot(made.slot).await.starts, slots[2].starts);
        assert_eq!(out().await, [(5, 9), (11, 12)]);
        off(&house, slots[0].id, TakeOff::All).await;
        for slot in &slots[..3] {
            assert!(!offered(&house, slot.id, &house.carer).await, "it has ended");
        }
        let ended = back(&house, slots[1].id, receipt()).await;
        assert!(matches!(ended, Err(Failure::Changed)), "{ended:?}");
    }

    async fn what_has_begun_is_history(database) {
        let Once { house, slot, .. } = Once::new(database).await;
        off(&house, slot, TakeOff::This).await;
        house.clock.advance(9 * 86_400);
        assert!(!offered(&house, slot, &house.carer).await);
        let late = back(&house, slot, receipt()).await;
        assert!(matches!(late, Err(Failure::Changed)), "{late:?}");
    }
}
