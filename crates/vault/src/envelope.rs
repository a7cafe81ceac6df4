//! AES-256-GCM with a header that names format, algorithm and key.
//!
//! `[format u8][algorithm u8][key id u32 BE][nonce 12][ciphertext][tag 16]`. The header is part
//! of the associated data; a header other than the expected one is refused before any key is
//! used.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::consts::U12;
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use zeroize::Zeroizing;

use crate::random;

const FORMAT: u8 = 1;
const AES_256_GCM: u8 = 1;
const HEADER: usize = 6;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Why an envelope did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too short, or a format or algorithm that this program does not know.
    Unknown,
    /// Made with another key than the caller holds.
    OtherKey,
    /// Changed, moved, or made for something else.
    NotAuthentic,
}

fn header(key_id: u32) -> [u8; HEADER] {
    let [a, b, c, d] = key_id.to_be_bytes();
    [FORMAT, AES_256_GCM, a, b, c, d]
}

/// Encrypts `message` in place under a fresh random nonce, bound to `context`.
pub(crate) fn seal(
    cipher: &Aes256Gcm,
    key_id: u32,
    context: &[u8],
    mut message: Zeroizing<Vec<u8>>,
) -> Vec<u8> {
    let header = header(key_id);
    let mut nonce = [0_u8; NONCE];
    random::fill(&mut nonce);
    let tag = cipher
        .encrypt_inout_detached(
            &Nonce::<U12>::from(nonce),
            &[&header, context].concat(),
            message.as_mut_slice().into(),
        )
        .unwrap_or_else(|_| unreachable!("far below the 64 GiB that one nonce may encrypt"));
    [&header[..], &nonce, &message, &tag].concat()
}

/// Decrypts what [`seal`] made with the same key, key id and context. The buffer is wiped, not
/// returned, when it is not authentic.
pub(crate) fn open(
    cipher: &Aes256Gcm,
    key_id: u32,
    context: &[u8],
    envelope: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let expected = header(key_id);
    let (head, rest) = envelope.split_at_checked(HEADER).ok_or(Refusal::Unknown)?;
    let (nonce, rest) = rest.split_at_checked(NONCE).ok_or(Refusal::Unknown)?;
    let body = rest.len().checked_sub(TAG).ok_or(Refusal::Unknown)?;
    let (body, tag) = rest.split_at_checked(body).ok_or(Refusal::Unknown)?;
    if head.get(..2) != expected.get(..2) {
        return Err(Refusal::Unknown);
    }
    if head != expected {
        return Err(Refusal::OtherKey);
    }
    let nonce: &Nonce<U12> = nonce.try_into().map_err(|_| Refusal::Unknown)?;
    let tag: &Tag = tag.try_into().map_err(|_| Refusal::Unknown)?;
    let mut message = Zeroizing::new(body.to_vec());
    cipher
        .decrypt_inout_detached(
            nonce,
            &[&expected, context].concat(),
            message.as_mut_slice().into(),
            tag,
        )
        .map_err(|_| Refusal::NotAuthentic)?;
    Ok(message)
}

/// Appends `part` with its length, so that ("ab", "c") and ("a", "bc") give different contexts.
pub(crate) fn push_part(context: &mut Vec<u8>, part: &[u8]) {
    context.extend_from_slice(&(part.len() as u64).to_be_bytes());
    context.extend_from_slice(part);
}
