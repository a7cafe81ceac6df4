//! Fills an empty database with the hospice of the demonstration, one transaction a circle.

use std::sync::Arc;

use kith_domain::ids::{
    CircleId, DeviceId, MembershipId, OrganisationId, PersonId, SessionId, TaskId,
};
use kith_domain::{
    Category, CircleState, EmailAddress, GrantBasis, MailChoice, MemberRole, MembershipState,
    Owner, ReminderChoice, Tier, Timestamp, WelcomeKind, Zone,
};
use kith_policy::{Disclose, Facts, RequestScope};
use kith_store::{Membership, NewCircle, Organisation, Person, Session, StoreError, UnitOfWork};
use kith_vault::{Field, OwnerKey, Sealed, WrappedKey, random_token, token_hash};
use uuid::Uuid;

use super::margaret;
use super::pen::Pen;
use super::rota::{self, Cast};
use super::story::{Friend, STORIES, Story};
use crate::failure::refused;
use crate::naming::{NewWelcome, invite};
use crate::{App, Failure};

/// Days since each circle was started.
const STARTED: i64 = 40;

/// A sealed text, what it is about, who wrote it and when.
struct Text {
    subject: Uuid,
    by: Option<MembershipId>,
    at: Timestamp,
    sealed: Sealed,
}

/// Everything of one circle, sealed, before it is stored.
struct Sketch {
    story: &'static Story,
    circle: CircleId,
    key: WrappedKey,
    persons: Vec<Person>,
    members: Vec<Membership>,
    texts: Vec<Text>,
    invited: Vec<NewWelcome>,
    tasks: Vec<rota::Planned>,
}

