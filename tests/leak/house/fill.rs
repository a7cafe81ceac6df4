//! Fills the hospices.

use std::collections::BTreeMap;

use kith_domain::ids::{
    CircleId, ClaimId, ConcernId, ContentId, MembershipId, OrganisationId, PersonId,
    ProposedMoveId, SlotId, StandingPromiseId, TaskId,
};
use kith_domain::proposed_move::lapses_at;
use kith_domain::{
    CircleState, Clock as _, Disclosure, EmailAddress, GrantBasis, IfNobody, LocalTimes,
    MailChoice, MemberRole, MembershipState, Owner, Places, Repeat, TaskDraft, TaskKind, Timestamp,
};
use kith_store::{
    Membership, NewCircle, NewConcern, Person, Slot, StandingPromise, Store, StoreError, UnitOfWork,
};
use kith_tests::{TestClock, TestDatabase};
use kith_vault::{Field, OwnerKey, RandomIds, Vault, random_token};

use super::{CODE, OWN_NUMBER, Things, london};
use crate::marks::{Marks, Task, Whose};
use crate::pen::Pen;
use crate::visitors::{Sure, Visitor, Who};

/// Writes the rows of one hospice, and collects what the requests need.
pub(super) struct Fill<'h> {
    pub(super) database: &'h TestDatabase,
    pub(super) store: &'h Store,
    pub(super) vault: &'h Vault,
    pub(super) clock: &'h TestClock,
    pub(super) here: OrganisationId,
    pub(super) key: OwnerKey,
    pub(super) pen: Pen<'h>,
    pub(super) marks: Marks,
    pub(super) secrets: Vec<String>,
    pub(super) persons: BTreeMap<Who, PersonId>,
    pub(super) places: BTreeMap<Who, MembershipId>,
    pub(super) visitors: Vec<Visitor>,
    pub(super) number: String,
    /// The browser that asked for a code: everybody brings it, as if they shared a computer.
    pub(super) asking: String,
}

