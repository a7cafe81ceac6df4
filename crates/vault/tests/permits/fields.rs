//! Every permit that the shipped policies give, against every field: it opens and seals what it
//! is for, and nothing else.

use std::collections::BTreeSet;

use crate::common::{
    circle, granted_carer, of_circle, of_organisation, organisation, other_circle,
};
use crate::common::{place, row, scope, shipped_engine, vault};
use kith_domain::{Category, CategorySet, Owner, Standing, Tier};
use kith_policy::{
    Amend, Ask, Contribute, Disclose, Facts, Govern, Name, PolicyEngine, RequestScope, Writes,
};
use kith_vault::{Field, OwnerKey, Place, Sealed, Vault, VaultError};
use uuid::Uuid;

struct Keys {
    circle: OwnerKey,
    organisation: OwnerKey,
}

impl Keys {
    fn new(vault: &Vault) -> Self {
        Self {
            circle: vault.new_owner_key(Owner::Circle(circle())).0,
            organisation: vault.new_owner_key(Owner::Organisation(organisation())).0,
        }
    }

    fn of(&self, owner: Owner) -> &OwnerKey {
        match owner {
            Owner::Circle(_) => &self.circle,
            Owner::Organisation(_) => &self.organisation,
        }
    }
}

/// Fields that a permit seals; every other field must be refused as out of scope.
#[expect(clippy::expect_used, reason = "a test that is refused has failed")]
async fn sealed_with<A: Writes>(
    engine: &PolicyEngine,
    scope: &RequestScope,
    facts: &Facts,
    category: Category,
) -> BTreeSet<Field> {
    let vault = vault();
    let keys = Keys::new(&vault);
    let permit =
        engine.authorize::<A>(scope, facts, category).await.expect("the shipped policies allow it");
    Field::ALL
        .iter()
        .copied()
        .filter(|field| {
            let at = place(*field);
            match vault.seal(&permit, keys.of(at.owner), at, "text") {
                Ok(_) => true,
                Err(error) => {
                    assert_eq!(error, VaultError::OutOfScope);
                    false
                }
            }
        })
        .collect()
}

fn fields_of(category: Category) -> BTreeSet<Field> {
    Field::ALL.iter().copied().filter(|field| field.category() == category).collect()
}

fn naming() -> BTreeSet<Field> {
    BTreeSet::from([
        Field::MemberName,
        Field::Relationship,
        Field::InviterName,
        Field::WelcomeWords,
        Field::PersonName,
        Field::PersonEmail,
        Field::PersonPhone,
        Field::OversightName,
        Field::OversightPhone,
    ])
}

#[tokio::test]
async fn a_permit_opens_its_own_category_only() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let keys = Keys::new(&vault);
    let people = [
        of_circle(Standing::Patient, circle()),
        granted_carer(),
        of_organisation(Standing::Oneself).about(row()),
        of_circle(Standing::Coordinator, circle()),
        of_organisation(Standing::Coordinator),
    ];
    let mut opened = BTreeSet::new();
    for facts in &people {
        for category in Category::ALL {
            let Ok(permit) = engine.authorize::<Disclose>(&scope, facts, *category).await else {
                continue;
            };
            for field in Field::ALL {
                let at = place(*field);
                let nothing = Sealed::from_parts(at, 1, Vec::new());
                let answer = vault.open(&permit, keys.of(at.owner), &nothing).unwrap_err();
                let in_scope = field.category() == *category && at.owner == facts.owner;
                // What is in scope is looked at, and found not to be a sealed text.
                let expected = if in_scope { VaultError::Unknown } else { VaultError::OutOfScope };
                assert_eq!(answer, expected, "{} {category} {field:?}", facts.standing);
                if in_scope {
                    opened.insert(*field);
                }
            }
        }
    }
    assert_eq!(opened, Field::ALL.iter().copied().collect(), "each field opens for somebody");
}

#[tokio::test]
async fn a_link_opens_nobody_s_name_but_the_inviter_s() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let keys = Keys::new(&vault);
    let invited = Facts { tier: Tier::Link, ..of_circle(Standing::Invited, circle()) };
    assert!(engine.authorize::<Disclose>(&scope, &invited, Category::People).await.is_err());
    let permit = engine.authorize::<Disclose>(&scope, &invited, Category::Introduction).await;
    let permit = permit.unwrap();
    for field in [Field::JoinName, Field::JoinEmail] {
        let at = place(field);
        let nothing = Sealed::from_parts(at, 1, Vec::new());
        let answer = vault.open(&permit, keys.of(at.owner), &nothing).unwrap_err();
        assert_eq!(answer, VaultError::OutOfScope, "{field:?}");
    }
    let added = sealed_with::<Contribute>(&engine, &scope, &invited, Category::People).await;
    assert!(added.contains(&Field::JoinName) && !added.contains(&Field::JoinEmail));
}

