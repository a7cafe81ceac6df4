//! Coming in by what was handed out: invitation, card, tablet, further device, staff code.

use kith_domain::ids::{CircleId, DeviceId};
use kith_domain::{
    Category, CategorySet, CircleState, MembershipState, OwnNumber, Owner, ShortCode, Standing,
    Tier, Timestamp, WelcomeKind, WelcomeWords,
};
use kith_policy::{Disclose, Facts};
use kith_store::{Membership, Person, Snapshot, UnitOfWork, Welcome};
use kith_vault::Field;

use crate::coming_in::{Proof, Way};
use crate::failure::{Problems, What, refused};
use crate::handed_out::{lets_in, place_of};
use crate::visit::{NewCookies, Receipt, Visit};
use crate::{App, Failure};

/// What somebody sees who opens a link that was handed out, before proving anything.
#[derive(Clone, Debug)]
pub struct WelcomePage {
    /// What it is for.
    pub kind: WelcomeKind,
    /// First name of whoever asked; for invitations only, and not by an address typed from paper.
    pub inviter: Option<String>,
    /// Whether the page was opened by an address typed from paper, which may be guessed: it takes the
    /// words, and neither a yes nor a no without them.
    pub typed: bool,
    /// The nature name: how the circle is called in mails.
    pub nature_name: Option<String>,
    /// Whether the words still work; otherwise they were used, or tried too often.
    pub words_work: bool,
    /// Whether the person has said yes or no.
    pub answered: bool,
    /// First name of whoever is signed in here and may be the invited person, if they say so.
    pub here: Option<String>,
}

/// What somebody types to come in.
#[derive(Clone, Default)]
pub struct AdmissionForm {
    /// The two words.
    pub words: String,
    /// The own number that is chosen.
    pub number: String,
    /// The number again.
    pub number_again: String,
    /// "Somebody else reads this mailbox."
    pub shares_mailbox: bool,
    /// "Somebody else uses this device."
    pub shared_computer: bool,
    /// "I am Tom, who is signed in here": the number is the one that Tom has on this device.
    pub already_here: bool,
}

impl std::fmt::Debug for AdmissionForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdmissionForm")
    }
}

/// What coming in opened.
#[derive(Debug)]
pub struct Admitted {
    /// For the browser.
    pub cookies: NewCookies,
    /// The circle; none for staff.
    pub circle: Option<CircleId>,
    /// Whether the circle is still to be set up by this person.
    pub set_up: bool,
}

impl App {
    /// The page behind a link. Changes nothing, however often it is fetched.
    pub async fn welcome_page(&self, visit: &Visit, token: &str) -> Result<WelcomePage, Failure> {
        let now = visit.now();
        self.not_guessing(visit, token).await?;
        let typed = ShortCode::parse(token).is_some();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let welcome = self.welcome_behind(&snapshot, token).await?;
        let welcome = welcome.filter(|welcome| welcome.is_live(now)).ok_or(Failure::NotHere)?;
        let circle = welcome.circle.ok_or(Failure::NotHere)?;
        let membership = place_of(&snapshot, welcome.membership)
            .await?
            .filter(|membership| membership.state != MembershipState::Left)
            .ok_or(Failure::NotHere)?;
        let access = snapshot.circle_access(None, circle, now, false).await?;
        let access = access
            .filter(|access| lets_in(&welcome, &membership, access.circle.state))
            .ok_or(Failure::NotHere)?;
        self.mailbox_too(&snapshot, visit, &welcome).await?;
        let name = snapshot.content(circle, Field::InviterName, welcome.id.as_uuid()).await?;
        let here = self.known_here(&snapshot, visit, &welcome, &membership).await?;
        snapshot.end();
        let here = match here {
            Some((_, person)) => self.name_here(visit, person).await?,
            None => None,
        };
        let inviter = match (&access.key, name) {
            (Some(wrapped), Some(name))
                if !typed
                    && membership.state == MembershipState::Invited
                    && welcome.kind == WelcomeKind::Invitation =>
            {
                let facts = by_link(visit, &membership, access.circle.state);
                let permit = self
                    .engine
                    .authorize::<Disclose>(&visit.scope, &facts, Category::Introduction)
                    .await
                    .map_err(|refusal| refused(refusal, None))?;
                Some(self.open(&permit, &self.vault.unwrap_key(wrapped)?, &name.sealed)?)
            }
            _ => None,
        };
        Ok(WelcomePage {
            kind: welcome.kind,
            inviter,
            typed,
            nature_name: Some(access.circle.nature_name),
            words_work: welcome.words_are_live(now),
            answered: membership.state != MembershipState::Invited,
            here,
        })
    }

