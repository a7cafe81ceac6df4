//! Asking to join by the link that a carer sent: what a browser sees that brings nothing but the link.

use kith_domain::ids::JoinRequestId;
use kith_domain::rate::{self, Limit};
use kith_domain::share_link::JOIN_REQUEST_DAYS;
use kith_domain::{
    Category, CircleState, EmailAddress, JoinState, MailKind, Owner, PersonName, Standing, Tier,
    Timestamp, reminder,
};
use kith_policy::{Contribute, Facts};
use kith_store::{
    Circle, JoinRequest, MailSubject, Membership, NewJoinRequest, NewMail, Reader, ShareLink,
    Snapshot, StoreError, UnitOfWork, Welcome,
};
use kith_vault::{Field, Place, Token, WrappedKey, random_token, token_hash};

use crate::admission::{AdmissionForm, Admitted, own_number};
use crate::coming_in::{Proof, Way, came_in_before};
use crate::failure::{Problems, refused};
use crate::handed_out::{lets_in, place_of};
use crate::joining_address::organisation_of;
use crate::outbox::frozen::Detail;
use crate::promise::in_charge;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// What the page behind a share link is, for this browser.
#[derive(Clone, PartialEq, Eq)]
pub enum JoinPage {
    /// It may ask.
    Ask {
        /// The nature name.
        nature_name: String,
    },
    /// It has asked, and waits.
    Waiting {
        /// The nature name.
        nature_name: String,
        /// The two words that the carer sees too.
        words: String,
        /// Until when an answer is waited for.
        until: Timestamp,
        /// The address that was typed here, if any.
        email: Option<String>,
        /// Somebody else may ask by the same link on this device.
        others_may: bool,
    },
    /// It may come in, and chooses a number.
    Admitted {
        /// The nature name.
        nature_name: String,
        /// First name of whoever is signed in here and may be who asked, if they say so.
        here: Option<String>,
    },
}

impl std::fmt::Debug for JoinPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ask { .. } => "Ask",
            Self::Waiting { .. } => "Waiting",
            Self::Admitted { .. } => "Admitted",
        })
    }
}

/// What somebody types to ask.
#[derive(Clone, Default)]
pub struct JoinForm {
    /// First name.
    pub name: String,
    /// Mail address; may stay empty.
    pub email: String,
    /// "Somebody else reads my e-mail too."
    pub shares_mailbox: bool,
    /// "Somebody else uses this device too."
    pub shared_computer: bool,
}

impl std::fmt::Debug for JoinForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JoinForm")
    }
}

/// What is behind a token, for one browser.
pub(crate) struct Behind {
    link: ShareLink,
    pub(crate) circle: Circle,
    key: WrappedKey,
    /// What this browser asked for by it.
    pub(crate) asked: Option<JoinRequest>,
}

/// An asking that was answered with yes, and has not been used.
struct Yes {
    welcome: Welcome,
    place: Membership,
    state: CircleState,
    shares_mailbox: bool,
    shared_computer: bool,
}

impl App {
    /// The page behind a share link. Changes nothing, however often it is fetched.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for a link that does nothing, whatever the reason.
    pub async fn join_page(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
    ) -> Result<JoinPage, Failure> {
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let mut behind = self.behind_share_link(&snapshot, visit, browser, token).await?;
        let nature_name = behind.circle.nature_name.clone();
        let others_may = behind.link.is_live(now) && self.may_ask(visit, &behind.circle);
        if let Some(asked) = &behind.asked
            && !stands(&snapshot, asked, now).await?
        {
            behind.asked = None;
        }
        let Some(asked) = &behind.asked else {
            snapshot.end();
            return if others_may {
                Ok(JoinPage::Ask { nature_name })
            } else {
                Err(Failure::NotHere)
            };
        };
        match asked.state {
            JoinState::Waiting | JoinState::Unheard if self.may_ask(visit, &behind.circle) => {
                let key = snapshot.wrapped_key(organisation_of(visit)).await?;
                let (id, until, sealed) = (asked.id, asked.expires_at, asked.email.clone());
                snapshot.end();
                let words = self.words_of_request(id).to_string();
                let email = match sealed {
                    Some(sealed) => Some(self.typed_here(visit, id, &sealed, &key).await?),
                    None => None,
                };
                Ok(JoinPage::Waiting { nature_name, words, until, email, others_may })
            }
            JoinState::Admitted => {
                let yes = yes(&snapshot, &behind, now, None).await?;
                let here = self.known_here(&snapshot, visit, &yes.welcome, &yes.place).await?;
                snapshot.end();
                let here = match here {
                    Some((_, person)) => self.name_here(visit, person).await?,
                    None => None,
                };
                Ok(JoinPage::Admitted { nature_name, here })
            }
            _ => Err(Failure::NotHere),
        }
    }