impl App {
    /// Makes the hospice of the demonstration, with its eight circles. Does nothing when it is
    /// there already.
    ///
    /// # Errors
    ///
    /// When the database holds anything else: a demonstration is never mixed with real circles.
    pub async fn seed_demo(&self) -> Result<(), Failure> {
        let id = self.demo_organisation();
        match self.store.organisation(id).await {
            Ok(_) => return Ok(()),
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        if !self.store.organisations().await?.is_empty() {
            return Err(Failure::Internal("the database holds real circles".to_owned()));
        }
        let now = self.clock.now();
        let zone =
            Zone::parse("Europe/London").map_err(|error| Failure::Internal(error.to_string()))?;
        let (key, wrapped) = self.vault.new_owner_key(Owner::Organisation(id));
        let organisation = Organisation {
            id,
            name: "Fernhill Hospice".to_owned(),
            host: None,
            phone: "01632 960 123".to_owned(),
            zone: zone.clone(),
            named_in_mail: true,
        };
        self.store
            .transact(id, async |unit| unit.add_organisation(&organisation, &wrapped, now).await)
            .await?;
        for story in &STORIES {
            let scope = RequestScope::new(now, Arc::clone(&self.ids));
            let sketch = self.sketch(&scope, id, &key, story, &zone).await?;
            self.store
                .transact(id, async |unit| self.store_sketch(unit, sketch, &zone, now).await)
                .await?;
        }
        self.demo_looks(id, now).await?;
        let amira = super::doors::DemoPerson::Amira;
        self.add_coordinator(id, amira.first_name(), &amira.email())
            .await
            .map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(())
    }

    /// Thinks up one circle and seals its texts, as the patient.
    async fn sketch(
        &self,
        scope: &RequestScope,
        organisation: OrganisationId,
        organisation_key: &OwnerKey,
        story: &'static Story,
        zone: &Zone,
    ) -> Result<Sketch, Failure> {
        let now = scope.at();
        let circle = CircleId::from_uuid(self.demo_id(&story.name.to_lowercase()));
        let (key, wrapped) = self.vault.new_owner_key(Owner::Circle(circle));
        let pen = Pen::new(self, scope, organisation, circle, key, organisation_key).await?;
        let members: Vec<_> = story
            .people
            .iter()
            .map(|friend| self.demo_member(story, friend, circle, now))
            .collect();
        let cast = Cast { story, members: &members, zone, now };
        let mut persons = Vec::new();
        for (friend, member) in story.people.iter().zip(&members) {
            persons.push(self.demo_person(&pen, story, friend, member.person, organisation)?);
        }
        let mut texts = first_texts(&pen, &cast)?;
        if story.name == "Heron" {
            texts.extend(margarets_texts(&pen, &cast)?);
        }
        let mut invited = Vec::new();
        for member in members.iter().filter(|member| member.state == MembershipState::Invited) {
            let welcome = self.new_welcome(WelcomeKind::Invitation, member, true, now);
            let subject = welcome.welcome.id.as_uuid();
            let words = welcome.words.to_string();
            let by_name = story.people.get(1).map_or("", |carer| carer.name);
            for (field, text) in
                [(Field::WelcomeWords, words.as_str()), (Field::InviterName, by_name)]
            {
                let sealed = pen.write(field, text)?;
                texts.push(Text { subject, by: member.named_by, at: now, sealed });
            }
            invited.push(welcome);
        }
        let tasks = rota::plan(self, &cast, &pen)?;
        Ok(Sketch { story, circle, key: wrapped, persons, members, texts, invited, tasks })
    }

    async fn store_sketch(
        &self,
        unit: &UnitOfWork,
        sketch: Sketch,
        zone: &Zone,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Sketch { story, circle, key, persons, members, texts, invited, tasks } = sketch;
        let started = now.plus_days(-STARTED);
        let new = NewCircle {
            id: circle,
            nature_name: story.name,
            state: CircleState::Active,
            zone,
            area: story.area,
        };
        unit.add_circle(&new, started).await?;
        unit.add_data_key(&key, started).await?;
        for person in &persons {
            unit.add_person(person, started).await?;
        }
        let patient = members.first().map(|member| member.id);
        for (friend, member) in story.people.iter().zip(&members) {
            unit.add_membership(member).await?;
            if let Some((preset, entry)) = friend.sees {
                let granted = preset.with_entry(entry);
                let basis = GrantBasis::OwnConsent;
                unit.put_grants(member, granted, basis, patient, member.named_at).await?;
            }
            if let Some(accepted) = member.accepted_at {
                self.demo_device(unit, story, friend, member, accepted).await?;
            }
        }
        for Text { subject, by, at, sealed } in texts {
            unit.put_content(circle, subject, by, sealed, at).await?;
        }
        for NewWelcome { welcome, .. } in &invited {
            unit.add_welcome(welcome).await?;
            invite(unit, welcome, now, now).await?;
        }
        let cast = Cast { story, members: &members, zone, now };
        rota::store(unit, &cast, tasks).await?;
        rota::visited(unit, &cast, TaskId::new(&*self.ids)).await?;
        self.demo_seen(unit, &cast).await
    }

    fn demo_member(
        &self,
        story: &Story,
        friend: &Friend,
        circle: CircleId,
        now: Timestamp,
    ) -> Membership {
        let named_at = now.plus_days(-friend.named);
        let keeper = story.people.iter().find(|other| other.role == MemberRole::Carer);
        let keeper = keeper.or(story.people.first()).map(|keeper| self.demo_place(story, keeper));
        let is_first = friend.sees.is_none() || friend.role == MemberRole::Carer;
        Membership {
            id: self.demo_place(story, friend),
            circle,
            person: self.demo_somebody(story.name, friend.name),
            role: friend.role,
            state: if friend.accepted { MembershipState::Active } else { MembershipState::Invited },
            lead: friend.role == MemberRole::Carer,
            named_by: keeper.filter(|_| !is_first),
            named_at,
            accepted_at: friend.accepted.then(|| named_at.plus_hours(3)),
            left_at: None,
        }
    }

    fn demo_place(&self, story: &Story, friend: &Friend) -> MembershipId {
        let name = format!("place/{}/{}", story.name, friend.name);
        MembershipId::from_uuid(self.demo_id(&name))
    }

    /// The person of this name in a circle.
    pub(super) fn demo_somebody(&self, circle: &str, name: &str) -> PersonId {
        PersonId::from_uuid(self.demo_id(&format!("person/{circle}/{name}")))
    }

    fn demo_person(
        &self,
        pen: &Pen<'_>,
        story: &Story,
        friend: &Friend,
        id: PersonId,
        organisation: OrganisationId,
    ) -> Result<Person, Failure> {
        // Most patients have no e-mail; a patient who runs the circle has.
        let runs = !story.people.iter().any(|other| other.role == MemberRole::Carer);
        let has_mail = friend.role != MemberRole::Patient || runs;
        let email = has_mail.then(|| super::doors::email(story.name, friend.name));
        let email = email.and_then(|email| EmailAddress::parse(&email).ok());
        Ok(Person {
            id,
            name: pen.detail(Field::PersonName, id.as_uuid(), friend.name)?,
            email: email
                .as_ref()
                .map(|email| pen.detail(Field::PersonEmail, id.as_uuid(), email.as_str()))
                .transpose()?,
            email_index: email
                .map(|email| self.vault.email_index(organisation, &email.canonical()).to_vec()),
            phone: None,
            mail: MailChoice { reminders: ReminderChoice::EVENING_BEFORE, ..MailChoice::ORDINARY },
            shares_mailbox: false,
        })
    }

    /// The device that somebody said yes on. Nobody holds its secret.
    async fn demo_device(
        &self,
        unit: &UnitOfWork,
        story: &Story,
        friend: &Friend,
        member: &Membership,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let device =
            DeviceId::from_uuid(self.demo_id(&format!("device/{}/{}", story.name, friend.name)));
        unit.add_device(device, &token_hash(random_token().as_str()), at).await?;
        unit.add_enrolment(device, member.person, Some(member.circle), "welcome", at).await?;
        Ok(())
    }

    /// Says when whoever keeps the rota was last seen.
    async fn demo_seen(&self, unit: &UnitOfWork, cast: &Cast<'_>) -> Result<(), StoreError> {
        let Some(keeper) = cast.keeper() else { return Ok(()) };
        let name = cast.members.iter().position(|member| member.id == keeper.id);
        let name = name.and_then(|at| cast.story.people.get(at)).map_or("", |friend| friend.name);
        let at = cast.now.plus_days(-cast.story.seen_days_ago).plus_minutes(-30);
        let device = format!("device/{}/{name}", cast.story.name);
        let session = Session {
            id: SessionId::new(&*self.ids),
            organisation: unit.organisation(),
            device: DeviceId::from_uuid(self.demo_id(&device)),
            person: keeper.person,
            way: "welcome".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: at,
            last_seen_at: at,
            fresh_until: None,
        };
        unit.touch_session(&session, at).await
    }

    /// Who looked at Margaret's private page: decided and recorded by the engine, then.
    async fn demo_looks(
        &self,
        organisation: OrganisationId,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let [heron, ..] = &STORIES;
        let circle = CircleId::from_uuid(self.demo_id(&heron.name.to_lowercase()));
        for (name, hours, entry) in margaret::LOOKS {
            let Some(friend) = heron.people.iter().find(|friend| friend.name == name) else {
                continue;
            };
            let Some((preset, way_in)) = friend.sees else { continue };
            let facts = Facts {
                person: Some(self.demo_somebody(heron.name, name)),
                membership: Some(self.demo_place(heron, friend)),
                standing: friend.role.standing(MembershipState::Active),
                tier: Tier::Fresh,
                grants: preset.with_entry(way_in),
                ..Facts::stranger(organisation, Owner::Circle(circle), CircleState::Active)
            };
            let scope = RequestScope::new(now.plus_hours(-hours), Arc::clone(&self.ids));
            let no = |refusal| refused(refusal, Some(circle));
            let look = self.engine.authorize::<Disclose>(&scope, &facts, Category::Care);
            drop(look.await.map_err(no)?);
            if entry {
                let look = self.engine.authorize::<Disclose>(&scope, &facts, Category::Entry);
                drop(look.await.map_err(no)?);
            }
        }
        Ok(())
    }
}

/// What every circle has: names, where the patient lives, who to call, and the hospice's number.
fn first_texts(pen: &Pen<'_>, cast: &Cast<'_>) -> Result<Vec<Text>, Failure> {
    let story = cast.story;
    let started = cast.now.plus_days(-STARTED);
    let by = cast.keeper().map(|keeper| keeper.id);
    let circle = cast.keeper().map_or(Uuid::nil(), |keeper| keeper.circle.as_uuid());
    let mut texts = Vec::new();
    let mut add = |field: Field, subject: Uuid, text: &str, at: Timestamp| {
        let sealed = pen.write(field, text)?;
        texts.push(Text { subject, by, at, sealed });
        Ok::<_, Failure>(())
    };
    add(Field::PatientName, circle, story.patient, started)?;
    add(Field::Address, circle, story.address, started)?;
    add(Field::OversightPhone, circle, story.phone, started)?;
    if let Some(carer) = story.people.iter().find(|friend| friend.role == MemberRole::Carer) {
        add(Field::OversightName, circle, carer.name, started)?;
    }
    let help = if story.name == "Heron" { margaret::HELP } else { "The hospice: 01632 960 123" };
    add(Field::Help, circle, help, started)?;
    for (friend, member) in story.people.iter().zip(cast.members) {
        add(Field::MemberName, member.id.as_uuid(), friend.name, member.named_at)?;
        if !friend.is.is_empty() {
            add(Field::Relationship, member.id.as_uuid(), friend.is, member.named_at)?;
        }
    }
    Ok(texts)
}

/// Margaret's private page, news and kind words.
fn margarets_texts(pen: &Pen<'_>, cast: &Cast<'_>) -> Result<Vec<Text>, Failure> {
    let now = cast.now;
    let keeper = cast.keeper().ok_or(Failure::NotHere)?;
    let circle = keeper.circle.as_uuid();
    let mut texts = Vec::new();
    for (field, text, hours) in [
        (Field::CareMatters, margaret::MATTERS, 500),
        (Field::Entry, margaret::ENTRY, 480),
        (Field::CareComfort, margaret::COMFORT, 12),
    ] {
        let sealed = pen.write(field, text)?;
        texts.push(Text {
            subject: circle,
            by: Some(keeper.id),
            at: now.plus_hours(-hours),
            sealed,
        });
    }
    let sealed = pen.write(Field::News, margaret::NEWS)?;
    // News and kind words are about nothing but themselves.
    let subject = sealed.place().row;
    texts.push(Text { subject, by: Some(keeper.id), at: now.plus_hours(-15), sealed });
    for (name, days, words) in margaret::KIND_WORDS {
        let position = cast.story.people.iter().position(|friend| friend.name == name);
        let by = position.and_then(|at| cast.members.get(at)).map(|member| member.id);
        let sealed = pen.write(Field::KindWord, words)?;
        texts.push(Text { subject: sealed.place().row, by, at: now.plus_days(-days), sealed });
    }
    Ok(texts)
}
