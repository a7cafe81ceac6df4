//! Making a device trusted for somebody: with two words, and the own number that it keeps.

use kith_domain::ids::{CircleId, DeviceId, PersonId};
use kith_domain::sign_in::fresh_until;
use kith_domain::{OwnNumber, Timestamp, WelcomeWords};
use kith_store::{Membership, Snapshot, Welcome};
use kith_vault::{random_token, token_hash};

use crate::admission::{AdmissionForm, parse};
use crate::failure::What;
use crate::handed_out::{end_others_of_patient, lets_in, place_of, still_lets_in};
use crate::visit::{NewCookies, Visit};
use crate::{App, Failure};

impl App {
    /// Enrols this device for somebody who is signed in, with words: in a circle, or for staff in
    /// the organisation. The page looks the same for everybody; wrong words say nothing.
    pub async fn enrol(
        &self,
        visit: &Visit,
        circle: Option<CircleId>,
        form: &AdmissionForm,
    ) -> Result<NewCookies, Failure> {
        let (words, number) = parse(form)?;
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let candidates = enrolling(&snapshot, session.person, circle, now).await?;
        let (device, person) = (session.device, session.person);
        let kept = opens_more(&snapshot, device, person, circle, now).await?.then_some(device);
        snapshot.end();
        let phc = self.number_here(visit, kept, person, number).await?;
        let mut found = None;
        for (welcome, place) in candidates {
            if self.check_words(visit, &welcome, &words).await.is_ok() {
                found = Some((welcome, place));
                break;
            }
        }
        let (welcome, place) = found.ok_or_else(|| Failure::field("words", What::WrongWords(0)))?;
        let secret = random_token();
        let shared_computer = self
            .store
            .transact(visit.organisation.id, async |unit| {
                let place = match &place {
                    Some(place) => Some(still_lets_in(unit, &welcome, place).await?),
                    None => None,
                };
                if !unit.use_words(welcome.id, now).await? {
                    return Err(Failure::field("words", What::WrongWords(0)));
                }
                if let Some(place) = &place {
                    // Whoever was invited and types the words here says yes by it.
                    self.accept(unit, visit, place, &welcome, session.person).await?;
                    end_others_of_patient(unit, place, welcome.id, now).await?;
                }
                let way = welcome.kind.as_str();
                unit.add_enrolment(session.device, session.person, circle, way, now).await?;
                if let Some(phc) = &phc {
                    unit.put_own_number(session.device, session.person, phc, now).await?;
                }
                if form.shares_mailbox {
                    let mut details = unit.person(session.person).await?;
                    details.shares_mailbox = true;
                    unit.put_person(&details).await?;
                }
                if form.shared_computer {
                    unit.share_device(session.device).await?;
                }
                let shared = unit.is_shared(session.device, session.person, now).await?;
                if shared {
                    unit.share_session(session.id).await?;
                }
                let until = Some(fresh_until(now, None));
                unit.renew_session(session.id, &token_hash(secret.as_str()), until, now).await?;
                Ok::<_, Failure>(shared || session.shared_computer)
            })
            .await?;
        let person = session.person;
        Ok(NewCookies { person, session: secret, device: None, shared_computer })
    }

    /// A new number to keep; or none, after comparing it, where somebody has one on the device
    /// already that is to stay. With the words of one circle nobody replaces a number that opens
    /// others too. The fifth wrong one ends those.
    pub(crate) async fn number_here(
        &self,
        visit: &Visit,
        kept: Option<DeviceId>,
        person: PersonId,
        number: OwnNumber,
    ) -> Result<Option<String>, Failure> {
        let Some(device) = kept else { return self.hash_number(number).await.map(Some) };
        match self.check_number(visit, device, person, number).await {
            Err(Failure::Invalid(problems)) => {
                match problems.first().map(|problem| &problem.what) {
                    Some(What::WrongNumber(left)) => {
                        Err(Failure::field("number", What::NumberHere(*left)))
                    }
                    _ => Err(Failure::Invalid(problems)),
                }
            }
            other => other.map(|()| None),
        }
    }

    /// Whether these are the words of a welcome, whatever became of it.
    pub(crate) fn words_fit(&self, welcome: &Welcome, words: &WelcomeWords) -> bool {
        welcome.words_mac.as_ref().is_some_and(|stored| {
            self.vault.mac_matches("words", welcome.id.as_uuid(), &words.to_string(), stored)
        })
    }

    /// Compares words. The try is committed first, so that parallel guesses cannot outrun the count.
    pub(crate) async fn check_words(
        &self,
        visit: &Visit,
        welcome: &Welcome,
        words: &WelcomeWords,
    ) -> Result<(), Failure> {
        let tried = self
            .store
            .transact(visit.organisation.id, async |unit| {
                unit.take_words_try(welcome.id, visit.now()).await
            })
            .await?;
        if tried && self.words_fit(welcome, words) {
            Ok(())
        } else {
            // Words that count no more have no tries left either.
            let left = if tried { welcome.tries_left.saturating_sub(1) } else { 0 };
            Err(Failure::field("words", What::WrongWords(left)))
        }
    }
}

/// Whether a person's number on a device opens something else than `circle` too.
pub(crate) async fn opens_more(
    snapshot: &Snapshot,
    device: DeviceId,
    person: PersonId,
    circle: Option<CircleId>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let enrolments = snapshot.device_enrolments(device, now).await?;
    Ok(enrolments.iter().any(|other| other.person == person && other.circle != circle))
}

/// The welcomes of a person whose words enrol a device in `circle` as it is now, or for staff in the
/// organisation; each with the place that it opens.
async fn enrolling(
    snapshot: &Snapshot,
    person: PersonId,
    circle: Option<CircleId>,
    now: Timestamp,
) -> Result<Vec<(Welcome, Option<Membership>)>, Failure> {
    let state = match circle {
        Some(circle) => snapshot.circle(circle).await?.map(|circle| circle.state),
        None => None,
    };
    let mut found = Vec::new();
    for welcome in snapshot.welcomes_for(person, now).await? {
        if welcome.circle != circle || !welcome.words_are_live(now) {
            continue;
        }
        let place = place_of(snapshot, welcome.membership).await?;
        let comes_in = match (circle, &place, state) {
            (None, ..) => true,
            (Some(_), Some(place), Some(state)) => lets_in(&welcome, place, state),
            _ => false,
        };
        if comes_in {
            found.push((welcome, place));
        }
    }
    Ok(found)
}
