//! Whether another time suits Alan, who has no e-mail, and that he stops what he did each time: said
//! for him as everything else is, by the same people, and with who said it.

use std::sync::Arc;

use kith_app::{Failure, MoveOutcome, TakeOutcome, Visit};
use kith_domain::ids::{ProposedMoveId, SlotId};
use kith_domain::{Category, MembershipState, Preset, SaidFor, TaskInput};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};
use tokio_util::task::TaskTracker;

use crate::consent::later;
use crate::house::{House, Sure, each_time, just_rota, once, receipt, shopping, weekly};

/// Alan and Tom do the shopping of a Wednesday, and are asked whether another time suits.
struct Asked<'d> {
    house: House<'d>,
    alan: Membership,
    tom: Membership,
    slot: SlotId,
    question: ProposedMoveId,
}

impl<'d> Asked<'d> {
    async fn on(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let tom = house.friend("Tom", just_rota()).await;
        let task = TaskInput { places: "2", ..shopping("2026-03-11") };
        let slot = house.task(task, false).await[0].id;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let whom = once(&alan);
        house.app.take_for(&carer, house.circle, slot, whom, receipt()).await.unwrap();
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        house.change(&carer, slot, &later("2")).await;
        let page = house.app.slot_page(&carer, house.circle, slot).await.unwrap();
        let question = page.slot.instead.unwrap().id;
        Self { house, alan, tom, slot, question }
    }

    async fn answer(
        &self,
        visit: &Visit,
        whose: &Membership,
        yes: bool,
    ) -> Result<MoveOutcome, Failure> {
        let (whose, answer) = ((self.slot, whose.id), (self.question, yes));
        self.house.app.answer_move_for(visit, self.house.circle, whose, answer, receipt()).await
    }

    async fn carer(&self) -> Visit {
        self.house.visit(&self.house.carer, Sure::Trusted).await
    }

    /// Whom the page of the slot asks its reader to ring.
    async fn to_ring(&self, visit: &Visit) -> usize {
        let more = self.house.app.slot_more(visit, self.house.circle, self.slot).await;
        more.unwrap().to_ring.len()
    }
}

/// What was said for somebody, and whether the reader said it.
async fn said(house: &House<'_>, reader: &Membership, whose: &Membership) -> Vec<(bool, SaidFor)> {
    let visit = house.visit(reader, Sure::Fresh).await;
    let page = house.app.member(&visit, house.circle, whose.id).await.unwrap();
    page.spoken_for.said.iter().map(|line| (line.by_you, line.what)).collect()
}

/// The address of somebody turns out to be none.
async fn comes_back(house: &House<'_>, member: &Membership) {
    house
        .write(async |unit| {
            let address = unit.person(member.person).await?.email.expect("an address");
            unit.address_refused(member.person, address.bytes(), house.now()).await
        })
        .await;
}

async fn remembered(asked: &Asked<'_>, yes: bool, came: MoveOutcome, what: SaidFor) {
    let house = &asked.house;
    let carer = asked.carer().await;
    assert_eq!(asked.to_ring(&carer).await, 1);
    assert_eq!(asked.answer(&carer, &asked.alan, yes).await.unwrap(), came);
    assert_eq!(asked.to_ring(&carer).await, 0);
    // In the order in which it was said, in one second too.
    let own = said(house, &house.carer, &asked.alan).await;
    assert_eq!(own, [(true, SaidFor::Takes), (true, what)]);
    let patient = said(house, &house.patient, &asked.alan).await;
    assert_eq!(patient.last(), Some(&(false, what)));
    // The page of the slot says it to him, and to no other friend.
    let read = async |reader: &Membership| {
        let visit = house.visit(reader, Sure::Trusted).await;
        let page = house.app.slot_page(&visit, house.circle, asked.slot).await.unwrap();
        page.said_for.iter().filter(|line| line.what == what).count()
    };
    assert_eq!((read(&asked.alan).await, read(&asked.tom).await), (1, 0));
}

