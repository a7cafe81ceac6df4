//! What a use case answers when it does not do what was asked.

use kith_domain::ids::CircleId;
use kith_domain::{OwnNumberError, TaskProblem, TextError, Tier};
use kith_policy::Refused;
use kith_store::StoreError;
use kith_vault::VaultError;

/// Why nothing was done. Everything that a person can act on is a case of its own.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No such thing, or not for this person: the same answer for both.
    #[error("not here")]
    NotHere,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignIn,
    /// This much surer first; the same for every member.
    #[error("needs {tier} towards {circle:?}")]
    StepUp {
        /// The circle it is about; none for the organisation and for own details.
        circle: Option<CircleId>,
        /// The tier that is needed.
        tier: Tier,
    },
    /// Something typed is missing or wrong; nothing was written.
    #[error("the form needs {} corrections", .0.len())]
    Invalid(Vec<Problem>),
    /// Too many tries; later.
    #[error("too many tries")]
    TooMany,
    /// Somebody changed it in between; look again.
    #[error("changed in between")]
    Changed,
    /// The database did not answer; the same again may work.
    #[error("busy")]
    Busy,
    /// Our fault. The text is for the log: ids and codes only.
    #[error("internal: {0}")]
    Internal(String),
}

impl Failure {
    /// One wrong field.
    pub fn field(field: &'static str, what: What) -> Self {
        Self::Invalid(vec![Problem { field, what }])
    }
}

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the field in the form.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: What,
}

/// What is wrong with a field; the web layer has the sentence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A text.
    Text(TextError),
    /// A task.
    Task(TaskProblem),
    /// A number that somebody chooses.
    OwnNumber(OwnNumberError),
    /// Nothing was chosen.
    Choose,
    /// The two words are not two words of ours.
    NotWelcomeWords,
    /// The words do not belong to this; so many tries are left.
    WrongWords(u32),
    /// The code is wrong; so many tries may be left.
    WrongCode,
    /// The code has run out; a new one is on its way.
    CodeRanOut,
    /// The own number is wrong; so many tries are left.
    WrongNumber(u32),
    /// Somebody has a number on this device already, and this is not it; so many tries are left.
    NumberHere(u32),
    /// The two numbers typed are not the same.
    NumbersDiffer,
    /// This address is on the circle's "not this person" list, or in the circle already.
    CannotBeNamed,
    /// The rota is needed to help with it.
    NeedsRota,
    /// Only the patient can share this: a carer shares no more than was granted to the carer.
    NotYoursToShare,
    /// The patient has a device of her own, which makes the words for a further one.
    HasOwnDevice,
    /// The card is for somebody who was in already and whose mailbox is not known.
    CardNeedsMailbox,
    /// "I am already here", of somebody who is not, or shares the mailbox or the device.
    NotAlreadyHere,
    /// The task tells what is not shared with whoever changes it.
    TellsTooMuch,
    /// A slot is not moved to a time that is over.
    TimePast,
    /// They do it each time already, or on some weekdays.
    EachTimeAlready,
    /// A circle needs one person in charge.
    LastInCharge,
    /// There are as many times away as are kept.
    AwayTooOften,
    /// Others have just done the same: a little later it may be done.
    TooSoon,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Changed,
            StoreError::NotFound => Self::NotHere,
            StoreError::Busy => Self::Busy,
            StoreError::Inconsistent { .. }
            | StoreError::EndingsFile(_)
            | StoreError::EndingsUnknown
            | StoreError::Backend { .. } => Self::Internal(error.to_string()),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Turns a refusal into the answer for people.
pub(crate) fn refused(refusal: Refused, circle: Option<CircleId>) -> Failure {
    match refusal {
        Refused::Denied => Failure::NotHere,
        Refused::StepUp(tier) => Failure::StepUp { circle, tier },
        Refused::Record(_) => Failure::Busy,
    }
}

/// The same, one step at a time: a device that is not enrolled has no number to ask for. Enrolling
/// comes first, and a number is chosen on the way.
pub(crate) fn refused_at(reached: Tier, refusal: Refused, circle: Option<CircleId>) -> Failure {
    match refused(refusal, circle) {
        Failure::StepUp { circle, tier } if tier > Tier::Trusted && reached < Tier::Trusted => {
            Failure::StepUp { circle, tier: Tier::Trusted }
        }
        other => other,
    }
}

/// Collects what is wrong in a form, so that everything is said at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, field: &'static str, what: What) {
        self.0.push(Problem { field, what });
    }

    /// Keeps a parsed value, or notes what is wrong.
    pub(crate) fn text<T>(
        &mut self,
        field: &'static str,
        parsed: Result<T, TextError>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, What::Text(error));
                None
            }
        }
    }

    /// The same for a field that may stay empty.
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        parsed: Result<T, TextError>,
    ) -> Option<T> {
        match parsed {
            Err(TextError::Missing) => None,
            other => self.text(field, other),
        }
    }

    pub(crate) fn check(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::Invalid(self.0)) }
    }
}
