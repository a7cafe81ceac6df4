//! Signing in by a code sent by mail, or by own number on a device that is trusted already.

use kith_domain::ids::{PersonId, SignInId};
use kith_domain::rate::Limit;
use kith_domain::sign_in::{CODE_LIFE_MINUTES, CODE_TRIES, fresh_until};
use kith_domain::{
    Category, CategorySet, CircleState, EmailAddress, MailKind, OwnNumber, Owner, Standing, Tier,
};
use kith_policy::{Disclose, Facts};
use kith_store::{MailSubject, NewMail, Person, SignIn, Snapshot};
use kith_vault::{Token, random_token, token_hash};

use crate::failure::{Problems, What, refused};
use crate::session::Beginning;
use crate::visit::{NewCookies, Visit};
use crate::{App, Failure};

/// Minutes for which a mail with a code is worth sending; the code itself starts at hand-over.
const MAIL_USEFUL_MINUTES: i64 = 30;

/// What a parcel is for that proves a right code.
const WHICH_ONE: &str = "which one";

/// Somebody who may be the one at this mailbox or device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoAreYou {
    /// The person.
    pub person: PersonId,
    /// First name.
    pub name: String,
}

/// What came of a right code.
#[derive(Debug)]
pub enum CodeAccepted {
    /// Signed in.
    In(NewCookies),
    /// Several people share the mailbox: "Are you Tom or Jean?"
    Choose {
        /// The people.
        people: Vec<WhoAreYou>,
        /// Proves the code was right; goes back with the choice.
        proof: String,
    },
}

impl App {
    /// Asks for a code. The answer is the same whether the address is known or not; the address is
    /// looked up later, by the mail worker. Whether others use the computer is kept with the asking,
    /// for whoever comes back by the mail's link.
    ///
    /// Returns the secret for the asking browser's cookie.
    pub async fn ask_code(
        &self,
        visit: &Visit,
        typed: &str,
        shared_computer: bool,
    ) -> Result<Token, Failure> {
        let mut problems = Problems::default();
        let address = problems.text("email", EmailAddress::parse(typed));
        problems.check()?;
        let address = address.ok_or(Failure::TooMany)?;
        let now = visit.now();
        let organisation = visit.organisation.id;
        let index = self.vault.email_index(organisation, &address.canonical());
        let browser = random_token();
        let id = SignInId::new(&*self.ids);
        let allowed = self
            .store
            .transact(organisation, async |unit| {
                let network = format!("code:network:{}", kith_domain::rate::network(visit.network));
                let per_network = Limit::PER_NETWORK;
                if !unit
                    .take_token(&network, per_network.burst, per_network.every_seconds, now)
                    .await?
                {
                    return Ok::<_, Failure>(false);
                }
                unit.add_sign_in(
                    id,
                    &token_hash(browser.as_str()),
                    &index,
                    u32::from(CODE_TRIES),
                    shared_computer,
                    now,
                )
                .await?;
                let bucket = format!("code:address:{}", hex(&index));
                let per_address = Limit::PER_ADDRESS;
                if unit
                    .take_token(&bucket, per_address.burst, per_address.every_seconds, now)
                    .await?
                {
                    let mail = NewMail {
                        kind: MailKind::SignInCode,
                        dedupe: format!("sign_in_code:{id}"),
                        subject: MailSubject { sign_in: Some(id), ..MailSubject::default() },
                        detail: "{}".to_owned(),
                        due_at: now,
                        useful_until: now.plus_minutes(MAIL_USEFUL_MINUTES),
                    };
                    unit.add_mail(&mail, now).await?;
                }
                Ok(true)
            })
            .await?;
        if !allowed {
            return Err(Failure::TooMany);
        }
        self.wake();
        Ok(browser)
    }

    /// Checks a typed code in the browser that asked for it.
    pub async fn check_code(
        &self,
        visit: &Visit,
        browser: &str,
        typed: &str,
        shared_computer: bool,
    ) -> Result<CodeAccepted, Failure> {
        let code: String = typed.chars().filter(char::is_ascii_digit).collect();
        let hash = token_hash(browser);
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let asked = snapshot.sign_in_of(&hash).await?;
        snapshot.end();
        let wrong = || Failure::field("code", What::WrongCode);
        let asked = asked.filter(|asked| !asked.over).ok_or_else(wrong)?;
        // The try is taken and committed before the comparison, so that parallel guesses cannot
        // outrun the count.
        let tried = self
            .store
            .transact(visit.organisation.id, async |unit| unit.take_sign_in_try(asked.id).await)
            .await?;
        let right = asked.code_mac.as_ref().is_some_and(|stored| {
            self.vault.mac_matches("code", asked.id.as_uuid(), &code, stored)
        });
        if !tried || !right {
            return Err(wrong());
        }
        if is_too_old(&asked, visit) {
            return Err(Failure::field("code", What::CodeRanOut));
        }
        let shared_computer = shared_computer || asked.shared_computer;
        self.admit(visit, &asked, shared_computer).await
    }

