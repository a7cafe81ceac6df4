//! When what was handed out stops to count: words live no longer than the trust in whoever saw them.

use kith_domain::ids::{CircleId, MembershipId, WelcomeId};
use kith_domain::rate::{self, Limit};
use kith_domain::{CircleState, MemberRole, MembershipState, ShortCode, Timestamp, WelcomeKind};
use kith_store::{Membership, Reader, StoreError, UnitOfWork, Welcome};
use kith_vault::token_hash;
use uuid::Uuid;

use crate::visit::Visit;
use crate::{App, Failure};

/// Whether a welcome lets its person in while the circle is in `state`.
///
/// Nobody comes in while only the patient reads, or nobody does: somebody else may hold the words.
/// The patient's own words for a further device are the exception, which nobody else has seen.
pub(crate) fn lets_in(welcome: &Welcome, place: &Membership, state: CircleState) -> bool {
    use CircleState as S;
    match state {
        S::Frozen => place.role == MemberRole::Patient && welcome.kind == WelcomeKind::OwnDevice,
        S::Restricted | S::Erased | S::NoCircle => false,
        S::Forming | S::Active | S::Paused | S::Ending | S::Remembering => true,
    }
}

/// Reads again what coming in rests on, in the transaction that lets somebody in, and holds it: a
/// circle that was frozen since, or a place that was taken back, lets nobody in.
///
/// # Errors
///
/// [`Failure::NotHere`] when it does not let in any more.
pub(crate) async fn still_lets_in(
    unit: &UnitOfWork,
    welcome: &Welcome,
    place: &Membership,
) -> Result<Membership, Failure> {
    let again = unit.hold_membership(place.id).await?.ok_or(Failure::NotHere)?;
    let circle = unit.hold_circle(place.circle).await?.ok_or(Failure::NotHere)?;
    let left = again.state == MembershipState::Left;
    if left || !lets_in(welcome, &again, circle.state) {
        return Err(Failure::NotHere);
    }
    Ok(again)
}

/// Words that wait in a circle were seen by those who run it. When one of those is trusted less
/// than before, or something is not safe, the words fit no more; whoever is in charge makes others.
/// The links stay, to say yes or no by. The link by which anybody asks to join ends, and whoever
/// asked by it and was not answered is let in by nobody.
pub(crate) async fn stop_words(
    unit: &UnitOfWork,
    circle: CircleId,
    now: Timestamp,
) -> Result<(), StoreError> {
    // First the link: whoever is just asking by it has asked once this is done.
    unit.end_share_link(circle, now).await?;
    unit.decline_join_requests(circle, now).await?;
    unit.stop_words(circle, now).await.map(|_| ())
}

/// Once the patient has a device, everything else that was handed out for her place has ended:
/// from then on her own devices make the words.
pub(crate) async fn end_others_of_patient(
    unit: &UnitOfWork,
    place: &Membership,
    used: WelcomeId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if place.role != MemberRole::Patient {
        return Ok(());
    }
    for other in unit.welcomes_of(place.id, now).await? {
        if other.id != used {
            unit.end_welcome(other.id, now).await?;
        }
    }
    Ok(())
}

/// Whether some device is trusted for this place.
pub(crate) async fn has_device(
    reader: &Reader,
    place: &Membership,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let devices = reader.enrolments(place.person, now).await?;
    Ok(devices.iter().any(|device| device.circle == Some(place.circle)))
}

/// The patient's place in a circle.
pub(crate) fn patient_of(members: &[Membership]) -> Option<&Membership> {
    members
        .iter()
        .find(|member| member.role == MemberRole::Patient && member.state != MembershipState::Left)
}

/// The place that a welcome opens.
pub(crate) async fn place_of(
    reader: &Reader,
    id: Option<MembershipId>,
) -> Result<Option<Membership>, StoreError> {
    match id {
        Some(id) => reader.membership(id).await,
        None => Ok(None),
    }
}

impl App {
    /// Whether somebody may type short codes: a network that typed several which were of nothing may
    /// not for a while, and a right one answers like those. Links, which nobody guesses, always may.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for a code that is of nothing, and for any while none may be typed.
    pub(crate) async fn not_guessing(&self, visit: &Visit, token: &str) -> Result<(), Failure> {
        let Some(code) = ShortCode::parse(token) else { return Ok(()) };
        let (now, Limit { burst, every_seconds }) = (visit.now(), Limit::PER_NETWORK_GUESSED);
        let bucket = format!("short:network:{}", rate::network(visit.network));
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let may = snapshot.has_token(&bucket, burst, every_seconds, now).await?;
        let found = snapshot.welcome_by_short(&self.short_mac(&code)).await?;
        snapshot.end();
        match found {
            Some(welcome) if may && welcome.is_live(now) => return Ok(()),
            _ if !may => {}
            _ => {
                self.store
                    .transact(visit.organisation.id, async |unit| {
                        unit.take_token(&bucket, burst, every_seconds, now).await
                    })
                    .await?;
            }
        }
        Err(Failure::NotHere)
    }

    /// The way in behind the last part of an address: the token of a link, or the short code that
    /// somebody typed from paper.
    pub(crate) async fn welcome_behind(
        &self,
        reader: &Reader,
        token: &str,
    ) -> Result<Option<Welcome>, StoreError> {
        match ShortCode::parse(token) {
            Some(code) => reader.welcome_by_short(&self.short_mac(&code)).await,
            None => reader.welcome_by_link(&token_hash(token)).await,
        }
    }

    /// The short code of a way in, the same each time.
    pub(crate) fn short_code(&self, id: WelcomeId) -> ShortCode {
        let [first, second, third, fourth, fifth, ..] =
            self.vault.mac("short code", id.as_uuid(), "");
        ShortCode::from_bits([first, second, third, fourth, fifth])
    }

    /// What is stored of a short code.
    pub(crate) fn short_mac(&self, code: &ShortCode) -> [u8; 32] {
        self.vault.mac("short code typed", Uuid::nil(), code.as_str())
    }
}
