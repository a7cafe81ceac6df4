//! The way into a circle, into the organisation, and to one's own details: facts, key and
//! ciphertext from one snapshot, then a permit, then plaintext.

use kith_domain::ids::{CircleId, PersonId};
use kith_domain::{Category, CategorySet, MemberRole, Owner, Standing, Tier, Timestamp};
use kith_policy::{Act, Disclose, Facts, Permit, Writes};
use kith_store::{Circle, CircleAccess, Content, OrganisationAccess, OwnPlace, Session, Snapshot};
use kith_vault::{Field, OwnerKey, Place, Plaintext, Sealed, WrappedKey};
use uuid::Uuid;

use crate::App;
use crate::failure::{Failure, refused_at};
use crate::promise::Speaker;
use crate::visit::Visit;

/// Seconds after which a session is marked as seen again: so that most pages write nothing.
const TOUCH_AFTER: i64 = 300;

/// Somebody's request towards one circle.
pub(crate) struct Inside<'v> {
    app: &'v App,
    visit: &'v Visit,
    /// Who asks.
    pub(crate) session: Session,
    /// The circle.
    pub(crate) circle: Circle,
    /// What the engine is told.
    pub(crate) facts: Facts,
    /// The person's live place, if any.
    pub(crate) place: Option<OwnPlace>,
    /// What was taken back from the person: no task opens it again.
    pub(crate) withheld: CategorySet,
    /// End of the window that is open now.
    pub(crate) window_until: Option<Timestamp>,
    key: Option<WrappedKey>,
}

impl App {
    /// Who asks, from the session cookie.
    pub(crate) async fn session_in(
        &self,
        snapshot: &Snapshot,
        visit: &Visit,
    ) -> Result<Session, Failure> {
        let hash = visit.session.ok_or(Failure::SignIn)?;
        snapshot.session(&hash, visit.now()).await?.ok_or(Failure::SignIn)
    }

    /// Opens a snapshot and reads how the visitor stands towards `circle`.
    pub(crate) async fn enter<'v>(
        &'v self,
        visit: &'v Visit,
        circle: CircleId,
    ) -> Result<(Snapshot, Inside<'v>), Failure> {
        self.enter_as(visit, circle, false).await
    }

    /// The same as the organisation's staff.
    pub(crate) async fn enter_as_staff<'v>(
        &'v self,
        visit: &'v Visit,
        circle: CircleId,
    ) -> Result<(Snapshot, Inside<'v>), Failure> {
        self.enter_as(visit, circle, true).await
    }

    async fn enter_as<'v>(
        &'v self,
        visit: &'v Visit,
        circle: CircleId,
        as_staff: bool,
    ) -> Result<(Snapshot, Inside<'v>), Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let hash = visit.session.ok_or(Failure::SignIn)?;
        let came = snapshot.coming_in(&hash, circle, visit.now(), as_staff).await?;
        let (session, access) = came.ok_or(Failure::SignIn)?;
        self.touch(visit, &session).await?;
        let CircleAccess { circle, facts, place, withheld, window_until, key } =
            access.ok_or(Failure::NotHere)?;
        let inside =
            Inside { app: self, visit, session, circle, facts, place, withheld, window_until, key };
        Ok((snapshot, inside))
    }

    /// Marks a session as seen, at most every few minutes.
    pub(crate) async fn touch(&self, visit: &Visit, session: &Session) -> Result<(), Failure> {
        if visit.now().seconds_since(session.last_seen_at) < TOUCH_AFTER {
            return Ok(());
        }
        self.store
            .transact(visit.organisation.id, async |unit| {
                unit.touch_session(session, visit.now()).await
            })
            .await?;
        Ok(())
    }

    /// Opens a snapshot and reads how the visitor stands towards the organisation: as its staff, or
    /// towards the own details.
    pub(crate) async fn enter_organisation<'v>(
        &'v self,
        visit: &'v Visit,
        as_staff: bool,
    ) -> Result<(Snapshot, Towards<'v>), Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let access = snapshot.organisation_access(&session, visit.now(), as_staff).await?;
        self.touch(visit, &session).await?;
        let OrganisationAccess { facts, key } = access;
        Ok((snapshot, Towards { app: self, visit, session, facts, key }))
    }

    /// Opens one sealed text.
    pub(crate) fn open(
        &self,
        permit: &Permit<'_, Disclose>,
        key: &OwnerKey,
        sealed: &Sealed,
    ) -> Result<String, Failure> {
        Ok(shown(&self.vault.open(permit, key, sealed)?))
    }
}

/// Plaintext on its way to the person it was opened for. The only place in the use cases that
/// takes it out of its wrapper.
#[expect(
    clippy::disallowed_methods,
    reason = "the view for the person whom the permit was given for is built from it"
)]
pub(crate) fn shown(text: &Plaintext) -> String {
    text.expose().to_owned()
}