impl<'h> Fill<'h> {
    pub(super) async fn new(
        database: &'h TestDatabase,
        store: &'h Store,
        vault: &'h Vault,
        clock: &'h TestClock,
        here: OrganisationId,
        key: OwnerKey,
    ) -> Self {
        let pen = Pen::new(vault, clock, here).await;
        let asking = random_token().as_str().to_owned();
        Self {
            database,
            store,
            vault,
            clock,
            here,
            key,
            pen,
            marks: Marks::default(),
            secrets: vec![asking.clone(), CODE.to_owned(), OWN_NUMBER.to_owned()],
            persons: BTreeMap::new(),
            places: BTreeMap::new(),
            visitors: Vec::new(),
            number: vault.hash_own_number(OWN_NUMBER).unwrap(),
            asking,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, StoreError>,
    ) -> T {
        self.store.transact(self.here, work).await.unwrap()
    }

    pub(super) fn secret(&mut self) -> String {
        let secret = random_token().as_str().to_owned();
        self.secrets.push(secret.clone());
        secret
    }

    pub(super) async fn everything(
        mut self,
        there: OrganisationId,
        other_key: OwnerKey,
    ) -> (Marks, Things, Vec<Visitor>, Vec<String>) {
        let mailbox = self.marks.make_address(Whose::Of(Who::FriendRota));
        for who in Who::HERE {
            // `FriendRota` and `Housemate` read the same mailbox.
            let address = match who {
                Who::FriendRota | Who::Housemate => mailbox.clone(),
                _ => self.marks.make_address(Whose::Of(who)),
            };
            self.person(who, &address).await;
        }
        let circle = CircleId::new(&RandomIds);
        let key = self.circle(circle, "Heron", CircleState::Active).await;
        for who in Who::HERE.into_iter().filter(|who| who.role().is_some()) {
            self.member(circle, &key, who).await;
        }
        let forming = self.forming().await;
        let elsewhere = self.other_circle().await;
        self.texts(circle, &key).await;
        let kind_word = self.kind_word(circle, &key).await;
        let (slots, claim, promised) = self.tasks(circle, &key).await;
        let unreached = self.persons[&Who::Volunteer];
        self.write(async |unit| unit.stop_mail(unreached).await).await;
        let question = self.asked_about(slots[&Task::Promised]).await;
        let concern = self.concern(circle).await;
        let (invitation, card, words) = self.welcomes(circle, &key).await;
        let (share_link, join_request) = self.share_link(circle, &key).await;
        let sign_in_link = self.asked_for_a_code(&mailbox).await;
        let slot_links = self.mails(circle, &slots).await;
        let mail_links = self.links_beside(slot_links[&Task::Needed].0);
        let feed = self.feed().await;
        self.staff().await;
        let mut enrolment = None;
        for who in Who::HERE {
            let towards = match who {
                Who::Coordinator | Who::Administrator => None,
                Who::Elsewhere => Some(elsewhere),
                _ => Some(circle),
            };
            for sure in who.tiers() {
                let enrolled = self.browser(who, *sure, towards).await;
                if (who, *sure) == (Who::FriendRota, Sure::Trusted) {
                    enrolment = enrolled;
                }
            }
        }
        self.also_trusted(Who::Carer, forming).await;
        self.nobody();
        let things = Things {
            circle,
            forming,
            places: self.places.clone(),
            persons: self.persons.clone(),
            slots,
            claim,
            promised,
            share_link,
            join_request,
            question,
            concern,
            kind_word,
            enrolment: enrolment.unwrap(),
            invitation,
            card,
            sign_in_link,
            slot_links,
            mail_links,
            feed,
            welcome_words: words,
        };
        let done = self.other_hospice(there, other_key).await;
        (done.marks, things, done.visitors, done.secrets)
    }

    async fn person(&mut self, who: Who, address: &str) {
        let id = PersonId::new(&RandomIds);
        self.persons.insert(who, id);
        let whose = Whose::Of(who);
        let name = self.marks.make(Field::PersonName, whose);
        let phone = self.marks.make(Field::PersonPhone, whose);
        let index =
            self.vault.email_index(self.here, &EmailAddress::parse(address).unwrap().canonical());
        // One of them gets one mail a day.
        let daily = (who == Who::FriendWindow).then_some(12);
        // Another is told of the week.
        let week_ahead = who == Who::FriendRota;
        let mail = MailChoice { daily, week_ahead, ..MailChoice::ORDINARY };
        let person = Person {
            id,
            name: self.pen.own(&self.key, id, Field::PersonName, &name).await,
            email: Some(self.pen.own(&self.key, id, Field::PersonEmail, address).await),
            email_index: Some(index.to_vec()),
            phone: Some(self.pen.own(&self.key, id, Field::PersonPhone, &phone).await),
            mail,
            shares_mailbox: false,
        };
        let now = self.now();
        self.write(async |unit| unit.add_person(&person, now).await).await;
    }

    async fn circle(&self, id: CircleId, nature_name: &str, state: CircleState) -> OwnerKey {
        let (key, wrapped) = self.vault.new_owner_key(Owner::Circle(id));
        let (zone, now) = (london(), self.now());
        self.write(async |unit| {
            let new = NewCircle { id, nature_name, state, zone: &zone, area: "Northgate" };
            unit.add_circle(&new, now).await?;
            unit.add_data_key(&wrapped, now).await
        })
        .await;
        key
    }

    async fn member(&mut self, circle: CircleId, key: &OwnerKey, who: Who) {
        let place = self.place(circle, who);
        self.places.insert(who, place.id);
        let (granted, now) = (who.granted(), self.now());
        self.write(async |unit| {
            unit.add_membership(&place).await?;
            unit.put_grants(&place, granted, GrantBasis::OwnConsent, None, now).await
        })
        .await;
        let whose = Whose::Of(who);
        for field in [Field::MemberName, Field::Relationship] {
            let text = self.marks.make(field, whose);
            self.put(circle, key, field, place.id.as_uuid(), &text).await;
        }
    }

    pub(super) fn place(&self, circle: CircleId, who: Who) -> Membership {
        let now = self.now();
        let state = match who {
            Who::Invited => MembershipState::Invited,
            Who::Left => MembershipState::Left,
            _ => MembershipState::Active,
        };
        Membership {
            id: MembershipId::new(&RandomIds),
            circle,
            person: self.persons[&who],
            role: who.role().unwrap_or(MemberRole::Carer),
            state,
            lead: matches!(who, Who::Carer | Who::Elsewhere),
            named_by: self.places.get(&Who::Carer).copied(),
            named_at: now,
            accepted_at: (state != MembershipState::Invited).then_some(now),
            left_at: (state == MembershipState::Left).then_some(now),
        }
    }

    pub(super) async fn put(
        &self,
        circle: CircleId,
        key: &OwnerKey,
        field: Field,
        subject: uuid::Uuid,
        text: &str,
    ) -> ContentId {
        let sealed = self.pen.circle(circle, key, field, text).await;
        let id = sealed.place().row;
        // News and kind words are about nothing but themselves.
        let subject = if subject.is_nil() { id } else { subject };
        let author = match field {
            Field::KindWord | Field::HandOver => self.places.get(&Who::FriendNews),
            _ => self.places.get(&Who::Carer),
        };
        let (author, now) = (author.copied(), self.now());
        let author = author.filter(|_| field != Field::MemberName);
        self.write(async |unit| unit.put_content(circle, subject, author, sealed, now).await).await;
        ContentId::from_uuid(id)
    }

    async fn texts(&mut self, circle: CircleId, key: &OwnerKey) {
        for field in [
            Field::PatientName,
            Field::Address,
            Field::Help,
            Field::CareComfort,
            Field::CareMatters,
            Field::Entry,
            Field::HandOver,
            Field::Food,
            Field::DoorPhone,
            Field::OversightName,
            Field::OversightPhone,
        ] {
            let text = self.marks.make(field, Whose::Circle);
            self.put(circle, key, field, circle.as_uuid(), &text).await;
        }
        let text = self.marks.make(Field::News, Whose::Circle);
        self.put(circle, key, Field::News, uuid::Uuid::nil(), &text).await;
    }

    async fn kind_word(&mut self, circle: CircleId, key: &OwnerKey) -> ContentId {
        let text = self.marks.make(Field::KindWord, Whose::Circle);
        self.put(circle, key, Field::KindWord, uuid::Uuid::nil(), &text).await
    }

    /// The circle of `Elsewhere`, with names and an address.
    async fn other_circle(&mut self) -> CircleId {
        let circle = CircleId::new(&RandomIds);
        let key = self.circle(circle, "Wren", CircleState::Active).await;
        let place = self.place(circle, Who::Elsewhere);
        self.write(async |unit| unit.add_membership(&place).await).await;
        for (field, subject) in [
            (Field::PatientName, circle.as_uuid()),
            (Field::Address, circle.as_uuid()),
            (Field::MemberName, place.id.as_uuid()),
        ] {
            let text = self.marks.make(field, Whose::OtherCircle);
            self.put(circle, &key, field, subject, &text).await;
        }
        circle
    }

    /// A circle that the carer is setting up.
    async fn forming(&self) -> CircleId {
        let circle = CircleId::new(&RandomIds);
        self.circle(circle, "Swift", CircleState::Forming).await;
        let place = self.place(circle, Who::Carer);
        self.write(async |unit| unit.add_membership(&place).await).await;
        circle
    }

    /// What `FriendNews` told the hospice in confidence.
    async fn concern(&mut self, circle: CircleId) -> ConcernId {
        let id = ConcernId::new(&RandomIds);
        let note = self.marks.make(Field::ConcernNote, Whose::Circle);
        let callback = self.marks.make(Field::ConcernCallback, Whose::Circle);
        let note = self.pen.worry(&self.key, id, Field::ConcernNote, &note).await;
        let callback = self.pen.worry(&self.key, id, Field::ConcernCallback, &callback).await;
        let (person, now) = (self.persons[&Who::FriendNews], self.now());
        let new = NewConcern { id, circle, person, note, callback: Some(callback) };
        self.write(async |unit| unit.add_concern(new, now).await).await;
        id
    }

    async fn tasks(
        &mut self,
        circle: CircleId,
        key: &OwnerKey,
    ) -> (BTreeMap<Task, SlotId>, ClaimId, ClaimId) {
        let mut slots = BTreeMap::new();
        let (mut ended, mut promised) = (None, None);
        for task in Task::ALL {
            let (date, start, helpers): (_, _, &[Who]) = match task {
                Task::Open => ("2026-03-03", "14:00:00", &[Who::FriendWindow, Who::Volunteer]),
                Task::Needed => ("2026-03-09", "10:00:00", &[]),
                Task::Promised => ("2026-03-05", "10:00:00", &[Who::FriendRota]),
                Task::CoverWanted => ("2026-03-07", "10:00:00", &[Who::FriendPrivate]),
                Task::Ended => ("2026-03-03", "08:30:00", &[Who::FriendNews]),
            };
            let kind = TaskKind::Visit;
            let discloses = task == Task::Open;
            let draft = TaskDraft {
                kind,
                first: LocalTimes::new(date.parse().unwrap(), start.parse().unwrap(), 60).unwrap(),
                repeat: Repeat::Once,
                // Cover is found where no other place is free.
                places: Places::new(if task == Task::CoverWanted { 1 } else { 2 }, kind).unwrap(),
                disclosure: Disclosure { address: discloses, help: discloses, entry: discloses },
                // Of some it is told when nothing is heard.
                if_nobody: match task {
                    Task::Open | Task::Promised => IfNobody::Must,
                    _ => IfNobody::TellMe,
                },
                note: None,
            };
            let id = TaskId::new(&RandomIds);
            let slot = self.slot(circle, id, &draft).await;
            let text = self.marks.make(Field::TaskNote, Whose::Task(task));
            self.put(circle, key, Field::TaskNote, id.as_uuid(), &text).await;
            for who in helpers {
                let claim = self.promise(&slot, *who).await;
                match task {
                    Task::CoverWanted => self.want_cover(&claim).await,
                    Task::Ended => ended = Some(claim.id),
                    Task::Promised => promised = Some(claim.id),
                    _ => {}
                }
            }
            slots.insert(task, slot.id);
        }
        let claims = (ended.expect("somebody promised it"), promised.expect("and this"));
        (slots, claims.0, claims.1)
    }

    /// The carer asks whether a promised slot may be at another time; and whoever promised it does
    /// its task each time.
    async fn asked_about(&self, slot: SlotId) -> ProposedMoveId {
        let (now, carer) = (self.now(), self.persons[&Who::Carer]);
        let (membership, person) = (self.places[&Who::FriendRota], self.persons[&Who::FriendRota]);
        self.write(async |unit| {
            let slot = unit.slot(slot).await?.ok_or(StoreError::NotFound)?;
            let times = (slot.starts.plus_hours(28), slot.ends.plus_hours(28));
            let lapses = lapses_at(now, slot.starts, times.0);
            let standing = StandingPromise {
                id: StandingPromiseId::new(&RandomIds),
                circle: slot.circle,
                task: slot.task,
                membership,
                person,
                series: 0,
                on: None,
                from: slot.made_for,
                until: None,
                given_to: None,
                made_at: now,
            };
            unit.add_standing_promise(&standing).await?;
            Ok(unit.add_proposed_move(&slot, carer, times, lapses, now).await?.id)
        })
        .await
    }

    async fn slot(&self, circle: CircleId, id: TaskId, draft: &TaskDraft) -> Slot {
        let (starts, ends) = draft.first.instants(&london());
        let (day, now) = (draft.first.date(), self.now());
        self.write(async |unit| {
            unit.add_task(id, circle, draft, None, now).await?;
            let task = unit.task(id).await?.ok_or(StoreError::NotFound)?;
            let added = unit.add_slots(&task, &[(day, starts, ends)], day).await?;
            unit.slot(added[0]).await?.ok_or(StoreError::NotFound)
        })
        .await
    }
}
