//! Typed text: whatever is typed, parsing answers, and what it accepts it accepts again.

use kith_domain::{
    EmailAddress, LongText, Note, OwnNumber, PersonName, PhoneNumber, TextError, WelcomeWords,
};
use proptest::prelude::*;

/// Anything, with more of what makes trouble than chance would bring.
fn typed() -> impl Strategy<Value = String> {
    let trouble = prop::sample::select(vec![
        "@", ".", " ", "\t", "\r\n", "\u{202E}", "\u{2028}", "\u{FEFF}", "\u{0}", "e\u{301}",
        "\u{FF20}", "\u{FB00}", "İ", "ß", "Å", "(0)", "+44", "a@b.cd", "-",
    ])
    .prop_map(str::to_owned);
    let piece = prop_oneof![trouble, any::<String>(), "[a-z0-9@. +-]{0,12}"];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_accepted_is_accepted_again_unchanged(typed in typed()) {
        macro_rules! again {
            ($($name:ident),+) => { $(
                if let Ok(once) = $name::parse(&typed) {
                    let again = $name::parse(once.as_str());
                    prop_assert_eq!(again.as_ref(), Ok(&once));
                    prop_assert!(once.as_str().chars().count() <= $name::LIMIT);
                    prop_assert!(!once.as_str().is_empty());
                }
            )+ };
        }
        again!(PersonName, Note, LongText, EmailAddress, PhoneNumber);
    }

    #[test]
    fn one_line_stays_one_line(typed in typed()) {
        if let Ok(name) = PersonName::parse(&typed) {
            prop_assert!(!name.as_str().chars().any(char::is_control));
            prop_assert!(!name.as_str().contains("  "));
        }
    }

    #[test]
    fn an_accepted_address_is_one_address(typed in typed()) {
        match EmailAddress::parse(&typed) {
            Ok(address) => {
                for form in [address.as_str(), &address.canonical()] {
                    prop_assert_eq!(form.matches('@').count(), 1);
                    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c);
                    prop_assert!(!form.contains(bad));
                }
                let canonical = EmailAddress::parse(&address.canonical());
                let again = canonical.map(|address| address.canonical());
                prop_assert_eq!(again, Ok(address.canonical()));
            }
            Err(TextError::Missing) => prop_assert!(typed.trim().is_empty()),
            Err(_) => {}
        }
    }

    #[test]
    fn numbers_and_words_answer_whatever_is_typed(typed in typed()) {
        if let Ok(number) = OwnNumber::parse(&typed) {
            prop_assert!((4..=8).contains(&number.as_str().len()));
        }
        if let Ok(words) = WelcomeWords::parse(&typed) {
            prop_assert_eq!(WelcomeWords::parse(&words.to_string()), Ok(words));
        }
    }
}
