//! Our own strict reading of a model, before casbin sees it.
//!
//! casbin panics at the first question when the effect is spelt otherwise, a negation allows what
//! it cannot find, and a part of a matcher that no question reaches is never looked at.

use crate::space::{Column, Space};

/// What is wrong with a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// The columns of a rule are not those that the rows are read with.
    #[error("the policy definition does not name the columns of the table")]
    Columns,
    /// The effect is not, letter by letter, the one in which a deny wins and silence refuses.
    #[error("the effect is not the one in which a deny wins and silence refuses")]
    Effect,
    /// A negation in the matcher.
    #[error("a negation in the matcher")]
    Negation,
    /// A part of the matcher that is not one positive comparison of one column.
    #[error("a part of the matcher that is not one positive comparison of one column")]
    Matcher,
    /// A column that the matcher does not compare: rules for one word would hold for all.
    #[error("a column that the matcher does not compare")]
    Incomplete,
}

const EFFECT: &str = "e = some(where (p.eft == allow)) && !some(where (p.eft == deny))";

/// Checks the text of a model.
pub(crate) fn check<S: Space>(text: &str) -> Result<(), ModelFault> {
    let lines = logical_lines(text);
    let named = |start: &str| {
        let mut found = lines.iter().filter(|line| line.starts_with(start));
        found.next().filter(|_| found.next().is_none())
    };

    let columns: Vec<&str> = S::COLUMNS.iter().map(|column| column.name).collect();
    let definition = format!("p = rule, {}, eft", columns.join(", "));
    if named("p =") != Some(&definition) {
        return Err(ModelFault::Columns);
    }
    if named("e =").is_none_or(|effect| effect != EFFECT) {
        return Err(ModelFault::Effect);
    }
    let matcher =
        named("m =").and_then(|line| line.strip_prefix("m =")).ok_or(ModelFault::Matcher)?;
    if matcher.contains('!') {
        return Err(ModelFault::Negation);
    }
    let mut expected: Vec<String> = S::COLUMNS.iter().map(comparison).collect();
    for part in matcher.split("&&").map(str::trim) {
        let place = expected.iter().position(|form| form == part).ok_or(ModelFault::Matcher)?;
        expected.remove(place);
    }
    if expected.is_empty() { Ok(()) } else { Err(ModelFault::Incomplete) }
}

/// The one form that a comparison may have: positive, and of one column.
fn comparison(Column { name, any, .. }: &Column) -> String {
    if *any {
        format!("(p.{name} == \"*\" || r.{name} == p.{name})")
    } else {
        format!("(p.{name} in r.reached)")
    }
}

/// The lines without comments, those that end in a backslash joined with the next.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut joined = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(start) = line.strip_suffix('\\') {
            joined.push_str(start);
        } else {
            joined.push_str(line);
            lines.push(core::mem::take(&mut joined));
        }
    }
    lines
}
