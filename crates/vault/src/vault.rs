//! Opening and sealing.

use core::fmt;

use aes_gcm::{Aes256Gcm, KeyInit as _};
use kith_domain::Owner;
use kith_policy::{Disclose, Permit, Writes};

use crate::envelope::{self, Refusal};
use crate::key_file::KeyFile;
use crate::keys::Keys;
use crate::owner_key::{OwnerKey, WrappedKey, Wrapping};
use crate::scope;
use crate::sealed::{Place, Plaintext, Sealed, pad, unpad};

/// Why something was not opened or sealed. Ids and reasons only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The permit is for something else.
    #[error("the permit does not cover this place")]
    OutOfScope,
    /// The data key is another owner's or of another version.
    #[error("the data key does not belong to this place")]
    WrongKey,
    /// The data key was wrapped with the key of another key file.
    #[error(
        "this data key was wrapped with another key file; start with the key file that belongs to this database"
    )]
    OtherKeyFile,
    /// A format or algorithm that this program does not know.
    #[error("unknown sealed format")]
    Unknown,
    /// Changed, cut short, or moved from where it was sealed.
    #[error("not what was sealed at this place")]
    NotAuthentic,
    /// Longer than [`MAX_TEXT`](crate::MAX_TEXT) bytes.
    #[error("the text is too long to be sealed")]
    TooLong,
}

/// Holds the keys. One for the whole process.
pub struct Vault {
    keys: Keys,
    wrapping: Wrapping,
    parcels: Aes256Gcm,
}

impl Vault {
    /// A vault with the keys that follow from `file`.
    #[expect(clippy::needless_pass_by_value, reason = "the key of the file is wiped here")]
    pub fn new(file: KeyFile) -> Self {
        let keys = Keys::derive(&file);
        Self {
            wrapping: Wrapping::new(file.id(), &keys.wrapping),
            parcels: Aes256Gcm::new((&*keys.parcel).into()),
            keys,
        }
    }

    /// A random data key for a new owner, version 1: in the clear for this request, and wrapped
    /// to store.
    pub fn new_owner_key(&self, owner: Owner) -> (OwnerKey, WrappedKey) {
        self.wrapping.make(owner, 1)
    }

    /// The data key of a stored row.
    pub fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<OwnerKey, VaultError> {
        self.wrapping.unwrap(wrapped).map_err(|refusal| match refusal {
            Refusal::Unknown => VaultError::Unknown,
            Refusal::OtherKey => VaultError::OtherKeyFile,
            Refusal::NotAuthentic => VaultError::NotAuthentic,
        })
    }

    /// Opens a sealed text for whom the permit was given. The only decrypt of texts in Kith.
    pub fn open(
        &self,
        permit: &Permit<'_, Disclose>,
        key: &OwnerKey,
        sealed: &Sealed,
    ) -> Result<Plaintext, VaultError> {
        let place = sealed.place();
        if !scope::may_open(permit, place) {
            return Err(VaultError::OutOfScope);
        }
        if (key.owner(), key.version()) != (place.owner, sealed.key_version()) {
            return Err(VaultError::WrongKey);
        }
        let padded = envelope::open(key.cipher(), key.version(), &place.context(), sealed.bytes())
            .map_err(|refusal| match refusal {
                Refusal::Unknown => VaultError::Unknown,
                Refusal::OtherKey => VaultError::WrongKey,
                Refusal::NotAuthentic => VaultError::NotAuthentic,
            })?;
        unpad(&padded).ok_or(VaultError::Unknown)
    }

    /// Seals `text` for `place`.
    ///
    /// The permit covers owner and category of the place; or it is for naming somebody or for
    /// setting up, and the place is one of the few fields that belong to it.
    pub fn seal<A: Writes>(
        &self,
        permit: &Permit<'_, A>,
        key: &OwnerKey,
        place: Place,
        text: &str,
    ) -> Result<Sealed, VaultError> {
        if !scope::may_write(permit, place) {
            return Err(VaultError::OutOfScope);
        }
        if key.owner() != place.owner {
            return Err(VaultError::WrongKey);
        }
        let padded = pad(text).ok_or(VaultError::TooLong)?;
        let bytes = envelope::seal(key.cipher(), key.version(), &place.context(), padded);
        Ok(Sealed::from_parts(place, key.version(), bytes))
    }

    pub(crate) const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) const fn parcel_cipher(&self) -> &Aes256Gcm {
        &self.parcels
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}
