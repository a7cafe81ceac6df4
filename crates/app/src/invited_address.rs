//! "Wrong address? Change it": an invitation that nobody has accepted goes to another address, or to
//! none. So does that of somebody who said yes on the telephone and whom no mail has ever reached.
//!
//! Whoever reads mail at the wrong address may have signed in there as the friend who was meant. So
//! the place, with its name, what it opens and what was promised there, goes to a new person, and
//! nothing of the old one leads to it.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::rate::Limit;
use kith_domain::reminder::send_from;
use kith_domain::{
    Category, EmailAddress, MailKind, MailReason, MemberRole, MembershipState, PhoneNumber,
    Unreached, WelcomeKind, WelcomeWords,
};
use kith_policy::{Disclose, Name};
use kith_store::{Membership, Reader, UnitOfWork};
use kith_vault::Field;

use crate::failure::{Problems, What};
use crate::gate::seal_for_person;
use crate::naming::invite;
use crate::proposed_move::{ask_at_new_address, hold_promised};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form is remembered.
const CORRECT: &str = "correct-invitation";

/// Whether the address of an invitation can still be corrected by those who run the circle: somebody
/// else named the person, who has not said yes, and whose address is not their own doing. Of somebody
/// for whom others said yes, as long as they have never come in and no mail of ours reaches them: what
/// was typed wrongly at the naming is no more theirs by that.
///
/// An address at which mails arrive is not corrected, even where nobody has come in from there. We
/// cannot tell a stranger from a friend who reads her mails and does what she has promised without
/// ever opening a link: whoever is in charge could have her mails, and by them her place, go to an
/// address of their own, and she would hear of nothing. Where a stranger does read them, the place is
/// taken out and named again; what he was sent opens nothing of the circle, and says neither who nor
/// where.
pub(crate) async fn can_be_corrected(reader: &Reader, place: &Membership) -> Result<bool, Failure> {
    let never_reached = match place.state {
        MembershipState::Invited => true,
        MembershipState::Active => {
            let why = reader.unreached(place.person).await?;
            let no_mail = matches!(why, Some(Unreached::NoAddress | Unreached::ComesBack));
            no_mail && reader.is_in_by_word_only(place).await?
        }
        MembershipState::Left => false,
    };
    Ok(never_reached
        && place.role != MemberRole::Patient
        && place.named_by.is_some()
        && !reader.asked_to_join(place.id).await?)
}

/// What was typed.
struct Typed {
    /// None where there is to be no address.
    email: Option<EmailAddress>,
    phone: Option<PhoneNumber>,
}

impl App {
    /// Sends an invitation to another address, or to one for the first time. The link in the earlier
    /// mail opens nothing any more. Name and grants stay, and so do the words where they can still be
    /// used.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `email` and `phone`; [`Failure::Changed`] when the friend
    /// has said yes themselves, or come in: from then on the address is theirs;
    /// [`Failure::NotHere`]; [`Failure::TooMany`].
    pub async fn correct_invitation(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
        (email, phone): (&str, &str),
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let mut problems = Problems::default();
        let email = problems.text("email", EmailAddress::parse(email));
        let phone = problems.optional("phone", PhoneNumber::parse(phone));
        let typed = problems.check().map(|()| Typed { email, phone });
        self.put_invited_address(visit, (circle, membership), typed, receipt).await
    }

    /// Takes the address of an invitation away: what was sent there opens nothing any more, and nothing
    /// more is. The words are said as before.
    ///
    /// # Errors
    ///
    /// As for [`App::correct_invitation`].
    pub async fn remove_invited_address(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
        phone: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let mut problems = Problems::default();
        let phone = problems.optional("phone", PhoneNumber::parse(phone));
        let typed = problems.check().map(|()| Typed { email: None, phone });
        self.put_invited_address(visit, (circle, membership), typed, receipt).await
    }

