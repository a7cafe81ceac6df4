//! The facts of a permit, read once more in the transaction of the change that it allows.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Owner, Standing, Tier, Timestamp};
use kith_policy::Facts;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::membership::{Column, Entity};
use crate::error::StoreError;
use crate::unit::UnitOfWork;

impl UnitOfWork {
    /// Reads the facts of a permit again; anything that changed since is a conflict.
    ///
    /// A job has no session, and nor has somebody who is just signing in: their facts are not of
    /// rows, and hold.
    pub(crate) async fn facts_still_hold(
        &self,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let session = match facts.session {
            Some(id) => Some(self.live_session(id, now).await?.ok_or(StoreError::Conflict)?),
            None => None,
        };
        let as_staff = matches!(facts.standing, Standing::Coordinator | Standing::Administrator);
        let again = match (facts.owner, &session, facts.person) {
            _ if facts.standing == Standing::Job => return Ok(()),
            (Owner::Organisation(_), Some(session), _) => {
                self.organisation_access(session, now, as_staff).await?.facts
            }
            (Owner::Organisation(_), None, _) => return Ok(()),
            (Owner::Circle(circle), None, None) if facts.standing == Standing::Invited => {
                return self.link_still_leads_to(circle, facts).await;
            }
            (Owner::Circle(circle), _, person) => {
                self.share_lock_membership(facts.membership).await?;
                let access = match (facts.tier, person) {
                    (Tier::Link, Some(person)) => self.link_access(person, circle, now).await?,
                    _ => self.circle_access(session.as_ref(), circle, now, as_staff).await?,
                };
                access.ok_or(StoreError::Conflict)?.facts
            }
        };
        // A window or the freshness may end between the two reads, or begin; only losing counts.
        let same = Facts {
            tier: facts.tier,
            windows: facts.windows,
            everyday_recorded: facts.everyday_recorded,
            subject: facts.subject,
            ..again.clone()
        };
        let nothing_lost = again.tier >= facts.tier && again.windows.contains_all(facts.windows);
        if nothing_lost && same == *facts { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Whoever opened a link to a circle and is nobody yet: of their facts only the circle's state can
    /// have changed. Whether the link still counts, the change reads itself.
    async fn link_still_leads_to(&self, circle: CircleId, facts: &Facts) -> Result<(), StoreError> {
        let now = self.circle(circle).await?.ok_or(StoreError::Conflict)?;
        if now.state == facts.state { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Keeps the membership from ending before this transaction does. Without a word on SQLite,
    /// where this transaction is the only writer anyway.
    async fn share_lock_membership(
        &self,
        membership: Option<MembershipId>,
    ) -> Result<(), StoreError> {
        if let Some(membership) = membership {
            Entity::find()
                .filter(Column::OrganisationId.eq(self.organisation))
                .filter(Column::Id.eq(membership.as_uuid()))
                .lock_shared()
                .one(&self.txn)
                .await?;
        }
        Ok(())
    }
}
