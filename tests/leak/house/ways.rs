//! Promises, links, codes, mails, and the browsers of everybody.

use std::collections::BTreeMap;

use kith_domain::ids::{
    CircleId, DeviceId, EnrolmentId, FeedId, JoinRequestId, MailId, OrganisationId, PersonId,
    SessionId, ShareLinkId, SignInId, SlotId, WelcomeId,
};
use kith_domain::{
    ClaimState, EmailAddress, Ids as _, JoinState, MailChoice, MailKind, WelcomeKind, WelcomeWords,
};
use kith_store::{
    Claim, MailSubject, NewJoinRequest, NewMail, Person, Session, ShareLink, Slot, StoreError,
    Welcome,
};
use kith_vault::{Field, OwnerKey, RandomIds, random_token, token_hash};
use sea_orm::{ConnectionTrait as _, Statement};

use super::fill::Fill;
use super::{CODE, HOST, OTHER_HOST};
use crate::marks::{Task, Whose};
use crate::pen::Pen;
use crate::visitors::{Sure, Visitor, Who};

impl Fill<'_> {
    pub(super) async fn promise(&self, slot: &Slot, who: Who) -> Claim {
        let (place, person, now) = (self.places[&who], self.persons[&who], self.now());
        self.write(async |unit| {
            let slot = unit.slot(slot.id).await?.ok_or(StoreError::NotFound)?;
            unit.take_place(&slot, place, person, now).await
        })
        .await
        .expect("a place is left")
    }

    pub(super) async fn want_cover(&self, claim: &Claim) {
        let (to, now) = (ClaimState::CoverWanted, self.now());
        assert!(self.write(async |unit| unit.put_claim_state(claim, to, now).await).await);
    }

    pub(super) async fn staff(&self) {
        for (who, role) in
            [(Who::Coordinator, "coordinator"), (Who::Administrator, "administrator")]
        {
            let (person, now) = (self.persons[&who], self.now());
            self.write(async |unit| unit.add_staff(person, role, now).await).await;
        }
    }

    /// An invitation, a card for the carer and words for a further device of `FriendRota`, all with
    /// the same two words. Answers with the links of the first two, and the words.
    pub(super) async fn welcomes(
        &mut self,
        circle: CircleId,
        key: &OwnerKey,
    ) -> (String, String, String) {
        let words = WelcomeWords::from_indices(17, 201).to_string();
        let mut links = Vec::new();
        for (kind, who) in [
            (WelcomeKind::Invitation, Who::Invited),
            (WelcomeKind::Card, Who::Carer),
            (WelcomeKind::Device, Who::FriendRota),
        ] {
            let id = WelcomeId::new(&RandomIds);
            let token = self.vault.link_token("welcome", id.as_uuid(), 0).as_str().to_owned();
            let now = self.now();
            let welcome = Welcome {
                id,
                kind,
                circle: Some(circle),
                membership: Some(self.places[&who]),
                person: self.persons[&who],
                link_hash: Some(token_hash(&token).to_vec()),
                short_mac: None,
                words_mac: Some(self.vault.mac("words", id.as_uuid(), &words).to_vec()),
                tries_left: 5,
                names_inviter: true,
                created_at: now,
                expires_at: now.plus_days(14),
                answered_at: None,
                words_used_at: None,
                ended_at: None,
            };
            self.write(async |unit| unit.add_welcome(&welcome).await).await;
            if kind == WelcomeKind::Invitation {
                for field in [Field::InviterName, Field::WelcomeWords] {
                    let text = self.marks.make(field, Whose::Circle);
                    self.put(circle, key, field, id.as_uuid(), &text).await;
                }
                self.invite(circle, &welcome).await;
            }
            self.secrets.push(token.clone());
            links.push(token);
        }
        self.secrets.push(words.clone());
        let mut links = links.into_iter();
        (links.next().unwrap(), links.next().unwrap(), words)
    }

    /// A link that the carer sent herself, and somebody who asks by it.
    pub(super) async fn share_link(
        &mut self,
        circle: CircleId,
        key: &OwnerKey,
    ) -> (String, JoinRequestId) {
        let (id, asks, now) =
            (ShareLinkId::new(&RandomIds), JoinRequestId::new(&RandomIds), self.now());
        let token = self.vault.link_token("share", id.as_uuid(), 0).as_str().to_owned();
        let browser = self.secret();
        let name = self.marks.make(Field::JoinName, Whose::Circle);
        let email = self.marks.make(Field::JoinEmail, Whose::Circle);
        let link = ShareLink {
            id,
            circle,
            made_by: self.places[&Who::Carer],
            asks_left: 20,
            expires_at: now.plus_days(14),
            ended_at: None,
        };
        let new = NewJoinRequest {
            id: asks,
            link: id,
            circle,
            form: RandomIds.next(),
            browser_hash: token_hash(&browser),
            name: self.pen.asks(circle, key, asks, Field::JoinName, &name).await,
            email: Some(self.pen.asks_at(&self.key, asks, &email).await),
            email_index: None,
            shares_mailbox: false,
            shared_computer: false,
            state: JoinState::Waiting,
            expires_at: now.plus_days(7),
        };
        self.write(async |unit| {
            unit.add_share_link(&link, &token_hash(&token), now).await?;
            unit.add_join_request(new, now).await
        })
        .await;
        self.secrets.push(token.clone());
        (token, asks)
    }

    async fn invite(&self, circle: CircleId, welcome: &Welcome) {
        self.mail(
            MailKind::Invitation,
            format!("invitation:{}", welcome.id),
            MailSubject {
                person: Some(welcome.person),
                circle: Some(circle),
                welcome: Some(welcome.id),
                ..MailSubject::default()
            },
        )
        .await;
    }

    /// Two askings for a code: one that was answered, and one whose mail is still to be sent.
    pub(super) async fn asked_for_a_code(&mut self, mailbox: &str) -> String {
        let address = EmailAddress::parse(mailbox).unwrap();
        let index = self.vault.email_index(self.here, &address.canonical());
        let (minted, waiting) = (SignInId::new(&RandomIds), SignInId::new(&RandomIds));
        let link = self.secret();
        let mac = self.vault.mac("code", minted.as_uuid(), CODE);
        let (asking, now) = (token_hash(&self.asking), self.now());
        let other = token_hash(random_token().as_str());
        self.write(async |unit| {
            unit.add_sign_in(minted, &asking, &index, 5, false, now).await?;
            unit.mint_sign_in(minted, &mac, &token_hash(&link), now).await?;
            unit.add_sign_in(waiting, &other, &index, 5, false, now).await
        })
        .await;
        self.mail(
            MailKind::SignInCode,
            format!("sign_in_code:{waiting}"),
            MailSubject { sign_in: Some(waiting), ..MailSubject::default() },
        )
        .await;
        link
    }

    /// Asks `FriendRota` for what is needed and reminds of what was promised.
    pub(super) async fn mails(
        &mut self,
        circle: CircleId,
        slots: &BTreeMap<Task, SlotId>,
    ) -> BTreeMap<Task, (MailId, String)> {
        let (who, now) = (Who::FriendRota, self.now());
        let (place, person) = (self.places[&who], self.persons[&who]);
        let mut links = BTreeMap::new();
        for task in [Task::Needed, Task::Promised] {
            let id = slots[&task];
            let subject = MailSubject {
                person: Some(person),
                circle: Some(circle),
                slot: Some(id),
                ..MailSubject::default()
            };
            if task == Task::Needed {
                self.write(async |unit| {
                    let slot = unit.slot(id).await?.ok_or(StoreError::NotFound)?;
                    unit.add_ask(&slot, place, now).await
                })
                .await;
            }
            let dedupe = format!("somebody_needed:{id}:{place}:0");
            let mail = self.mail(MailKind::SomebodyNeeded, dedupe, subject).await;
            let token = self.vault.link_token("slot", mail.as_uuid(), 0).as_str().to_owned();
            self.secrets.push(token.clone());
            links.insert(task, (mail, token));
        }
        links
    }

    /// A calendar of `FriendRota` under a secret address.
    pub(super) async fn feed(&mut self) -> String {
        let (id, now) = (FeedId::new(&RandomIds), self.now());
        let secret = self.vault.link_token("feed", id.as_uuid(), 0).as_str().to_owned();
        self.secrets.push(secret.clone());
        let (person, hash) = (self.persons[&Who::FriendRota], token_hash(&secret));
        self.write(async |unit| unit.add_feed(id, person, &hash, now).await).await;
        secret
    }

    /// Tokens of the links in every mail that lead to no slot.
    pub(super) fn links_beside(&mut self, mail: MailId) -> BTreeMap<&'static str, String> {
        let mut links = BTreeMap::new();
        for (path, purpose) in [("stop", "stop"), ("e-mails", "settings")] {
            let token = self.vault.link_token(purpose, mail.as_uuid(), 0).as_str().to_owned();
            self.secrets.push(token.clone());
            links.insert(path, token);
        }
        links
    }

    async fn mail(&self, kind: MailKind, dedupe: String, subject: MailSubject) -> MailId {
        let now = self.now();
        let detail = "{}".to_owned();
        let useful_until = now.plus_days(2);
        let mail =
            NewMail { kind, dedupe: dedupe.clone(), subject, detail, due_at: now, useful_until };
        assert!(self.write(async |unit| unit.add_mail(&mail, now).await).await, "{dedupe}");
        let beside = self.database.connect().await;
        let statement = Statement::from_sql_and_values(
            beside.get_database_backend(),
            "SELECT id FROM outbox WHERE dedupe = $1",
            [dedupe.into()],
        );
        let row = beside.query_one_raw(statement).await.unwrap().unwrap();
        let id = row.try_get("", "id").unwrap();
        beside.close().await.unwrap();
        MailId::from_uuid(id)
    }

    /// A browser of `who`; trusted `towards` a circle, or for staff towards the hospice.
    pub(super) async fn browser(
        &mut self,
        who: Who,
        sure: Sure,
        towards: Option<CircleId>,
    ) -> Option<EnrolmentId> {
        let person = self.persons[&who];
        let (here, asking) = (self.here, self.asking.clone());
        let (cookies, enrolment) = self.session(here, person, sure, towards).await;
        let cookies = format!("{cookies}; __Host-kith_asking={asking}");
        self.visitors.push(Visitor { who, sure, host: HOST, cookies, enrolment });
        enrolment
    }

    async fn session(
        &mut self,
        organisation: OrganisationId,
        person: PersonId,
        sure: Sure,
        towards: Option<CircleId>,
    ) -> (String, Option<EnrolmentId>) {
        let (device_secret, session_secret) = (self.secret(), self.secret());
        let (device, now) = (DeviceId::new(&RandomIds), self.now());
        let session = Session {
            id: SessionId::new(&RandomIds),
            organisation,
            device,
            person,
            way: "code".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: now,
            last_seen_at: now,
            fresh_until: (sure == Sure::Fresh).then(|| now.plus_minutes(15)),
        };
        let number = self.number.clone();
        let enrolment = self
            .store
            .transact(organisation, async |unit| {
                unit.add_device(device, &token_hash(&device_secret), now).await?;
                let mut enrolment = None;
                if sure != Sure::SignedIn {
                    unit.put_own_number(device, person, &number, now).await?;
                    let id = unit.add_enrolment(device, person, towards, "words", now).await?;
                    enrolment = Some(id);
                }
                if sure != Sure::Device {
                    unit.add_session(&session, &token_hash(&session_secret)).await?;
                }
                Ok::<_, StoreError>(enrolment)
            })
            .await
            .unwrap();
        let device_cookie = format!("__Host-kith_device={device_secret}");
        let session_cookie = format!("__Host-kith_session={session_secret}");
        let both = match sure {
            Sure::Device => device_cookie,
            _ => format!("{device_cookie}; {session_cookie}"),
        };
        (both, enrolment)
    }

    /// The same devices are trusted in another circle too.
    pub(super) async fn also_trusted(&self, who: Who, circle: CircleId) {
        let now = self.now();
        let trusted = self.visitors.iter().filter(|visitor| visitor.who == who);
        for enrolment in trusted.filter_map(|visitor| visitor.enrolment) {
            self.write(async |unit| {
                let person = self.persons[&who];
                let all = unit.enrolments(person, now).await?;
                let known = all.iter().find(|known| known.id == enrolment);
                let device = known.ok_or(StoreError::NotFound)?.device;
                unit.add_enrolment(device, person, Some(circle), "words", now).await
            })
            .await;
        }
    }

    /// Not signed in: brings the browser that asked for a code, and every link.
    pub(super) fn nobody(&mut self) {
        let cookies = format!("__Host-kith_asking={}", self.asking);
        self.visitors.push(Visitor {
            who: Who::Nobody,
            sure: Sure::Link,
            host: HOST,
            cookies,
            enrolment: None,
        });
    }

    /// Somebody of another hospice, with a circle there, who knows every id of ours.
    pub(super) async fn other_hospice(mut self, there: OrganisationId, key: OwnerKey) -> Self {
        let here = self.here;
        let person = PersonId::new(&RandomIds);
        let whose = Whose::Of(Who::OtherHospice);
        let name = self.marks.make(Field::PersonName, whose);
        let address = self.marks.make_address(whose);
        self.pen = Pen::new(self.vault, self.clock, there).await;
        let index =
            self.vault.email_index(there, &EmailAddress::parse(&address).unwrap().canonical());
        let row = Person {
            id: person,
            name: self.pen.own(&key, person, Field::PersonName, &name).await,
            email: Some(self.pen.own(&key, person, Field::PersonEmail, &address).await),
            email_index: Some(index.to_vec()),
            phone: None,
            mail: MailChoice::ORDINARY,
            shares_mailbox: false,
        };
        self.here = there;
        let now = self.now();
        self.write(async |unit| unit.add_person(&row, now).await).await;
        for (who, sure, host) in [
            (Who::OtherHospice, Sure::SignedIn, OTHER_HOST),
            (Who::OtherHospice, Sure::Fresh, OTHER_HOST),
            (Who::OtherHospiceHere, Sure::Fresh, HOST),
        ] {
            let (cookies, enrolment) = self.session(there, person, sure, None).await;
            self.visitors.push(Visitor { who, sure, host, cookies, enrolment });
        }
        self.here = here;
        self
    }
}
