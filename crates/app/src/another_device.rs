//! A further device of one's own: approved from one that is trusted already, by two words that are
//! typed on the new one.

use kith_domain::ids::{CircleId, WelcomeId};
use kith_domain::{Category, MembershipState, Tier, Timestamp, WelcomeKind};
use kith_policy::Disclose;
use kith_store::{Membership, Person, Snapshot, Welcome};
use kith_vault::Field;

use crate::about::{About, SealedAbout};
use crate::gate::Inside;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form that makes words is remembered.
const OWN_WORDS: &str = "own-words";

/// Words for a further device. Secret: shown to the person who asked, in this answer only.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnWords {
    /// "green kettle".
    pub words: String,
    /// After this they do not work.
    pub expires_at: Timestamp,
    /// Opens the page for the words without signing in by mail first: only for somebody who has no
    /// mail address.
    pub link: Option<String>,
}

impl std::fmt::Debug for OwnWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnWords(..)")
    }
}

/// The reader's own place, as far as making words for it needs.
struct Own {
    place: Membership,
    person: Person,
    earlier: Vec<Welcome>,
    done: Option<WelcomeId>,
}

impl Own {
    async fn read(
        snapshot: &Snapshot,
        inside: &Inside<'_>,
        receipt: Option<Receipt>,
    ) -> Result<Self, Failure> {
        let own = inside.own_place()?.membership;
        let place = snapshot.membership(own).await?;
        let done = match receipt {
            Some(receipt) => snapshot.receipt(receipt.0, OWN_WORDS).await?,
            None => None,
        };
        Ok(Self {
            place: place
                .filter(|place| place.state == MembershipState::Active)
                .ok_or(Failure::NotHere)?,
            person: snapshot.person(inside.session.person).await?,
            earlier: snapshot.welcomes_of(own, inside.now()).await?,
            done: done.and_then(|outcome| outcome.parse().ok()),
        })
    }
}

impl App {
    /// What the page needs that offers words for a further device of one's own.
    pub async fn another_device(&self, visit: &Visit, circle: CircleId) -> Result<About, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let own = Own::read(&snapshot, &inside, None).await;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        own_device(&inside).await?;
        own?;
        Ok(sealed.open(&inside, &inside.key()?).await?.0)
    }

    /// Makes words for a further device of one's own. Earlier ones that were not used end.
    ///
    /// The same form sent again shows the same words, as they follow from the row by a keyed hash;
    /// they are stored as a keyed hash only and can be read nowhere else.
    pub async fn own_new_words(
        &self,
        visit: &Visit,
        circle: CircleId,
        receipt: Receipt,
    ) -> Result<OwnWords, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let own = Own::read(&snapshot, &inside, Some(receipt)).await;
        snapshot.end();
        own_device(&inside).await?;
        let own = own?;
        let now = visit.now();
        if let Some(done) = own.done {
            let known = own.earlier.iter().find(|welcome| welcome.id == done);
            return Ok(self.own_words(visit, known.ok_or(Failure::Changed)?));
        }
        let mut welcome = self.new_welcome(WelcomeKind::OwnDevice, &own.place, false, now).welcome;
        let words = self.derived_words(welcome.id).to_string();
        welcome.words_mac = Some(self.vault.mac("words", welcome.id.as_uuid(), &words).to_vec());
        if own.person.email_index.is_some() {
            // The mailbox is asked for as well: words that were read out open nothing by themselves.
            (welcome.link_hash, welcome.short_mac) = (None, None);
        }
        self.store
            .transact(visit.organisation.id, async |unit| {
                unit.keep_receipt(receipt.0, OWN_WORDS, &welcome.id.to_string(), now).await?;
                for earlier in &own.earlier {
                    if matches!(earlier.kind, WelcomeKind::Device | WelcomeKind::OwnDevice) {
                        unit.end_welcome(earlier.id, now).await?;
                        let subject = earlier.id.as_uuid();
                        unit.erase_content(circle, Field::WelcomeWords, subject).await?;
                    }
                }
                unit.add_welcome(&welcome).await
            })
            .await?;
        Ok(self.own_words(visit, &welcome))
    }

    fn own_words(&self, visit: &Visit, welcome: &Welcome) -> OwnWords {
        OwnWords {
            words: self.derived_words(welcome.id).to_string(),
            expires_at: welcome.expires_at,
            link: welcome
                .link_hash
                .is_some()
                .then(|| self.welcome_link(&visit.organisation, welcome.id)),
        }
    }
}

/// Whether this member may make a device of their own trusted: whoever may see one's own looks is
/// a member whom the circle's state does not shut out, and it must be sure that it is they.
async fn own_device(inside: &Inside<'_>) -> Result<(), Failure> {
    drop(inside.permit::<Disclose>(Category::Looks).await?);
    if inside.facts.tier < Tier::Fresh {
        return Err(Failure::StepUp { circle: Some(inside.circle.id), tier: Tier::Fresh });
    }
    Ok(())
}