    /// Comes in with the link and the words: signed in, trusted and fresh, with an own number. The
    /// same form sent again, soon, lets in again in place of the first time.
    pub async fn admit_by_words(
        &self,
        visit: &Visit,
        token: &str,
        form: &AdmissionForm,
        sent: Receipt,
    ) -> Result<Admitted, Failure> {
        let (words, _) = parse(form)?;
        let now = visit.now();
        self.not_guessing(visit, token).await?;
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let welcome = self.welcome_behind(&snapshot, token).await?;
        let welcome = welcome.filter(|welcome| welcome.is_live(now)).ok_or(Failure::NotHere)?;
        let circle = welcome.circle.ok_or(Failure::NotHere)?;
        let place = place_of(&snapshot, welcome.membership).await?.ok_or(Failure::NotHere)?;
        let access = snapshot.circle_access(None, circle, now, false).await?;
        let state = access.ok_or(Failure::NotHere)?.circle.state;
        if !lets_in(&welcome, &place, state) {
            return Err(Failure::NotHere);
        }
        self.mailbox_too(&snapshot, visit, &welcome).await?;
        let way = Way { welcome, place, state, proof: Proof::Words(words) };
        self.come_in(visit, snapshot, &way, form, sent).await
    }

    /// Somebody who is signed in here, has a number here, reads mail at the invited address and is
    /// not in the circle yet may be the invited person: one person, several circles. Two people may
    /// share a mailbox and a tablet, so they say so themselves, and give the number they have.
    pub(crate) async fn known_here(
        &self,
        snapshot: &Snapshot,
        visit: &Visit,
        welcome: &Welcome,
        place: &Membership,
    ) -> Result<Option<(DeviceId, Person)>, Failure> {
        let Some(hash) = visit.session else { return Ok(None) };
        let Some(session) = snapshot.session(&hash, visit.now()).await? else { return Ok(None) };
        let asked = welcome.kind == WelcomeKind::Invitation
            && place.state == MembershipState::Invited
            && place.person != session.person;
        if !asked || snapshot.own_number(session.device, session.person).await?.is_none() {
            return Ok(None);
        }
        let invited = snapshot.person(place.person).await?;
        let here = snapshot.person(session.person).await?;
        let same_mailbox = invited.email_index.is_some() && invited.email_index == here.email_index;
        let alone = !invited.shares_mailbox && !here.shares_mailbox && !session.shared_computer;
        let members = snapshot.members(place.circle).await?;
        let already_in = members.iter().any(|member| member.person == here.id);
        Ok((same_mailbox && alone && !already_in).then_some((session.device, here)))
    }

