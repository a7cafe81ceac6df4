//! The facts of a decision, read in the snapshot of what they protect and never cached.

use kith_domain::ids::{CircleId, DeviceId, EnrolmentId, MembershipId, OrganisationId, PersonId};
use kith_domain::{Category, Timestamp, Zone};
use kith_domain::{CategorySet, CircleState, MemberRole, MembershipState, Owner, Standing, Tier};
use kith_policy::Facts;
use kith_vault::WrappedKey;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at_option, word};
use crate::error::StoreError;
use crate::raw;
use crate::sessions::Session;
use crate::unit::{Reader, UnitOfWork};

/// Seconds before a claimed slot starts from which its window is open.
const WINDOW_BEFORE: i64 = 24 * 3_600;
/// Seconds after a claimed slot ends until which its window is open.
const WINDOW_AFTER: i64 = 2 * 3_600;
/// An enrolment that was not used for this long has ended.
const ENROLMENT_IDLE: i64 = 365 * 86_400;

/// What everybody may be told about a circle they are in: nothing confidential.
#[derive(Clone, Debug)]
pub struct Circle {
    /// Its id.
    pub id: CircleId,
    /// "Heron": used wherever the patient's name must not appear.
    pub nature_name: String,
    /// Its state.
    pub state: CircleState,
    /// Zone of its wall clock.
    pub zone: Zone,
    /// Part of town, for the coordinator.
    pub area: String,
    /// No time and no kind of task in its mails.
    pub quiet_mail: bool,
}

/// One person's place in the circle, as the facts saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPlace {
    /// Its id.
    pub membership: MembershipId,
    /// Role.
    pub role: MemberRole,
    /// Whether the person is the circle's lead carer.
    pub lead: bool,
}

/// A circle, somebody's facts towards it, and its wrapped data key: all of one snapshot.
#[derive(Clone, Debug)]
pub struct CircleAccess {
    /// The circle.
    pub circle: Circle,
    /// What the engine is told.
    pub facts: Facts,
    /// The asking person's live place, if any.
    pub place: Option<OwnPlace>,
    /// End of the window that is open now, if one is.
    pub window_until: Option<Timestamp>,
    /// The circle's data key; absent once erased.
    pub key: Option<WrappedKey>,
}

/// Somebody's facts towards the organisation itself.
#[derive(Clone, Debug)]
pub struct OrganisationAccess {
    /// What the engine is told.
    pub facts: Facts,
    /// The organisation's data key.
    pub key: WrappedKey,
}

#[derive(Debug, FromQueryResult)]
struct AccessRow {
    nature_name: String,
    state: String,
    zone: String,
    area: String,
    quiet_mail: bool,
    key_version: Option<i32>,
    wrapped: Option<Vec<u8>>,
    membership: Option<Uuid>,
    role: Option<String>,
    member_state: Option<String>,
    lead: Option<bool>,
    everyday_look_on: Option<String>,
    staff_role: Option<String>,
    enrolled: i64,
    enrolled_staff: i64,
}

#[derive(Debug, FromQueryResult)]
struct GrantRow {
    category: String,
}

#[derive(Debug, FromQueryResult)]
struct WindowRow {
    discloses_address: bool,
    discloses_entry: bool,
    ends_at: i64,
}

#[derive(Debug, FromQueryResult)]
struct StaffRow {
    staff_role: Option<String>,
    enrolled_staff: i64,
    version: i32,
    wrapped: Vec<u8>,
}

/// UTC calendar day of an instant: the "day" of everyday looks.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_jiff().to_string().chars().take(10).collect()
}

fn tier(session: Option<&Session>, enrolled: bool, now: Timestamp) -> Tier {
    match session {
        None => Tier::None,
        Some(_) if !enrolled => Tier::SignedIn,
        Some(session) if session.fresh_until.is_some_and(|until| until > now) => Tier::Fresh,
        Some(_) => Tier::Trusted,
    }
}

impl Reader {
    /// A circle as `session` stands towards it. `None` when there is no such circle; the same
    /// statements run either way, so that the answers take equally long.
    ///
    /// With `as_staff` the standing is the person's role in the organisation, never a membership.
    pub async fn circle_access(
        &self,
        session: Option<&Session>,
        circle: CircleId,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let person = session.map(|session| session.person);
        self.access_of(person, session, circle, now, as_staff).await
    }

    /// A circle as the person stands towards it to whom a single-purpose link was mailed, and who
    /// brings nothing but the link: the tier is `link`, however much was granted.
    pub async fn link_access(
        &self,
        person: PersonId,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let access = self.access_of(Some(person), None, circle, now, false).await?;
        Ok(access.map(|mut access| {
            access.facts.tier = Tier::Link;
            access
        }))
    }

