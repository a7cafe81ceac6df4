//! No e-mail reaches Tom: who is told, who is not, who acts for him, and how it ends.

use kith_app::{ChangeOutcome, Failure, TakeOff, TakeOutcome, Touching};
use kith_domain::Unreached;
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, once, receipt, shopping};

/// Marks a member's address as the mail worker does.
async fn mark(house: &House<'_>, person: kith_domain::ids::PersonId) {
    let now = house.now();
    house
        .write(async |unit| {
            let address = unit.person(person).await?.email.expect("an address");
            unit.address_refused(person, address.bytes(), now).await
        })
        .await;
}

/// Whether `reader` is told on the people page that mail to `member` comes back.
async fn told(house: &House<'_>, reader: &Membership, member: &Membership) -> bool {
    let visit = house.visit(reader, Sure::Trusted).await;
    let people = house.app.people(&visit, house.circle).await.unwrap();
    let found = people.members.iter().find(|one| one.membership == member.id);
    found.is_some_and(|one| one.unreached == Some(Unreached::ComesBack))
}

both! {
    async fn those_in_charge_and_the_person_are_told_and_nobody_else(database) {
        let house = House::new(database).await;
        let everything = just_rota().with(kith_domain::Category::People);
        let tom = house.friend("Tom", everything).await;
        let joan = house.friend("Joan", everything).await;
        mark(&house, tom.person).await;
        for reader in [&house.carer, &house.patient] {
            assert!(told(&house, reader, &tom).await);
            assert!(!told(&house, reader, &joan).await);
        }
        assert!(!told(&house, &joan, &tom).await);
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let page = house.app.member(&visit, house.circle, tom.id).await.unwrap();
        assert_eq!(page.member.unreached, Some(Unreached::ComesBack));
        let home = house.app.home(&visit, house.circle).await.unwrap();
        let lines: Vec<_> = home.unsent.iter().map(|line| (&line.name, line.comes_back)).collect();
        assert_eq!(lines, [(&Some("Tom".to_owned()), true)]);
        for (reader, own) in [(&tom, true), (&joan, false)] {
            let visit = house.visit(reader, Sure::Trusted).await;
            assert_eq!(house.app.my_rota(&visit).await.unwrap().mail_comes_back, own);
        }
    }

    async fn the_rota_says_to_those_in_charge_who_is_not_reminded(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-04"), false).await.remove(0).id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
        let unreminded = async |reader: &Membership| {
            let visit = house.visit(reader, Sure::Trusted).await;
            let page = house.app.slot_page(&visit, house.circle, slot).await.unwrap();
            let week = house.app.rota_week(&visit, house.circle, None).await.unwrap();
            let listed = week.days.iter().flat_map(|day| &day.morning).find(|one| one.id == slot);
            let here = page.slot.who[0].unreminded;
            assert_eq!(listed.unwrap().who[0].unreminded, here);
            here
        };
        assert!(!unreminded(&house.carer).await);
        mark(&house, tom.person).await;
        assert!(unreminded(&house.carer).await && unreminded(&house.patient).await);
        assert!(!unreminded(&joan).await && !unreminded(&tom).await);
    }

    async fn either_of_them_says_that_it_works_again(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        mark(&house, tom.person).await;
        let (app, circle) = (&house.app, house.circle);
        let visit = house.visit(&joan, Sure::Fresh).await;
        let refused = app.address_works(&visit, circle, tom.id, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        app.address_works(&visit, circle, tom.id, receipt()).await.unwrap();
        assert!(!told(&house, &house.carer, &tom).await);
        mark(&house, tom.person).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let form = receipt();
        app.my_address_works(&visit, form).await.unwrap();
        assert!(!told(&house, &house.carer, &tom).await);
        mark(&house, tom.person).await;
        app.my_address_works(&visit, form).await.unwrap();
        assert!(told(&house, &house.carer, &tom).await, "a form that is sent twice is once");
    }

    async fn whoever_wants_no_mail_is_rung_and_acted_for(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-04"), false).await.remove(0).id;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let for_tom = async || {
            let whom = once(&tom);
            house.app.take_for(&carer, house.circle, slot, whom, receipt()).await
        };
        let reason = async || {
            let people = house.app.people(&carer, house.circle).await.unwrap();
            people.members.iter().find(|one| one.membership == tom.id).unwrap().unreached
        };
        assert!(matches!(for_tom().await, Err(Failure::Invalid(_))), "he says so himself");
        assert_eq!(reason().await, None);
        house.write(async |unit| unit.stop_mail(tom.person).await).await;
        assert_eq!(reason().await, Some(Unreached::Stopped));
        assert_eq!(for_tom().await.unwrap(), TakeOutcome::Yours);
        let page = house.app.slot_page(&carer, house.circle, slot).await.unwrap();
        assert!(page.slot.who[0].unreminded, "whoever is in charge sees that he is to be rung");
        // What is moved or taken off is not told to him by us.
        let fresh = house.visit(&house.carer, Sure::Fresh).await;
        let (which, touching) = (TakeOff::This, Touching::default());
        let off = house.app.take_off_rota(&fresh, house.circle, slot, which, touching, receipt());
        let Ok(ChangeOutcome::Asks(touched)) = off.await else { panic!("it is asked first") };
        assert_eq!(touched.promises[0].to_ring, [Some("Tom".to_owned())]);
    }

    async fn whoever_typed_an_address_says_nothing_of_whoever_reads_there(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        mark(&house, tom.person).await;
        house.write(async |unit| unit.address_unproved(tom.person).await).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        assert!(!house.app.my_rota(&visit).await.unwrap().mail_comes_back);
        let refused = house.app.my_address_works(&visit, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let refused = house.app.address_works(&carer, house.circle, tom.id, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let person = tom.person;
        assert!(house.write(async |unit| unit.mail_comes_back(person).await).await.is_some());
        let member = house.app.member(&carer, house.circle, tom.id).await.unwrap().member;
        assert_eq!(member.unreached, Some(Unreached::NotProved));
    }

    async fn the_hospice_is_told_of_lead_carers_and_of_its_own(database) {
        let house = House::new(database).await;
        let (amira, ben) = (house.coordinator().await, house.coordinator().await);
        let today = async || {
            let visit = house.staff_visit(amira, Sure::Fresh).await;
            let today = house.app.hospice_today(&visit, None).await.unwrap();
            let reasons = today.to_check.into_iter().flat_map(|circle| circle.reasons);
            let lead = reasons.filter(|one| *one == kith_app::CheckReason::LeadNotReached).count();
            (today.own_mail_comes_back, today.staff_to_reach, lead)
        };
        assert_eq!(today().await, (false, 0, 0));
        mark(&house, ben).await;
        mark(&house, house.carer.person).await;
        assert_eq!(today().await, (false, 1, 1));
        mark(&house, amira).await;
        assert_eq!(today().await, (true, 1, 1));
    }
}
