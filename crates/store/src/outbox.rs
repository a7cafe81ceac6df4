//! The outbox: mails as rows, written in the transaction that caused them.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::ids::{CircleId, ClaimId, MailId, PersonId, SignInId, SlotId, WelcomeId};
use kith_domain::{MailKind, MailReason, MailState, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait as _, EntityTrait, QueryTrait as _};

use crate::convert::{at, at_option, small, word};
use crate::entity::{claim, outbox};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

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
    /// What it said then, as JSON, until it has ended: times, words and a nature name.
    pub frozen: Option<String>,
}

pub(crate) fn from_row(row: outbox::Model) -> Result<Mail, StoreError> {
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

impl Reader {
    /// One mail.
    pub async fn mail(&self, id: MailId) -> Result<Option<Mail>, StoreError> {
        outbox::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .map(from_row)
            .transpose()
    }

    /// Which of the mails that are planned once under these texts began to be sent, and when.
    pub async fn mails_begun(
        &self,
        dedupe: &[String],
    ) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter};
        if dedupe.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::Dedupe.is_in(dedupe))
            .all(&self.txn)
            .await?;
        let begun =
            rows.into_iter().filter_map(|row| Some((row.dedupe, at(row.first_attempt_at?))));
        Ok(begun.collect())
    }

    /// Which of the mails that are planned once under these texts have left, or wait to.
    pub async fn mails_that_stand(
        &self,
        dedupe: &[String],
    ) -> Result<BTreeSet<String>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter};
        if dedupe.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows = outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::Dedupe.is_in(dedupe))
            .filter(outbox::Column::State.is_in(["planned", "claimed", "sending", "retry", "sent"]))
            .all(&self.txn)
            .await?;
        Ok(rows.into_iter().map(|row| row.dedupe).collect())
    }

    /// The mail of one kind to a person that is due last.
    pub async fn newest_mail(
        &self,
        person: PersonId,
        kind: MailKind,
    ) -> Result<Option<Mail>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
        outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::PersonId.eq(person.as_uuid()))
            .filter(outbox::Column::Kind.eq(kind.as_str()))
            .order_by_desc(outbox::Column::DueAt)
            .order_by_desc(outbox::Column::Id)
            .one(&self.txn)
            .await?
            .map(from_row)
            .transpose()
    }

    /// Who was told, or may have been, that cover is wanted for a promise.
    pub async fn told_of_cover_wanted(&self, claim: ClaimId) -> Result<Vec<PersonId>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
        let mut rows = outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::ClaimId.eq(claim.as_uuid()))
            .filter(outbox::Column::Kind.eq(MailKind::CoverWanted.as_str()))
            .filter(outbox::Column::State.is_in(["sending", "sent", "retry"]))
            .order_by_asc(outbox::Column::PersonId)
            .all(&self.txn)
            .await?;
        rows.dedup_by_key(|row| row.person_id);
        Ok(rows.into_iter().filter_map(|row| row.person_id.map(PersonId::from_uuid)).collect())
    }

    /// Mails of a circle that ended without being sent since `since`, newest first: what a person
    /// must see. At most `limit`. With those of the day and the week to a member who has something
    /// in the circle that they were to say. Not those to somebody who has no address, or has not proved
    /// it: nothing went there, and who that is stands among the people.
    pub async fn unsent_mail(
        &self,
        circle: CircleId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Mail>, StoreError> {
        let rows: Vec<outbox::Model> = raw::all(
            &self.txn,
            "SELECT o.* FROM outbox o WHERE o.organisation_id = $1 AND o.circle_id = $2 \
               AND o.state IN ('failed', 'expired') AND o.changed_at >= $3 \
               AND COALESCE(o.reason, '') NOT IN ('no_address', 'not_proved') \
             UNION ALL \
             SELECT o.* FROM membership m JOIN outbox o ON o.organisation_id = m.organisation_id \
               AND o.person_id = m.person_id AND o.kind IN ('digest', 'week_ahead') \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state = 'active' \
               AND o.circle_id IS NULL AND o.state IN ('failed', 'expired') AND o.changed_at >= $3 \
               AND COALESCE(o.reason, '') NOT IN ('no_address', 'not_proved') \
               AND EXISTS (SELECT 1 FROM claim c JOIN slot s \
                 ON s.organisation_id = c.organisation_id AND s.id = c.slot_id \
                 WHERE c.organisation_id = $1 AND c.membership_id = m.id AND c.state <> 'dropped' \
                   AND s.starts_at >= o.due_at AND s.starts_at < o.due_at + \
                     CASE o.kind WHEN 'digest' THEN 172800 ELSE 691200 END) \
             ORDER BY changed_at DESC, id LIMIT $4 + 0",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                since.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        rows.into_iter().map(from_row).collect()
    }
}

/// Rows of one insert: far fewer values than either database takes.
const MAILS_AT_ONCE: usize = 200;

fn planned_once() -> OnConflict {
    OnConflict::columns([outbox::Column::OrganisationId, outbox::Column::Dedupe])
        .do_nothing()
        .to_owned()
}

impl UnitOfWork {
    /// Plans a mail. `false` when it was planned before.
    pub async fn add_mail(&self, new: &NewMail, now: Timestamp) -> Result<bool, StoreError> {
        let added = outbox::Entity::insert(self.mail_row(new, now))
            .on_conflict(planned_once())
            .exec_without_returning(&self.txn)
            .await?;
        Ok(added == 1)
    }

    /// Plans mails, and says which of them were planned before, or earlier among these.
    pub async fn add_mails<'m>(
        &self,
        new: &'m [NewMail],
        now: Timestamp,
    ) -> Result<Vec<&'m NewMail>, StoreError> {
        let mut there = Vec::new();
        for some in new.chunks(MAILS_AT_ONCE) {
            let rows = some.iter().map(|new| self.mail_row(new, now));
            let mut insert =
                outbox::Entity::insert_many(rows).on_conflict(planned_once()).into_query();
            insert.returning_col(outbox::Column::Dedupe);
            let insert = self.txn.get_database_backend().build(&insert);
            let mut added = BTreeSet::new();
            for row in self.txn.query_all_raw(insert).await? {
                added.insert(row.try_get::<String>("", "dedupe")?);
            }
            there.extend(some.iter().filter(|mail| !added.remove(&mail.dedupe)));
        }
        Ok(there)
    }

    fn mail_row(&self, new: &NewMail, now: Timestamp) -> outbox::ActiveModel {
        outbox::ActiveModel {
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
            taken_in_by: Set(None),
            email_index: Set(None),
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
        }
    }

    /// A promise that makes no sense is not planned again. In its place stands a reminder that
    /// failed, where a person sees it.
    pub async fn reminders_cannot_be_planned(
        &self,
        id: ClaimId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = (self.organisation, id.as_uuid());
        let Some(row) = claim::Entity::find_by_id(key).one(&self.txn).await? else {
            return Ok(());
        };
        let dedupe = format!("reminder:unplanned:{id}");
        let new = NewMail {
            kind: MailKind::Reminder,
            dedupe: dedupe.clone(),
            subject: MailSubject {
                person: Some(PersonId::from_uuid(row.person_id)),
                circle: Some(CircleId::from_uuid(row.circle_id)),
                slot: Some(SlotId::from_uuid(row.slot_id)),
                claim: Some(id),
                ..MailSubject::default()
            },
            detail: "{}".to_owned(),
            due_at: now,
            useful_until: now,
        };
        self.add_mail(&new, now).await?;
        let reason = MailReason::CannotBeWritten;
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = $3, reason = $4, changed_at = $5 \
             WHERE organisation_id = $1 AND dedupe = $2",
            vec![
                self.organisation.into(),
                dedupe.into(),
                reason.ends_in().as_str().into(),
                reason.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        self.planned(id).await
    }

    /// Whether a person was asked by a mail, other than `mail`, that began to be sent at or after
    /// `since`. Whoever sends one holds the person alone by then ([`Self::hold_for_mail`]), so that two
    /// mails do not ask at once.
    pub async fn was_asked_since(
        &self,
        mail: Option<MailId>,
        person: PersonId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        #[derive(Debug, sea_orm::FromQueryResult)]
        struct Row {
            asked: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS asked FROM outbox WHERE organisation_id = $1 AND person_id = $3 \
             AND id IS DISTINCT FROM $2 AND kind = 'somebody_needed' \
             AND state IN ('sent', 'sending', 'retry', 'claimed') \
             AND first_attempt_at >= $4",
            vec![
                self.organisation.into(),
                mail.map(MailId::as_uuid).into(),
                person.as_uuid().into(),
                since.as_second().into(),
            ],
        )
        .await?;
        Ok(row.is_some_and(|row| row.asked > 0))
    }

    /// When another mail of this kind to a person last began to be sent, if ever. The person is held
    /// alone by then ([`Self::hold_for_mail`]).
    pub async fn last_begun(
        &self,
        mail: MailId,
        person: PersonId,
        kind: MailKind,
    ) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, sea_orm::FromQueryResult)]
        struct Row {
            begun: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT MAX(first_attempt_at) AS begun FROM outbox WHERE organisation_id = $1 \
             AND person_id = $3 AND kind = $4 AND id <> $2",
            vec![
                self.organisation.into(),
                mail.as_uuid().into(),
                person.as_uuid().into(),
                kind.as_str().into(),
            ],
        )
        .await?;
        Ok(at_option(row.and_then(|row| row.begun)))
    }
}
