//! The outbox: mails as rows, written in the transaction that caused them.

use kith_domain::ids::{
    CircleId, ClaimId, MailId, OrganisationId, PersonId, SignInId, SlotId, WelcomeId,
};
use kith_domain::{MailKind, MailReason, MailState, Timestamp};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, Value, sea_query::OnConflict};
use uuid::Uuid;

use crate::convert::{at, at_option, small, word};
use crate::entity::outbox;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, Store, UnitOfWork};

/// What a mail is about. Never what it says: that is composed at hand-over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailSubject {
    /// For whom; a sign-in code finds its persons by address instead.
    pub person: Option<PersonId>,
    /// The asking for a code.
    pub sign_in: Option<SignInId>,
    /// The circle whose state and membership must still allow it.
    pub circle: Option<CircleId>,
    /// The slot it is about.
    pub slot: Option<SlotId>,
    /// The promise it is about.
    pub claim: Option<ClaimId>,
    /// The way in it carries.
    pub welcome: Option<WelcomeId>,
}

/// A mail to plan.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Kind.
    pub kind: MailKind,
    /// Planned once for each such text in the organisation.
    pub dedupe: String,
    /// What it is about.
    pub subject: MailSubject,
    /// Small JSON of times and words; nothing confidential.
    pub detail: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// After this it expires unsent.
    pub useful_until: Timestamp,
}

/// A mail in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Kind.
    pub kind: MailKind,
    /// What it is about.
    pub subject: MailSubject,
    /// Small JSON of times and words.
    pub detail: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// After this it expires unsent.
    pub useful_until: Timestamp,
    /// State.
    pub state: MailState,
    /// Why it ended unsent, or waits.
    pub reason: Option<String>,
    /// Attempts begun.
    pub attempts: u32,
    /// When the first attempt began: fixes `Date` and the MIME boundary.
    pub first_attempt_at: Option<Timestamp>,
    /// What was composed then, as JSON, so that every retry sends the same bytes.
    pub frozen: Option<String>,
}

#[derive(Debug, FromQueryResult)]
struct Key {
    organisation_id: Uuid,
    id: Uuid,
}

fn from_row(row: outbox::Model) -> Result<Mail, StoreError> {
    Ok(Mail {
        id: MailId::from_uuid(row.id),
        kind: word(&row.kind, "outbox", row.id)?,
        subject: MailSubject {
            person: row.person_id.map(PersonId::from_uuid),
            sign_in: row.sign_in_id.map(SignInId::from_uuid),
            circle: row.circle_id.map(CircleId::from_uuid),
            slot: row.slot_id.map(SlotId::from_uuid),
            claim: row.claim_id.map(ClaimId::from_uuid),
            welcome: row.welcome_id.map(WelcomeId::from_uuid),
        },
        detail: row.detail,
        due_at: at(row.due_at),
        useful_until: at(row.useful_until),
        state: word(&row.state, "outbox", row.id)?,
        reason: row.reason,
        attempts: small(row.attempts, "outbox", row.id)?,
        first_attempt_at: at_option(row.first_attempt_at),
        frozen: row.frozen,
    })
}

