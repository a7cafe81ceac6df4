//! Signed-in visits.

use kith_domain::ids::{DeviceId, OrganisationId, PersonId, SessionId};
use kith_domain::sign_in::session_is_live;
use kith_domain::{SessionKind, SessionTimes, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use crate::convert::{at, at_option};
use crate::entity::session;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// One signed-in visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The browser.
    pub device: DeviceId,
    /// Who.
    pub person: PersonId,
    /// How it began: `code`, `link`, `welcome`, `number`.
    pub way: String,
    /// Others use this computer.
    pub shared_computer: bool,
    /// Whether the person is the organisation's staff, whose sessions are shorter.
    pub staff: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last seen, to within a few minutes.
    pub last_seen_at: Timestamp,
    /// Fresh until then.
    pub fresh_until: Option<Timestamp>,
}

#[derive(Debug, FromQueryResult)]
pub(crate) struct SessionRow {
    id: Uuid,
    device_id: Uuid,
    person_id: Uuid,
    way: String,
    shared_computer: bool,
    staff: i64,
    created_at: i64,
    last_seen_at: i64,
    fresh_until: Option<i64>,
}

impl SessionRow {
    /// The session, if it lives.
    pub(crate) fn live(self, organisation: OrganisationId, now: Timestamp) -> Option<Session> {
        let staff = self.staff > 0;
        let kind = match (staff, self.shared_computer) {
            (true, _) => SessionKind::Staff,
            (false, true) => SessionKind::SharedComputer,
            (false, false) => SessionKind::OwnDevice,
        };
        let times = SessionTimes {
            started: at(self.created_at),
            last_seen: at(self.last_seen_at),
            ended: None,
        };
        let live = session_is_live(kind, times, now);
        live.then(|| Session {
            id: SessionId::from_uuid(self.id),
            organisation,
            device: DeviceId::from_uuid(self.device_id),
            person: PersonId::from_uuid(self.person_id),
            way: self.way,
            shared_computer: self.shared_computer,
            staff,
            created_at: times.started,
            last_seen_at: times.last_seen,
            fresh_until: at_option(self.fresh_until),
        })
    }
}

/// What a [`SessionRow`] holds, of a session `s`.
pub(crate) const SESSION_COLUMNS: &str = "s.id, s.device_id, s.person_id, s.way, s.shared_computer, \
     (SELECT COUNT(*) FROM staff st WHERE st.organisation_id = s.organisation_id \
       AND st.person_id = s.person_id AND st.ended_at IS NULL) AS staff, \
     s.created_at, s.last_seen_at, s.fresh_until";

/// The statement that reads sessions that have not ended and are `which`.
fn sessions_where(which: &str) -> String {
    format!(
        "SELECT {SESSION_COLUMNS} FROM session s \
         WHERE s.organisation_id = $1 AND s.ended_at IS NULL AND {which}"
    )
}

impl Reader {
    /// The live session of a cookie's hash.
    pub async fn session(
        &self,
        token_hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = raw::one(
            &self.txn,
            &sessions_where("s.token_hash = $2"),
            vec![self.organisation.into(), token_hash.to_vec().into()],
        )
        .await?;
        Ok(row.and_then(|row| row.live(self.organisation(), now)))
    }

    /// Whose session this cookie's hash is or was: it may have ended.
    pub async fn person_of_session(
        &self,
        token_hash: &[u8],
    ) -> Result<Option<PersonId>, StoreError> {
        Ok(session::Entity::find()
            .filter(session::Column::OrganisationId.eq(self.organisation))
            .filter(session::Column::TokenHash.eq(token_hash.to_vec()))
            .one(&self.txn)
            .await?
            .map(|row| PersonId::from_uuid(row.person_id)))
    }

    /// The session again, if it still lives.
    pub async fn live_session(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = raw::one(
            &self.txn,
            &sessions_where("s.id = $2"),
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await?;
        Ok(row.and_then(|row| row.live(self.organisation(), now)))
    }
}

impl UnitOfWork {
    /// Begins a session.
    pub async fn add_session(
        &self,
        session: &Session,
        token_hash: &[u8],
    ) -> Result<(), StoreError> {
        session::Entity::insert(session::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(session.id.as_uuid()),
            token_hash: Set(token_hash.to_vec()),
            device_id: Set(session.device.as_uuid()),
            person_id: Set(session.person.as_uuid()),
            way: Set(session.way.clone()),
            shared_computer: Set(session.shared_computer),
            created_at: Set(session.created_at.as_second()),
            last_seen_at: Set(session.last_seen_at.as_second()),
            fresh_until: Set(session.fresh_until.map(Timestamp::as_second)),
            ended_at: Set(None),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }

    /// Gives a session a new secret and new freshness: the old cookie is dead at once (SES-01).
    pub async fn renew_session(
        &self,
        id: SessionId,
        token_hash: &[u8],
        fresh_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE session SET token_hash = $3, fresh_until = $4, last_seen_at = $5 \
             WHERE organisation_id = $1 AND id = $2 AND ended_at IS NULL",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                token_hash.to_vec().into(),
                fresh_until.map(Timestamp::as_second).into(),
                now.as_second().into(),
            ],
        )
        .await?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Others use this session's computer: from now on it ends sooner.
    pub async fn share_session(&self, id: SessionId) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE session SET shared_computer = TRUE WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }

    /// Ends freshness, as at the end of set-up.
    pub async fn end_freshness(&self, id: SessionId) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE session SET fresh_until = NULL WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }

    /// Says that a session and its device were seen, and that the enrolment was used.
    pub async fn touch_session(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        let values = |id: Uuid| vec![self.organisation.into(), id.into(), now.as_second().into()];
        raw::execute(
            &self.txn,
            "UPDATE session SET last_seen_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND ended_at IS NULL",
            values(session.id.as_uuid()),
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE device SET last_used_at = $3 WHERE organisation_id = $1 AND id = $2",
            values(session.device.as_uuid()),
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE enrolment SET last_used_at = $3 WHERE organisation_id = $1 AND device_id = $2 \
             AND person_id = $4 AND ended_at IS NULL",
            vec![
                self.organisation.into(),
                session.device.as_uuid().into(),
                now.as_second().into(),
                session.person.as_uuid().into(),
            ],
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE circle SET carer_seen_at = $3 WHERE organisation_id = $1 AND id IN \
             (SELECT circle_id FROM membership WHERE organisation_id = $1 AND person_id = $2 \
              AND state = 'active' AND role IN ('carer', 'patient'))",
            values(session.person.as_uuid()),
        )
        .await
        .map(|_| ())
    }

    /// Ends one session.
    pub async fn end_session(&self, id: SessionId, now: Timestamp) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE session SET ended_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND ended_at IS NULL",
            vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()],
        )
        .await
    }

    /// Ends every session of a person; with `device`, only those on it.
    pub async fn end_sessions(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE session SET ended_at = $3 WHERE organisation_id = $1 AND person_id = $2 \
             AND ended_at IS NULL AND ($4 OR device_id = $5)",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                now.as_second().into(),
                device.is_none().into(),
                device.map_or(Uuid::nil(), DeviceId::as_uuid).into(),
            ],
        )
        .await
    }
}