    /// Whether the link of a sign-in mail was opened in the browser that asked, and still works.
    /// Changes nothing: the page behind it has a button.
    pub async fn sign_in_link(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
    ) -> Result<bool, Failure> {
        Ok(self.asked_by_link(visit, browser, token).await?.is_some())
    }

    /// The button behind the link: does the same as typing the code.
    pub async fn use_sign_in_link(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
    ) -> Result<CodeAccepted, Failure> {
        let asked = self.asked_by_link(visit, browser, token).await?;
        let asked = asked.ok_or_else(|| Failure::field("code", What::CodeRanOut))?;
        self.admit(visit, &asked, asked.shared_computer).await
    }

    async fn asked_by_link(
        &self,
        visit: &Visit,
        browser: Option<&str>,
        token: &str,
    ) -> Result<Option<SignIn>, Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let asked = snapshot.sign_in_by_link(&token_hash(token)).await?;
        snapshot.end();
        Ok(asked.filter(|asked| {
            !asked.over
                && !is_too_old(asked, visit)
                && browser.is_some_and(|browser| token_hash(browser)[..] == asked.browser_hash[..])
        }))
    }

    async fn admit(
        &self,
        visit: &Visit,
        asked: &SignIn,
        shared_computer: bool,
    ) -> Result<CodeAccepted, Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let persons = around(&snapshot, visit, &asked.email_index).await?;
        match persons.as_slice() {
            [] => Err(Failure::field("code", What::WrongCode)),
            [only] => {
                snapshot.end();
                self.begin_by_code(visit, asked, only.id, shared_computer)
                    .await
                    .map(CodeAccepted::In)
            }
            several => {
                let people = self.names_of(visit, snapshot, several).await?;
                let flag = if shared_computer { "1" } else { "0" };
                let typed = format!("{flag}{}", asked.id);
                let proof = self.vault.pack(
                    WHICH_ONE,
                    &asked.browser_hash,
                    visit.now().plus_minutes(CODE_LIFE_MINUTES),
                    typed.as_bytes(),
                );
                Ok(CodeAccepted::Choose { people, proof })
            }
        }
    }

    /// "I am Tom": the choice after a right code at a shared mailbox.
    pub async fn choose_person(
        &self,
        visit: &Visit,
        browser: &str,
        proof: &str,
        person: PersonId,
    ) -> Result<NewCookies, Failure> {
        let hash = token_hash(browser);
        let bytes =
            self.vault.unpack(WHICH_ONE, &hash, visit.now(), proof).ok_or(Failure::SignIn)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Failure::SignIn)?;
        let (flag, id) = text.split_at_checked(1).ok_or(Failure::SignIn)?;
        let id: SignInId = id.parse().map_err(|_| Failure::SignIn)?;
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let asked = snapshot.sign_in(id).await?.filter(|asked| !asked.over);
        let asked = asked.ok_or(Failure::SignIn)?;
        let persons = around(&snapshot, visit, &asked.email_index).await?;
        snapshot.end();
        if !persons.iter().any(|known| known.id == person) {
            return Err(Failure::NotHere);
        }
        self.begin_by_code(visit, &asked, person, flag == "1").await
    }

    async fn begin_by_code(
        &self,
        visit: &Visit,
        asked: &SignIn,
        person: PersonId,
        shared_computer: bool,
    ) -> Result<NewCookies, Failure> {
        self.store
            .transact(visit.organisation.id, async |unit| {
                if !unit.use_sign_in(asked.id, visit.now()).await? {
                    return Err(Failure::field("code", What::WrongCode));
                }
                unit.mail_arrives(person).await?;
                unit.address_proved(person).await?;
                let browser = self.browser(unit, visit).await?;
                let beginning =
                    Beginning { person, way: "code", shared_computer, fresh_until: None };
                Ok(self.begin_session(unit, visit, browser, beginning).await?)
            })
            .await
    }

    /// The people whom this device is trusted for: "Are you Tom or Jean?"
    pub async fn device_people(&self, visit: &Visit) -> Result<Vec<WhoAreYou>, Failure> {
        let Some(hash) = visit.device else { return Ok(Vec::new()) };
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let Some(device) = snapshot.device(&hash).await? else { return Ok(Vec::new()) };
        let mut persons: Vec<Person> = Vec::new();
        for enrolment in snapshot.device_enrolments(device, visit.now()).await? {
            if !persons.iter().any(|person| person.id == enrolment.person) {
                persons.push(snapshot.person(enrolment.person).await?);
            }
        }
        self.names_of(visit, snapshot, &persons).await
    }

    /// Comes in by own number on a trusted device: the device and the number are two factors, so no
    /// mail is needed; the patient's own tablet has no other way.
    pub async fn enter_by_number(
        &self,
        visit: &Visit,
        person: PersonId,
        typed: &str,
        shared_computer: bool,
    ) -> Result<NewCookies, Failure> {
        let number = OwnNumber::parse_given(typed)
            .map_err(|error| Failure::field("number", What::OwnNumber(error)))?;
        let hash = visit.device.ok_or(Failure::SignIn)?;
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let device = snapshot.device(&hash).await?.ok_or(Failure::SignIn)?;
        let enrolled = snapshot
            .device_enrolments(device, now)
            .await?
            .iter()
            .any(|enrolment| enrolment.person == person);
        snapshot.end();
        if !enrolled {
            return Err(Failure::SignIn);
        }
        self.check_number(visit, device, person, number).await?;
        self.store
            .transact(visit.organisation.id, async |unit| {
                let browser = self.browser(unit, visit).await?;
                let beginning = Beginning {
                    person,
                    way: "number",
                    shared_computer,
                    fresh_until: Some(fresh_until(now, None)),
                };
                Ok(self.begin_session(unit, visit, browser, beginning).await?)
            })
            .await
    }

    /// First names for "which one are you": of people who are proven to read this mailbox or to
    /// use this device.
    pub(crate) async fn names_of(
        &self,
        visit: &Visit,
        snapshot: Snapshot,
        persons: &[Person],
    ) -> Result<Vec<WhoAreYou>, Failure> {
        let organisation = visit.organisation.id;
        let wrapped = snapshot.wrapped_key(Owner::Organisation(organisation)).await?;
        snapshot.end();
        let key = self.vault.unwrap_key(&wrapped)?;
        let mut people = Vec::new();
        for person in persons {
            let facts = Facts {
                standing: Standing::Oneself,
                tier: Tier::SignedIn,
                person: Some(person.id),
                grants: CategorySet::EMPTY,
                ..Facts::stranger(
                    organisation,
                    Owner::Organisation(organisation),
                    CircleState::NoCircle,
                )
                .about(person.id.as_uuid())
            };
            let permit = self
                .engine
                .authorize::<Disclose>(&visit.scope, &facts, Category::Contact)
                .await
                .map_err(|refusal| refused(refusal, None))?;
            let name = self.open(&permit, &key, &person.name)?;
            people.push(WhoAreYou { person: person.id, name });
        }
        Ok(people)
    }
}