    /// The first name of whoever is signed in, for themselves.
    pub(crate) async fn name_here(
        &self,
        visit: &Visit,
        here: Person,
    ) -> Result<Option<String>, Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let names = self.names_of(visit, snapshot, &[here]).await?;
        Ok(names.into_iter().next().map(|who| who.name))
    }

    /// "I don't have the words": says yes. Nothing opens by it: a later sign-in by code shows only
    /// what one was asked for, until a device is enrolled.
    pub async fn say_yes(&self, visit: &Visit, token: &str) -> Result<(), Failure> {
        let (welcome, place) = self.invited(visit, token).await?;
        let now = visit.now();
        self.store
            .transact(visit.organisation.id, async |unit| {
                answer(unit, &welcome, &place, now).await?;
                let (from, to) = (MembershipState::Invited, MembershipState::Active);
                unit.put_membership_state(place.id, from, to, now).await?;
                Ok(())
            })
            .await
    }

    /// "No, thank you": no reason is asked, and nobody is told who cannot see it on the page.
    pub async fn say_no(&self, visit: &Visit, token: &str) -> Result<(), Failure> {
        let (welcome, place) = self.invited(visit, token).await?;
        let now = visit.now();
        self.store
            .transact(visit.organisation.id, async |unit| {
                answer(unit, &welcome, &place, now).await?;
                let (from, to) = (MembershipState::Invited, MembershipState::Left);
                unit.put_membership_state(place.id, from, to, now).await?;
                unit.end_welcome(welcome.id, now).await?;
                Ok(())
            })
            .await
    }

    async fn invited(&self, visit: &Visit, token: &str) -> Result<(Welcome, Membership), Failure> {
        // A typed address may be guessed: it answers for nobody.
        if ShortCode::parse(token).is_some() {
            return Err(Failure::NotHere);
        }
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let welcome = self.welcome_behind(&snapshot, token).await?;
        let welcome = welcome
            .filter(|welcome| {
                welcome.is_live(visit.now()) && welcome.kind == WelcomeKind::Invitation
            })
            .ok_or(Failure::NotHere)?;
        let place = place_of(&snapshot, welcome.membership).await?;
        snapshot.end();
        let place = place.filter(|place| place.state == MembershipState::Invited);
        Ok((welcome, place.ok_or(Failure::NotHere)?))
    }
}

/// Answers an invitation, unless it was answered or went to another address in this moment.
async fn answer(
    unit: &UnitOfWork,
    welcome: &Welcome,
    place: &Membership,
    now: Timestamp,
) -> Result<(), Failure> {
    let place = unit.hold_membership(place.id).await?.ok_or(Failure::NotHere)?;
    let waits = place.state == MembershipState::Invited;
    if waits && unit.answer_welcome(welcome.id, now).await? {
        Ok(())
    } else {
        Err(Failure::NotHere)
    }
}

/// An invited person with nothing but the link.
fn by_link(visit: &Visit, place: &Membership, state: CircleState) -> Facts {
    Facts {
        organisation: visit.organisation.id,
        owner: Owner::Circle(place.circle),
        subject: None,
        person: Some(place.person),
        session: None,
        membership: Some(place.id),
        standing: Standing::Invited,
        tier: Tier::Link,
        state,
        grants: CategorySet::EMPTY,
        windows: CategorySet::EMPTY,
        everyday_recorded: false,
    }
}

pub(crate) fn parse(form: &AdmissionForm) -> Result<(WelcomeWords, OwnNumber), Failure> {
    let mut problems = Problems::default();
    let words = WelcomeWords::parse(&form.words)
        .map_err(|_| problems.add("words", What::NotWelcomeWords))
        .ok();
    let number = number_in(form, &mut problems);
    problems.check()?;
    words.zip(number).ok_or(Failure::NotHere)
}

/// The own number alone.
pub(crate) fn own_number(form: &AdmissionForm) -> Result<OwnNumber, Failure> {
    let mut problems = Problems::default();
    let number = number_in(form, &mut problems);
    problems.check()?;
    number.ok_or(Failure::NotHere)
}

fn number_in(form: &AdmissionForm, problems: &mut Problems) -> Option<OwnNumber> {
    let number = OwnNumber::parse(&form.number)
        .map_err(|error| problems.add("number", What::OwnNumber(error)))
        .ok();
    let again: String = form.number_again.chars().filter(char::is_ascii_digit).collect();
    if number.as_ref().is_some_and(|number| number.as_str() != again) {
        problems.add("number_again", What::NumbersDiffer);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let form = AdmissionForm {
            words: "nothing".to_owned(),
            number: "1111".to_owned(),
            ..AdmissionForm::default()
        };
        let Err(Failure::Invalid(problems)) = parse(&form) else { panic!("accepted") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["words", "number"]);
    }
}
