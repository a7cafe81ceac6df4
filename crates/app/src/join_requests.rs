//! Those who ask to join, as whoever names people sees and answers them.

use kith_domain::ids::{CircleId, JoinRequestId, MembershipId};
use kith_domain::share_link::SHARE_LINK_ASKS;
use kith_domain::{Category, EmailAddress, PersonName, Timestamp, WelcomeWords};
use kith_policy::{Disclose, Name, Permit};
use kith_store::JoinRequest;
use kith_vault::{OwnerKey, Sealed};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::failure::{Failure, What};
use crate::friend_form::{Friend, NameFriend, granted, may_share};
use crate::gate::Inside;
use crate::naming::put_friend;
use crate::visit::{Receipt, Visit};

/// Word under which a yes is remembered.
const ADMIT: &str = "admit";

/// Most that a page lists: as many as may ask by one link.
const LISTED: u32 = SHARE_LINK_ASKS;

/// Somebody who asks to join.
#[derive(Clone)]
pub struct AsksToJoin {
    /// To answer it.
    pub id: JoinRequestId,
    /// First name, as they typed it: whoever it is.
    pub name: String,
    /// The two words that they see too.
    pub words: String,
    /// They gave a mail address.
    pub has_email: bool,
    /// When they asked.
    pub asked_at: Timestamp,
    /// Until when they wait.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for AsksToJoin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsksToJoin").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Everybody who asks to join.
#[derive(Clone, Debug)]
pub struct AsksToJoinPage {
    /// The circle and the reader.
    pub about: About,
    /// Oldest first; the one that was asked about alone on its own page.
    pub asking: Vec<AsksToJoin>,
}

impl App {
    /// Everybody who waits for an answer, for whoever may name people.
    pub async fn asks_to_join(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<AsksToJoinPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let rows = snapshot.join_requests(circle, LISTED, visit.now()).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        self.asking(&inside, sealed, rows).await
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when they do not wait any more.
    pub async fn one_asks_to_join(
        &self,
        visit: &Visit,
        circle: CircleId,
        id: JoinRequestId,
    ) -> Result<AsksToJoinPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let row = snapshot.join_request(id).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let row = row.filter(|row| row.circle == circle && row.is_waiting(visit.now()));
        let page = self.asking(&inside, sealed, row.into_iter().collect()).await?;
        if page.asking.is_empty() { Err(Failure::NotHere) } else { Ok(page) }
    }

    async fn asking(
        &self,
        inside: &Inside<'_>,
        sealed: SealedAbout,
        rows: Vec<JoinRequest>,
    ) -> Result<AsksToJoinPage, Failure> {
        let _name = inside.permit::<Name>(Category::People).await?;
        let people = inside.permit::<Disclose>(Category::People).await?;
        let key = inside.key()?;
        let about = sealed.open(inside, &key).await?.0;
        let mut asking = Vec::new();
        for row in rows {
            asking.push(AsksToJoin {
                id: row.id,
                name: self.opened(&people, &key, row.name.as_ref())?.unwrap_or_default(),
                words: self.words_of_request(row.id).to_string(),
                has_email: row.email.is_some(),
                asked_at: row.asked_at,
                expires_at: row.expires_at,
            });
        }
        Ok(AsksToJoinPage { about, asking })
    }

