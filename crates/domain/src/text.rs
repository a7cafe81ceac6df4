//! What people type, parsed once: a value of one of these types has been checked.
//!
//! All of it is personal data, so that `{:?}` prints the name of the type and nothing else.
//! Lengths are counted in Unicode scalar values, after normalisation.

use core::fmt;

use unicode_normalization::UnicodeNormalization;

/// Why a typed text was not accepted. The pages turn each into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing was typed, or only spaces.
    #[error("nothing was given")]
    Missing,
    /// More characters than there is room for.
    #[error("{given} characters given, the limit is {limit}")]
    TooLong {
        /// Most characters that fit.
        limit: usize,
        /// Characters that were typed.
        given: usize,
    },
    /// A character that this text may not hold: a control, a direction override, a line break in
    /// a one-line text, a space in an address.
    #[error("holds a character that is not allowed")]
    NotAllowed,
    /// The characters are fine, but this is not an address, a number or a name.
    #[error("does not have the expected form")]
    Shape,
}

macro_rules! text {
    ($( $(#[$meta:meta])* $name:ident, $limit:expr, $parse:path; )+) => { $(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Most characters that fit.
            pub const LIMIT: usize = $limit;

            /// Checks and normalises what was typed.
            pub fn parse(typed: &str) -> Result<Self, TextError> {
                $parse(typed, Self::LIMIT).map(Self)
            }

            /// The text, normalised.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+ };
}

text! {
    /// The name a person likes to be called by, in any alphabet: 1 to 40 characters, one line.
    PersonName, 40, name;
    /// A short heading of somebody's own: 1 to 40 characters, one line.
    Label, 40, line;
    /// Roughly where ("Fernhill", "BS6"): 1 to 40 characters, one line.
    AreaName, 40, line;
    /// A note beside a task: 1 to 500 characters, with line breaks.
    Note, 500, lines;
    /// News, the private page: 1 to 4,000 characters, with line breaks.
    LongText, 4_000, lines;
    /// An e-mail address, as it was typed but for compatibility characters (NFKC).
    ///
    /// The pragmatic shape of RFC 5321: one `@`, a dot-atom before it (letters of any alphabet,
    /// RFC 6531), a domain with at least one dot after it, at most 254 bytes. Quoted local parts,
    /// comments and address literals are refused.
    ///
    /// Look addresses up by [`EmailAddress::canonical`], and send mail to the address that was
    /// stored, never to the one that was typed to find it.
    EmailAddress, 254, email;
    /// A telephone number as people write it: digits, spaces, `+`, `-` and brackets, 6 to 20
    /// digits.
    PhoneNumber, 40, phone;
}

impl EmailAddress {
    /// The form that two spellings of one mailbox share: NFKC, trimmed, lower case. The keyed
    /// index is over this.
    pub fn canonical(&self) -> String {
        self.0.to_lowercase().nfkc().collect()
    }

    /// What follows the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl PhoneNumber {
    /// Digits with a leading `+` where one was typed, for a `tel:` link. The `(0)` of
    /// "+44 (0)20" is left out, as it must not be dialled.
    pub fn dialable(&self) -> String {
        let number =
            if self.0.starts_with('+') { self.0.replace("(0)", "") } else { self.0.clone() };
        number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

/// Hides or reorders what follows it, so that a reader sees something else than what is stored.
const fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{061C}' // invisible, direction marks
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction overrides and isolates
        | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}') // tags
}

const fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn within(text: String, limit: usize) -> Result<String, TextError> {
    let given = text.chars().count();
    if given == 0 {
        Err(TextError::Missing)
    } else if given > limit {
        Err(TextError::TooLong { limit, given })
    } else {
        Ok(text)
    }
}

fn line(typed: &str, limit: usize) -> Result<String, TextError> {
    let typed: String = typed.nfc().collect();
    let typed = typed.trim();
    if typed.chars().any(|c| c.is_control() || is_line_break(c) || is_deceptive(c)) {
        return Err(TextError::NotAllowed);
    }
    within(typed.split_whitespace().collect::<Vec<_>>().join(" "), limit)
}

fn name(typed: &str, limit: usize) -> Result<String, TextError> {
    let name = line(typed, limit)?;
    if name.chars().any(char::is_alphanumeric) { Ok(name) } else { Err(TextError::Shape) }
}

fn lines(typed: &str, limit: usize) -> Result<String, TextError> {
    let text: String = typed.replace("\r\n", "\n").nfc().collect();
    let text: String = text
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            c if is_line_break(c) => '\n',
            c => c,
        })
        .collect();
    let text = text.trim();
    if text.chars().any(|c| (c.is_control() && c != '\n') || is_deceptive(c)) {
        return Err(TextError::NotAllowed);
    }
    within(text.to_owned(), limit)
}

fn email(typed: &str, limit: usize) -> Result<String, TextError> {
    // Normalised before it is checked: no other character may turn into an `@` or a dot later.
    let address: String = typed.trim().nfkc().collect();
    if address.is_empty() {
        return Err(TextError::Missing);
    }
    if address.len() > limit {
        return Err(TextError::TooLong { limit, given: address.len() });
    }
    let refused = |c: char| {
        c.is_control()
            || c.is_whitespace()
            || is_deceptive(c)
            || matches!(c, '"' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '\\' | '[' | ']')
    };
    if address.chars().any(refused) {
        return Err(TextError::NotAllowed);
    }
    let (local, domain) = address.split_once('@').ok_or(TextError::Shape)?;
    if is_local_part(local) && is_domain(domain) { Ok(address) } else { Err(TextError::Shape) }
}

/// Dot-atom of RFC 5322 section 3.2.3, at most 64 bytes.
fn is_local_part(local: &str) -> bool {
    let atext = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c) || is_letter_beyond_ascii(c)
    };
    local.len() <= 64 && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
}

