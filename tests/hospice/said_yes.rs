//! "Zoe said yes to me": somebody on paper and the telephone is on the rota, and reads nothing until she
//! comes in with her words.

use kith_app::{AdmissionForm, DemoPerson, Every, Failure, TakeOutcome};
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{MembershipState, SaidFor, Unreached};
use kith_store::StoreError;
use kith_tests::{TestDatabase, both};

use crate::several::friend;
use crate::town::{Town, receipt};

/// Ruth has named Zoe in Heron without an address.
struct Named {
    town: Town,
    heron: CircleId,
    zoe: MembershipId,
}

impl Named {
    async fn new(database: &TestDatabase) -> Self {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let zoe = town.app.name_friend(&ruth, heron, &friend("Zoe", "", ""), receipt()).await;
        Self { zoe: zoe.unwrap(), town, heron }
    }

    async fn yes(&self, who: DemoPerson) -> Result<(), Failure> {
        let visit = self.town.visit_of(who).await;
        self.town.app.say_yes_for(&visit, self.heron, self.zoe, receipt()).await
    }

    async fn state(&self) -> MembershipState {
        let ruth = self.town.visit_of(DemoPerson::Ruth).await;
        self.town.app.member(&ruth, self.heron, self.zoe).await.unwrap().member.state
    }

    /// A slot of the week that somebody is needed for.
    async fn gap(&self) -> SlotId {
        let ruth = self.town.visit_of(DemoPerson::Ruth).await;
        let week = self.town.app.rota_week(&ruth, self.heron, None).await.unwrap();
        let slots = week
            .days
            .iter()
            .flat_map(|day| day.morning.iter().chain(&day.afternoon).chain(&day.evening));
        let now = self.town.app.now();
        let mut open = slots.filter(|slot| slot.needs_somebody && slot.starts > now.plus_days(2));
        open.next().unwrap().id
    }

    async fn take_for_her(&self, slot: SlotId) -> Result<TakeOutcome, Failure> {
        let ruth = self.town.visit_of(DemoPerson::Ruth).await;
        let whom = (Some(self.zoe), Every::No, None);
        self.town.app.take_for(&ruth, self.heron, slot, whom, receipt()).await
    }
}