/// The people at a mailbox who have something to sign in for: a place, an invitation, or work as
/// staff. Those who left, said no or were taken out are not asked about. Somebody who has nothing
/// any more still finds their own details: the newest of them.
///
/// Whoever typed the address and has not proved it is not among those who have, unless this browser is
/// theirs: nobody comes in as them who reads the mailbox for somebody else.
async fn around(
    snapshot: &Snapshot,
    visit: &Visit,
    email_index: &[u8],
) -> Result<Vec<Person>, Failure> {
    let now = visit.now();
    let signed_in = match visit.session {
        Some(hash) => snapshot.session(&hash, now).await?.map(|session| session.person),
        None => None,
    };
    let mut known = snapshot.persons_at(email_index).await?;
    let (mut around, mut unproved) = (Vec::new(), Vec::new());
    for person in &known {
        let something = !snapshot.memberships_of(person.id).await?.is_empty()
            || !snapshot.welcomes_for(person.id, now).await?.is_empty()
            || snapshot.is_staff(person.id).await?;
        let theirs = signed_in == Some(person.id);
        match something {
            true if theirs || !snapshot.address_is_unproved(person.id).await? => {
                around.push(person.clone());
            }
            true => unproved.push(person.clone()),
            false => {}
        }
    }
    if around.is_empty() {
        around = unproved;
    }
    if around.is_empty() {
        around.extend(known.pop());
    }
    Ok(around)
}

fn is_too_old(asked: &SignIn, visit: &Visit) -> bool {
    asked.minted_at.is_none_or(|minted| minted.plus_minutes(CODE_LIFE_MINUTES) <= visit.now())
}

/// A keyed index as text, for the name of a bucket.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}
