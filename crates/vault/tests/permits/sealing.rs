//! What is sealed opens at its own place, whole, and nowhere else.

use crate::common::{
    circle, of_circle, of_organisation, organisation, other_circle, place, row, scope,
};
use crate::common::{shipped_engine, vault};
use kith_domain::ids::OrganisationId;
use kith_domain::{Category, Owner, Standing};
use kith_policy::{Amend, Disclose};
use kith_vault::{BUCKETS, Field, MAX_TEXT, Place, Plaintext, Sealed, VaultError, WrappedKey};
use proptest::prelude::{ProptestConfig, Strategy};
use proptest::test_runner::TestRunner;
use uuid::Uuid;

#[expect(clippy::disallowed_methods, reason = "the tests read what they sealed")]
fn letters(text: &Plaintext) -> &str {
    text.expose()
}

#[tokio::test]
async fn what_is_sealed_opens_again() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let patient = of_circle(Standing::Patient, circle());
    let amend = engine.authorize::<Amend>(&scope, &patient, Category::Address).await.unwrap();
    let disclose = engine.authorize::<Disclose>(&scope, &patient, Category::Address).await.unwrap();
    let (key, wrapped) = vault.new_owner_key(Owner::Circle(circle()));
    let at = place(Field::Address);

    // The key as the next request has it.
    let unwrapped = vault.unwrap_key(&wrapped).unwrap();
    let texts = proptest::string::string_regex(".{0,300}").unwrap();
    let lengths = (0..=MAX_TEXT).prop_map(|length| "x".repeat(length));
    TestRunner::new(ProptestConfig::with_cases(300))
        .run(&proptest::prop_oneof![texts, lengths], |text| {
            let sealed = vault.seal(&amend, &key, at, &text).unwrap();
            // Header, nonce and tag are 34 bytes.
            assert!(BUCKETS.contains(&(sealed.bytes().len() - 34)));
            let stored = Sealed::from_parts(at, sealed.key_version(), sealed.into_bytes());
            let opened = vault.open(&disclose, &unwrapped, &stored).unwrap();
            assert_eq!(letters(&opened), text);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn lengths_stored_are_those_of_the_buckets() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let patient = of_circle(Standing::Patient, circle());
    let amend = engine.authorize::<Amend>(&scope, &patient, Category::Care).await.unwrap();
    let (key, _) = vault.new_owner_key(Owner::Circle(circle()));
    let seal = |text: &str| vault.seal(&amend, &key, place(Field::CareComfort), text);
    for (length, bucket) in [(0, 64), (62, 64), (63, 256), (300, 1_024), (4_000, 4_096)] {
        assert_eq!(seal(&"x".repeat(length)).unwrap().bytes().len(), bucket + 34);
    }
    assert_eq!(seal(&"x".repeat(MAX_TEXT)).unwrap().bytes().len(), 16_384 + 34);
    assert_eq!(seal(&"x".repeat(MAX_TEXT + 1)).unwrap_err(), VaultError::TooLong);
}

#[tokio::test]
async fn no_two_sealings_are_alike() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let patient = of_circle(Standing::Patient, circle());
    let amend = engine.authorize::<Amend>(&scope, &patient, Category::Entry).await.unwrap();
    let (key, _) = vault.new_owner_key(Owner::Circle(circle()));
    let nonces: std::collections::HashSet<Vec<u8>> = (0..1_000)
        .map(|_| {
            let sealed = vault.seal(&amend, &key, place(Field::Entry), "4711").unwrap();
            sealed.bytes()[6..18].to_vec()
        })
        .collect();
    assert_eq!(nonces.len(), 1_000);
}