impl Store {
    /// Takes up to `limit` due mails for `worker` until `lease_until`, oldest first.
    ///
    /// One conditional update: two workers never hold the same mail.
    pub async fn claim_due_mail(
        &self,
        worker: Uuid,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, MailId)>, StoreError> {
        let keys: Vec<Key> = raw::all(
            &self.connections.write,
            "UPDATE outbox SET state = 'claimed', lease_owner = $1, lease_until = $3 \
             WHERE state IN ('planned', 'retry') AND id IN (SELECT id FROM outbox \
               WHERE state IN ('planned', 'retry') AND next_at <= $2 \
               ORDER BY next_at, id LIMIT $4) \
             RETURNING organisation_id, id",
            vec![
                worker.into(),
                now.as_second().into(),
                lease_until.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        Ok(keys
            .into_iter()
            .map(|key| (OrganisationId::from_uuid(key.organisation_id), MailId::from_uuid(key.id)))
            .collect())
    }

    /// Gives mails of dead workers back: those whose lease ended before `now`, or all that are
    /// held when `everything` (an embedded database belongs to one process, which has just
    /// started). Says how many were being sent, and may be repeated.
    pub async fn take_back_mail(
        &self,
        now: Timestamp,
        everything: bool,
    ) -> Result<u64, StoreError> {
        let values = || vec![now.as_second().into(), everything.into()];
        raw::execute(
            &self.connections.write,
            "UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'retry' ELSE 'planned' END, \
               lease_owner = NULL, lease_until = NULL, next_at = $1 \
             WHERE state = 'claimed' AND ($2 OR lease_until < $1)",
            values(),
        )
        .await?;
        raw::execute(
            &self.connections.write,
            "UPDATE outbox SET state = 'retry', reason = 'interrupted', lease_owner = NULL, \
               lease_until = NULL, next_at = $1 \
             WHERE state = 'sending' AND ($2 OR lease_until < $1)",
            values(),
        )
        .await
    }

    /// Live claims that the planner should look at now; at most `limit`.
    pub async fn claims_to_plan(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, ClaimId)>, StoreError> {
        let keys: Vec<Key> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, id FROM claim WHERE plan_at <= $1 ORDER BY plan_at, id LIMIT $2",
            vec![now.as_second().into(), i64::from(limit).into()],
        )
        .await?;
        Ok(keys
            .into_iter()
            .map(|key| (OrganisationId::from_uuid(key.organisation_id), ClaimId::from_uuid(key.id)))
            .collect())
    }

    /// The next instant at which a mail is to be tried or a claim to be planned, if any.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            next_at: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.connections.read,
            "SELECT MIN(at) AS next_at FROM (SELECT MIN(next_at) AS at FROM outbox \
             WHERE state IN ('planned', 'retry', 'claimed', 'sending') \
             UNION ALL SELECT MIN(plan_at) AS at FROM claim) AS due",
            Vec::new(),
        )
        .await?;
        Ok(row.and_then(|row| row.next_at).map(at))
    }

    /// Says that this process works: silence is noticed by its absence.
    pub async fn heartbeat(&self, worker: Uuid, now: Timestamp) -> Result<(), StoreError> {
        raw::execute(
            &self.connections.write,
            "INSERT INTO worker (id, started_at, seen_at) VALUES ($1, $2, $2) \
             ON CONFLICT (id) DO UPDATE SET seen_at = $2",
            vec![worker.into(), now.as_second().into()],
        )
        .await?;
        raw::execute(
            &self.connections.write,
            "DELETE FROM worker WHERE seen_at < $1",
            vec![now.plus_days(-7).as_second().into()],
        )
        .await
        .map(|_| ())
    }

    /// When any process last worked.
    pub async fn last_heartbeat(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            seen_at: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.connections.read,
            "SELECT MAX(seen_at) AS seen_at FROM worker",
            Vec::new(),
        )
        .await?;
        Ok(row.and_then(|row| row.seen_at).map(at))
    }
}

impl Reader {
    /// One mail.
    pub async fn mail(&self, id: MailId) -> Result<Option<Mail>, StoreError> {
        outbox::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .map(from_row)
            .transpose()
    }

    /// Mails of a circle that ended without being sent since `since`, newest first: what a person
    /// must see. At most `limit`.
    pub async fn unsent_mail(
        &self,
        circle: CircleId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Mail>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
        outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::CircleId.eq(circle.as_uuid()))
            .filter(outbox::Column::State.is_in(["failed", "expired"]))
            .filter(outbox::Column::ChangedAt.gte(since.as_second()))
            .order_by_desc(outbox::Column::ChangedAt)
            .order_by_asc(outbox::Column::Id)
            .limit(u64::from(limit))
            .all(&self.txn)
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }
}

