//! Being away, acting for somebody without e-mail, and a week that rests on one or two people.

use std::sync::Arc;

use jiff::civil::date;
use kith_app::{Carrying, Failure, TakeOutcome, What};
use kith_domain::ids::SlotId;
use kith_domain::{MembershipState, Preset, TaskInput};
use kith_store::Membership;
use kith_tests::both;
use tokio_util::task::TaskTracker;

use crate::house::{House, Sure, each_time, just_rota, once, receipt, shopping, weekly};

async fn take(house: &House<'_>, who: &Membership, slot: SlotId) {
    let visit = house.visit(who, Sure::Trusted).await;
    let taken = house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
    assert_eq!(taken, TakeOutcome::Yours);
}

both! {
    async fn whoever_is_away_is_asked_for_nothing_and_hands_on_what_they_say(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let promised = house.task(shopping("2026-03-11"), false).await[0].id;
        take(&house, &tom, promised).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let away = async |days, hand_on| house.app.go_away(&visit, days, hand_on, receipt()).await;
        for wrong in [("2026-03-14", "2026-03-10"), ("2026-03-01", "2026-03-10"), ("", "")] {
            assert!(matches!(away(wrong, true).await, Err(Failure::Invalid(_))), "{wrong:?}");
        }
        let days = ("2026-03-10", "2026-03-14");
        assert_eq!(away(days, false).await.unwrap(), 0);
        assert_eq!(house.slot(promised).await.taken, 1, "what was promised stays");
        house.task(shopping("2026-03-12"), true).await;
        house.task(shopping("2026-03-15"), true).await;
        let asked: Vec<_> = house.app.my_rota(&visit).await.unwrap().help_needed.first;
        let dates: Vec<_> = asked.iter().map(|slot| slot.local_start.date().to_string()).collect();
        assert_eq!(dates, ["2026-03-15"], "the last day away is the 14th");

        assert_eq!(away(days, true).await.unwrap(), 1);
        assert_eq!(house.slot(promised).await.taken, 0);
        house.clock.advance(8 * 86_400);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let people = house.app.people(&carer, house.circle).await.unwrap();
        let toms = people.members.iter().find(|member| member.membership == tom.id).unwrap();
        assert_eq!(toms.away.len(), 1, "the same days twice are once");
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.be_back(&visit, None).await.unwrap();
        assert!(house.app.my_absences(&visit).await.unwrap().is_empty());
    }

    async fn a_second_time_away_leaves_the_first(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let away = async |days| house.app.go_away(&visit, days, false, receipt()).await.unwrap();
        away(("2026-03-10", "2026-03-14")).await;
        away(("2026-04-06", "2026-04-12")).await;
        away(("2026-03-13", "2026-03-16")).await;
        let days = async |visit: &kith_app::Visit| {
            let away = house.app.my_absences(visit).await.unwrap();
            away.iter().map(|away| (away.from.day(), away.until.day(), away.now)).collect::<Vec<_>>()
        };
        assert_eq!(days(&visit).await, [(10, 14, false), (13, 16, false), (6, 12, false)]);
        for date in ["2026-03-11", "2026-03-15", "2026-04-08", "2026-03-05"] {
            house.task(shopping(date), true).await;
        }
        let needed = house.app.my_rota(&visit).await.unwrap().help_needed.first;
        let dates: Vec<_> = needed.iter().map(|slot| slot.local_start.date().day()).collect();
        assert_eq!(dates, [5], "nothing of any of them");
        let seen = async |who| {
            let visit = house.visit(who, Sure::Trusted).await;
            let people = house.app.people(&visit, house.circle).await.unwrap();
            people.members.iter().find(|m| m.membership == tom.id).unwrap().away.len()
        };
        assert_eq!(seen(&house.carer).await, 3, "those to come too");
        let joan = house.friend("Joan", Preset::HowSheIs.categories()).await;
        assert_eq!(seen(&joan).await, 0, "for whoever is in charge alone");
        // One of them is called off by itself, and by nobody else.
        let april = house.app.my_absences(&visit).await.unwrap()[2].id;
        let hers = house.visit(&joan, Sure::Trusted).await;
        house.app.be_back(&hers, Some(april)).await.unwrap();
        assert_eq!(days(&visit).await.len(), 3);
        house.app.be_back(&visit, Some(april)).await.unwrap();
        assert_eq!(days(&visit).await, [(10, 14, false), (13, 16, false)]);
        away(("2026-04-06", "2026-04-12")).await;
        // Back is back from all that has begun.
        house.clock.advance(11 * 86_400 + 12 * 3600);
        let visit = house.visit(&tom, Sure::Trusted).await;
        assert_eq!(days(&visit).await, [(10, 14, true), (13, 16, true), (6, 12, false)]);
        house.app.be_back(&visit, None).await.unwrap();
        assert_eq!(days(&visit).await, [(6, 12, false)]);
    }

    async fn fifty_times_away_are_kept_and_no_more(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let day = |n: u16| {
            let day = date(2026, 3, 10).saturating_add(jiff::ToSpan::days(i64::from(n) * 2));
            day.to_string()
        };
        let away = async |n: u16| {
            let day = day(n);
            house.app.go_away(&visit, (&day, &day), false, receipt()).await
        };
        for n in 0..49 {
            away(n).await.unwrap();
        }
        // Two that are sent in one moment do not both find room.
        let (one, other) = tokio::join!(away(49), away(50));
        assert_ne!(one.is_ok(), other.is_ok(), "{one:?} {other:?}");
        let kept = async || house.app.my_absences(&visit).await.unwrap();
        assert_eq!(kept().await.len(), 50, "and all of them are shown");
        let refused = away(60).await;
        let Err(Failure::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!((problems[0].field, &problems[0].what), ("from", &What::AwayTooOften));
        away(0).await.unwrap();
        assert_eq!(kept().await.len(), 50, "the same once more is the same");
        house.app.be_back(&visit, Some(kept().await[7].id)).await.unwrap();
        away(60).await.unwrap();
        // What is over takes no room.
        house.clock.advance(9 * 86_400);
        let visit = house.visit(&tom, Sure::Trusted).await;
        let days = (day(70), day(71));
        house.app.go_away(&visit, (&days.0, &days.1), false, receipt()).await.unwrap();
        assert_eq!(house.app.my_absences(&visit).await.unwrap().len(), 50);
    }

    async fn whoever_is_in_charge_sees_who_said_no(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-11"), true).await[0].id;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.no_sorry(&toms, house.circle, slot, receipt()).await.unwrap();
        let said_no = async |who| {
            let visit = house.visit(who, Sure::Trusted).await;
            house.app.slot_page(&visit, house.circle, slot).await.unwrap().said_no
        };
        assert_eq!(said_no(&house.carer).await, ["Tom"]);
        assert_eq!(said_no(&house.patient).await, ["Tom"]);
        for friend in [&tom, &joan] {
            assert!(said_no(friend).await.is_empty());
        }
        take(&house, &tom, slot).await;
        assert!(said_no(&house.carer).await.is_empty(), "a yes after all");
    }

    async fn the_carer_acts_for_whoever_has_no_mail_and_for_nobody_else(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let more = house.app.slot_more(&carer, house.circle, slot).await.unwrap();
        assert_eq!(more.for_whom, [(alan.id, "Alan".to_owned())]);
        let take_for = async |visit, who: &Membership| {
            let whom = once(who);
            house.app.take_for(visit, house.circle, slot, whom, receipt()).await
        };
        assert!(matches!(take_for(&carer, &tom).await, Err(Failure::Invalid(_))));
        let toms = house.visit(&tom, Sure::Trusted).await;
        assert!(matches!(take_for(&toms, &alan).await, Err(Failure::NotHere)));
        assert_eq!(take_for(&carer, &alan).await.unwrap(), TakeOutcome::Yours);
        let page = house.app.slot_page(&carer, house.circle, slot).await.unwrap();
        assert_eq!(page.slot.who[0].name.as_deref(), Some("Alan"));
    }

    async fn nobody_promises_a_series_whose_first_date_somebody_else_took(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        take(&house, &tom, slots[0].id).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let whom = each_time(&alan);
        let late = house.app.take_for(&carer, house.circle, slots[0].id, whom, receipt()).await;
        assert_eq!(late.unwrap(), TakeOutcome::Full);
        let now = house.now();
        let held = house.write(async |unit| unit.claims_of_place(alan.id, now, 500).await).await;
        assert_eq!(held, [], "none of the others");
        let task = slots[0].task;
        let standing = house.write(async |unit| unit.standing_promises_for(task).await).await;
        assert!(standing.is_empty(), "and none to come");
    }

    async fn nobody_promises_for_whoever_is_being_taken_out(database) {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let (app, circle, slot) = (Arc::clone(&house.app), house.circle, slots[0].id);
        let (whom, now) = (each_time(&alan), house.now());
        let (active, left) = (MembershipState::Active, MembershipState::Left);
        let taking = house.write(async |unit| {
            assert!(unit.put_membership_state(alan.id, active, left, now).await?);
            let taking = TaskTracker::new().spawn(async move {
                app.take_for(&carer, circle, slot, whom, receipt()).await
            });
            if database.is_postgres() {
                house.until_somebody_waits().await;
            }
            Ok(taking)
        }).await;
        let taken = taking.await.unwrap();
        assert!(matches!(taken, Err(Failure::Invalid(_))), "{taken:?}");
        let held = house.write(async |unit| unit.claims_of_place(alan.id, now, 500).await).await;
        assert_eq!(held, []);
    }

    async fn what_was_not_handed_on_at_once_is_when_the_form_is_sent_again(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-11"), false).await[0].id;
        take(&house, &tom, slot).await;
        let (form, now) = (receipt(), house.now());
        // The absence is written down, and then the database does not answer.
        let zone = crate::house::zone();
        let day = |date: jiff::civil::Date| zone.start_of_day(date);
        let (from, until) = (day(date(2026, 3, 10)), day(date(2026, 3, 15)));
        house.write(async |unit| {
            unit.keep_receipt(form.0, "away", "1", now).await?;
            unit.put_absence(tom.person, (from, until), 50, now).await
        }).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        for _ in 0..2 {
            let days = ("2026-03-10", "2026-03-14");
            assert_eq!(house.app.go_away(&visit, days, true, form).await.unwrap(), 1);
            assert_eq!(house.slot(slot).await.taken, 0, "others are asked");
        }
    }

    async fn the_carer_promises_a_series_for_whoever_has_no_mail_and_ends_it(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let more = house.app.slot_more(&carer, house.circle, slots[1].id).await.unwrap();
        assert!(more.comes.is_some() && more.for_whom.len() == 1);
        take(&house, &tom, slots[3].id).await;
        let whom = each_time(&alan);
        let took = house.app.take_for(&carer, house.circle, slots[1].id, whom, receipt()).await;
        assert_eq!(took.unwrap(), TakeOutcome::Yours);
        let promised = async || {
            let now = house.now();
            let held = house.write(async |unit| unit.claims_of_place(alan.id, now, 500).await).await;
            held.into_iter().map(|(_, slot)| slot.id).collect::<Vec<_>>()
        };
        let mut expected: Vec<_> = slots[1..].iter().map(|slot| slot.id).collect();
        expected.remove(2);
        assert_eq!(promised().await, expected, "from that date on, but for what Tom does");
        house.clock.advance(14 * 86_400);
        while house.app.roll_slots().await.unwrap() > 0 {}
        assert!(!expected.contains(promised().await.last().unwrap()), "the later weeks too");
        assert!(house.mails(&alan).await.is_empty());

        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.slot_page(&carer, house.circle, slots[4].id).await.unwrap();
        assert_eq!(page.every_time[0].may_end, Some(alan.id));
        let end = async |visit: &kith_app::Visit, whose| {
            let last = house.slot(slots[4].id).await.date.to_string();
            let how = (last.as_str(), true);
            house.app.stop_every(visit, house.circle, (slots[4].id, whose), how, receipt()).await
        };
        let toms = house.visit(&tom, Sure::Trusted).await;
        assert!(matches!(end(&toms, Some(alan.id)).await, Err(Failure::NotHere)));
        assert!(matches!(end(&carer, Some(tom.id)).await, Err(Failure::NotHere)));
        let form = house.app.stop_every_form(&carer, house.circle, slots[4].id, Some(alan.id)).await;
        assert_eq!(form.unwrap().name.as_deref(), Some("Alan"));
        assert!(end(&carer, Some(alan.id)).await.unwrap() > 0);
        assert_eq!(promised().await.last(), Some(&slots[4].id));
    }

    async fn a_week_that_rests_on_two_is_said_to_the_carer_alone(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let derek = house.friend("Derek", just_rota()).await;
        let days = ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"];
        for (n, day) in days.into_iter().enumerate() {
            let slot = house.task(TaskInput { start: "11:00", end: "12:00", ..shopping(day) }, false);
            let slot = slot.await[0].id;
            take(&house, [&tom, &joan, &joan, &tom, &derek][n], slot).await;
        }
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let week = house.app.rota_week(&carer, house.circle, None).await.unwrap();
        let carrying = week.carrying.unwrap();
        assert_eq!((carrying.theirs, carrying.of), (4, 5));
        let toms = house.visit(&tom, Sure::Trusted).await;
        let week = house.app.rota_week(&toms, house.circle, None).await.unwrap();
        assert_eq!(week.carrying, None, "nobody is compared before the others");
    }

    async fn a_week_that_rests_on_one_is_said_with_that_name_alone(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        for day in ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"] {
            let slot = house.task(TaskInput { start: "11:00", end: "12:00", ..shopping(day) }, false);
            take(&house, &tom, slot.await[0].id).await;
        }
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let week = house.app.rota_week(&carer, house.circle, None).await.unwrap();
        let all = Carrying { names: vec!["Tom".to_owned()], is_you: false, theirs: 5, of: 5 };
        assert_eq!(week.carrying, Some(all));
    }
}
