//! The calendar of one person, for calendar programs: under a secret address, without signing in.
//!
//! It says what a mail may say. Its address is told on a device that is trusted for its person, and is
//! dead when the person stops it, signs out everywhere, stops a device or is in no circle any more. It
//! shows nothing of a circle that its person has left.

use kith_domain::ids::{CircleId, FeedId, SlotId};
use kith_domain::rate::Limit;
use kith_domain::{Category, CircleState, Owner, Tier, Timestamp};
use kith_mail::calendar::calendar;
use kith_policy::{Amend, Disclose, Facts, Permit};
use kith_store::{Feed, Session, Snapshot};
use kith_vault::{Token, token_hash};

use crate::App;
use crate::appointments::Entry;
use crate::failure::{Failure, refused};
use crate::taking::OwnSlot;
use crate::visit::{Receipt, Visit};

/// Promises that it shows at most.
const MOST: u32 = 200;

/// The address of the reader's own calendar.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnFeed {
    /// `https://kith.example/feed/SECRET.ics`.
    pub address: String,
}

impl std::fmt::Debug for OwnFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnFeed")
    }
}

/// The reader's own calendar, as far as this browser is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MyFeed {
    /// The device is not trusted for the reader.
    Elsewhere,
    /// There is none.
    NotMade,
    /// Under this address.
    Made(OwnFeed),
}

/// A calendar as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFile {
    /// `text/calendar`, UTF-8.
    pub body: String,
    /// The same for the same body (RFC 9110, section 8.8.3), with its quotes.
    pub etag: String,
}

/// Whether the browser is a device that is trusted for whoever is signed in, in whatever circle.
async fn is_trusted(
    snapshot: &Snapshot,
    session: &Session,
    now: Timestamp,
) -> Result<bool, Failure> {
    let enrolled = snapshot.enrolments(session.person, now).await?;
    Ok(enrolled.iter().any(|enrolment| enrolment.device == session.device))
}

impl App {
    /// The reader's own calendar, if there is one; on a device that is trusted for the reader.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_feed(&self, visit: &Visit) -> Result<MyFeed, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let feed = snapshot.feed_of(towards.session.person).await?;
        let trusted = is_trusted(&snapshot, &towards.session, visit.now()).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = towards.permit(Category::Contact).await?;
        Ok(match feed {
            _ if !trusted => MyFeed::Elsewhere,
            None => MyFeed::NotMade,
            Some(feed) => MyFeed::Made(self.own_feed(visit, &feed)),
        })
    }

    /// Makes a calendar for the reader under a new address; one from before is dead.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in; [`Failure::StepUp`] on a device that is not
    /// trusted for the reader: the address outlives the session.
    pub async fn make_feed(&self, visit: &Visit, receipt: Receipt) -> Result<(), Failure> {
        let id = FeedId::new(&*self.ids);
        let hash = token_hash(self.feed_secret(id).as_str());
        self.change_feed(visit, receipt, Some((id, hash))).await
    }

    /// Stops the reader's calendar.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn stop_feed(&self, visit: &Visit, receipt: Receipt) -> Result<(), Failure> {
        self.change_feed(visit, receipt, None).await
    }

    async fn change_feed(
        &self,
        visit: &Visit,
        receipt: Receipt,
        new: Option<(FeedId, [u8; 32])>,
    ) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let done = snapshot.receipt(receipt.0, "feed").await?;
        let trusted = is_trusted(&snapshot, &towards.session, visit.now()).await?;
        let places = snapshot.memberships_of(towards.session.person).await?;
        snapshot.end();
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        if done.is_some() {
            return Ok(());
        }
        if new.is_some() && !trusted {
            let circle = places.first().map(|place| place.circle);
            return Err(Failure::StepUp { circle, tier: Tier::Trusted });
        }
        let (person, now) = (towards.session.person, visit.now());
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "feed", "done", now).await?;
                match new {
                    Some((id, hash)) => unit.add_feed(id, person, &hash, now).await?,
                    None => unit.end_feed(person, now).await?,
                }
                Ok(())
            })
            .await
    }

    /// One promise of the reader's as a file for calendars.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot is not the reader's.
    pub async fn slot_calendar(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<String, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.ok_or(Failure::NotHere)?;
        let claim = rows.claim.as_ref().filter(|claim| claim.state.is_live());
        let entry = Entry::of(&inside.circle, &rows.slot, claim.ok_or(Failure::NotHere)?);
        let appointment = entry.appointment(&self.vault, inside.session.person);
        Ok(calendar(&[appointment], visit.now()))
    }

    /// The calendar under a secret address.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for a secret that opens nothing, or nothing any more;
    /// [`Failure::TooMany`] when it is read too often.
    pub async fn feed(&self, visit: &Visit, secret: &str) -> Result<FeedFile, Failure> {
        let (organisation, now) = (visit.organisation.id, visit.now());
        let snapshot = self.store.snapshot(organisation).await?;
        let feed = snapshot.feed(&token_hash(secret)).await?.ok_or(Failure::NotHere)?;
        let places = snapshot.memberships_of(feed.person).await?;
        if places.is_empty() {
            return Err(Failure::NotHere);
        }
        let mut entries = Vec::new();
        let mut circles = Vec::new();
        for (claim, slot) in snapshot.own_claims(feed.person, now, MOST).await? {
            if !places.iter().any(|place| place.id == claim.membership) {
                continue;
            }
            if let Some(circle) = snapshot.circle(claim.circle).await?
                && matches!(circle.state, CircleState::Active | CircleState::Paused)
            {
                entries.push((claim.circle, Entry::of(&circle, &slot, &claim)));
                circles.push((circle.id, circle.state));
            }
        }
        snapshot.end();
        let limit = Limit::PER_FEED;
        let bucket = format!("feed:{}", feed.id);
        let allowed = self
            .store
            .transact(organisation, async |unit| {
                unit.take_token(&bucket, limit.burst, limit.every_seconds, now).await
            })
            .await?;
        if !allowed {
            return Err(Failure::TooMany);
        }
        circles.dedup();
        for (circle, state) in circles {
            let facts = Facts::job(organisation, Owner::Circle(circle), state);
            let _: Permit<'_, Disclose> = self
                .engine
                .authorize(&visit.scope, &facts, Category::Slot)
                .await
                .map_err(|refusal| refused(refusal, None))?;
        }
        let appointments: Vec<_> = entries
            .into_iter()
            .map(|(_, entry)| entry.appointment(&self.vault, feed.person))
            .collect();
        // The same promises are the same bytes: programs ask again and again.
        let body = calendar(&appointments, feed.created_at);
        let [high @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = token_hash(&body);
        Ok(FeedFile { etag: format!("\"{:032x}\"", u128::from_be_bytes(high)), body })
    }

    fn feed_secret(&self, id: FeedId) -> Token {
        self.vault.link_token("feed", id.as_uuid(), 0)
    }

    fn own_feed(&self, visit: &Visit, feed: &Feed) -> OwnFeed {
        let secret = self.feed_secret(feed.id);
        let base = self.base_url(&visit.organisation);
        OwnFeed { address: format!("{base}/feed/{}.ics", secret.as_str()) }
    }
}
