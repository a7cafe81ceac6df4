//! Who was told that a circle is paused.

use kith_domain::ids::{CircleId, PersonId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::StoreError;
use crate::raw;
use crate::unit::Reader;

impl Reader {
    /// Who was told that a circle is paused, or may have been, and not since that it goes on.
    pub async fn told_of_pause(&self, circle: CircleId) -> Result<Vec<PersonId>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            person_id: Uuid,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT DISTINCT p.person_id FROM outbox p \
             WHERE p.organisation_id = $1 AND p.circle_id = $2 AND p.kind = 'paused' \
               AND p.person_id IS NOT NULL AND p.first_attempt_at IS NOT NULL \
               AND p.state <> 'failed' \
               AND NOT EXISTS (SELECT 1 FROM outbox g WHERE g.organisation_id = p.organisation_id \
                 AND g.circle_id = p.circle_id AND g.person_id = p.person_id \
                 AND g.kind = 'goes_on' AND g.state = 'sent' \
                 AND g.created_at >= p.first_attempt_at)",
            vec![self.organisation.into(), circle.as_uuid().into()],
        )
        .await?;
        Ok(rows.into_iter().map(|row| PersonId::from_uuid(row.person_id)).collect())
    }
}
