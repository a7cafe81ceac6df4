//! Who said what for a member whom no e-mail reaches, as people read it.

use kith_domain::ids::{MembershipId, SlotId};
use kith_domain::{SaidFor, Timestamp};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, word};
use crate::error::StoreError;
use crate::people::Membership;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// Something that one member said for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// For whom.
    pub membership: MembershipId,
    /// Who said it.
    pub by: MembershipId,
    /// What.
    pub what: SaidFor,
    /// When.
    pub at: Timestamp,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    membership_id: Uuid,
    said_by: Uuid,
    what: String,
    said_at: i64,
}

impl Row {
    fn said(self) -> Result<Said, StoreError> {
        Ok(Said {
            membership: MembershipId::from_uuid(self.membership_id),
            by: MembershipId::from_uuid(self.said_by),
            what: word(&self.what, "said_for", self.id)?,
            at: at(self.said_at),
        })
    }
}

/// Seconds within which an address that is wrong sends its first mail back: a mail server that cannot
/// hand it on gives up after four to five days (RFC 5321, 4.5.4.1), and one more for the way.
const FOUND_WRONG_AFTER: i64 = 6 * 86_400;

impl Reader {
    /// What was said for members about a slot, oldest first; the newest 50.
    pub async fn said_about(&self, slot: SlotId) -> Result<Vec<Said>, StoreError> {
        self.said("slot_id", slot.as_uuid(), 50).await
    }

    /// What was said for a member, about slots too, oldest first; the newest `limit`.
    pub async fn said_for(
        &self,
        membership: MembershipId,
        limit: u32,
    ) -> Result<Vec<Said>, StoreError> {
        self.said("membership_id", membership.as_uuid(), limit).await
    }

    /// Whether a member is in the circle by the word of somebody else and by nothing of their own: they
    /// have never come in, answered an invitation, or signed in, and no mail has reached them for longer
    /// than an address takes to be found wrong. Whoever was reached once is the only one who may change
    /// where mails go: else a mailbox that is full would let somebody put an address of their own there.
    pub async fn is_in_by_word_only(&self, member: &Membership) -> Result<bool, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Found {
            many: i64,
        }
        let row: Option<Found> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS many FROM said_for s \
             WHERE s.organisation_id = $1 AND s.membership_id = $2 AND s.what = 'yes' \
               AND NOT EXISTS (SELECT 1 FROM welcome w WHERE w.organisation_id = $1 \
                 AND w.membership_id = $2 \
                 AND (w.answered_at IS NOT NULL OR w.words_used_at IS NOT NULL)) \
               AND NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.organisation_id = $1 \
                 AND e.person_id = $3) \
               AND NOT EXISTS (SELECT 1 FROM session x WHERE x.organisation_id = $1 \
                 AND x.person_id = $3) \
               AND NOT EXISTS (SELECT 1 FROM person p JOIN outbox o \
                 ON o.organisation_id = p.organisation_id AND o.person_id = p.id \
                 WHERE p.organisation_id = $1 AND p.id = $3 AND o.state = 'sent' \
                 AND o.changed_at < p.mail_bounced_at - $4)",
            vec![
                self.organisation.into(),
                member.id.as_uuid().into(),
                member.person.as_uuid().into(),
                FOUND_WRONG_AFTER.into(),
            ],
        )
        .await?;
        Ok(row.is_some_and(|row| row.many > 0))
    }

    async fn said(
        &self,
        column: &'static str,
        id: Uuid,
        limit: u32,
    ) -> Result<Vec<Said>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "SELECT id, membership_id, said_by, what, said_at FROM said_for \
                 WHERE organisation_id = $1 AND {column} = $2 ORDER BY said_at DESC, nth DESC, id \
                 LIMIT $3 + 0"
            ),
            vec![self.organisation.into(), id.into(), i64::from(limit).into()],
        )
        .await?;
        rows.into_iter().rev().map(Row::said).collect()
    }
}

impl UnitOfWork {
    /// Remembers who said what for a member, and about which slot if about one. The member is to be
    /// held, so that what was said first stays first.
    pub async fn add_said_for(
        &self,
        member: &Membership,
        by: MembershipId,
        (what, slot): (SaidFor, Option<SlotId>),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "INSERT INTO said_for \
               (organisation_id, id, circle_id, membership_id, said_by, slot_id, what, said_at, nth) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, COALESCE(MAX(s.nth), 0) + 1 \
             FROM said_for s WHERE s.organisation_id = $1 AND s.membership_id = $4",
            vec![
                self.organisation.into(),
                self.ids.next().into(),
                member.circle.as_uuid().into(),
                member.id.as_uuid().into(),
                by.as_uuid().into(),
                slot.map(SlotId::as_uuid).into(),
                what.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