#[tokio::test]
async fn changed_or_cut_it_does_not_open() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let patient = of_circle(Standing::Patient, circle());
    let amend = engine.authorize::<Amend>(&scope, &patient, Category::Entry).await.unwrap();
    let disclose = engine.authorize::<Disclose>(&scope, &patient, Category::Entry).await.unwrap();
    let (key, _) = vault.new_owner_key(Owner::Circle(circle()));
    let at = place(Field::Entry);
    let whole = vault.seal(&amend, &key, at, "key safe 4711").unwrap().into_bytes();
    let open = |bytes: Vec<u8>| vault.open(&disclose, &key, &Sealed::from_parts(at, 1, bytes));
    assert_eq!(letters(&open(whole.clone()).unwrap()), "key safe 4711");

    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0 | 1 => VaultError::Unknown,
            2..6 => VaultError::WrongKey,
            _ => VaultError::NotAuthentic,
        };
        assert_eq!(open(changed).unwrap_err(), expected, "bit {bit}");
    }
    for length in 0..whole.len() {
        assert!(open(whole[..length].to_vec()).is_err(), "cut to {length}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(open(longer).is_err());
}

#[tokio::test]
async fn moved_it_does_not_open() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let patient = of_circle(Standing::Patient, circle());
    let (key, _) = vault.new_owner_key(Owner::Circle(circle()));
    let amend = engine.authorize::<Amend>(&scope, &patient, Category::Care).await.unwrap();
    let comfort = vault.seal(&amend, &key, place(Field::CareComfort), "warm feet").unwrap();
    let bytes = comfort.into_bytes();

    // Every other field of the circle, with a permit that covers it: relabelling opens nothing.
    for field in Field::ALL.iter().filter(|field| **field != Field::CareComfort) {
        let at = Place { owner: Owner::Circle(circle()), ..place(*field) };
        let category = field.category();
        let Ok(disclose) = engine.authorize::<Disclose>(&scope, &patient, category).await else {
            continue;
        };
        let moved = Sealed::from_parts(at, 1, bytes.clone());
        let refused = vault.open(&disclose, &key, &moved).unwrap_err();
        assert_eq!(refused, VaultError::NotAuthentic, "{field:?}");
    }

    let disclose = engine.authorize::<Disclose>(&scope, &patient, Category::Care).await.unwrap();
    let another_row = Place { row: Uuid::from_u128(2), ..place(Field::CareComfort) };
    let moved = Sealed::from_parts(another_row, 1, bytes.clone());
    assert_eq!(vault.open(&disclose, &key, &moved).unwrap_err(), VaultError::NotAuthentic);

    // Another version of the key, in the row only; the header says otherwise.
    let another_version = Sealed::from_parts(place(Field::CareComfort), 2, bytes.clone());
    assert_eq!(vault.open(&disclose, &key, &another_version).unwrap_err(), VaultError::WrongKey);

    // Another circle, with its own permit: with its own key, and with the first circle's.
    let elsewhere = Owner::Circle(other_circle());
    let neighbour = of_circle(Standing::Patient, other_circle());
    let disclose = engine.authorize::<Disclose>(&scope, &neighbour, Category::Care).await.unwrap();
    let at = Place { owner: elsewhere, ..place(Field::CareComfort) };
    let moved = Sealed::from_parts(at, 1, bytes);
    let (their_key, _) = vault.new_owner_key(elsewhere);
    assert_eq!(vault.open(&disclose, &their_key, &moved).unwrap_err(), VaultError::NotAuthentic);
    assert_eq!(vault.open(&disclose, &key, &moved).unwrap_err(), VaultError::WrongKey);
}

#[tokio::test]
async fn one_row_does_not_open_as_another_organisations() {
    let (engine, scope, vault) = (shipped_engine().await, scope(), vault());
    let oneself = of_organisation(Standing::Oneself).about(row());
    let amend = engine.authorize::<Amend>(&scope, &oneself, Category::Contact).await.unwrap();
    let owner = Owner::Organisation(organisation());
    let (key, _) = vault.new_owner_key(owner);
    let sealed = vault.seal(&amend, &key, place(Field::PersonPhone), "01632 960123").unwrap();

    let there = OrganisationId::from_uuid(Uuid::from_u128(0xb));
    let mut elsewhere = of_organisation(Standing::Oneself).about(row());
    elsewhere.organisation = there;
    elsewhere.owner = Owner::Organisation(there);
    let disclose =
        engine.authorize::<Disclose>(&scope, &elsewhere, Category::Contact).await.unwrap();
    let (their_key, _) = vault.new_owner_key(Owner::Organisation(there));
    assert_eq!(vault.open(&disclose, &key, &sealed).unwrap_err(), VaultError::OutOfScope);
    let at = Place { owner: Owner::Organisation(there), ..place(Field::PersonPhone) };
    let moved = Sealed::from_parts(at, 1, sealed.into_bytes());
    assert_eq!(vault.open(&disclose, &their_key, &moved).unwrap_err(), VaultError::NotAuthentic);
}

#[test]
fn a_wrapped_key_is_bound_to_owner_version_and_key_file() {
    let vault = vault();
    let (key, wrapped) = vault.new_owner_key(Owner::Circle(circle()));
    assert_eq!((key.owner(), key.version()), (wrapped.owner, wrapped.version));
    assert!(vault.unwrap_key(&wrapped).is_ok());
    // The same id as an organisation is another owner.
    let same_id = OrganisationId::from_uuid(circle().as_uuid());
    for changed in [
        WrappedKey { owner: Owner::Circle(other_circle()), ..wrapped.clone() },
        WrappedKey { owner: Owner::Organisation(same_id), ..wrapped.clone() },
        WrappedKey { version: 2, ..wrapped.clone() },
    ] {
        assert_eq!(vault.unwrap_key(&changed).unwrap_err(), VaultError::NotAuthentic);
    }
    for position in 0..wrapped.bytes.len() {
        let mut changed = wrapped.clone();
        changed.bytes[position] ^= 1;
        assert!(vault.unwrap_key(&changed).is_err(), "byte {position}");
        changed.bytes.truncate(position);
        assert!(vault.unwrap_key(&changed).is_err(), "cut to {position}");
    }
    let refused = crate::common::vault().unwrap_key(&wrapped).unwrap_err();
    assert_eq!(refused, VaultError::OtherKeyFile);
    assert!(refused.to_string().contains("key file"));
}

#[test]
fn debug_shows_ids_alone() {
    let vault = vault();
    let (key, wrapped) = vault.new_owner_key(Owner::Circle(circle()));
    let sealed = Sealed::from_parts(place(Field::Address), 1, b"12 High Street".to_vec());
    let shown = format!("{vault:?} {key:?} {wrapped:?} {sealed:?}");
    assert!(!shown.contains("49, 50, 32"), "{shown}");
    assert!(!shown.contains("bytes"), "{shown}");
}
