//! What the tests share: a vault, an engine over the shipped policies, and facts of people.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use kith_domain::ids::{CircleId, OrganisationId, PersonId};
use kith_domain::{Category, CategorySet, CircleState, Owner, Standing, Tier, Timestamp};
use kith_policy::testkit::{MemoryLog, engine};
use kith_policy::{Facts, PolicyEngine, RequestScope};
use kith_vault::{Field, KeyFile, OwnerKind, Place, RandomIds, Vault};
use uuid::Uuid;

/// The organisation of most tests.
pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::from_uuid(Uuid::from_u128(0xa))
}

/// The circle of most tests.
pub(crate) fn circle() -> CircleId {
    CircleId::from_uuid(Uuid::from_u128(0xc))
}

/// Another circle of the same organisation.
pub(crate) fn other_circle() -> CircleId {
    CircleId::from_uuid(Uuid::from_u128(0xcc))
}

/// The row of most tests.
pub(crate) fn row() -> Uuid {
    Uuid::from_u128(0x1)
}

/// A vault with a key of its own.
pub(crate) fn vault() -> Vault {
    let folder = tempfile::tempdir().expect("a folder");
    Vault::new(KeyFile::create(&folder.path().join("kith.key")).expect("a key"))
}

/// The engine over the shipped policies.
pub(crate) async fn shipped_engine() -> PolicyEngine {
    engine(MemoryLog::new()).await.expect("the shipped policies load")
}

/// One request.
pub(crate) fn scope() -> RequestScope {
    RequestScope::new(Timestamp::from_second(1_800_000_000), Arc::new(RandomIds))
}

/// Somebody of a circle, as sure as can be.
pub(crate) fn of_circle(standing: Standing, owner: CircleId) -> Facts {
    let mut facts = Facts::stranger(organisation(), Owner::Circle(owner), CircleState::Active);
    facts.standing = standing;
    facts.tier = Tier::Fresh;
    facts.person = Some(PersonId::from_uuid(Uuid::from_u128(0xbeef)));
    facts
}

/// Somebody of the organisation, as sure as can be.
pub(crate) fn of_organisation(standing: Standing) -> Facts {
    let mut facts = of_circle(standing, circle());
    facts.owner = Owner::Organisation(organisation());
    facts.state = CircleState::NoCircle;
    facts
}

/// A carer to whom everything was granted.
pub(crate) fn granted_carer() -> Facts {
    let mut facts = of_circle(Standing::Carer, circle());
    facts.grants = CategorySet::of(Category::ALL);
    facts
}

/// Where a field is, in the test's circle or organisation.
pub(crate) fn place(field: Field) -> Place {
    let owner = match field.owner_kind() {
        OwnerKind::Circle => Owner::Circle(circle()),
        OwnerKind::Organisation => Owner::Organisation(organisation()),
    };
    Place { owner, field, row: row() }
}
