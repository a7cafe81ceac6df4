//! Data keys, one an owner.

use core::fmt;

use aes_gcm::{Aes256Gcm, KeyInit as _};
use kith_domain::Owner;
use zeroize::Zeroizing;

use crate::envelope::{self, Refusal, push_part};
use crate::keys::Key;
use crate::random;
use crate::sealed::push_owner;

/// An owner's data key as it is stored: encrypted under the key-encryption key, bound to the
/// owner and version. Destroying it erases everything sealed with it.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose key it is.
    pub owner: Owner,
    /// Counts from 1.
    pub version: u32,
    /// Header, nonce, ciphertext and tag, to store.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedKey")
            .field("owner", &self.owner)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// An owner's data key, for one request. Never cached: the wrapped key is read with the facts of
/// each request, so that an erased circle is erased at once.
pub struct OwnerKey {
    owner: Owner,
    version: u32,
    cipher: Aes256Gcm,
}

impl OwnerKey {
    /// Whose key it is.
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// Version of the key.
    pub const fn version(&self) -> u32 {
        self.version
    }

    pub(crate) const fn cipher(&self) -> &Aes256Gcm {
        &self.cipher
    }
}

impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerKey")
            .field("owner", &self.owner)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The key-encryption key at work.
pub(crate) struct Wrapping {
    id: u32,
    cipher: Aes256Gcm,
}

impl Wrapping {
    /// `id` is the key file's, so that a database opened with another file's key says so.
    pub(crate) fn new(id: u32, key: &Key) -> Self {
        Self { id, cipher: Aes256Gcm::new((&**key).into()) }
    }

    /// A random data key, in the clear and wrapped.
    pub(crate) fn make(&self, owner: Owner, version: u32) -> (OwnerKey, WrappedKey) {
        let mut key = Zeroizing::new(vec![0_u8; 32]);
        random::fill(&mut key);
        let opened = OwnerKey {
            owner,
            version,
            cipher: Aes256Gcm::new_from_slice(&key)
                .unwrap_or_else(|_| unreachable!("32 bytes are a key of AES-256")),
        };
        let bytes = envelope::seal(&self.cipher, self.id, &context(owner, version), key);
        (opened, WrappedKey { owner, version, bytes })
    }

    /// The data key of a row.
    pub(crate) fn unwrap(&self, wrapped: &WrappedKey) -> Result<OwnerKey, Refusal> {
        let context = context(wrapped.owner, wrapped.version);
        let key = envelope::open(&self.cipher, self.id, &context, &wrapped.bytes)?;
        Ok(OwnerKey {
            owner: wrapped.owner,
            version: wrapped.version,
            cipher: Aes256Gcm::new_from_slice(&key).map_err(|_| Refusal::Unknown)?,
        })
    }
}

fn context(owner: Owner, version: u32) -> Vec<u8> {
    let mut context = Vec::with_capacity(80);
    push_part(&mut context, b"data key");
    push_owner(&mut context, owner);
    context.extend_from_slice(&version.to_be_bytes());
    context
}