/// At least two labels of letters, digits and inner hyphens; the last is not a number.
fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || is_letter_beyond_ascii(c))
    };
    domain.split('.').all(label)
        && domain
            .rsplit_once('.')
            .is_some_and(|(_, top)| top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()))
}

fn is_letter_beyond_ascii(c: char) -> bool {
    !c.is_ascii() && (c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c))
}

fn phone(typed: &str, limit: usize) -> Result<String, TextError> {
    let number: String = typed
        .trim()
        .nfkc()
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '.' => ' ',
            c if c.is_whitespace() && !c.is_control() => ' ',
            c => c,
        })
        .collect();
    if number.chars().any(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '(' | ')'))) {
        return Err(TextError::NotAllowed);
    }
    let number = within(number.split_whitespace().collect::<Vec<_>>().join(" "), limit)?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let plus_inside = number.chars().skip(1).any(|c| c == '+');
    if (6..=20).contains(&digits) && !plus_inside { Ok(number) } else { Err(TextError::Shape) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(typed: &str) -> Result<String, TextError> {
        PersonName::parse(typed).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn names_of_any_alphabet_are_tidied() {
        assert_eq!(name("  Mary   Ann ").as_deref(), Ok("Mary Ann"));
        assert_eq!(name("Ruth\n").as_deref(), Ok("Ruth"));
        assert_eq!(name("e\u{301}milie").as_deref(), Ok("émilie"));
        for typed in ["O'Brien", "Nguyễn", "محمد", "小林", "Σοφία", "नीलम", "Tom (next door)"]
        {
            assert_eq!(name(typed).as_deref(), Ok(typed));
        }
    }

    #[test]
    fn names_that_deceive_are_refused() {
        assert_eq!(name(" "), Err(TextError::Missing));
        assert_eq!(name("—"), Err(TextError::Shape));
        for typed in ["Ru\nth", "Ru\tth", "Ru\0th", "\u{202E}htuR", "Ru\u{2066}th", "Ru\u{2028}th"]
        {
            assert_eq!(name(typed), Err(TextError::NotAllowed), "{typed:?}");
        }
        assert_eq!(name(&"é".repeat(40)), Ok("é".repeat(40)));
        assert_eq!(name(&"é".repeat(41)), Err(TextError::TooLong { limit: 40, given: 41 }));
    }

    #[test]
    fn notes_keep_lines_and_refuse_controls() {
        let note = Note::parse(" Milk\r\nBread\tand tea\u{2028}Eggs \n").map(|n| n.0);
        assert_eq!(note.as_deref(), Ok("Milk\nBread and tea\nEggs"));
        assert_eq!(Note::parse("Mi\u{7}lk"), Err(TextError::NotAllowed));
        assert_eq!(Note::parse("\n\n"), Err(TextError::Missing));
        assert!(Note::parse(&"a".repeat(500)).is_ok());
        assert_eq!(
            Note::parse(&"a".repeat(501)),
            Err(TextError::TooLong { limit: 500, given: 501 })
        );
        assert!(LongText::parse(&"a".repeat(4_000)).is_ok());
        assert!(LongText::parse(&"a".repeat(4_001)).is_err());
    }

    #[test]
    fn addresses_have_the_shape_of_addresses() {
        for typed in [
            "grace@example.com",
            " Grace.O'Hara+rota@Mail.Example.co.uk ",
            "grâce@exämple.fr",
            "a@b.museum",
        ] {
            assert!(EmailAddress::parse(typed).is_ok(), "{typed}");
        }
        for typed in [
            "grace",
            "@example.com",
            "grace@",
            "grace@example",
            "a@b@example.com",
            ".a@b.cd",
            "a..b@c.de",
            "a.@b.cd",
            "a@-b.cd",
            "a@b-.cd",
            "a@b..cd",
            "a@192.168.0.1",
            "a@b.c",
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(TextError::Shape), "{typed}");
        }
        for typed in [
            "a b@c.de",
            "\"a\"@c.de",
            "a@c.de\r\nBcc: x@y.zz",
            "a@[1.2.3.4]",
            "<a@c.de>",
            "a@c.de,x@y.zz",
            "a\u{202E}@c.de",
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(TextError::NotAllowed), "{typed:?}");
        }
        let long = format!("a@{}.de", "b.".repeat(130));
        assert!(matches!(EmailAddress::parse(&long), Err(TextError::TooLong { limit: 254, .. })));
    }

    #[test]
    fn spellings_of_one_mailbox_share_their_canonical_form() {
        let canonical = |typed| EmailAddress::parse(typed).map(|e| e.canonical());
        assert_eq!(canonical(" Grace@Example.COM "), canonical("grace@example.com"));
        assert_eq!(canonical("ｇrace@example.com"), canonical("grace@example.com"));
        let typed = EmailAddress::parse("Grace@Example.com").expect("a good address");
        assert_eq!((typed.as_str(), typed.domain()), ("Grace@Example.com", "Example.com"));
        // A full-width at sign is an at sign, so this has two.
        assert_eq!(EmailAddress::parse("a＠b.de@c.de"), Err(TextError::Shape));
    }

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        let dial = |typed| PhoneNumber::parse(typed).map(|p| p.dialable());
        assert_eq!(dial("020 7946 0000").as_deref(), Ok("02079460000"));
        assert_eq!(dial("+44 (0)20 7946\u{2011}0000").as_deref(), Ok("+442079460000"));
        assert_eq!(PhoneNumber::parse("12345"), Err(TextError::Shape));
        assert_eq!(PhoneNumber::parse("020+7946000"), Err(TextError::Shape));
        assert_eq!(PhoneNumber::parse("ring Ruth"), Err(TextError::NotAllowed));
        assert_eq!(PhoneNumber::parse(&"1".repeat(21)), Err(TextError::Shape));
        assert_eq!(PhoneNumber::parse(" "), Err(TextError::Missing));
    }

    #[test]
    fn debug_says_the_type_only() {
        let shown = format!("{:?}", (PersonName::parse("Ruth"), EmailAddress::parse("a@b.cd")));
        assert_eq!(shown, "(Ok(PersonName), Ok(EmailAddress))");
    }
}