impl UnitOfWork {
    /// Plans a mail. `false` when it was planned before.
    pub async fn add_mail(&self, new: &NewMail, now: Timestamp) -> Result<bool, StoreError> {
        let added = outbox::Entity::insert(outbox::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(MailId::new(&*self.ids).as_uuid()),
            kind: Set(new.kind.as_str().to_owned()),
            dedupe: Set(new.dedupe.clone()),
            person_id: Set(new.subject.person.map(PersonId::as_uuid)),
            sign_in_id: Set(new.subject.sign_in.map(SignInId::as_uuid)),
            circle_id: Set(new.subject.circle.map(CircleId::as_uuid)),
            slot_id: Set(new.subject.slot.map(SlotId::as_uuid)),
            claim_id: Set(new.subject.claim.map(ClaimId::as_uuid)),
            welcome_id: Set(new.subject.welcome.map(WelcomeId::as_uuid)),
            detail: Set(new.detail.clone()),
            due_at: Set(new.due_at.as_second()),
            useful_until: Set(new.useful_until.as_second()),
            state: Set(MailState::Planned.as_str().to_owned()),
            reason: Set(None),
            attempts: Set(0),
            next_at: Set(new.due_at.as_second()),
            lease_owner: Set(None),
            lease_until: Set(None),
            first_attempt_at: Set(None),
            frozen: Set(None),
            created_at: Set(now.as_second()),
            changed_at: Set(now.as_second()),
        })
        .on_conflict(
            OnConflict::columns([outbox::Column::OrganisationId, outbox::Column::Dedupe])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&self.txn)
        .await?;
        Ok(added == 1)
    }

    /// Marks a held mail as being sent, with what was composed. `false` when `worker` no longer
    /// holds it: then nothing may be sent.
    pub async fn begin_sending(
        &self,
        id: MailId,
        worker: Uuid,
        frozen: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1, \
                   first_attempt_at = COALESCE(first_attempt_at, $4), \
                   frozen = COALESCE(frozen, $5), lease_until = $6, changed_at = $4 \
                 WHERE organisation_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'claimed'",
                id,
                worker,
                [now.as_second().into(), frozen.into(), lease_until.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// The relay took it.
    pub async fn mail_sent(
        &self,
        id: MailId,
        worker: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = 'sent', reason = NULL, frozen = NULL, \
                   lease_owner = NULL, lease_until = NULL, changed_at = $4 \
                 WHERE organisation_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'sending'",
                id,
                worker,
                [now.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// It waits until `next_at`; `reason` is a short word for people who look after the service.
    pub async fn mail_waits(
        &self,
        id: MailId,
        worker: Uuid,
        reason: &str,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'retry' ELSE 'planned' END, \
                   reason = $4, next_at = $5, lease_owner = NULL, lease_until = NULL, \
                   changed_at = $6 WHERE organisation_id = $1 AND id = $2 AND lease_owner = $3 \
                   AND state IN ('claimed', 'sending')",
                id,
                worker,
                [reason.into(), next_at.as_second().into(), now.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    /// It ends unsent, for a reason that a person can see.
    pub async fn mail_ends(
        &self,
        id: MailId,
        worker: Uuid,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .change_mail(
                "UPDATE outbox SET state = $4, reason = $5, frozen = NULL, lease_owner = NULL, \
                   lease_until = NULL, changed_at = $6 WHERE organisation_id = $1 AND id = $2 \
                   AND lease_owner = $3 AND state IN ('claimed', 'sending')",
                id,
                worker,
                [reason.ends_in().as_str().into(), reason.as_str().into(), now.as_second().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    async fn change_mail<const N: usize>(
        &self,
        sql: &str,
        id: MailId,
        worker: Uuid,
        values: [Value; N],
    ) -> Result<u64, StoreError> {
        let first: [Value; 3] = [self.organisation.into(), id.as_uuid().into(), worker.into()];
        raw::execute(&self.txn, sql, first.into_iter().chain(values).collect()).await
    }

    /// Cancels what is not being sent yet: everything for a person in a circle.
    pub async fn cancel_mail_for(
        &self,
        person: PersonId,
        circle: CircleId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail(
            "person_id = $4 AND circle_id = $5",
            reason,
            now,
            [person.as_uuid().into(), circle.as_uuid().into()],
        )
        .await
    }

    /// Cancels what is not being sent yet: everything about one promise.
    pub async fn cancel_mail_about_claim(
        &self,
        claim: ClaimId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail("claim_id = $4", reason, now, [claim.as_uuid().into()]).await
    }

    /// Cancels what is not being sent yet: reminders and askings about one slot.
    pub async fn cancel_mail_about_slot(
        &self,
        slot: SlotId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail(
            "slot_id = $4 AND kind IN ('reminder', 'somebody_needed', 'cover_wanted')",
            reason,
            now,
            [slot.as_uuid().into()],
        )
        .await
    }

    /// Cancels what is not being sent yet: everything of a circle.
    pub async fn cancel_mail_of_circle(
        &self,
        circle: CircleId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail("circle_id = $4", reason, now, [circle.as_uuid().into()]).await
    }

    async fn cancel_mail<const N: usize>(
        &self,
        which: &str,
        reason: MailReason,
        now: Timestamp,
        values: [Value; N],
    ) -> Result<u64, StoreError> {
        let first: [Value; 3] =
            [self.organisation.into(), reason.as_str().into(), now.as_second().into()];
        raw::execute(
            &self.txn,
            &format!(
                "UPDATE outbox SET state = 'cancelled', reason = $2, frozen = NULL, \
                 lease_owner = NULL, lease_until = NULL, changed_at = $3 \
                 WHERE organisation_id = $1 AND state IN ('planned', 'retry', 'claimed') AND {which}"
            ),
            first.into_iter().chain(values).collect(),
        )
        .await
    }
}
