//! What the three tables answer together.

use core::fmt;

use kith_domain::Tier;

/// Number of a rule in one of the three files of `policies/`, never used again for another rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(crate) u16);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All three tables allow it.
    Allowed,
    /// A surer session is needed before anything else is looked at.
    StepUp(Tier),
    /// At least one table does not allow it.
    Denied,
}

/// The answer and the rule of each table that decided; `None` where no rule speaks, which is a
/// refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub outcome: Outcome,
    /// Rule of `policies/who.csv`.
    pub who: Option<RuleId>,
    /// Rule of `policies/sure.csv`.
    pub sure: Option<RuleId>,
    /// Rule of `policies/state.csv`.
    pub state: Option<RuleId>,
}

impl Verdict {
    /// Refused without any rule.
    pub(crate) const REFUSED: Self =
        Self { outcome: Outcome::Denied, who: None, sure: None, state: None };

    /// The rules as they are recorded: `who:301 sure:12 state:-`.
    pub fn rules(&self) -> String {
        let word = |rule: Option<RuleId>| rule.map_or_else(|| "-".to_owned(), |id| id.to_string());
        format!("who:{} sure:{} state:{}", word(self.who), word(self.sure), word(self.state))
    }
}
