//! Decides, records, and only then gives a permit.

use core::fmt;
use std::sync::Arc;

use kith_domain::{Action, Category, Tier};

use crate::facts::Facts;
use crate::log::{Decision, DecisionLog, RecordError};
use crate::permit::{Act, Permit};
use crate::question::Question;
use crate::scope::RequestScope;
use crate::table::LoadError;
use crate::tables::Tables;
use crate::verdict::{Outcome, Verdict};

/// Why there is no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Answers exactly like what does not exist.
    #[error("refused")]
    Denied,
    /// This much surer first. Says nothing about whether it would then be allowed.
    #[error("needs a surer session: {0}")]
    StepUp(Tier),
    /// Allowed, but it could not be written down, so it does not happen.
    #[error("not recorded")]
    Record(#[from] RecordError),
}

/// The only source of permits.
pub struct PolicyEngine {
    tables: Arc<Tables>,
    log: Arc<dyn DecisionLog>,
}

impl PolicyEngine {
    /// Asks casbin about every cell of the three tables of `policies/`, checks the invariants over
    /// all of them, and keeps the answers. Any doubt is an error, and an error keeps the service
    /// from starting.
    pub async fn load(log: Arc<dyn DecisionLog>) -> Result<Self, LoadError> {
        Ok(Self { tables: Arc::new(Tables::load().await?), log })
    }

    /// The same tables with another log.
    #[cfg(feature = "testkit")]
    pub(crate) const fn of(tables: Arc<Tables>, log: Arc<dyn DecisionLog>) -> Self {
        Self { tables, log }
    }

    /// Decides, records the decision where it has to be recorded first, and only then gives a
    /// permit.
    pub async fn authorize<'s, A: Act>(
        &self,
        scope: &'s RequestScope,
        facts: &Facts,
        category: Category,
    ) -> Result<Permit<'s, A>, Refused> {
        let verdict = self.verdict(facts, category, A::ACTION);
        let decision = Decision {
            id: scope.next_decision(),
            at: scope.at(),
            category,
            action: A::ACTION,
            verdict,
        };
        match verdict.outcome {
            Outcome::Allowed => {}
            Outcome::StepUp(tier) => return Err(Refused::StepUp(tier)),
            Outcome::Denied => {
                self.log.note_refusal(decision.record(facts));
                return Err(Refused::Denied);
            }
        }
        if recorded_first(facts, category, A::ACTION) {
            self.log.record(decision.record(facts)).await?;
        }
        Ok(Permit::mint(scope, facts.clone(), decision))
    }

    /// Whether it would be allowed: to show or hide a button. Proves nothing and records nothing;
    /// whoever acts asks [`Self::authorize`].
    pub fn may<A: Act>(&self, facts: &Facts, category: Category) -> bool {
        self.decide::<A>(facts, category).outcome == Outcome::Allowed
    }

    /// What [`Self::authorize`] would answer, with the rules that decide.
    pub fn decide<A: Act>(&self, facts: &Facts, category: Category) -> Verdict {
        self.verdict(facts, category, A::ACTION)
    }

    fn verdict(&self, facts: &Facts, category: Category, action: Action) -> Verdict {
        Question::new(facts, category, action)
            .map_or(Verdict::REFUSED, |question| self.tables.decide(question))
    }
}

impl fmt::Debug for PolicyEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyEngine").finish_non_exhaustive()
    }
}

/// Whether the decision is written down before the permit is given: each opening of what is
/// recorded every time, the first everyday look of the person's day, and each copy that leaves the
/// service, which no transaction of a change would record.
const fn recorded_first(facts: &Facts, category: Category, action: Action) -> bool {
    match action {
        Action::Disclose => {
            category.is_recorded_each_time() || (category.is_everyday() && !facts.everyday_recorded)
        }
        Action::Export => true,
        _ => false,
    }
}