    /// Asks to join. The same form sent again asks once; and a browser that waits already waits on.
    /// One that nobody answered in time, or that somebody came in by, may ask again.
    ///
    /// Returns a secret for the cookie of a browser that brought none: only the browser that asked
    /// comes in by a yes.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `name` and `email`; [`Failure::TooMany`];
    /// [`Failure::NotHere`] for a link that does nothing. An address that must not be let in is no
    /// error.
    pub async fn ask_to_join(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
        form: &JoinForm,
        sent: Receipt,
    ) -> Result<Option<Token>, Failure> {
        let now = visit.now();
        let organisation = visit.organisation.id;
        let snapshot = self.store.snapshot(organisation).await?;
        let Behind { link, circle, key, asked } =
            self.behind_share_link(&snapshot, visit, browser, token).await?;
        let others = snapshot.join_requests(circle.id, u32::MAX, now).await?;
        let organisation_key = snapshot.wrapped_key(organisation_of(visit)).await?;
        let asked = match &asked {
            Some(asked) => stands(&snapshot, asked, now).await?,
            None => false,
        };
        snapshot.end();
        if asked || !link.is_live(now) {
            return Err(Failure::NotHere);
        }
        let mut problems = Problems::default();
        let name = problems.text("name", PersonName::parse(&form.name));
        let email = problems.optional("email", EmailAddress::parse(&form.email));
        problems.check()?;
        let name = name.ok_or(Failure::NotHere)?;
        self.not_too_many(visit, &link).await?;
        let permit = self
            .engine
            .authorize::<Contribute>(&visit.scope, &facts(visit, &circle), Category::People)
            .await
            .map_err(|refusal| refused(refusal, None))?;
        let id = self.new_request(&others);
        let place =
            Place { owner: Owner::Circle(circle.id), field: Field::JoinName, row: id.as_uuid() };
        let sealed_name =
            self.vault.seal(&permit, &self.vault.unwrap_key(&key)?, place, name.as_str())?;
        let own = self.own_address_permit(visit, id).await?;
        let email = self.typed_address(&own, &organisation_key, id, email.as_ref())?;
        // A browser keeps its secret, so that one may wait in several circles.
        let secret = browser.is_none().then(random_token);
        let browser = secret.as_ref().map(Token::as_str).or(browser).unwrap_or_default();
        let browser = token_hash(browser);
        let mut new = NewJoinRequest {
            id,
            link: link.id,
            circle: circle.id,
            form: sent.0,
            browser_hash: browser,
            name: sealed_name,
            email: email.sealed,
            email_index: email.index,
            shares_mailbox: form.shares_mailbox,
            shared_computer: form.shared_computer,
            state: JoinState::Waiting,
            expires_at: now.plus_days(JOIN_REQUEST_DAYS),
        };
        self.store
            .change(&permit, async |unit| {
                if !unit.take_share_link_ask(link.id, now).await? {
                    return Err(Failure::NotHere);
                }
                // Read again now that the link's row is held: two tabs of one browser ask once.
                if let Some(earlier) = unit.join_request_of(link.id, &browser).await?
                    && earlier.form != sent.0
                    && stands(unit, &earlier, now).await?
                {
                    return Err(Failure::NotHere);
                }
                if let Some(index) = &new.email_index
                    && unit.is_refused(circle.id, index).await?
                {
                    new.state = JoinState::Unheard;
                }
                let heard = new.state == JoinState::Waiting;
                let expires_at = new.expires_at;
                unit.also_over(&own).await?;
                unit.add_join_request(new, now).await?;
                if heard {
                    tell_carers(unit, &circle, id, expires_at, now).await?;
                }
                Ok(())
            })
            .await?;
        self.wake();
        Ok(secret)
    }

