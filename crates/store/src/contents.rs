//! Sealed texts of a circle, as versions with author and time.

use kith_domain::ids::{CircleId, ContentId, MembershipId};
use kith_domain::{EndingKind, Owner, Timestamp};
use kith_vault::{Field, Place, Sealed};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::{at, small};
use crate::entity::content;
use crate::error::StoreError;
use crate::raw;
use crate::rota::Slot;
use crate::unit::{Reader, UnitOfWork};

/// One version of one sealed text.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its id: the row that the seal is bound to.
    pub id: ContentId,
    /// What it is.
    pub field: Field,
    /// What it is about: the circle, a task, a membership, a welcome, a slot.
    pub subject: Uuid,
    /// Who wrote it; none when the coordinator did on starting the circle.
    pub author: Option<MembershipId>,
    /// When.
    pub at: Timestamp,
    /// The text.
    pub sealed: Sealed,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    field: String,
    subject_id: Uuid,
    sealed: Vec<u8>,
    key_version: i32,
    author_id: Option<Uuid>,
    created_at: i64,
}

impl Row {
    fn content(self, circle: CircleId) -> Result<Content, StoreError> {
        let nonsense = StoreError::Inconsistent { table: "content", id: self.id };
        let field = Field::from_column(&self.field).ok_or(nonsense)?;
        let place = Place { owner: Owner::Circle(circle), field, row: self.id };
        let version = small(self.key_version, "content", self.id)?;
        Ok(Content {
            id: ContentId::from_uuid(self.id),
            field,
            subject: self.subject_id,
            author: self.author_id.map(MembershipId::from_uuid),
            at: at(self.created_at),
            sealed: Sealed::from_parts(place, version, self.sealed),
        })
    }
}

/// The notes of the tasks of which a slot that stands starts within these two places of a statement,
/// and those of such slots.
fn notes_between(field: &str, from: &str, to: &str) -> String {
    let then = format!(
        "WHERE s.organisation_id = $1 AND s.circle_id = $2 AND s.starts_at >= {from} \
         AND s.starts_at < {to} AND s.state = 'open'"
    );
    let newest = NEWEST.replacen("c.field = $3", &format!("c.field = {field}"), 1);
    format!(
        "{newest} AND c.subject_id IN (SELECT s.task_id FROM slot s {then} \
         UNION ALL SELECT s.id FROM slot s {then}) LIMIT 1000"
    )
}

/// The names of the patient and of members.
fn newest_names() -> String {
    NEWEST.replacen("c.field = $3", "c.field IN ($3, $4)", 1) + " LIMIT $5 + 0"
}

const NEWEST: &str = "SELECT c.id, c.field, c.subject_id, c.sealed, c.key_version, c.author_id, \
     c.created_at FROM content c WHERE c.organisation_id = $1 AND c.circle_id = $2 AND c.field = $3 \
     AND c.version = (SELECT MAX(v.version) FROM content v \
       WHERE v.organisation_id = c.organisation_id AND v.circle_id = c.circle_id \
       AND v.field = c.field AND v.subject_id = c.subject_id)";

impl Reader {
    /// The newest version of one text.
    pub async fn content(
        &self,
        circle: CircleId,
        field: Field,
        subject: Uuid,
    ) -> Result<Option<Content>, StoreError> {
        let row: Option<Row> = raw::one(
            &self.txn,
            &format!("{NEWEST} AND c.subject_id = $4"),
            self.keys(circle, field, [subject.into()]),
        )
        .await?;
        row.map(|row| row.content(circle)).transpose()
    }

