//! Alan has no e-mail: what he says on the telephone is said for him, by whoever is in charge and by
//! nobody else.

use std::sync::Arc;

use kith_app::{Failure, SaidOutcome, TakeOutcome, Visit};
use kith_domain::ids::SlotId;
use kith_domain::{Category, ClaimState, MembershipState, Preset, SaidFor, TaskInput};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};
use tokio_util::task::TaskTracker;

use crate::house::{House, Sure, just_rota, once, receipt, shopping};

/// Alan's shopping of `date`, which the carer took for him.
struct Alans<'d> {
    house: House<'d>,
    alan: Membership,
    slot: SlotId,
    carer: Visit,
}

impl<'d> Alans<'d> {
    async fn on(database: &'d TestDatabase, date: &str) -> Self {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let task = TaskInput { if_nobody: "must", ..shopping(date) };
        let slot = house.task(task, false).await.remove(0).id;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let whom = once(&alan);
        let took = house.app.take_for(&carer, house.circle, slot, whom, receipt()).await;
        assert_eq!(took.unwrap(), TakeOutcome::Yours);
        Self { house, alan, slot, carer }
    }

    async fn say(&self, visit: &Visit, what: SaidFor) -> Result<SaidOutcome, Failure> {
        let whose = (self.slot, self.alan.id);
        self.house.app.say_for(visit, self.house.circle, whose, what, receipt()).await
    }

    /// What the carer says for him, a moment after what was said before.
    async fn said(&self, what: SaidFor) -> SaidOutcome {
        self.house.clock.advance(1);
        let carer = self.house.visit(&self.house.carer, Sure::Trusted).await;
        self.say(&carer, what).await.unwrap()
    }

    /// What becomes of his promise.
    async fn state(&self) -> ClaimState {
        let (slot, alan) = (self.slot, self.alan.id);
        let claim = self.house.write(async |unit| unit.newest_claim(slot, alan).await).await;
        claim.unwrap().state
    }

    /// "Ruth Alan cannot": what the page of the slot says to somebody.
    async fn lines(&self, reader: &Membership) -> Vec<String> {
        let visit = self.house.visit(reader, Sure::Trusted).await;
        let page = self.house.app.slot_page(&visit, self.house.circle, self.slot).await.unwrap();
        let who = |you, name: &Option<String>| {
            if you { "you".to_owned() } else { name.clone().unwrap_or_default() }
        };
        let line = |line: &kith_app::SaidLine| {
            let (by, whom) = (who(line.by_you, &line.by), who(line.for_you, &line.whom));
            format!("{by} {whom} {}", line.what)
        };
        page.said_for.iter().map(line).collect()
    }
}