    /// Comes in by a yes, on the browser that asked: signed in and trusted, with an own number. The
    /// same form sent again, soon, lets in again in place of the first time.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields of the number; [`Failure::NotHere`] on any other browser,
    /// before the yes, and after it was used.
    pub async fn join(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
        form: &AdmissionForm,
        sent: Receipt,
    ) -> Result<Admitted, Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let behind = self.behind_share_link(&snapshot, visit, browser, token).await?;
        let yes = yes(&snapshot, &behind, visit.now(), Some(sent)).await?;
        own_number(form)?;
        let form = AdmissionForm {
            shares_mailbox: yes.shares_mailbox,
            shared_computer: yes.shared_computer,
            ..form.clone()
        };
        let Yes { welcome, place, state, .. } = yes;
        let way = Way { welcome, place, state, proof: Proof::AskedHere };
        self.come_in(visit, snapshot, &way, &form, sent).await
    }

    pub(crate) async fn behind_share_link(
        &self,
        snapshot: &Snapshot,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
    ) -> Result<Behind, Failure> {
        let link = snapshot.share_link(&token_hash(token)).await?.ok_or(Failure::NotHere)?;
        let access = snapshot.circle_access(None, link.circle, visit.now(), false).await?;
        let access = access.ok_or(Failure::NotHere)?;
        let asked = match browser {
            Some(secret) => snapshot.join_request_of(link.id, &token_hash(secret)).await?,
            None => None,
        };
        let key = access.key.ok_or(Failure::NotHere)?;
        Ok(Behind { link, circle: access.circle, key, asked })
    }

    /// Whether the circle lets somebody ask, in the state in which it is.
    fn may_ask(&self, visit: &Visit, circle: &Circle) -> bool {
        self.engine.may::<Contribute>(&facts(visit, circle), Category::People)
    }

    /// An id whose words nobody else has who waits in the circle.
    fn new_request(&self, others: &[JoinRequest]) -> JoinRequestId {
        let taken: Vec<_> = others.iter().map(|other| self.words_of_request(other.id)).collect();
        loop {
            let id = JoinRequestId::new(&*self.ids);
            if !taken.contains(&self.words_of_request(id)) {
                return id;
            }
        }
    }

    async fn not_too_many(&self, visit: &Visit, link: &ShareLink) -> Result<(), Failure> {
        let network = format!("join:network:{}", rate::network(visit.network));
        let by_link = format!("join:link:{}", link.id);
        let allowed = self
            .store
            .transact(visit.organisation.id, async |unit| {
                for (bucket, limit) in
                    [(network, Limit::PER_NETWORK), (by_link, Limit::PER_SHARE_LINK)]
                {
                    let Limit { burst, every_seconds } = limit;
                    if !unit.take_token(&bucket, burst, every_seconds, visit.now()).await? {
                        return Ok::<_, StoreError>(false);
                    }
                }
                Ok(true)
            })
            .await?;
        if allowed { Ok(()) } else { Err(Failure::TooMany) }
    }
}

/// Somebody with nothing but the link: asked, and nobody yet.
pub(crate) fn facts(visit: &Visit, circle: &Circle) -> Facts {
    let owner = Owner::Circle(circle.id);
    let nobody = Facts::stranger(visit.organisation.id, owner, circle.state);
    Facts { standing: Standing::Invited, tier: Tier::Link, ..nobody }
}

/// Whether what a browser asked for keeps it from asking again: it waits, was let in and has not come
/// in yet, or was answered with no. Several people may use one browser, one after the other.
pub(crate) async fn stands(
    reader: &Reader,
    asked: &JoinRequest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(match (asked.state, asked.welcome) {
        (JoinState::Waiting | JoinState::Unheard, _) => now < asked.expires_at,
        (JoinState::RanOut | JoinState::Replaced, _) => false,
        (JoinState::Admitted, Some(welcome)) => {
            let welcome = reader.welcome(welcome).await?;
            welcome.is_none_or(|welcome| welcome.words_used_at.is_none())
        }
        (JoinState::Admitted, None) | (JoinState::Declined, _) => true,
    })
}

/// The yes that this browser waited for, while it counts; or while the form that was `sent` used it
/// in this moment.
async fn yes(
    snapshot: &Snapshot,
    behind: &Behind,
    now: Timestamp,
    sent: Option<Receipt>,
) -> Result<Yes, Failure> {
    let asked = behind.asked.as_ref().ok_or(Failure::NotHere)?;
    let welcome = match asked.welcome {
        Some(welcome) => snapshot.welcome(welcome).await?,
        None => None,
    };
    let welcome = welcome.ok_or(Failure::NotHere)?;
    let again = match sent {
        Some(sent) => came_in_before(snapshot, &welcome, sent, now).await?.is_some(),
        None => false,
    };
    if !again && !welcome.words_are_live(now) {
        return Err(Failure::NotHere);
    }
    let place = place_of(snapshot, welcome.membership).await?.ok_or(Failure::NotHere)?;
    let state = behind.circle.state;
    if !lets_in(&welcome, &place, state) {
        return Err(Failure::NotHere);
    }
    let (shares_mailbox, shared_computer) = (asked.shares_mailbox, asked.shared_computer);
    Ok(Yes { welcome, place, state, shares_mailbox, shared_computer })
}

/// Tells whoever runs the circle that somebody asks; no names.
pub(crate) async fn tell_carers(
    unit: &UnitOfWork,
    circle: &Circle,
    id: JoinRequestId,
    useful_until: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let members = unit.members(circle.id).await?;
    for person in in_charge(&members) {
        let mail = NewMail {
            kind: MailKind::AsksToJoin,
            dedupe: format!("asks_to_join:{id}:{person}"),
            subject: MailSubject {
                person: Some(person),
                circle: Some(circle.id),
                ..MailSubject::default()
            },
            detail: Detail { asks: Some(id.as_uuid()), ..Detail::default() }.to_json(),
            due_at: reminder::send_from(MailKind::AsksToJoin, now, &circle.zone, None),
            useful_until,
        };
        unit.add_mail(&mail, now).await?;
    }
    Ok(())
}
