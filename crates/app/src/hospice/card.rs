//! The card that starts a circle: a link (printed as a QR code) and two words.
//!
//! Both follow from the card's row by keyed hashes, so that the card can be shown again without
//! being stored. The words are not sealed content: welcome words belong to the circle's `people`,
//! which staff may not open.

use kith_domain::ids::{CircleId, MembershipId, PersonId, WelcomeId};
use kith_domain::sign_in::{INVITATION_LIFE_DAYS, WELCOME_WORDS_TRIES};
use kith_domain::{
    Category, CircleState, MemberRole, MembershipState, Timestamp, WelcomeKind, WelcomeWords,
};
use kith_policy::{Disclose, Govern};
use kith_store::{Membership, Reader, StoreError, UnitOfWork, Welcome};
use kith_vault::token_hash;

use crate::failure::What;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which a form that makes a new card is remembered.
const NEW_CARD: &str = "new-card";

/// What is printed on a card. Secret: shown to the coordinator who hands it over, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct CardView {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// The link, for the QR code.
    pub url: String,
    /// "kith.example/i/7k3d-9xqm", to type.
    pub to_type: String,
    /// The two words.
    pub words: String,
    /// After this it no longer works.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for CardView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardView").field("circle", &self.circle).finish_non_exhaustive()
    }
}

/// Whether a card of a circle in this state may be handed out. A card lets somebody in, so not
/// while only the patient reads, and not where nobody does.
pub(super) const fn may_give_card(state: CircleState) -> bool {
    use CircleState as S;
    matches!(state, S::Forming | S::Active | S::Paused | S::Ending)
}

/// The newest card of a circle whose words still work.
pub(super) async fn waiting_card(
    reader: &Reader,
    circle: CircleId,
    now: Timestamp,
) -> Result<Option<Welcome>, StoreError> {
    Ok(reader
        .circle_welcomes(circle, now)
        .await?
        .into_iter()
        .find(|welcome| welcome.kind == WelcomeKind::Card && welcome.words_are_live(now)))
}