both! {
    async fn whoever_is_in_charge_says_it_and_nobody_else(database) {
        let named = Named::new(database).await;
        let gap = named.gap().await;
        assert!(matches!(named.take_for_her(gap).await, Err(Failure::Invalid(_))), "not before");
        for who in [DemoPerson::Joan, DemoPerson::Tom, DemoPerson::Amira, DemoPerson::Derek] {
            let refused = named.yes(who).await;
            assert!(matches!(refused, Err(Failure::NotHere)), "{who:?}: {refused:?}");
        }
        assert_eq!(named.state().await, MembershipState::Invited);
        named.yes(DemoPerson::Ruth).await.unwrap();
        assert_eq!(named.state().await, MembershipState::Active);
        let again = named.yes(DemoPerson::Margaret).await;
        assert!(matches!(again, Err(Failure::NotHere)), "she has answered: {again:?}");
        named.town.clock.advance(1);
        assert_eq!(named.take_for_her(gap).await.unwrap(), TakeOutcome::Yours);
        let ruth = named.town.visit_of(DemoPerson::Ruth).await;
        let page = named.town.app.member(&ruth, named.heron, named.zoe).await.unwrap();
        let said: Vec<_> = page.spoken_for.said.iter().map(|line| (line.by_you, line.what)).collect();
        assert_eq!(said, [(true, SaidFor::Yes), (true, SaidFor::Takes)]);
    }

    async fn whom_our_mails_reach_says_so_herself(database) {
        let named = Named::new(database).await;
        let ruth = named.town.visit_of(DemoPerson::Ruth).await;
        let (app, heron) = (&named.town.app, named.heron);
        let form = friend("Bea", "bea@example.org", "");
        let bea = app.name_friend(&ruth, heron, &form, receipt()).await.unwrap();
        let refused = app.say_yes_for(&ruth, heron, bea, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let form = app.yes_for_form(&ruth, heron, bea).await;
        assert!(matches!(form, Err(Failure::NotHere)));
        assert!(!app.member(&ruth, heron, bea).await.unwrap().spoken_for.may_say_yes);
    }

    async fn nothing_opens_by_it_and_the_words_work_as_before(database) {
        let named = Named::new(database).await;
        let (app, heron) = (&named.town.app, named.heron);
        let ruth = named.town.visit_of(DemoPerson::Ruth).await;
        named.yes(DemoPerson::Ruth).await.unwrap();
        let page = app.member(&ruth, heron, named.zoe).await.unwrap();
        assert!(!page.has_device && !page.has_address);
        let words = page.words.expect("they are said as before");
        let address = words.to_type.unwrap();
        let code = address.strip_prefix("kith.example/i/").unwrap();
        let stranger = named.town.stranger().await;
        // Whoever holds the paper and not the words reads no name, and answers for nobody.
        let welcome = app.welcome_page(&stranger, code).await.unwrap();
        assert!(welcome.words_work && welcome.inviter.is_none());
        for answer in [app.say_yes(&stranger, code).await, app.say_no(&stranger, code).await] {
            assert!(matches!(answer, Err(Failure::NotHere)), "{answer:?}");
        }
        assert!(matches!(app.rota_week(&stranger, heron, None).await, Err(Failure::SignIn)));
        // A person who has no session has none by the word of somebody else.
        let store = &named.town.store;
        let snapshot = store.snapshot(ruth.organisation.id).await.unwrap();
        let person = snapshot.membership(named.zoe).await.unwrap().unwrap().person;
        let access = snapshot.circle_access(None, heron, app.now(), false).await.unwrap().unwrap();
        assert!(access.place.is_none());
        assert!(snapshot.enrolments(person, app.now()).await.unwrap().is_empty());
        snapshot.end();
        let signed = named.town.signed_in(&ruth, person).await.0;
        let refused = app.rota_week(&signed, heron, None).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "not without the words: {refused:?}");
        let form = AdmissionForm {
            words: words.words.clone(),
            number: "8642".to_owned(),
            number_again: "8642".to_owned(),
            ..AdmissionForm::default()
        };
        let came = app.admit_by_words(&stranger, code, &form, receipt()).await.unwrap();
        let device = came.cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        let zoe = named.town.visit(Some(came.cookies.session.as_str()), device.as_deref()).await;
        app.rota_week(&zoe, heron, None).await.unwrap();
    }

    async fn whoever_stopped_our_mails_answers_by_the_link_and_that_is_said(database) {
        let named = Named::new(database).await;
        let ruth = named.town.visit_of(DemoPerson::Ruth).await;
        let (app, heron) = (&named.town.app, named.heron);
        let form = friend("Bea", "bea@example.org", "");
        let bea = app.name_friend(&ruth, heron, &form, receipt()).await.unwrap();
        let stopped: Result<(), StoreError> = named
            .town
            .store
            .transact(ruth.organisation.id, async |unit| {
                let person = unit.membership(bea).await?.unwrap().person;
                unit.stop_mail(person).await
            })
            .await;
        stopped.unwrap();
        let page = app.member(&ruth, heron, bea).await.unwrap();
        assert!(!page.spoken_for.may_say_yes, "the button is not there");
        assert_eq!(page.member.unreached, Some(Unreached::Stopped), "and the page says why");
        let form = app.yes_for_form(&ruth, heron, bea).await;
        assert!(matches!(form, Err(Failure::NotHere)));
        let refused = app.say_yes_for(&ruth, heron, bea, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        let page = app.member(&ruth, heron, bea).await.unwrap();
        assert_eq!(page.member.state, MembershipState::Invited, "she has not answered");
    }

    async fn she_is_taken_out_like_anybody(database) {
        let named = Named::new(database).await;
        named.yes(DemoPerson::Margaret).await.unwrap();
        let gap = named.gap().await;
        named.take_for_her(gap).await.unwrap();
        let (app, heron) = (&named.town.app, named.heron);
        let ruth = named.town.visit_of(DemoPerson::Ruth).await;
        let words = app.member(&ruth, heron, named.zoe).await.unwrap().words.unwrap();
        app.remove(&ruth, heron, named.zoe, false, receipt()).await.unwrap();
        let slot = app.slot_page(&ruth, heron, gap).await.unwrap().slot;
        assert!(slot.needs_somebody);
        let address = words.to_type.unwrap();
        let code = address.strip_prefix("kith.example/i/").unwrap();
        let stranger = named.town.stranger().await;
        assert!(matches!(app.welcome_page(&stranger, code).await, Err(Failure::NotHere)));
        assert!(matches!(named.take_for_her(gap).await, Err(Failure::Invalid(_))));
    }
}
