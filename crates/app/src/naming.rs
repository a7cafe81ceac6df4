//! Naming a friend: a person, a place, grants, words, and an invitation, in one transaction.

use kith_domain::ids::{CircleId, MembershipId, PersonId, WelcomeId};
use kith_domain::reminder::send_from;
use kith_domain::sign_in::{INVITATION_LIFE_DAYS, WELCOME_WORDS_TRIES};
use kith_domain::{
    Category, CategorySet, EmailAddress, GrantBasis, MailChoice, MailKind, MemberRole,
    MembershipState, Owner, Timestamp, WelcomeKind, WelcomeWords,
};
use kith_policy::{Disclose, Name, Permit, Writes};
use kith_store::{
    Content, MailSubject, Membership, NewMail, Person, Snapshot, StoreError, UnitOfWork, Welcome,
};
use kith_vault::{Field, OwnerKey, Sealed, WrappedKey, random_index, token_hash};

use crate::failure::What;
use crate::friend_form::{FRIEND_FIELDS, Friend, NameFriend, friends, may_share};
use crate::gate::{Inside, seal_for_person};
use crate::handed_out::has_device;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Somebody new, sealed and ready to be stored.
pub(crate) struct NewPerson {
    pub(crate) person: Person,
}

/// What naming somebody rests on, beside who it is.
pub(crate) struct NamingFacts {
    organisation_key: WrappedKey,
    own_name: Option<Content>,
    /// On what basis whoever names decides.
    pub(crate) basis: GrantBasis,
}

impl NamingFacts {
    /// The key that seals details of people.
    pub(crate) const fn organisation_key(&self) -> &WrappedKey {
        &self.organisation_key
    }

    /// First name of whoever names.
    pub(crate) const fn own_name(&self) -> Option<&Content> {
        self.own_name.as_ref()
    }
}

/// Two random words.
pub(crate) fn random_words() -> WelcomeWords {
    let byte = || u8::try_from(random_index(256)).unwrap_or_default();
    WelcomeWords::from_indices(byte(), byte())
}

