//! Seals the markers, with permits of the real engine: the patient's, and everybody's own.

use std::sync::Arc;

use kith_domain::ids::{
    CircleId, ConcernId, JoinRequestId, MembershipId, OrganisationId, PersonId, SessionId,
};
use kith_domain::{Category, CircleState, Clock as _, Ids as _, Owner, Standing, Tier};
use kith_policy::testkit::{MemoryLog, engine};
use kith_policy::{Amend, Contribute, Facts, Name, PolicyEngine, RequestScope};
use kith_tests::TestClock;
use kith_vault::{Field, OwnerKey, Place, RandomIds, Sealed, Vault};

/// Seals for one organisation.
pub(crate) struct Pen<'h> {
    engine: PolicyEngine,
    vault: &'h Vault,
    clock: &'h TestClock,
    organisation: OrganisationId,
}

impl<'h> Pen<'h> {
    pub(crate) async fn new(
        vault: &'h Vault,
        clock: &'h TestClock,
        organisation: OrganisationId,
    ) -> Self {
        // Its decisions are none of the hospice's.
        let engine = engine(MemoryLog::new()).await.unwrap();
        Self { engine, vault, clock, organisation }
    }

    fn scope(&self) -> RequestScope {
        RequestScope::new(self.clock.now(), Arc::new(RandomIds))
    }

    /// A text of a circle, as its patient writes it.
    pub(crate) async fn circle(
        &self,
        circle: CircleId,
        key: &OwnerKey,
        field: Field,
        text: &str,
    ) -> Sealed {
        let owner = Owner::Circle(circle);
        let facts = Facts {
            standing: Standing::Patient,
            tier: Tier::Fresh,
            person: Some(PersonId::new(&RandomIds)),
            session: Some(SessionId::new(&RandomIds)),
            membership: Some(MembershipId::new(&RandomIds)),
            ..Facts::stranger(self.organisation, owner, CircleState::Active)
        };
        let scope = self.scope();
        let place = Place { owner, field, row: RandomIds.next() };
        if field.category().is_confidential() {
            let permit = self.engine.authorize::<Amend>(&scope, &facts, field.category()).await;
            return self.vault.seal(&permit.unwrap(), key, place, text).unwrap();
        }
        let permit = self.engine.authorize::<Name>(&scope, &facts, Category::People).await;
        self.vault.seal(&permit.unwrap(), key, place, text).unwrap()
    }

    /// A worry, as whoever is worried writes it.
    pub(crate) async fn worry(
        &self,
        key: &OwnerKey,
        id: ConcernId,
        field: Field,
        text: &str,
    ) -> Sealed {
        let owner = Owner::Organisation(self.organisation);
        let facts = Facts {
            standing: Standing::Oneself,
            tier: Tier::SignedIn,
            person: Some(PersonId::new(&RandomIds)),
            session: Some(SessionId::new(&RandomIds)),
            ..Facts::stranger(self.organisation, owner, CircleState::NoCircle)
        }
        .about(id.as_uuid());
        let scope = self.scope();
        let permit = self.engine.authorize::<Contribute>(&scope, &facts, Category::Concern).await;
        let place = Place { owner, field, row: id.as_uuid() };
        self.vault.seal(&permit.unwrap(), key, place, text).unwrap()
    }

    /// What somebody types who asks to join.
    pub(crate) async fn asks(
        &self,
        circle: CircleId,
        key: &OwnerKey,
        id: JoinRequestId,
        field: Field,
        text: &str,
    ) -> Sealed {
        let owner = Owner::Circle(circle);
        let nobody = Facts::stranger(self.organisation, owner, CircleState::Active);
        let facts = Facts { standing: Standing::Invited, tier: Tier::Link, ..nobody };
        let scope = self.scope();
        let permit = self.engine.authorize::<Contribute>(&scope, &facts, Category::People).await;
        let place = Place { owner, field, row: id.as_uuid() };
        self.vault.seal(&permit.unwrap(), key, place, text).unwrap()
    }

    /// The address that somebody types who asks to join.
    pub(crate) async fn asks_at(&self, key: &OwnerKey, id: JoinRequestId, text: &str) -> Sealed {
        let owner = Owner::Organisation(self.organisation);
        let nobody = Facts::stranger(self.organisation, owner, CircleState::NoCircle);
        let facts = Facts { standing: Standing::Oneself, tier: Tier::SignedIn, ..nobody }
            .about(id.as_uuid());
        let scope = self.scope();
        let permit = self.engine.authorize::<Amend>(&scope, &facts, Category::Contact).await;
        let place = Place { owner, field: Field::JoinEmail, row: id.as_uuid() };
        self.vault.seal(&permit.unwrap(), key, place, text).unwrap()
    }

    /// A detail of a person, as that person writes it.
    pub(crate) async fn own(
        &self,
        key: &OwnerKey,
        person: PersonId,
        field: Field,
        text: &str,
    ) -> Sealed {
        let owner = Owner::Organisation(self.organisation);
        let facts = Facts {
            standing: Standing::Oneself,
            tier: Tier::Fresh,
            person: Some(person),
            session: Some(SessionId::new(&RandomIds)),
            ..Facts::stranger(self.organisation, owner, CircleState::NoCircle)
        }
        .about(person.as_uuid());
        let scope = self.scope();
        let permit = self.engine.authorize::<Amend>(&scope, &facts, Category::Contact).await;
        let place = Place { owner, field, row: person.as_uuid() };
        self.vault.seal(&permit.unwrap(), key, place, text).unwrap()
    }
}
