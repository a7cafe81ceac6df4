//! What is written beside a copy of the database: enough to notice that it is not what it was, or
//! belongs to somebody else, before it is put in place.
//!
//! ```text
//! kith copy 1
//! at 2026-11-22T16:00:00Z
//! key 1f0c44aa
//! schema m20261122_000009_endings
//! organisation 0b9f6c1e-…
//! bytes 1310720
//! sha256 9c56…
//! whole 77a1…
//! ```
//!
//! The last line is the hash of all lines before it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kith_domain::ids::OrganisationId;
use kith_vault::content_hash;

use crate::config::with_suffix;

const FIRST: &str = "kith copy 1";

/// What is known of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// When it was made.
    pub(crate) at: jiff::Timestamp,
    /// The key file that it was made with.
    pub(crate) key: u32,
    /// The last change of its schema.
    pub(crate) schema: String,
    /// Whose it is.
    pub(crate) organisations: BTreeSet<OrganisationId>,
    /// Its length.
    pub(crate) bytes: u64,
    /// Hash of the copy.
    pub(crate) sha256: String,
}

/// Where the manifest of a copy is.
pub(crate) fn manifest_of(copy: &Path) -> PathBuf {
    with_suffix(copy, ".manifest")
}

impl Manifest {
    /// As it is written.
    pub(crate) fn to_text(&self) -> String {
        let Self { at, key, schema, organisations, bytes, sha256 } = self;
        let mut lines = vec![
            FIRST.to_owned(),
            format!("at {at}"),
            format!("key {key:08x}"),
            format!("schema {schema}"),
        ];
        lines.extend(
            organisations.iter().map(|organisation| format!("organisation {organisation}")),
        );
        lines.extend([format!("bytes {bytes}"), format!("sha256 {sha256}"), String::new()]);
        let text = lines.join("\n");
        let whole = hash(&text);
        format!("{text}whole {whole}\n")
    }

    /// Reads what [`Self::to_text`] wrote, every letter of it. `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (lines, last) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let lines = format!("{lines}\n");
        if last.strip_prefix("whole ")? != hash(&lines) {
            return None;
        }
        let rest = lines.strip_prefix(FIRST)?;
        let all = |word: &str| {
            let prefix = format!("{word} ");
            rest.lines().filter_map(move |line| line.strip_prefix(&prefix)).collect::<Vec<_>>()
        };
        let one = |word: &str| all(word).into_iter().next();
        Some(Self {
            at: one("at")?.parse().ok()?,
            key: u32::from_str_radix(one("key")?, 16).ok()?,
            schema: one("schema")?.to_owned(),
            organisations: all("organisation")
                .into_iter()
                .map(|id| id.parse().ok())
                .collect::<Option<_>>()?,
            bytes: one("bytes")?.parse().ok()?,
            sha256: one("sha256")?.to_owned(),
        })
    }
}

fn hash(text: &str) -> String {
    // Reading from memory does not fail.
    content_hash(text.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_letter_is_noticed() {
        let manifest = Manifest {
            at: "2026-11-22T16:00:00Z".parse().unwrap(),
            key: 0x0f00_00aa,
            schema: "m20261122_000009_endings".to_owned(),
            organisations: [1, 2]
                .map(|id| OrganisationId::from_uuid(uuid::Uuid::from_u128(id)))
                .into(),
            bytes: 4096,
            sha256: hash("anything"),
        };
        let text = manifest.to_text();
        assert_eq!(Manifest::parse(&text), Some(manifest));
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Manifest::parse(&changed), None, "letter {at}");
            assert_eq!(Manifest::parse(&text[..at]), None, "cut at {at}");
        }
    }
}
