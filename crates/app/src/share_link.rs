//! The link that whoever names people sends by her own phone.

use kith_domain::Category;
use kith_domain::Timestamp;
use kith_domain::ids::{CircleId, ShareLinkId};
use kith_domain::share_link::{SHARE_LINK_ASKS, SHARE_LINK_DAYS};
use kith_policy::Name;
use kith_store::{Organisation, ShareLink};
use kith_vault::token_hash;

use crate::about::{About, SealedAbout};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form that makes a link is remembered.
const MAKE: &str = "share-link";
/// What the token of a link is for.
const TOKEN: &str = "share";

/// The page about the circle's share link.
#[derive(Clone, Debug)]
pub struct ShareLinkPage {
    /// The circle and the reader.
    pub about: About,
    /// The link that counts, if there is one.
    pub link: Option<SharedLink>,
}

/// A link to send.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedLink {
    /// Its whole address. Secret: for whoever may name people, to send on.
    pub url: String,
    /// After this nobody asks by it.
    pub expires_at: Timestamp,
    /// How many more may ask by it.
    pub asks_left: u32,
}

impl std::fmt::Debug for SharedLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedLink(..)")
    }
}

impl App {
    /// The circle's share link, for whoever may name people.
    pub async fn share_link(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<ShareLinkPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let link = snapshot.share_link_of(circle).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let _name = inside.permit::<Name>(Category::People).await?;
        let about = sealed.open(&inside, &inside.key()?).await?.0;
        let link = link.filter(|link| link.is_live(visit.now()));
        Ok(ShareLinkPage { about, link: link.map(|link| self.shared(&visit.organisation, &link)) })
    }

    /// Makes a new link. An earlier one does nothing any more; those who asked by it wait on.
    pub async fn make_share_link(
        &self,
        visit: &Visit,
        circle: CircleId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, MAKE).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let now = visit.now();
        let link = ShareLink {
            id: ShareLinkId::new(&*self.ids),
            circle,
            made_by: inside.own_place()?.membership,
            asks_left: SHARE_LINK_ASKS,
            expires_at: now.plus_days(SHARE_LINK_DAYS),
            ended_at: None,
        };
        let token = self.vault.link_token(TOKEN, link.id.as_uuid(), 0);
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, MAKE, "done", now).await?;
                Ok::<_, Failure>(
                    unit.add_share_link(&link, &token_hash(token.as_str()), now).await?,
                )
            })
            .await
    }

    /// Takes the link back. Sending it twice is once.
    pub async fn stop_share_link(&self, visit: &Visit, circle: CircleId) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        self.store
            .change(&permit, async |unit| unit.end_share_link(circle, visit.now()).await)
            .await?;
        Ok(())
    }

    fn shared(&self, organisation: &Organisation, link: &ShareLink) -> SharedLink {
        let token = self.vault.link_token(TOKEN, link.id.as_uuid(), 0);
        SharedLink {
            url: format!("{}/join/{}", self.base_url(organisation), token.as_str()),
            expires_at: link.expires_at,
            asks_left: link.asks_left,
        }
    }
}