    /// Yes: names whoever asked, as everybody is named, and lets the browser in that asked.
    ///
    /// # Errors
    ///
    /// [`Failure::Changed`] when somebody answered before.
    pub async fn admit_friend(
        &self,
        visit: &Visit,
        circle: CircleId,
        id: JoinRequestId,
        form: &NameFriend,
        receipt: Receipt,
    ) -> Result<MembershipId, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let naming = self.naming_facts(&snapshot, &inside).await?;
        let done = snapshot.receipt(receipt.0, ADMIT).await?;
        let row = snapshot.join_request(id).await?.filter(|row| row.circle == circle);
        let cannot = match row.as_ref().and_then(|row| row.email_index.as_ref()) {
            Some(index) => self.cannot_be_let_in(&snapshot, circle, index).await?,
            None => false,
        };
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        if let Some(done) = done.and_then(|outcome| outcome.parse().ok()) {
            return Ok(done);
        }
        let row = row.ok_or(Failure::NotHere)?;
        let now = visit.now();
        if !row.is_waiting(now) {
            return Err(Failure::Changed);
        }
        let granted = granted(form).map_err(|what| Failure::field("preset", what))?;
        may_share(&inside, granted)?;
        if cannot {
            return Err(Failure::field("preset", What::CannotBeNamed));
        }
        let people = inside.permit::<Disclose>(Category::People).await?;
        let key = inside.key()?;
        let name = self.opened(&people, &key, row.name.as_ref())?.ok_or(Failure::Changed)?;
        let email = match &row.email {
            Some(sealed) => Some(
                self.address_for_the_program(visit, id, sealed, naming.organisation_key()).await?,
            ),
            None => None,
        };
        let friend = Friend {
            name: PersonName::parse(&name).map_err(|_| Failure::NotHere)?,
            email: email.and_then(|email| EmailAddress::parse(&email).ok()),
            phone: None,
            shares_mailbox: row.shares_mailbox,
            granted,
            says_my_name: false,
        };
        let new = self.new_friend(&inside, &permit, &naming, &friend).await?;
        let own = inside.own_place()?.membership;
        self.store
            .change(&permit, async |unit| {
                let (place, welcome) = (new.place.id, new.welcome.id);
                let typed = new.person.email.is_some().then_some(new.person.id);
                unit.keep_receipt(receipt.0, ADMIT, &place.to_string(), now).await?;
                // Read again, as somebody else may name or refuse the same address in this moment.
                unit.hold_circle(circle).await?;
                if let Some(index) = &row.email_index
                    && self.cannot_be_let_in(unit, circle, index).await?
                {
                    return Err(Failure::field("preset", What::CannotBeNamed));
                }
                put_friend(unit, new, naming.basis, now).await?;
                if let Some(person) = typed {
                    // Whoever asked typed it, and no mail of ours has been answered from there.
                    unit.address_unproved(person).await?;
                }
                if !unit
                    .admit_join_request(id, row.email_index.as_deref(), welcome, own, now)
                    .await?
                {
                    return Err(Failure::Changed);
                }
                Ok(place)
            })
            .await
    }

    /// No. Whoever asked is told nothing else than that the link is closed. Sending it twice is once.
    pub async fn decline_friend(
        &self,
        visit: &Visit,
        circle: CircleId,
        id: JoinRequestId,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let row = snapshot.join_request(id).await?.filter(|row| row.circle == circle);
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        row.ok_or(Failure::NotHere)?;
        let own = inside.own_place()?.membership;
        self.store
            .change(&permit, async |unit| unit.decline_join_request(id, own, visit.now()).await)
            .await?;
        Ok(())
    }

    /// No to everybody who waits. Sending it twice is once.
    pub async fn decline_all_friends(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        self.store
            .change(&permit, async |unit| unit.decline_join_requests(circle, visit.now()).await)
            .await?;
        Ok(())
    }

    /// The two words of an asking: they follow from its row by a keyed hash, and are not stored.
    pub(crate) fn words_of_request(&self, id: JoinRequestId) -> WelcomeWords {
        let [first, second, ..] = self.vault.mac("join words", id.as_uuid(), "");
        WelcomeWords::from_indices(first, second)
    }

    fn opened(
        &self,
        permit: &Permit<'_, Disclose>,
        key: &OwnerKey,
        sealed: Option<&Sealed>,
    ) -> Result<Option<String>, Failure> {
        sealed.map(|sealed| self.open(permit, key, sealed)).transpose()
    }
}
