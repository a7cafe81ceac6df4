//! Randomness of the operating system.

use kith_domain::Ids;
use uuid::Uuid;

use crate::base64url;
use crate::token::Token;

/// Fills `bytes` with randomness.
///
/// # Panics
///
/// When the operating system has no randomness to give: nothing that follows could be safe.
#[expect(
    clippy::expect_used,
    reason = "without randomness every key, nonce and token would be guessable, so nothing may go on"
)]
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives randomness");
}

/// A token of 256 random bits, as 43 letters of base64url.
pub fn random_token() -> Token {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    fill(&mut *bytes);
    Token::new(base64url::encode(&*bytes))
}

/// A sign-in code: six digits, each of the million equally likely.
pub fn random_code() -> Token {
    Token::new(format!("{:06}", below(1_000_000)))
}

/// An index into a list of `length`, each equally likely; 0 for an empty list.
///
/// Lists longer than 2³² are used up to there.
pub fn random_index(length: usize) -> usize {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    usize::try_from(below(length)).unwrap_or_default()
}

/// A number below `limit`, without the bias of a remainder: draws from the incomplete last
/// stretch of the range are thrown away.
fn below(limit: u32) -> u32 {
    if limit < 2 {
        return 0;
    }
    let usable = u32::MAX - u32::MAX % limit;
    loop {
        let mut bytes = [0_u8; 4];
        fill(&mut bytes);
        let draw = u32::from_be_bytes(bytes);
        if draw < usable {
            return draw % limit;
        }
    }
}

/// The source of ids of the running service: random UUIDs, version 4.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one source of random ids; everybody else takes an Ids"
    )]
    fn next(&self) -> Uuid {
        Uuid::new_v4()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use kith_domain::Ids as _;

    use super::{RandomIds, below, random_code, random_index, random_token};

    #[test]
    fn codes_are_six_digits_and_spread() {
        let codes: HashSet<String> =
            (0..1_000).map(|_| random_code().as_str().to_owned()).collect();
        assert!(codes.iter().all(|code| code.len() == 6));
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_digit())));
        assert!(codes.len() > 980, "{} different codes of 1000", codes.len());
        assert!(codes.iter().any(|code| code.starts_with('0')));
    }

    #[test]
    fn every_index_comes_up_and_none_beyond() {
        assert_eq!(random_index(0), 0);
        assert_eq!(random_index(1), 0);
        let mut counts = [0_u32; 7];
        for _ in 0..7_000 {
            counts[random_index(7)] += 1;
        }
        // Six standard deviations around 1000.
        assert!(counts.iter().all(|count| (820..1_180).contains(count)), "{counts:?}");
        assert!((0..1_000).all(|_| below(u32::MAX) < u32::MAX));
    }

    #[test]
    fn tokens_and_ids_do_not_repeat() {
        assert_ne!(random_token(), random_token());
        assert_eq!(random_token().as_str().len(), 43);
        assert_ne!(RandomIds.next(), RandomIds.next());
        assert_eq!(RandomIds.next().get_version_num(), 4);
    }
}
