//! Setting up a circle in four steps, each saved as it is sent.

use kith_domain::ids::{CircleId, MembershipId, TaskId};
use kith_domain::{
    Category, CategorySet, CircleState, Disclosure, EmailAddress, GrantBasis, LeftOut, MemberRole,
    MembershipState, Owner, PersonName, PhoneNumber, Preset, TaskDraft, Timestamp,
};
use kith_policy::{Amend, Govern, Name};
use kith_store::{Circle, Membership, Person, StoreError, Task, UnitOfWork};
use kith_vault::Field;

use crate::about::{About, SealedAbout};
use crate::failure::{Problems, What};
use crate::gate::{Inside, seal_for_person};
use crate::task::{ask_for_the_next, dated_slots};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Where the set-up of a circle stands.
#[derive(Clone, Debug)]
pub struct SetUpView {
    /// The circle and the reader; names as far as they are said yet.
    pub about: About,
    /// First names of those named so far.
    pub named: Vec<String>,
}

/// Step 1: the person.
#[derive(Clone, Default)]
pub struct ThePerson {
    /// The first name she likes.
    pub name: String,
    /// On what basis somebody else decides: a word of [`GrantBasis`], or `myself`. Not asked of
    /// the patient.
    pub basis: String,
    /// Somebody whose address must never be invited or let in; may stay empty.
    pub not_this_person: String,
    /// No time and no kind of task in mails.
    pub quiet_mail: bool,
}

/// Step 2: you.
#[derive(Clone, Default)]
pub struct AboutYou {
    /// Own first name.
    pub name: String,
    /// "Daughter". May stay empty.
    pub relationship: String,
    /// Own mail address.
    pub email: String,
    /// Phone number for the hospice. May stay empty.
    pub phone: String,
}

impl std::fmt::Debug for ThePerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThePerson")
    }
}

impl std::fmt::Debug for AboutYou {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AboutYou")
    }
}

/// What a carer who speaks for the patient is granted on setting up: everything, each with its
/// basis on record, so that the patient can take any of it away.
fn everything() -> CategorySet {
    Preset::PrivatePage.with_entry(true).union(CategorySet::of(&[Category::People]))
}

/// These steps record what a carer may see. Once the circle runs, that is for the patient to change,
/// and never for a carer who goes back to the first page.
fn only_forming(inside: &Inside<'_>) -> Result<(), Failure> {
    if inside.circle.state == CircleState::Forming { Ok(()) } else { Err(Failure::NotHere) }
}

