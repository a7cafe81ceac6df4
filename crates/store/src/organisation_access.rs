//! The facts of a decision about the organisation itself, and data keys without facts.

use kith_domain::sign_in::ENROLMENT_IDLE_DAYS;
use kith_domain::{CategorySet, CircleState, Owner, Standing, Timestamp};
use kith_policy::Facts;
use kith_vault::WrappedKey;
use sea_orm::FromQueryResult;

use crate::access::{staff_standing, tier};
use crate::convert::small;
use crate::error::StoreError;
use crate::raw;
use crate::sessions::Session;
use crate::unit::Reader;

/// Somebody's facts towards the organisation itself.
#[derive(Clone, Debug)]
pub struct OrganisationAccess {
    /// What the engine is told.
    pub facts: Facts,
    /// The organisation's data key.
    pub key: WrappedKey,
}

#[derive(Debug, FromQueryResult)]
struct StaffRow {
    staff_role: Option<String>,
    enrolled_staff: i64,
    enrolled_anywhere: i64,
    version: i32,
    wrapped: Vec<u8>,
}

impl Reader {
    /// How `session` stands towards the organisation: as its staff, or as oneself towards one's
    /// own details.
    pub async fn organisation_access(
        &self,
        session: &Session,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<OrganisationAccess, StoreError> {
        let row: Option<StaffRow> = raw::one(
            &self.txn,
            "SELECT st.role AS staff_role, k.version, k.wrapped, \
               (SELECT COUNT(*) FROM enrolment e WHERE e.organisation_id = k.organisation_id \
                 AND e.person_id = $2 AND e.device_id = $3 AND e.circle_id IS NULL \
                 AND e.ended_at IS NULL AND e.last_used_at > $4) AS enrolled_staff, \
               (SELECT COUNT(*) FROM enrolment e WHERE e.organisation_id = k.organisation_id \
                 AND e.person_id = $2 AND e.device_id = $3 \
                 AND e.ended_at IS NULL AND e.last_used_at > $4) AS enrolled_anywhere \
             FROM data_key k LEFT JOIN staff st ON st.organisation_id = k.organisation_id \
               AND st.person_id = $2 AND st.ended_at IS NULL \
             WHERE k.organisation_id = $1 AND k.owner_id = $1 ORDER BY k.version DESC LIMIT 1",
            vec![
                self.organisation.into(),
                session.person.as_uuid().into(),
                session.device.as_uuid().into(),
                now.plus_days(-ENROLMENT_IDLE_DAYS).as_second().into(),
            ],
        )
        .await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let id = self.organisation;
        let (standing, tier, subject) = if as_staff {
            let standing = staff_standing(row.staff_role.as_deref(), id)?;
            (standing, tier(Some(session), row.enrolled_staff > 0, now), None)
        } else {
            // One's own details are no circle's: any device of one's own is one's own.
            let tier = tier(Some(session), row.enrolled_anywhere > 0, now);
            (Standing::Oneself, tier, Some(session.person.as_uuid()))
        };
        Ok(OrganisationAccess {
            facts: Facts {
                organisation: self.organisation(),
                owner: Owner::Organisation(self.organisation()),
                subject,
                person: Some(session.person),
                session: Some(session.id),
                membership: None,
                standing,
                tier,
                state: CircleState::NoCircle,
                grants: CategorySet::EMPTY,
                windows: CategorySet::EMPTY,
                everyday_recorded: false,
            },
            key: WrappedKey {
                owner: Owner::Organisation(self.organisation()),
                version: small(row.version, "data_key", id)?,
                bytes: row.wrapped,
            },
        })
    }

    /// The newest wrapped data key of an owner.
    pub async fn wrapped_key(&self, owner: Owner) -> Result<WrappedKey, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct KeyRow {
            version: i32,
            wrapped: Vec<u8>,
        }
        let row: Option<KeyRow> = raw::one(
            &self.txn,
            "SELECT version, wrapped FROM data_key WHERE organisation_id = $1 AND owner_id = $2 \
             ORDER BY version DESC LIMIT 1",
            vec![self.organisation.into(), owner.as_uuid().into()],
        )
        .await?;
        let row = row.ok_or(StoreError::NotFound)?;
        Ok(WrappedKey {
            owner,
            version: small(row.version, "data_key", owner.as_uuid())?,
            bytes: row.wrapped,
        })
    }
}