    async fn put_invited_address(
        &self,
        visit: &Visit,
        (circle, membership): (CircleId, MembershipId),
        typed: Result<Typed, Failure>,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let email = typed.as_ref().ok().and_then(|typed| typed.email.as_ref());
        let index =
            email.map(|email| self.vault.email_index(visit.organisation.id, &email.canonical()));
        let now = visit.now();
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let naming = self.naming_facts(&snapshot, &inside).await?;
        let done = snapshot.receipt(receipt.0, CORRECT).await?;
        let place = snapshot.membership(membership).await?;
        let place = place.filter(|place| place.circle == circle);
        let name = snapshot.content(circle, Field::MemberName, membership.as_uuid()).await?;
        let earlier = snapshot.welcomes_of(membership, now).await?.into_iter().next();
        let told = match &earlier {
            Some(welcome) if welcome.words_are_live(now) => {
                snapshot.content(circle, Field::WelcomeWords, welcome.id.as_uuid()).await?
            }
            _ => None,
        };
        let cannot = match &index {
            Some(index) => self.is_not_to_be_named(&snapshot, circle, index, membership).await?,
            None => false,
        };
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let place = place.ok_or(Failure::NotHere)?;
        let Typed { email, phone } = typed?;
        if cannot {
            return Err(Failure::field("email", What::CannotBeNamed));
        }
        let rota = inside.permit::<Disclose>(Category::Rota).await?;
        let people = inside.permit::<Disclose>(Category::People).await?;
        let key = inside.key()?;
        let name = inside.open(&rota, &key, name.as_ref())?.ok_or(Failure::NotHere)?;
        let told = inside.open(&people, &key, told.as_ref())?;
        let told = told.and_then(|words| WelcomeWords::parse(&words).ok());

        let organisation_key = naming.organisation_key();
        let mut person = self.new_person(&permit, organisation_key, &name, email.as_ref())?.person;
        if let Some(phone) = phone {
            let (row, key) = (person.id.as_uuid(), self.vault.unwrap_key(organisation_key)?);
            let phone = phone.as_str();
            let sealed = seal_for_person(self, &permit, &key, Field::PersonPhone, row, phone)?;
            person.phone = Some(sealed);
        }
        let moved = Membership { person: person.id, ..place.clone() };
        let says = earlier.as_ref().is_some_and(|welcome| welcome.names_inviter);
        let words = told.unwrap_or_else(crate::naming::random_words);
        let welcome = self.welcome_with(WelcomeKind::Invitation, &moved, says, &words, now);
        let words = inside.seal(&permit, &key, Field::WelcomeWords, &words.to_string())?;
        let inviter = self.inviter(&inside, &permit, &key, naming.own_name()).await?;
        let own = inside.own_place()?.membership;
        self.store
            .change(&permit, async |unit| {
                let Limit { burst, every_seconds } = Limit::PER_ADDRESS_CHANGE;
                let bucket = format!("invitation:{membership}");
                if !unit.take_token(&bucket, burst, every_seconds, now).await? {
                    return Err(Failure::TooMany);
                }
                unit.keep_receipt(receipt.0, CORRECT, "done", now).await?;
                // Whoever is just saying yes waits until this is done, or this for them.
                let place = unit.hold_membership(membership).await?.ok_or(Failure::NotHere)?;
                unit.hold_circle(circle).await?;
                if !can_be_corrected(unit, &place).await? {
                    return Err(Failure::Changed);
                }
                if let Some(index) = &index
                    && self.is_not_to_be_named(unit, circle, index, membership).await?
                {
                    return Err(Failure::field("email", What::CannotBeNamed));
                }
                hold_promised(unit, membership, now).await?;
                forget_whoever_it_was(unit, &place, now).await?;
                unit.add_person(&person, now).await?;
                unit.move_membership(membership, person.id).await?;
                unit.plan_person_again(person.id, now).await?;
                ask_at_new_address(unit, &inside.circle, membership, now).await?;
                unit.add_welcome(&welcome).await?;
                let subject = welcome.id.as_uuid();
                unit.put_content(circle, subject, Some(own), words, now).await?;
                if let Some(inviter) = inviter {
                    unit.put_content(circle, subject, Some(own), inviter, now).await?;
                }
                if person.email.is_some() {
                    let due = send_from(MailKind::Invitation, now, &inside.circle.zone, None);
                    invite(unit, &welcome, due, now).await?;
                }
                Ok(())
            })
            .await
    }

    /// Whether an address cannot be named for a place that is there already: on the "not this person"
    /// list, or somebody else's in the circle.
    async fn is_not_to_be_named(
        &self,
        reader: &Reader,
        circle: CircleId,
        index: &[u8],
        place: MembershipId,
    ) -> Result<bool, Failure> {
        self.cannot_be_named_but(reader, circle, index, Some(place)).await
    }
}

/// Ends everything by which whoever read the wrong mailbox could come in, or say what the friend
/// wants: links, words, sessions, calendar, and the address itself.
async fn forget_whoever_it_was(
    unit: &UnitOfWork,
    place: &Membership,
    now: kith_domain::Timestamp,
) -> Result<(), Failure> {
    for earlier in unit.welcomes_of(place.id, now).await? {
        for field in [Field::WelcomeWords, Field::InviterName] {
            unit.erase_content(place.circle, field, earlier.id.as_uuid()).await?;
        }
    }
    unit.end_welcomes_of(place.id, now).await?;
    unit.cancel_mail_for(place.person, place.circle, MailReason::Answered, now).await?;
    unit.end_feed(place.person, now).await?;
    unit.end_sessions(place.person, None, now).await?;
    let mut before = unit.person_to_change(place.person).await?;
    (before.email, before.email_index) = (None, None);
    unit.put_person(&before).await?;
    Ok(())
}