#[tokio::test]
async fn amending_reaches_the_category_and_nothing_else() {
    let (engine, scope) = (shipped_engine().await, scope());
    let patient = of_circle(Standing::Patient, circle());
    for category in [
        Category::Identity,
        Category::Rota,
        Category::Task,
        Category::Address,
        Category::News,
        Category::Help,
        Category::Care,
        Category::Entry,
        Category::People,
        Category::Introduction,
    ] {
        let sealed = sealed_with::<Amend>(&engine, &scope, &patient, category).await;
        assert_eq!(sealed, fields_of(category), "{category}");
    }
    let mut friend = of_circle(Standing::Friend, circle());
    friend.grants = CategorySet::of(&[Category::News]);
    let sealed = sealed_with::<Contribute>(&engine, &scope, &friend, Category::News).await;
    assert_eq!(sealed, fields_of(Category::News));
    // Asking for help seals nothing.
    let sealed = sealed_with::<Ask>(&engine, &scope, &patient, Category::Slot).await;
    assert_eq!(sealed, BTreeSet::new());
    // A coordinator amends what a circle gave to the organisation.
    let coordinator = of_circle(Standing::Coordinator, circle());
    let sealed = sealed_with::<Amend>(&engine, &scope, &coordinator, Category::Oversight).await;
    assert_eq!(sealed, fields_of(Category::Oversight));
}

#[tokio::test]
async fn naming_reaches_the_naming_fields_and_nothing_confidential_else() {
    let (engine, scope) = (shipped_engine().await, scope());
    // A carer without any grant names people all the same.
    let carer = of_circle(Standing::Carer, circle());
    let named = sealed_with::<Name>(&engine, &scope, &carer, Category::People).await;
    // With what else is of the people: who asks to join.
    let with_people = |mut fields: BTreeSet<Field>| {
        fields.extend(fields_of(Category::People));
        fields
    };
    assert_eq!(named, with_people(naming()));
    let mut governed = naming();
    governed.insert(Field::PatientName);
    let carers = sealed_with::<Govern>(&engine, &scope, &carer, Category::People).await;
    assert_eq!(carers, with_people(governed.clone()));
    let coordinator = of_organisation(Standing::Coordinator);
    let started = sealed_with::<Govern>(&engine, &scope, &coordinator, Category::Oversight).await;
    assert_eq!(started, governed);
}

#[tokio::test]
async fn own_details_are_reached_in_ones_own_row_only() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let keys = Keys::new(&vault);
    let oneself = of_organisation(Standing::Oneself).about(row());
    let sealed = sealed_with::<Amend>(&engine, &scope, &oneself, Category::Contact).await;
    assert_eq!(sealed, fields_of(Category::Contact));

    let amend = engine.authorize::<Amend>(&scope, &oneself, Category::Contact).await.unwrap();
    let somebody_elses = Place { row: Uuid::from_u128(2), ..place(Field::PersonEmail) };
    let refused = vault.seal(&amend, &keys.organisation, somebody_elses, "text").unwrap_err();
    assert_eq!(refused, VaultError::OutOfScope);
    let disclose = engine.authorize::<Disclose>(&scope, &oneself, Category::Contact).await.unwrap();
    let sealed = Sealed::from_parts(somebody_elses, 1, Vec::new());
    let refused = vault.open(&disclose, &keys.organisation, &sealed).unwrap_err();
    assert_eq!(refused, VaultError::OutOfScope);
}

#[tokio::test]
async fn a_permit_of_one_circle_or_organisation_reaches_no_other() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let carer = of_circle(Standing::Carer, circle());
    let name = engine.authorize::<Name>(&scope, &carer, Category::People).await.unwrap();
    let govern = engine.authorize::<Govern>(&scope, &carer, Category::People).await.unwrap();
    let there = kith_domain::ids::OrganisationId::from_uuid(Uuid::from_u128(0xb));
    for owner in [Owner::Circle(other_circle()), Owner::Organisation(there)] {
        let key = vault.new_owner_key(owner).0;
        for field in Field::ALL {
            let at = Place { owner, field: *field, row: row() };
            for refused in [
                vault.seal(&name, &key, at, "text").unwrap_err(),
                vault.seal(&govern, &key, at, "text").unwrap_err(),
            ] {
                assert_eq!(refused, VaultError::OutOfScope, "{field:?}");
            }
        }
    }
    // Nor is a field sealed for an owner of the wrong kind, or under somebody else's key.
    let wrong_kind = Place { owner: Owner::Circle(circle()), ..place(Field::PersonName) };
    let keys = Keys::new(&vault);
    let refused = vault.seal(&name, &keys.circle, wrong_kind, "text").unwrap_err();
    assert_eq!(refused, VaultError::OutOfScope);
    let at = place(Field::MemberName);
    let refused = vault.seal(&name, &keys.organisation, at, "text").unwrap_err();
    assert_eq!(refused, VaultError::WrongKey);
}