    async fn access_of(
        &self,
        known: Option<PersonId>,
        session: Option<&Session>,
        circle: CircleId,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let person = known.map_or(Uuid::nil(), PersonId::as_uuid);
        let device = session.map_or(Uuid::nil(), |session| session.device.as_uuid());
        let row: Option<AccessRow> = raw::one(
            &self.txn,
            "SELECT c.nature_name, c.state, c.zone, c.area, c.quiet_mail, \
               k.version AS key_version, k.wrapped, m.id AS membership, m.role, \
               m.state AS member_state, m.lead, m.everyday_look_on, st.role AS staff_role, \
               (SELECT COUNT(*) FROM enrolment e WHERE e.organisation_id = c.organisation_id \
                 AND e.person_id = $3 AND e.device_id = $4 AND e.circle_id = c.id \
                 AND e.ended_at IS NULL AND e.last_used_at > $5) AS enrolled, \
               (SELECT COUNT(*) FROM enrolment e WHERE e.organisation_id = c.organisation_id \
                 AND e.person_id = $3 AND e.device_id = $4 AND e.circle_id IS NULL \
                 AND e.ended_at IS NULL AND e.last_used_at > $5) AS enrolled_staff \
             FROM circle c \
             LEFT JOIN data_key k ON k.organisation_id = c.organisation_id AND k.owner_id = c.id \
             LEFT JOIN membership m ON m.organisation_id = c.organisation_id \
               AND m.circle_id = c.id AND m.person_id = $3 \
             LEFT JOIN staff st ON st.organisation_id = c.organisation_id \
               AND st.person_id = $3 AND st.ended_at IS NULL \
             WHERE c.organisation_id = $1 AND c.id = $2 \
             ORDER BY k.version DESC LIMIT 1",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                device.into(),
                now.plus_seconds(-ENROLMENT_IDLE).as_second().into(),
            ],
        )
        .await?;
        let grants = self.live_grants(circle, person, now).await?;
        let (windows, window_until) = self.open_windows(circle, person, now).await?;
        let Some(row) = row else { return Ok(None) };
        let id = circle.as_uuid();
        let state: CircleState = word(&row.state, "circle", id)?;
        let place = match (&row.membership, &row.role, &row.member_state) {
            (Some(membership), Some(role), Some(state)) => {
                let role: MemberRole = word(role, "membership", *membership)?;
                let state: MembershipState = word(state, "membership", *membership)?;
                Some((MembershipId::from_uuid(*membership), role, state))
            }
            _ => None,
        };
        let standing = if as_staff {
            staff_standing(row.staff_role.as_deref(), id)?
        } else {
            place.map_or(Standing::Stranger, |(_, role, state)| role.standing(state))
        };
        let enrolled = if as_staff { row.enrolled_staff > 0 } else { row.enrolled > 0 };
        let counts = !as_staff && matches!(place, Some((_, _, MembershipState::Active)));
        let facts = Facts {
            organisation: self.organisation(),
            owner: Owner::Circle(circle),
            subject: None,
            person: known,
            session: session.map(|session| session.id),
            membership: place.filter(|_| !as_staff).map(|(membership, ..)| membership),
            standing,
            tier: tier(session, enrolled, now),
            state,
            grants: if counts { grants } else { CategorySet::EMPTY },
            windows: if counts { windows } else { CategorySet::EMPTY },
            everyday_recorded: row.everyday_look_on.as_deref() == Some(day(now).as_str()),
        };
        let key = match (row.key_version, row.wrapped) {
            (Some(version), Some(bytes)) => Some(WrappedKey {
                owner: Owner::Circle(circle),
                version: crate::convert::small(version, "data_key", id)?,
                bytes,
            }),
            _ => None,
        };
        let zone = word_zone(&row.zone, id)?;
        Ok(Some(CircleAccess {
            circle: Circle {
                id: circle,
                nature_name: row.nature_name,
                state,
                zone,
                area: row.area,
                quiet_mail: row.quiet_mail,
            },
            place: place.filter(|(_, _, state)| counts && *state == MembershipState::Active).map(
                |(membership, role, _)| OwnPlace { membership, role, lead: row.lead == Some(true) },
            ),
            facts,
            window_until,
            key,
        }))
    }

    async fn live_grants(
        &self,
        circle: CircleId,
        person: Uuid,
        now: Timestamp,
    ) -> Result<CategorySet, StoreError> {
        let rows: Vec<GrantRow> = raw::all(
            &self.txn,
            "SELECT g.category FROM disclosure_grant g \
             JOIN membership m ON m.organisation_id = g.organisation_id AND m.id = g.membership_id \
             WHERE g.organisation_id = $1 AND m.circle_id = $2 AND m.person_id = $3 \
               AND g.withdrawn_at IS NULL AND g.from_at <= $4 \
               AND (g.until_at IS NULL OR g.until_at > $4)",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                now.as_second().into(),
            ],
        )
        .await?;
        rows.iter().map(|row| word::<Category>(&row.category, "disclosure_grant", person)).collect()
    }

    async fn open_windows(
        &self,
        circle: CircleId,
        person: Uuid,
        now: Timestamp,
    ) -> Result<(CategorySet, Option<Timestamp>), StoreError> {
        let rows: Vec<WindowRow> = raw::all(
            &self.txn,
            "SELECT t.discloses_address, t.discloses_entry, s.ends_at FROM claim cl \
             JOIN slot s ON s.organisation_id = cl.organisation_id AND s.id = cl.slot_id \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             WHERE cl.organisation_id = $1 AND cl.circle_id = $2 AND cl.person_id = $3 \
               AND cl.state IN ('claimed', 'cover_wanted') AND s.state = 'open' \
               AND s.starts_at <= $4 AND s.ends_at > $5",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                now.plus_seconds(WINDOW_BEFORE).as_second().into(),
                now.plus_seconds(-WINDOW_AFTER).as_second().into(),
            ],
        )
        .await?;
        let mut windows = CategorySet::EMPTY;
        for row in &rows {
            if row.discloses_address || row.discloses_entry {
                windows = windows.with(Category::Identity).with(Category::Task);
            }
            if row.discloses_address {
                windows = windows.with(Category::Address);
            }
            if row.discloses_entry {
                windows = windows.with(Category::Entry);
            }
        }
        let until = rows.iter().map(|row| row.ends_at).max();
        Ok((windows, at_option(until)))
    }

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
                 AND e.ended_at IS NULL AND e.last_used_at > $4) AS enrolled_staff \
             FROM data_key k LEFT JOIN staff st ON st.organisation_id = k.organisation_id \
               AND st.person_id = $2 AND st.ended_at IS NULL \
             WHERE k.organisation_id = $1 AND k.owner_id = $1 ORDER BY k.version DESC LIMIT 1",
            vec![
                self.organisation.into(),
                session.person.as_uuid().into(),
                session.device.as_uuid().into(),
                now.plus_seconds(-ENROLMENT_IDLE).as_second().into(),
            ],
        )
        .await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let id = self.organisation;
        let (standing, tier, subject) = if as_staff {
            let standing = staff_standing(row.staff_role.as_deref(), id)?;
            (standing, tier(Some(session), row.enrolled_staff > 0, now), None)
        } else {
            let tier = if session.fresh_until.is_some_and(|until| until > now) {
                Tier::Fresh
            } else {
                Tier::SignedIn
            };
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
                version: crate::convert::small(row.version, "data_key", id)?,
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
            version: crate::convert::small(row.version, "data_key", owner.as_uuid())?,
            bytes: row.wrapped,
        })
    }
}

