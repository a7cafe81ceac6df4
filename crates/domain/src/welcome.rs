//! Welcome words: two short words, said aloud or written down, that make an invitation more than
//! a link in a mailbox that others may read.

use core::fmt;

use crate::welcome_lists::{QUALITIES, THINGS};

/// How many first words there are.
pub const FIRST_WORDS: usize = QUALITIES.len();
/// How many second words there are.
pub const SECOND_WORDS: usize = THINGS.len();

/// Two words from the lists, such as "blue teapot": one of 32,768. With five tries that is
/// enough beside the link, and only beside it.
///
/// Display shows the words; compare keyed hashes of that, as nothing else is stored. `{:?}` shows
/// nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct WelcomeWords {
    first: &'static str,
    second: &'static str,
}

/// What was said is not two words of the lists. Counts as a wrong try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are not welcome words")]
pub struct NotWelcomeWords;

impl WelcomeWords {
    /// The words at two random numbers. Every number is good; of `first` seven bits count, so
    /// that two random bytes choose every pair equally often.
    pub fn from_indices(first: u8, second: u8) -> Self {
        Self {
            first: QUALITIES.get(usize::from(first) % FIRST_WORDS).copied().unwrap_or("blue"),
            second: THINGS.get(usize::from(second) % SECOND_WORDS).copied().unwrap_or("teapot"),
        }
    }

    /// Reads words as people type them: any case, with spaces, hyphens, dots or commas between or
    /// nothing at all, in either order.
    pub fn parse(typed: &str) -> Result<Self, NotWelcomeWords> {
        // Longer than any two words with room to spare: not worth looking at.
        if typed.len() > 80 {
            return Err(NotWelcomeWords);
        }
        let letters: String = typed
            .chars()
            .filter(|c| !(c.is_whitespace() || c.is_ascii_punctuation() || is_typographic(*c)))
            .flat_map(char::to_lowercase)
            .collect();
        Self::in_order(&letters).or_else(|| Self::swapped(&letters)).ok_or(NotWelcomeWords)
    }

    fn in_order(letters: &str) -> Option<Self> {
        QUALITIES.iter().find_map(|first| {
            let rest = letters.strip_prefix(first)?;
            Self::second(rest).map(|second| Self { first, second })
        })
    }

    fn swapped(letters: &str) -> Option<Self> {
        QUALITIES.iter().find_map(|first| {
            let rest = letters.strip_suffix(first)?;
            Self::second(rest).map(|second| Self { first, second })
        })
    }

    fn second(word: &str) -> Option<&'static str> {
        THINGS.iter().find(|thing| **thing == word).copied()
    }
}

/// Dashes and quotation marks that telephones put in by themselves.
const fn is_typographic(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{201F}')
}

impl fmt::Display for WelcomeWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.first, self.second)
    }
}

impl fmt::Debug for WelcomeWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WelcomeWords")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_read_as_people_type_them() {
        for typed in [
            "blue teapot",
            " Blue   TEAPOT ",
            "blue-teapot",
            "blueteapot",
            "Blue, teapot.",
            "teapot blue",
            "blue\u{2013}teapot",
            "\u{201C}blue teapot\u{201D}",
        ] {
            assert_eq!(
                WelcomeWords::parse(typed).map(|w| w.to_string()).as_deref(),
                Ok("blue teapot"),
                "{typed}"
            );
        }
        for typed in
            ["", "blue", "teapot", "teapot teapot", "blue teapots", "grim reaper", "bluet eapo"]
        {
            assert_eq!(WelcomeWords::parse(typed), Err(NotWelcomeWords), "{typed}");
        }
        assert!(WelcomeWords::parse(&"blue ".repeat(100_000)).is_err());
    }

    #[test]
    fn every_pair_is_read_back_as_itself() {
        let mut seen = BTreeSet::new();
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                seen.insert(WelcomeWords::from_indices(first, second).to_string());
            }
        }
        assert_eq!(seen.len(), 128 * 256);
        for shown in seen.iter().step_by(7) {
            let read = WelcomeWords::parse(shown).map(|words| words.to_string());
            assert_eq!(read.as_ref(), Ok(shown));
        }
    }

    #[test]
    fn no_pair_run_together_reads_as_another() {
        let mut seen = BTreeSet::new();
        for first in QUALITIES {
            for second in THINGS {
                assert!(seen.insert(format!("{first}{second}")), "{first} {second}");
                assert!(seen.insert(format!("{second}{first}")), "{second} {first}");
            }
        }
    }

    #[test]
    fn words_are_short_plain_and_unlike() {
        for list in [QUALITIES.as_slice(), THINGS.as_slice()] {
            for (index, word) in list.iter().enumerate() {
                assert!((3..=8).contains(&word.len()), "{word}");
                assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
                for other in &list[index + 1..] {
                    assert!(word < other, "{word} and {other} are out of order");
                    assert!(distance(word, other) > 1, "{word} and {other} are too alike");
                }
            }
        }
        assert!(QUALITIES.iter().all(|word| !THINGS.contains(word)));
    }

    #[test]
    fn words_that_hurt_or_sound_like_others_are_left_out() {
        for banned in [
            "red",
            "white",
            "plum",
            "pear",
            "leek",
            "beech",
            "cedar",
            "bell",
            "ball",
            "hare",
            "bear",
            "flour",
            "flower",
            "stool",
            "urn",
            "coffin",
            "casket",
            "candle stick",
            "tart",
            "pansy",
            "black",
            "grey",
            "pale",
            "cold",
            "old",
            "dead",
            "late",
            "last",
            "still",
            "ivy",
            "marrow",
            "needle",
            "tablet",
            "patient",
            "morning",
            "gravy",
            "ash",
            "willow",
            "poppy",
            "lily",
        ] {
            assert!(!QUALITIES.contains(&banned) && !THINGS.contains(&banned), "{banned}");
        }
    }

    #[test]
    fn debug_says_the_type_only() {
        assert_eq!(format!("{:?}", WelcomeWords::from_indices(0, 0)), "WelcomeWords");
    }

    /// Edit distance of Levenshtein.
    fn distance(a: &str, b: &str) -> usize {
        let mut previous: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.bytes().enumerate() {
            let mut current = vec![i + 1];
            for (j, y) in b.bytes().enumerate() {
                let swap = previous[j] + usize::from(x != y);
                current.push(swap.min(previous[j + 1] + 1).min(current[j] + 1));
            }
            previous = current;
        }
        previous[b.len()]
    }
}
