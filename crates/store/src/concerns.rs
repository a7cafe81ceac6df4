//! What somebody told the organisation in confidence.

use kith_domain::ids::{CircleId, ConcernId, PersonId};
use kith_domain::{Owner, Timestamp};
use kith_vault::{Field, Place, Sealed};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, at_option, small};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// A worry to keep.
#[derive(Debug)]
pub struct NewConcern {
    /// Its id: the row that the seals are bound to.
    pub id: ConcernId,
    /// The circle it is about.
    pub circle: CircleId,
    /// Who tells it.
    pub person: PersonId,
    /// What was told.
    pub note: Sealed,
    /// How to reach whoever told it, if they want that.
    pub callback: Option<Sealed>,
}

/// A worry as the organisation's inbox holds it.
#[derive(Clone, Debug)]
pub struct Concern {
    /// Its id.
    pub id: ConcernId,
    /// The circle it is about.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// What was told.
    pub note: Sealed,
    /// How to reach whoever told it.
    pub callback: Option<Sealed>,
    /// When it was told.
    pub raised_at: Timestamp,
    /// When a coordinator said that it was dealt with.
    pub settled_at: Option<Timestamp>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    circle_id: Uuid,
    nature_name: String,
    note: Vec<u8>,
    callback: Option<Vec<u8>>,
    key_version: i32,
    raised_at: i64,
    settled_at: Option<i64>,
}

const CONCERN: &str = "SELECT n.id, n.circle_id, c.nature_name, n.note, n.callback, n.key_version, \
     n.raised_at, n.settled_at FROM concern n JOIN circle c \
       ON c.organisation_id = n.organisation_id AND c.id = n.circle_id \
     WHERE n.organisation_id = $1";

impl Row {
    fn concern(self, owner: Owner) -> Result<Concern, StoreError> {
        let version = small(self.key_version, "concern", self.id)?;
        let sealed = |field: Field, bytes: Vec<u8>| {
            Sealed::from_parts(Place { owner, field, row: self.id }, version, bytes)
        };
        Ok(Concern {
            id: ConcernId::from_uuid(self.id),
            circle: CircleId::from_uuid(self.circle_id),
            nature_name: self.nature_name,
            note: sealed(Field::ConcernNote, self.note),
            callback: self.callback.map(|bytes| sealed(Field::ConcernCallback, bytes)),
            raised_at: at(self.raised_at),
            settled_at: at_option(self.settled_at),
        })
    }
}

impl Reader {
    /// The inbox: what is not dealt with first, then newest first; at most `limit`.
    pub async fn concerns(&self, limit: u32) -> Result<Vec<Concern>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "{CONCERN} ORDER BY CASE WHEN n.settled_at IS NULL THEN 0 ELSE 1 END, \
                 n.raised_at DESC, n.id LIMIT $2 + 0"
            ),
            vec![self.organisation.into(), i64::from(limit).into()],
        )
        .await?;
        rows.into_iter().map(|row| row.concern(self.everybodys())).collect()
    }

    /// How many worries wait that nobody has dealt with.
    pub async fn concerns_waiting(&self) -> Result<u32, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            waiting: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS waiting FROM concern \
             WHERE organisation_id = $1 AND settled_at IS NULL",
            vec![self.organisation.into()],
        )
        .await?;
        Ok(row.map_or(0, |row| u32::try_from(row.waiting).unwrap_or(u32::MAX)))
    }

    /// One worry.
    pub async fn concern(&self, id: ConcernId) -> Result<Option<Concern>, StoreError> {
        let row: Option<Row> = raw::one(
            &self.txn,
            &format!("{CONCERN} AND n.id = $2"),
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await?;
        row.map(|row| row.concern(self.everybodys())).transpose()
    }

    const fn everybodys(&self) -> Owner {
        Owner::Organisation(kith_domain::ids::OrganisationId::from_uuid(self.organisation))
    }
}

impl UnitOfWork {
    /// Keeps a worry.
    pub async fn add_concern(&self, new: NewConcern, now: Timestamp) -> Result<(), StoreError> {
        let version = i32::try_from(new.note.key_version()).unwrap_or(i32::MAX);
        raw::execute(
            &self.txn,
            "INSERT INTO concern (organisation_id, id, circle_id, person_id, note, callback, \
               key_version, raised_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            vec![
                self.organisation.into(),
                new.id.as_uuid().into(),
                new.circle.as_uuid().into(),
                new.person.as_uuid().into(),
                new.note.into_bytes().into(),
                new.callback.map(Sealed::into_bytes).into(),
                version.into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// A coordinator has dealt with it. `false` when somebody said so before.
    pub async fn settle_concern(
        &self,
        id: ConcernId,
        by: PersonId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE concern SET settled_at = $3, settled_by = $4 WHERE organisation_id = $1 \
             AND id = $2 AND settled_at IS NULL",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                now.as_second().into(),
                by.as_uuid().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }
}