/// Somebody named, sealed and ready to be stored.
pub(crate) struct NewFriend {
    pub(crate) person: Person,
    pub(crate) place: Membership,
    granted: CategorySet,
    pub(crate) welcome: Welcome,
    member_name: Sealed,
    words: Sealed,
    inviter: Option<Sealed>,
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
        let words = random_words();
        let welcome = self.welcome_with(kind, place, names_inviter, &words, now);
        NewWelcome { welcome, words }
    }

    /// A way in with these words.
    pub(crate) fn welcome_with(
        &self,
        kind: WelcomeKind,
        place: &Membership,
        names_inviter: bool,
        words: &WelcomeWords,
        now: Timestamp,
    ) -> Welcome {
        let id = WelcomeId::new(&*self.ids);
        let token = self.vault.link_token("welcome", id.as_uuid(), 0);
        Welcome {
            id,
            kind,
            circle: Some(place.circle),
            membership: Some(place.id),
            person: place.person,
            link_hash: Some(token_hash(token.as_str()).to_vec()),
            short_mac: Some(self.short_mac(&self.short_code(id)).to_vec()),
            words_mac: Some(self.vault.mac("words", id.as_uuid(), &words.to_string()).to_vec()),
            tries_left: u32::from(WELCOME_WORDS_TRIES),
            names_inviter,
            created_at: now,
            expires_at: now.plus_days(INVITATION_LIFE_DAYS),
            answered_at: None,
            words_used_at: None,
            ended_at: None,
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
        let named = self.name_friends(visit, circle, std::slice::from_ref(form), receipt).await?;
        named.into_iter().next().ok_or(Failure::NotHere)
    }

    /// Names several friends, all or none. Forms in which nobody is named are left out.
    ///
    /// Returns their places in the order of the forms.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] with the fields of [`FRIEND_FIELDS`], and `preset`.
    pub async fn name_friends(
        &self,
        visit: &Visit,
        circle: CircleId,
        forms: &[NameFriend],
        receipt: Receipt,
    ) -> Result<Vec<MembershipId>, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let naming = self.naming_facts(&snapshot, &inside).await?;
        let done = snapshot.receipt(receipt.0, "name").await?;
        let parsed = friends(forms);
        let mut addresses: Vec<(&'static str, [u8; 16])> = Vec::new();
        for (fields, form) in FRIEND_FIELDS.iter().zip(forms) {
            let Ok(email) = EmailAddress::parse(&form.email) else { continue };
            let index = self.vault.email_index(visit.organisation.id, &email.canonical());
            addresses.push((fields.email, index));
        }
        let cannot = self.cannot_all_be_named(&snapshot, circle, &addresses).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        if let Some(done) = done {
            return done.split(' ').map(|id| id.parse().map_err(|_| Failure::NotHere)).collect();
        }
        let cannot = cannot.check();
        let parsed = match (parsed, &cannot) {
            // Everything that is wrong is said at once.
            (Err(Failure::Invalid(mut wrong)), Err(Failure::Invalid(cannot))) => {
                wrong.extend_from_slice(cannot);
                return Err(Failure::Invalid(wrong));
            }
            (parsed, _) => parsed?,
        };
        for (_, friend) in &parsed {
            may_share(&inside, friend.granted)?;
        }
        cannot?;
        let mut new = Vec::new();
        for (_, friend) in &parsed {
            new.push(self.new_friend(&inside, &permit, &naming, friend).await?);
        }
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                let places: Vec<_> = new.iter().map(|friend| friend.place.id).collect();
                let outcome: Vec<_> = places.iter().map(MembershipId::to_string).collect();
                unit.keep_receipt(receipt.0, "name", &outcome.join(" "), now).await?;
                // Read again, as somebody else may name or refuse the same address in this moment.
                unit.hold_circle(circle).await?;
                self.cannot_all_be_named(unit, circle, &addresses).await?.check()?;
                for friend in new {
                    let by_mail = friend.person.email.is_some().then(|| friend.welcome.clone());
                    put_friend(unit, friend, naming.basis, now).await?;
                    if let Some(welcome) = by_mail {
                        let zone = &inside.circle.zone;
                        let due = send_from(MailKind::Invitation, now, zone, None);
                        invite(unit, &welcome, due, now).await?;
                    }
                }
                Ok(places)
            })
            .await
    }

    /// What naming somebody rests on.
    pub(crate) async fn naming_facts(
        &self,
        snapshot: &Snapshot,
        inside: &Inside<'_>,
    ) -> Result<NamingFacts, Failure> {
        let organisation = Owner::Organisation(snapshot.organisation());
        let own_name = match &inside.place {
            Some(place) => {
                let own = place.membership.as_uuid();
                snapshot.content(inside.circle.id, Field::MemberName, own).await?
            }
            None => None,
        };
        Ok(NamingFacts {
            organisation_key: snapshot.wrapped_key(organisation).await?,
            own_name,
            basis: self.basis(snapshot, inside).await?,
        })
    }

    /// Somebody who is named, ready to be stored by [`put_friend`].
    pub(crate) async fn new_friend(
        &self,
        inside: &Inside<'_>,
        permit: &Permit<'_, Name>,
        naming: &NamingFacts,
        friend: &Friend,
    ) -> Result<NewFriend, Failure> {
        let own = inside.own_place()?.membership;
        let key = inside.key()?;
        let now = inside.now();
        let name = friend.name.as_str();
        let organisation_key = &naming.organisation_key;
        let mut person =
            self.new_person(permit, organisation_key, name, friend.email.as_ref())?.person;
        if let Some(phone) = &friend.phone {
            let key = self.vault.unwrap_key(organisation_key)?;
            let row = person.id.as_uuid();
            let sealed =
                seal_for_person(self, permit, &key, Field::PersonPhone, row, phone.as_str())?;
            person.phone = Some(sealed);
        }
        person.shares_mailbox = friend.shares_mailbox;
        let place = Membership {
            id: MembershipId::new(&*self.ids),
            circle: inside.circle.id,
            person: person.id,
            role: MemberRole::Friend,
            state: MembershipState::Invited,
            lead: false,
            named_by: Some(own),
            named_at: now,
            accepted_at: None,
            left_at: None,
        };
        let new = self.new_welcome(WelcomeKind::Invitation, &place, friend.says_my_name, now);
        let words = inside.seal(permit, &key, Field::WelcomeWords, &new.words.to_string())?;
        let inviter = self.inviter(inside, permit, &key, naming.own_name.as_ref()).await?;
        Ok(NewFriend {
            member_name: inside.seal(permit, &key, Field::MemberName, name)?,
            person,
            place,
            granted: friend.granted,
            welcome: new.welcome,
            words,
            inviter,
        })
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
        snapshot.end();
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
            (welcome.welcome.link_hash, welcome.welcome.short_mac) = (None, None);
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
    pub(crate) async fn inviter(
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
}

/// Stores somebody who is named: the person, the place, what it opens, and the words to come in by.
pub(crate) async fn put_friend(
    unit: &UnitOfWork,
    new: NewFriend,
    basis: GrantBasis,
    now: Timestamp,
) -> Result<(), StoreError> {
    let NewFriend { person, place, granted, welcome, member_name, words, inviter } = new;
    let (circle, own) = (place.circle, place.named_by);
    unit.add_person(&person, now).await?;
    unit.add_membership(&place).await?;
    unit.put_grants(&place, granted, basis, own, now).await?;
    unit.add_welcome(&welcome).await?;
    unit.put_content(circle, place.id.as_uuid(), own, member_name, now).await?;
    unit.put_content(circle, welcome.id.as_uuid(), own, words, now).await?;
    if let Some(inviter) = inviter {
        unit.put_content(circle, welcome.id.as_uuid(), own, inviter, now).await?;
    }
    Ok(())
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
