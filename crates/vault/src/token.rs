//! Secrets that are handed to one person.

use core::fmt;

use zeroize::Zeroizing;

/// A secret text for one person: the token of a link, or a sign-in code.
///
/// It cannot be printed by accident, and is wiped when dropped. What is stored is only
/// [`token_hash`](crate::token_hash) or [`Vault::mac`](crate::Vault::mac) of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, to put into a link, a mail or a cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}
