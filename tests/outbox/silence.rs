//! Silence about a slot that must not be missed is noticed in three steps, each of which ends with
//! "I'll be there".

use kith_domain::ids::CircleId;
use kith_domain::{
    Clock as _, Disclosure, IfNobody, MemberRole, Places, Repeat, TaskDraft, TaskKind,
};
use kith_store::{Claim, Slot};
use kith_tests::clock::local_times;
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Ann has promised Tuesday at three, when somebody has to come; Ruth is the carer.
struct Promised {
    world: World,
    circle: CircleId,
    ann: Member,
    ruth: Member,
    slot: Slot,
    claim: Claim,
}

impl Promised {
    async fn new(database: &TestDatabase, if_nobody: IfNobody) -> Self {
        Self::one_of(database, if_nobody, 1).await
    }

    async fn one_of(database: &TestDatabase, if_nobody: IfNobody, places: u8) -> Self {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ruth = world.member(circle, MemberRole::Carer, "ruth").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let kind = TaskKind::Visit;
        let draft = TaskDraft {
            kind,
            first: local_times("2026-11-24", "15:00"),
            repeat: Repeat::Once,
            places: Places::new(places, kind).unwrap(),
            disclosure: Disclosure::NONE,
            if_nobody,
            note: None,
        };
        let slot = world.slot_of(circle, &draft).await;
        let claim = world.promise(&slot, &ann).await;
        Self { world, circle, ann, ruth, slot, claim }
    }

    /// Bea promises the same; whom e-mail reaches, or not.
    async fn bea_too(&self, mail_reaches: bool) -> Claim {
        let bea = self.world.member(self.circle, MemberRole::Friend, "bea").await;
        if !mail_reaches {
            self.world.write(async |unit| unit.stop_mail(bea.place.person).await).await;
        }
        self.world.promise(&self.slot, &bea).await
    }

    /// To whom mails leave at `now`, and the beginning of what each says.
    async fn sent(&self, now: &str) -> Vec<(String, String)> {
        let said = |text: &str| text.lines().nth(2).unwrap_or_default().to_owned();
        self.mails(now).await.into_iter().map(|(to, text)| (to, said(&text))).collect()
    }

    /// The same, and all that each says.
    async fn mails(&self, now: &str) -> Vec<(String, String)> {
        self.world.now_is(now);
        self.world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        sink.accepted().iter().map(|mail| (mail.to.clone(), mail.read().text)).collect()
    }

    /// How many promises the hospice is asked to ring about.
    async fn to_ring(&self) -> usize {
        let now = self.world.clock.now();
        let snapshot = self.world.store.snapshot(self.world.organisation).await.unwrap();
        let told_before = now.plus_hours(-1);
        let silent = snapshot.silent_promises(now, now.plus_hours(24), told_before).await.unwrap();
        assert!(silent.iter().all(|silent| silent.slot == self.slot.id));
        silent.iter().filter(|silent| silent.circle == self.circle).count()
    }

    async fn say_there(&self) {
        let confirmed =
            self.world.write(async |unit| unit.confirm_claim(&self.claim, &self.slot).await).await;
        assert!(confirmed);
    }
}

fn to_ann(words: &str) -> (String, String) {
    ("ann@mail.example".to_owned(), words.to_owned())
}