both! {
    async fn nobody_but_whoever_is_in_charge_speaks_for_another(database) {
        let alans = Alans::on(database, "2026-03-10").await;
        let house = &alans.house;
        let joan = house.friend("Joan", Preset::PrivatePage.with_entry(true)).await;
        let without = house.carer_without(Category::Rota).await;
        let amira = house.coordinator().await;
        let own = house.visit(&alans.alan, Sure::Trusted).await;
        for visit in [
            house.visit(&joan, Sure::Fresh).await,
            house.visit(&without, Sure::Fresh).await,
            house.staff_visit(amira, Sure::Fresh).await,
            // He has a device after all: there he answers for himself, and not so.
            own,
        ] {
            for what in SaidFor::ALL {
                let refused = alans.say(&visit, *what).await;
                assert!(matches!(refused, Err(Failure::NotHere)), "{what}: {refused:?}");
            }
            let form = house.app.say_for_form(&visit, house.circle, alans.slot, alans.alan.id);
            assert!(matches!(form.await, Err(Failure::NotHere)));
        }
        let unsure = house.visit(&house.carer, Sure::SignedIn).await;
        let refused = alans.say(&unsure, SaidFor::Cannot).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        assert_eq!(alans.state().await, ClaimState::Claimed);
        let patient = house.visit(&house.patient, Sure::Trusted).await;
        assert_eq!(alans.say(&patient, SaidFor::There).await.unwrap(), SaidOutcome::Noted);
    }

    async fn whoever_reads_our_mails_answers_for_themselves(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await.remove(0).id;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let (app, circle) = (&house.app, house.circle);
        let say = async || app.say_for(&carer, circle, (slot, tom.id), SaidFor::Cannot, receipt()).await;
        assert!(matches!(say().await, Err(Failure::NotHere)));
        let more = app.slot_more(&carer, circle, slot).await.unwrap();
        assert!(more.spoken_for.is_empty());
        let away = app.away_for(&carer, (circle, tom.id), ("2026-03-09", "2026-03-11"), false, receipt());
        assert!(matches!(away.await, Err(Failure::NotHere)));
        // Now his mail comes back: he is rung.
        house.write(async |unit| {
            let address = unit.person(tom.person).await?.email.expect("an address");
            unit.address_refused(tom.person, address.bytes(), house.now()).await
        }).await;
        let more = app.slot_more(&carer, circle, slot).await.unwrap();
        assert_eq!(more.spoken_for, [(tom.id, "Tom".to_owned())]);
        assert_eq!(say().await.unwrap(), SaidOutcome::GivenBack);
        // Nobody speaks for himself by it, nor for the patient.
        let (own, patient) = ((slot, house.carer.id), (slot, house.patient.id));
        for whose in [own, patient] {
            let refused = app.say_for(&carer, circle, whose, SaidFor::There, receipt()).await;
            assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        }
    }

    async fn with_time_left_it_is_given_back_and_the_others_are_asked(database) {
        let alans = Alans::on(database, "2026-03-10").await;
        let house = &alans.house;
        let joan = house.friend("Joan", just_rota()).await;
        let form = receipt();
        house.clock.advance(1);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        for _ in 0..2 {
            let whose = (alans.slot, alans.alan.id);
            let app = &house.app;
            let came = app.say_for(&carer, house.circle, whose, SaidFor::Cannot, form).await;
            assert_eq!(came.unwrap(), SaidOutcome::GivenBack, "a form that is sent twice is once");
        }
        assert_eq!(house.slot(alans.slot).await.taken, 0);
        let mails = house.mails(&joan).await;
        assert_eq!(mails, ["somebody_needed planned"]);
        let asked = house.mails(&house.carer).await;
        assert!(asked.is_empty(), "whoever said so is not asked: {asked:?}");
        assert_eq!(alans.lines(&house.patient).await, ["Ruth Alan takes", "Ruth Alan cannot"]);
        assert_eq!(alans.lines(&house.carer).await, ["you Alan takes", "you Alan cannot"]);
        assert_eq!(alans.lines(&alans.alan).await, ["Ruth you takes", "Ruth you cannot"]);
        assert!(alans.lines(&joan).await.is_empty(), "it is not for friends");
        assert_eq!(alans.said_again().await, SaidOutcome::Over);
    }

    async fn with_little_time_it_stays_theirs_until_somebody_takes_over(database) {
        let alans = Alans::on(database, "2026-03-03").await;
        let house = &alans.house;
        house.clock.advance(2 * 3_600);
        let sam = house.carer_without(Category::Care).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let form = house.app.say_for_form(&carer, house.circle, alans.slot, alans.alan.id);
        assert_eq!(form.await.unwrap().may, [SaidFor::There, SaidFor::Cover]);
        assert_eq!(alans.said(SaidFor::Cannot).await, SaidOutcome::CoverAsked);
        assert_eq!(alans.state().await, ClaimState::CoverWanted);
        assert_eq!(house.mails(&sam).await, ["cover_wanted planned"]);
        assert!(house.mails(&house.carer).await.is_empty(), "she said so herself");
        assert_eq!(alans.said(SaidFor::There).await, SaidOutcome::Over, "not while cover is wanted");
        assert_eq!(alans.said(SaidFor::Keep).await, SaidOutcome::Noted);
        assert_eq!(alans.state().await, ClaimState::Claimed);
        assert_eq!(alans.said(SaidFor::Keep).await, SaidOutcome::Over);
        assert_eq!(alans.said(SaidFor::Late).await, SaidOutcome::Over, "it is too early");
        assert_eq!(alans.said(SaidFor::There).await, SaidOutcome::Noted);
        let page = house.app.slot_page(&alans.carer, house.circle, alans.slot).await.unwrap();
        assert!(page.slot.who[0].confirmed);
        house.clock.advance(22 * 3_600 + 1_800);
        assert_eq!(alans.said(SaidFor::Late).await, SaidOutcome::Noted);
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.slot_page(&carer, house.circle, alans.slot).await.unwrap();
        assert_eq!(page.late[0].name.as_deref(), Some("Alan"));
        let told = house.mails(&sam).await;
        assert!(told.contains(&"told planned".to_owned()), "{told:?}");
        let said = alans.lines(&house.carer).await;
        assert_eq!(
            said,
            ["you Alan takes", "you Alan cannot", "you Alan keep", "you Alan there", "you Alan late"]
        );
    }

    async fn whoever_has_left_is_spoken_for_no_more(database) {
        let alans = Alans::on(database, "2026-03-10").await;
        let house = &alans.house;
        let fresh = house.visit(&house.carer, Sure::Fresh).await;
        house.app.remove(&fresh, house.circle, alans.alan.id, false, receipt()).await.unwrap();
        assert_eq!(house.slot(alans.slot).await.taken, 0);
        let refused = alans.say(&alans.carer, SaidFor::There).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let elsewhere = House::new(database).await;
        let whose = (alans.slot, alans.alan.id);
        let refused = house.app.say_for(&fresh, elsewhere.circle, whose, SaidFor::There, receipt());
        assert!(matches!(refused.await, Err(Failure::NotHere)));
    }

    async fn being_away_is_noted_in_this_circle_and_ended_by_either(database) {
        let alans = Alans::on(database, "2026-03-10").await;
        let (house, alan) = (&alans.house, &alans.alan);
        let (app, circle) = (&house.app, house.circle);
        let days = ("2026-03-09", "2026-03-15");
        let joan = house.friend("Joan", just_rota()).await;
        let joans = house.visit(&joan, Sure::Fresh).await;
        let refused = app.away_for(&joans, (circle, alan.id), days, true, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let wrong = app.away_for(&alans.carer, (circle, alan.id), ("", ""), true, receipt()).await;
        assert!(matches!(wrong, Err(Failure::Invalid(_))), "{wrong:?}");
        let handed = app.away_for(&alans.carer, (circle, alan.id), days, true, receipt()).await;
        assert_eq!(handed.unwrap(), 1);
        assert_eq!(house.slot(alans.slot).await.taken, 0);
        assert!(alans.lines(&house.carer).await.contains(&"you Alan cannot".to_owned()));
        let another = house.task(TaskInput { start: "14:00", end: "15:00", ..shopping("2026-03-11") }, false);
        let another = another.await.remove(0).id;
        let for_whom = async || {
            app.slot_more(&alans.carer, circle, another).await.unwrap().for_whom.len()
        };
        assert_eq!(for_whom().await, 0, "he is asked for nothing then");
        // It is a note in this circle: what he says of himself, to all of them, is nobody else's.
        let own = house.write(async |unit| unit.times_away(alan.id, house.now()).await).await;
        assert_eq!(own.len(), 1);
        let fresh = house.visit(&house.carer, Sure::Fresh).await;
        let page = app.member(&fresh, circle, alan.id).await.unwrap().spoken_for;
        assert!(page.may_speak && !page.may_say_yes && page.away.is_some());
        for what in [SaidFor::Takes, SaidFor::Away, SaidFor::Cannot] {
            assert!(page.said.iter().any(|line| line.what == what && line.by_you), "{what}");
        }
        app.back_for(&alans.carer, circle, alan.id, receipt()).await.unwrap();
        assert_eq!(for_whom().await, 1);
        app.away_for(&alans.carer, (circle, alan.id), days, false, receipt()).await.unwrap();
        let visit = house.visit(alan, Sure::Trusted).await;
        let noted = app.my_absences(&visit).await.unwrap();
        assert_eq!(noted.len(), 1, "he reads it on his tablet");
        app.be_back(&visit, Some(noted[0].id)).await.unwrap();
        assert_eq!(for_whom().await, 1, "and ends it there");
    }

    async fn what_was_noted_of_being_away_ends_with_the_place(database) {
        let alans = Alans::on(database, "2026-03-10").await;
        let (house, alan) = (&alans.house, &alans.alan);
        let betty = house.friend_without_mail("Betty", just_rota()).await;
        let days = ("2026-03-09", "2026-03-15");
        for who in [alan, &betty] {
            let whose = (house.circle, who.id);
            house.app.away_for(&alans.carer, whose, days, false, receipt()).await.unwrap();
        }
        let noted = async |who: &Membership| {
            let now = house.now();
            house.write(async |unit| unit.absence_here(who.id, now).await).await
        };
        assert!(noted(alan).await.is_some() && noted(&betty).await.is_some());
        // He goes himself, and she is taken out.
        let own = house.visit(alan, Sure::Trusted).await;
        house.app.leave_circle(&own, house.circle, receipt()).await.unwrap();
        assert_eq!(noted(alan).await, None);
        assert!(noted(&betty).await.is_some());
        let fresh = house.visit(&house.carer, Sure::Fresh).await;
        house.app.remove(&fresh, house.circle, betty.id, false, receipt()).await.unwrap();
        assert_eq!(noted(&betty).await, None);
    }

    async fn that_they_are_back_is_not_said_for_whoever_is_being_taken_out(database) {
        let alans = Alans::on(database, "2026-03-10").await;
        let (house, alan) = (&alans.house, alans.alan.id);
        let days = ("2026-03-09", "2026-03-15");
        let whose = (house.circle, alan);
        house.app.away_for(&alans.carer, whose, days, false, receipt()).await.unwrap();
        let (app, circle, now) = (Arc::clone(&house.app), house.circle, house.now());
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let coming_back = house.write(async |unit| {
            let (active, left) = (MembershipState::Active, MembershipState::Left);
            assert!(unit.put_membership_state(alan, active, left, now).await?);
            let back = TaskTracker::new()
                .spawn(async move { app.back_for(&carer, circle, alan, receipt()).await });
            if database.is_postgres() {
                house.until_somebody_waits().await;
            }
            Ok(back)
        }).await;
        let came = coming_back.await.unwrap();
        assert!(matches!(came, Err(Failure::Changed | Failure::NotHere)), "{came:?}");
        let said = house.write(async |unit| unit.said_for(alan, 10).await).await;
        assert!(said.iter().all(|said| said.what != SaidFor::Back), "{said:?}");
        let noted = house.write(async |unit| unit.absence_here(alan, now).await).await;
        assert!(noted.is_some(), "what ends a place ends that");
    }
}

impl Alans<'_> {
    async fn said_again(&self) -> SaidOutcome {
        match self.say(&self.carer, SaidFor::Cannot).await {
            Ok(came) => came,
            // He has promised nothing any more.
            Err(Failure::NotHere) => SaidOutcome::Over,
            Err(other) => panic!("{other:?}"),
        }
    }
}
