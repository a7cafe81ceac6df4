//! Keys derived from the one in the file, each for one purpose.

use core::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::key_file::KeyFile;

/// 256 bits of key material, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// What is derived at start. The key of the file itself is used for nothing else.
pub(crate) struct Keys {
    /// Wraps data keys.
    pub(crate) wrapping: Key,
    /// From it comes one key an organisation for the index of e-mail addresses.
    pub(crate) email_index: Key,
    /// Link tokens.
    pub(crate) link: Key,
    /// Message-IDs.
    pub(crate) message_id: Key,
    /// Codes and words that a person types.
    pub(crate) mac: Key,
    /// Pepper of own numbers.
    pub(crate) own_number: Key,
    /// Forms on their way through a step-up check.
    pub(crate) parcel: Key,
}

impl Keys {
    pub(crate) fn derive(file: &KeyFile) -> Self {
        let root = file.key();
        Self {
            wrapping: expand(root, "wrapping:v1", &[]),
            email_index: expand(root, "blind:person.email:v1", &[]),
            link: expand(root, "link:v1", &[]),
            message_id: expand(root, "message-id:v1", &[]),
            mac: expand(root, "mac:v1", &[]),
            own_number: expand(root, "own-number:v1", &[]),
            parcel: expand(root, "parcel:v1", &[]),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// HKDF-SHA256 (RFC 5869) of `root` for one label and context.
pub(crate) fn expand(root: &Key, label: &str, context: &[u8]) -> Key {
    let mut key = Key::default();
    Hkdf::<Sha256>::new(Some(b"kith"), &**root)
        .expand_multi_info(&[label.as_bytes(), b"\0", context], &mut *key)
        .unwrap_or_else(|_| unreachable!("32 bytes are within the limit of HKDF"));
    key
}

/// HMAC-SHA256 of `parts`, each with its length in front, so that ("ab", "c") and ("a", "bc")
/// differ.
pub(crate) fn keyed_hash(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(&**key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
