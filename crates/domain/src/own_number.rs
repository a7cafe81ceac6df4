//! The number a person chose on an enrolled device.

use core::fmt;

/// A person's own number: 4 to 8 digits, none of the obvious ones. Only a slow hash of it is ever
/// stored. `{:?}` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnNumber(String);

/// Why a number was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnNumberError {
    /// Nothing was typed.
    #[error("no number was given")]
    Missing,
    /// Something other than digits and spaces.
    #[error("holds something that is not a digit")]
    NotDigits,
    /// Fewer than 4 or more than 8 digits.
    #[error("is not 4 to 8 digits long")]
    Length,
    /// One of the first that anybody would try.
    #[error("is too easy to guess")]
    Obvious,
}

/// Often chosen, and not caught by a rule: patterns on the keypad, and numbers with a story.
const WELL_KNOWN: &[&str] = &[
    "2580", "0852", "1470", "7410", "3690", "0963", "1478", "7418", "3698", "1590", "7530", "1357",
    "2468", "1379", "7913", "1397", "2486", "8426", "4268", "1793", "1122", "1133", "1144", "2211",
    "1221", "2112", "1112", "1110", "1000", "2000", "3000", "5000", "1001", "2002", "1007", "0070",
    "5683", "4200", "6969", "0420", "1066", "1812", "1337", "3141", "2718", "1123", "5813", "9999",
    "31415", "27182", "11235", "12321", "14789", "25800", "42069", "24680", "13579", "90210",
    "31415926", "27182818", "11235813", "147258", "258369", "159753", "147852", "159357", "123321",
    "112233", "121314", "142536", "246810", "102030", "100000", "1472583", "14725836", "24681012",
    "18675309", "8675309", "11223344",
];

impl OwnNumber {
    /// Fewest digits.
    pub const SHORTEST: usize = 4;
    /// Most digits.
    pub const LONGEST: usize = 8;

    /// Checks a number that somebody chooses.
    pub fn parse(typed: &str) -> Result<Self, OwnNumberError> {
        let number = Self::parse_given(typed)?;
        if is_obvious(&number.0) { Err(OwnNumberError::Obvious) } else { Ok(number) }
    }

    /// Reads a number that somebody gives to prove who she is. Only its form is checked: what was
    /// accepted once stays good when the list of obvious ones grows.
    pub fn parse_given(typed: &str) -> Result<Self, OwnNumberError> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.is_empty() {
            Err(OwnNumberError::Missing)
        } else if !digits.bytes().all(|b| b.is_ascii_digit()) {
            Err(OwnNumberError::NotDigits)
        } else if !(Self::SHORTEST..=Self::LONGEST).contains(&digits.len()) {
            Err(OwnNumberError::Length)
        } else {
            Ok(Self(digits))
        }
    }

    /// The digits, for hashing.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OwnNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnNumber")
    }
}

fn is_obvious(digits: &str) -> bool {
    is_run(digits)
        || is_repetition(digits)
        || is_year(digits)
        || is_date_of_a_year(digits)
        || WELL_KNOWN.contains(&digits)
}

/// All the same, or counting up or down (0 follows 9): `1111`, `3456`, `7890`, `4321`.
fn is_run(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    [0, 1, 9].iter().any(|step| {
        bytes.windows(2).all(|pair| match pair {
            [a, b] => (a - b'0' + step) % 10 == b - b'0',
            _ => false,
        })
    })
}

/// Two or more times the same part: `1212`, `123123`.
fn is_repetition(digits: &str) -> bool {
    (1..=digits.len() / 2).any(|length| {
        digits.len().is_multiple_of(length)
            && digits.as_bytes().chunks(length).all(|part| digits.as_bytes().starts_with(part))
    })
}

/// Years in which people were born, married or live: 1900 to 2030.
fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse().is_ok_and(|year: u16| (1_900..=2_030).contains(&year))
}

/// A date with such a year in full, day or year first: `24111948`, `19481124`.
fn is_date_of_a_year(digits: &str) -> bool {
    let date = |year: &str, rest: &str| {
        is_year(year)
            && rest.split_at_checked(2).is_some_and(|(a, b)| {
                let within = |text: &str| text.parse().is_ok_and(|n: u8| (1..=31).contains(&n));
                within(a) && within(b)
            })
    };
    digits.len() == 8 && digits.split_at_checked(4).is_some_and(|(a, b)| date(a, b) || date(b, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_right_length_are_taken() {
        for typed in ["4071", "58 203", "902716", "73920584", " 8 1 3 6 "] {
            let number = OwnNumber::parse(typed).expect(typed);
            assert_eq!(number.as_str(), typed.replace(' ', ""));
        }
        assert_eq!(OwnNumber::parse(" "), Err(OwnNumberError::Missing));
        assert_eq!(OwnNumber::parse("407"), Err(OwnNumberError::Length));
        assert_eq!(OwnNumber::parse("407140714"), Err(OwnNumberError::Length));
        assert_eq!(OwnNumber::parse("40a1"), Err(OwnNumberError::NotDigits));
        assert_eq!(OwnNumber::parse("٤٠٧١"), Err(OwnNumberError::NotDigits));
    }

    #[test]
    fn the_first_guesses_are_refused() {
        for typed in [
            "0000", "1111", "99999999", "1234", "123456", "0123", "7890", "4321", "9876", "2109",
            "1212", "6969", "123123", "12341234", "1900", "1948", "2026", "2030", "2580", "1066",
            "24111948", "19481124", "11223344",
        ] {
            assert_eq!(OwnNumber::parse(typed), Err(OwnNumberError::Obvious), "{typed}");
            assert!(OwnNumber::parse_given(typed).is_ok(), "{typed}");
        }
        for typed in ["1899", "2031", "1243", "1213", "12361948"] {
            assert!(OwnNumber::parse(typed).is_ok(), "{typed}");
        }
    }

    #[test]
    fn most_numbers_are_free_to_choose() {
        let free = (0..10_000).filter(|n| OwnNumber::parse(&format!("{n:04}")).is_ok()).count();
        assert!(free > 9_600, "{free}");
    }

    #[test]
    fn the_list_holds_numbers_of_the_right_length() {
        for number in WELL_KNOWN {
            assert!(OwnNumber::parse_given(number).is_ok(), "{number}");
        }
    }

    #[test]
    fn debug_says_the_type_only() {
        assert_eq!(format!("{:?}", OwnNumber::parse("4071")), "Ok(OwnNumber)");
    }
}
