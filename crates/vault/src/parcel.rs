//! Parcels: what a person typed, sealed, on its way through the step-up check and back.
//!
//! A parcel travels in a hidden field of the person's own page and is never stored. It opens only
//! for the same purpose, with the same binding (their session or device), and only until its time is over.

use kith_domain::Timestamp;
use zeroize::Zeroizing;

use crate::base64url;
use crate::envelope::{self, push_part};
use crate::vault::Vault;

/// Parcels are sealed with one derived key that has no versions.
const KEY_ID: u32 = 0;

impl Vault {
    /// Seals `bytes` for one purpose and whoever has `binding` (an id of a session or device), until
    /// `not_after`.
    pub fn pack(
        &self,
        purpose: &str,
        binding: &[u8],
        not_after: Timestamp,
        bytes: &[u8],
    ) -> String {
        let mut content = Zeroizing::new(Vec::with_capacity(8 + bytes.len()));
        content.extend_from_slice(&not_after.as_second().to_be_bytes());
        content.extend_from_slice(bytes);
        base64url::encode(&envelope::seal(
            self.parcel_cipher(),
            KEY_ID,
            &context(purpose, binding),
            content,
        ))
    }

    /// Opens a parcel. `None` when it is for something else, somebody else's, changed, or too old at `now`: the form
    /// has to be filled in again, and there is nothing more to say.
    pub fn unpack(
        &self,
        purpose: &str,
        binding: &[u8],
        now: Timestamp,
        parcel: &str,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = base64url::decode(parcel)?;
        let content =
            envelope::open(self.parcel_cipher(), KEY_ID, &context(purpose, binding), &sealed)
                .ok()?;
        let (not_after, bytes) = content.split_at_checked(8)?;
        let not_after = Timestamp::from_second(i64::from_be_bytes(not_after.try_into().ok()?));
        (now <= not_after).then(|| Zeroizing::new(bytes.to_vec()))
    }
}

fn context(purpose: &str, binding: &[u8]) -> Vec<u8> {
    let mut context = Vec::with_capacity(64);
    push_part(&mut context, b"parcel");
    push_part(&mut context, purpose.as_bytes());
    push_part(&mut context, binding);
    context
}
