//! Coming in: everything that a way in opens, in one transaction, and once more for the same form.

use kith_domain::ids::PersonId;
use kith_domain::sign_in::{COME_IN_AGAIN_MINUTES, fresh_until, set_up_fresh_until};
use kith_domain::{CircleState, MemberRole, MembershipState, OwnNumber, Timestamp, WelcomeWords};
use kith_store::{Membership, Reader, Snapshot, UnitOfWork, Welcome};
use kith_vault::Field;

use crate::admission::{AdmissionForm, Admitted, own_number};
use crate::enrolling::opens_more;
use crate::failure::What;
use crate::handed_out::{end_others_of_patient, still_lets_in};
use crate::session::Beginning;
use crate::visit::{NewCookies, Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form is remembered.
const COME_IN: &str = "come-in";

/// What shows, beside the way in itself, that it is for this browser.
pub(crate) enum Proof {
    /// The two words that go with it.
    Words(WelcomeWords),
    /// It was made for what this browser asked for, whose words the carer heard.
    AskedHere,
}

/// What somebody comes in by, as it was read.
pub(crate) struct Way {
    /// What was handed out.
    pub(crate) welcome: Welcome,
    /// The place that it opens.
    pub(crate) place: Membership,
    /// The state of the circle.
    pub(crate) state: CircleState,
    /// That it is for this browser.
    pub(crate) proof: Proof,
}

impl Way {
    /// Words that count no more, where there are words.
    fn used_up(&self) -> Failure {
        match self.proof {
            Proof::Words(_) => Failure::field("words", What::WrongWords(0)),
            Proof::AskedHere => Failure::NotHere,
        }
    }

    /// Whether this person is to set the circle up.
    fn sets_up(&self) -> bool {
        self.state == CircleState::Forming
            && matches!(self.place.role, MemberRole::Carer | MemberRole::Patient)
    }

    fn admitted(&self, cookies: NewCookies) -> Admitted {
        Admitted { cookies, circle: Some(self.place.circle), set_up: self.sets_up() }
    }
}

/// Who came in by a welcome with the same form, not long ago: the answer may have been lost.
pub(crate) async fn came_in_before(
    reader: &Reader,
    welcome: &Welcome,
    sent: Receipt,
    now: Timestamp,
) -> Result<Option<PersonId>, Failure> {
    let soon =
        welcome.words_used_at.is_some_and(|used| now < used.plus_minutes(COME_IN_AGAIN_MINUTES));
    if !soon {
        return Ok(None);
    }
    let outcome = reader.receipt(sent.0, COME_IN).await?.unwrap_or_default();
    let Some((by, person)) = outcome.split_once(' ') else { return Ok(None) };
    Ok(person.parse().ok().filter(|_| by == welcome.id.to_string()))
}

impl App {
    /// Lets somebody in by a way in that was handed out. The same form sent again, within minutes,
    /// ends what it opened and opens it again: a double tap, or an answer that got lost, shuts
    /// nobody out.
    pub(crate) async fn come_in(
        &self,
        visit: &Visit,
        snapshot: Snapshot,
        way: &Way,
        form: &AdmissionForm,
        sent: Receipt,
    ) -> Result<Admitted, Failure> {
        let now = visit.now();
        if let Some(person) = came_in_before(&snapshot, &way.welcome, sent, now).await? {
            return self.come_in_again(visit, snapshot, way, form, person).await;
        }
        let failure = match self.come_in_first(visit, snapshot, way, form, sent).await {
            Err(failure @ (Failure::Changed | Failure::NotHere | Failure::Invalid(_))) => failure,
            other => return other,
        };
        // It may have been sent twice in one moment, and the other one came in.
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let before = match snapshot.welcome(way.welcome.id).await? {
            Some(welcome) => came_in_before(&snapshot, &welcome, sent, now).await?,
            None => None,
        };
        match before {
            Some(person) => self.come_in_again(visit, snapshot, way, form, person).await,
            None => Err(failure),
        }
    }

    /// The own number, then the proof, then everything in one transaction.
    async fn come_in_first(
        &self,
        visit: &Visit,
        snapshot: Snapshot,
        way: &Way,
        form: &AdmissionForm,
        sent: Receipt,
    ) -> Result<Admitted, Failure> {
        let now = visit.now();
        let Way { welcome, place, .. } = way;
        let known = if form.already_here {
            let known = self.known_here(&snapshot, visit, welcome, place).await?;
            let alone = !form.shares_mailbox && !form.shared_computer;
            let known = known.filter(|_| alone);
            Some(known.ok_or_else(|| Failure::field("already_here", What::NotAlreadyHere))?)
        } else {
            None
        };
        let person = known.as_ref().map_or(place.person, |(_, person)| person.id);
        let phc = match known {
            Some((device, _)) => {
                snapshot.end();
                self.number_here(visit, Some(device), person, own_number(form)?).await?
            }
            None => self.number_of(visit, snapshot, way, person, own_number(form)?).await?,
        };
        if let Proof::Words(words) = &way.proof {
            self.check_words(visit, welcome, words).await?;
        }
        let cookies = self
            .store
            .transact(visit.organisation.id, async |unit| {
                let outcome = format!("{} {person}", welcome.id);
                unit.keep_receipt(sent.0, COME_IN, &outcome, now).await?;
                let place = still_lets_in(unit, welcome, place).await?;
                if !unit.use_words(welcome.id, now).await? {
                    return Err(way.used_up());
                }
                self.accept(unit, visit, &place, welcome, person).await?;
                end_others_of_patient(unit, &place, welcome.id, now).await?;
                let mut details = unit.person_to_change(person).await?;
                details.shares_mailbox |= form.shares_mailbox;
                unit.put_person(&details).await?;
                self.begin_here(unit, visit, way, (person, phc.as_deref()), form).await
            })
            .await?;
        Ok(way.admitted(cookies))
    }

    /// The same form once more: what it opened ends, and opens here. Where that was stopped
    /// meanwhile, or the person is out of the circle, nothing opens.
    async fn come_in_again(
        &self,
        visit: &Visit,
        snapshot: Snapshot,
        way: &Way,
        form: &AdmissionForm,
        person: PersonId,
    ) -> Result<Admitted, Failure> {
        let now = visit.now();
        let Way { welcome, place, .. } = way;
        if let Proof::Words(words) = &way.proof
            && !self.words_fit(welcome, words)
        {
            return Err(way.used_up());
        }
        let used = snapshot.welcome(welcome.id).await?.and_then(|welcome| welcome.words_used_at);
        let phc = self.number_of(visit, snapshot, way, person, own_number(form)?).await?;
        let cookies = self
            .store
            .transact(visit.organisation.id, async |unit| {
                let place = still_lets_in(unit, welcome, place).await?;
                let opened: Vec<_> = unit
                    .enrolments(person, now)
                    .await?
                    .into_iter()
                    .filter(|enrolment| {
                        enrolment.circle == Some(place.circle)
                            && used.is_some_and(|used| enrolment.created_at >= used)
                    })
                    .collect();
                if place.state != MembershipState::Active || opened.is_empty() {
                    return Err(way.used_up());
                }
                for enrolment in opened {
                    unit.end_enrolment(enrolment.id, now).await?;
                }
                self.begin_here(unit, visit, way, (person, phc.as_deref()), form).await
            })
            .await?;
        Ok(way.admitted(cookies))
    }

    /// The number of somebody who comes in, on the browser's device if it has one.
    async fn number_of(
        &self,
        visit: &Visit,
        snapshot: Snapshot,
        way: &Way,
        person: PersonId,
        number: OwnNumber,
    ) -> Result<Option<String>, Failure> {
        let device = match visit.device {
            Some(hash) => snapshot.device(&hash).await?,
            None => None,
        };
        let kept = match device {
            Some(device) => {
                let circle = Some(way.place.circle);
                let more = opens_more(&snapshot, device, person, circle, visit.now()).await?;
                more.then_some(device)
            }
            None => None,
        };
        snapshot.end();
        self.number_here(visit, kept, person, number).await
    }

    /// Trusts the browser, keeps the number, and begins a session.
    async fn begin_here(
        &self,
        unit: &UnitOfWork,
        visit: &Visit,
        way: &Way,
        (person, phc): (PersonId, Option<&str>),
        form: &AdmissionForm,
    ) -> Result<NewCookies, Failure> {
        let now = visit.now();
        let browser = self.browser(unit, visit).await?;
        let (circle, kind) = (way.place.circle, way.welcome.kind.as_str());
        unit.add_enrolment(browser.device, person, Some(circle), kind, now).await?;
        if let Some(phc) = phc {
            unit.put_own_number(browser.device, person, phc, now).await?;
        }
        let until = if way.sets_up() { set_up_fresh_until(now) } else { fresh_until(now, None) };
        let beginning = Beginning {
            person,
            way: "welcome",
            shared_computer: form.shared_computer,
            fresh_until: Some(until),
        };
        Ok(self.begin_session(unit, visit, browser, beginning).await?)
    }

    pub(crate) async fn accept(
        &self,
        unit: &UnitOfWork,
        visit: &Visit,
        place: &Membership,
        welcome: &Welcome,
        person: PersonId,
    ) -> Result<(), Failure> {
        let now = visit.now();
        if person != place.person {
            if place.state != MembershipState::Invited {
                return Err(Failure::Changed);
            }
            unit.move_membership(place.id, person).await?;
            // Nobody is left behind at this address who would be asked about at sign-in.
            let mut left_behind = unit.person_to_change(place.person).await?;
            (left_behind.email, left_behind.email_index) = (None, None);
            unit.put_person(&left_behind).await?;
        }
        match place.state {
            MembershipState::Active => {}
            MembershipState::Invited => {
                let (from, to) = (MembershipState::Invited, MembershipState::Active);
                if !unit.put_membership_state(place.id, from, to, now).await? {
                    return Err(Failure::Changed);
                }
            }
            MembershipState::Left => return Err(Failure::NotHere),
        }
        unit.answer_welcome(welcome.id, now).await?;
        let subject = welcome.id.as_uuid();
        unit.erase_content(place.circle, Field::WelcomeWords, subject).await?;
        Ok(())
    }
}
