//! Somebody who said yes on the telephone, and whose address was mistyped when she was named: whoever is
//! in charge corrects it, or takes it away, until she has come in herself.

use kith_app::{
    AdmissionForm, ChangeOutcome, DemoPerson, Every, Failure, MoveOutcome, SaidOutcome,
    TakeOutcome, TaskChange, Touching, Visit,
};
use kith_domain::ids::{CircleId, MembershipId, PersonId, ProposedMoveId, SlotId, TaskId};
use kith_domain::{MembershipState, RepeatInput, SaidFor, TaskInput, Unreached};
use kith_store::{Membership, StoreError};
use kith_tests::{TestDatabase, both};

use crate::new_address::sent;
use crate::several::friend;
use crate::town::{Town, receipt};

const WRONG: &str = "zoe@wrong.example";
const RIGHT: &str = "zoe@right.example";

/// Ruth named Zoe with an address that is none, and Zoe said yes on the telephone; Ruth took a visit for
/// her.
struct Yes {
    town: Town,
    heron: CircleId,
    ruth: Visit,
    zoe: MembershipId,
    slot: SlotId,
}

impl Yes {
    async fn new(database: &TestDatabase, address: &str) -> Self {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        sent(&town).await;
        let form = friend("Zoe", address, "");
        let zoe = town.app.name_friend(&ruth, heron, &form, receipt()).await.unwrap();
        sent(&town).await;
        let week = town.app.rota_week(&ruth, heron, None).await.unwrap();
        let days = week.days.iter();
        let mut slots =
            days.flat_map(|day| day.morning.iter().chain(&day.afternoon).chain(&day.evening));
        let from = town.app.now().plus_days(2);
        let slot = slots.find(|slot| slot.needs_somebody && slot.starts > from).unwrap().id;
        let yes = Self { town, heron, ruth, zoe, slot };
        if !address.is_empty() {
            yes.mail_comes_back().await;
        }
        let app = &yes.town.app;
        app.say_yes_for(&yes.ruth, heron, zoe, receipt()).await.unwrap();
        let whom = (Some(zoe), Every::No, None);
        let took = app.take_for(&yes.ruth, heron, slot, whom, receipt()).await.unwrap();
        assert_eq!(took, TakeOutcome::Yours);
        sent(&yes.town).await;
        yes
    }

    async fn place(&self) -> Membership {
        let snapshot = self.town.store.snapshot(self.ruth.organisation.id).await.unwrap();
        let place = snapshot.membership(self.zoe).await.unwrap().unwrap();
        snapshot.end();
        place
    }

    async fn mail_comes_back(&self) {
        self.mail_comes_back_after(0).await;
    }

    async fn mail_comes_back_after(&self, days: i64) {
        let person = self.place().await.person;
        let now = self.town.app.now().plus_days(days);
        let marked: Result<(), StoreError> = self
            .town
            .store
            .transact(self.ruth.organisation.id, async |unit| {
                let address = unit.person(person).await?.email.expect("an address");
                unit.address_refused(person, address.bytes(), now).await
            })
            .await;
        marked.unwrap();
    }

    /// What correcting the address comes to when the first mail comes back so many days later.
    async fn corrected_once_it_comes_back_after(&self, days: i64) -> Result<(), Failure> {
        let person = self.place().await.person;
        let arrives: Result<(), StoreError> = self
            .town
            .store
            .transact(self.ruth.organisation.id, async |unit| unit.mail_arrives(person).await)
            .await;
        arrives.unwrap();
        self.mail_comes_back_after(days).await;
        self.correct(RIGHT).await
    }

    async fn correct(&self, to: &str) -> Result<(), Failure> {
        let app = &self.town.app;
        app.correct_invitation(&self.ruth, self.heron, self.zoe, (to, ""), receipt()).await
    }

    async fn unreached(&self) -> Option<Unreached> {
        let page = self.town.app.member(&self.ruth, self.heron, self.zoe).await.unwrap();
        page.member.unreached
    }

