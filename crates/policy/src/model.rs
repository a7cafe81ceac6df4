//! Our own strict reading of a model, before casbin sees it.
//!
//! casbin panics at the first question when the effect is spelt otherwise, a negation allows what
//! it cannot find, and a part of a matcher that no question reaches is never looked at. So a model
//! may be written in one way only.

use crate::space::{Column, Space};

/// What is wrong with a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// Anything but the four sections with one line each.
    #[error("not the four sections with one line each")]
    Sections,
    /// The words of a request or the columns of a rule are not those of the table.
    #[error("a definition that does not name the columns of the table in their order")]
    Columns,
    /// The effect is not, letter by letter, the one in which a deny wins and silence refuses.
    #[error("an effect that is not the one in which a deny wins and silence refuses")]
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
    let [
        "[request_definition]",
        request,
        "[policy_definition]",
        policy,
        "[policy_effect]",
        effect,
        "[matchers]",
        matcher,
    ] = lines.iter().map(String::as_str).collect::<Vec<_>>()[..]
    else {
        return Err(ModelFault::Sections);
    };

    let told: Vec<&str> = S::COLUMNS.iter().map(|column| column.told).collect();
    let columns: Vec<&str> = S::COLUMNS.iter().map(|column| column.name).collect();
    if request != format!("r = {}", told.join(", "))
        || policy != format!("p = rule, {}, eft", columns.join(", "))
    {
        return Err(ModelFault::Columns);
    }
    if effect != EFFECT {
        return Err(ModelFault::Effect);
    }

    let matcher = matcher.strip_prefix("m =").ok_or(ModelFault::Sections)?;
    if matcher.contains('!') {
        return Err(ModelFault::Negation);
    }
    let mut missing: Vec<String> = S::COLUMNS.iter().map(comparison).collect();
    for part in matcher.split("&&").map(str::trim) {
        let place = missing.iter().position(|form| form == part).ok_or(ModelFault::Matcher)?;
        missing.remove(place);
    }
    if missing.is_empty() { Ok(()) } else { Err(ModelFault::Incomplete) }
}

/// The one form that the comparison of a column may have.
fn comparison(Column { name, told, any, .. }: &Column) -> String {
    if *any {
        format!("(p.{name} == \"*\" || r.{told} == p.{name})")
    } else {
        format!("(p.{name} in r.{told})")
    }
}

/// The lines that say something, without comments; a line that ends in a backslash is joined with
/// the next.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut joined = String::new();
    for line in
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(start) = line.strip_suffix('\\') {
            joined.push_str(start);
        } else {
            joined.push_str(line);
            lines.push(core::mem::take(&mut joined));
        }
    }
    lines
}
