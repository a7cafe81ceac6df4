//! What the engine is told about one person towards one owner.

use kith_domain::ids::{CircleId, MembershipId, OrganisationId, PersonId, SessionId};
use kith_domain::{Basis, Category, CategorySet, CircleState, Owner, Standing, Tier};
use uuid::Uuid;

/// Everything the engine is told about one person towards one owner at one moment.
///
/// The store reads them in the transaction that reads what they protect, never from a cache. A
/// write transaction reads them again first and goes on only when they are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The organisation that everything of this request belongs to.
    pub organisation: OrganisationId,
    /// Whose information it is.
    pub owner: Owner,
    /// The one row that may be opened or written, when the owner keeps rows of many people under
    /// one key. Somebody's own details (`contact`) open only with it.
    pub subject: Option<Uuid>,
    /// Who asks. `None` for a job, and for a visitor whom we do not know.
    pub person: Option<PersonId>,
    /// The signed-in visit, when there is one.
    pub session: Option<SessionId>,
    /// The person's place in the circle, when there is one.
    pub membership: Option<MembershipId>,
    /// What the person is towards the owner.
    pub standing: Standing,
    /// How sure we are that it is this person, for this owner.
    pub tier: Tier,
    /// State of the circle; [`CircleState::NoCircle`] when the owner is an organisation.
    pub state: CircleState,
    /// Categories with a live grant. Of a box's `delivery`: the consent stands and the box is open.
    pub grants: CategorySet,
    /// Categories that an open window of one's own slot discloses. Of a box: `packing` for who
    /// packs it, `delivery` for who carries it, on the day, from collected until delivered.
    pub windows: CategorySet,
    /// Whether this person's everyday looks in this circle are already recorded today.
    pub everyday_recorded: bool,
}

impl Facts {
    /// The program itself, towards `owner`. It has no session, so its tier is `none`.
    pub const fn job(organisation: OrganisationId, owner: Owner, state: CircleState) -> Self {
        Self::without_session(organisation, owner, state, Standing::Job)
    }

    /// Somebody who is nothing to `owner`, or an owner that does not exist: asked all the same, so
    /// that a refusal and a missing page take the same way.
    pub const fn stranger(organisation: OrganisationId, owner: Owner, state: CircleState) -> Self {
        Self::without_session(organisation, owner, state, Standing::Stranger)
    }

    /// The same facts, about this one row only.
    #[must_use]
    pub const fn about(mut self, subject: Uuid) -> Self {
        self.subject = Some(subject);
        self
    }

    const fn without_session(
        organisation: OrganisationId,
        owner: Owner,
        state: CircleState,
        standing: Standing,
    ) -> Self {
        Self {
            organisation,
            owner,
            subject: None,
            person: None,
            session: None,
            membership: None,
            standing,
            tier: Tier::None,
            state,
            grants: CategorySet::EMPTY,
            windows: CategorySet::EMPTY,
            everyday_recorded: false,
        }
    }

    /// Why this person may see `category`.
    pub const fn basis(&self, category: Category) -> Basis {
        Basis::new(self.grants.contains(category), self.windows.contains(category))
    }

    /// The circle, when a circle is the owner.
    pub const fn circle(&self) -> Option<CircleId> {
        match self.owner {
            Owner::Circle(circle) => Some(circle),
            Owner::Organisation(_) => None,
        }
    }
}
