//! Links that a mail may hold.

use core::fmt;

/// An absolute link into this service, of letters that need no escaping anywhere in a mail.
///
/// It may hold a token, so `{:?}` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(String);

/// The text is no link that a mail may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a link in a mail is https://host/path, at most 400 plain letters (http for this machine only)"
)]
pub struct LinkError;

impl Link {
    /// Most bytes in a link.
    pub const LIMIT: usize = 400;

    /// Checks a link.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:?&=%+[]".contains(&byte);
        let link = Self(text.to_owned());
        let host = link.host();
        let bare = host.split_once(']').map_or_else(
            || host.split_once(':').map_or(host, |(name, _)| name),
            |(address, _)| address,
        );
        let this_machine =
            matches!(bare, "localhost" | "127.0.0.1" | "[::1") || bare.ends_with(".localhost");
        let scheme = text.starts_with("https://") || (text.starts_with("http://") && this_machine);
        if scheme && !bare.is_empty() && text.len() <= Self::LIMIT && text.bytes().all(plain) {
            Ok(link)
        } else {
            Err(LinkError)
        }
    }

    /// The link itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, LinkError};

    #[test]
    fn a_link_is_https_or_on_this_machine() {
        for (text, host) in [
            ("https://kith.example/s/abc-_", "kith.example"),
            ("https://kith.example:8443/?a=b&c=%20d", "kith.example:8443"),
            ("http://localhost:8080/s/x", "localhost:8080"),
            ("http://fernhill.localhost/x", "fernhill.localhost"),
            ("http://127.0.0.1/x", "127.0.0.1"),
            ("http://[::1]:8080/x", "[::1]:8080"),
        ] {
            assert_eq!(Link::parse(text).unwrap().host(), host);
        }
        let long = format!("https://kith.example/{}", "a".repeat(400));
        for text in [
            "",
            "kith.example/s",
            "https://",
            "https:///s",
            "http://kith.example/s",
            "http://localhost.evil.example/s",
            "http://127.0.0.1.evil.example/s",
            "ftp://kith.example/s",
            "javascript:alert(1)",
            "https://kith.example/ s",
            "https://kith.example/\r\nBcc: x@y.example",
            "https://kith.example/\"onload=",
            "https://kith.example/<b>",
            "https://me@kith.example/s",
            "https://kith.example/é",
            &long,
        ] {
            assert_eq!(Link::parse(text).unwrap_err(), LinkError, "{text}");
        }
    }
}