both! {
    async fn a_yes_is_remembered_with_who_said_it(database) {
        remembered(&Asked::on(database).await, true, MoveOutcome::Waits, SaidFor::Suits).await;
    }

    async fn a_no_is_remembered_with_who_said_it(database) {
        remembered(&Asked::on(database).await, false, MoveOutcome::Stays, SaidFor::SuitsNot).await;
    }

    async fn a_form_that_is_sent_twice_is_said_once(database) {
        let asked = Asked::on(database).await;
        let (form, carer) = (receipt(), asked.carer().await);
        for _ in 0..2 {
            let (whose, answer) = ((asked.slot, asked.alan.id), (asked.question, true));
            let app = &asked.house.app;
            let came = app.answer_move_for(&carer, asked.house.circle, whose, answer, form).await;
            assert_eq!(came.unwrap(), MoveOutcome::Waits);
        }
        assert_eq!(said(&asked.house, &asked.house.carer, &asked.alan).await.len(), 2);
    }

    async fn nobody_answers_but_whoever_speaks_for_him(database) {
        let asked = Asked::on(database).await;
        let house = &asked.house;
        let joan = house.friend("Joan", Preset::PrivatePage.with_entry(true)).await;
        let without = house.carer_without(Category::Rota).await;
        let amira = house.coordinator().await;
        for visit in [
            house.visit(&joan, Sure::Fresh).await,
            house.visit(&asked.tom, Sure::Fresh).await,
            house.visit(&asked.alan, Sure::Trusted).await,
            house.visit(&without, Sure::Fresh).await,
            house.staff_visit(amira, Sure::Fresh).await,
        ] {
            let refused = asked.answer(&visit, &asked.alan, false).await;
            assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        }
        let unsure = house.visit(&house.carer, Sure::SignedIn).await;
        let refused = asked.answer(&unsure, &asked.alan, false).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        let carer = asked.carer().await;
        for whose in [&asked.tom, &house.carer, &house.patient, &joan] {
            let refused = asked.answer(&carer, whose, false).await;
            assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        }
        assert_eq!(said(house, &house.carer, &asked.alan).await, [(true, SaidFor::Takes)]);
    }

    async fn whoever_is_asked_herself_is_not_told_to_ring_herself(database) {
        let house = House::new(database).await;
        let sam = house.carer_without(Category::Care).await;
        let slot = house.task(shopping("2026-03-11"), false).await[0].id;
        let sams = house.visit(&sam, Sure::Trusted).await;
        house.app.take_slot(&sams, house.circle, slot, receipt()).await.unwrap();
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        house.change(&carer, slot, &later("1")).await;
        comes_back(&house, &sam).await;
        let rings = async |visit: &Visit| {
            house.app.slot_more(visit, house.circle, slot).await.unwrap().to_ring.len()
        };
        assert_eq!((rings(&sams).await, rings(&carer).await), (0, 1));
    }

    async fn of_an_answer_and_a_goodbye_one_comes_first(database) {
        let asked = Asked::on(database).await;
        let house = &asked.house;
        let carer = asked.carer().await;
        let (app, circle, alan, now) =
            (Arc::clone(&house.app), house.circle, asked.alan.id, house.now());
        let (whose, answer) = ((asked.slot, alan), (asked.question, true));
        let answering = house.write(async |unit| {
            let (active, left) = (MembershipState::Active, MembershipState::Left);
            assert!(unit.put_membership_state(alan, active, left, now).await?);
            let answering = TaskTracker::new().spawn(async move {
                app.answer_move_for(&carer, circle, whose, answer, receipt()).await
            });
            if database.is_postgres() {
                house.until_somebody_waits().await;
            }
            Ok(answering)
        }).await;
        let came = answering.await.unwrap();
        assert!(matches!(came, Err(Failure::Changed | Failure::NotHere)), "{came:?}");
    }

    async fn that_he_stops_is_said_by_whoever_speaks_for_him_and_remembered(database) {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", Preset::PrivatePage.with_entry(true)).await;
        let without = house.carer_without(Category::Rota).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let whom = each_time(&alan);
        let took = house.app.take_for(&carer, house.circle, slots[0].id, whom, receipt()).await;
        assert_eq!(took.unwrap(), TakeOutcome::Yours);
        let toms = house.visit(&tom, Sure::Trusted).await;
        let last = slots[2].date.to_string();
        let stop = async |visit: &Visit, whose: &Membership, form| {
            let (whose, how) = ((slots[0].id, Some(whose.id)), (last.as_str(), true));
            house.app.stop_every(visit, house.circle, whose, how, form).await
        };
        for visit in [
            &toms,
            &house.visit(&joan, Sure::Fresh).await,
            &house.visit(&without, Sure::Fresh).await,
            // He ends it for himself, and not so.
            &house.visit(&alan, Sure::Trusted).await,
        ] {
            let refused = stop(visit, &alan, receipt()).await;
            assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
            let whose = Some(alan.id);
            let form = house.app.stop_every_form(visit, house.circle, slots[0].id, whose).await;
            assert!(matches!(form, Err(Failure::NotHere)));
        }
        let unsure = house.visit(&house.carer, Sure::SignedIn).await;
        let refused = stop(&unsure, &alan, receipt()).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        // Nobody ends it so for whoever reads our mails.
        let refused = stop(&carer, &tom, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let (form, back) = (receipt(), slots.len() - 3);
        for _ in 0..2 {
            assert_eq!(stop(&carer, &alan, form).await.unwrap(), back);
        }
        let own = said(&house, &house.carer, &alan).await;
        assert_eq!(own.iter().filter(|(by_you, _)| *by_you).count(), own.len());
        let cannot = own.iter().filter(|(_, what)| *what == SaidFor::Cannot).count();
        assert_eq!(cannot, own.len().min(back), "each date that was handed back");
        let of_slot = house.app.slot_page(&carer, house.circle, slots[0].id).await.unwrap();
        let words: Vec<_> = of_slot.said_for.iter().map(|line| line.what).collect();
        assert_eq!(words, [SaidFor::Takes, SaidFor::Stops]);
    }

    async fn whoever_does_it_each_time_and_lost_the_address_is_spoken_for_but_not_by_herself(database) {
        let house = House::new(database).await;
        let sam = house.carer_without(Category::Care).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        let sams = house.visit(&sam, Sure::Trusted).await;
        let every = (&[][..], kith_app::Every::UntilISay, None);
        house.app.take_dates(&sams, house.circle, slots[0].id, every, receipt()).await.unwrap();
        comes_back(&house, &sam).await;
        let may_end = async |visit: &Visit| {
            let page = house.app.slot_page(visit, house.circle, slots[0].id).await.unwrap();
            page.every_time[0].may_end
        };
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        assert_eq!((may_end(&carer).await, may_end(&sams).await), (Some(sam.id), None));
    }
}
