//! Sealed texts, the places they are bound to, and what comes out of them.

use core::fmt;

use kith_domain::Owner;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::envelope::push_part;
use crate::field::Field;

/// Where a sealed text is. It opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Whose data key seals it.
    pub owner: Owner,
    /// Table and column, and so the category.
    pub field: Field,
    /// Id of the row.
    pub row: Uuid,
}

impl Place {
    /// Owner, table, column and row for the associated data.
    pub(crate) fn context(&self) -> Vec<u8> {
        let mut context = Vec::with_capacity(96);
        push_owner(&mut context, self.owner);
        push_part(&mut context, self.field.table().as_bytes());
        push_part(&mut context, self.field.column().as_bytes());
        push_part(&mut context, self.row.as_bytes());
        context
    }
}

/// Appends kind and id of `owner`: a circle and an organisation with one id stay apart.
pub(crate) fn push_owner(context: &mut Vec<u8>, owner: Owner) {
    push_part(
        context,
        match owner {
            Owner::Circle(_) => b"circle",
            Owner::Organisation(_) => b"organisation",
        },
    );
    push_part(context, owner.as_uuid().as_bytes());
}

/// A text sealed for one place under one version of its owner's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    place: Place,
    key_version: u32,
    bytes: Vec<u8>,
}

impl Sealed {
    /// What the database holds. Whether it belongs to `place` shows when it is opened.
    pub const fn from_parts(place: Place, key_version: u32, bytes: Vec<u8>) -> Self {
        Self { place, key_version, bytes }
    }

    /// Where it belongs.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Version of the owner's key.
    pub const fn key_version(&self) -> u32 {
        self.key_version
    }

    /// Header, nonce, ciphertext and tag, to store.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("field", &self.place.field)
            .field("row", &self.place.row)
            .field("key_version", &self.key_version)
            .finish_non_exhaustive()
    }
}

/// An opened text, wiped when dropped. It cannot be printed, compared, copied or serialised:
/// [`Plaintext::expose`] is the one way to its letters, and each place that calls it is reviewed.
pub struct Plaintext(Zeroizing<String>);

impl Plaintext {
    /// The letters, to show to whom the permit was given.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plaintext(..)")
    }
}

/// Lengths, in bytes, that texts are padded to before sealing, so that the length of what is
/// stored says little about what was written.
pub const BUCKETS: [usize; 5] = [64, 256, 1_024, 4_096, 16_384];

/// Bytes in front of the text that hold its length.
const PREFIX: usize = 2;

/// Longest text that can be sealed, in bytes of UTF-8.
pub const MAX_TEXT: usize = 16_384 - PREFIX;

/// Length, text and zeros up to the next bucket. `None` when no bucket is large enough.
pub(crate) fn pad(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let length = u16::try_from(text.len()).ok()?;
    let bucket = *BUCKETS.iter().find(|bucket| text.len() + PREFIX <= **bucket)?;
    let mut padded = Zeroizing::new(Vec::with_capacity(bucket));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(text.as_bytes());
    padded.resize(bucket, 0);
    Some(padded)
}

/// Undoes [`pad`]. `None` for anything that it would not have written.
pub(crate) fn unpad(padded: &[u8]) -> Option<Plaintext> {
    if !BUCKETS.contains(&padded.len()) {
        return None;
    }
    let (prefix, rest) = padded.split_at_checked(PREFIX)?;
    let length = usize::from(u16::from_be_bytes(prefix.try_into().ok()?));
    let (text, zeros) = rest.split_at_checked(length)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    let text = core::str::from_utf8(text).ok()?;
    Some(Plaintext(Zeroizing::new(text.to_owned())))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test reads what it wrote")]
mod tests {
    use super::{BUCKETS, MAX_TEXT, pad, unpad};

    #[test]
    fn each_length_takes_the_smallest_bucket_that_holds_it() {
        for (length, bucket) in [
            (0, 64),
            (62, 64),
            (63, 256),
            (254, 256),
            (255, 1_024),
            (1_022, 1_024),
            (1_023, 4_096),
            (4_095, 16_384),
            (MAX_TEXT, 16_384),
        ] {
            let text = "x".repeat(length);
            let padded = pad(&text).unwrap();
            assert_eq!(padded.len(), bucket);
            assert_eq!(unpad(&padded).unwrap().expose(), text);
        }
        assert!(pad(&"x".repeat(MAX_TEXT + 1)).is_none());
        assert!(pad(&"x".repeat(1 << 20)).is_none());
    }

    #[test]
    fn what_pad_would_not_write_is_refused() {
        let good = pad("tea").unwrap();
        assert!(unpad(&good[..63]).is_none());
        let mut longer_than_it_is = good.to_vec();
        longer_than_it_is[0] = 0xff;
        assert!(unpad(&longer_than_it_is).is_none());
        let mut more_behind = good.to_vec();
        more_behind[63] = 1;
        assert!(unpad(&more_behind).is_none());
        let mut no_text = good.to_vec();
        no_text[2] = 0xff;
        assert!(unpad(&no_text).is_none());
        assert!(unpad(&[]).is_none());
    }

    #[test]
    fn debug_shows_nothing() {
        let shown = unpad(&pad("tea").unwrap()).unwrap();
        assert_eq!(format!("{shown:?}"), "Plaintext(..)");
    }

    proptest::proptest! {
        #[test]
        fn reads_back_what_it_padded(text in ".{0,600}") {
            let padded = pad(&text).unwrap();
            proptest::prop_assert!(BUCKETS.contains(&padded.len()));
            let shown = unpad(&padded).unwrap();
            proptest::prop_assert_eq!(shown.expose(), text);
        }
    }
}