    /// Whose promise the slot is.
    async fn promised_by(&self) -> Option<PersonId> {
        let snapshot = self.town.store.snapshot(self.ruth.organisation.id).await.unwrap();
        let claim = snapshot.live_claim(self.slot, self.zoe).await.unwrap();
        snapshot.end();
        claim.map(|claim| claim.person)
    }

    /// A task of every week, which Ruth takes for Zoe each time.
    async fn each_week(&self) -> SlotId {
        let app = &self.town.app;
        let input = TaskInput {
            kind: "shopping",
            date: "2026-12-03",
            start: "10:00",
            end: "11:00",
            repeat: RepeatInput { comes: "weekly", ..RepeatInput::default() },
            ..TaskInput::default()
        };
        let added = app.add_task(&self.ruth, self.heron, &input, false, receipt()).await.unwrap();
        let snapshot = self.town.store.snapshot(self.ruth.organisation.id).await.unwrap();
        let first = snapshot.slots_of_task(added.task, app.now()).await.unwrap().remove(0).id;
        snapshot.end();
        let whom = (Some(self.zoe), Every::UntilISay, None);
        app.take_for(&self.ruth, self.heron, first, whom, receipt()).await.unwrap();
        sent(&self.town).await;
        first
    }

    /// Ruth would like it to be two hours later from now on.
    async fn at_noon_instead(&self, slot: SlotId) {
        let change = TaskChange {
            scope: "all",
            date: "2026-12-03",
            start: "12:00",
            end: "13:00",
            places: "1",
            if_nobody: "tell_me",
            ..TaskChange::default()
        };
        let send = async |touching| {
            let change = TaskChange { touching, ..change };
            self.town.app.change_task(&self.ruth, self.heron, slot, &change, receipt()).await
        };
        let asks = send(Touching::default()).await.unwrap();
        let ChangeOutcome::Asks(asks) = asks else { panic!("{asks:?}") };
        send(Touching { promises: "change", seen: &asks.seen }).await.unwrap();
    }

    /// The task of a slot, and its slots with what is asked about them.
    async fn task_of(&self, slot: SlotId) -> (TaskId, Vec<(SlotId, Option<ProposedMoveId>)>) {
        let snapshot = self.town.store.snapshot(self.ruth.organisation.id).await.unwrap();
        let task = snapshot.slot(slot).await.unwrap().unwrap().task;
        let mut found = Vec::new();
        for slot in snapshot.slots_of_task(task, self.town.app.now()).await.unwrap() {
            let open = snapshot.open_move_of(slot.id).await.unwrap();
            found.push((slot.id, open.map(|open| open.id)));
        }
        snapshot.end();
        (task, found)
    }

    /// Zoe comes in with the words that Ruth tells her.
    async fn comes_in(&self, link: &str) -> Visit {
        let page = self.town.app.member(&self.ruth, self.heron, self.zoe).await.unwrap();
        let form = AdmissionForm {
            words: page.words.unwrap().words,
            number: "8642".to_owned(),
            number_again: "8642".to_owned(),
            ..AdmissionForm::default()
        };
        let stranger = self.town.stranger().await;
        let came = self.town.app.admit_by_words(&stranger, link, &form, receipt()).await.unwrap();
        let device = came.cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        self.town.visit(Some(came.cookies.session.as_str()), device.as_deref()).await
    }
}