impl App {
    /// Shows the card that waits, again: until it is used or has run out.
    pub async fn card(&self, visit: &Visit, circle: CircleId) -> Result<CardView, Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        let card = waiting_card(&snapshot, circle, visit.now()).await?;
        snapshot.end();
        // Whoever holds the card gets in: only for those who may govern, and the look is recorded.
        drop(inside.permit::<Govern>(Category::Oversight).await?);
        drop(inside.permit::<Disclose>(Category::Oversight).await?);
        let card = card.filter(|_| may_give_card(inside.circle.state)).ok_or(Failure::NotHere)?;
        Ok(self.card_view(visit, &card, circle, inside.circle.nature_name.clone()))
    }

    /// A card for somebody who was in already is for somebody who lost everything: it needs their
    /// mailbox too, so that whoever prints cards cannot come in by one. Only the first card of a
    /// place needs none.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] while the mailbox is not proved; [`What::CardNeedsMailbox`] where none is
    /// known.
    pub(crate) async fn mailbox_too(
        &self,
        reader: &Reader,
        visit: &Visit,
        card: &Welcome,
    ) -> Result<(), Failure> {
        let counts = card.kind == WelcomeKind::Card && card.words_are_live(visit.now());
        if !counts || !reader.was_enrolled(card.person, card.circle).await? {
            return Ok(());
        }
        if reader.person(card.person).await?.email_index.is_none() {
            return Err(Failure::field("words", What::CardNeedsMailbox));
        }
        let session = match visit.session {
            Some(hash) => reader.session(&hash, visit.now()).await?,
            None => None,
        };
        if session.is_none_or(|session| session.person != card.person) {
            return Err(Failure::SignIn);
        }
        Ok(())
    }

    /// Makes a new card for whoever runs the circle and has lost everything: the lead carer, or the
    /// patient when there is none. Earlier cards end. The circle's record shows that it was done.
    ///
    /// # Errors
    ///
    /// [`What::CardNeedsMailbox`] when the card would let nobody in.
    pub async fn new_card(
        &self,
        visit: &Visit,
        circle: CircleId,
        receipt: Receipt,
    ) -> Result<CardView, Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, NEW_CARD).await?;
        let for_whom = in_charge(snapshot.members(circle).await?);
        let lets_nobody_in = match &for_whom {
            Some(member) => {
                snapshot.was_enrolled(member.person, Some(circle)).await?
                    && snapshot.person(member.person).await?.email_index.is_none()
            }
            None => false,
        };
        snapshot.end();
        if done.is_some() {
            return self.card(visit, circle).await;
        }
        let permit = inside.permit::<Govern>(Category::Oversight).await?;
        let member =
            for_whom.filter(|_| may_give_card(inside.circle.state)).ok_or(Failure::NotHere)?;
        if lets_nobody_in {
            return Err(Failure::field("card", What::CardNeedsMailbox));
        }
        let now = inside.now();
        let card = self.make_card(circle, member.id, member.person, now);
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, NEW_CARD, &card.id.to_string(), now).await?;
                end_cards(unit, circle, now).await?;
                unit.add_welcome(&card).await?;
                Ok::<_, Failure>(())
            })
            .await?;
        Ok(self.card_view(visit, &card, circle, inside.circle.nature_name.clone()))
    }

    /// A card for a membership, to be added.
    pub(super) fn make_card(
        &self,
        circle: CircleId,
        membership: MembershipId,
        person: PersonId,
        now: Timestamp,
    ) -> Welcome {
        let id = WelcomeId::new(&*self.ids);
        let words = self.derived_words(id).to_string();
        let token = self.vault.link_token("welcome", id.as_uuid(), 0);
        Welcome {
            id,
            kind: WelcomeKind::Card,
            circle: Some(circle),
            membership: Some(membership),
            person,
            link_hash: Some(token_hash(token.as_str()).to_vec()),
            short_mac: Some(self.short_mac(&self.short_code(id)).to_vec()),
            words_mac: Some(self.vault.mac("words", id.as_uuid(), &words).to_vec()),
            tries_left: u32::from(WELCOME_WORDS_TRIES),
            names_inviter: false,
            created_at: now,
            expires_at: now.plus_days(INVITATION_LIFE_DAYS),
            answered_at: None,
            words_used_at: None,
            ended_at: None,
        }
    }

    pub(super) fn card_view(
        &self,
        visit: &Visit,
        card: &Welcome,
        circle: CircleId,
        nature_name: String,
    ) -> CardView {
        CardView {
            circle,
            nature_name,
            url: self.welcome_link(&visit.organisation, card.id),
            to_type: self.address_to_type(&visit.organisation, card.id),
            words: self.derived_words(card.id).to_string(),
            expires_at: card.expires_at,
        }
    }

    /// Two words that follow from a welcome by a keyed hash, for welcomes whose words are not sealed.
    pub(crate) fn derived_words(&self, welcome: WelcomeId) -> WelcomeWords {
        let [first, second, ..] = self.vault.mac("card words", welcome.as_uuid(), "");
        WelcomeWords::from_indices(first, second)
    }
}

fn in_charge(members: Vec<Membership>) -> Option<Membership> {
    let active = |member: &Membership| member.state == MembershipState::Active;
    let mut candidates: Vec<_> = members
        .into_iter()
        .filter(active)
        .filter(|member| matches!(member.role, MemberRole::Carer | MemberRole::Patient))
        .collect();
    // The lead carer, then any carer, then the patient.
    candidates.sort_by_key(|member| (!member.lead, member.role == MemberRole::Patient));
    candidates.into_iter().next()
}

async fn end_cards(unit: &UnitOfWork, circle: CircleId, now: Timestamp) -> Result<(), StoreError> {
    for welcome in unit.circle_welcomes(circle, now).await? {
        if welcome.kind == WelcomeKind::Card {
            unit.end_welcome(welcome.id, now).await?;
        }
    }
    Ok(())
}
