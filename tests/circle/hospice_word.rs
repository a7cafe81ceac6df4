//! "I rang: somebody is coming": what the coordinator notes, without a name, and who reads it.

use kith_app::{CheckReason, Failure, PlannedCover, PlannedTask, Visit};
use kith_domain::ids::{PersonId, SlotId};
use kith_domain::{ClaimState, HospiceWord, TaskInput};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// Tom has promised Tuesday's shopping, at which somebody has to be, and does not answer.
struct Silent<'d> {
    house: House<'d>,
    tom: Membership,
    slot: SlotId,
    amira: PersonId,
}

impl<'d> Silent<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let task = TaskInput { if_nobody: "must", ..shopping("2026-03-03") };
        let slot = house.task(task, false).await.remove(0).id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
        let amira = house.coordinator().await;
        // Half an hour before it begins.
        house.clock.advance(24 * 3_600 + 1_800);
        Self { house, tom, slot, amira }
    }

    async fn amira(&self) -> Visit {
        self.house.staff_visit(self.amira, Sure::Trusted).await
    }

    async fn note(&self, visit: &Visit, what: HospiceWord) -> Result<(), Failure> {
        let (app, circle) = (&self.house.app, self.house.circle);
        app.note_hospice_word(visit, circle, self.slot, what, receipt()).await
    }

    /// Why the circle is to be checked, of what concerns the slot.
    async fn reasons(&self) -> Vec<&'static str> {
        let today = self.house.app.hospice_today(&self.amira().await, None).await.unwrap();
        let reasons = today.to_check.into_iter().flat_map(|circle| circle.reasons);
        let of_slot = reasons.filter_map(|reason| match reason {
            CheckReason::NoWord { .. } => Some("no word"),
            CheckReason::NobodyComes { .. } => Some("nobody comes"),
            _ => None,
        });
        of_slot.collect()
    }

    async fn planned(&self) -> PlannedTask {
        let page = self.house.app.hospice_circle(&self.amira().await, self.house.circle).await;
        let slots = page.unwrap().detail.unwrap().slots;
        slots.into_iter().find(|planned| planned.slot == self.slot).unwrap()
    }

    async fn words(&self, reader: &Membership) -> Vec<(HospiceWord, bool)> {
        let visit = self.house.visit(reader, Sure::Trusted).await;
        let page = self.house.app.slot_page(&visit, self.house.circle, self.slot).await.unwrap();
        page.hospice_words.iter().map(|(what, _, counts)| (*what, *counts)).collect()
    }
}