both! {
    async fn it_goes_to_the_right_address_with_what_she_has_promised(database) {
        let yes = Yes::new(database, WRONG).await;
        let app = &yes.town.app;
        let before = yes.place().await.person;
        assert_eq!(yes.unreached().await, Some(Unreached::ComesBack));
        let page = app.member(&yes.ruth, yes.heron, yes.zoe).await.unwrap();
        let invitation = page.invitation.expect("it can be corrected");
        assert!(invitation.by_mail && invitation.is_in);
        yes.correct(RIGHT).await.unwrap();
        let mails = sent(&yes.town).await;
        let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(to, [RIGHT], "the invitation, as she has never come in");
        let place = yes.place().await;
        assert_ne!(place.person, before, "nothing of the wrong mailbox leads to her");
        assert_eq!(place.state, MembershipState::Active, "her yes stands");
        assert_eq!(yes.promised_by().await, Some(place.person), "and what she promised");
        assert_eq!(yes.unreached().await, None);
        // She is reminded like anybody.
        let page = app.slot_page(&yes.ruth, yes.heron, yes.slot).await.unwrap();
        yes.town.clock.advance(page.slot.starts.seconds_since(app.now()) - 5 * 3_600);
        app.plan_reminders().await.unwrap();
        let mails = sent(&yes.town).await;
        let hers: Vec<_> = mails.iter().filter(|mail| mail.to == RIGHT).collect();
        assert!(!hers.is_empty() && mails.iter().all(|mail| mail.to != WRONG));
    }

    async fn what_was_asked_at_the_wrong_address_is_asked_at_the_right_one(database) {
        let yes = Yes::new(database, WRONG).await;
        let app = &yes.town.app;
        let weekly = yes.each_week().await;
        yes.at_noon_instead(weekly).await;
        sent(&yes.town).await;
        yes.correct(RIGHT).await.unwrap();
        let mails = sent(&yes.town).await;
        let questions: Vec<_> = mails.iter().filter(|mail| !mail.link().contains("/i/")).collect();
        assert_eq!(questions.len(), 1, "one mail for all the dates");
        assert_eq!(questions[0].to, RIGHT);
        let text = questions[0].read().text;
        assert!(text.contains("Thursday 3 December, noon to 1pm, instead of"), "{text}");
        // She says yes to each, and goes on doing it each time.
        let link = mails.iter().map(kith_tests::HandedOver::link).find(|link| link.contains("/i/"));
        let link = link.unwrap();
        let zoe = yes.comes_in(link.strip_prefix("https://kith.example/i/").unwrap()).await;
        let (task, slots) = yes.task_of(weekly).await;
        for (slot, question) in slots {
            let answer = (question.expect("each date is asked about"), true);
            let came = app.answer_move(&zoe, yes.heron, slot, answer, receipt()).await.unwrap();
            assert_eq!(came, MoveOutcome::Moved);
        }
        let snapshot = yes.town.store.snapshot(yes.ruth.organisation.id).await.unwrap();
        let standing = snapshot.standing_promises_for(task).await.unwrap();
        let series = snapshot.task(task).await.unwrap().unwrap().series;
        snapshot.end();
        assert_eq!(standing.iter().map(|one| one.series).collect::<Vec<_>>(), [series]);
    }

    async fn what_was_asked_while_there_was_no_address_is_asked_at_the_right_one(database) {
        let yes = Yes::new(database, WRONG).await;
        let weekly = yes.each_week().await;
        let app = &yes.town.app;
        app.remove_invited_address(&yes.ruth, yes.heron, yes.zoe, "", receipt()).await.unwrap();
        yes.at_noon_instead(weekly).await;
        assert!(sent(&yes.town).await.is_empty(), "somebody rings her");
        yes.correct(RIGHT).await.unwrap();
        let mails = sent(&yes.town).await;
        assert!(mails.iter().any(|mail| mail.to == RIGHT && !mail.link().contains("/i/")));
    }

    async fn once_she_has_come_in_the_address_is_hers(database) {
        let yes = Yes::new(database, WRONG).await;
        let app = &yes.town.app;
        yes.correct(RIGHT).await.unwrap();
        let link = sent(&yes.town).await[0].link();
        let zoe = yes.comes_in(link.strip_prefix("https://kith.example/i/").unwrap()).await;
        let own = app.my_details(&zoe).await.unwrap();
        assert_eq!(own.email.as_deref(), Some(RIGHT));
        let rota = app.my_rota(&zoe).await.unwrap();
        assert!(rota.next.is_some(), "what Ruth took for her");
        yes.mail_comes_back().await;
        let refused = yes.correct(WRONG).await;
        assert!(matches!(refused, Err(Failure::Changed)), "{refused:?}");
        let removed = app.remove_invited_address(&yes.ruth, yes.heron, yes.zoe, "", receipt());
        let removed = removed.await;
        assert!(matches!(removed, Err(Failure::Changed)), "{removed:?}");
        let page = app.member(&yes.ruth, yes.heron, yes.zoe).await.unwrap();
        assert!(page.invitation.is_none());
    }

    async fn whom_mails_have_reached_keeps_her_place_when_the_mailbox_is_full(database) {
        let corrected = Yes::new(database, WRONG).await.corrected_once_it_comes_back_after(7).await;
        assert!(matches!(corrected, Err(Failure::Changed)), "{corrected:?}");
    }

    async fn a_mail_that_is_long_on_its_way_back_makes_an_address_nobodys(database) {
        Yes::new(database, WRONG).await.corrected_once_it_comes_back_after(5).await.unwrap();
    }

    async fn an_address_that_works_is_hers_too(database) {
        let yes = Yes::new(database, WRONG).await;
        let person = yes.place().await.person;
        let arrives: Result<(), StoreError> = yes
            .town
            .store
            .transact(yes.ruth.organisation.id, async |unit| unit.mail_arrives(person).await)
            .await;
        arrives.unwrap();
        let refused = yes.correct(RIGHT).await;
        assert!(matches!(refused, Err(Failure::Changed)), "{refused:?}");
        // And so where she has signed in by it, whatever became of it later.
        yes.town.signed_in(&yes.ruth, person).await;
        yes.mail_comes_back().await;
        let refused = yes.correct(RIGHT).await;
        assert!(matches!(refused, Err(Failure::Changed)), "{refused:?}");
    }

    async fn it_is_taken_away_and_given_for_the_first_time(database) {
        let yes = Yes::new(database, WRONG).await;
        let app = &yes.town.app;
        let form = receipt();
        for _ in 0..2 {
            app.remove_invited_address(&yes.ruth, yes.heron, yes.zoe, "", form).await.unwrap();
        }
        assert!(sent(&yes.town).await.is_empty(), "nobody is written to");
        assert_eq!(yes.unreached().await, Some(Unreached::NoAddress));
        let place = yes.place().await;
        assert_eq!(yes.promised_by().await, Some(place.person));
        let page = app.member(&yes.ruth, yes.heron, yes.zoe).await.unwrap();
        assert!(!page.invitation.unwrap().by_mail && !page.has_address);
        assert!(page.words.is_some() && page.spoken_for.may_speak);
        yes.correct(RIGHT).await.unwrap();
        assert_eq!(sent(&yes.town).await.len(), 1);
        assert_eq!(yes.unreached().await, None);
    }

    async fn only_whoever_names_people_takes_it_away(database) {
        let yes = Yes::new(database, WRONG).await;
        let app = &yes.town.app;
        for who in [DemoPerson::Tom, DemoPerson::Joan, DemoPerson::Derek, DemoPerson::Amira] {
            let visit = yes.town.visit_of(who).await;
            let refused =
                app.remove_invited_address(&visit, yes.heron, yes.zoe, "", receipt()).await;
            let no = matches!(refused, Err(Failure::NotHere | Failure::StepUp { .. }));
            assert!(no, "{who:?}: {refused:?}");
        }
        assert_eq!(yes.unreached().await, Some(Unreached::ComesBack));
    }

    async fn that_somebody_takes_over_is_mailed_to_whoever_asked_for_her(database) {
        let yes = Yes::new(database, "").await;
        let app = &yes.town.app;
        let (whose, what) = ((yes.slot, yes.zoe), SaidFor::Cover);
        let came = app.say_for(&yes.ruth, yes.heron, whose, what, receipt()).await.unwrap();
        assert_eq!(came, SaidOutcome::CoverAsked);
        let tom = yes.town.visit_of(DemoPerson::Tom).await;
        let took = app.take_slot(&tom, yes.heron, yes.slot, receipt()).await.unwrap();
        assert_eq!(took, TakeOutcome::Yours);
        yes.town.clock.advance(600);
        let ruth = app.my_details(&yes.ruth).await.unwrap().email.unwrap();
        let mails = sent(&yes.town).await;
        let told: Vec<_> = mails
            .iter()
            .filter(|mail| mail.read().text.contains("Somebody else does it on"))
            .collect();
        assert_eq!(told.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [ruth.as_str()]);
        let text = told[0].read().text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("please tell them that there is no need to go"), "{text}");
        for name in ["Zoe", "Tom", "Margaret"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }
}
