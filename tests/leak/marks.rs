//! The markers: one unique text for each sealed field, and for each person or task that has one.

use std::collections::BTreeMap;

use kith_vault::Field;

use crate::search::{Coding, Found, PREFIX, search};
use crate::visitors::Who;

/// Digits that make a marker unique: its number.
const UNIQUE: usize = 6;

/// What a marker stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// A text of the circle that everything is about.
    Circle,
    /// A text of another circle of the same hospice.
    OtherCircle,
    /// A text about this person: a name in the circle, or own details.
    Of(Who),
    /// The note of this task.
    Task(Task),
    /// Something that somebody types into a form during the test.
    Typed,
}

/// The tasks of the circle, by how they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    /// Later today, promised, with address and way in: the window is open.
    Open,
    /// In some days; nobody yet.
    Needed,
    /// In two days, promised.
    Promised,
    /// In four days, promised, and cover is wanted.
    CoverWanted,
    /// It ended a while ago.
    Ended,
}

impl Task {
    pub(crate) const ALL: [Self; 5] =
        [Self::Open, Self::Needed, Self::Promised, Self::CoverWanted, Self::Ended];
}

/// One marker.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) field: Field,
    pub(crate) whose: Whose,
    pub(crate) text: String,
}

/// Every marker of a world.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<Mark>);

/// What stands where a marker begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hit<'m> {
    /// A marker as text.
    Mark(&'m Mark),
    /// The beginning of a name that a picture had no room for: it ends with an ellipsis.
    Cut,
    /// A marker in another coding, or one that is no marker of this world.
    Odd(Coding),
}

impl Marks {
    /// A new marker: letters and digits, 35 at most, so that it passes for a name. What is unique
    /// comes first, as pictures shorten long names.
    pub(crate) fn make(&mut self, field: Field, whose: Whose) -> String {
        let word: String = field.column().chars().filter(char::is_ascii_alphabetic).collect();
        let text = format!("{PREFIX}{:0UNIQUE$}{word}", self.0.len());
        self.0.push(Mark { field, whose, text: text.clone() });
        text
    }

    /// An e-mail address with a marker in it.
    pub(crate) fn make_address(&mut self, whose: Whose) -> String {
        format!("{}@canary.example", self.make(Field::PersonEmail, whose))
    }

    pub(crate) fn of(&self, field: Field, whose: Whose) -> &str {
        let mark = self.0.iter().find(|mark| mark.field == field && mark.whose == whose);
        &mark.unwrap_or_else(|| panic!("no marker for {field:?} of {whose:?}")).text
    }

    pub(crate) fn all(&self) -> &[Mark] {
        &self.0
    }

    /// Everything in `bytes` that is or could be a marker.
    pub(crate) fn hits(&self, bytes: &[u8]) -> Vec<Hit<'_>> {
        search(bytes).into_iter().map(|found| self.at(bytes, found)).collect()
    }

    fn at(&self, bytes: &[u8], found: Found) -> Hit<'_> {
        let here = &bytes[found.at..];
        let known = PREFIX.len() + UNIQUE;
        let begins = |mark: &&Mark| {
            here.get(..known)
                .is_some_and(|start| start.eq_ignore_ascii_case(&mark.text.as_bytes()[..known]))
        };
        match self.0.iter().find(begins) {
            Some(mark) if found.coding == Coding::Plain => Hit::Mark(mark),
            None if found.coding == Coding::Plain && is_cut(here) => Hit::Cut,
            _ => Hit::Odd(found.coding),
        }
    }
}

fn is_cut(bytes: &[u8]) -> bool {
    let rest = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric());
    rest.is_some_and(|rest| bytes[rest..].starts_with("…".as_bytes()))
}

impl Hit<'_> {
    /// For a finding: what leaked, never to whom it belongs.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Mark(mark) => format!("{:?} of {:?}", mark.field, mark.whose),
            Self::Cut => "the beginning of a name".to_owned(),
            Self::Odd(coding) => format!("a marker as {coding:?}"),
        }
    }
}

/// How often each field was seen by somebody who may see it.
#[derive(Debug, Default)]
pub(crate) struct Seen(pub(crate) BTreeMap<Field, usize>);

impl Seen {
    pub(crate) fn add(&mut self, field: Field) {
        *self.0.entry(field).or_default() += 1;
    }
}
