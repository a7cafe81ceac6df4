//! Own numbers: 4 to 8 digits that a person chose, hashed with Argon2id.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::vault::Vault;

/// Why an own number could not be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnNumberError {
    /// Letters, or too few or too many digits.
    #[error("an own number has 4 to 8 digits")]
    NotANumber,
    /// No memory, or no randomness for the salt.
    #[error("the own number could not be hashed")]
    Hash,
}

impl Vault {
    /// Hashes an own number, as a PHC string to store.
    ///
    /// The hash is peppered with a key that follows from the key file: so short a number would be
    /// found at once by whoever had the database alone.
    ///
    /// Blocks for tens of milliseconds and takes 19 MiB: call it on a blocking thread, a few at a
    /// time.
    pub fn hash_own_number(&self, number: &str) -> Result<String, OwnNumberError> {
        if !is_number(number) {
            return Err(OwnNumberError::NotANumber);
        }
        let hash = self
            .argon2()
            .and_then(|argon2| argon2.hash_password(number.as_bytes()).ok())
            .ok_or(OwnNumberError::Hash)?;
        Ok(hash.to_string())
    }

    /// Whether `number` is the one that `stored` was made from. A stored text that cannot be read
    /// is a refusal.
    ///
    /// Blocks like [`Vault::hash_own_number`]. A thing that is no number is refused at once, which
    /// tells nobody anything.
    pub fn verify_own_number(&self, number: &str, stored: &str) -> bool {
        let (Some(argon2), Ok(stored)) = (self.argon2(), PasswordHash::new(stored)) else {
            return false;
        };
        is_number(number) && argon2.verify_password(number.as_bytes(), &stored).is_ok()
    }

    fn argon2(&self) -> Option<Argon2<'_>> {
        // 19 MiB, two passes, one lane: OWASP's recommendation for Argon2id, and the default.
        Argon2::new_with_secret(
            &*self.keys().own_number,
            Algorithm::Argon2id,
            Version::V0x13,
            Params::DEFAULT,
        )
        .ok()
    }
}

fn is_number(number: &str) -> bool {
    (4..=8).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}
