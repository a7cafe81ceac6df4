//! The only place that encrypts and decrypts.
//!
//! One key-encryption key comes from a file ([`KeyFile`]); it wraps one data key an owner
//! ([`OwnerKey`]); a data key seals texts, each bound to its [`Place`]. Opening takes a permit of
//! the policy engine, and there is no other way to a plaintext. Everything else that is keyed or
//! random (indexes, link tokens, codes, ids) is here too, so that one crate can be reviewed for
//! all of it.

mod base64url;
mod envelope;
mod field;
mod key_file;
mod keyed;
mod keys;
mod own_number;
mod owner_key;
mod parcel;
mod random;
mod scope;
mod sealed;
mod token;
mod vault;

pub use field::{Field, OwnerKind};
pub use key_file::{KeyFile, KeyFileError};
pub use keyed::{content_hash, token_hash};
pub use own_number::OwnNumberError;
pub use owner_key::{OwnerKey, WrappedKey};
pub use random::{RandomIds, random_code, random_index, random_token};
pub use sealed::{BUCKETS, MAX_TEXT, Place, Plaintext, Sealed};
pub use token::Token;
pub use vault::{Vault, VaultError};