impl<'v> Inside<'v> {
    /// Asks the engine; a refusal is the answer.
    pub(crate) async fn permit<A: Act>(
        &self,
        category: Category,
    ) -> Result<Permit<'v, A>, Failure> {
        self.app
            .engine
            .authorize::<A>(&self.visit.scope, &self.facts, category)
            .await
            .map_err(|refusal| refused_at(self.facts.tier, refusal, self.surer_towards()))
    }

    /// Where one gets surer: staff do it towards the organisation, as their devices are enrolled
    /// there and in no circle.
    fn surer_towards(&self) -> Option<CircleId> {
        match self.facts.standing {
            Standing::Coordinator | Standing::Administrator => None,
            _ => Some(self.circle.id),
        }
    }

    /// Asks only when it would be allowed: for parts of a page that others do not have.
    pub(crate) async fn permit_if_any<A: Act>(
        &self,
        category: Category,
    ) -> Result<Option<Permit<'v, A>>, Failure> {
        if self.may::<A>(category) { self.permit(category).await.map(Some) } else { Ok(None) }
    }

    /// Whether to show a button or a part of a page. Proves nothing.
    pub(crate) fn may<A: Act>(&self, category: Category) -> bool {
        self.app.engine.may::<A>(&self.facts, category)
    }

    /// Whether it would be allowed once it is sure who asks: for the way to a page that asks for
    /// the own number first. Proves nothing.
    pub(crate) fn would<A: Act>(&self, category: Category) -> bool {
        let surest = Facts { tier: Tier::Fresh, ..self.facts.clone() };
        self.app.engine.may::<A>(&surest, category)
    }

    /// The circle's data key, for this request.
    pub(crate) fn key(&self) -> Result<OwnerKey, Failure> {
        let wrapped = self.key.as_ref().ok_or(Failure::NotHere)?;
        Ok(self.app.vault.unwrap_key(wrapped)?)
    }

    /// Opens a text of the circle, if there is one.
    pub(crate) fn open(
        &self,
        permit: &Permit<'_, Disclose>,
        key: &OwnerKey,
        content: Option<&Content>,
    ) -> Result<Option<String>, Failure> {
        content.map(|content| self.app.open(permit, key, &content.sealed)).transpose()
    }

    /// Seals a text for a new row of the circle.
    pub(crate) fn seal<A: Writes>(
        &self,
        permit: &Permit<'_, A>,
        key: &OwnerKey,
        field: Field,
        text: &str,
    ) -> Result<Sealed, Failure> {
        let place = Place { owner: Owner::Circle(self.circle.id), field, row: self.app.ids.next() };
        Ok(self.app.vault.seal(permit, key, place, text)?)
    }

    /// The person's own place; whoever has none is not here.
    pub(crate) fn own_place(&self) -> Result<&OwnPlace, Failure> {
        self.place.as_ref().ok_or(Failure::NotHere)
    }

    /// The reader, as whoever says something of a promise.
    pub(crate) fn speaker(&self) -> Result<Speaker, Failure> {
        let membership = self.own_place()?.membership;
        Ok(Speaker { person: self.session.person, membership })
    }

    /// Patient or carer: whoever decides about the circle.
    pub(crate) fn is_in_charge(&self) -> bool {
        self.place
            .as_ref()
            .is_some_and(|place| matches!(place.role, MemberRole::Patient | MemberRole::Carer))
    }

    /// Whether the person is the patient.
    pub(crate) fn is_patient(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.role == MemberRole::Patient)
    }

    /// When the request arrived.
    pub(crate) const fn now(&self) -> Timestamp {
        self.visit.now()
    }

    /// Whether no mail leaves now, as far as this process knows.
    pub(crate) fn mail_is_down(&self) -> bool {
        self.app.relay_pause().is_some()
    }
}

/// Somebody's request towards the organisation, or towards the own details in it.
pub(crate) struct Towards<'v> {
    app: &'v App,
    visit: &'v Visit,
    /// Who asks.
    pub(crate) session: Session,
    /// What the engine is told.
    pub(crate) facts: Facts,
    key: WrappedKey,
}

impl<'v> Towards<'v> {
    /// Asks the engine; a refusal is the answer.
    pub(crate) async fn permit<A: Act>(
        &self,
        category: Category,
    ) -> Result<Permit<'v, A>, Failure> {
        self.app
            .engine
            .authorize::<A>(&self.visit.scope, &self.facts, category)
            .await
            .map_err(|refusal| refused_at(self.facts.tier, refusal, None))
    }

    /// Whether to show a part of a page. Proves nothing.
    pub(crate) fn may<A: Act>(&self, category: Category) -> bool {
        self.app.engine.may::<A>(&self.facts, category)
    }

    /// The organisation's data key, for this request.
    pub(crate) fn key(&self) -> Result<OwnerKey, Failure> {
        Ok(self.app.vault.unwrap_key(&self.key)?)
    }

    /// Seals a detail of a person.
    pub(crate) fn seal<A: Writes>(
        &self,
        permit: &Permit<'_, A>,
        key: &OwnerKey,
        field: Field,
        person: PersonId,
        text: &str,
    ) -> Result<Sealed, Failure> {
        seal_for_person(self.app, permit, key, field, person.as_uuid(), text)
    }
}

pub(crate) fn seal_for_person<A: Writes>(
    app: &App,
    permit: &Permit<'_, A>,
    key: &OwnerKey,
    field: Field,
    person: Uuid,
    text: &str,
) -> Result<Sealed, Failure> {
    let place = Place { owner: Owner::Organisation(permit.organisation()), field, row: person };
    Ok(app.vault.seal(permit, key, place, text)?)
}