both! {
    async fn what_she_notes_ends_the_call_and_is_read_by_whoever_is_in_charge(database) {
        let silent = Silent::new(database).await;
        let house = &silent.house;
        assert_eq!(silent.reasons().await, ["no word"]);
        let planned = silent.planned().await;
        assert_eq!((planned.cover, planned.noted, planned.may_note), (PlannedCover::NoWord, None, true));
        silent.note(&silent.amira().await, HospiceWord::Coming).await.unwrap();
        assert!(silent.reasons().await.is_empty());
        let noted = silent.planned().await.noted.unwrap();
        assert!(noted.what == HospiceWord::Coming && noted.by_you);
        let ben = house.coordinator().await;
        let bens = house.staff_visit(ben, Sure::Trusted).await;
        let page = house.app.hospice_circle(&bens, house.circle).await.unwrap().detail.unwrap();
        assert!(page.slots.iter().any(|slot| slot.noted.is_some_and(|noted| !noted.by_you)));
        let coming = [(HospiceWord::Coming, true)];
        assert_eq!(silent.words(&house.carer).await, coming);
        assert_eq!(silent.words(&house.patient).await, coming);
        assert!(silent.words(&silent.tom).await.is_empty());
        let told = house.mails(&house.carer).await;
        assert!(told.contains(&"told planned".to_owned()), "{told:?}");
        let claims = house.write(async |unit| unit.claims_of(silent.slot).await).await;
        assert!(claims[0].state == ClaimState::Claimed && claims[0].confirmed_for.is_none());
    }

    async fn that_nobody_can_is_kept_in_sight_and_can_be_put_right(database) {
        let silent = Silent::new(database).await;
        silent.note(&silent.amira().await, HospiceWord::Nobody).await.unwrap();
        assert_eq!(silent.reasons().await, ["nobody comes"]);
        silent.house.clock.advance(60);
        silent.note(&silent.amira().await, HospiceWord::Coming).await.unwrap();
        assert!(silent.reasons().await.is_empty());
        let both = [(HospiceWord::Nobody, false), (HospiceWord::Coming, true)];
        assert_eq!(silent.words(&silent.house.carer).await, both);
    }

    async fn of_two_words_in_one_second_the_later_one_counts(database) {
        let silent = Silent::new(database).await;
        let mut noted = Vec::new();
        for what in [HospiceWord::Nobody, HospiceWord::Coming].repeat(6) {
            silent.note(&silent.amira().await, what).await.unwrap();
            noted.push(what);
            let counts: Vec<_> = silent.words(&silent.house.carer).await;
            let read: Vec<_> = counts.iter().map(|(what, _)| *what).collect();
            assert_eq!(read, noted, "in the order in which they were noted");
            assert_eq!(counts.iter().filter(|(_, counts)| *counts).count(), 1);
            assert_eq!(counts.last(), Some(&(what, true)));
            let reasons = silent.reasons().await;
            assert_eq!(reasons.is_empty(), what == HospiceWord::Coming, "{reasons:?}");
            assert_eq!(silent.planned().await.noted.map(|noted| noted.what), Some(what));
        }
    }

    async fn it_counts_no_more_when_somebody_says_something_or_it_is_moved(database) {
        let silent = Silent::new(database).await;
        let house = &silent.house;
        silent.note(&silent.amira().await, HospiceWord::Coming).await.unwrap();
        house.clock.advance(60);
        let visit = house.visit(&silent.tom, Sure::Trusted).await;
        let how = kith_app::CannotHow::AskForCover;
        house.app.cannot_make_it(&visit, house.circle, silent.slot, how, receipt()).await.unwrap();
        assert_eq!(silent.words(&house.carer).await, [(HospiceWord::Coming, false)]);
        assert_eq!(silent.planned().await.cover, PlannedCover::CoverWanted);
        assert_eq!(silent.planned().await.noted, None);
        house.clock.advance(60);
        silent.note(&silent.amira().await, HospiceWord::Coming).await.unwrap();
        assert!(silent.planned().await.noted.is_some());
        let slot = house.slot(silent.slot).await;
        let later = (slot.starts.plus_hours(3), slot.ends.plus_hours(3));
        house.write(async |unit| unit.move_slot(&slot, slot.date, later.0, later.1).await).await;
        assert_eq!(silent.planned().await.noted, None, "it was of another time");
    }

    async fn nobody_can_counts_no_more_when_whoever_has_it_will_be_there(database) {
        let silent = Silent::new(database).await;
        let house = &silent.house;
        silent.note(&silent.amira().await, HospiceWord::Nobody).await.unwrap();
        assert_eq!(silent.words(&house.carer).await, [(HospiceWord::Nobody, true)]);
        house.clock.advance(60);
        let visit = house.visit(&silent.tom, Sure::Trusted).await;
        house.app.confirm_promise(&visit, house.circle, silent.slot, receipt()).await.unwrap();
        assert_eq!(silent.words(&house.carer).await, [(HospiceWord::Nobody, false)]);
    }

    async fn only_coordinators_note_it_and_only_of_what_is_theirs(database) {
        let silent = Silent::new(database).await;
        let house = &silent.house;
        for reader in [&house.carer, &house.patient, &silent.tom] {
            let visit = house.visit(reader, Sure::Fresh).await;
            let refused = silent.note(&visit, HospiceWord::Nobody).await;
            assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
        }
        let unsure = house.staff_visit(silent.amira, Sure::SignedIn).await;
        let refused = silent.note(&unsure, HospiceWord::Nobody).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        let amira = silent.amira().await;
        let other = house.task(shopping("2026-03-04"), false).await.remove(0).id;
        let what = HospiceWord::Coming;
        let refused = house.app.note_hospice_word(&amira, house.circle, other, what, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "the circle settles that: {refused:?}");
        let visit = house.visit(&silent.tom, Sure::Trusted).await;
        house.app.confirm_promise(&visit, house.circle, silent.slot, receipt()).await.unwrap();
        let refused = silent.note(&amira, what).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "he has said so himself: {refused:?}");
    }
}
