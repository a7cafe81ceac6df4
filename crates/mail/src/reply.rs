//! What a refusal is about: the recipient's address, or something that the recipient has nothing
//! to do with.

/// What a reply that refuses for good says of the recipient's address. Its text is read for this and
/// forgotten: it may repeat the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// There is no such mailbox, or it is closed.
    Address,
    /// Policy, relaying, content, size, or the sender.
    Other,
    /// It does not say.
    Unsaid,
}

/// Words of relays that give no status code (RFC 3463) with a refusal that is about us.
const ABOUT_US: [&str; 8] =
    ["relay", "denied", "policy", "spam", "black", "block", "authenticat", "not allowed"];

impl About {
    /// Reads the text that follows a reply code.
    pub(crate) fn read(text: &str) -> Self {
        match status(text) {
            // RFC 3463 section 3.2 without 1.5 (it is good) and 1.7 to 1.9 (the sender's, the next
            // server's), RFC 7505 (1.10: the domain takes no mail), and section 3.3: disabled.
            Some((5, 1, 0..=4 | 6 | 10) | (5, 2, 1)) => Self::Address,
            Some(_) => Self::Other,
            None => {
                let text = text.to_lowercase();
                let us = ABOUT_US.iter().any(|word| text.contains(word));
                if us { Self::Other } else { Self::Unsaid }
            }
        }
    }

    /// The same for the answer to `RCPT TO`: where neither a status code nor the words say otherwise,
    /// these reply codes speak of the mailbox (RFC 5321 section 4.2.3).
    pub(crate) const fn of_recipient(self, code: u16) -> Self {
        match (self, code) {
            (Self::Unsaid, 550 | 551 | 553) => Self::Address,
            (about, _) => about,
        }
    }
}

/// `5.1.1` at the beginning of a reply's text.
fn status(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.').map(str::parse);
    let (Some(Ok(class)), Some(Ok(subject)), Some(Ok(detail)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    Some((class, subject, detail))
}

#[cfg(test)]
mod tests {
    use super::About;

    #[test]
    fn a_status_code_says_what_a_refusal_is_about() {
        for text in [
            "5.1.1 <tom@mail.example>: Recipient address rejected: User unknown",
            "5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
            "5.1.2 Host unknown",
            "5.2.1 The account is disabled",
            "5.1.1",
        ] {
            assert_eq!(About::read(text), About::Address, "{text}");
        }
        for text in [
            "5.7.1 Relay access denied",
            "5.7.1 <tom@mail.example>: Recipient address rejected: blocked",
            "5.1.8 Sender address rejected: domain not found",
            "5.2.2 Mailbox full",
            "5.3.4 Message too big",
            "4.1.1 later",
        ] {
            assert_eq!(About::read(text), About::Other, "{text}");
            assert_eq!(About::read(text).of_recipient(550), About::Other, "{text}");
        }
    }

    #[test]
    fn without_one_the_step_and_the_words_decide() {
        for text in ["No such user here", "", "Unrouteable address", "5.1 what", "5.1.1.1 what"] {
            assert_eq!(About::read(text), About::Unsaid, "{text}");
            for code in [550, 551, 553] {
                assert_eq!(About::read(text).of_recipient(code), About::Address, "{code} {text}");
            }
            assert_eq!(About::read(text).of_recipient(554), About::Unsaid, "{text}");
        }
        for text in ["relay not permitted", "Relay access denied", "Rejected by local policy"] {
            assert_eq!(About::read(text).of_recipient(550), About::Other, "{text}");
        }
    }
}
