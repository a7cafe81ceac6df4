//! Telephone numbers in what people wrote, so that a tap rings them.

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Words(&'a str),
    /// As it was written: "01632 960 123".
    Number(&'a str),
}

/// The pieces of a line, in order; together they are the line.
///
/// A number begins with 0 or +, stands apart from letters and has 9 to 15 digits (E.164 allows no
/// more): neither a date nor the four figures of a key safe is one.
pub(crate) fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(rest) = line.get(at..) {
        let Some(letter) = rest.chars().next() else { break };
        let apart = !line
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_some_and(|before| before.is_alphanumeric() || matches!(before, '+' | '-' | '/'));
        let begins = match letter {
            '0' | '+' => apart,
            '(' => apart && rest.starts_with("(0"),
            _ => false,
        };
        let length = if begins { number(rest) } else { None };
        if let Some(length) = length {
            found.extend(line.get(from..at).filter(|words| !words.is_empty()).map(Piece::Words));
            found.extend(line.get(at..at + length).map(Piece::Number));
            at += length;
            from = at;
        } else {
            at += letter.len_utf8();
        }
    }
    found.extend(line.get(from..).filter(|words| !words.is_empty()).map(Piece::Words));
    found
}

/// How many bytes of `rest` are a number, if it begins with one.
fn number(rest: &str) -> Option<usize> {
    let plus = usize::from(rest.starts_with('+'));
    let belongs = |letter: char| letter.is_ascii_digit() || matches!(letter, ' ' | '(' | ')' | '-');
    let end = rest.char_indices().skip(plus).find(|(_, letter)| !belongs(*letter));
    let run = rest.get(..end.map_or(rest.len(), |(at, _)| at))?;
    let run = run.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let digits = run.chars().filter(char::is_ascii_digit).count();
    // "(01632) 960 123" is a number; in "(01632 960 123)" it begins behind the bracket.
    if run.contains('(') != run.contains(')') {
        return None;
    }
    let goes_on = rest.get(run.len()..)?.chars().next().is_some_and(char::is_alphanumeric);
    ((9..=15).contains(&digits) && !goes_on).then_some(run.len())
}

#[cfg(test)]
mod tests {
    use super::Piece::{Number, Words};
    use super::*;

    #[test]
    fn numbers_ring_and_nothing_else_does() {
        assert_eq!(
            pieces("Sam (son): 07700 900 456, any time"),
            [Words("Sam (son): "), Number("07700 900 456"), Words(", any time")]
        );
        assert_eq!(pieces("+44 1632 960-123."), [Number("+44 1632 960-123"), Words(".")]);
        assert_eq!(
            pieces("(01632) 960 123 or 01632 960 200"),
            [Number("(01632) 960 123"), Words(" or "), Number("01632 960 200")]
        );
        assert_eq!(
            pieces("Sam (07700 900456)"),
            [Words("Sam ("), Number("07700 900456"), Words(")")]
        );
        for words in ["Key safe 4471", "0471", "2026-11-22 10:00", "x07700900456", "07700900456x"] {
            assert_eq!(pieces(words), [Words(words)], "{words}");
        }
        assert!(pieces("").is_empty());
        assert_eq!(pieces("né 0é+"), [Words("né 0é+")], "letters of several bytes");
    }
}