both! {
    async fn the_person_is_asked_then_the_carer_is_told_then_the_hospice_rings(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        assert_eq!(promised.sent("2026-11-23T18:00:00Z").await.len(), 1, "the reminder");
        let asked = promised.sent("2026-11-24T09:00:00Z").await;
        assert_eq!(asked, [to_ann("Will you be there on Tuesday 24 November at 3pm?")]);
        assert_eq!(promised.sent("2026-11-24T11:59:59Z").await, []);
        let told = promised.sent("2026-11-24T12:00:00Z").await;
        let to_ruth = ("ruth@mail.example".to_owned(), "No word yet about Tuesday 24 November at 3pm".to_owned());
        assert_eq!(told, [to_ruth]);
        assert_eq!(promised.to_ring().await, 0, "the carer has an hour");
        promised.world.now_is("2026-11-24T13:00:00Z");
        assert_eq!(promised.to_ring().await, 1);
        promised.say_there().await;
        assert_eq!(promised.to_ring().await, 0);
    }

    async fn the_carer_is_told_of_somebody_whom_no_mail_reaches(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        let (world, ann) = (&promised.world, promised.ann.place.person);
        world.write(async |unit| unit.stop_mail(ann).await).await;
        assert_eq!(promised.sent("2026-11-23T18:00:00Z").await, []);
        assert_eq!(promised.sent("2026-11-24T09:00:00Z").await, [], "she is not asked by mail");
        let told = promised.sent("2026-11-24T12:00:00Z").await;
        let to_ruth = ("ruth@mail.example".to_owned(), "No word yet about Tuesday 24 November at 3pm".to_owned());
        assert_eq!(told, [to_ruth]);
    }

    async fn the_hospice_rings_where_no_mail_tells_the_carer(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        let (world, ruth) = (&promised.world, promised.ruth.place.person);
        world.write(async |unit| unit.stop_mail(ruth).await).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.sent("2026-11-24T09:00:00Z").await;
        assert_eq!(promised.sent("2026-11-24T12:00:00Z").await, []);
        assert_eq!(promised.to_ring().await, 0);
        world.now_is("2026-11-24T13:00:00Z");
        assert_eq!(promised.to_ring().await, 1);
    }

    async fn the_hospice_rings_where_the_carer_promised_it_herself(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        let world = &promised.world;
        let now = world.clock.now();
        let dropped = kith_domain::ClaimState::Dropped;
        world.write(async |unit| unit.put_claim_state(&promised.claim, dropped, now).await).await;
        world.promise(&promised.slot, &promised.ruth).await;
        world.now_is("2026-11-24T12:59:59Z");
        assert_eq!(promised.to_ring().await, 0);
        world.now_is("2026-11-24T13:00:00Z");
        assert_eq!(promised.to_ring().await, 1);
    }

    async fn a_carer_who_is_told_late_has_an_hour_as_well(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.sent("2026-11-24T09:00:00Z").await;
        assert_eq!(promised.sent("2026-11-24T13:30:00Z").await.len(), 2, "and the reminder");
        assert_eq!(promised.to_ring().await, 0);
        promised.world.now_is("2026-11-24T14:30:00Z");
        assert_eq!(promised.to_ring().await, 1);
    }

    async fn whoever_says_so_is_left_in_peace(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.say_there().await;
        assert_eq!(promised.sent("2026-11-24T09:00:00Z").await, []);
        assert_eq!(promised.sent("2026-11-24T12:00:00Z").await, []);
        let ended: Vec<_> = promised.world.mails().await.into_iter().map(|mail| mail.ended()).collect();
        assert_eq!(ended.iter().filter(|ended| *ended == "cancelled: answered").count(), 2);
    }

    async fn a_slot_that_is_moved_has_steps_of_its_own(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.say_there().await;
        let (slot, claim) = (&promised.slot, &promised.claim);
        let later = (slot.starts.plus_hours(2), slot.ends.plus_hours(2));
        let now = promised.world.clock.now();
        promised.world.write(async |unit| {
            unit.move_slot(slot, slot.date, later.0, later.1).await?;
            unit.plan_again(claim, later.0, now).await
        }).await;
        let reminded = promised.sent("2026-11-24T09:00:00Z").await;
        assert_eq!(reminded, [to_ann("Your task on Tuesday 24 November at 5pm")], "and no question yet");
        let asked = promised.sent("2026-11-24T11:00:00Z").await;
        assert_eq!(asked, [to_ann("Will you be there on Tuesday 24 November at 5pm?")]);
    }

    async fn what_the_hospice_was_told_is_an_answer(database) {
        let promised = Promised::new(database, IfNobody::Must).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.sent("2026-11-24T09:00:00Z").await;
        let (slot, now) = (&promised.slot, promised.world.clock.now());
        let amira = promised.world.person(None).await;
        let coming = kith_domain::HospiceWord::Coming;
        promised.world.write(async |unit| unit.add_hospice_word(slot, amira, coming, now).await).await;
        assert_eq!(promised.sent("2026-11-24T12:00:00Z").await, [], "the carer knows");
        promised.world.now_is("2026-11-24T13:00:00Z");
        assert_eq!(promised.to_ring().await, 0);
    }

    async fn nobody_is_asked_where_it_is_fine_if_nobody_comes(database) {
        let promised = Promised::new(database, IfNobody::TellMe).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        assert_eq!(promised.sent("2026-11-24T12:00:00Z").await, []);
        assert_eq!(promised.ann.address, "ann@mail.example");
    }

    async fn of_two_who_promised_the_same_she_is_told_in_one_mail(database) {
        let promised = Promised::one_of(database, IfNobody::Must, 2).await;
        promised.bea_too(true).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.sent("2026-11-24T09:00:00Z").await;
        let told = promised.mails("2026-11-24T12:00:00Z").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(!told[0].1.contains("say it for them"), "{}", told[0].1);
        assert_eq!(promised.to_ring().await, 0, "the carer has an hour");
    }

    async fn what_was_heard_of_one_says_nothing_of_the_other(database) {
        let promised = Promised::one_of(database, IfNobody::Must, 2).await;
        let (world, slot) = (&promised.world, &promised.slot);
        let hers = promised.bea_too(false).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        promised.say_there().await;
        promised.sent("2026-11-24T09:00:00Z").await;
        let told = promised.mails("2026-11-24T12:00:00Z").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].1.contains("say it for them"), "no mail asks Bea: {}", told[0].1);
        world.write(async |unit| unit.confirm_claim(&hers, slot).await).await;
        assert_eq!(promised.to_ring().await, 0);
    }

    async fn of_whom_the_carer_has_said_so_already_nothing_is_asked(database) {
        let promised = Promised::one_of(database, IfNobody::Must, 2).await;
        let (world, slot) = (&promised.world, &promised.slot);
        let hers = promised.bea_too(false).await;
        promised.sent("2026-11-23T18:00:00Z").await;
        world.write(async |unit| unit.confirm_claim(&hers, slot).await).await;
        promised.sent("2026-11-24T09:00:00Z").await;
        let told = promised.mails("2026-11-24T12:00:00Z").await;
        assert_eq!(told.len(), 1, "of Ann nothing was heard: {told:?}");
        assert!(!told[0].1.contains("say it for them"), "{}", told[0].1);
    }
}
