//! What is written down about a decision, and where to.

use async_trait::async_trait;
use kith_domain::ids::{CircleId, DecisionId, MembershipId, OrganisationId, PersonId, SessionId};
use kith_domain::{Action, Basis, Category, CircleState, Standing, Tier, Timestamp};
use uuid::Uuid;

use crate::facts::Facts;
use crate::verdict::{Outcome, Verdict};

/// One decision: who asked for what, on which facts, what was answered and by which rules. Ids and
/// words only, no content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRecord {
    /// The decision's own id.
    pub id: DecisionId,
    /// When the request arrived.
    pub at: Timestamp,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The circle, when a circle is the owner.
    pub circle: Option<CircleId>,
    /// Who asked; `None` for a job or an unknown visitor.
    pub person: Option<PersonId>,
    /// The signed-in visit.
    pub session: Option<SessionId>,
    /// The person's place in the circle.
    pub membership: Option<MembershipId>,
    /// The one row it was about, when it was about one.
    pub subject: Option<Uuid>,
    /// Standing at that moment.
    pub standing: Standing,
    /// Session tier at that moment.
    pub tier: Tier,
    /// State of the circle at that moment.
    pub state: CircleState,
    /// Why the person may see the category.
    pub basis: Basis,
    /// What it was about.
    pub category: Category,
    /// What was to be done with it.
    pub action: Action,
    /// The answer.
    pub allowed: bool,
    /// The rules that decided, such as `who:301 sure:12 state:7`. A `-` stands where no rule speaks.
    pub rules: String,
    /// The first everyday look of this person's day in this circle: whoever writes the record also
    /// marks the day, so that the next one need not be written.
    pub everyday: bool,
}

/// A decision before it is written out. Most are never written, so the text of the rules is made
/// only for those that are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    pub(crate) id: DecisionId,
    pub(crate) at: Timestamp,
    pub(crate) category: Category,
    pub(crate) action: Action,
    pub(crate) verdict: Verdict,
}

impl Decision {
    pub(crate) fn record(self, facts: &Facts) -> DecisionRecord {
        let Self { id, at, category, action, verdict } = self;
        let allowed = verdict.outcome == Outcome::Allowed;
        DecisionRecord {
            id,
            at,
            organisation: facts.organisation,
            circle: facts.circle(),
            person: facts.person,
            session: facts.session,
            membership: facts.membership,
            subject: facts.subject,
            standing: facts.standing,
            tier: facts.tier,
            state: facts.state,
            basis: facts.basis(category),
            category,
            action,
            allowed,
            rules: verdict.rules(),
            everyday: allowed && action == Action::Disclose && category.is_everyday(),
        }
    }
}

/// A decision could not be written down, so what it allows does not happen. Carries no cause: the
/// log that failed reports its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the decision could not be recorded")]
pub struct RecordError;

/// Where decisions are written. Chosen once, when the engine is loaded.
#[async_trait]
pub trait DecisionLog: Send + Sync + 'static {
    /// Makes `record` durable before returning.
    async fn record(&self, record: DecisionRecord) -> Result<(), RecordError>;

    /// Notes a refusal. Returns at once and never fails: a refusal must take no longer than a
    /// missing page does.
    fn note_refusal(&self, record: DecisionRecord);
}
