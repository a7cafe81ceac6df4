//! Naming a friend: a person, a place, grants, words, and an invitation, in one transaction.

use kith_domain::ids::{CircleId, MembershipId, PersonId, WelcomeId};
use kith_domain::reminder::send_from;
use kith_domain::sign_in::{INVITATION_LIFE_DAYS, WELCOME_WORDS_TRIES};
use kith_domain::{
    Category, EmailAddress, MailChoice, MailKind, MemberRole, MembershipState, Owner, Timestamp,
    WelcomeKind, WelcomeWords,
};
use kith_policy::{Disclose, Name, Permit, Writes};
use kith_store::{
    Content, MailSubject, Membership, NewMail, Person, StoreError, UnitOfWork, Welcome,
};
use kith_vault::{Field, OwnerKey, Sealed, WrappedKey, random_index, token_hash};

use crate::failure::What;
use crate::gate::{Inside, seal_for_person};
use crate::handed_out::has_device;
use crate::people::{NameFriend, may_share, who};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Somebody new, sealed and ready to be stored.
pub(crate) struct NewPerson {
    pub(crate) person: Person,
}

/// A welcome with its words, sealed.
pub(crate) struct NewWelcome {
    pub(crate) welcome: Welcome,
    pub(crate) words: WelcomeWords,
}

impl App {
    /// Seals a new person's details under the organisation's key.
    pub(crate) fn new_person<A: Writes>(
        &self,
        permit: &Permit<'_, A>,
        organisation_key: &WrappedKey,
        name: &str,
        email: Option<&EmailAddress>,
    ) -> Result<NewPerson, Failure> {
        let id = PersonId::new(&*self.ids);
        let key = self.vault.unwrap_key(organisation_key)?;
        let seal = |field: Field, text: &str| {
            seal_for_person(self, permit, &key, field, id.as_uuid(), text)
        };
        Ok(NewPerson {
            person: Person {
                id,
                name: seal(Field::PersonName, name)?,
                email: email.map(|email| seal(Field::PersonEmail, email.as_str())).transpose()?,
                email_index: email.map(|email| {
                    self.vault.email_index(permit.organisation(), &email.canonical()).to_vec()
                }),
                phone: None,
                mail: MailChoice::ORDINARY,
                shares_mailbox: false,
            },
        })
    }

    /// A way in with two random words.
    pub(crate) fn new_welcome(
        &self,
        kind: WelcomeKind,
        place: &Membership,
        names_inviter: bool,
        now: Timestamp,
    ) -> NewWelcome {
        let id = WelcomeId::new(&*self.ids);
        let byte = || u8::try_from(random_index(256)).unwrap_or_default();
        let words = WelcomeWords::from_indices(byte(), byte());
        let token = self.vault.link_token("welcome", id.as_uuid(), 0);
        NewWelcome {
            welcome: Welcome {
                id,
                kind,
                circle: Some(place.circle),
                membership: Some(place.id),
                person: place.person,
                link_hash: Some(token_hash(token.as_str()).to_vec()),
                words_mac: Some(self.vault.mac("words", id.as_uuid(), &words.to_string()).to_vec()),
                tries_left: u32::from(WELCOME_WORDS_TRIES),
                names_inviter,
                created_at: now,
                expires_at: now.plus_days(INVITATION_LIFE_DAYS),
                answered_at: None,
                words_used_at: None,
                ended_at: None,
            },
            words,
        }
    }

