//! Decides, records, and only then gives a permit.

use core::fmt;
use std::sync::Arc;

use kith_domain::{Action, Category, Tier};

use crate::facts::Facts;
use crate::log::{DecisionLog, DecisionRecord, RecordError};
use crate::permit::{Act, Permit};
use crate::scope::RequestScope;
use crate::tables::{LoadError, Tables};
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
    tables: Tables,
    log: Arc<dyn DecisionLog>,
}

impl PolicyEngine {
    /// Asks casbin about every cell of the three tables of `policies/`, checks the invariants over
    /// all of them, and keeps the answers. Any doubt is an error, and an error keeps the service
    /// from starting.
    pub async fn load(log: Arc<dyn DecisionLog>) -> Result<Self, LoadError> {
        Ok(Self { tables: Tables::load().await?, log })
    }

    /// Decides, records the decision where it has to be recorded first, and only then gives a
    /// permit.
    pub async fn authorize<'s, A: Act>(
        &self,
        scope: &'s RequestScope,
        facts: &Facts,
        category: Category,
    ) -> Result<Permit<'s, A>, Refused> {
        let verdict = self.tables.decide(facts, category, A::ACTION);
        let mut record =
            DecisionRecord::new(scope.next_decision(), scope.at(), facts, category, A::ACTION);
        record.rules = verdict.rules();
        match verdict.outcome {
            Outcome::Allowed => {}
            Outcome::StepUp(tier) => return Err(Refused::StepUp(tier)),
            Outcome::Denied => {
                self.log.note_refusal(record);
                return Err(Refused::Denied);
            }
        }
        record.allowed = true;
        let everyday = A::ACTION == Action::Disclose && category.is_everyday();
        record.everyday = everyday;
        if recorded_first(category, A::ACTION) || (everyday && !facts.everyday_recorded) {
            self.log.record(record.clone()).await?;
        }
        Ok(Permit::mint(scope, facts.clone(), category, record))
    }

    /// Whether it would be allowed: to show or hide a button. Proves nothing and records nothing;
    /// whoever acts asks [`Self::authorize`].
    pub fn may<A: Act>(&self, facts: &Facts, category: Category) -> bool {
        self.decide::<A>(facts, category).outcome == Outcome::Allowed
    }

    /// What [`Self::authorize`] would answer, with the rules that decide.
    pub fn decide<A: Act>(&self, facts: &Facts, category: Category) -> Verdict {
        self.tables.decide(facts, category, A::ACTION)
    }
}

impl fmt::Debug for PolicyEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyEngine").finish_non_exhaustive()
    }
}

/// Openings that are recorded every time, before a byte is opened. Export has no transaction of its
/// own that could carry the record, so it is recorded here too.
const fn recorded_first(category: Category, action: Action) -> bool {
    match action {
        Action::Disclose => matches!(
            category,
            Category::Address
                | Category::News
                | Category::Care
                | Category::Entry
                | Category::Delivery
                | Category::Oversight
        ),
        Action::Export => true,
        _ => false,
    }
}
