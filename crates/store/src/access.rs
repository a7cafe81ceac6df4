//! The facts of a decision, read in the snapshot of what they protect and never cached.

use kith_domain::claim::{WINDOW_HOURS_AFTER, WINDOW_HOURS_BEFORE};
use kith_domain::ids::{CircleId, MembershipId, PersonId};
use kith_domain::sign_in::ENROLMENT_IDLE_DAYS;
use kith_domain::{Category, Timestamp, Zone};
use kith_domain::{CategorySet, CircleState, MemberRole, MembershipState, Owner, Standing, Tier};
use kith_policy::Facts;
use kith_vault::WrappedKey;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, at_option, word};
use crate::error::StoreError;
use crate::raw;
use crate::sessions::Session;
use crate::unit::Reader;

/// What everybody may be told about a circle they are in: nothing confidential.
#[derive(Clone, Debug)]
pub struct Circle {
    /// Its id.
    pub id: CircleId,
    /// "Heron": used wherever the patient's name must not appear.
    pub nature_name: String,
    /// Its state.
    pub state: CircleState,
    /// Since when.
    pub since: Timestamp,
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
    /// What was granted to the asking person once and taken back: no task opens it again.
    pub withheld: CategorySet,
    /// End of the last of the slots whose windows are open now, if one is.
    pub window_until: Option<Timestamp>,
    /// The circle's data key; absent once erased.
    pub key: Option<WrappedKey>,
}

#[derive(Debug, FromQueryResult)]
struct AccessRow {
    nature_name: String,
    state: String,
    state_changed_at: i64,
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
    live: i64,
}

#[derive(Debug, FromQueryResult)]
struct WindowRow {
    discloses_address: bool,
    discloses_help: bool,
    discloses_entry: bool,
    ends_at: i64,
}

/// UTC calendar day of an instant: the "day" of everyday looks.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_jiff().to_string().chars().take(10).collect()
}

pub(crate) fn tier(session: Option<&Session>, enrolled: bool, now: Timestamp) -> Tier {
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
            "SELECT c.nature_name, c.state, c.state_changed_at, c.zone, c.area, c.quiet_mail, \
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
                now.plus_days(-ENROLMENT_IDLE_DAYS).as_second().into(),
            ],
        )
        .await?;
        let (grants, withheld) = self.grants_of(circle, person, now).await?;
        let (windows, window_until) = self.open_windows(circle, person, now).await?;
        let windows = windows.difference(withheld);
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
                since: at(row.state_changed_at),
                zone,
                area: row.area,
                quiet_mail: row.quiet_mail,
            },
            place: place.filter(|(_, _, state)| counts && *state == MembershipState::Active).map(
                |(membership, role, _)| OwnPlace { membership, role, lead: row.lead == Some(true) },
            ),
            facts,
            withheld,
            window_until,
            key,
        }))
    }

    /// What is granted now; and what was granted once, and is not now.
    async fn grants_of(
        &self,
        circle: CircleId,
        person: Uuid,
        now: Timestamp,
    ) -> Result<(CategorySet, CategorySet), StoreError> {
        let rows: Vec<GrantRow> = raw::all(
            &self.txn,
            "SELECT g.category, CAST(CASE WHEN g.withdrawn_at IS NULL \
               AND (g.until_at IS NULL OR g.until_at > $4) THEN 1 ELSE 0 END AS BIGINT) AS live \
             FROM disclosure_grant g \
             JOIN membership m ON m.organisation_id = g.organisation_id AND m.id = g.membership_id \
             WHERE g.organisation_id = $1 AND m.circle_id = $2 AND m.person_id = $3 \
               AND g.from_at <= $4",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                now.as_second().into(),
            ],
        )
        .await?;
        let (mut granted, mut ended) = (CategorySet::EMPTY, CategorySet::EMPTY);
        for row in &rows {
            let category: Category = word(&row.category, "disclosure_grant", person)?;
            if row.live > 0 {
                granted = granted.with(category);
            } else {
                ended = ended.with(category);
            }
        }
        Ok((granted, ended.difference(granted)))
    }

    async fn open_windows(
        &self,
        circle: CircleId,
        person: Uuid,
        now: Timestamp,
    ) -> Result<(CategorySet, Option<Timestamp>), StoreError> {
        let rows: Vec<WindowRow> = raw::all(
            &self.txn,
            "SELECT t.discloses_address, t.discloses_help, t.discloses_entry, s.ends_at FROM claim cl \
             JOIN slot s ON s.organisation_id = cl.organisation_id AND s.id = cl.slot_id \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             WHERE cl.organisation_id = $1 AND cl.circle_id = $2 AND cl.person_id = $3 \
               AND cl.state IN ('claimed', 'cover_wanted') AND s.state = 'open' \
               AND s.starts_at <= $4 AND s.ends_at > $5",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                now.plus_hours(WINDOW_HOURS_BEFORE).as_second().into(),
                now.plus_hours(-WINDOW_HOURS_AFTER).as_second().into(),
            ],
        )
        .await?;
        let mut windows = CategorySet::EMPTY;
        for row in &rows {
            if row.discloses_address || row.discloses_help || row.discloses_entry {
                windows = windows.with(Category::Identity).with(Category::Task);
            }
            if row.discloses_address {
                windows = windows.with(Category::Address);
            }
            if row.discloses_help {
                windows = windows.with(Category::Help);
            }
            if row.discloses_entry {
                windows = windows.with(Category::Entry);
            }
        }
        let until = rows.iter().map(|row| row.ends_at).max();
        Ok((windows, at_option(until)))
    }
}

pub(crate) fn staff_standing(role: Option<&str>, id: Uuid) -> Result<Standing, StoreError> {
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