    /// The first names of a circle's patient and of its members, with one statement, for every page of a
    /// circle asks; at most `limit`.
    pub async fn names(&self, circle: CircleId, limit: u32) -> Result<Vec<Content>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &newest_names(),
            self.keys(
                circle,
                Field::PatientName,
                [Field::MemberName.column().into(), i64::from(limit).into()],
            ),
        )
        .await?;
        rows.into_iter().map(|row| row.content(circle)).collect()
    }

    /// The newest version of one field for every subject that has it, newest text first, at most
    /// `limit`.
    pub async fn contents(
        &self,
        circle: CircleId,
        field: Field,
        limit: u32,
    ) -> Result<Vec<Content>, StoreError> {
        self.contents_before(circle, field, None, limit).await
    }

    /// Like [`Self::contents`], only what was written before `before`: for paging.
    pub async fn contents_before(
        &self,
        circle: CircleId,
        field: Field,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Content>, StoreError> {
        let before = before.map_or(i64::MAX, Timestamp::as_second);
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "{NEWEST} AND c.created_at < $4 ORDER BY c.created_at DESC, c.id LIMIT $5 + 0"
            ),
            self.keys(circle, field, [before.into(), i64::from(limit).into()]),
        )
        .await?;
        rows.into_iter().map(|row| row.content(circle)).collect()
    }

    /// What is said of one date: its own note, which may be empty, or else that of its task.
    pub async fn note_of(&self, slot: &Slot) -> Result<Option<Content>, StoreError> {
        match self.content(slot.circle, Field::TaskNote, slot.id.as_uuid()).await? {
            Some(own) => Ok(Some(own)),
            None => self.content(slot.circle, Field::TaskNote, slot.task.as_uuid()).await,
        }
    }

    /// The notes of the tasks of which a slot starts in `[from, to)`, and those of such slots.
    pub async fn task_notes_between(
        &self,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Content>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &notes_between("$3", "$4", "$5"),
            self.keys(circle, Field::TaskNote, [from.as_second().into(), to.as_second().into()]),
        )
        .await?;
        rows.into_iter().map(|row| row.content(circle)).collect()
    }

    /// [`Self::names`] and [`Self::task_notes_between`] with one statement, for every page with a list of
    /// slots asks both.
    pub async fn names_and_notes_between(
        &self,
        circle: CircleId,
        limit: u32,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Content>, StoreError> {
        let (names, notes) = (newest_names(), notes_between("$6", "$7", "$8"));
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!("SELECT * FROM ({names}) AS n UNION ALL SELECT * FROM ({notes}) AS t"),
            self.keys(
                circle,
                Field::PatientName,
                [
                    Field::MemberName.column().into(),
                    i64::from(limit).into(),
                    Field::TaskNote.column().into(),
                    from.as_second().into(),
                    to.as_second().into(),
                ],
            ),
        )
        .await?;
        rows.into_iter().map(|row| row.content(circle)).collect()
    }

    fn keys<const N: usize>(&self, circle: CircleId, field: Field, more: [Value; N]) -> Vec<Value> {
        let first: [Value; 3] =
            [self.organisation.into(), circle.as_uuid().into(), field.column().into()];
        first.into_iter().chain(more).collect()
    }
}

/// The row that a seal is bound to: what it is about is the caller's to add.
pub(crate) fn content_row(sealed: Sealed) -> content::ActiveModel {
    let place = sealed.place();
    content::ActiveModel {
        id: Set(place.row),
        field: Set(place.field.column().to_owned()),
        key_version: Set(i32::try_from(sealed.key_version()).unwrap_or(i32::MAX)),
        sealed: Set(sealed.into_bytes()),
        ..Default::default()
    }
}

impl UnitOfWork {
    /// Adds a version of a text. The seal is bound to its row, so the row's id comes with it.
    pub async fn put_content(
        &self,
        circle: CircleId,
        subject: Uuid,
        author: Option<MembershipId>,
        sealed: Sealed,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Version {
            version: Option<i32>,
        }
        let place = sealed.place();
        let newest: Option<Version> = raw::one(
            &self.txn,
            "SELECT MAX(version) AS version FROM content WHERE organisation_id = $1 \
             AND circle_id = $2 AND field = $3 AND subject_id = $4",
            self.keys(circle, place.field, [subject.into()]),
        )
        .await?;
        let version = newest.and_then(|newest| newest.version).unwrap_or(0) + 1;
        let row = content::ActiveModel {
            organisation_id: Set(self.organisation),
            circle_id: Set(circle.as_uuid()),
            subject_id: Set(subject),
            version: Set(version),
            author_id: Set(author.map(MembershipId::as_uuid)),
            created_at: Set(now.as_second()),
            ..content_row(sealed)
        };
        content::Entity::insert(row).exec_without_returning(&self.txn).await?;
        Ok(())
    }

    /// A text that was about `from` is about `to` from now on, with every version of it.
    pub async fn move_content(
        &self,
        circle: CircleId,
        field: Field,
        from: Uuid,
        to: Uuid,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE content SET subject_id = $5 WHERE organisation_id = $1 AND circle_id = $2 \
             AND field = $3 AND subject_id = $4",
            self.keys(circle, field, [from.into(), to.into()]),
        )
        .await
        .map(|_| ())
    }

    /// Destroys every version of one text.
    pub async fn erase_content(
        &self,
        circle: CircleId,
        field: Field,
        subject: Uuid,
    ) -> Result<u64, StoreError> {
        self.end_rows(
            EndingKind::Text,
            "DELETE FROM content WHERE organisation_id = $1 AND circle_id = $2 AND field = $3 \
             AND subject_id = $4 RETURNING id",
            self.keys(circle, field, [subject.into()]),
        )
        .await
    }
}