impl UnitOfWork {
    /// Reads the facts of a permit again; anything that changed since is a conflict.
    ///
    /// A job's facts and a person's facts towards the organisation hold as long as the session
    /// does; a member's facts are compared whole.
    pub(crate) async fn facts_still_hold(
        &self,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let session = match facts.session {
            Some(id) => Some(self.live_session(id, now).await?.ok_or(StoreError::Conflict)?),
            None => None,
        };
        let Owner::Circle(circle) = facts.owner else { return Ok(()) };
        if matches!(facts.standing, Standing::Job) {
            return Ok(());
        }
        self.share_lock_membership(facts.membership).await?;
        let as_staff = matches!(facts.standing, Standing::Coordinator | Standing::Administrator);
        let again = match (facts.tier, facts.person) {
            (Tier::Link, Some(person)) => self.link_access(person, circle, now).await?,
            _ => self.circle_access(session.as_ref(), circle, now, as_staff).await?,
        };
        let mut again = again.ok_or(StoreError::Conflict)?.facts;
        again.everyday_recorded = facts.everyday_recorded;
        again.subject = facts.subject;
        // A window or the freshness may end between the two reads; only losing counts.
        if again.tier >= facts.tier
            && again.windows.contains_all(facts.windows)
            && (Facts { tier: facts.tier, windows: facts.windows, ..again }) == *facts
        {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
    }

    async fn share_lock_membership(
        &self,
        membership: Option<MembershipId>,
    ) -> Result<(), StoreError> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

        use crate::entity::membership::{Column, Entity};
        if let Some(membership) = membership {
            // Silently dropped on SQLite, where this transaction is the only writer anyway.
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

fn staff_standing(role: Option<&str>, id: Uuid) -> Result<Standing, StoreError> {
    match role {
        None => Ok(Standing::Stranger),
        Some("coordinator") => Ok(Standing::Coordinator),
        Some("administrator") => Ok(Standing::Administrator),
        Some(_) => Err(StoreError::Inconsistent { table: "staff", id }),
    }
}

pub(crate) fn word_zone(name: &str, id: Uuid) -> Result<Zone, StoreError> {
    Zone::parse(name).map_err(|_| StoreError::Inconsistent { table: "circle", id })
}

/// Ids that the ways in hand out, kept together so that a caller can end them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its id.
    pub id: EnrolmentId,
    /// The device.
    pub device: DeviceId,
    /// The person it trusts.
    pub person: PersonId,
    /// The circle; none for staff towards the organisation.
    pub circle: Option<CircleId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
    /// Organisation.
    pub organisation: OrganisationId,
    /// Session that is looking, to mark "this device".
    pub current: bool,
}

impl Enrolment {
    /// Whether `session` runs on this device.
    #[must_use]
    pub fn seen_from(mut self, session: &Session) -> Self {
        self.current = session.device == self.device;
        self
    }
}