    /// Names a friend. Nothing opens until she has said yes.
    ///
    /// Returns her place, whose page shows the words to say.
    pub async fn name_friend(
        &self,
        visit: &Visit,
        circle: CircleId,
        form: &NameFriend,
        receipt: Receipt,
    ) -> Result<MembershipId, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let organisation = Owner::Organisation(visit.organisation.id);
        let organisation_key = snapshot.wrapped_key(organisation).await?;
        let done = snapshot.receipt(receipt.0, "name").await?;
        let own = inside.place.as_ref().map(|place| place.membership);
        let own_name = match own {
            Some(own) => snapshot.content(circle, Field::MemberName, own.as_uuid()).await?,
            None => None,
        };
        let basis = self.basis(&snapshot, &inside).await?;
        let parsed = who(form);
        let index = parsed
            .as_ref()
            .ok()
            .and_then(|(_, email, _)| email.as_ref())
            .map(|email| self.vault.email_index(visit.organisation.id, &email.canonical()));
        let cannot = match &index {
            Some(index) => self.cannot_be_named(&snapshot, circle, index).await?,
            None => false,
        };
        snapshot.end().await?;
        let permit = inside.permit::<Name>(Category::People).await?;
        if let Some(done) = done.and_then(|outcome| outcome.parse().ok()) {
            return Ok(done);
        }
        let (name, email, granted) = parsed?;
        may_share(&inside, granted)?;
        if cannot {
            return Err(Failure::field("email", What::CannotBeNamed));
        }
        let own = inside.own_place()?.membership;
        let key = inside.key()?;
        let new = self.new_person(&permit, &organisation_key, name.as_str(), email.as_ref())?;
        let now = visit.now();
        let place = Membership {
            id: MembershipId::new(&*self.ids),
            circle,
            person: new.person.id,
            role: MemberRole::Friend,
            state: MembershipState::Invited,
            lead: false,
            named_by: Some(own),
            named_at: now,
            accepted_at: None,
            left_at: None,
        };
        let welcome = self.new_welcome(WelcomeKind::Invitation, &place, form.says_my_name, now);
        let inviter = self.inviter(&inside, &permit, &key, own_name.as_ref()).await?;
        let member_name = inside.seal(&permit, &key, Field::MemberName, name.as_str())?;
        let words = inside.seal(&permit, &key, Field::WelcomeWords, &welcome.words.to_string())?;
        self.store
            .change(&permit, async |unit| {
                let outcome = place.id.to_string();
                unit.keep_receipt(receipt.0, "name", &outcome, now).await?;
                unit.add_person(&new.person, now).await?;
                unit.add_membership(&place).await?;
                unit.put_grants(&place, granted, basis, Some(own), now).await?;
                unit.add_welcome(&welcome.welcome).await?;
                let by_welcome = welcome.welcome.id.as_uuid();
                let by_place = place.id.as_uuid();
                unit.put_content(circle, by_place, Some(own), member_name, now).await?;
                unit.put_content(circle, by_welcome, Some(own), words, now).await?;
                if let Some(inviter) = inviter {
                    unit.put_content(circle, by_welcome, Some(own), inviter, now).await?;
                }
                if email.is_some() {
                    let due = send_from(MailKind::Invitation, now, &inside.circle.zone, None);
                    invite(unit, &welcome.welcome, due, now).await?;
                }
                Ok(place.id)
            })
            .await
    }

    /// New words for somebody who is in already: for a further device, or for the patient's own
    /// tablet. Earlier words of that person that were not used end.
    ///
    /// # Errors
    ///
    /// [`What::HasOwnDevice`] when the patient has a device of her own, which makes the words for
    /// the next.
    pub async fn new_words(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "words").await?;
        let place = snapshot.membership(membership).await?;
        let has_mailbox = match &place {
            Some(place) => snapshot.person(place.person).await?.email_index.is_some(),
            None => false,
        };
        let earlier = snapshot.welcomes_of(membership, visit.now()).await?;
        snapshot.end().await?;
        let permit = inside.permit::<Name>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let place = place
            .filter(|place| place.circle == circle && place.state != MembershipState::Left)
            .ok_or(Failure::NotHere)?;
        let own = inside.own_place()?.membership;
        let key = inside.key()?;
        let now = visit.now();
        let kind = match (place.state, place.role) {
            (MembershipState::Invited, _) => WelcomeKind::Invitation,
            (_, MemberRole::Patient) => WelcomeKind::Tablet,
            _ => WelcomeKind::Device,
        };
        let mut welcome = self.new_welcome(kind, &place, false, now);
        if kind == WelcomeKind::Device && has_mailbox {
            // The mailbox is asked for as well: whoever saw the words comes in by nothing else.
            welcome.welcome.link_hash = None;
        }
        let words = inside.seal(&permit, &key, Field::WelcomeWords, &welcome.words.to_string())?;
        self.store
            .change(&permit, async |unit| {
                // Whoever runs the circle shows the patient her first device, and no further one:
                // words that are seen by somebody else would let them in as her.
                if place.role == MemberRole::Patient && has_device(unit, &place, now).await? {
                    return Err(Failure::field("tablet", What::HasOwnDevice));
                }
                unit.keep_receipt(receipt.0, "words", "done", now).await?;
                for earlier in &earlier {
                    unit.end_welcome(earlier.id, now).await?;
                    let subject = earlier.id.as_uuid();
                    unit.erase_content(circle, Field::WelcomeWords, subject).await?;
                }
                unit.add_welcome(&welcome.welcome).await?;
                let subject = welcome.welcome.id.as_uuid();
                unit.put_content(circle, subject, Some(own), words, now).await?;
                Ok::<_, Failure>(())
            })
            .await
    }

    /// The inviter's own first name, sealed again for the invitation.
    async fn inviter(
        &self,
        inside: &Inside<'_>,
        permit: &Permit<'_, Name>,
        key: &OwnerKey,
        own_name: Option<&Content>,
    ) -> Result<Option<Sealed>, Failure> {
        let rota = inside.permit::<Disclose>(Category::Rota).await?;
        let Some(name) = inside.open(&rota, key, own_name)? else { return Ok(None) };
        inside.seal(permit, key, Field::InviterName, &name).map(Some)
    }

    /// On the "not this person" list, or in the circle already: the same answer, which says nothing
    /// about other circles.
    async fn cannot_be_named(
        &self,
        snapshot: &kith_store::Snapshot,
        circle: CircleId,
        index: &[u8],
    ) -> Result<bool, Failure> {
        if snapshot.is_refused(circle, index).await? {
            return Ok(true);
        }
        let members = snapshot.members(circle).await?;
        let persons = snapshot.persons_at(index).await?;
        Ok(persons.iter().any(|person| {
            !person.shares_mailbox
                && members.iter().any(|member| {
                    member.person == person.id && member.state != MembershipState::Left
                })
        }))
    }
}

/// Plans the mail that asks somebody to join.
pub(crate) async fn invite(
    unit: &UnitOfWork,
    welcome: &Welcome,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mail = NewMail {
        kind: MailKind::Invitation,
        dedupe: format!("invitation:{}", welcome.id),
        subject: MailSubject {
            person: Some(welcome.person),
            circle: welcome.circle,
            welcome: Some(welcome.id),
            ..MailSubject::default()
        },
        detail: "{}".to_owned(),
        due_at,
        useful_until: welcome.expires_at,
    };
    unit.add_mail(&mail, now).await
}

/// Tells a member that they were named for more.
pub(crate) async fn tell_named(
    unit: &UnitOfWork,
    member: &Membership,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mail = NewMail {
        kind: MailKind::Named,
        dedupe: format!("named:{}:{}", member.id, now.as_second()),
        subject: MailSubject {
            person: Some(member.person),
            circle: Some(member.circle),
            ..MailSubject::default()
        },
        detail: "{}".to_owned(),
        due_at: now,
        useful_until: now.plus_days(3),
    };
    unit.add_mail(&mail, now).await.map(|_| ())
}
