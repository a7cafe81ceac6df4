//! What a page or a mail says, without what was drawn at random.

/// Letters that nothing but a token or an id has in a row.
const RANDOM: usize = 24;

/// A text without the tokens and ids in it, in which a short word may stand by chance.
pub fn without_tokens(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let is_of_a_token = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    for run in text.split_inclusive(|letter| !is_of_a_token(letter)) {
        let token = run.trim_end_matches(|letter| !is_of_a_token(letter));
        words.push_str(if token.len() < RANDOM { run } else { &run[token.len()..] });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_ids_are_left_out_and_nothing_else() {
        let text = "At 2pm:\nhttps://kith.example/s/018f3c1e-0000-7000-8000-4711471147ab/\
                    abcdefgh2pm_-ijklmnopqrstuvwxyzABCDEFGHIJKL. Open-ended.";
        let said = "At 2pm:\nhttps://kith.example/s//. Open-ended.";
        assert_eq!(without_tokens(text), said);
    }
}
