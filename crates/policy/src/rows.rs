//! Our own strict reading of the rules, before casbin sees them, and our own search for the rule
//! that decides.
//!
//! casbin drops a row with a misspelt effect, and reads a comment at the end of a row as part of
//! its last word: a lost `deny` would be a permission. Nothing here is lenient.

use crate::space::{ANY, Masks, Space};
use crate::table::Cell;
use crate::verdict::RuleId;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: RuleId,
    /// As it is written.
    pub(crate) line: String,
    masks: Vec<u32>,
    allow: bool,
}

impl Row {
    /// Whether the first column alone fits.
    pub(crate) fn fits_first(&self, request: u32) -> bool {
        self.masks.first().is_some_and(|rule| rule & request != 0)
    }

    /// The same rule with the other effect.
    #[cfg(test)]
    pub(crate) fn turned_round(&self) -> Self {
        Self { allow: !self.allow, ..self.clone() }
    }

    fn matches(&self, request: &Masks) -> bool {
        self.masks.iter().zip(request).all(|(rule, request)| rule & request != 0)
    }
}

/// What is wrong with a line of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// A comment stands on a line of its own.
    #[error("a comment inside a rule")]
    Comment,
    /// A column is missing or too many.
    #[error("{found} columns instead of {expected}")]
    Arity {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Not a `p` line.
    #[error("a kind of line other than p")]
    Kind,
    /// The rule's number is none.
    #[error("a rule number that is not a whole number from 1 to 65535")]
    Number,
    /// Two rules with one number.
    #[error("a rule number that is used twice")]
    NumberTwice,
    /// Not a word of that column.
    #[error("a word that the column {column} does not know")]
    Word {
        /// Name of the column.
        column: &'static str,
    },
    /// Neither `allow` nor `deny`.
    #[error("an effect that is neither allow nor deny")]
    Effect,
    /// The same rule twice.
    #[error("a rule that is written twice")]
    Twice,
}

/// Reads the rules of one table. On a fault, answers with the number of the line, from 1.
pub(crate) fn parse<S: Space>(text: &str) -> Result<Vec<Row>, (usize, RowFault)> {
    let mut rows: Vec<Row> = Vec::new();
    for (line, text) in (1..).zip(text.split('\n')) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let row = parse_row::<S>(text).map_err(|fault| (line, fault))?;
        if rows.iter().any(|other| other.id == row.id) {
            return Err((line, RowFault::NumberTwice));
        }
        if rows.iter().any(|other| other.masks == row.masks) {
            return Err((line, RowFault::Twice));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn parse_row<S: Space>(text: &str) -> Result<Row, RowFault> {
    if text.contains('#') {
        return Err(RowFault::Comment);
    }
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    let expected = S::COLUMNS.len() + 3;
    let arity = RowFault::Arity { expected, found: words.len() };
    let [kind, number, words @ .., effect] = words.as_slice() else { return Err(arity) };
    if *kind != "p" {
        return Err(RowFault::Kind);
    }
    if words.len() != S::COLUMNS.len() {
        return Err(arity);
    }
    let id = number.parse().ok().filter(|number| *number > 0).ok_or(RowFault::Number)?;
    let masks = S::COLUMNS
        .iter()
        .zip(words)
        .map(|(column, word)| match *word {
            "*" if column.any => Ok(ANY),
            word => (column.bit)(word).ok_or(RowFault::Word { column: column.name }),
        })
        .collect::<Result<_, _>>()?;
    let allow = match *effect {
        "allow" => true,
        "deny" => false,
        _ => return Err(RowFault::Effect),
    };
    Ok(Row { id: RuleId(id), line: text.to_owned(), masks, allow })
}

/// The rule that decides: the first matching deny, else the first matching allow. None is a
/// refusal.
pub(crate) fn deciding<S: Space>(rows: &[Row], request: S) -> Cell {
    let masks = request.masks();
    let mut cell = Cell::default();
    for row in rows.iter().filter(|row| row.matches(&masks)) {
        if !row.allow {
            return Cell { allowed: false, rule: Some(row.id) };
        }
        if cell.rule.is_none() {
            cell = Cell { allowed: true, rule: Some(row.id) };
        }
    }
    cell
}

/// The line of a rule as it is written.
pub(crate) fn line_of(text: &str, rule: RuleId) -> Option<&str> {
    text.lines().map(str::trim).find(|line| {
        let mut words = line.split(',').map(str::trim);
        words.next() == Some("p") && words.next().and_then(|id| id.parse().ok()) == Some(rule.0)
    })
}
