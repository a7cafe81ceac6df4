//! Indexes, tokens, codes, own numbers and parcels: what is keyed, but opens nothing.

use kith_domain::Timestamp;
use kith_domain::ids::OrganisationId;
use kith_vault::{KeyFile, OwnNumberError, Vault, token_hash};
use uuid::Uuid;

#[expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]
fn vault() -> Vault {
    let folder = tempfile::tempdir().expect("a folder");
    Vault::new(KeyFile::create(&folder.path().join("kith.key")).expect("a key"))
}

fn row(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[test]
fn one_address_has_one_index_in_an_organisation_and_another_elsewhere() {
    let vault = vault();
    let here = OrganisationId::from_uuid(row(1));
    let there = OrganisationId::from_uuid(row(2));
    let index = vault.email_index(here, "grace@example.com");
    assert_eq!(vault.email_index(here, "grace@example.com"), index);
    assert_ne!(vault.email_index(there, "grace@example.com"), index);
    assert_ne!(vault.email_index(here, "tom@example.com"), index);
    assert_ne!(self::vault().email_index(here, "grace@example.com"), index);
}

#[test]
fn a_link_token_follows_from_purpose_row_and_generation() {
    let vault = vault();
    let token = vault.link_token("slot", row(1), 1);
    assert_eq!(vault.link_token("slot", row(1), 1), token);
    assert_eq!(token.as_str().len(), 43);
    assert!(token.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    for other in [
        vault.link_token("slot", row(1), 2),
        vault.link_token("slot", row(2), 1),
        vault.link_token("invitation", row(1), 1),
        self::vault().link_token("slot", row(1), 1),
    ] {
        assert_ne!(other, token);
    }
    assert_eq!(format!("{token:?}"), "Token(..)");
}

#[test]
fn a_token_is_looked_up_by_its_sha_256() {
    // FIPS 180-2, appendix B.1.
    let hash = token_hash("abc");
    assert_eq!(hash[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(hash[28..], [0xf2, 0x00, 0x15, 0xad]);
}

#[test]
fn a_code_matches_only_for_its_own_purpose_and_row() {
    let vault = vault();
    let stored = vault.mac("sign-in code", row(1), "204817");
    assert!(vault.mac_matches("sign-in code", row(1), "204817", &stored));
    assert!(!vault.mac_matches("sign-in code", row(1), "204818", &stored));
    assert!(!vault.mac_matches("sign-in code", row(2), "204817", &stored));
    assert!(!vault.mac_matches("welcome words", row(1), "204817", &stored));
    assert!(!vault.mac_matches("sign-in code", row(1), "204817", &stored[..31]));
    assert!(!vault.mac_matches("sign-in code", row(1), "204817", &[]));
}

#[test]
fn a_message_id_is_the_same_each_time() {
    let vault = vault();
    let id = vault.message_id(row(1), "reminder");
    assert_eq!(vault.message_id(row(1), "reminder"), id);
    assert_eq!(id.len(), 32);
    assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_ne!(vault.message_id(row(2), "reminder"), id);
    assert_ne!(vault.message_id(row(1), "cancelled"), id);
}

#[test]
fn an_own_number_verifies_under_the_same_key_file_only() {
    let vault = vault();
    let stored = vault.hash_own_number("204817").unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!stored.contains("204817"));
    assert!(vault.verify_own_number("204817", &stored));
    assert!(!vault.verify_own_number("204818", &stored));
    assert!(!vault.verify_own_number("", &stored));
    assert!(!vault.verify_own_number("204817", ""));
    assert!(!vault.verify_own_number("204817", "$argon2id$v=19$m=19456"));
    assert!(!self::vault().verify_own_number("204817", &stored), "the pepper is another");
    assert_ne!(vault.hash_own_number("204817").unwrap(), stored, "the salt is another");
}

#[test]
fn only_four_to_eight_digits_are_an_own_number() {
    let vault = vault();
    for number in ["", "123", "123456789", "12a4", "12 34", "١٢٣٤", "-1234"] {
        assert_eq!(vault.hash_own_number(number), Err(OwnNumberError::NotANumber), "{number}");
    }
    for number in ["4821", "48213957"] {
        assert!(vault.hash_own_number(number).is_ok());
    }
}

#[test]
fn a_parcel_opens_for_its_binding_until_its_time_is_over() {
    let vault = vault();
    let noon = Timestamp::from_second(1_800_000_000);
    let parcel = vault.pack("form", b"session 1", noon, "news=She slept well".as_bytes());
    assert!(!parcel.contains("slept"));
    let open = |binding: &[u8], now, text: &str| {
        vault.unpack("form", binding, now, text).map(|bytes| bytes.to_vec())
    };
    assert_eq!(open(b"session 1", noon, &parcel).unwrap(), b"news=She slept well");
    assert_eq!(open(b"session 1", noon.plus_seconds(1), &parcel), None);
    assert_eq!(open(b"session 2", noon, &parcel), None);
    assert_eq!(open(b"", noon, &parcel), None);
    assert_eq!(self::vault().unpack("form", b"session 1", noon, &parcel), None);
    assert_eq!(vault.unpack("proof", b"session 1", noon, &parcel), None);
    assert_eq!(open(b"session 1", noon, ""), None);
    assert_eq!(open(b"session 1", noon, &parcel[1..]), None);
    for position in 0..parcel.len() {
        let mut changed = parcel.clone().into_bytes();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(open(b"session 1", noon, &changed), None, "letter {position}");
    }
    let empty = vault.pack("form", b"session 1", noon, b"");
    assert_eq!(open(b"session 1", noon, &empty).unwrap(), b"");
}
