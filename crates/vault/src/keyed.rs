//! Keyed hashes: indexes, link tokens, codes and Message-IDs that follow from a row, so that they
//! can be made again and need not be stored.

use std::io::{self, Read};

use kith_domain::ids::OrganisationId;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::base64url;
use crate::keys::{expand, keyed_hash};
use crate::token::Token;
use crate::vault::Vault;

/// SHA-256 of a token: what is stored and looked up instead of it.
///
/// Only for tokens of 256 bits; whatever a person can type is guessed in no time from a bare
/// hash, and needs [`Vault::mac`].
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// SHA-256 of everything that `from` has, as 64 hexadecimal digits: to notice that a file is not
/// what it was. It says nothing against somebody who can write both file and hash.
///
/// # Errors
///
/// When `from` cannot be read.
pub fn content_hash(mut from: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut part)?;
        let Some(part) = part.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
    }
    let mut digits = String::with_capacity(64);
    for byte in hash.finalize() {
        let halves = [byte >> 4, byte & 15].map(u32::from);
        digits.extend(halves.into_iter().filter_map(|half| char::from_digit(half, 16)));
    }
    Ok(digits)
}

impl Vault {
    /// Index of an e-mail address within one organisation, from its canonical spelling.
    ///
    /// It shows that two rows of one organisation have the same address, and nothing else; two
    /// organisations have different indexes for one address.
    pub fn email_index(&self, organisation: OrganisationId, canonical: &str) -> [u8; 16] {
        let key =
            expand(&self.keys().email_index, "organisation:v1", organisation.as_uuid().as_bytes());
        let [index @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            keyed_hash(&key, &[canonical.as_bytes()]);
        index
    }

    /// The token of a link in a mail: 256 bits that follow from purpose, row and generation, so
    /// that a mail sent again holds the same link. A new generation makes earlier links useless.
    pub fn link_token(&self, purpose: &'static str, row: Uuid, generation: u32) -> Token {
        let hash = keyed_hash(
            &self.keys().link,
            &[purpose.as_bytes(), row.as_bytes(), &generation.to_be_bytes()],
        );
        Token::new(base64url::encode(&hash))
    }

    /// Keyed hash of something short that a person types (a code, welcome words), bound to the
    /// purpose and row it is for. This is what is stored.
    pub fn mac(&self, purpose: &'static str, row: Uuid, text: &str) -> [u8; 32] {
        keyed_hash(&self.keys().mac, &[purpose.as_bytes(), row.as_bytes(), text.as_bytes()])
    }

    /// Whether `text` is what `stored` was made from. Takes as long for every wrong text.
    pub fn mac_matches(&self, purpose: &'static str, row: Uuid, text: &str, stored: &[u8]) -> bool {
        self.mac(purpose, row, text).ct_eq(stored).into()
    }

    /// Left side of the Message-ID of a mail about `row`: 32 hexadecimal digits that are the same
    /// each time the mail is sent.
    pub fn message_id(&self, row: Uuid, kind: &str) -> String {
        let hash = keyed_hash(&self.keys().message_id, &[row.as_bytes(), kind.as_bytes()]);
        let [high @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash;
        format!("{:032x}", u128::from_be_bytes(high))
    }
}
