//! Looks for markers in bytes, however they are written there.

use memchr::memmem;

/// What every marker begins with. Letters only, so that it is the same as text of a page, of an
/// address and of a mail; long enough not to turn up by chance in random bytes.
pub(crate) const PREFIX: &str = "CNRYKITH";

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How a marker is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is, in any case. HTML, JSON, percent and quoted-printable leave it so.
    Plain,
    /// UTF-16, little-endian.
    Utf16,
    /// Hexadecimal digits.
    Hex,
    /// Base64 or base64url, at any of the three alignments.
    Base64,
}

/// A place where a marker begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) at: usize,
    pub(crate) coding: Coding,
}

/// Every place in `bytes` where a marker begins.
pub(crate) fn search(bytes: &[u8]) -> Vec<Found> {
    search_for(PREFIX, bytes)
}

/// Every place where `text` stands. Shorter than eight letters, base64 would be found by chance.
pub(crate) fn search_for(text: &str, bytes: &[u8]) -> Vec<Found> {
    let small = text.to_ascii_lowercase();
    let lower = bytes.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut look = |haystack: &[u8], needle: &[u8], coding| {
        found.extend(memmem::find_iter(haystack, needle).map(|at| Found { at, coding }));
    };
    look(&lower, small.as_bytes(), Coding::Plain);
    let wide: Vec<u8> = small.bytes().flat_map(|byte| [byte, 0]).collect();
    look(&lower, &wide, Coding::Utf16);
    for spelling in [text, small.as_str()] {
        look(&lower, hex(spelling).as_bytes(), Coding::Hex);
        for alignment in 0..3 {
            look(bytes, base64_inside(spelling.as_bytes(), alignment).as_bytes(), Coding::Base64);
        }
    }
    found
}

pub(crate) fn hex(text: &str) -> String {
    let digits =
        |byte: u8| [byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    text.bytes().flat_map(digits).map(char::from).collect()
}

/// The characters of base64 that `text` fixes when `alignment` unknown bytes stand before it.
fn base64_inside(text: &[u8], alignment: usize) -> String {
    let mut bytes = vec![0; alignment];
    bytes.extend_from_slice(text);
    let all = base64(&bytes);
    // A character holds six bits: the first whole one after the unknown bytes, the last whole one
    // before the end.
    let (first, last) = ((alignment * 8).div_ceil(6), bytes.len() * 8 / 6);
    all[first..last].to_owned()
}

/// Base64 without padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=three.len() {
            text.push(char::from(BASE64[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

#[test]
fn a_marker_is_found_however_it_is_written() {
    let marker = format!("{PREFIX}address0a1b2c3d");
    let coding = |text: &[u8]| search(text).first().map(|found| found.coding);
    assert_eq!(base64(b"Man"), "TWFu");
    assert_eq!(base64(b"Ma"), "TWE");
    assert_eq!(coding(b"nothing here, not even CNRY or KITH"), None);
    assert_eq!(coding(marker.as_bytes()), Some(Coding::Plain));
    assert_eq!(coding(marker.to_lowercase().as_bytes()), Some(Coding::Plain));
    assert_eq!(coding(format!("%3Cb%3E{marker}%3C").as_bytes()), Some(Coding::Plain));
    assert_eq!(coding(hex(&marker).to_uppercase().as_bytes()), Some(Coding::Hex));
    let wide: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(coding(&wide), Some(Coding::Utf16));
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("value={};", base64(format!("{before}{marker} after").as_bytes()));
        assert_eq!(coding(text.as_bytes()), Some(Coding::Base64), "{before}");
    }
}