impl App {
    /// Where the set-up stands.
    pub async fn set_up(&self, visit: &Visit, circle: CircleId) -> Result<SetUpView, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let members = snapshot.members(circle).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let _govern = inside.permit::<Govern>(Category::People).await?;
        let (about, names) = sealed.open(&inside, &inside.key()?).await?;
        let friends = members
            .iter()
            .filter(|member| {
                member.role == MemberRole::Friend && member.state != MembershipState::Left
            })
            .filter_map(|member| names.of(member.id))
            .collect();
        Ok(SetUpView { about, named: friends })
    }

    /// Step 1: whose circle it is, and on what basis somebody else decides.
    pub async fn set_up_person(
        &self,
        visit: &Visit,
        circle: CircleId,
        form: &ThePerson,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let members = snapshot.members(circle).await?;
        let organisation = Owner::Organisation(visit.organisation.id);
        let organisation_key = snapshot.wrapped_key(organisation).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        only_forming(&inside)?;
        let mut problems = Problems::default();
        let name = problems.text("name", PersonName::parse(&form.name));
        let myself = form.basis == "myself";
        let basis = if inside.is_patient() || myself {
            Some(GrantBasis::OwnConsent)
        } else {
            form.basis.parse().map_err(|_| problems.add("basis", What::Choose)).ok()
        };
        let not_this_person =
            problems.optional("not_this_person", EmailAddress::parse(&form.not_this_person));
        problems.check()?;
        let (name, basis) = name.zip(basis).ok_or(Failure::NotHere)?;
        let own = inside.own_place()?.membership;
        let now = visit.now();
        let key = inside.key()?;
        let patient = members.iter().find(|member| {
            member.role == MemberRole::Patient && member.state != MembershipState::Left
        });
        let carer = members.iter().find(|member| member.id == own).ok_or(Failure::NotHere)?;
        let becomes_patient = myself && carer.role == MemberRole::Carer && patient.is_none();
        let new_patient = match patient {
            Some(_) => None,
            None if becomes_patient => None,
            None => {
                let person =
                    self.new_person(&permit, &organisation_key, name.as_str(), None)?.person;
                let place = Membership {
                    id: MembershipId::new(&*self.ids),
                    circle,
                    person: person.id,
                    role: MemberRole::Patient,
                    state: MembershipState::Active,
                    lead: false,
                    named_by: Some(own),
                    named_at: now,
                    accepted_at: Some(now),
                    left_at: None,
                };
                Some((person, place))
            }
        };
        let patient_place = patient.map(|member| member.id);
        let patient_place = patient_place
            .or(new_patient.as_ref().map(|(_, place)| place.id))
            .or(becomes_patient.then_some(own));
        let member_name = inside.seal(&permit, &key, Field::MemberName, name.as_str())?;
        self.store
            .change(&permit, async |unit| {
                unit.put_quiet_mail(circle, form.quiet_mail).await?;
                if let Some(address) = &not_this_person {
                    let index = self.vault.email_index(visit.organisation.id, &address.canonical());
                    unit.refuse_address(circle, &index, now).await?;
                }
                if becomes_patient {
                    unit.put_membership_role(own, MemberRole::Patient).await?;
                    // The staff knew a carer's first name; a patient's is not theirs to know.
                    let subject = circle.as_uuid();
                    unit.erase_content(circle, Field::OversightName, subject).await?;
                } else if carer.role == MemberRole::Carer && !unit.ever_granted(own).await? {
                    // Sent again, it gives back nothing that the patient took away since.
                    unit.put_grants(carer, everything(), basis, Some(own), now).await?;
                }
                if let Some((person, place)) = &new_patient {
                    unit.add_person(person, now).await?;
                    unit.add_membership(place).await?;
                }
                if let Some(place) = patient_place {
                    unit.put_content(circle, place.as_uuid(), Some(own), member_name, now).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        // The grants just recorded are what lets a carer write the name down.
        let (snapshot, inside) = self.enter(visit, circle).await?;
        snapshot.end();
        let permit = inside.permit::<Amend>(Category::Identity).await?;
        let sealed = inside.seal(&permit, &key, Field::PatientName, name.as_str())?;
        self.store
            .change(&permit, async |unit| {
                unit.put_content(circle, circle.as_uuid(), Some(own), sealed, now).await
            })
            .await?;
        Ok(())
    }

    /// Step 2: who sets it up, and how the hospice reaches them.
    pub async fn set_up_you(
        &self,
        visit: &Visit,
        circle: CircleId,
        form: &AboutYou,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let mut person = snapshot.person(inside.session.person).await?;
        let organisation = Owner::Organisation(visit.organisation.id);
        let organisation_key = snapshot.wrapped_key(organisation).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        only_forming(&inside)?;
        let mut problems = Problems::default();
        let name = problems.text("name", PersonName::parse(&form.name));
        let relationship =
            problems.optional("relationship", kith_domain::Label::parse(&form.relationship));
        let email = if inside.is_patient() {
            problems.optional("email", EmailAddress::parse(&form.email))
        } else {
            problems.text("email", EmailAddress::parse(&form.email))
        };
        let phone = problems.optional("phone", PhoneNumber::parse(&form.phone));
        problems.check()?;
        let name = name.ok_or(Failure::NotHere)?;
        let organisation_key = self.vault.unwrap_key(&organisation_key)?;
        let row = person.id.as_uuid();
        let seal_own = |field: Field, text: &str| {
            seal_for_person(self, &permit, &organisation_key, field, row, text)
        };
        person.name = seal_own(Field::PersonName, name.as_str())?;
        person.email =
            email.as_ref().map(|email| seal_own(Field::PersonEmail, email.as_str())).transpose()?;
        person.email_index = email.as_ref().map(|email| {
            self.vault.email_index(visit.organisation.id, &email.canonical()).to_vec()
        });
        person.phone =
            phone.as_ref().map(|phone| seal_own(Field::PersonPhone, phone.as_str())).transpose()?;
        let key = inside.key()?;
        let own = inside.own_place()?.membership;
        let mut texts =
            vec![(own.as_uuid(), inside.seal(&permit, &key, Field::MemberName, name.as_str())?)];
        // To the staff a patient who runs her own circle is its nature name.
        if !inside.is_patient() {
            let sealed = inside.seal(&permit, &key, Field::OversightName, name.as_str())?;
            texts.push((circle.as_uuid(), sealed));
        }
        if let Some(phone) = &phone {
            let sealed = inside.seal(&permit, &key, Field::OversightPhone, phone.as_str())?;
            texts.push((circle.as_uuid(), sealed));
        }
        if let Some(relationship) = &relationship {
            let sealed = inside.seal(&permit, &key, Field::Relationship, relationship.as_str())?;
            texts.push((own.as_uuid(), sealed));
        }
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                // Meanwhile they may have said which mails they want.
                let kept = unit.person_to_change(person.id).await?;
                let Person { name, email, email_index, phone, .. } = person;
                let changed = Person { name, email, email_index, phone, ..kept };
                unit.put_person(&changed).await?;
                for (subject, sealed) in texts {
                    unit.put_content(circle, subject, Some(own), sealed, now).await?;
                }
                Ok::<_, Failure>(())
            })
            .await
    }

    /// Step 4: the first week, which may be empty. The circle begins to ask and to remind, and this
    /// session is no longer fresh. Once only.
    pub async fn finish_set_up(
        &self,
        visit: &Visit,
        circle: CircleId,
        first_week: &[TaskDraft],
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "set_up").await?;
        snapshot.end();
        let permit = inside.permit::<Govern>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        only_forming(&inside)?;
        // Whoever may not write something down does not tell it either.
        let tells = Disclosure {
            address: inside.permit_if_any::<Amend>(Category::Address).await?.is_some(),
            help: inside.permit_if_any::<Amend>(Category::Help).await?.is_some(),
            entry: false,
        };
        let first_week: Vec<TaskDraft> =
            first_week.iter().map(|task| telling(task, tells)).collect();
        let own = inside.own_place()?.membership;
        let session = inside.session.id;
        let now = visit.now();
        let state = inside.circle.state;
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "set_up", "done", now).await?;
                if !unit.put_circle_state(circle, state, CircleState::Active, now).await? {
                    return Err(Failure::Changed);
                }
                let mut open = inside.circle.clone();
                open.state = CircleState::Active;
                for draft in &first_week {
                    self.put_first(unit, &open, draft, own, now).await?;
                }
                unit.end_freshness(session).await?;
                Ok::<_, Failure>(())
            })
            .await
    }

    /// Puts one task of the first week on the rota, and asks for it.
    async fn put_first(
        &self,
        unit: &UnitOfWork,
        circle: &Circle,
        draft: &TaskDraft,
        author: MembershipId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let task = Task {
            id: TaskId::new(&*self.ids),
            circle: circle.id,
            kind: draft.kind,
            places: draft.places,
            first: draft.first,
            repeat: draft.repeat,
            left_out: LeftOut::nothing(),
            series: 0,
            disclosure: draft.disclosure,
            if_nobody: draft.if_nobody,
            ended: false,
            rolled_to: None,
            created_by: Some(author),
        };
        let (slots, rolled_to) = dated_slots(&task, &circle.zone, circle.zone.date(now));
        unit.add_task(task.id, circle.id, draft, Some(author), now).await?;
        let added = unit.add_slots(&task, &slots, rolled_to).await?;
        ask_for_the_next(unit, circle, author, &added, now).await
    }
}

/// A task of the first week, telling the address and who to call only as far as `tells` says so. None of
/// them tells how to get in.
fn telling(task: &TaskDraft, tells: Disclosure) -> TaskDraft {
    let address = tells.address && task.disclosure.address;
    let help = tells.help && task.disclosure.help;
    TaskDraft { disclosure: Disclosure { address, help, entry: false }, ..task.clone() }
}
